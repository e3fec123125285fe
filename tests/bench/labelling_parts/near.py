"""Similar texts and hard negatives among 100,000 texts, asked through the engine as the window asks.

The embeddings are random and lie in the project's cache: what a person waits for once, when texts are new, is the figure of `bench encode`.
"""

from __future__ import annotations

import argparse
import os
import random
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
from core.project.verdicts import SetVerdicts, verdict
from tests.bench.report import Figure, at_most

TEXTS, WIDTH, PAIRS = 100_000, 384, 10_000
_PART = 20_000
_ROWS = 30  # chosen one after the other in the window


def figures(options: argparse.Namespace) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        folder = Path(name) / "project"
        os.environ["ANCHORLAB_HOME"] = str(Path(name) / "home")
        with Project.create(folder, "Bench") as project:
            ids = _fill(project)
            with EngineClient() as engine:
                engine.start()
                engine.wait_warm(180)
                found = _measure(project, engine, ids)
        return found + _in_the_window(folder)


def _fill(project: Project) -> list[int]:
    """Pairs and unpaired texts, with an embedding of each in the cache."""
    words = random.Random(1)
    texts = [
        f"text {number} {words.choice(['coat', 'boots', 'scarf'])} {words.random():.6f}"
        for number in range(TEXTS)
    ]
    rows = [Example((texts[2 * number], texts[2 * number + 1])) for number in range(PAIRS)]
    dataset_id = next(iter(project.create_dataset("Pairs", Format.PAIRS, examples=rows).dataset_ids))
    project.add_texts(texts[2 * PAIRS :], "bench")
    cache = EmbeddingCache(project.cache_folder, fingerprint(embedded_path()), WIDTH)
    vectors = np.random.default_rng(1)
    for start in range(0, TEXTS, _PART):
        made = vectors.standard_normal((_PART, WIDTH), dtype=np.float32)
        cache.append(texts[start : start + _PART], made / np.linalg.norm(made, axis=1, keepdims=True))
    return list(project.ids(dataset_id))


def _measure(project: Project, engine: EngineClient, ids: list[int]) -> list[Figure]:
    base = {"project": str(project.folder), "model": "base"}

    def similar(text: str) -> dict[str, Any]:
        return engine.request("similar", {**base, "texts": [text], "k": 50})

    anchors = [example.texts[0] for example in project.examples(ids[:40])]
    first = _seconds(lambda: similar(anchors[0]))
    times = [_seconds(lambda text=text: similar(text)) for text in anchors[1:]]  # type: ignore[misc]
    typed = [_seconds(lambda n=n: similar(f"a text typed freely {n}")) for n in range(10)]  # type: ignore[misc]
    after = []
    for number in range(5):
        project.add_examples(1, [Example((anchors[number], anchors[number + 9]))])
        after.append(_seconds(lambda n=number: similar(anchors[n + 1])))  # type: ignore[misc]
    bounds = {"least_gap": -0.3, "most_gap": 0.3, "lowest": -1.0, "highest": 1.0}

    def negatives(some: list[int]) -> dict[str, Any]:
        return engine.request("negatives", {**base, "ids": some, "k": 3, "bounds": bounds})

    negatives(ids[:1])
    one = [_seconds(lambda id=id: negatives([id])) for id in ids[1:20]]  # type: ignore[misc]
    project.apply(SetVerdicts((verdict(anchors[0], anchors[9], "skip"),)), "Skip")
    decided = _seconds(lambda: negatives(ids[:1]))
    many = _seconds(lambda: negatives(ids[:1000]))
    return [
        at_most(
            "similar texts: top 50 of 100,000 × 384 (median of 39)",
            1000 * statistics.median(times),
            "ms",
            200,
        ),
        Figure("similar texts: the slowest of these", round(1000 * max(times), 1), "ms"),
        at_most(
            "similar texts: a text typed freely (median of 10)", 1000 * statistics.median(typed), "ms", 200
        ),
        Figure(
            "similar texts: right after a row was added (median of 5)",
            round(1000 * statistics.median(after), 1),
            "ms",
        ),
        Figure(
            "similar texts: the first question, embeddings read from the disk", round(1000 * first, 1), "ms"
        ),
        at_most("hard negatives of one anchor (median of 19)", 1000 * statistics.median(one), "ms", 200),
        Figure("hard negatives of one anchor right after a decision", round(1000 * decided, 1), "ms"),
        Figure("hard negatives of 1,000 rows", round(many, 2), "s"),
    ]


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _in_the_window(folder: Path) -> list[Figure]:
    """A row is chosen and the list follows; a key makes a label of its first text; the event loop turns meanwhile."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from gui.app import application, create
    from gui.views.label.page import LabelPage
    from tests.bench.window import Loop

    app = application()
    loop = Loop()
    window = create(folder)
    window.resize(1280, 800)
    window.show()
    page = window.page("label")
    assert isinstance(page, LabelPage)
    loop.until(lambda: window.context.engine.state == "warm" and page.model.rowCount() == PAIRS + 5)
    tab = page.helpers.similar
    page.helpers.show("similar")
    loop.until(lambda: bool(tab.list.texts.items))
    loop.pause(1.0)
    loop.gaps.clear()
    follow, keys = [], []
    for row in range(100, 100 + _ROWS):
        anchor = page.model.ids[row]
        tab.list.texts.show([])
        began = time.perf_counter()
        page.table.go_to(row, 1)
        loop.until(lambda: bool(tab.list.texts.items))
        follow.append(time.perf_counter() - began)
        rows = page.model.rowCount()
        began = time.perf_counter()
        QTest.keyClick(tab.list, Qt.Key.Key_P)
        keys.append(time.perf_counter() - began)
        if page.model.rowCount() != rows + 1 or page.model.ids[page.table.currentIndex().row()] != anchor:
            raise SystemExit("The label did not become a row, or the place was lost.")
        loop.pause(0.05)
    gaps = sorted(loop.gaps)
    window.close()
    app.processEvents()
    return [
        Figure(
            "similar texts: a row chosen to its list shown, label before it (median)",
            round(1000 * statistics.median(follow), 1),
            "ms",
        ),
        at_most(
            "similar texts: a key to its row in the table (p95)",
            1000 * sorted(keys)[int(0.95 * len(keys))],
            "ms",
            50,
        ),
        at_most("similar texts: gaps of the event loop (p99)", 1000 * gaps[int(0.99 * len(gaps))], "ms", 16),
        at_most("similar texts: longest gap of the event loop", 1000 * gaps[-1], "ms", 50),
    ]
