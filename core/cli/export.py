"""`anchorlab export-model` and `script`: nothing is locked in."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.output import Output
from core.cli.reading import project_folder


def run(args: argparse.Namespace, out: Output) -> int:
    commands = {"export-model": _model, "script": _script}
    return commands[args.command](args, out)


def _model(args: argparse.Namespace, out: Output) -> int:
    from core.models.export import export_model
    from core.training.runs import find_run

    run = find_run(project_folder(args.dir), args.run)
    target = export_model(run.folder, Path(args.out).expanduser())
    if out.json:
        out.result({"run": run.folder.name, "model": str(target)})
    else:
        out.line(f"The model of {run.folder.name} is in {target}")
    return 0


def _script(args: argparse.Namespace, out: Output) -> int:
    from core.training.runs import find_run
    from core.training.script import write_script

    run = find_run(project_folder(args.dir), args.run)
    target = write_script(run.folder, Path(args.out).expanduser(), with_model=args.with_model)
    if out.json:
        out.result({"run": run.folder.name, "folder": str(target)})
    else:
        out.line(f"{run.folder.name} is in {target}; start it with: python train.py")
    return 0
