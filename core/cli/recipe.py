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
    with reading(args.dir) as reader:
        dataset = chosen_one(reader, args.dataset)
        recipe = computed(reader, dataset, overrides(args))
    if out.json:
        out.result(
            {
                key: {"value": setting.value, "reason": setting.reason, "source": setting.source}
                for key, setting in recipe.settings.items()
            }
        )
    else:
        out.line(
            f"{plain(dataset.name)}: {dataset.format.title.lower()}, {dataset.rows:,} rows, {recipe.steps:,} steps"
        )
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


def computed(reader: Reader, dataset: DatasetInfo, wanted: dict[str, Any]) -> Recipe:
    from core.dataset import stats
    from core.training.recipe import make_recipe

    return make_recipe(
        dataset, stats.describe(dataset, reader.rows(dataset.id)), wanted, project=reader.recipe()
    )


def rows(recipe: Recipe) -> list[list[str]]:
    """Key, value and reason of every setting."""
    from core.training.recipe import shown

    return [[key, plain(shown(item.value)), plain(item.reason)] for key, item in recipe.settings.items()]
