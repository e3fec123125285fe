"""`anchorlab split DIR`: mark the rows train, eval and test, so that no text stands in two splits; one step that undo takes back."""

from __future__ import annotations

import argparse

from core.cli.output import Output, plain
from core.cli.reading import chosen_one, project_folder
from core.errors import UsageError

_TITLES = {"train": "training", "eval": "hold-out", "test": "test"}


def run(args: argparse.Namespace, out: Output) -> int:
    from core.dataset.dividing import Wish, divide
    from core.project import Project, frozen
    from core.project.fixing import mark

    given = args.train + args.eval + args.test
    if given <= 0:
        raise UsageError("All shares are 0.", "Give for example --train 80 --eval 10 --test 10.")
    with Project.open(project_folder(args.dir)) as project:
        info = chosen_one(project, args.dataset)
        kept = frozen.is_frozen(project, info.id)
        rows = list(project.rows(info.id))
        if args.clear:
            free = [row.id for row in rows if row.split and not (kept and row.split == "test")]
            project.apply(mark(dict.fromkeys(free, "")), "Clear the splits")
            out.result({"cleared": len(free)}) if out.json else out.line(
                f"Cleared the split of {len(free):,} rows."
            )
            return 0
        wish = Wish(
            args.train / given,
            args.eval / given,
            args.test / given,
            seed=args.seed,
            together=args.together,
            keep_test=kept,
        )
        found = divide(rows, info.format, wish)
        project.apply(mark(found.splits), "Make splits")
    if out.json:
        out.result(
            {"dataset": info.name, **found.counts, "shared_texts": found.shared, "notes": list(found.notes)}
        )
        return 0
    total = max(sum(found.counts.values()), 1)
    out.line(f"{plain(info.name)}: {total:,} rows, {found.shared:,} texts in several splits")
    out.table(
        [[_TITLES[split], f"{count:,}", f"{count / total:.1%}"] for split, count in found.counts.items()],
        frozenset({1, 2}),
        "  ",
    )
    if kept:
        out.line("  The test set is frozen: its rows stay as they are.")
    for note in found.notes:
        out.line(f"  {plain(note)}")
    return 0
