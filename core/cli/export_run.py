"""`anchorlab export DIR RUN OUT`: the model of a run as a folder for other programs, compared with the original on the way."""

from __future__ import annotations

import argparse
from pathlib import Path

from core import rounding
from core.cli.output import Output, plain
from core.cli.reading import project_folder
from core.models.export_request import ExportFormat, ExportProgress, ExportRequest, ExportResult


def run(args: argparse.Namespace, out: Output) -> int:
    from core.engine.export_client import export_run
    from core.training.runs import find_run

    chosen = find_run(project_folder(args.dir), args.run)
    request = ExportRequest(
        chosen.folder, Path(args.out).expanduser(), ExportFormat(args.format), int8=args.int8
    )

    def show(progress: ExportProgress) -> None:
        out.progress(f"{progress.text} … {progress.done} %")

    result = export_run(request, on_progress=show)
    if out.json:
        out.result({"run": chosen.name, **result.record()})
    else:
        _say(out, chosen.name, result)
    return 0


def _say(out: Output, name: str, result: ExportResult) -> None:
    kind = f"{result.format.title}{', 8 bits' if result.int8 else ''}"
    sizes = f"{result.bytes / 1e6:.1f} MB; the run's own folder has {result.original_bytes / 1e6:.1f} MB"
    out.line(f"The model of {name} is in {plain(str(result.folder))} ({kind}, {sizes}).")
    agreement = result.agreement
    if agreement is not None:
        out.line(
            f"Compared with the original on {agreement.texts:,} texts: cosine distance {agreement.mean_distance:.2g} on average, "
            f"{agreement.max_distance:.2g} at most; {rounding.share(agreement.same_neighbours)} of the {agreement.neighbours} nearest texts are the same."
        )
    if result.warning:
        out.line(f"Warning: {plain(result.warning)}")
