"""What the engine can be asked: each operation takes the request's parameters and returns the JSON object of its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.engine import duplicates, explaining, mapping, near, probing, refs, scoring_operations
from core.engine.asking import about, cache_of, embedded, project_of, share, text_of
from core.engine.corpus import Corpora
from core.engine.jobs import Job
from core.engine.models import ModelStore
from core.engine.scoring import Scorings, save_array
from core.engine.suggesting import Questions
from core.errors import UsageError
from core.models.encoder import encode as encode_texts
from core.similarity import search as similarity


class Engine:
    """The models and corpora at hand, for all requests."""

    def __init__(self, models: ModelStore) -> None:
        self.models = models
        self._begin()

    def _begin(self) -> None:
        self.corpora = Corpora()
        self.scorings = Scorings()
        self.questions = Questions()
        self.explanations = explaining.Explanations()
        self.mappings = mapping.Mappings()
        self.probings = probing.Probings()

    def release(self) -> None:
        """Give up everything that is kept, all of which can be had again: the memory is needed."""
        self._begin()  # work under way holds models, too
        self.models.release()


def ping(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{} → {"pong": true}"""
    return {"pong": True}


def load(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{model, project?} → {"model", "name", "dimension", "metric", "max_length", "device"}"""
    ref = text_of(params, "model")
    loaded = engine.models.get(refs.resolve(ref, project_of(params)))
    return {
        "model": ref,
        "max_length": loaded.model.max_seq_length,
        "dimension": loaded.dimension,
        **about(loaded),
    }


def encode(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{model, texts, project?} → {"file": a .npy of shape (n, d), float32, "rows": n, "dimension": d}

    The file belongs to whoever asked, who deletes it after reading.
    """
    texts = params.get("texts")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise UsageError("The request to encode has no list of texts.")
    project = project_of(params)
    loaded = engine.models.get(refs.resolve(text_of(params, "model"), project))
    vectors = encode_texts(loaded.model, texts, cache_of(project, loaded), job.progress, job.should_stop)
    path = save_array(project, vectors)
    return {"file": str(path), "rows": len(texts), "dimension": loaded.dimension, **about(loaded)}


def search(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, text, models, k, dataset_id?, role?} → {"results": one per model, in their order}

    Each result is {"model", "name", "metric", "device", "count", "hits": [{"rank", "text", "score"}, …]}, best first. `count` is how many
    texts were compared; those equal to the query after normalising are not among them. With two models a hit also has
    "other_rank", its exact rank under the other model, however far down.
    """
    project, text, k = project_of(params), text_of(params, "text"), params.get("k", 10)
    names = params.get("models")
    if project is None or not isinstance(names, list) or not names or not isinstance(k, int) or k < 1:
        raise UsageError("A search needs a project, at least one model and a number of results above 0.")
    if not text.strip():
        raise UsageError("There is nothing to search for.", "Type a text.")
    dataset_id = params.get("dataset_id")
    corpus = engine.corpora.get(project, dataset_id, str(params.get("role") or "all"), job.should_stop)
    job.check()
    loaded = [engine.models.get(refs.resolve(str(name), project)) for name in names]
    job.check()
    left_out = corpus.equal_to(text)
    count = len(corpus.texts) - len(left_out)
    scores = []
    for number, one in enumerate(loaded):
        matrix, lengths = embedded(corpus, one, project, job, share(corpus, loaded, number))
        query = encode_texts(one.model, [text], should_stop=job.should_stop)[0]
        scores.append(similarity.scores(query, matrix, one.metric, lengths))
        scores[-1][left_out] = -np.inf
    results = []
    for number, one in enumerate(loaded):
        found = similarity.best(scores[number], min(k, count))
        hits = [
            {"rank": rank, "text": corpus.texts[index], "score": float(scores[number][index])}
            for rank, index in enumerate(found.tolist(), start=1)
        ]
        if len(loaded) == 2:
            for hit, rank in zip(hits, similarity.ranks(scores[1 - number], found), strict=True):
                hit["other_rank"] = rank
        results.append({"model": str(names[number]), "count": count, "hits": hits, **about(one)})
    return {"results": results}


OPERATIONS: dict[str, Callable[[Engine, dict[str, Any], Job], dict[str, Any]]] = {
    **{operation.__name__: operation for operation in (ping, load, encode, search)},
    **scoring_operations.OPERATIONS,
    **near.OPERATIONS,
    **explaining.OPERATIONS,
    **mapping.OPERATIONS,
    **probing.OPERATIONS,
    "near_duplicates": duplicates.near_duplicates,
}
