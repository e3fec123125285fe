"""What the engine answers about rows that nearly repeat one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.dataset.formats import Format, texts_of
from core.dataset.normalise import normalise
from core.engine import refs
from core.engine.asking import about, cache_of, project_of, text_of
from core.engine.jobs import Job
from core.engine.suggesting import Candidates
from core.errors import UsageError
from core.models.encoder import encode
from core.project import Reader
from core.similarity.near_duplicates import NearSearch, near_rows

if TYPE_CHECKING:
    from core.engine.operations import Engine

_SECONDS = 0.4


def near_duplicates(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, dataset_id, model, token?} → slices, then {"ids": of the rows that nearly repeat an earlier one, "of": the ids of those, "pairs": of texts,
    "cut": whether there were too many to look at all, "name"}

    In such a row every text has a cosine of 0.95 or more with the text in its place in an earlier row; names of categories must be the
    same. Texts that are the same after normalising count as one.
    """
    project, dataset_id = project_of(params), params.get("dataset_id")
    if project is None or not isinstance(dataset_id, int):
        raise UsageError("The request has no project or no dataset.")
    loaded = engine.models.get(refs.resolve(text_of(params, "model"), project))
    asked = engine.questions.by_token(params.get("token"))
    if asked is None:
        with Reader(project) as reader, reader.snapshot():
            asked = _read(reader, dataset_id, job)
        engine.questions.add(asked)
    search: NearSearch | None = asked.about.get("search")
    if search is None:
        cache = cache_of(project, loaded)
        assert cache is not None
        if not asked.advance(loaded, cache, _SECONDS, job.should_stop):
            return _slice(asked, asked.embedded)
        if asked.texts:
            matrix = encode(loaded.model, asked.texts, cache, should_stop=job.should_stop)
            search = asked.about["search"] = NearSearch(matrix)
    if search is not None and not search.advance(_SECONDS):
        return _slice(asked, len(asked.texts) + search.done)
    engine.questions.end(asked)
    pairs = search.pairs() if search is not None else np.empty((0, 2), dtype=np.int64)
    places = near_rows(asked.about["rows"], pairs, either_order=asked.about["either_order"])
    return {
        "ids": [asked.about["ids"][place] for place, _ in places],
        "of": [asked.about["ids"][place] for _, place in places],
        "pairs": len(pairs),
        "cut": search is not None and search.cut,
        **about(loaded),
    }


def _read(reader: Reader, dataset_id: int, job: Job) -> Candidates:
    """The rows as numbers of texts, and those texts that are embedded. Names of categories have numbers below zero."""
    info = reader.dataset(dataset_id)
    numbers: dict[str, int] = {}
    names: dict[str, int] = {}
    texts: list[str] = []
    rows, ids = [], []
    for count, row in enumerate(reader.training_rows(dataset_id)):
        if count % 1000 == 0:
            job.check()
        row_numbers = []
        for text in texts_of(info.format, row.texts):
            key = normalise(text)
            if key not in numbers:
                numbers[key] = len(texts)
                texts.append(text)
            row_numbers.append(numbers[key])
        if info.format is Format.CATEGORIES:
            row_numbers.append(-1 - names.setdefault(normalise(row.texts[1]), len(names)))
        if all(text.strip() for text in row.texts):
            rows.append(tuple(row_numbers))
            ids.append(row.id)
    return Candidates(
        texts, {"rows": rows, "ids": ids, "either_order": info.format is Format.SCORED, "of": len(rows)}
    )


def _slice(asked: Candidates, done: int) -> dict[str, Any]:
    return {"more": True, "next": {"token": asked.token}, "done": done, "total": 2 * len(asked.texts)}
