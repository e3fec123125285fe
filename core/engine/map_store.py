"""Maps that were made before, in the project's cache: found again by their texts and models, without loading either model."""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import atomic, cached
from core.engine import refs
from core.errors import Cancelled
from core.models import catalogue
from core.models.fingerprint import fingerprint
from core.newest import newest_first
from core.project import Reader

Array = NDArray[Any]

_KEPT = 8  # maps of a project; older ones go
_FACTS = "facts.json"
_MOST_BYTES = 2_000_000
_FORM = "2"  # of what is kept; maps of another form are not found
_LETTERS = 1000  # texts hashed between two looks at `should_stop`


@dataclass(frozen=True)
class MapTexts:
    """The points of a map: distinct texts in first-seen order, blank ones left out. Equal keys mean equal texts."""

    texts: list[str]
    key: str


def read_texts(project: Path, dataset_id: int | None, should_stop: Callable[[], bool]) -> MapTexts:
    """The texts of one dataset or (None) of the whole project, unpaired ones included.

    Raises:
        Cancelled: `should_stop` said so.
        DataProblem, ProjectProblem: the dataset or the project cannot be read.
    """
    with Reader(project) as reader, reader.snapshot():
        texts = [text for text in reader.texts(dataset_id) if text.strip()]
    whole = hashlib.blake2b(digest_size=16)
    for start in range(0, len(texts), _LETTERS):
        if should_stop():
            raise Cancelled
        part = "\0".join(texts[start : start + _LETTERS])
        whole.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return MapTexts(texts, whole.hexdigest())


def mark_of(ref: str, project: Path) -> str:
    """The fingerprint of the model that `ref` means; "" where only loading it would tell.

    Raises:
        AnchorLabError: there is no such model.
    """
    place = catalogue.resolve(refs.resolve(ref, project))
    return fingerprint(place) if isinstance(place, Path) else ""


class MapStore:
    """One map's arrays and facts: `project/cache/maps/<texts and models>/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, project: Path, texts_key: str, marks: Sequence[str]) -> MapStore:
        """Where the map of these texts is kept, `marks` being the models' fingerprints."""
        name = hashlib.blake2b("\0".join([_FORM, texts_key, *marks]).encode(), digest_size=16).hexdigest()
        return cls(project / "cache" / "maps" / name)

    def facts(self) -> dict[str, Any]:
        """What is known; nothing where the map was not made yet or cannot be read."""
        try:
            found = json.loads(cached.text(self.folder / _FACTS, _MOST_BYTES) or "")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def array(self, name: str) -> Array | None:
        return cached.array(self.folder / f"{name}.npy")

    def save(self, arrays: dict[str, Array], facts: dict[str, Any]) -> None:
        """Add to what is there; the facts are written last, so that they never name what is missing.

        Raises:
            DiskFull, FileProblem
        """
        cached.own(self.folder.parent.parent, self.folder.parent.name, self.folder.name)
        with atomic.explained(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, array in arrays.items():
                rough = self.folder / f"{name}.{uuid.uuid4().hex}.part.npy"
                np.save(rough, array)
                atomic.put(rough, self.folder / f"{name}.npy")
        atomic.write_text(self.folder / _FACTS, json.dumps({**self.facts(), **facts}, ensure_ascii=False))
        self._forget_old()

    def _forget_old(self) -> None:
        with atomic.explained(self.folder.parent):
            known = newest_first(path for path in self.folder.parent.iterdir() if path != self.folder)
        for old in known[_KEPT - 1 :]:
            shutil.rmtree(old, ignore_errors=True)
