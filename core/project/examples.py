"""The example projects that ship: plain-text folders, copied or opened in place."""

from __future__ import annotations

import os
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from core import paths
from core.atomic import explained
from core.dataset.formats import Format
from core.errors import UsageError


@dataclass(frozen=True)
class ExampleProject:
    """One example: `name` is its folder's name and what `--example` takes."""

    name: str
    title: str
    description: str
    format: Format
    loss: str
    folder: Path


def list_examples() -> list[ExampleProject]:
    """The examples of this installation, in the order they are taught."""
    found = []
    for name in paths.EXAMPLE_NAMES:
        folder = paths.EXAMPLES / name
        source = folder / "project.toml"
        if not source.is_file():
            continue
        content = tomllib.loads(source.read_text(encoding="utf-8"))
        found.append(
            ExampleProject(
                name,
                str(content["project"]["name"]),
                str(content["project"].get("description", "")),
                Format(content["dataset"][0]["format"]),
                str(content.get("recipe", {}).get("loss", "")),
                folder,
            )
        )
    return found


def find_example(name: str) -> ExampleProject:
    """The example of that name.

    Raises:
        UsageError: there is none; the message lists them.
    """
    known = list_examples()
    for example in known:
        if example.name == name:
            return example
    raise UsageError(
        f"There is no example called “{name}”.", f"The examples are: {', '.join(e.name for e in known)}."
    )


def copy_example(name: str, target: Path) -> Path:
    """Copy an example's plain text (never somebody's edits or runs) to `target`, which must not hold anything yet.

    Raises:
        UsageError: no such example, or `target` is taken.
        DiskFull, FileProblem: nothing is left behind.
    """
    example = find_example(name)
    if target.exists() and any(target.iterdir()):
        raise UsageError(f"{target} is not empty.", "Choose a new folder.")
    with explained(target, "copy the example to"):
        try:
            for source in sorted(example.folder.rglob("*")):
                inside = source.relative_to(example.folder)
                if source.is_file() and not _private(inside):
                    (target / inside).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source, target / inside)
        except OSError:
            shutil.rmtree(target, ignore_errors=True)
            raise  # `shutil.copytree` would hide the number of a full disk
    return target


def open_place(example: ExampleProject) -> Path:
    """Where the window opens an example: its own folder when that can be written, else a copy in the workspace."""
    workspace = paths.workspace()
    if workspace == paths.EXAMPLES and os.access(example.folder, os.W_OK):
        return example.folder
    target = workspace / example.name
    if not target.exists():
        copy_example(example.name, target)
    return target


def _private(inside: Path) -> bool:
    """What using an example in place left there."""
    return inside.parts[0] in ("runs", "cache", "backups") or inside.name.startswith(
        ("project.db", "project.lock", ".")
    )
