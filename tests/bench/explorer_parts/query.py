"""One question to two models among 100,000 texts, asked through the engine as the window asks; the same set as brute force.

The embeddings are made up (groups along few directions, as those of texts are) and lie in the project's cache: what a person waits for
once, when texts are new, is the figure of `bench encode`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.dataset.formats import Example, Format
from core.engine.client import EngineClient
from core.models.cache import EmbeddingCache
from core.models.catalogue import embedded_path
from core.models.fingerprint import fingerprint
from core.project import Project
from tests.bench.report import Figure, at_least, at_most

TEXTS, WIDTH, ROWS, K = 100_000, 384, 10_000, 20
_PART, _DIRECTIONS = 20_000, 48


def figures(options: argparse.Namespace) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        os.environ["ANCHORLAB_HOME"] = str(Path(name) / "home")
        tuned = Path(name) / "tuned"
        shutil.copytree(embedded_path(), tuned)
        (tuned / "note.txt").write_text(
            "another model", encoding="utf-8"
        )  # the same weights, by another name
        with Project.create(Path(name) / "project", "Bench") as project, EngineClient() as engine:
            engine.start()
            texts = _fill(project, TEXTS, [embedded_path(), tuned])
            engine.wait_warm(180)
            found = _measure(project, engine, texts, str(tuned))
        return [*found, *(_million(options.rows) if options.rows > TEXTS else [])]


def made_up(count: int, seed: int) -> np.ndarray:
    """Unit vectors along few directions, in groups."""
    chance = np.random.default_rng(seed)
    directions = np.random.default_rng(0).standard_normal((_DIRECTIONS, WIDTH), dtype=np.float32)
    centres = np.random.default_rng(1).standard_normal((200, _DIRECTIONS), dtype=np.float32)
    inside = centres[chance.integers(0, 200, count)]
    inside = inside + 0.6 * chance.standard_normal((count, _DIRECTIONS), dtype=np.float32)
    found = inside @ directions + 0.3 * chance.standard_normal((count, WIDTH), dtype=np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def _fill(project: Project, count: int, models: list[Path]) -> list[str]:
    """Pairs and unpaired texts, with an embedding of each under every model in the cache."""
    texts = [f"text {number} of the bench" for number in range(count)]
    rows = [Example((texts[2 * number], texts[2 * number + 1])) for number in range(ROWS)]
    project.create_dataset("Pairs", Format.PAIRS, examples=rows)
    project.add_texts(texts[2 * ROWS :], "bench")
    for number, model in enumerate(models):
        cache = EmbeddingCache(project.cache_folder, fingerprint(model), WIDTH)
        for start in range(0, count, _PART):
            some = texts[start : start + _PART]
            cache.append(some, made_up(len(some), 10 * start + number))
    return texts


def _measure(project: Project, engine: EngineClient, texts: list[str], tuned: str) -> list[Figure]:
    base = {"project": str(project.folder), "dataset_id": None, "models": ["base", tuned], "k": K}

    def search(text: str, **more: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = engine.request("search", {**base, "text": text, **more})["results"]
        return found

    first = seconds(lambda: search(texts[0]))
    chosen = texts[1::997]
    known = [seconds(lambda text=text: search(text)) for text in chosen]  # type: ignore[misc]
    typed = [seconds(lambda n=n: search(f"a text typed freely {n}")) for n in range(40)]  # type: ignore[misc]
    narrow = {"place": "anchor"}
    search(texts[0], filter=narrow)
    filtered = [seconds(lambda text=text: search(text, filter=narrow)) for text in chosen[:40]]  # type: ignore[misc]
    same = _same_as_brute_force(project, texts, chosen[:25], search, tuned)
    return [
        at_most(
            f"query: both lists of {TEXTS:,} × {WIDTH}, a row's text (p95 of {len(known)})",
            p95(known),
            "ms",
            50,
        ),
        Figure("query: the median of these", round(1000 * statistics.median(known), 1), "ms"),
        at_most(
            f"query: both lists, a text typed freely, encoded (p95 of {len(typed)})", p95(typed), "ms", 200
        ),
        Figure("query: both lists, filtered to anchors (p95 of 40)", round(p95(filtered), 1), "ms"),
        Figure("query: the first question, embeddings read from the disk", round(first, 2), "s"),
        at_least("query: share of top 20 that brute force finds as well", same, "", 1.0),
    ]


def _million(rows: int) -> list[Figure]:
    """One model and so many texts, one more than are scored one by one: exact at first, then by an index."""
    count, limit = rows + 1, rows
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        os.environ["ANCHORLAB_HOME"] = str(Path(name) / "home")
        with Project.create(Path(name) / "project", "Bench") as project, EngineClient() as engine:
            engine.start()
            texts = _fill(project, count, [embedded_path()])
            engine.wait_warm(180)
            base = {"project": str(project.folder), "dataset_id": None, "exact_below": limit}

            def search(text: str) -> dict[str, Any]:
                found: dict[str, Any] = engine.request(
                    "search", {**base, "models": ["base"], "text": text, "k": K}
                )["results"][0]
                return found

            search(texts[0])
            chosen = texts[1 :: count // 25]
            exact = [seconds(lambda text=text: search(text)) for text in chosen]  # type: ignore[misc]
            wanted = [{hit["text"] for hit in search(text)["hits"]} for text in chosen]
            built, longest = _build(engine, {**base, "model": "base"})
            near = [seconds(lambda text=text: search(text)) for text in chosen]  # type: ignore[misc]
            answers = [search(text) for text in chosen]
            typed = [seconds(lambda n=n: search(f"a text typed freely {n}")) for n in range(20)]  # type: ignore[misc]
    if any(answer["exact"] for answer in answers):
        raise SystemExit("The index was not asked.")
    shares = [
        len(texts_ & {hit["text"] for hit in answer["hits"]}) / K
        for texts_, answer in zip(wanted, answers, strict=True)
    ]
    return [
        Figure(f"query: {count:,} texts scored one by one (p95 of {len(exact)})", round(p95(exact), 1), "ms"),
        Figure(f"query: building an index of {count:,} texts", round(built, 1), "s"),
        at_most(
            "query: the longest slice of that, which other questions wait for", 1000 * longest, "ms", 2000
        ),
        at_most(f"query: {count:,} texts by the index (p95 of {len(near)})", p95(near), "ms", 50),
        at_most("query: the same, a text typed freely, encoded (p95 of 20)", p95(typed), "ms", 200),
        at_least("query: share of the exact top 20 that the index finds", statistics.mean(shares), "", 0.95),
        Figure("query: the same as the window tells it", round(answers[0]["index"]["recall"], 4), ""),
    ]


def _build(engine: EngineClient, params: dict[str, Any]) -> tuple[float, float]:
    """Seconds in all, and of the longest slice."""
    began, longest = time.perf_counter(), 0.0
    while True:
        sliced = time.perf_counter()
        answer = engine.request("index_texts", params)
        longest = max(longest, time.perf_counter() - sliced)
        if not answer.get("more"):
            return time.perf_counter() - began, longest
        params = {**params, **answer["next"]}


def _same_as_brute_force(
    project: Project, texts: list[str], chosen: list[str], search: Callable[..., Any], tuned: str
) -> float:
    place = {text: number for number, text in enumerate(texts)}
    shared = 0.0
    for number, model in enumerate((embedded_path(), Path(tuned))):
        matrix = EmbeddingCache(project.cache_folder, fingerprint(model), WIDTH).matrix(texts)
        for text in chosen:
            scores = matrix @ matrix[place[text]]
            scores[place[text]] = -np.inf
            wanted = {texts[one] for one in np.argsort(-scores, kind="stable")[:K].tolist()}
            shared += len(wanted & {hit["text"] for hit in search(text)[number]["hits"]}) / K
    return shared / (2 * len(chosen))


def p95(times: list[float]) -> float:
    return 1000 * sorted(times)[int(0.95 * len(times))]


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
