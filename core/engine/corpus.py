"""The texts of a project that a search looks through, kept in memory as long as the project does not change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import texts_of
from core.dataset.normalise import normalise
from core.errors import Cancelled, UsageError
from core.project import Reader, layout

ROLES = ("all", "anchor", "other")

_KEPT = 4
_MATRIX_BYTES = 512_000_000  # larger ones are read from the cache file for each search
_MATRICES = 3


class Corpus:
    """Distinct texts in first-seen order, and their embeddings by model once they are known."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self._hashes = np.fromiter(
            (hash(normalise(text)) for text in texts), dtype=np.int64, count=len(texts)
        )
        self._matrices: OrderedDict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = OrderedDict()

    def equal_to(self, text: str) -> list[int]:
        """The positions of the texts that are `text` after normalising."""
        wanted = normalise(text)
        same = np.flatnonzero(self._hashes == hash(wanted)).tolist()
        return [index for index in same if normalise(self.texts[index]) == wanted]

    def matrix(
        self, fingerprint: str, make: Callable[[], tuple[NDArray[np.float32], NDArray[np.float32]]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The embeddings (n, d) and their lengths (n,) under a model; made when they are not at hand."""
        if fingerprint in self._matrices:
            self._matrices.move_to_end(fingerprint)
            return self._matrices[fingerprint]
        made = make()
        if made[0].nbytes <= _MATRIX_BYTES:
            self._matrices[fingerprint] = made
            while len(self._matrices) > _MATRICES:
                self._matrices.popitem(last=False)
        return made

    def knows(self, fingerprint: str) -> bool:
        return fingerprint in self._matrices


class Corpora:
    """The corpora of the project that was asked about last."""

    def __init__(self) -> None:
        self._state: tuple[Path, int, int] | None = None
        self._kept: OrderedDict[tuple[int | None, str], Corpus] = OrderedDict()

    def get(
        self, project: Path, dataset_id: int | None, role: str, should_stop: Callable[[], bool]
    ) -> Corpus:
        """The texts of one dataset or (None) of all, in columns of `role`: all, anchor, or other than the anchor. Blank ones are
        left out.

        Raises:
            UsageError: an unknown role.
            DataProblem: no such dataset.
            Cancelled: `should_stop` said so.
            ProjectProblem: the project cannot be read.
        """
        if role not in ROLES:
            raise UsageError(f"There is no role “{role}”.", f"Use one of {', '.join(ROLES)}.")
        with Reader(project) as reader, reader.snapshot():
            # the file's number: a restored backup may have an old revision again
            state = (project.absolute(), (project / layout.DATABASE).stat().st_ino, reader.revision)
            if state != self._state:
                self._kept.clear()
                self._state = state
            key = (dataset_id, role)
            if key not in self._kept:
                self._kept[key] = Corpus(_read(reader, dataset_id, role, should_stop))
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def _of_role(texts: tuple[str, ...], role: str) -> tuple[str, ...]:
    return texts[:1] if role == "anchor" else texts[1:]


def _read(reader: Reader, dataset_id: int | None, role: str, should_stop: Callable[[], bool]) -> list[str]:
    if role == "all":
        texts: Iterable[str] = reader.texts(dataset_id)
    else:
        datasets = [reader.dataset(dataset_id)] if dataset_id is not None else reader.datasets()
        texts = (
            text
            for info in datasets
            for example in reader.rows(info.id)
            for text in _of_role(texts_of(info.format, example.texts), role)
        )
    found: dict[str, None] = {}
    for count, text in enumerate(texts):
        if count % 1000 == 0 and should_stop():
            raise Cancelled
        if text.strip():
            found[text] = None
    return list(found)
