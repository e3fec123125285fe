"""`anchorlab train DIR --dry-run`: what a run would cost and what would spoil it. Nothing is written."""

from __future__ import annotations

import argparse

from core.cli import check
from core.cli.output import Output, plain
from core.cli.reading import chosen_one, reading
from core.errors import UsageError


def run(args: argparse.Namespace, out: Output) -> int:
    from core.cli.recipe import overrides
    from core.dataset import stats
    from core.engine.project_check import check_project
    from core.training.preflight import preflight
    from core.training.recipe import recipe_for, shown

    if args.resume is not None:
        raise UsageError("A resumed run has been checked before.", "Leave out --dry-run or --resume.")
    with reading(args.dir) as reader, reader.snapshot():
        dataset = chosen_one(reader, args.dataset)
        rows = list(reader.training_rows(dataset.id))
        recipe = recipe_for(reader, dataset, stats.describe(dataset, rows), overrides(args), args.preset)
        found = preflight(
            dataset, rows, recipe, check_project(reader, dataset, rows, str(recipe.value("base_model")))
        )
        issues = check.records(reader, dataset, found.issues)
    if out.json:
        out.result(
            {
                "steps": found.steps,
                "seconds": None if found.seconds is None else round(found.seconds, 1),
                "blocked": found.blocked,
                "settings": {key: setting.value for key, setting in recipe.settings.items()},
                "issues": issues,
            }
        )
        return int(found.blocked)
    time = "unknown yet" if found.seconds is None else f"about {found.seconds:,.0f} s"
    loss, epochs = shown(recipe.value("loss")), shown(recipe.value("epochs"))
    out.line(f"{plain(dataset.name)}: {loss}, {epochs} epochs, {found.steps:,} steps; time: {time}")
    check.show(out, dataset, issues)
    return int(found.blocked)
