"""Why two texts are alike, and heat maps: two texts of 64 tokens under two models, 200 texts with each other."""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtWidgets import QApplication, QPushButton

from core.engine.client import EngineClient
from core.models.catalogue import embedded_path
from core.project import Project
from tests.bench.report import Figure, at_most

TOKENS, PAIRS, TEXTS = 64, 25, 200
_WORDS = [
    "red",
    "coat",
    "blue",
    "wool",
    "scarf",
    "silk",
    "old",
    "quiet",
    "river",
    "stone",
    "light",
    "garden",
    "winter",
    "book",
    "song",
    "paper",
]


def figures(options: argparse.Namespace) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        folder = Path(name) / "project"
        Project.create(folder, "Bench").close()
        with EngineClient() as engine:
            engine.start()
            engine.wait_warm(180)
            explained = [*_explained(folder, engine), *_alike(folder, engine)]
        return [*explained, *_toggled(folder)]


def _text(chance: random.Random) -> str:
    """A text of 62 words, each one token of the base model, which adds two of its own."""
    return " ".join(chance.choice(_WORDS) for _ in range(TOKENS - 2))


def _explained(folder: Path, engine: EngineClient) -> list[Figure]:
    chance, models = random.Random(1), ["base", str(_second(folder.parent))]

    def ask(one: str, other: str, method: str = "sum") -> list[dict[str, Any]]:
        params = {"project": str(folder), "one": one, "other": other, "models": models, "method": method}
        return list(engine.request("explain", params)["results"])

    pairs = [(_text(chance), _text(chance)) for _ in range(PAIRS)]
    ask(*pairs[0])
    times = [_seconds(lambda pair=pair: ask(*pair)) for pair in pairs[1:]]  # type: ignore[misc]
    one, other = pairs[-1]
    changed = [
        _seconds(lambda n=n: ask(f"{one.rsplit(' ', 1)[0]} {_WORDS[n]}", other))  # type: ignore[misc]
        for n in range(10)
    ]
    again = [_seconds(lambda: ask(one, other)) for _ in range(10)]
    error = 0.0
    for pair in pairs:
        for result in ask(*pair):
            cells = np.load(result["file"])[:-1, :-1]
            assert cells.shape == (TOKENS, TOKENS), "the texts are no longer of 64 tokens"
            error = max(error, abs(float(cells.sum()) - result["score"]))
    left_out = [_seconds(lambda pair=pair: ask(*pair, "occlusion")) for pair in pairs[:3]]  # type: ignore[misc]
    ms = 1000.0
    return [
        at_most(
            "why: 64 × 64 tokens under two models, both texts new (p95 of 24)",
            ms * float(np.percentile(times, 95)),
            "ms",
            300,
        ),
        Figure(
            "why: the same, one word changed (median of 10)", round(ms * statistics.median(changed), 1), "ms"
        ),
        Figure("why: the same, asked again (median of 10)", round(ms * statistics.median(again), 1), "ms"),
        at_most("why: largest difference between the cells' sum and the score", error, "", 1e-4),
        Figure(
            "why: every word left out once, 62 × 62 words, two models (median of 3)",
            round(ms * statistics.median(left_out), 1),
            "ms",
        ),
    ]


def _second(folder: Path) -> Path:
    """Another model of the same size: the base model with a linear layer behind its pooling."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense

    model = SentenceTransformer(str(embedded_path()), device="cpu")
    torch.manual_seed(0)
    head = Dense(384, 384, activation_function=torch.nn.Identity())
    made = SentenceTransformer(modules=[model[0], model[1], head], device="cpu")
    made.save(str(folder / "second"), create_model_card=False)
    return folder / "second"


def _alike(folder: Path, engine: EngineClient) -> list[Figure]:
    chance = random.Random(2)
    texts = [f"{_text(chance)[:60]} {number}" for number in range(TEXTS)]
    params = {"project": str(folder), "texts": texts, "models": ["base"]}
    engine.request("alike", params)
    times = [_seconds(lambda: engine.request("alike", params)) for _ in range(5)]
    return [
        Figure(
            "heat map: 200 texts with each other and their order, embeddings known (median of 5)",
            round(1000 * statistics.median(times), 1),
            "ms",
        )
    ]


def _toggled(folder: Path) -> list[Figure]:
    """From the click on a model to the painted map, in a real window."""
    from gui.app import application, create
    from gui.views.explore.heat.grid import Grid
    from gui.views.explore.heat.view import HeatView
    from gui.views.explore.page import ExplorePage

    application()
    window = create(folder, ["--no-engine"])
    window.resize(1280, 800)
    window.show_page("explore")
    page = window.page("explore")
    assert isinstance(page, ExplorePage)
    page.show_view("heat")
    window.show()
    view = page.view("heat")
    assert isinstance(view, HeatView)
    view.deactivate()  # it must not look for texts of the empty project
    chance = np.random.default_rng(1)
    scores = chance.normal(0.3, 0.2, (2, TEXTS, TEXTS)).astype(np.float32)
    words = random.Random(3)
    texts = tuple(f"{_text(words)[:40]} {number}" for number in range(TEXTS))
    orders = (chance.permutation(TEXTS), chance.permutation(TEXTS))
    view.show_grid(Grid(texts, ("Base", "Run 1"), scores, orders))
    _settle(0.5)
    assert view.map.isVisible(), "the map is not on the screen"
    times = []
    for _ in range(7):
        for key in ("0", "1", "change"):
            chosen = view.findChild(QPushButton, f"heat.view.{key}")
            assert isinstance(chosen, QPushButton)
            times.append(_seconds(lambda button=chosen: (button.click(), view.map.repaint())))  # type: ignore[misc]
    window.close()
    _settle(0.2)
    return [
        at_most(
            "heat map: 200 × 200, from one model to the other, painted (p95 of 21)",
            1000 * float(np.percentile(times, 95)),
            "ms",
            100,
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
