"""Checkpoints on disk, from which an interrupted run goes on. Torch-free: names, whether one is whole, which are kept.

    checkpoints/resume-000120/   state.json, trainer_state.json, weights.safetensors, optimizer.safetensors
    checkpoints/step-000100/     the weights of the best evaluation, a folder that loads as a model

A checkpoint is written beside its place, flushed and moved there; `state.json` holds size and CRC-32 of every file it stands
on, its own content and the best weights' folder included, so one that was cut off or damaged is never used.
"""

from __future__ import annotations

import json
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import atomic, jsonlines

CHECKPOINTS, STATE = "checkpoints", "state.json"
RESUME, BEST, TEMPORARY = "resume-", "step-", ".tmp"
KEPT = 2
VERSION = 1
_BLOCK = 1 << 20

Sums = dict[str, list[int]]  # file name -> [bytes, CRC-32]


@dataclass(frozen=True)
class Checkpoint:
    """One that is whole. `state`: what `core.training.saving` wrote."""

    folder: Path
    step: int
    state: dict[str, Any]


def resume_name(step: int) -> str:
    return f"{RESUME}{step:06d}"


def best_name(step: int) -> str:
    return f"{BEST}{step:06d}"


def listed(run_dir: Path) -> list[tuple[int, Path]]:
    """(step, folder) of every checkpoint to resume from, newest first, whole or not."""
    folder = run_dir / CHECKPOINTS
    if not folder.is_dir():
        return []
    found = [
        (path.name.removeprefix(RESUME), path) for path in folder.iterdir() if path.name.startswith(RESUME)
    ]
    return sorted(((int(step), path) for step, path in found if step.isdigit()), reverse=True)


def sums(folder: Path) -> Sums:
    """Size and CRC-32 of every file in `folder`, by its path in there."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != STATE)
    return {path.relative_to(folder).as_posix(): _sum(path) for path in paths}


def _sum(path: Path) -> list[int]:
    size = crc = 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            size += len(block)
            crc = zlib.crc32(block, crc)
    return [size, crc]


def write_state(folder: Path, state: dict[str, Any], best: str, best_sums: Sums) -> None:
    """The last file of a checkpoint: `state` and the sums of everything it needs. `best`: the best weights' folder, or "".

    Raises:
        DiskFull, FileProblem
    """
    body = {"state": state, "files": sums(folder), "best": best, "best_files": best_sums}
    text = jsonlines.dumps(body)
    record = {"version": VERSION, "crc": zlib.crc32(text.encode()), "body": text}
    atomic.write_text(folder / STATE, json.dumps(record, ensure_ascii=False) + "\n")


def read(folder: Path, step: int) -> Checkpoint | None:
    """The checkpoint in `folder`; None when anything of it is missing, cut off or changed."""
    body = _body(folder)
    if body is None:
        return None
    best = body["best"]
    try:
        if sums(folder) != body["files"] or (best and sums(folder.parent / best) != body["best_files"]):
            return None
    except OSError:
        return None
    return Checkpoint(folder, step, body["state"])


def _body(folder: Path) -> dict[str, Any] | None:
    try:
        record = json.loads((folder / STATE).read_text(encoding="utf-8"))
        text = record["body"]
        if record["version"] != VERSION or record["crc"] != zlib.crc32(text.encode()):
            return None
        body = json.loads(text)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return body if isinstance(body, dict) else None


def newest(run_dir: Path) -> Checkpoint | None:
    """The newest checkpoint that is whole."""
    return next((found for step, folder in listed(run_dir) if (found := read(folder, step))), None)


def prune(run_dir: Path, best: str = "", before: int | None = None) -> None:
    """Remove all but the two newest checkpoints, and best weights that neither those nor the run (`best`) need.

    `before`: remove those of later steps too; they are damaged.
    """
    folder = run_dir / CHECKPOINTS
    if not folder.is_dir():
        return
    usable = [path for step, path in listed(run_dir) if before is None or step <= before][:KEPT]
    needed = {best, *(path.name for path in usable)}
    needed |= {str(body["best"]) for path in usable if (body := _body(path)) is not None}
    for path in folder.iterdir():
        if path.name not in needed:
            remove(path)


def remove(path: Path) -> None:
    """Delete a checkpoint. It loses its name first, so that half of one is never found."""
    gone = path.with_name(f"{path.name}{TEMPORARY}") if not path.name.endswith(TEMPORARY) else path
    try:
        if gone != path:
            shutil.rmtree(gone, ignore_errors=True)
            path.rename(gone)
    except OSError:
        gone = path  # a file in use on Windows; the sums tell what is left of it
    shutil.rmtree(gone, ignore_errors=True)


def clear(run_dir: Path) -> None:
    """Remove every checkpoint of a run."""
    shutil.rmtree(run_dir / CHECKPOINTS, ignore_errors=True)
