"""Answers that were worked out before, in the project's cache, found again by what they were made of: no model has to be loaded for them.

Whatever cannot be read counts as not there; everything here is safe to delete.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import atomic, cached
from core.engine.map_store import mark_of
from core.errors import AnchorLabError
from core.newest import newest_first

Array = NDArray[Any]

_MOST_BYTES = 200_000_000


def key_of(parts: Iterable[str | bytes]) -> str:
    """One name for these parts, in this order; a part is never taken for two."""
    whole = hashlib.blake2b(digest_size=16)
    for part in parts:
        written = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        whole.update(len(written).to_bytes(8, "little") + written)
    return whole.hexdigest()


def known_mark(ref: str, project: Path) -> str:
    """The fingerprint of a model; "" where only loading it would tell, or where it is not there."""
    try:
        return mark_of(ref, project)
    except AnchorLabError:
        return ""


class KeptArrays:
    """The arrays of one kind: `project/cache/<kind>/<key>.npz`, the newest `most` of them."""

    def __init__(self, project: Path, kind: str, most: int) -> None:
        self._folder, self._most = project / "cache" / kind, most

    def load(self, key: str) -> dict[str, Array] | None:
        path = self._folder / f"{key}.npz"
        found = cached.arrays(path, _MOST_BYTES)
        if found is not None:
            with suppress(OSError):  # it is in use
                path.touch()
        return found

    def save(self, key: str, arrays: dict[str, Array]) -> None:
        """Keep them; the oldest ones go.

        Raises:
            DiskFull, FileProblem
        """
        stream = io.BytesIO()
        np.savez(stream, allow_pickle=False, **arrays)
        cached.own(self._folder.parent, self._folder.name)
        with atomic.explained(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            atomic.write_bytes(self._folder / f"{key}.npz", stream.getvalue())
            for old in newest_first(self._folder.glob("*.npz"))[self._most :]:
                old.unlink(missing_ok=True)
