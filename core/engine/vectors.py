"""The embeddings of a corpus as a search reads them: in memory, or where they are too many for that, from the cache's file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.engine.asking import cache_of, embedded
from core.engine.corpus import Corpus, Floats
from core.engine.jobs import Job
from core.engine.models import Loaded
from core.errors import EngineProblem
from core.models.cache import EmbeddingCache
from core.models.encoder import encode as encode_texts
from core.similarity import search as similarity

Integers = NDArray[np.int64]

IN_MEMORY = 512_000_000  # bytes of one model's embeddings
_SLICE = 20_000  # texts embedded between two looks at what is stored
_BLOCK = 8_192  # rows read from the file at once


class Vectors(Protocol):
    def scores(self, query: Floats, metric: str, places: Integers | None = None) -> Floats:
        """The similarities of all texts, or of those at `places`, in that order."""

    def take(self, places: Integers) -> Floats:
        """The embeddings of the texts at these places."""


class InMemory:
    def __init__(self, matrix: Floats, lengths: Floats) -> None:
        self._matrix, self._lengths = matrix, lengths

    def scores(self, query: Floats, metric: str, places: Integers | None = None) -> Floats:
        if places is None:
            return similarity.scores(query, self._matrix, metric, self._lengths)
        return similarity.scores(query, self._matrix[places], metric, self._lengths[places])

    def take(self, places: Integers) -> Floats:
        return self._matrix[places]


class Stored:
    """Reads the file anew for each question: it may be deleted at any moment, then `Gone` is raised."""

    def __init__(self, cache: EmbeddingCache, mark: bytes, rows: Integers) -> None:
        self.cache, self.mark, self.rows = cache, mark, rows
        self._by_row = np.argsort(rows, kind="stable")
        self._lengths: Floats | None = None
        self._places: Integers | None = None

    @property
    def in_file_order(self) -> Integers:
        """All places, as their embeddings lie in the file."""
        return self._by_row

    def places_of(self, rows: Integers) -> Integers:
        """The places whose embeddings are these rows of the file; rows of other texts are left out."""
        if self._places is None:
            self._places = np.full(int(self.rows.max(initial=-1)) + 1, -1, dtype=np.int64)
            self._places[self.rows] = np.arange(len(self.rows))
        found = self._places[rows[rows < len(self._places)]]
        return found[found >= 0]

    def scores(self, query: Floats, metric: str, places: Integers | None = None) -> Floats:
        order = self._by_row if places is None else np.argsort(self.rows[places], kind="stable")
        chosen = order if places is None else places[order]
        found = np.empty(len(order), dtype=np.float32)
        lengths = self._norms() if metric == "cosine" else None
        for start, block in self._blocks(chosen):
            some = chosen[start : start + len(block)]
            own = None if lengths is None else lengths[some]
            found[order[start : start + len(block)]] = similarity.scores(query, block, metric, own)
        return found

    def take(self, places: Integers) -> Floats:
        return np.asarray(self.file()[self.rows[places]])

    def file(self) -> Floats:
        """All rows of the file. Raises: Gone."""
        found = self.cache.mapped(self.mark)
        if found is None or len(found) <= int(self.rows.max(initial=-1)):
            raise Gone
        return found

    def _blocks(self, places: Integers) -> Iterator[tuple[int, Floats]]:
        """Where each block starts in `places`, which ascend by row, and its embeddings: without a copy where the rows lie together."""
        file, rows = self.file(), self.rows[places]
        for start in range(0, len(rows), _BLOCK):
            some = rows[start : start + _BLOCK]
            together = some[-1] - some[0] == len(some) - 1
            yield start, file[some[0] : some[-1] + 1] if together else file[some]

    def _norms(self) -> Floats:
        if self._lengths is None:
            made = np.empty(len(self.rows), dtype=np.float32)
            for start, block in self._blocks(self._by_row):
                made[self._by_row[start : start + len(block)]] = similarity.norms(block)
            self._lengths = made
        return self._lengths


class Gone(EngineProblem):
    """The file of embeddings is another one than before."""

    def __init__(self) -> None:
        super().__init__("The embeddings were deleted while they were read.", "Ask again.")


def vectors_of(
    corpus: Corpus, loaded: Loaded, project: Path, job: Job, portion: tuple[int, int, float], most: int
) -> Vectors:
    """The embeddings of the corpus; those that are missing are made and stored. `most` texts are kept in memory.

    Raises:
        Cancelled: the job was.
        EngineProblem: they are too many for the memory and the project's cache cannot be written.
    """
    count = len(corpus.texts)
    if count <= most and count * loaded.dimension * 4 <= IN_MEMORY:
        return InMemory(*embedded(corpus, loaded, project, job, portion))
    known = corpus.stored.get(loaded.fingerprint)
    if isinstance(known, Stored) and known.cache.mapped(known.mark) is not None:
        return known
    cache = cache_of(project, loaded)
    assert cache is not None
    before, total, later = portion
    for start in range(0, count, _SLICE):
        some = corpus.texts[start : start + _SLICE]
        if cache.lookup(some)[1]:

            def progress(
                done: int, _total: int, left: float | None, start: int = start, size: int = len(some)
            ) -> None:
                rest = None if left is None else left * (count - start) / max(1, size) * (1 + later)
                job.progress(before + start + done, total, rest)

            encode_texts(loaded.model, some, cache, progress, job.should_stop)
        job.check()
    rows, missing = cache.lookup(corpus.texts)
    if missing:
        raise EngineProblem(
            f"The embeddings of {count:,} texts cannot be kept in the project's cache.",
            "Make room on the disk, or make the project's folder writable.",
        )
    made = Stored(cache, cache.mark, rows)
    corpus.stored[loaded.fingerprint] = made
    return made
