"""What to label next, in the engine: the candidates are read once, embedded in slices, and then chosen from."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import DatasetInfo, Example, Format, texts_of
from core.engine.models import Loaded
from core.models.cache import EmbeddingCache
from core.models.encoder import encode
from core.project import Reader, View
from core.similarity import clusters, what_next
from core.similarity.calibration import ENOUGH, Calibration, plain
from core.similarity.disagreement import rank_among, rowwise

MOST = 100_000  # candidates that are looked at: a random sample where there are more
LABELLED = 500  # labelled examples that candidates are compared with
_SLICE_TEXTS = 4096
_ROWS_OF_GROUP = 5000

Floats = NDArray[np.float32]


@dataclass
class Candidates:
    """Texts to embed, and whatever the question was about."""

    texts: list[str]
    about: dict[str, Any] = field(default_factory=dict)
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    embedded: int = 0

    def advance(
        self, loaded: Loaded, cache: EmbeddingCache, seconds: float, should_stop: Callable[[], bool]
    ) -> bool:
        """Embed for about so long; whether all texts are embedded now."""
        end = time.monotonic() + seconds
        block = 64
        while self.embedded < len(self.texts) and time.monotonic() < end:
            some = self.texts[self.embedded : self.embedded + block]
            encode(loaded.model, some, cache, should_stop=should_stop)
            self.embedded += len(some)
            block = min(_SLICE_TEXTS, block * 2) if time.monotonic() < end - seconds / 2 else block
        return self.embedded >= len(self.texts)


# -- rows -----------------------------------------------------------------------------------------------------------------


def candidate_rows(reader: Reader, info: DatasetInfo) -> Candidates:
    """Rows that nobody has decided about, complete ones: without a score, or without a status where there are no scores."""
    open_rows, decided = _open_and_decided(reader, info)
    rows = [row for row in _some(reader, open_rows, MOST) if _whole(row)]
    known = [row for row in _some(reader, decided, LABELLED) if _whole(row)]
    texts = [text for row in [*rows, *known] for text in texts_of(info.format, row.texts)]
    return Candidates(texts, {"rows": rows, "known": known, "of": len(open_rows), "info": info})


def next_rows(
    candidates: Candidates, loaded: Loaded, vectors: Floats, calibration: Calibration | None, count: int
) -> list[dict[str, Any]]:
    """The rows to label next, with the model's score and what each was chosen for."""
    rows: list[Example] = candidates.about["rows"]
    info: DatasetInfo = candidates.about["info"]
    if not rows:
        return []
    width = len(texts_of(info.format, rows[0].texts))
    by_row = vectors.reshape(-1, width, vectors.shape[1])
    # where a row lies: in the middle of its texts
    places = what_next.unit(what_next.unit(vectors).reshape(by_row.shape).sum(axis=1))
    mine, known = by_row[: len(rows)], places[len(rows) :]
    scores, unsure = _uncertain(info, mine, calibration, loaded.metric)
    chosen, values = what_next.choose(places[: len(rows)], unsure, known, count)
    return [
        {
            "id": rows[place].id,
            "texts": list(rows[place].texts),
            "model": _number(scores[place]),
            "uncertainty": _number(unsure[place]),
            "value": float(value),
        }
        for place, value in zip(chosen.tolist(), values.tolist(), strict=True)
    ]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _uncertain(
    info: DatasetInfo, vectors: Floats, calibration: Calibration | None, metric: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if (
        vectors.shape[1] == 1
    ):  # a lone text, e.g. with a category: the model has nothing to say about it by itself
        return np.full(len(vectors), np.nan), np.ones(len(vectors))
    near = rowwise(vectors[:, 0], vectors[:, 1], metric)
    if info.format is Format.TRIPLETS:
        far = np.max(
            [rowwise(vectors[:, 0], vectors[:, n], metric) for n in range(2, vectors.shape[1])], axis=0
        )
        margin = (near - far).astype(np.float64)
        return margin, np.exp(-np.abs(margin) / max(float(margin.std()), 1e-6))
    if calibration is None and info.format is Format.PAIRS and len(near) >= ENOUGH:
        calibration = rank_among(rowwise(vectors[:, 0], np.roll(vectors[:, 1], 1, axis=0), metric))
    calibration = calibration or plain(near, metric)
    return calibration.apply(near), calibration.uncertainty(near)


def _open_and_decided(reader: Reader, info: DatasetInfo) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    everything = np.frombuffer(reader.ids(info.id), dtype=np.int64)
    if info.format is Format.SCORED:
        waiting = np.frombuffer(reader.ids(info.id, View(filter="unlabelled")), dtype=np.int64)
        gone = np.frombuffer(reader.ids(info.id, View(filter="rejected")), dtype=np.int64)
        decided = np.setdiff1d(everything, np.concatenate([waiting, gone]))
    else:
        parts = [reader.ids(info.id, View(filter=name)) for name in ("accepted", "rejected")]
        decided = np.concatenate([np.frombuffer(part, dtype=np.int64) for part in parts])
        waiting = np.setdiff1d(everything, decided)
    skipped = np.frombuffer(reader.ids(info.id, View(filter="skipped")), dtype=np.int64)
    return np.setdiff1d(waiting, skipped), decided


def _some(reader: Reader, ids: NDArray[np.int64], most: int) -> list[Example]:
    if len(ids) > most:
        ids = np.sort(np.random.default_rng(0).choice(ids, most, replace=False))
    return reader.examples(ids.tolist())


def _whole(row: Example) -> bool:
    return all(text.strip() for text in row.texts)


# -- unpaired texts -------------------------------------------------------------------------------------------------------


def candidate_texts(
    reader: Reader, info: DatasetInfo, unpaired: list[str], check: Callable[[], None]
) -> Candidates:
    """The texts of the corpus that are in no row, and some that are in labelled ones."""
    labelled = list(labelled_texts(reader, [info], check))
    used = set(labelled)
    texts = [text for text in unpaired if text not in used]
    of, random = len(texts), np.random.default_rng(0)
    if of > MOST:
        texts = [texts[place] for place in np.sort(random.choice(of, MOST, replace=False)).tolist()]
    if len(labelled) > LABELLED:
        labelled = [
            labelled[place] for place in random.choice(len(labelled), LABELLED, replace=False).tolist()
        ]
    return Candidates([*texts, *labelled], {"texts": texts, "of": of})


def next_texts(candidates: Candidates, vectors: Floats, count: int) -> list[dict[str, Any]]:
    """The texts to make rows of next: unlike what is labelled, and like many others."""
    texts: list[str] = candidates.about["texts"]
    vectors = what_next.unit(vectors)
    mine, known = vectors[: len(texts)], vectors[len(texts) :]
    chosen, values = what_next.choose(mine, what_next.typical(mine), known, count)
    return [
        {"text": texts[place], "value": float(value)}
        for place, value in zip(chosen.tolist(), values.tolist(), strict=True)
    ]


# -- groups ---------------------------------------------------------------------------------------------------------------


def candidate_groups(reader: Reader, dataset_id: int, check: Callable[[], None]) -> Candidates:
    """Every text of the project, a random sample where there are very many."""
    texts = reader.texts()
    of = len(texts)
    if of > MOST:
        places = np.sort(np.random.default_rng(0).choice(of, MOST, replace=False))
        texts = [texts[place] for place in places.tolist()]
    labelled = labelled_texts(reader, reader.datasets(), check)
    flags = np.fromiter((text in labelled for text in texts), dtype=bool, count=len(texts))
    return Candidates(texts, {"labelled": flags, "of": of, "rows": _rows_by_text(reader, dataset_id, check)})


def empty_groups(
    candidates: Candidates, vectors: Floats, most: int, should_stop: Callable[[], bool]
) -> dict[str, Any]:
    """The groups of alike texts in which nothing is labelled."""
    found, groups = clusters.unlabelled_groups(
        candidates.texts,
        what_next.unit(vectors),
        candidates.about["labelled"],
        should_stop=should_stop,
    )
    rows: dict[str, list[int]] = candidates.about["rows"]
    return {
        "groups": [_group(one, candidates.texts, rows) for one in found[:most]],
        "of": groups,
        "texts": candidates.about["of"],
        "labelled": int(candidates.about["labelled"].sum()),
    }


def _group(group: clusters.Group, texts: list[str], rows: dict[str, list[int]]) -> dict[str, Any]:
    members = [texts[place] for place in group.members.tolist()]
    ids = list(dict.fromkeys(id for text in members for id in rows.get(text, ())))
    return {
        "size": len(members),
        "words": list(group.words),
        "typical": members[:5],
        "unpaired": [text for text in members[:50] if text not in rows],
        "rows": ids[:_ROWS_OF_GROUP],
    }


def labelled_texts(
    reader: Reader, datasets: Iterable[DatasetInfo], check: Callable[[], None]
) -> dict[str, None]:
    """Every text that a label speaks about: of rows with a score, of other rows that are complete and not rejected."""
    found: dict[str, None] = {}
    for info in datasets:
        for row in _watched(reader, info.id, check):
            if row.status == "rejected" or not _whole(row):
                continue
            if info.format is not Format.SCORED or row.score is not None:
                found.update(dict.fromkeys(texts_of(info.format, row.texts)))
    return found


def _rows_by_text(reader: Reader, dataset_id: int, check: Callable[[], None]) -> dict[str, list[int]]:
    info = reader.dataset(dataset_id)
    found: dict[str, list[int]] = {}
    for row in _watched(reader, dataset_id, check):
        for text in texts_of(info.format, row.texts):
            found.setdefault(text, []).append(row.id)
    return found


def _watched(reader: Reader, dataset_id: int, check: Callable[[], None]) -> Iterator[Example]:
    """The rows of a dataset; `check` raises when nobody waits for them any more."""
    for number, row in enumerate(reader.rows(dataset_id)):
        if number % 1000 == 0:
            check()
        yield row
