"""What models said about the rows of a dataset, in the project's cache: a report made again asks nobody."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import atomic
from core.dataset.formats import Example, Format

_KEPT = 12  # files of a project; older ones go
_FOLDER = "report"


@dataclass(frozen=True, eq=False)
class Told:
    """The engine's table of scores, by ascending id, and similarities of random pairs."""

    table: NDArray[Any]
    background: NDArray[Any]


def key_of(format: Format, examples: Iterable[Example]) -> str:
    """Equal keys mean equal scores: the rows with their ids, texts, labels and what was decided about them."""
    whole = hashlib.blake2b(format.value.encode(), digest_size=16)
    for row in examples:
        told = "\x1f".join((str(row.id), str(row.score), row.status, *row.texts))
        whole.update(told.encode("utf-8", "surrogatepass") + b"\x1e")
    return whole.hexdigest()


def load(project: Path, rows: str, model: str) -> Told | None:
    """What is known of these rows under the model with this fingerprint."""
    if not model:
        return None
    try:
        with np.load(_path(project, rows, model), allow_pickle=False) as found:
            return Told(found["table"], found["background"])
    except (OSError, ValueError, KeyError):
        return None


def save(project: Path, rows: str, model: str, told: Told) -> None:
    """Raises: DiskFull, FileProblem"""
    if not model:
        return
    path = _path(project, rows, model)
    with atomic.explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        rough = path.with_name(f"{path.stem}.{os.getpid()}.part.npz")
        np.savez(rough, table=told.table, background=told.background)
        rough.replace(path)
        known = sorted(path.parent.glob("*.npz"), key=lambda old: old.stat().st_mtime, reverse=True)
        for old in known[_KEPT:]:
            old.unlink(missing_ok=True)


def _path(project: Path, rows: str, model: str) -> Path:
    name = hashlib.blake2b(f"{rows}\0{model}".encode(), digest_size=16).hexdigest()
    return project / "cache" / _FOLDER / f"{name}.npz"
