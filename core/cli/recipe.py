"""`anchorlab recipe DIR`: every setting that a run would use, and why."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from core.cli.output import Output, plain
from core.cli.reading import chosen_one, reading
from core.errors import UsageError

if TYPE_CHECKING:
    from core.dataset.formats import DatasetInfo
    from core.project import Reader
    from core.training.recipe import Recipe


def run(args: argparse.Namespace, out: Output) -> int:
    from core.training import presets

    with reading(args.dir) as reader:
        dataset = chosen_one(reader, args.dataset)
        recipe = computed(reader, dataset, overrides(args), args.preset)
        preset = presets.find(recipe.preset, dataset, reader.card_recipe())
        choices = [item.key for item in presets.available(dataset, reader.card_recipe())]
    if out.json:
        chosen = {"value": preset.key, "reason": preset.explanation, "source": "preset", "choices": choices}
        out.result(
            {
                key: {"value": setting.value, "reason": setting.reason, "source": setting.source}
                for key, setting in recipe.settings.items()
            }
            | {"preset": chosen}
        )
    else:
        out.line(
            f"{plain(dataset.name)}: {dataset.format.title.lower()}, {dataset.rows:,} rows, {recipe.steps:,} steps"
        )
        out.line(f"Preset: {preset.key}, of {', '.join(choices)}. {preset.explanation}")
        out.line()
        out.table(rows(recipe), indent="  ")
    return 0


def overrides(args: argparse.Namespace) -> dict[str, Any]:
    """What --set and --model ask for, as text.

    Raises:
        UsageError: not KEY=VALUE, or two base models.
    """
    from core.training.options import parse_set

    values = parse_set(args.settings)
    if args.model is not None:
        if "base_model" in values:
            raise UsageError(
                "The base model is given twice, with --model and with --set base_model.", "Give one."
            )
        values["base_model"] = args.model
    return values


def computed(
    reader: Reader, dataset: DatasetInfo, wanted: dict[str, Any], preset: str | None = None
) -> Recipe:
    from core.dataset import stats
    from core.training.recipe import recipe_for

    return recipe_for(
        reader, dataset, stats.describe(dataset, reader.training_rows(dataset.id)), wanted, preset
    )


def rows(recipe: Recipe) -> list[list[str]]:
    """Key, value and reason of every setting."""
    from core.training.recipe import shown

    return [[key, plain(shown(item.value)), plain(item.reason)] for key, item in recipe.settings.items()]
