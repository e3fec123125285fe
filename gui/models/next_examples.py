"""What the engine finds worth labelling next: rows, unpaired texts, and groups of texts without any label."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.dataset.formats import DatasetInfo, Format
from core.errors import AnchorLabError, Cancelled
from core.project import Change
from gui.context import Context
from gui.models import prescore, score_text
from gui.models.model_scores import ModelScores
from gui.widgets.score import number
from gui.workers.job import Job

KINDS = ("rows", "texts", "groups")
COUNT = 20


@dataclass(frozen=True)
class Item:
    """One line of the list. `ids`: its rows; `texts`: unpaired ones that rows can be made of."""

    title: str
    below: str = ""
    figure: str = ""
    ids: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()
    size: int = 1


@dataclass(frozen=True)
class Found:
    """`state`: off, working, ready, failed."""

    state: str = "off"
    items: tuple[Item, ...] = ()
    about: str = ""  # how many were looked at, in words
    done: int = 0
    total: int = 0
    asked: tuple[Any, ...] = field(default=(), compare=False)


class NextExamples(QObject):
    """`found` by kind; `changed` tells which kind has news."""

    changed = Signal(str)

    def __init__(self, context: Context, scores: ModelScores, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._scores = context, scores
        self._jobs: dict[str, Job] = {}
        self.found: dict[str, Found] = {kind: Found() for kind in KINDS}
        context.data_changed.connect(self._data_changed)
        context.dataset_changed.connect(self.forget)
        scores.model_changed.connect(self.forget)
        context.project_closing.connect(self.forget)

    def forget(self) -> None:
        """Another dataset or model: what was found does not hold for it."""
        for kind in KINDS:
            self.stop(kind)
            self.found[kind] = Found()
            self.changed.emit(kind)

    def stop(self, kind: str) -> None:
        job = self._jobs.pop(kind, None)
        if job is not None:
            job.cancel()
            self._set(kind, Found())

    def ask(self, kind: str) -> None:
        """Find anew. The answer replaces what is there."""
        context, info = self._context, self._context.dataset
        if context.project is None or info is None:
            return
        self.stop(kind)
        params: dict[str, Any] = {
            "project": str(context.project.folder),
            "dataset_id": info.id,
            "model": self._scores.model,
        }
        if kind != "groups":
            params |= {"what": kind, "count": COUNT}
        table = self._scores.table
        if kind == "rows" and table is not None:
            params["calibration"] = table.calibration
        self._set(kind, Found("working"))
        self._jobs[kind] = context.engine.ask_in_slices(
            "empty_groups" if kind == "groups" else "what_next",
            params,
            title="Looking for groups without labels"
            if kind == "groups"
            else "Looking for what to label next",
            on_done=partial(self._answered, kind, info),
            on_error=partial(self._failed, kind),
            on_progress=lambda done, total: self._set(kind, Found("working", done=done, total=total)),
        )
        self._jobs[kind].finished.connect(partial(self._ended, kind, self._jobs[kind]))

    def _set(self, kind: str, found: Found) -> None:
        self.found[kind] = found
        self.changed.emit(kind)

    def _answered(self, kind: str, info: DatasetInfo, answer: dict[str, Any]) -> None:
        self._jobs.pop(kind, None)
        if kind == "rows":
            items = tuple(_row(info, one) for one in answer["items"])
            about = f"of {answer['of']:,} " + ("unlabelled" if info.format is Format.SCORED else "undecided")
        elif kind == "texts":
            items = tuple(Item(one["text"], texts=(one["text"],)) for one in answer["items"])
            about = f"of {answer['of']:,} unpaired texts"
        else:
            items = tuple(_group(one) for one in answer["groups"])
            about = f"{len(items)} of {answer['of']:,} groups have no label"
        self._set(kind, Found("ready", items, about))

    def _failed(self, kind: str, error: BaseException) -> None:
        self._jobs.pop(kind, None)
        if isinstance(error, Cancelled):
            self._set(kind, Found())
            return
        self._set(kind, Found("failed"))
        self._context.messages.error(error, action="Try again", do=partial(self.ask, kind))

    def _ended(self, kind: str, job: Job) -> None:
        """A job that was cancelled in the status bar says nothing any more."""
        if self._jobs.get(kind) is job and job.stopped():
            self._jobs.pop(kind)
            self._set(kind, Found())

    def _data_changed(self, change: Change) -> None:
        """Rows that were decided leave the list; the rest stays until somebody looks for more."""
        project, info, found = self._context.project, self._context.dataset, self.found["rows"]
        if project is None or info is None or not change.kinds & {"cells", "rows"} or not found.items:
            return
        ids = [id for item in found.items for id in item.ids]
        if change.ids and not set(ids) & set(change.ids):
            return
        try:
            there = {row.id: row for row in project.examples(ids)}
        except AnchorLabError as error:
            self._context.messages.error(error)
            return
        kept = tuple(
            item for item in found.items if item.ids[0] in there and _undecided(info, there[item.ids[0]])
        )
        if kept != found.items:
            self._set("rows", replace(found, items=kept))


def _undecided(info: DatasetInfo, row: Any) -> bool:
    if row.status in prescore.DECIDED:
        return False
    return info.format is not Format.SCORED or row.score is None


def _row(info: DatasetInfo, one: dict[str, Any]) -> Item:
    texts = one["texts"]
    model = one.get("model")
    if model is None:
        figure = ""
    elif info.format is Format.SCORED:
        figure = score_text.shown(model, info.scale)
    else:
        figure = number(model, 2)
    return Item(texts[0], texts[1] if len(texts) > 1 else "", figure, (int(one["id"]),))


def _group(one: dict[str, Any]) -> Item:
    words = " · ".join(one["words"]) or "Alike texts"
    typical = one["typical"][0] if one["typical"] else ""
    return Item(
        words, typical, f"{one['size']:,}", tuple(one["rows"]), tuple(one["unpaired"]), int(one["size"])
    )
