"""`anchorlab examples`: the projects that ship with the program."""

from __future__ import annotations

import argparse
import tomllib
from typing import Any

from core import paths
from core.cli.output import Output, elided, plain


def run(args: argparse.Namespace, out: Output) -> int:
    found = [describe(name) for name in names()]
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


def names() -> list[str]:
    """The examples that are really there, in the order of the welcome page."""
    return [name for name in paths.EXAMPLE_NAMES if (paths.EXAMPLES / name / "project.toml").is_file()]


def describe(name: str) -> dict[str, Any]:
    """Name, title, description and format of an example, from its project.toml."""
    with (paths.EXAMPLES / name / "project.toml").open("rb") as stream:
        record = tomllib.load(stream)
    project, datasets = record.get("project", {}), record.get("dataset", [])
    return {
        "name": name,
        "title": str(project.get("name", name)),
        "description": str(project.get("description", "")),
        "format": ", ".join(dict.fromkeys(str(dataset.get("format", "")) for dataset in datasets)),
    }
