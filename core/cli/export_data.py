"""`anchorlab export-data DIR OUT`: a dataset, or the rows of a filter, as files for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.output import Output, plain
from core.cli.reading import chosen_one, reading


def run(args: argparse.Namespace, out: Output) -> int:
    from core.dataset.exporting import ExportChoices, Kind, Metadata, export, kind_of
    from core.project.slices import examples_of
    from core.project.views import View

    target = Path(args.out).expanduser().absolute()
    kind = Kind.FOLDER if args.folder else kind_of(target)
    choices = ExportChoices(kind, args.training, Metadata(args.metadata), args.by_split, args.bom)
    view = View(args.search, args.filter)
    with reading(args.dir) as reader:
        dataset = chosen_one(reader, args.dataset)
        whole = view == View()
        ids = [] if whole else reader.ids(dataset.id, view)
        rows = reader.rows(dataset.id) if whole else examples_of(reader, ids)
        total = dataset.rows if whole else len(ids)

        def show(done: int, total: int) -> None:
            out.progress(f"{done:,} of {total:,} rows")

        made = export(target, dataset, rows, choices, total=total, on_progress=show)
    if out.json:
        files = [str(file) for file in made.files]
        out.result({"rows": made.rows, "file": str(target), "files": files, "left_out": made.left_out})
        return 0
    out.line(f"{made.rows:,} rows written to {plain(str(target))}")
    for reason, count in made.left_out.items():
        out.line(f"{count:,} left out: {reason}")
    return 0
