"""Indexes over the embeddings of very many texts: found in the project's cache or built in slices, measured, and asked.

An index is of the rows of a model's file of embeddings, so that it serves every filter and, after an edit, all texts but the new ones,
which are then scored beside it. Building goes on where it was stopped as long as the engine lives.
"""

from __future__ import annotations

import json
import os
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core import atomic, cached
from core.engine import refs, sealed
from core.engine.asking import about, project_of, text_of
from core.engine.budget import Budget
from core.engine.corpus import Corpus, Floats, Integers
from core.engine.jobs import Job
from core.engine.models import Loaded
from core.engine.vectors import Stored, vectors_of
from core.errors import AnchorLabError, UsageError
from core.similarity import approximate
from core.similarity.approximate import ExactBest, Index

if TYPE_CHECKING:
    from core.engine.operations import Engine

EXACT_BELOW = 1_000_000  # texts; of fewer every one is scored
MEASURED = (10, 20, 50, 100, 200)  # lengths of a list whose recall is measured
QUESTIONS = 64  # texts that are asked for it

SLICE_SECONDS = 0.4
_BLOCK = 512  # vectors added at once at first
_MOST_BLOCK = 16_384
_READ = 8_192
_LEAST, _MOST = 128, 4_096  # neighbours that an index is asked for
_SPARE = 1.5
_KEPT = 3
_MOST_FACTS = 100_000  # bytes


@dataclass
class Ready:
    """An index that can be asked. `recall`: by the length of a list the share of the exact one that it finds."""

    index: Index
    mark: bytes  # of the file of embeddings
    recall: dict[int, float] = field(default_factory=dict)

    def behind(self, stored: Stored) -> Integers:
        """The places of the texts that the index does not have."""
        return np.flatnonzero(~np.isin(stored.rows, self.index.keys, kind="sort"))

    def near(
        self, stored: Stored, query: Floats, allowed: NDArray[np.bool_], behind: Integers, k: int
    ) -> Integers | None:
        """The places of the nearest texts that take part, with all of those behind; None where they are too few among all."""
        share = float(allowed.mean()) if len(allowed) else 0.0
        wanted = int(_SPARE * max(_LEAST, 2 * k) / max(share, 1e-9))
        if wanted > _MOST:
            return None
        places = stored.places_of(self.index.search(query, wanted))
        places = np.unique(np.concatenate([places, behind]))
        places = places[allowed[places]]
        return places if len(places) >= min(k, int(allowed.sum())) else None


class Indexes:
    """Those of the models that were asked last, and the one being built."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._ready: OrderedDict[tuple[Path, str], Ready] = OrderedDict()
        self._behind: dict[tuple[int, int], tuple[Stored, Ready, Integers]] = {}
        self.building: dict[tuple[Path, str], Building] = {}

    def get(self, project: Path, loaded: Loaded, stored: Stored) -> Ready | None:
        key = (project.absolute(), loaded.fingerprint)
        found = self._ready.get(key)
        if found is None or found.mark != stored.mark:
            return None
        self._budget.hold(self, key, found.index.size)
        return found

    def keep(self, project: Path, loaded: Loaded, ready: Ready) -> None:
        self._behind.clear()
        key = (project.absolute(), loaded.fingerprint)
        self._ready[key] = ready
        self._ready.move_to_end(key)
        while len(self._ready) > _KEPT:
            self._budget.let_go(self, self._ready.popitem(last=False)[0])
        self._budget.hold(self, key, ready.index.size)

    def give_up(self, name: Hashable) -> bool:
        """An index; the next one is made from its file."""
        self._ready = OrderedDict((key, ready) for key, ready in self._ready.items() if key != name)
        self._behind.clear()
        return True

    def behind(self, stored: Stored, ready: Ready) -> Integers:
        key = id(stored), id(ready)
        if key not in self._behind:
            self._behind = {
                key: (stored, ready, ready.behind(stored)),
                **dict(list(self._behind.items())[:3]),
            }
        return self._behind[key][2]


class Building:
    """What `advance` goes through: reading what there is, adding, measuring, writing."""

    def __init__(self, folder: Path, loaded: Loaded, stored: Stored, threads: int) -> None:
        self.ready = Ready(Index(loaded.dimension, loaded.metric), stored.mark)
        self.state = "reading"
        self.done, self.total = 0, len(stored.rows)
        self._folder, self._metric, self._stored, self._threads = folder, loaded.metric, stored, threads
        self._steps = self._work()

    @property
    def stored(self) -> Stored:
        return self._stored

    def advance(self, job: Job, seconds: float) -> bool:
        """Work for about so long; True when all is done. Raises: Cancelled, with every finished block kept."""
        end = time.monotonic() + seconds
        for _ in self._steps:
            job.check()
            if time.monotonic() > end:
                return False
        return True

    def _work(self) -> Iterator[None]:
        yield from self._read()
        missing = self.ready.behind(self._stored)
        if len(missing):
            yield from self._add(self._stored.rows[missing])
        if len(missing) or not self.ready.recall:
            yield from self._measure()
            self.state = "writing"
            yield
            yield from self._write()

    def _read(self) -> Iterator[None]:
        facts = _facts(self._folder)
        path = self._folder / "index.usearch"
        yield
        if facts.get("mark") != self.ready.mark.hex() or not cached.plain(path):
            return
        found = yield from sealed.sealing(path)
        if not sealed.same(found, str(facts.get("seal") or "")):
            return
        index = self.ready.index
        if not index.open(path):
            return
        with suppress(ValueError, TypeError, AttributeError):
            self.ready.recall = {int(k): float(share) for k, share in facts["recall"].items()}
        if len(self.ready.behind(self._stored)):
            yield
            index.load(path)  # to be added to

    def _add(self, rows: Integers) -> Iterator[None]:
        self.state, self.done, self.total = "adding", 0, len(rows)
        rows = np.sort(rows)
        block = _BLOCK
        while self.done < len(rows):
            started = time.monotonic()
            some = rows[self.done : self.done + block]
            self.ready.index.add(some, self._stored.file()[some], self._threads)
            self.done += len(some)
            taken = time.monotonic() - started
            block = max(64, min(_MOST_BLOCK, block * 2 if taken < SLICE_SECONDS / 4 else block))
            if taken > SLICE_SECONDS / 2:
                block = max(64, block // 2)
            yield

    def _measure(self) -> Iterator[None]:
        """Ask texts spread over the corpus, and compare with what an exact search finds. As in a search, no text finds itself."""
        stored = self._stored
        count = len(stored.rows)
        asked = np.unique(np.linspace(0, count - 1, min(QUESTIONS, count)).astype(np.int64))
        queries = stored.take(asked)
        exact = ExactBest(queries, max(MEASURED) + 1, self._metric)
        self.state, self.done, self.total = "measuring", 0, count
        for start in range(0, count, _READ):
            places = stored.in_file_order[start : start + _READ]
            exact.look(places, stored.take(places))
            self.done = min(count, start + _READ)
            yield
        best = [found[found != own] for found, own in zip(exact.best(), asked, strict=True)]
        for k in MEASURED:
            found = [self._found(query, int(own), k) for query, own in zip(queries, asked, strict=True)]
            self.ready.recall[k] = approximate.recall(found, best, k)
            yield

    def _found(self, query: Floats, own: int, k: int) -> Integers:
        """The places that a search from the text at the place `own` finds, best first."""
        allowed = np.ones(len(self._stored.rows), dtype=bool)
        allowed[own] = False
        behind = np.empty(0, dtype=np.int64)
        places = self.ready.near(self._stored, query, allowed, behind, k)
        if places is None:  # then every text is scored
            every = np.argsort(-self._stored.scores(query, self._metric), kind="stable")
            return every[every != own]
        scores = self._stored.scores(query, self._metric, places)
        return places[np.argsort(-scores, kind="stable")]

    def _write(self) -> Iterator[None]:
        """What cannot be written is only kept in memory."""
        path = self._folder / "index.usearch"
        rough = self._folder / f"index.{os.getpid()}.part"
        try:
            cached.own(self._folder.parent.parent, self._folder.parent.name, self._folder.name)
            cached.own(self._folder, rough.name)
            with atomic.explained(self._folder):
                self._folder.mkdir(parents=True, exist_ok=True)
                self.ready.index.save(rough)
                yield
                digest = yield from sealed.sealing(rough)
                rough.replace(path)
            facts = {"mark": self.ready.mark.hex(), "seal": digest, "recall": self.ready.recall}
            atomic.write_text(self._folder / "facts.json", json.dumps(facts))
        except (AnchorLabError, RuntimeError):
            rough.unlink(missing_ok=True)
            return
        self.ready.index.open(path)  # from the file: the memory is free for other things


def index_texts(engine: Engine, params: dict[str, Any], job: Job) -> dict[str, Any]:
    """{project, model, dataset_id?, role?, exact_below?} → slices with "state": reading, adding, measuring or writing, then
    {"texts", "recall": {length of a list: share}, "name", "metric", "device"}

    Makes ready what `search` needs to look through very many texts without scoring each: from the project's cache, or anew.
    """
    project = project_of(params)
    if project is None:
        raise UsageError("An index needs a project.")
    loaded = engine.models.get(refs.resolve(text_of(params, "model"), project))
    if not approximate.fits(loaded.metric):
        raise UsageError(f"There is no index for the metric {loaded.metric}.")
    corpus = engine.corpora.get(
        project, params.get("dataset_id"), str(params.get("role") or "all"), job.should_stop
    )
    building = _building(engine, project, loaded, corpus, int(params.get("exact_below") or EXACT_BELOW), job)
    if not building.advance(job, SLICE_SECONDS):
        told = {"done": building.done, "total": building.total, "state": building.state}
        return {"more": True, "next": {}, **told}
    del engine.indexes.building[project.absolute(), loaded.fingerprint]
    engine.indexes.keep(project, loaded, building.ready)
    return {"texts": len(building.ready.index), "recall": building.ready.recall, **about(loaded)}


def _building(
    engine: Engine, project: Path, loaded: Loaded, corpus: Corpus, exact_below: int, job: Job
) -> Building:
    """The one that is under way for these texts, or a new one."""
    count = len(corpus.texts)
    stored = vectors_of(corpus, loaded, project, job, (0, count, 0.0), exact_below)
    if not isinstance(stored, Stored):
        raise UsageError(f"{count:,} texts need no index.", "They are searched exactly.")
    key = (project.absolute(), loaded.fingerprint)
    found = engine.indexes.building.get(key)
    if found is None or found.stored is not stored:
        folder = project / "cache" / loaded.fingerprint / "index"
        found = Building(folder, loaded, stored, _threads())
        engine.indexes.building[key] = found
    return found


def _threads() -> int:
    import torch  # what the engine was given applies here as well

    return int(torch.get_num_threads())


def _facts(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads(cached.text(folder / "facts.json", _MOST_FACTS) or "")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


OPERATIONS = {"index_texts": index_texts}
