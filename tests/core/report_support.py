"""A project with a finished run of a tiny model, an engine in this process, and a page taken apart."""

from __future__ import annotations

import dataclasses
import json
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from core.dataset.formats import Example, Format
from core.engine.models import ModelStore
from core.engine.operations import OPERATIONS, Engine
from core.errors import Cancelled
from core.project import Project
from core.report.asking import Asking
from core.training import data
from core.training.events import (
    BaselineEvent,
    EvaluationEvent,
    Event,
    FailedEvent,
    FinishedEvent,
    NoticeEvent,
    ProbesEvent,
    RecipeEvent,
    StepEvent,
    as_record,
)
from core.training.runs import EVENTS, Run, create_run_folder, read_run
from core.training.spec import Spec
from tests.core.training_support import LOSS, examples

VOID = {"meta", "col", "br", "line", "rect", "circle", "path"}
HOSTILE = "<script>alert(1)</script>\"' &amp; \x00\x07 \u202eright\u2066 \ud800 \uffff ]]>\n" + "long " * 300


class Request:
    """A job without a pipe."""

    def __init__(self, should_stop: Any) -> None:
        self.should_stop = should_stop

    def check(self) -> None:
        if self.should_stop():
            raise Cancelled

    def progress(self, *_: object) -> None: ...


class InProcess:
    """Answers like `EngineClient.request`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.engine = Engine(ModelStore("cpu"))
        self.asked: list[str] = []

    def request(self, op: str, params: dict[str, Any], *, should_stop: Any) -> dict[str, Any]:
        self.asked.append(op)
        return OPERATIONS[op](self.engine, params, Request(should_stop))  # type: ignore[arg-type]

    def asking(self, should_stop: Any = lambda: False, told: list[str] | None = None) -> Asking:
        said = [] if told is None else told
        return Asking(self.request, lambda what, _done, _total: said.append(what), should_stop)


def project_of(folder: Path, format: Format, rows: list[Example] | None = None, name: str = "Words") -> Path:
    with Project.create(folder, name) as project:
        project.create_dataset("main", format, examples=rows or examples(format, 48))
    return folder


def run_of(
    project: Path, base: str, tuned: str, *, held: int = 12, end: str = "finished", **settings: Any
) -> Run:
    """A run over the rows of the project's only dataset; the last `held` of them are held out."""
    with Project.open(project) as opened:
        info = opened.datasets()[0]
        rows = list(opened.rows(info.id))
    folder = create_run_folder(project, "main")
    cut = len(rows) - held
    train, holdout = rows[:cut], rows[cut:]
    data.write(folder, info.format, info.negatives, train, holdout, info.id)
    values = {"loss": LOSS[info.format], "dataset_name": info.name, "project_name": "Words", **settings}
    Spec(str(folder), info.format, base, **values).save()
    if end in ("finished", "stopped"):
        shutil.copytree(tuned, folder / "model")
        (folder / "model" / "README.md").write_text(
            "# M\n\n### Framework Versions\n- Python: 3.11.7\n- PyTorch: 2.13.0\n\n## Citation\n",
            encoding="utf-8",
        )
    write(folder, events(folder.name, len(train), held, end))
    return read_run(folder)


def events(name: str, rows: int, held: int, end: str) -> list[Event]:
    metric = "spearman_cosine" if held else ""
    made: list[Event] = [
        RecipeEvent(
            name, {}, rows, held, 8, 2.0, "cpu", "CPU · 2 threads", "fp32", [["one text", "other text"]]
        ),
        NoticeEvent("The rate was halved."),
        BaselineEvent(metric, "Hold-out Spearman", 0.5 if held else None, held),
        ProbesEvent(0, [0.25]),
        *(StepEvent(n, n / 4, 1 / n, 2e-5, elapsed=float(n)) for n in range(1, 9)),
        ProbesEvent(8, [0.75]),
    ]
    if held:
        made.append(EvaluationEvent(8, 2.0, metric, "Hold-out Spearman", 0.625, held, best=True))
    if end in ("finished", "stopped"):
        figures = {
            "metric": metric,
            "title": "Hold-out Spearman",
            "base": 0.5 if held else None,
            "tuned": 0.625 if held else None,
            "rows": held,
            "best_step": 8,
            "kept": "best",
            "blend": 1.0,
            "verdict": "Not distinguishable from the base model. 0.5 → 0.625."
            if held
            else "Nothing was held out.",
            "verdict_word": "unclear" if held else "unmeasured",
            "interval": [-0.05, 0.3] if held else None,
            "base_metrics": {"spearman_cosine": 0.5} if held else {},
            "tuned_metrics": {"spearman_cosine": 0.625} if held else {},
            "training_seconds": 61.0,
            "evaluation_seconds": 2.0,
        }
        made.append(FinishedEvent(name, "", figures, 8, end == "stopped", 63.0))
    elif end == "failed":
        made.append(FailedEvent(name, "The <b>loss</b> is not a number.", "Choose a smaller rate."))
    return made


def write(folder: Path, told: list[Event]) -> None:
    with (folder / EVENTS).open("a", encoding="utf-8") as stream:
        for event in told:
            stream.write(json.dumps(as_record(event), separators=(",", ":")) + "\n")


def with_verdict(run: Run, word: str, sentence: str) -> Run:
    return dataclasses.replace(run, outcome=dataclasses.replace(run.outcome, word=word, verdict=sentence))


class Page(HTMLParser):
    """A page taken apart; every element must be closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.svgs: list[ElementTree.Element] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == [], self._open
        for part in text.split("<svg ")[1:]:
            self.svgs.append(ElementTree.fromstring("<svg " + part.partition("</svg>")[0] + "</svg>"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def count(self, tag: str) -> int:
        return sum(1 for name, _ in self.elements if name == tag)

    def sections(self) -> list[str]:
        return [str(attributes["id"]) for tag, attributes in self.elements if tag == "section"]
