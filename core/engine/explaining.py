"""The engine's answers to "why": what of two texts makes their score, and how alike many texts are among each other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.engine import refs
from core.engine.asking import about, cache_of, project_of, text_of, whole
from core.engine.jobs import Job
from core.engine.models import Loaded
from core.engine.scoring import save_array
from core.errors import UsageError
from core.models.encoder import encode as encode_texts
from core.similarity import token_vectors
from core.similarity.contributions import contributions, occlusion, pairwise, words_of
from core.similarity.ordering import clustered
from core.similarity.token_vectors import NotASum, TokenVectors

if TYPE_CHECKING:
    from core.engine.operations import Engine

Floats = NDArray[np.float64]

METHODS = ("sum", "occlusion")
MOST_TEXTS = 400  # that are compared with each other

_KEPT_TEXTS = 32
_KEPT_ANSWERS = 24
_ASKED_FOR = "What the score loses when a word is left out."
_DISTANCE = "The model compares texts by their distance, which is no sum over pairs of words."


@dataclass(frozen=True)
class Table:
    """Cells with their margins: shape (rows + 1, columns + 1); the last column is what each row gives, the last row what each
    column gives, the corner the score."""

    header: dict[str, Any]
    cells: Floats


class Explanations:
    """What was taken apart last, so that changing a word of one text does not take the other apart again."""

    def __init__(self) -> None:
        self._texts: OrderedDict[tuple[str, str], TokenVectors] = OrderedDict()
        self._tables: OrderedDict[tuple[str, str, str, str], Table] = OrderedDict()

    def table(self, loaded: Loaded, one: str, other: str, method: str, job: Job) -> Table:
        """The explanation of a pair under a model; a sum where there is one and `method` asks for it, else by occlusion."""
        key = (loaded.fingerprint, one, other, method)
        if key not in self._tables:
            reason = _ASKED_FOR
            made: Table | None = None
            if method == "sum":
                try:
                    made = self._sum(loaded, one, other)
                except NotASum as why:
                    reason = str(why)
            self._tables[key] = made or _occlusion(loaded, one, other, reason, job)
            _shorten(self._tables, _KEPT_ANSWERS)
        self._tables.move_to_end(key)
        return self._tables[key]

    def _sum(self, loaded: Loaded, one: str, other: str) -> Table:
        if loaded.metric not in ("cosine", "dot"):
            raise NotASum(_DISTANCE)
        first, second = self._apart(loaded, one), self._apart(loaded, other)
        found = contributions(first, second, loaded.metric)
        own = [text.embedding if text.own is None else text.own for text in (first, second)]
        score = float(pairwise(own[0][None], own[1][None], loaded.metric)[0, 0])
        cells = _with_margins(found.cells, found.of_rows, found.of_columns, score)
        sides = {"rows": _side(first), "columns": _side(second)}
        return Table({"exact": True, "reason": "", "score": score, "sum": found.score, **sides}, cells)

    def _apart(self, loaded: Loaded, text: str) -> TokenVectors:
        key = (loaded.fingerprint, text)
        if key not in self._texts:
            (self._texts[key],) = token_vectors.decompose(loaded.model, [text])
            _shorten(self._texts, _KEPT_TEXTS)
        self._texts.move_to_end(key)
        return self._texts[key]


def explain(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, one, other, models, method?: "sum" or "occlusion"} → {"results": one per model, in their order}

    Each result is {"model", "name", "metric", "device", "exact", "reason": why it is not, "score": as a search gives it, "sum": of all cells,
    None without "exact", "rows", "columns", "file": a .npy of float64, see `Table`}. "rows" stands for `one`: {"pieces", "words": tokens of
    one word have the same number, special ones -1, "spans": where in the text, None where nowhere, "truncated"}.

    The files belong to whoever asked, who deletes them after reading.
    """
    project, one, other = (
        project_of(params),
        whole(text_of(params, "one")),
        whole(text_of(params, "other")),
    )
    names, method = params.get("models"), params.get("method") or "sum"
    if project is None or not isinstance(names, list) or not names or method not in METHODS:
        raise UsageError("An explanation needs a project, at least one model, and a method that there is.")
    results = []
    for name in names:
        loaded = engine.models.get(refs.resolve(str(name), project))
        job.check()
        table = engine.explanations.table(loaded, one, other, method, job)
        job.check()
        results.append((str(name), loaded, table))
    return {
        "results": [
            {
                "model": name,
                **table.header,
                "file": str(save_array(project, table.cells)),
                **about(loaded),
            }
            for name, loaded, table in results
        ]
    }


def alike(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, texts, models} → {"file": a .npy of shape (models, n, n), float32, "orders": one per model, "results": [{"model", "name",
    "metric", "device"}]}: the score of each text with each other one.

    An order lists the places of the texts so that alike ones stand together. The file belongs to whoever asked.
    """
    project, texts, names = project_of(params), params.get("texts"), params.get("models")
    if project is None or not isinstance(names, list) or not names:
        raise UsageError("A heat map needs a project and at least one model.")
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise UsageError("The request has no list of texts.", "Choose at least two texts.")
    if len(texts) > MOST_TEXTS:
        raise UsageError(
            f"{len(texts):,} texts are too many for a heat map.", f"Choose at most {MOST_TEXTS}."
        )
    scores, orders, results = [], [], []
    for number, name in enumerate(names):
        loaded = engine.models.get(refs.resolve(str(name), project))
        job.check()
        vectors = _embedded(loaded, texts, project, job, number, len(names))
        scores.append(pairwise(vectors, vectors, loaded.metric))
        job.check()
        orders.append(clustered(scores[-1]).tolist())
        job.check()
        results.append({"model": str(name), **about(loaded)})
    file = save_array(project, np.stack(scores).astype(np.float32))
    return {"file": str(file), "orders": orders, "results": results}


OPERATIONS = {operation.__name__: operation for operation in (explain, alike)}


def _embedded(
    loaded: Loaded, texts: Sequence[str], project: Path, job: Job, number: int, models: int
) -> NDArray[np.float32]:
    def progress(done: int, total: int, left: float | None) -> None:
        job.progress(number * total + done, models * total, left)

    return encode_texts(loaded.model, texts, cache_of(project, loaded), progress, job.should_stop)


def _occlusion(loaded: Loaded, one: str, other: str, reason: str, job: Job) -> Table:
    found = occlusion(
        one,
        other,
        lambda texts: encode_texts(loaded.model, texts, should_stop=job.should_stop),
        loaded.metric,
    )
    header = {
        "exact": False,
        "reason": reason,
        "score": found.score,
        "sum": None,
        "rows": _words(loaded.model, one),
        "columns": _words(loaded.model, other),
    }
    return Table(header, _with_margins(found.cells, found.of_rows, found.of_columns, found.score))


def _with_margins(cells: Floats, rows: Floats, columns: Floats, corner: float) -> Floats:
    made = np.empty((len(rows) + 1, len(columns) + 1))
    made[:-1, :-1], made[:-1, -1], made[-1, :-1], made[-1, -1] = cells, rows, columns, corner
    return made


def _side(tokens: TokenVectors) -> dict[str, Any]:
    return {
        "pieces": list(tokens.pieces),
        "words": list(tokens.words),
        "spans": list(tokens.spans) or [None] * len(tokens.pieces),
        "truncated": tokens.truncated,
    }


def _words(model: Any, text: str) -> dict[str, Any]:
    spans, end = words_of(text), token_vectors.read_to(model, text)
    return {
        "pieces": [text[start:stop] for start, stop in spans],
        "words": list(range(len(spans))),
        "spans": [(start, min(stop, end)) if start < end else None for start, stop in spans],
        "truncated": end < len(text),
    }


def _shorten(kept: OrderedDict[Any, Any], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)
