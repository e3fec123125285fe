"""A map by neighbourhoods of very many texts under two models in a real engine, while another request asks again and again."""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.engine.client import EngineClient
from core.engine.map_store import MapStore
from core.errors import Cancelled
from core.similarity.growing import SAME
from tests.bench.report import Figure, at_least, at_most


@dataclass
class _Watched:
    """What another request waits for while `map` is made."""

    engine: EngineClient
    waits: list[float] = field(default_factory=list)
    over: bool = False

    def run(self) -> None:
        while not self.over:
            began = time.perf_counter()
            self.engine.request("ping", {})
            self.waits.append(time.perf_counter() - began)
            time.sleep(0.02)


def arranged(project: Path, models: list[str]) -> list[Figure]:
    asked: dict[str, Any] = {"project": str(project), "dataset_id": None, "models": models}
    with EngineClient() as engine:
        engine.start()
        engine.wait_warm(180)
        for model in models:
            engine.request("load", {"model": model, "project": str(project)})
        stops = [_stopped(engine, {**asked, "method": "tsne"}, stage) for stage in ("near", "map")]
        time.sleep(6)  # what nobody asks for any more goes with the next question
        first, groups = _first_seen(engine, {**asked, "method": "pca"})
        time.sleep(6)
        began = time.monotonic()
        watched = _Watched(engine)
        thread = threading.Thread(target=watched.run)
        thread.start()
        try:
            answer, most = _made(engine, {**asked, "method": "tsne"})
        finally:
            watched.over = True
            thread.join()
        seconds = time.monotonic() - began
    store = MapStore(Path(str(answer["folder"])))
    return [
        at_most("map: from asking to the first picture, embeddings and model known", first, "s", 3.0),
        at_most("map: from asking to groups and outliers", groups, "s", 15.0),
        at_most("map: from Stop to the engine's answer, looking for neighbours", 1000 * stops[0], "ms", 500),
        at_most("map: from Stop to the engine's answer, arranging", 1000 * stops[1], "ms", 500),
        at_most("map: t-SNE of both models, everything", seconds / 60, "min", 15.0),
        at_most("map: memory of the engine meanwhile, at most", most, "GB", 4.0),
        at_most(
            "map: another request meanwhile waits (median)",
            1000 * statistics.median(watched.waits),
            "ms",
            200,
        ),
        at_most("map: the same, 99th percentile", 1000 * float(np.percentile(watched.waits, 99)), "ms", 200),
        *_kept(store),
    ]


def _kept(store: MapStore) -> list[Figure]:
    both, kept, facts = store.array("tsne"), store.array("overlap"), store.facts()
    assert both is not None and kept is not None
    far = np.linalg.norm(both[1] - both[0], axis=1) / float(np.ptp(both[0], axis=0).max())
    same, changed = kept >= SAME, kept < SAME
    moved = float(np.percentile(far[changed], 90)) if changed.any() else 0.0
    title = f"map: drift of the {int(same.sum()):,} texts that kept nine in ten neighbours, largest, of the map's width"
    return [
        at_most(title, 100 * float(far[same].max(initial=0.0)), "%", 0.1),
        at_least(
            f"map: how far the {int(changed.sum()):,} others moved, 90th percentile", 100 * moved, "%", 0.0
        ),
        at_least("map: t-SNE's trustworthiness, base model", facts["trust_tsne"][0], "", 0.8),
        at_least("map: and of the tuned model's map that grew out of it", facts["trust_tsne"][1], "", 0.8),
    ]


def _first_seen(engine: EngineClient, asked: dict[str, Any]) -> tuple[float, float]:
    """Seconds until there is a picture, and until its groups are known."""
    began, picture = time.monotonic(), 0.0
    while True:
        answer = engine.request("map", asked)
        if answer.get("picture"):
            Path(str(answer["picture"])).unlink()
            picture = picture or time.monotonic() - began
        if answer["described"]:
            return picture, time.monotonic() - began
        asked = {**asked, **answer["next"]}


def _stopped(engine: EngineClient, asked: dict[str, Any], stage: str) -> float:
    """Until the engine answers that it stopped, and is there for another request."""
    while True:
        answer = engine.request("map", asked)
        if answer.get("picture"):
            Path(str(answer["picture"])).unlink()
        asked = {**asked, **answer["next"]}
        if answer["stage"] == stage:
            break
    began = time.monotonic()
    try:
        engine.request("map", asked, should_stop=lambda: True)
    except Cancelled:
        engine.request("ping", {})
        return time.monotonic() - began
    raise RuntimeError("it did not stop")


def _made(engine: EngineClient, asked: dict[str, Any]) -> tuple[dict[str, Any], float]:
    import psutil

    process = psutil.Process(engine.pid)
    most = 0.0
    while True:
        answer = engine.request("map", asked)
        most = max(most, process.memory_info().rss / 1e9)
        if not answer.get("more"):
            return answer, most
        if answer["picture"]:
            Path(str(answer["picture"])).unlink()
        asked = {**asked, **answer["next"]}
