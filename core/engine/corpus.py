"""The texts of a project that a search looks through, kept in memory as long as the project does not change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import Format, texts_of
from core.dataset.normalise import normalise
from core.engine.budget import Budget
from core.engine.still_there import StillThere
from core.errors import Cancelled, UsageError
from core.project import Reader, layout
from core.project.text_filter import TextFilter
from core.similarity import search as similarity
from core.similarity.negatives import Pool
from core.similarity.relations import Keys, Relations

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Matrix = tuple[Floats, Floats]

ROLES = ("all", "anchor", "other", "unpaired")

_KEPT = 4
_MATRIX_BYTES = 512_000_000  # larger ones are read from the cache file for each search
_MATRICES = 3
_MASKS = 8
_ONE_SIDED = 0.9  # share of anchors that stand on no other side, above which they are queries
_REPEATING = 0.8  # distinct anchors to a row, below which an anchor is a query with several answers


class Corpus:
    """Distinct texts in first-seen order, and their embeddings by model once they are known.

    `before` are the texts before an edit: what is known about those that are still there is taken over. Embeddings stay as long as the
    `budget` has room for them.
    """

    def __init__(self, texts: list[str], before: Corpus | None = None, budget: Budget | None = None) -> None:
        self.texts = texts
        self._budget = budget or Budget()
        self._matrices: OrderedDict[str, Matrix] = OrderedDict()
        self.stored: dict[
            str, object
        ] = {}  # by fingerprint: where the embeddings lie that are too many for the memory
        self._places: dict[str, int] | None = None
        self._taken: dict[str, tuple[Floats, list[int]]] = {}  # rows taken over, and the places of the others
        self._hashes: NDArray[np.int64]
        if before is not None:
            self._take(before)
        else:
            self._hashes = _hashes(texts)

    def _take(self, before: Corpus) -> None:
        still = StillThere(before.texts, self.texts)
        self._hashes = still.take(before._hashes)
        self._hashes[still.missing] = _hashes([self.texts[place] for place in still.missing])
        for fingerprint, (matrix, _) in list(before._matrices.items()):
            taken = still.take(matrix)
            self._taken[fingerprint] = (taken, still.missing)
            self._budget.hold(self, fingerprint, taken.nbytes)

    def equal_to(self, text: str) -> list[int]:
        """The positions of the texts that are `text` after normalising."""
        wanted = normalise(text)
        same = np.flatnonzero(self._hashes == hash(wanted)).tolist()
        return [index for index in same if normalise(self.texts[index]) == wanted]

    def places_of(self, names: Collection[str]) -> dict[str, list[int]]:
        """The positions of the texts that are one of these normalised texts, by that text; those that are not there are left out."""
        found: dict[str, list[int]] = {}
        wanted = np.fromiter((hash(name) for name in names), dtype=np.int64, count=len(names))
        for place in np.flatnonzero(np.isin(self._hashes, wanted)).tolist():
            name = normalise(self.texts[place])
            if name in names:
                found.setdefault(name, []).append(place)
        return found

    def matrix(self, fingerprint: str, embed: Callable[[list[str]], Floats]) -> Matrix:
        """The embeddings (n, d) and their lengths (n,) under a model; `embed` gives those that are not at hand."""
        if fingerprint in self._matrices:
            self._matrices.move_to_end(fingerprint)
            return self._hold(fingerprint, self._matrices[fingerprint])
        if fingerprint in self._taken:
            matrix, missing = self._taken[fingerprint]
            if missing:
                matrix[missing] = embed([self.texts[place] for place in missing])
            self._taken.pop(fingerprint, None)
        else:
            matrix = embed(self.texts)
        made = matrix, similarity.norms(matrix)
        if made[0].nbytes <= _MATRIX_BYTES:
            self._matrices[fingerprint] = made
            while len(self._matrices) > _MATRICES:
                self._budget.let_go(self, self._matrices.popitem(last=False)[0])
            self._hold(fingerprint, made)
        else:
            self._budget.let_go(self, fingerprint)
        return made

    def _hold(self, fingerprint: str, made: Matrix) -> Matrix:
        self._budget.hold(self, fingerprint, made[0].nbytes + made[1].nbytes)
        return made

    def give_up(self, name: Hashable) -> bool:
        """The embeddings under a model; the cache file has them."""
        self._matrices.pop(str(name), None)
        self._taken.pop(str(name), None)
        return True

    def knows(self, fingerprint: str) -> bool:
        return fingerprint in self._matrices or fingerprint in self._taken

    def vector(self, fingerprint: str, text: str) -> Floats | None:
        """The embedding of a text of the corpus where it is at hand."""
        place = self.place(text)
        known = self._matrices.get(fingerprint)
        return known[0][place] if place is not None and known is not None else None

    def place(self, text: str) -> int | None:
        """The position of exactly this text."""
        if self._places is None:
            self._places = {text: place for place, text in enumerate(self.texts)}
        return self._places.get(text)


class Corpora:
    """The corpora of the project that was asked about last."""

    def __init__(self, budget: Budget | None = None) -> None:
        self._budget = budget or Budget()
        self._state: tuple[Path, int, int] | None = None
        self._kept: OrderedDict[tuple[int | None, str], Corpus] = OrderedDict()
        self._stale: dict[tuple[int | None, str], Corpus] = {}
        self._keys = Keys()
        self._numbers: tuple[Corpus, NDArray[np.int64]] | None = None
        self._pool: tuple[Corpus, Pool] | None = None
        self._anchors: tuple[Corpus, NDArray[np.bool_], bool] | None = None
        self._masks: OrderedDict[tuple[int, TextFilter, int | None], tuple[Corpus, NDArray[np.bool_]]]
        self._masks = OrderedDict()

    def get(
        self, project: Path, dataset_id: int | None, role: str, should_stop: Callable[[], bool]
    ) -> Corpus:
        """The texts of one dataset or (None) of all, in columns of `role`: all, anchor, or other than the anchor; or all that are
        unpaired. Blank ones are left out.

        Raises:
            UsageError: an unknown role.
            DataProblem: no such dataset.
            Cancelled: `should_stop` said so.
            ProjectProblem: the project cannot be read.
        """
        if role not in ROLES:
            raise UsageError(f"There is no role “{role}”.", f"Use one of {', '.join(ROLES)}.")
        with Reader(project) as reader, reader.snapshot():
            self._look(project, reader)
            key = (dataset_id, role)
            if key not in self._kept:
                texts = _read(reader, dataset_id, role, should_stop)
                before = self._stale.pop(key, None)
                same = before is not None and before.texts == texts
                self._kept[key] = (
                    before if before is not None and same else Corpus(texts, before, self._budget)
                )
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    def pool(self, project: Path, corpus: Corpus, should_stop: Callable[[], bool]) -> tuple[Pool, Keys]:
        """`corpus` (all texts of the project) as a place to look for negatives, by the labels and verdicts of now.

        Raises: as `get`.
        """
        with Reader(project) as reader, reader.snapshot():
            self._look(project, reader)
            if self._pool is None or self._pool[0] is not corpus:
                relations = Relations(self._keys)
                for info in reader.datasets():
                    for count, (_, score, texts) in enumerate(reader.labels(info.id)):
                        if count % 1000 == 0 and should_stop():
                            raise Cancelled
                        relations.add(info.id, info.format, score, texts)
                for entry in reader.verdicts():
                    relations.add_verdict(*entry)
                if self._numbers is None or self._numbers[0] is not corpus:
                    self._numbers = corpus, self._keys.array(corpus.texts)
                self._pool = corpus, Pool(self._numbers[1], self._keys, relations)
        return self._pool[1], self._keys

    def only_anchors(
        self, project: Path, corpus: Corpus, should_stop: Callable[[], bool]
    ) -> tuple[NDArray[np.bool_], bool]:
        """Which texts of `corpus` stand nowhere but as anchors, and whether the anchors are queries: nearly none of them stands on
        the other side, and in scored pairs, whose sides are often alike, they repeat.

        Raises: as `get`.
        """
        with Reader(project) as reader, reader.snapshot():
            self._look(project, reader)
            if self._anchors is None or self._anchors[0] is not corpus:
                self._anchors = (corpus, *_only_anchors(corpus, reader, should_stop))
        return self._anchors[1], self._anchors[2]

    def mask(
        self, project: Path, corpus: Corpus, filter: TextFilter, dataset_id: int | None
    ) -> NDArray[np.bool_]:
        """Which texts of `corpus` the filter lets through, by the rows of the dataset or of all. Not to be written to.

        Raises: as `get`.
        """
        key = (id(corpus), filter, dataset_id)
        with Reader(project) as reader, reader.snapshot():
            self._look(project, reader)
            if key not in self._masks:
                passed = reader.texts_where(filter, dataset_id)
                mask = np.fromiter((text in passed for text in corpus.texts), bool, len(corpus.texts))
                self._masks[key] = corpus, mask
                while len(self._masks) > _MASKS:
                    self._masks.popitem(last=False)
        return self._masks[key][1]

    def _look(self, project: Path, reader: Reader) -> None:
        """Give up what an edit has made old, and everything when the project is another one."""
        # the file's number: a restored backup may have an old revision again
        state = (project.absolute(), (project / layout.DATABASE).stat().st_ino, reader.revision)
        if state == self._state:
            return
        if self._state is None or self._state[:2] != state[:2]:
            self._kept.clear()
            self._stale.clear()
            self._keys = Keys()
            self._numbers = None
        self._stale.update(self._kept)
        while len(self._stale) > _KEPT:
            self._stale.pop(next(iter(self._stale)))
        self._kept.clear()
        self._pool = self._anchors = None
        self._masks.clear()
        self._state = state


def _hashes(texts: list[str]) -> NDArray[np.int64]:
    return np.fromiter((hash(normalise(text)) for text in texts), dtype=np.int64, count=len(texts))


def _only_anchors(
    corpus: Corpus, reader: Reader, should_stop: Callable[[], bool]
) -> tuple[NDArray[np.bool_], bool]:
    anchors: set[str] = set()
    others = reader.unpaired()
    scored, rows = 0, 0
    for info in reader.datasets():
        if should_stop():
            raise Cancelled
        first, second = reader.sides(info.id)
        anchors |= first
        others |= second
        if info.format is Format.SCORED:
            scored += len(first)
            rows += info.rows
    anchors.discard("")
    alone = anchors - others
    mask = np.zeros(len(corpus.texts), dtype=bool)
    mask[[place for text in alone if (place := corpus.place(text)) is not None]] = True
    alike = rows and scored >= _REPEATING * rows
    return mask, not alike and len(alone) > _ONE_SIDED * len(anchors)


def _of_role(texts: tuple[str, ...], role: str) -> tuple[str, ...]:
    return texts[:1] if role == "anchor" else texts[1:]


def _read(reader: Reader, dataset_id: int | None, role: str, should_stop: Callable[[], bool]) -> list[str]:
    if role == "all":
        texts: Iterable[str] = reader.texts(dataset_id)
    elif role == "unpaired":
        texts = (one.text for one in reader.corpus_texts())
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
