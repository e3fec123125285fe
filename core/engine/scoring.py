"""Scores all rows of a dataset with a model, in slices: between two of them the engine answers whatever else it is asked.

What is known of a dataset stays here from one request to the next, so that an edited row is the only one that is looked at again;
its texts come from the embedding cache, so that only a text that is new is encoded.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import cached, paths
from core.atomic import explained
from core.dataset.formats import DatasetInfo, Example, Format
from core.engine.models import Loaded
from core.engine.under_way import UnderWay
from core.models.cache import EmbeddingCache
from core.models.encoder import encode
from core.project import Reader
from core.similarity.disagreement import Judged, centroid_margins, judge, rowwise
from core.similarity.labelled import RANDOM_PAIR
from core.similarity.what_next import unit

ROW = np.dtype(
    [
        ("id", "<i8"),
        (
            "similarity",
            "<f4",
        ),  # of the two texts; triplets: of anchor and positive; categories: to the rest of the own one
        ("margin", "<f4"),  # triplets and categories
        ("nearest", "<f4"),  # triplets: which of the texts is the nearest negative, from 2 on
        ("model", "<f4"),
        ("disagreement", "<f4"),
        ("uncertainty", "<f4"),
    ]
)
_FIRST_BLOCK, _LARGEST_BLOCK = 64, 16_384
_RANDOM_ROWS, _RANDOM_PAIRS = 4_000, 64_000
_KEPT = 2
_ARRAY_SECONDS = 3600.0

Floats = NDArray[np.float32]


class Scoring:
    """The rows of one dataset under one model, as far as they are scored."""

    def __init__(self, project: Path, info: DatasetInfo, loaded: Loaded) -> None:
        self.info, self.loaded = info, loaded
        self.token = uuid.uuid4().hex
        self.encoded = 0  # texts that had to be encoded since the last `begin`
        self.project = project
        self._cache = EmbeddingCache(project / "cache", loaded.fingerprint, loaded.dimension)
        self._ids: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._values: dict[str, NDArray[Any]] = _empty(0)
        self._todo: NDArray[np.int64] = np.empty(0, dtype=np.int64)  # places in `_ids`
        self._done = 0
        self._block = _FIRST_BLOCK
        self._names: dict[str, int] = {}
        self._sums: NDArray[np.float64] = np.zeros((0, loaded.dimension))
        self._counts: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._summed = False
        self._background: NDArray[Any] = np.empty(0, RANDOM_PAIR)
        self._background_rows = 0

    # -- what there is to do ------------------------------------------------------------------------------------

    def begin(self, reader: Reader, changed: Iterable[int] | None) -> None:
        """Look again at the rows `changed`, at new ones, at those that an interrupted request left, and with None at all.

        The centres of categories move with every text, so there all rows are looked at.
        """
        self.encoded = 0
        if changed is None:
            self._background = self._background[:0]
        self.info = reader.dataset(self.info.id)
        ids = np.sort(np.frombuffer(reader.ids(self.info.id), dtype=np.int64))
        waiting = self._ids[self._todo[self._done :]]
        place = np.minimum(np.searchsorted(self._ids, ids), max(len(self._ids) - 1, 0))
        known = self._ids[place] == ids if len(self._ids) else np.zeros(len(ids), dtype=bool)
        values = _empty(len(ids))
        for name, array in values.items():
            array[known] = self._values[name][place[known]]
        again = ~known
        if changed is None or self.info.format is Format.CATEGORIES:
            again[:] = True
        else:
            again |= np.isin(ids, np.concatenate([waiting, np.fromiter(changed, dtype=np.int64)]))
        self._ids, self._values = ids, values
        self._todo, self._done = np.flatnonzero(again), 0
        self._block = _FIRST_BLOCK
        self._summed = self.info.format is not Format.CATEGORIES
        self._names, self._sums = {}, np.zeros((0, self.loaded.dimension))
        self._counts = np.zeros(0, dtype=np.int64)

    @property
    def complete(self) -> bool:
        return self._summed and self._done >= len(self._todo)

    @property
    def progress(self) -> tuple[int, int]:
        """Rows done and rows to do, of this request."""
        if self.info.format is Format.CATEGORIES:  # each is looked at twice
            return self._done // 2 + (len(self._todo) // 2 if self._summed else 0), len(self._todo)
        return self._done, len(self._todo)

    # -- doing it -----------------------------------------------------------------------------------------------

    def advance(self, reader: Reader, seconds: float, should_stop: Callable[[], bool]) -> None:
        """Work for about so long. Raises: Cancelled, with every finished block kept."""
        end = time.monotonic() + seconds
        while not self.complete and time.monotonic() < end:
            started = time.monotonic()
            if self._done >= len(self._todo):  # all categories are summed up: now the texts against them
                self._summed, self._done = True, 0
                continue
            places = self._todo[self._done : self._done + self._block]
            self._look(reader, places, should_stop)
            self._done += len(places)
            taken = time.monotonic() - started
            faster = taken < seconds / 4
            self._block = max(16, min(_LARGEST_BLOCK, self._block * 2 if faster else self._block))
            if taken > seconds:
                self._block = max(16, self._block // 2)

    def _look(self, reader: Reader, places: NDArray[np.int64], should_stop: Callable[[], bool]) -> None:
        examples = reader.examples(self._ids[places].tolist())
        found = {example.id for example in examples}
        here = np.array([id in found for id in self._ids[places].tolist()], dtype=bool)
        gone, places = places[~here], places[here]
        for name, array in self._values.items():
            array[gone] = np.nan if name != "rejected" else True
        if not len(places):
            return
        whole = np.array([all(text.strip() for text in example.texts) for example in examples], dtype=bool)
        self._values["label"][places] = [_label(self.info.format, example) for example in examples]
        self._values["rejected"][places] = [example.status == "rejected" for example in examples]
        similarity = np.full(len(places), np.nan, dtype=np.float32)
        margin, nearest = similarity.copy(), similarity.copy()
        chosen = [example for example, good in zip(examples, whole.tolist(), strict=True) if good]
        if chosen:
            similarity[whole], margin[whole], nearest[whole] = self._compare(chosen, should_stop)
        self._values["similarity"][places] = similarity
        self._values["margin"][places], self._values["nearest"][places] = margin, nearest

    def _compare(
        self, examples: list[Example], should_stop: Callable[[], bool]
    ) -> tuple[Floats, Floats, Floats]:
        """Similarity, margin, and where the nearest negative stands among the texts."""
        nothing = np.full(len(examples), np.nan, dtype=np.float32)
        if self.info.format is Format.CATEGORIES:
            return *self._against_categories(examples, should_stop), nothing
        columns = list(zip(*(example.texts for example in examples), strict=True))
        vectors = self._embed([text for column in columns for text in column], should_stop)
        first, second, *negatives = np.split(vectors, len(columns))
        near = rowwise(first, second, self.loaded.metric)
        if not negatives:
            return near, nothing, nothing
        far = [rowwise(first, negative, self.loaded.metric) for negative in negatives]
        return near, near - np.max(far, axis=0), (2 + np.argmax(far, axis=0)).astype(np.float32)

    def _against_categories(
        self, examples: list[Example], should_stop: Callable[[], bool]
    ) -> tuple[Floats, Floats]:
        vectors = self._embed([example.texts[0] for example in examples], should_stop)
        vectors = unit(vectors)
        for example in examples:
            self._names.setdefault(example.texts[1], len(self._names))
        category = np.array([self._names[example.texts[1]] for example in examples], dtype=np.int64)
        counted = np.array([example.status != "rejected" for example in examples], dtype=bool)
        if self._summed:
            return centroid_margins(vectors, category, self._sums, self._counts, counted)
        new = len(self._names) - len(self._sums)
        self._sums = np.concatenate([self._sums, np.zeros((new, vectors.shape[1]))])
        self._counts = np.concatenate([self._counts, np.zeros(new, dtype=np.int64)])
        np.add.at(self._sums, category[counted], vectors[counted])
        np.add.at(self._counts, category[counted], 1)
        nothing = np.full(len(examples), np.nan, dtype=np.float32)
        return nothing, nothing

    def _embed(self, texts: list[str], should_stop: Callable[[], bool]) -> Floats:
        self.encoded += len(self._cache.lookup(list(dict.fromkeys(texts)))[1])
        return encode(self.loaded.model, texts, self._cache, should_stop=should_stop)

    # -- the result ---------------------------------------------------------------------------------------------

    def judged(self, reader: Reader, should_stop: Callable[[], bool]) -> Judged:
        values = self._values
        return judge(
            self.info.format,
            values["similarity"],
            values["margin"],
            values["label"],
            ~values["rejected"],
            self._random_pairs(reader, should_stop),
            self.loaded.metric,
        )

    def background(
        self, reader: Reader, parts: Sequence[Sequence[int]], should_stop: Callable[[], bool]
    ) -> NDArray[Any]:
        """`RANDOM_PAIR`s, as far as the format has a use for them. Within each of `parts`, the ids of some rows, there are as many as they
        have rows, where that many are to be had."""
        found = [self._background]
        for part in parts if len(self._background) else ():
            ids = np.intersect1d(np.asarray(part, np.int64), self._ids)
            inside = np.isin(found[0]["first"], ids) & np.isin(found[0]["second"], ids)
            found[0] = found[0][~inside]
            found.append(self._random_of(reader, ids, should_stop))
        return np.concatenate(found)

    def _random_pairs(self, reader: Reader, should_stop: Callable[[], bool]) -> Floats:
        """Similarities of first texts with second texts of other rows; looked up anew when a tenth of the rows came or went."""
        rows = len(self._ids)
        if self.info.format is not Format.PAIRS or rows < 2:
            self._background, self._background_rows = np.empty(0, RANDOM_PAIR), 0
        elif not len(self._background) or abs(rows - self._background_rows) * 10 > self._background_rows:
            self._background = self._random_of(reader, self._ids, should_stop)
            self._background_rows = rows
        found: Floats = self._background["similarity"][:rows]
        return found

    def _random_of(
        self, reader: Reader, ids: NDArray[np.int64], should_stop: Callable[[], bool]
    ) -> NDArray[Any]:
        random = np.random.default_rng(0)
        chosen = random.choice(ids, min(len(ids), _RANDOM_ROWS), replace=False).tolist()
        examples = [row for row in reader.examples(chosen) if all(text.strip() for text in row.texts)]
        vectors = self._embed([row.texts[side] for side in (0, 1) for row in examples], should_stop)
        return random_pairs(examples, vectors, self.loaded.metric)

    def table(self, judged: Judged) -> NDArray[Any]:
        """One `ROW` for each row, by ascending id."""
        table = np.empty(len(self._ids), dtype=ROW)
        table["id"] = self._ids
        for name in ("similarity", "margin", "nearest"):
            table[name] = self._values[name]
        for name in ("model", "disagreement", "uncertainty"):
            table[name] = getattr(judged, name)
        return table


class Scorings:
    """The datasets that were scored last."""

    def __init__(self) -> None:
        self._under_way: UnderWay[Scoring] = UnderWay(_KEPT)

    def get(self, project: Path, info: DatasetInfo, loaded: Loaded) -> tuple[Scoring, bool]:
        """The scoring, and whether it was known before."""
        key = (project.absolute(), info.id, loaded.fingerprint)
        scoring = self._under_way.get(key)
        if scoring is not None and scoring.info.columns == info.columns:
            return scoring, True
        scoring = Scoring(project, info, loaded)
        self._under_way.add(key, scoring)
        return scoring, False

    def over(self, scoring: Scoring) -> None:
        """All rows are scored: the scoring may go when others come."""
        self._under_way.over((scoring.project.absolute(), scoring.info.id, scoring.loaded.fingerprint))


def random_pairs(examples: Sequence[Example], vectors: Floats, metric: str) -> NDArray[Any]:
    """`RANDOM_PAIR`s of rows in random order, each with the one before it, then with the one before that, and so on, so that there are some
    within every part of the rows. `vectors` are of all first texts, then of all second ones."""
    count = len(examples)
    if count < 2:
        return np.empty(0, RANDOM_PAIR)
    ids = np.array([row.id for row in examples], np.int64)
    codes: dict[str, int] = {}
    texts = np.array([[codes.setdefault(text, len(codes)) for text in row.texts] for row in examples])
    first, second = np.split(vectors, 2)
    blocks = []
    for step in range(1, min(count - 1, max(1, _RANDOM_PAIRS // count)) + 1):
        other = np.roll(np.arange(count), step)
        apart = (texts != texts[other]).all(axis=1)
        made = np.empty(int(apart.sum()), RANDOM_PAIR)
        made["first"], made["second"] = ids[apart], ids[other][apart]
        made["similarity"] = rowwise(first[apart], second[other][apart], metric)
        blocks.append(made)
    return np.concatenate(blocks)


def save_array(project: Path | None, array: NDArray[Any]) -> Path:
    """Write an array for whoever asked, who deletes it after reading; what nobody fetched for an hour goes."""
    if project is None:
        paths.home().mkdir(parents=True, exist_ok=True)
    folder = cached.own((project or paths.home()) / "cache", "arrays")
    path = folder / f"{uuid.uuid4().hex}.npy"
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.npy"):
            with suppress(OSError):  # whoever asked may delete or read it at this moment
                if time.time() - old.stat().st_mtime > _ARRAY_SECONDS:
                    old.unlink()
        try:
            np.save(path, array)
        except OSError:
            path.unlink(missing_ok=True)  # half of it would only fill the disk further
            raise
    return path


def _empty(rows: int) -> dict[str, NDArray[Any]]:
    values: dict[str, NDArray[Any]] = {
        name: np.full(rows, np.nan, dtype=np.float32) for name in ("similarity", "margin", "nearest", "label")
    }
    values["rejected"] = np.zeros(rows, dtype=bool)
    return values


def _label(format: Format, example: Example) -> float:
    """What a person said about the row, 0–1; not a number where nobody did."""
    if format is Format.SCORED:
        return float("nan") if example.score is None else example.score
    return {"accepted": 1.0, "rejected": 0.0}.get(example.status, float("nan"))
