"""`anchorlab examples`: the projects that ship with the program."""

from __future__ import annotations

import argparse

from core.cli.output import Output, elided, plain


def run(args: argparse.Namespace, out: Output) -> int:
    from core.project.examples import list_examples

    fields = ("name", "title", "description", "format")
    found = [{field: str(getattr(example, field)) for field in fields} for example in list_examples()]
    if out.json:
        out.result(found)
        return 0
    out.line(f"{len(found)} examples. Make a project of one: anchorlab new DIR --example NAME")
    out.line()
    out.table(
        [[item["name"], item["format"], elided(plain(item["description"]), 160)] for item in found],
        indent="  ",
    )
    return 0
