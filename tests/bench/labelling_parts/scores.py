"""Help from the model: labels that disagree with it, what an edited row costs, what to label next."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from core.dataset.formats import Example, Format, Scale
from core.project import Project
from tests.bench.report import ROOT, Figure, at_least, at_most

ROWS, FLIPPED, LOOKED_AT = 1000, 50, 100
SEEDS = 5
LARGE, WIDTH = 100_000, 384


class Request:
    """What an operation wants to know of a request that nobody cancels."""

    def should_stop(self) -> bool:
        return False

    def check(self) -> None: ...

    def progress(self, *_: object) -> None: ...


def ask(engine: Any, project: Project, op: str, model: str, **more: Any) -> dict[str, Any]:
    """Ask the engine, slice after slice, as the window does."""
    from core.engine.operations import OPERATIONS

    params = {
        "project": str(project.folder),
        "dataset_id": project.datasets()[0].id,
        "model": model,
        **more,
    }
    while True:
        answer = OPERATIONS[op](engine, params, Request())  # type: ignore[arg-type]
        if not answer.get("more"):
            return answer
        params = {**params, **answer["next"]}


def sts(data: Path) -> list[tuple[str, str, float]]:
    """The training pairs of STS-B with their scores (0–5)."""
    lines = (data / "stsbenchmark" / "sts-train.csv").read_text(encoding="utf-8").splitlines()
    fields = [line.split("\t") for line in lines]
    return [(one[5], one[6], float(one[4])) for one in fields]


def flip(scores: Sequence[float], seed: int, exactly: bool) -> dict[int, float]:
    """`FLIPPED` rows, drawn among all that can move so far, with new scores at least (or exactly) 3 points from the old ones."""
    random = np.random.default_rng(seed)
    able = [row for row, score in enumerate(scores) if score <= 2 or score >= 3]
    new: dict[int, float] = {}
    for row in random.choice(able, FLIPPED, replace=False).tolist():
        score = scores[row]
        low, high = (score + 3, 5.0) if score <= 2 else (0.0, score - 3)
        moved = (low if score <= 2 else high) if exactly else float(random.uniform(low, high))
        new[row] = round(moved, 3)
    return new


def found_first(engine: Any, project: Project, originals: Sequence[float], new: dict[int, float]) -> int:
    """How many of the flipped rows are among the first by disagreement; the labels are put back."""
    ids = list(project.ids(project.datasets()[0].id))
    project.set_cells([(ids[row], "score", str(score)) for row, score in new.items()])
    answer = ask(engine, project, "score_rows", "base", changed=[ids[row] for row in new])
    table = np.load(answer["file"], mmap_mode="r")
    order = np.argsort(-np.nan_to_num(table["disagreement"], nan=-np.inf), kind="stable")
    first = set(table["id"][order[:LOOKED_AT]].tolist())
    project.set_cells([(ids[row], "score", str(originals[row])) for row in new])
    ask(engine, project, "score_rows", "base", changed=[ids[row] for row in new])
    return sum(ids[row] in first for row in new)


@contextmanager
def sts_project(data: Path, folder: Path, seed: int) -> Iterator[tuple[Project, list[float]]]:
    """A project of `ROWS` rows of STS-B."""
    rows = sts(data)
    chosen = np.random.default_rng(seed).choice(len(rows), ROWS, replace=False).tolist()
    examples = [Example(rows[row][:2], score=rows[row][2] / 5, raw_score=str(rows[row][2])) for row in chosen]
    with Project.create(folder, "STS-B") as project:
        project.create_dataset("train", Format.SCORED, 1, Scale(0, 5), examples)
        yield project, [rows[row][2] for row in chosen]


def figures(options: argparse.Namespace) -> list[Figure]:
    from core.engine.models import ModelStore
    from core.engine.operations import Engine

    data = Path(options.data or os.environ.get("ANCHORLAB_DATA") or ROOT.parent / "shared" / "data")
    engine = Engine(ModelStore("cpu"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = _flips(engine, data, folder) if (data / "stsbenchmark").is_dir() else []
        return [*found, *_large(engine, folder), *_choosing()]


def _flips(engine: Any, data: Path, folder: Path) -> list[Figure]:
    some: list[int] = []
    exact: list[int] = []
    for seed in range(SEEDS):
        with sts_project(data, folder / f"sts-{seed}", seed) as (project, originals):
            some.append(found_first(engine, project, originals, flip(originals, seed, False)))
            exact.append(found_first(engine, project, originals, flip(originals, seed, True)))
    what = f"of {FLIPPED} flipped labels in the first {LOOKED_AT} of {ROWS:,}"
    return [
        at_least(f"{what}, by 3 points or more, worst of {SEEDS} seeds", min(some), "rows", 40),
        Figure(f"{what}, by 3 points or more, mean", float(np.mean(some)), "rows"),
        at_least(f"{what}, by exactly 3 points, worst of {SEEDS} seeds", min(exact), "rows", 40),
    ]


def _large(engine: Any, folder: Path) -> list[Figure]:
    """What scoring costs beside the encoding: all embeddings are in the cache."""
    from core.engine import refs
    from core.models.cache import EmbeddingCache

    random = np.random.default_rng(0)
    first = [f"a text about the number {row}" for row in range(LARGE)]
    second = [f"what was said about {row}" for row in range(LARGE)]
    with Project.create(folder / "large", "Large") as project:
        examples = (
            Example(texts, score=round(score, 2))
            for texts, score in zip(
                zip(first, second, strict=True), random.random(LARGE).tolist(), strict=True
            )
        )
        project.create_dataset("rows", Format.SCORED, examples=examples)
        loaded = engine.models.get(refs.resolve("base", project.folder))
        cache = EmbeddingCache(project.folder / "cache", loaded.fingerprint, loaded.dimension)
        for texts in (first, second):
            cache.append(texts, random.normal(size=(LARGE, loaded.dimension)).astype(np.float32))
        everything = _seconds(lambda: ask(engine, project, "score_rows", "base"))
        row = project.ids(project.datasets()[0].id)[LARGE // 2]
        project.set_cells([(row, "text_b", "a text that was never seen before")])
        started = time.perf_counter()
        answer = ask(engine, project, "score_rows", "base", changed=[row])
        one = time.perf_counter() - started
        return [
            at_most(f"{LARGE:,} scored pairs scored and compared, embeddings known", everything, "s", 20),
            at_most(f"one edited row of {LARGE:,} scored again", one, "s", 3),
            at_most("texts encoded for one edited row", answer["encoded"], "texts", 1),
        ]


def _choosing() -> list[Figure]:
    from core.similarity import clusters, what_next

    random = np.random.default_rng(0)
    vectors = what_next.unit(random.normal(size=(LARGE, WIDTH)).astype(np.float32))
    worth = random.random(LARGE)
    chosen = _seconds(lambda: what_next.choose(vectors, worth, vectors[:500], 20))
    grouped = _seconds(lambda: clusters.k_means(vectors, 60))
    size = f"{LARGE:,} × {WIDTH}"
    return [
        at_most(f"20 rows to label next, of {size}", chosen, "s", 5),
        Figure(f"60 groups of {size}", round(grouped, 3), "s"),
    ]


def _seconds(call: Any) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
