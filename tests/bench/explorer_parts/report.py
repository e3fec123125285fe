"""The report of a run over words_of_power: made with nothing known, made again, on paper, and how long a stop takes."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

from PySide6.QtWidgets import QApplication

from core import jsonlines
from core.cli import main
from core.engine.client import EngineClient
from core.errors import Cancelled
from core.models import catalogue
from core.project import Project
from core.report import make
from core.report.asking import Asking
from core.report.blocks import Report
from core.training import data
from core.training.event_log import EVENTS
from core.training.events import (
    BaselineEvent,
    EvaluationEvent,
    FinishedEvent,
    RecipeEvent,
    StepEvent,
    as_record,
)
from core.training.runs import Run, create_run_folder, read_run
from core.training.spec import Spec
from gui.paper import pdf
from tests.bench.report import ROOT, Figure, at_most

FILE = Path("words_of_power") / "seed004_pairs.csv"
STEPS = 2_000
_STOP_AFTER = 0.6


def figures(options: argparse.Namespace) -> list[Figure]:
    folder = Path(options.data or os.environ.get("ANCHORLAB_DATA") or ROOT.parent / "shared" / "data")
    rows = folder / FILE if (folder / FILE).is_file() else ROOT / "projects" / "item-relations" / "pairs.csv"
    QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as place:
        project = Path(place) / "project"
        with contextlib.redirect_stdout(io.StringIO()):
            status = main(["new", str(project), "--from", str(rows)])
        if status:
            raise SystemExit(f"{rows} cannot be imported.")
        run = _run(project)
        with EngineClient() as engine:
            engine.start()
            engine.wait_warm(180)
            return [*_stopped(project, run, engine), *_made(project, run, engine, rows.parent.name)]


def _made(project: Path, run: Run, engine: EngineClient, name: str) -> list[Figure]:
    def report() -> Report:
        return make.make(project, run, Asking(engine.request, lambda *_: None, lambda: False))

    first, seconds_first = _timed(report)
    page, paper = project / "report.html", project / "report.pdf"
    _, seconds_again = _timed(lambda: make.write(report(), page))
    _, seconds_paper = _timed(lambda: pdf.write(report(), paper))
    return [
        Figure(
            f"report: {name}, {run.rows + run.holdout_rows:,} rows, nothing known",
            round(seconds_first, 2),
            "s",
        ),
        at_most(f"report: {name}, scores and map known", seconds_again, "s", 5),
        at_most(f"report: {name}, on paper, scores and map known", seconds_paper, "s", 5),
        at_most("report: size of the page", page.stat().st_size / 1000, "kB", 1000),
        Figure("report: sections", float(len(first.sections)), ""),
    ]


def _stopped(project: Path, run: Run, engine: EngineClient) -> list[Figure]:
    """From the wish to stop to the end, while the engine scores."""
    stop, ended = threading.Event(), list[float]()

    def work() -> None:
        try:
            make.make(project, run, Asking(engine.request, lambda *_: None, stop.is_set))
        except Cancelled:
            ended.append(time.perf_counter())

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(_STOP_AFTER)
    wished = time.perf_counter()
    stop.set()
    thread.join()
    waited = 1000 * (ended[0] - wished) if ended else 0.0
    return [at_most("report: stopping while the rows are scored", waited, "ms", 500)]


def _timed(work):  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    found = work()
    return found, time.perf_counter() - started


def _run(project: Path) -> Run:
    """A run as a trainer leaves it, whose model is the base model with its weights moved a little."""
    with Project.open(project) as opened:
        info = opened.datasets()[0]
        rows = list(opened.rows(info.id))
    folder = create_run_folder(project, info.name)
    held = len(rows) // 5
    data.write(folder, info.format, info.negatives, rows[held:], rows[:held], info.id)
    Spec(str(folder), info.format, catalogue.EMBEDDED, "CosineSimilarityLoss", dataset_name=info.name).save()
    _moved(folder / "model")
    metric, title = "spearman_cosine", "Hold-out Spearman"
    told = [
        RecipeEvent(folder.name, {}, len(rows) - held, held, STEPS, 5.0, "cpu", "CPU", "fp32"),
        BaselineEvent(metric, title, 0.2, held),
        *(
            StepEvent(n, 5 * n / STEPS, 0.3 - n / (5 * STEPS), 2e-5, elapsed=float(n))
            for n in range(1, STEPS + 1)
        ),
        EvaluationEvent(STEPS, 5.0, metric, title, 0.3, held, best=True),
        FinishedEvent(
            folder.name, "", {"title": title, "base": 0.2, "tuned": 0.3, "rows": held, "kept": "best"}, STEPS
        ),
    ]
    with (folder / EVENTS).open("w", encoding="utf-8") as stream:
        stream.writelines(jsonlines.dumps(as_record(event)) + "\n" for event in told)
    return read_run(folder)


def _moved(target: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    shutil.copytree(catalogue.embedded_path(), target)
    torch.manual_seed(0)
    for path in target.rglob("*.safetensors"):
        weights = load_file(path)
        moved = {
            name: value + 0.05 * value.std() * torch.randn_like(value)
            if value.dim() == 2 and value.is_floating_point()
            else value
            for name, value in weights.items()
        }
        save_file(moved, path)
