"""`anchorlab push DIR RUN OWNER/NAME`: publish a run's model on the Hugging Face Hub, after showing what that means and asking."""

from __future__ import annotations

import argparse
import sys

from core.cli.output import Output, plain
from core.cli.reading import project_folder
from core.errors import Cancelled, UsageError
from core.models import hub


def run(args: argparse.Namespace, out: Output) -> int:
    from core.training.runs import find_run

    chosen = find_run(project_folder(args.dir), args.run)
    if not args.yes and (out.json or not sys.stdin.isatty()):
        raise UsageError("A push asks before it uploads, and nobody can answer here.", "Add --yes to agree.")
    api = hub.connect()
    shows = chosen.spec is None or chosen.spec.include_texts
    agreed = hub.plan(chosen.folder, args.repo, private=args.private, shows_texts=shows, api=api)
    if not out.json:
        _show(out, agreed)
    if not args.yes:
        _ask(agreed)
    address = hub.push(agreed, api)
    if out.json:
        files = [{"path": file.path, "bytes": file.bytes, "replaced": file.replaces} for file in agreed.files]
        out.result(
            {
                "run": agreed.run,
                "url": address,
                "private": agreed.private,
                "shows_texts": agreed.shows_texts,
                "files": files,
            }
        )
    else:
        out.line(f"The model of {agreed.run} is at {address}")
    return 0


def _show(out: Output, agreed: hub.PushPlan) -> None:
    who = "only you and whom you let" if agreed.private else "everybody"
    state = "exists already" if agreed.exists else "will be made"
    out.line(f"{agreed.place} ({state}; {who} can read it)")
    rows = [
        [plain(file.path), f"{file.bytes:,}", "replaces the one there" if file.replaces else ""]
        for file in agreed.files
    ]
    out.table([["FILE", "BYTES", ""], *rows], right=frozenset({1}), indent="  ")
    out.line(f"{len(agreed.files)} files, {agreed.bytes / 1e6:,.1f} MB. {_texts(agreed)}")


def _texts(agreed: hub.PushPlan) -> str:
    if agreed.shows_texts:
        return "README.md quotes some of your training texts; train with include_texts=false to keep them out. Your rows are not uploaded."
    return "No training text is in them (include_texts is off), and your rows are not uploaded."


def _ask(agreed: hub.PushPlan) -> None:
    """
    Raises:
        Cancelled: the answer is not yes.
    """
    kind = "privately" if agreed.private else "publicly"
    try:
        answer = input(f"Upload {kind} to {agreed.repo}? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise Cancelled("Nothing was uploaded.")
