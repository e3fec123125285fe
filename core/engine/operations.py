"""What the engine can be asked: each operation takes the request's parameters and returns the JSON object of its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.engine import (
    duplicates,
    explaining,
    indexing,
    mapping,
    near,
    probing,
    refs,
    scoring_operations,
    searching,
)
from core.engine.asking import about, cache_of, project_of, text_of
from core.engine.budget import Budget
from core.engine.corpus import Corpora
from core.engine.jobs import Job
from core.engine.models import ModelStore
from core.engine.scoring import Scorings, save_array
from core.engine.suggesting import Candidates
from core.engine.under_way import ByToken
from core.errors import UsageError
from core.models.encoder import encode as encode_texts


class Engine:
    """The models and corpora at hand, for all requests."""

    def __init__(self, models: ModelStore) -> None:
        self.models = models
        self._begin()

    def _begin(self) -> None:
        self.budget = Budget()
        self.corpora = Corpora(self.budget)
        self.scorings = Scorings()
        self.questions: ByToken[Candidates] = ByToken()
        self.queries = searching.QueryVectors()
        self.indexes = indexing.Indexes(self.budget)
        self.explanations = explaining.Explanations()
        self.mappings = mapping.Mappings(self.budget)
        self.probings: ByToken[probing.Probing] = ByToken()

    def release(self) -> None:
        """Give up everything that is kept, all of which can be had again: the memory is needed."""
        self.mappings.end_all()
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


OPERATIONS: dict[str, Callable[[Engine, dict[str, Any], Job], dict[str, Any]]] = {
    **{operation.__name__: operation for operation in (ping, load, encode)},
    **scoring_operations.OPERATIONS,
    **searching.OPERATIONS,
    **indexing.OPERATIONS,
    **near.OPERATIONS,
    **explaining.OPERATIONS,
    **mapping.OPERATIONS,
    **probing.OPERATIONS,
    "near_duplicates": duplicates.near_duplicates,
}
