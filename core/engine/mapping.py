"""The engine's operation `map`: texts as points under one or two models, in slices and with pictures on the way."""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.engine import map_steps, refs
from core.engine.asking import cache_of, project_of
from core.engine.jobs import Job
from core.engine.map_steps import Floats, Made, Step
from core.engine.map_store import MapStore, MapTexts, read_texts
from core.engine.models import Loaded
from core.engine.scoring import save_array
from core.engine.suggesting import Candidates, labelled_texts
from core.errors import UsageError
from core.models.encoder import encode
from core.project import Reader
from core.similarity.what_next import unit

if TYPE_CHECKING:
    from core.engine.operations import Engine

METHODS = ("pca", "tsne")
_SECONDS = 0.4
_KEPT = 2


class Mapping:
    """One map on its way. Each request brings a job of its own, which the work asks whether to stop."""

    def __init__(
        self, project: Path, dataset_id: int | None, models: list[Loaded], method: str, job: Job
    ) -> None:
        self.token = uuid.uuid4().hex
        self.job = job
        self._project, self._models, self._method = project, models, method
        self.texts: MapTexts = read_texts(project, dataset_id, self._stop)
        self.store = MapStore.of(project, self.texts.key, [loaded.fingerprint for loaded in models])
        self.steps = self._work()

    def _stop(self) -> bool:
        return self.job.should_stop()

    def _work(self) -> Iterator[Step]:
        matrices: list[Floats] = []
        for number, loaded in enumerate(self._models):
            yield from self._embedded(loaded, number, matrices)
        points, explained = map_steps.components(matrices)
        maps = [parts[:, :2].copy() for parts in points]
        yield Step("axes", 1, 1, np.stack(maps))
        if "groups" not in self.store.facts():
            for step in map_steps.described(self.texts.texts, self._labelled(), matrices, points, self._stop):
                if isinstance(step, Made):
                    self.store.save(step.arrays, step.facts)
                else:
                    yield step
        if self._method == "tsne":
            for grown in map_steps.neighbourhoods(matrices, points, _threads(), self._stop):
                if isinstance(grown, Step):
                    yield grown
                else:
                    maps = grown
        for quality in map_steps.trusted(matrices, maps, self._stop):
            if isinstance(quality, Step):
                yield quality
            else:
                facts = {f"trust_{self._method}": quality, "explained": explained}
                self.store.save({self._method: np.stack(maps)}, facts)

    def _embedded(self, loaded: Loaded, number: int, into: list[Floats]) -> Iterator[Step]:
        texts, cache = self.texts.texts, cache_of(self._project, loaded)
        assert cache is not None
        asked = Candidates(texts)
        _, missing = cache.lookup(texts)
        if missing:
            while not asked.advance(loaded, cache, _SECONDS, self._stop):
                done = number * len(texts) + asked.embedded
                yield Step("embedding", done, len(self._models) * len(texts))
        vectors = encode(loaded.model, texts, cache, should_stop=self._stop)
        into.append(unit(vectors) if loaded.metric == "cosine" else vectors)

    def _labelled(self) -> NDArray[np.bool_]:
        with Reader(self._project) as reader, reader.snapshot():
            known = labelled_texts(reader, reader.datasets(), self.job.check)
        texts = self.texts.texts
        return np.fromiter((text in known for text in texts), dtype=bool, count=len(texts))


class Mappings:
    """The maps that are being made."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Mapping] = OrderedDict()

    def by_token(self, token: object) -> Mapping | None:
        return self._kept.get(str(token))

    def add(self, mapping: Mapping) -> None:
        self._kept[mapping.token] = mapping
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def end(self, mapping: Mapping) -> None:
        self._kept.pop(mapping.token, None)


def map_texts(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, dataset_id or null for all, models: one or two, method: "pca" or "tsne", token?} → slices {"more", "next", "stage", "done",
    "total", "picture": a .npy of shape (models, n, 2) or ""}, then {"key": of the texts, "folder": where the map is kept}

    A picture belongs to whoever asked, who deletes it after reading. The map stays in the project's cache, see `map_store`.
    """
    mapping = engine.mappings.by_token(params.get("token"))
    if mapping is None:
        mapping = _begun(engine, params, job)
        engine.mappings.add(mapping)
    mapping.job = job
    end = time.monotonic() + _SECONDS
    try:
        step = None
        for step in mapping.steps:
            job.check()
            if step.picture is not None or time.monotonic() > end:
                break
        else:
            engine.mappings.end(mapping)
            return {"key": mapping.texts.key, "folder": str(mapping.store.folder)}
    except BaseException:
        engine.mappings.end(mapping)
        raise
    picture = "" if step.picture is None else str(save_array(mapping.store.folder.parents[2], step.picture))
    return {
        "more": True,
        "next": {"token": mapping.token},
        "stage": step.stage,
        "done": step.done,
        "total": step.total,
        "picture": picture,
    }


def _begun(engine: Engine, params: dict[str, Any], job: Job) -> Mapping:
    project, names, method = project_of(params), params.get("models"), str(params.get("method") or "pca")
    if project is None or not isinstance(names, list) or not 1 <= len(names) <= 2 or method not in METHODS:
        raise UsageError("A map needs a project, one or two models and a method: pca or tsne.")
    dataset_id = params.get("dataset_id")
    models = []
    for name in names:
        models.append(engine.models.get(refs.resolve(str(name), project)))
        job.check()
    return Mapping(project, dataset_id if isinstance(dataset_id, int) else None, models, method, job)


def _threads() -> int:
    import torch

    return max(1, torch.get_num_threads())


OPERATIONS: dict[str, Callable[[Engine, dict[str, Any], Job], dict[str, Any]]] = {"map": map_texts}
