"""Probes: 200 queries with expected hits over 100,000 texts, from the embeddings in the cache to the verdicts."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from core.dataset.formats import Format
from core.engine.models import Loaded, ModelStore
from core.engine.operations import OPERATIONS, Engine
from core.models import loading
from core.models.cache import EmbeddingCache
from core.project import Project
from core.project.corpus import AddTexts
from core.project.edits import Compound
from core.project.probes import Probe, put
from core.similarity.probing import Question, rank
from core.training.probe_table import as_html, as_table, lines
from core.training.run_probes import from_record
from gui.views.explore.probes.table import ProbesModel
from tests.bench.report import Figure, at_most

TEXTS, PROBES, WIDTH = 100_000, 200, 384


def figures(options: argparse.Namespace) -> list[Figure]:
    chance = np.random.default_rng(0)
    vectors = chance.standard_normal((TEXTS, WIDTH), dtype=np.float32)
    with tempfile.TemporaryDirectory() as home:
        return [*_engine(Path(home) / "p", vectors), *_slice(vectors)]


def _engine(folder: Path, vectors: np.ndarray) -> list[Figure]:
    """Everything but the model: a project on the disk, the embedding cache, the engine's operation in all its slices."""
    texts = [f"text {n} of the group {n % 97}" for n in range(TEXTS)]
    probes = [
        Probe(0, texts[n * 400], "", k=10, expected=(texts[n * 400 + 1], texts[n]), unwanted=(texts[-1 - n],))
        for n in range(PROBES)
    ]
    with Project.create(folder, "Bench") as project:
        project.create_dataset("none", Format.PAIRS)
        project.apply(AddTexts(texts, "bench"), "Add texts")
        project.apply(Compound(tuple(put(probe) for probe in probes)), "Add probes")
    EmbeddingCache(folder / "cache", "bench", WIDTH).append(texts, vectors)
    engine = Engine(_Models())
    loading.device_title("cpu")  # an engine that runs has its libraries
    seconds, longest, answer = 0.0, 0.0, {"more": True, "next": {}}
    params: dict[str, Any] = {"project": str(folder), "models": ["base"]}
    while answer.get("more"):
        began = time.perf_counter()
        answer = OPERATIONS["probes"](engine, {**params, **answer["next"]}, _Job())  # type: ignore[arg-type]
        longest = max(longest, time.perf_counter() - began)
        seconds += time.perf_counter() - began
    result = from_record(answer["result"])
    began = time.perf_counter()
    shown = lines(result.probes, result)
    model = ProbesModel()
    model.show(shown, ["Base"])
    tabled = (time.perf_counter() - began) * 1000
    began = time.perf_counter()
    as_table(shown, ["Base"])
    as_html(shown, ["Base"], "Probes", "")
    written = (time.perf_counter() - began) * 1000
    what = f"{PROBES} probes × {TEXTS:,} texts"
    return [
        at_most(f"probes: {what} after the embedding, from a closed project", seconds, "s", 5),
        Figure("probes: longest slice of the engine with it", round(longest, 3), "s"),
        at_most(f"probes: {PROBES} in the table", tabled, "ms", 50),
        Figure(f"probes: {PROBES} as CSV and HTML", round(written, 1), "ms"),
    ]


def _slice(vectors: np.ndarray) -> list[Figure]:
    """How long a cancelled request goes on: from one look at the request to the next."""
    lengths = np.linalg.norm(vectors, axis=1).astype(np.float32)
    questions = [Question(vectors[n], [n + 1], vectors[n + 1 : n + 2], [n]) for n in range(PROBES)]
    times = [time.perf_counter()]
    rank(questions, vectors, lengths, "cosine", lambda: times.append(time.perf_counter()))
    times.append(time.perf_counter())
    gaps = np.diff(times[1:]) * 1000
    return [at_most("probes: cancelled after at most", float(gaps.max()), "ms", 500)]


class _Models(ModelStore):
    """A model whose texts are all in the cache."""

    def get(self, name: str) -> Loaded:
        return Loaded(name, _Nothing(), "bench", WIDTH, "cosine")  # type: ignore[arg-type]


class _Nothing:
    device = "cpu"

    def get_embedding_dimension(self) -> int:
        return WIDTH

    get_sentence_embedding_dimension = get_embedding_dimension


class _Job:
    """A request without a pipe."""

    def should_stop(self) -> bool:
        return False

    def check(self) -> None: ...

    def progress(self, *_: object) -> None: ...
