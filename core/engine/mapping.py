"""The engine's operation `map`: texts as points under one or two models, in slices and with pictures on the way.

Embedding is done in the slices themselves, as models are for one thread; a thread of its own reads the texts and arranges the map, while the
slices only ask how far it is.
"""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.engine import kept_map, map_steps, refs
from core.engine.asking import cache_of, project_of
from core.engine.budget import Budget
from core.engine.jobs import Job
from core.engine.map_steps import Floats, Step, Stop, Tell
from core.engine.map_store import MapStore, MapTexts, read_texts
from core.engine.map_worker import Result, Worker
from core.engine.models import Loaded
from core.engine.scoring import save_array
from core.engine.suggesting import labelled_texts
from core.errors import Cancelled, DataProblem, UsageError
from core.models.encoder import encode
from core.project import Reader
from core.similarity.map_cost import LAID_OUT
from core.similarity.neighbours import Neighbours
from core.similarity.what_next import unit

if TYPE_CHECKING:
    from core.engine.operations import Engine

METHODS = ("pca", "tsne")
Slices: TypeAlias = Generator[Step | None, None, Result]
_SECONDS = 0.05  # of a slice
_KEPT = 2
_IDLE = 5.0  # seconds
_LEAST, _MOST = 16, 4_096  # texts that are embedded between two looks at the clock


class Mapping:
    """One map on its way. Each request brings a job of its own, which the work asks whether to stop."""

    def __init__(
        self, project: Path, dataset_id: int | None, models: list[Loaded], method: str, job: Job, known: Known
    ) -> None:
        self.token = uuid.uuid4().hex
        self.job = job
        self.key, self.folder, self.size = "", project, 0
        self._project, self._dataset_id = project, dataset_id
        self._models, self._method, self._known = models, method, known
        self._worker: Worker[Any] | None = None
        self.steps = self._work()

    def end(self) -> None:
        """Nobody needs it any more: what it holds goes."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None
        self.steps.close()

    @property
    def idle(self) -> bool:
        """Whether nobody has asked for a while: a window whose person cancels does not say so."""
        return self._worker is not None and self._worker.unasked > _IDLE

    def _work(self) -> Slices[None]:
        """What there is to tell; None where nothing is new."""
        texts, labelled = yield from self._apart(partial(_read, self._project, self._dataset_id))
        store = MapStore.of(self._project, texts.key, [loaded.fingerprint for loaded in self._models])
        self.key, self.folder = texts.key, store.folder
        if not texts.texts:
            raise DataProblem("There are no texts to make a map of.", "Add examples first.")
        matrices: list[Floats] = []
        for number, loaded in enumerate(self._models):
            matrices.append((yield from self._embedded(loaded, number, texts.texts)))
        self.size = sum(matrix.nbytes for matrix in matrices)
        arranging = Arranging(texts.texts, labelled, matrices, self._method, store, self._known, _threads())
        yield from self._apart(arranging.work)

    def _apart(self, work: Callable[[Tell, Stop], Result]) -> Slices[Result]:
        worker = Worker(work)
        self._worker = worker
        while not worker.finished:
            yield worker.news(_SECONDS)
        self._worker = None
        return worker.result

    def _embedded(self, loaded: Loaded, number: int, texts: list[str]) -> Slices[Floats]:
        cache = cache_of(self._project, loaded)
        found: Floats = np.empty((len(texts), loaded.dimension), np.float32)
        at, block = 0, _LEAST
        while at < len(texts):
            before = time.monotonic()
            some = texts[at : at + block]
            vectors = encode(loaded.model, some, cache, should_stop=self.job.should_stop)
            found[at : at + len(some)] = unit(vectors) if loaded.metric == "cosine" else vectors
            at += len(some)
            seconds = max(time.monotonic() - before, 1e-4)
            wanted = block * _SECONDS / 2 / seconds
            block = int(max(_LEAST, min(_MOST, 2 * block, wanted)))
            yield Step("embedding", number * len(texts) + at, len(self._models) * len(texts))
        return found


def _read(
    project: Path, dataset_id: int | None, tell: Tell, stop: Stop
) -> tuple[MapTexts, NDArray[np.bool_]]:
    """The texts, and of which of them a label speaks."""

    def check() -> None:
        if stop():
            raise Cancelled

    texts = read_texts(project, dataset_id, stop)
    with Reader(project) as reader, reader.snapshot():
        known = labelled_texts(reader, reader.datasets(), check)
    return texts, np.fromiter((text in known for text in texts.texts), dtype=bool, count=len(texts.texts))


class Known:
    """The neighbours of the last map: whoever looked at one kind of map soon wants the other."""

    def __init__(self) -> None:
        self._kept: tuple[Path | None, list[Neighbours]] = (None, [])

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(near.indices.nbytes + near.distances.nbytes for near in self._kept[1])

    def give_up(self, _name: Hashable) -> bool:
        self._kept = (None, [])
        return True

    def near(self, of: Path, matrices: list[Floats], k: int, tell: Tell, stop: Stop) -> list[Neighbours]:
        """Of the map that is kept in the folder `of`. Several threads may ask."""
        whose, found = self._kept
        if whose != of or found[0].indices.shape[1] < k:
            found = map_steps.nearest_texts(matrices, k, tell, stop)
            self._kept = (of, found)
        return found


@dataclass(frozen=True)
class Arranging:
    """A map from embeddings, kept in the store."""

    texts: list[str]
    labelled: NDArray[np.bool_]
    matrices: list[Floats]
    method: str
    store: MapStore
    known: Known
    threads: int

    def work(self, tell: Tell, stop: Stop) -> None:
        points, explained = map_steps.components(self.matrices)
        maps = [parts[:, :2].copy() for parts in points]
        tell(Step("axes", 1, 1, np.stack(maps)))
        known = kept_map.grouped(self.store, len(self.texts))
        if known is None:
            made = map_steps.described(self.texts, self.labelled, self.matrices, points, tell, stop)
            self.store.save(made.arrays, made.facts)
            known = kept_map.Described(made.arrays, made.facts)
        tell(Step("groups", 2, 2, described=True))  # neighbours may take minutes
        fresh = kept_map.compared(self.store, len(self.texts)) is None
        near = self._near(fresh, tell, stop)
        if fresh:
            made = map_steps.compared(self.matrices, near, tell, stop)
            self.store.save(made.arrays, made.facts)
        facts: dict[str, Any] = {"explained": explained}
        if self.method == "tsne":
            group = known.arrays["group"]
            maps = map_steps.neighbourhoods(self.matrices, points, group, near, self.threads, tell, stop)
            facts["laid_out"] = min(len(self.texts), LAID_OUT)
        facts[f"trust_{self.method}"] = map_steps.trusted(self.matrices, maps, tell, stop)
        self.store.save({self.method: np.stack(maps)}, facts)

    def _near(self, fresh: bool, tell: Tell, stop: Stop) -> list[Neighbours]:
        """Every text's neighbours, where they are needed."""
        count, two = len(self.texts), len(self.matrices) == 2
        laid_out = count <= LAID_OUT
        if not (self.method == "tsne" and laid_out) and not (fresh and two and count <= map_steps.ALL):
            return []
        k = map_steps.wanted(count) if laid_out else map_steps.NEIGHBOURS
        return self.known.near(self.store.folder, self.matrices, k, tell, stop)


class Mappings:
    """The maps that are being made; those that nobody asks about give way to whatever else needs the memory."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.known = Known()
        self._kept: OrderedDict[str, Mapping] = OrderedDict()

    def by_token(self, token: object) -> Mapping | None:
        return self._kept.get(str(token))

    def add(self, mapping: Mapping) -> None:
        for other in list(self._kept.values()):
            if other.idle:
                self.end(other)
        self._kept[mapping.token] = mapping
        while len(self._kept) > _KEPT:
            self.end(next(iter(self._kept.values())))

    def hold(self, mapping: Mapping) -> None:
        """Somebody asked for it now."""
        self._budget.hold(self, mapping.token, mapping.size)
        self._budget.hold(self.known, "near", self.known.size)

    def give_up(self, name: Hashable) -> bool:
        mapping = self._kept.get(str(name))
        if mapping is not None:
            if not mapping.idle:
                return False
            self.end(mapping)
        return True

    def end(self, mapping: Mapping) -> None:
        mapping.end()
        self._kept.pop(mapping.token, None)
        self._budget.let_go(self, mapping.token)

    def end_all(self) -> None:
        for mapping in list(self._kept.values()):
            self.end(mapping)


def map_texts(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, dataset_id or null for all, models: one or two, method: "pca" or "tsne", token?} → slices {"more", "next", "stage", "done",
    "total", "picture": a .npy of shape (models, n, 2) or "", "described": the folder once groups and outliers are kept there, else ""}, then
    {"key": of the texts, "folder": where the map is kept}

    A picture belongs to whoever asked, who deletes it after reading. The map stays in the project's cache, see `map_store`.
    """
    mapping = engine.mappings.by_token(params.get("token"))
    if mapping is None:
        mapping = _begun(engine, params, job)
        engine.mappings.add(mapping)
    mapping.job = job
    end = time.monotonic() + _SECONDS
    try:
        told: Step | None = None
        for step in mapping.steps:
            job.check()
            told = step or told
            if step is None or step.picture is not None or step.described or time.monotonic() > end:
                break
        else:
            engine.mappings.end(mapping)
            return {"key": mapping.key, "folder": str(mapping.folder)}
    except BaseException:
        engine.mappings.end(mapping)
        raise
    engine.mappings.hold(mapping)
    return {"more": True, "next": {"token": mapping.token}, **_told(mapping, told)}


def _told(mapping: Mapping, step: Step | None) -> dict[str, Any]:
    if step is None:
        return {"stage": "", "done": 0, "total": 0, "picture": "", "described": ""}
    picture = "" if step.picture is None else str(save_array(mapping.folder.parents[2], step.picture))
    described = str(mapping.folder) if step.described else ""
    return {
        "stage": step.stage,
        "done": step.done,
        "total": step.total,
        "picture": picture,
        "described": described,
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
    return Mapping(
        project,
        dataset_id if isinstance(dataset_id, int) else None,
        models,
        method,
        job,
        engine.mappings.known,
    )


def _threads() -> int:
    import torch

    return max(1, torch.get_num_threads())


OPERATIONS: dict[str, Callable[[Engine, dict[str, Any], Job], dict[str, Any]]] = {"map": map_texts}
