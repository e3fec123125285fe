"""The map: frames while panning two maps in a real window, components at once, what a stop waits for, opening from the cache."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

from core.dataset.formats import Format
from core.engine import map_steps
from core.engine.map_store import MapStore
from core.project import Project
from gui.views.explore.map import points
from gui.views.explore.map.pair import MapPair
from tests.bench.report import Figure, at_least, at_most

USUAL, WIDTH = 100_000, 384


def figures(options: argparse.Namespace) -> list[Figure]:
    from gui.app import application, create

    application()
    window = create(argv=["--no-engine"])  # it makes the theme
    found = [*_frames(USUAL, 30), *(_frames(options.rows, 10) if options.rows > USUAL else [])]
    window.close()
    _settle(0.2)
    return [*found, *_components(), *_stopped(), *_opened()]


def _frames(count: int, least: float) -> list[Figure]:
    """A step of the hand to both painted maps, 480 × 600 pixels each, half of the points selected or none."""
    chance = np.random.default_rng(1)
    centres = chance.normal(0, 4, (40, 2))
    first = centres[chance.integers(0, 40, count)] + chance.normal(0, 0.6, (count, 2))
    both = np.stack([first, first + chance.normal(0, 0.1, (count, 2))]).astype(np.float32)
    pair = MapPair()
    pair.resize(976, 640)
    pair.show()
    pair.show_points(both, keep_view=False)
    pair.colour((np.arange(count) % 12).astype(np.uint8), ("#4477AA", "#CC6677", "#228833") * 4)
    _settle(0.5)
    made = []
    for title, selected in (("none selected", None), ("half of them selected", np.arange(count) % 2 == 0)):
        pair.select(selected)
        _settle(0.3)
        times = [_seconds(lambda step=step: _panned(pair, step)) for step in range(30)]  # type: ignore[misc]
        made.append(
            at_least(
                f"map: {count:,} points twice, panning, {title} (median of 30)",
                1 / statistics.median(times),
                "frames/s",
                least,
            )
        )
    pair.close()
    pair.deleteLater()
    _settle(0.2)
    return made


def _panned(pair: MapPair, step: int) -> None:
    first = pair.maps[0]
    first._go(first.view.moved(7 if step % 10 < 5 else -7, 3))
    for shown in pair.maps:
        shown.repaint()


def _components() -> list[Figure]:
    chance = np.random.default_rng(2)
    first = chance.normal(0, 1, (USUAL, WIDTH)).astype(np.float32)
    second = first + chance.normal(0, 0.2, first.shape).astype(np.float32)
    seconds = _seconds(lambda: map_steps.components([first, second]))
    return [
        at_most(f"map: both models' components of {USUAL:,} × {WIDTH}, embeddings known", seconds, "s", 1.0)
    ]


def _stopped() -> list[Figure]:
    """The longest wait between two looks at whether to stop, while 20,000 texts are arranged for ten seconds."""
    chance = np.random.default_rng(3)
    matrix = chance.normal(0, 1, (20_000, 50)).astype(np.float32)
    looked: list[float] = []

    def stop() -> bool:
        looked.append(time.monotonic())
        return False

    begun = time.monotonic()
    for _ in map_steps.neighbourhoods([matrix], [matrix], 1, stop):
        if time.monotonic() - begun > 10:
            break
    return [
        at_most("map: longest wait of a stop, 20,000 texts", 1000 * float(np.diff(looked).max()), "ms", 500)
    ]


def _opened() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        folder = Path(name) / "project"
        with Project.create(folder, "Bench") as project:
            project.create_dataset("main", Format.PAIRS)
            project.add_texts([f"a text of the bench, number {n}" for n in range(USUAL)], "bench")
        texts = points.read_texts(folder, None, lambda: False)
        mark = points.mark_of("base", folder)
        store = MapStore.of(folder, texts.key, [mark])
        arrays = {key: np.zeros(USUAL, np.float32) for key in ("moved", "group", "outlier", "overlap")}
        store.save({**arrays, "pca": np.zeros((1, USUAL, 2), np.float32)}, {"trust_pca": [1.0]})
        times = [
            _seconds(lambda: points.find(folder, None, ["base"], "pca", lambda: False)) for _ in range(5)
        ]
        assert points.find(folder, None, ["base"], "pca", lambda: False).mapped is not None
    return [
        at_most(
            f"map: {USUAL:,} texts and their map from the cache (median of 5)",
            statistics.median(times),
            "s",
            1.0,
        )
    ]


def _settle(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
