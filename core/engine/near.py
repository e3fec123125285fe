"""The engine's operations beside a row: the texts most similar to it, and the hard negatives among them."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import Example, Format
from core.dataset.normalise import normalise
from core.engine import refs
from core.engine.asking import about, embedded, project_of, text_of, whole
from core.engine.corpus import Corpus, Floats
from core.engine.jobs import Job
from core.engine.known import Known, known_texts, same_category
from core.engine.models import Loaded
from core.errors import UsageError
from core.models.encoder import encode as encode_texts
from core.project import Reader
from core.similarity import search as similarity
from core.similarity.negatives import Bounds, cosines, mine
from core.similarity.relations import POSITIVE_FROM

if TYPE_CHECKING:
    from core.engine.operations import Engine

MOST_TEXTS = 200  # that are looked at together

_QUERIES = 32  # rows of similarities in memory at once


def similar(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, model, texts, join?, among?, k} → {"name", "metric", "device", "count", "hits": [{"text", "score", "role", "label", "row", "dataset"}, …]}

    The `k` texts of the whole project, unpaired ones included, most similar to `texts`, best first: with several, to their "mean"
    (the default) or to whichever of them is nearest ("max"). Texts equal to one of them after normalising are left out. `role` is
    "positive" or "negative" where a row already says so of that text and one of `texts`, "" elsewhere; `label` is the score of a
    scored pair, `row` the id of that row and `dataset` of its dataset. `among` is "all", or "others" for all but the texts that
    stand nowhere but as anchors; "auto" (the default) leaves those out where anchors are queries. The answer says which it was.
    """
    project, texts, k = project_of(params), _texts(params), params.get("k", 50)
    join = params.get("join") or "mean"
    if project is None or not isinstance(k, int) or k < 1 or join not in ("mean", "max"):
        raise UsageError("Similar texts need a project, a number of results above 0, and mean or max.")
    corpus, loaded, matrix, lengths = _corpus(engine, params, project, job)
    scores = _scores(_vectors(loaded, corpus, texts, job), matrix, lengths, loaded.metric, join)
    spellings = {place for text in texts for place in corpus.equal_to(text)}
    left_out, among = _left_out(engine, params, project, corpus, job)
    left_out[list(spellings)] = True
    scores[left_out] = -np.inf
    job.check()
    count = len(corpus.texts) - int(left_out.sum())
    found = similarity.best(scores, min(k, count)).tolist()
    hits = [{"text": corpus.texts[index], "score": float(scores[index])} for index in found]
    with Reader(project) as reader:
        own = [*texts, *(corpus.texts[place] for place in spellings)]
        roles = {name: known for name, (_, known) in known_texts(reader, own).items()}
        roles.update(same_category(reader, own, [hit["text"] for hit in hits]))
    for hit in hits:
        hit.update(roles.get(normalise(hit["text"]), Known())._asdict())
    return {"count": count, "hits": hits, "among": among, **about(loaded)}


def negatives(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, model, ids, k, bounds?, among?} → {"rows": [one per id that is there and not rejected], "count", "among", "name", "device", …}

    Proposes hard negatives for the rows `ids`; see `core.similarity.negatives`. A row is {"id", "anchor", "positive",
    "similarity": of the two or None, "proposals": [{"text", "similarity"}, …], "closer", "farther": how many texts that may be proposed
    lie above and below the bounds; only with a single id}. "count" is how many texts were looked at, `among` as in `similar`.
    """
    project, ids, k = project_of(params), params.get("ids"), params.get("k", 1)
    if project is None or not isinstance(ids, list) or not isinstance(k, int) or k < 1:
        raise UsageError("Hard negatives need a project, rows and a number of proposals above 0.")
    bounds = _bounds(params.get("bounds"))
    with Reader(project) as reader:
        formats = {reader.dataset(id).format for id in reader.dataset_ids(ids)}
        if Format.CATEGORIES in formats:
            raise UsageError(
                "Texts with categories need no negatives: the other categories are the negatives."
            )
        rows = [
            example
            for example in reader.examples(ids)
            if example.texts[0].strip() and example.status != "rejected"
        ]
    corpus, loaded, matrix, lengths = _corpus(engine, params, project, job)
    pool, keys = engine.corpora.pool(project, corpus, job.should_stop)
    job.check()
    pairs = [(row.texts[0], _positive(row, scored=Format.SCORED in formats)) for row in rows]
    left_out, among = _left_out(engine, params, project, corpus, job)
    anchors = _vectors(loaded, corpus, [anchor for anchor, _ in pairs], job)
    places = [corpus.place(positive) if positive else None for _, positive in pairs]
    own = _own_similarities(anchors, places, matrix, lengths)

    def barred(place: int) -> Any:
        anchor, positive = pairs[place]
        return pool.barred(keys.of(anchor), keys.of(positive) if positive else None) | left_out

    found = mine(anchors, own, matrix, barred, bounds, k, lengths=lengths, should_stop=job.should_stop)
    answer = []
    for place, row in enumerate(rows):
        entry = {
            "id": row.id,
            "anchor": pairs[place][0],
            "positive": pairs[place][1],
            "similarity": None if math.isnan(own[place]) else float(own[place]),
            "proposals": [
                {"text": corpus.texts[one.text], "similarity": one.similarity} for one in found[place]
            ],
        }
        if len(ids) == 1:
            low, high = bounds.window(float(own[place]))
            rest = cosines(anchors[place : place + 1], matrix, lengths)[0][~barred(place)]
            entry["closer"], entry["farther"] = int((rest > high).sum()), int((rest < low).sum())
        answer.append(entry)
    count = int((pool.usable & ~left_out).sum())
    return {"rows": answer, "count": count, "among": among, "bounds": asdict(bounds), **about(loaded)}


def _corpus(
    engine: Engine, params: dict[str, Any], project: Path, job: Job
) -> tuple[Corpus, Loaded, Floats, Floats]:
    """All texts of the project, the model, and the embeddings of the texts with their lengths."""
    corpus = engine.corpora.get(project, None, "all", job.should_stop)
    job.check()
    loaded = engine.models.get(refs.resolve(text_of(params, "model"), project))
    job.check()
    matrix, lengths = embedded(corpus, loaded, project, job, (0, len(corpus.texts), 0.0))
    return corpus, loaded, matrix, lengths


def _left_out(
    engine: Engine, params: dict[str, Any], project: Path, corpus: Corpus, job: Job
) -> tuple[NDArray[np.bool_], str]:
    """A mask of the corpus, and "all" or "others"."""
    among = params.get("among") or "auto"
    if among not in ("auto", "all", "others"):
        raise UsageError("Texts to compare with are all, others or auto.")
    nothing = np.zeros(len(corpus.texts), dtype=bool)
    if among == "all":
        return nothing, "all"
    anchors, queries = engine.corpora.only_anchors(project, corpus, job.should_stop)
    return (anchors.copy(), "others") if among == "others" or queries else (nothing, "all")


def _texts(params: dict[str, Any]) -> list[str]:
    texts = params.get("texts")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise UsageError("The request has no list of texts.")
    found = list(dict.fromkeys(whole(text) for text in texts if text.strip()))
    if not found:
        raise UsageError("There is nothing to search for.", "Type a text.")
    if len(found) > MOST_TEXTS:
        raise UsageError(f"{len(found):,} texts are too many together.", f"Choose at most {MOST_TEXTS}.")
    return found


def _bounds(record: Any) -> Bounds:
    try:
        return Bounds(**{str(key): float(value) for key, value in dict(record or {}).items()})
    except (TypeError, ValueError) as error:
        raise UsageError("The bounds of hard negatives are four numbers.", "Reset them.") from error


def _vectors(loaded: Loaded, corpus: Corpus, texts: list[str], job: Job) -> Floats:
    """The embeddings of texts, most of which the corpus has at hand."""
    known = {text: corpus.vector(loaded.fingerprint, text) for text in texts}
    missing = [text for text, vector in known.items() if vector is None]
    if missing:
        made = encode_texts(loaded.model, missing, should_stop=job.should_stop)
        known.update(zip(missing, made, strict=True))
    return np.array([known[text] for text in texts], dtype=np.float32).reshape(-1, loaded.dimension)


def _scores(queries: Floats, matrix: Floats, lengths: Floats, metric: str, join: str) -> Floats:
    if join == "mean" or len(queries) == 1:
        if metric == "cosine":  # each text has the same say, however long its vector
            queries = np.divide(
                queries, np.maximum(similarity.norms(queries)[:, None], 1e-12), dtype=np.float32
            )
        return similarity.scores(queries.mean(axis=0), matrix, metric, lengths)
    best = np.full(len(matrix), -np.inf, dtype=np.float32)
    if metric == "cosine":
        for start in range(0, len(queries), _QUERIES):
            part = cosines(queries[start : start + _QUERIES], matrix, lengths)
            np.maximum(best, part.max(axis=0), out=best)
        return best
    for query in queries:
        np.maximum(best, similarity.scores(query, matrix, metric, lengths), out=best)
    return best


def _positive(row: Example, *, scored: bool) -> str:
    """The text that the row says belongs to its anchor; "" when it says so of none."""
    if scored and (row.score is None or row.score < POSITIVE_FROM):
        return ""
    return row.texts[1] if row.texts[1].strip() else ""


def _own_similarities(anchors: Floats, places: list[int | None], matrix: Floats, lengths: Floats) -> Floats:
    found = np.full(len(anchors), math.nan, dtype=np.float32)
    for row, place in enumerate(places):
        if place is not None:
            found[row] = cosines(
                anchors[row : row + 1], matrix[place : place + 1], lengths[place : place + 1]
            )[0, 0]
    return found


OPERATIONS = {operation.__name__: operation for operation in (similar, negatives)}
