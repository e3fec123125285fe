"""The map: frames while panning two maps in a real window, components at once, how near the neighbours are to the true ones, a map by
neighbourhoods of 100,000 texts in the engine with what others wait for meanwhile, opening from the cache, pointing."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from core.engine import map_steps
from core.engine.map_store import MapStore
from core.similarity import growing, neighbours
from gui.main_window import MainWindow
from gui.views.explore.map import points
from gui.views.explore.map.pair import MapPair
from gui.views.explore.map.view import MapView
from tests.bench.explorer_map.engine import arranged
from tests.bench.explorer_map.project import WIDTH, embeddings, project_of_many
from tests.bench.report import Figure, at_least, at_most

USUAL = 100_000


def figures(options: argparse.Namespace) -> list[Figure]:
    from gui.app import application, create

    application()
    window = create(argv=["--no-engine"])  # it makes the theme
    found = [*_frames(USUAL, 30), *(_frames(options.rows, 10) if options.rows > USUAL else [])]
    window.close()
    _settle(0.2)
    found += _components()
    found += _neighbours()
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        project, models = project_of_many(Path(name), USUAL)
        found += arranged(project, models)
        found += _in_the_window(project, models)
    return found


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


def _neighbours() -> list[Figure]:
    """Of 30,000 texts, against comparing every pair in all directions."""
    count, asked = 30_000, 500
    matrix = embeddings(count)[0]
    found = neighbours.nearest(matrix, map_steps.NEIGHBOURS).indices[:asked]
    scores = matrix[:asked] @ matrix.T
    scores[np.arange(asked), np.arange(asked)] = -2
    true = np.argsort(-scores, axis=1)[:, : map_steps.NEIGHBOURS]
    share = float(growing.shared(true, found).mean())
    return [at_least(f"map: true ones among the 10 neighbours found, {count:,} texts", 100 * share, "%", 97)]


def _in_the_window(project: Path, models: list[str]) -> list[Figure]:
    """From the tab's click to both painted maps with groups and lists, and what the window's loop waits for at most; then the mouse."""
    from gui.app import application, create

    texts = points.read_texts(project, None, lambda: False)
    store = MapStore.of(project, texts.key, [points.mark_of(model, project) for model in models])
    times = [_seconds(lambda: points.find(project, None, models, "tsne", lambda: False)) for _ in range(5)]
    both = store.array("tsne")
    assert both is not None
    # what the window knows is the base model: its map alone is what a project without runs reopens with
    alone = MapStore.of(project, texts.key, [points.mark_of("base", project)])
    arrays = {key: store.array(key) for key in ("moved", "group", "apart", "outlier", "overlap")}
    kept = {key: array for key, array in arrays.items() if array is not None}
    alone.save({**kept, "pca": both[:1]}, {**store.facts(), "trust_pca": [0.9]})
    application()
    window = create(project, ["--no-engine"])
    window.resize(1280, 800)
    window.show()
    _settle(2.0)
    seconds, stall = _opened(window)
    view = _map(window)
    shown = view.pair.maps[0]
    places = [shown.place_of(n) for n in range(0, USUAL, USUAL // 60)]
    hovers = [_seconds(lambda at=at: _hovered(view, at)) for at in places]  # type: ignore[misc]
    window.close()
    _settle(0.2)
    return [
        at_most(
            f"map: {USUAL:,} texts and their map read from the cache (median of 5)",
            statistics.median(times),
            "s",
            1.0,
        ),
        at_most(f"map: {USUAL:,} texts, from the tab to the painted map, from the cache", seconds, "s", 1.0),
        at_most("map: the window's longest wait meanwhile", 1000 * stall, "ms", 50),
        at_most(
            f"map: a text under the mouse found, marked and its card painted, {USUAL:,} points (95th percentile of {len(hovers)})",
            1000 * float(np.percentile(hovers, 95)),
            "ms",
            16,
        ),
    ]


def _map(window: MainWindow) -> MapView:
    from gui.views.explore.page import ExplorePage

    page = window.page("explore")
    assert isinstance(page, ExplorePage)
    view = page.view("map")
    assert isinstance(view, MapView)
    return view


def _opened(window: MainWindow) -> tuple[float, float]:
    from gui.views.explore.page import ExplorePage

    page = window.page("explore")
    assert isinstance(page, ExplorePage)
    window.show_page("explore")
    _settle(1.0)
    view = _map(window)
    began = before = time.perf_counter()
    stall = 0.0
    page.show_view("map")
    while view.mapped is None or not view.pair.isVisible():
        QApplication.processEvents()
        now = time.perf_counter()
        stall, before = max(stall, now - before), now
        if now - began > 30:
            raise RuntimeError("the map did not open")
        time.sleep(0.001)
    for shown in view.pair.maps:
        shown.repaint()
    return time.perf_counter() - began, stall


def _hovered(view: MapView, at: QPointF) -> None:
    shown = view.pair.maps[0]
    view.front.point(shown.point_at(at), 0)
    for one in view.pair.maps:
        one.repaint()
    view.front.card.repaint()


def _settle(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
