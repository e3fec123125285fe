"""Similar texts: what the project has nearest to the chosen anchor, to several, or to a text typed freely; a key makes a label of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt

from core.dataset.formats import DatasetInfo, Example, Format, Role, Scale
from core.errors import Cancelled
from core.project import Change
from core.project.labelling import Label
from gui.context import Context
from gui.models import score_text
from gui.models.near_texts import NearText
from gui.views.label.assist.labeller import Labeller
from gui.views.label.assist.similar_view import SimilarView
from gui.views.label.commands import ORIGIN
from gui.widgets.basic import tab_order
from gui.workers.job import Job

SOURCE = "similar texts"
_K = 50
_MOST_ANCHORS = 20  # a label for each of them is one step


class SimilarTab(SimilarView):
    def __init__(self, context: Context, labeller: Labeller, import_file: Callable[[], object]) -> None:
        super().__init__(context, labeller)
        self._import = import_file
        self._rows: list[Example] = []
        self._many: list[int] = []
        self._job: Job | None = None
        self._asked: tuple[Any, ...] = ()
        self._say_done("")
        self.typed.textChanged.connect(lambda _text: self._later())
        self.typed.returnPressed.connect(self._to_list)
        self.join.currentIndexChanged.connect(lambda _place: self._later())
        self.model.chosen.connect(self._later)
        self.among.chosen.connect(self._later)
        self.list.key_pressed.connect(self._key)
        self.list.opened.connect(self._look_from)
        self.list.moved.connect(self._allow)
        self.buttons.pressed.connect(self._label)
        context.data_changed.connect(self._data_changed)
        self._teach()

    # -- what is chosen -----------------------------------------------------------------------------------------

    def show_example(self, example: Example | None, info: DatasetInfo | None) -> None:
        rows = [example] if example is not None else []
        moved = [row.id for row in rows] != [row.id for row in self._rows] or bool(self._many)
        self._open(info)
        self._rows, self._many = rows, []
        if moved:
            self._row_moved()
        elif self._active and self._question() != self._asked:
            self._later()

    def show_many(self, ids: Sequence[int], info: DatasetInfo) -> None:
        self._open(info)
        if list(ids) != self._many:
            self._many, self._rows = list(ids), []
            self._row_moved()

    def _row_moved(self) -> None:
        self.typed.clear()
        if self._active:
            self._later()

    def _open(self, info: DatasetInfo | None) -> None:
        if (
            info is None
            or self._info is None
            or (info.id, info.columns) != (self._info.id, self._info.columns)
        ):
            self.buttons.open(info)
            tab_order(self.list, *self.buttons.by_key.values(), self.undo)
            self._say_done("")
        self._info = info
        self.among.open(info.id if info is not None else 0)
        self._allow()

    def activate(self) -> None:
        self._active = True
        self._later()

    def _forget(self) -> None:
        self._stop()
        self._rows, self._many, self._asked = [], [], ()
        self.list.texts.show([])
        self._say_done("")
        self._teach()

    # -- asking -------------------------------------------------------------------------------------------------

    def anchors(self) -> list[str]:
        """The texts to look from: what is typed, or the anchors of the chosen rows."""
        if self.typed.text().strip():
            return [self.typed.text().strip()]
        return list(dict.fromkeys(row.texts[0] for row in self._rows if row.texts[0].strip()))

    def _question(self) -> tuple[Any, ...]:
        return (tuple(self.anchors()), self.join.currentData(), self.model.reference, self.among.wanted)

    def look(self) -> None:
        """Ask the engine now; a newer question replaces the older one."""
        project = self._context.project
        if self._many and not self._rows:
            self._rows = self._labeller.rows_of(self._many)
        anchors = self.anchors()
        self._show_anchor(anchors)
        if project is None or not anchors:
            self._stop()
            self._asked = ()
            self._teach()
            return
        question = self._question()
        if question == self._asked:
            return
        self._stop()
        self._asked = question
        params = {
            "project": str(project.folder),
            "model": question[2],
            "texts": anchors,
            "join": question[1],
            "among": question[3],
            "k": _K,
        }
        if self._context.engine.state != "warm":
            self.waiting.show_progress("The model is loading. The list comes by itself.")
        self._job = self._context.engine.ask(
            "similar",
            params,
            group="similar",
            on_done=self._answered,
            on_error=self._failed,
            on_progress=lambda done, total: self._show_embedding(self._job, done, total),
        )

    def _show_anchor(self, anchors: list[str]) -> None:
        several = len(anchors) > 1
        self.sign.setVisible(bool(anchors))
        self.anchor.setText(
            f"{len(anchors):,} anchors together" if several else anchors[0] if anchors else ""
        )
        self.anchor.setVisible(bool(anchors))
        self.join.setVisible(several)

    def _stop(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            self._asked = ()
        self.waiting.hide()

    def _cancel(self) -> None:
        self.list.texts.show([])  # it may be another anchor's
        super()._cancel()

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self._asked = ()
        if isinstance(error, Cancelled):
            self.waiting.hide()
            return
        self.list.texts.show([])
        self._say_failed(error)

    def _answered(self, answer: dict[str, Any]) -> None:
        self._job = None
        self.waiting.hide()
        self.among.show_answer(answer["among"])
        count = answer["count"]
        self.count.setText(f"{count:,} text{'' if count == 1 else 's'}")
        items = [self._item(hit) for hit in answer["hits"]]
        if not items:
            self._say(
                "The project has no other texts yet. Import a plain text file: each of its lines is a text to compare with.",
                "Import a file…" if self._context.editable else "",
                self._import,
            )
            return
        self.list.near.top = max(items[0].score, 1e-6) if answer["metric"] != "cosine" else 1.0
        self.list.texts.show(items)
        self.list.scrollToTop()
        self.stack.setCurrentWidget(self.list)
        self.list.go_to(self.list.texts.next_open(-1))
        self._allow()

    def _item(self, hit: dict[str, Any]) -> NearText:
        label, score = hit["label"], hit["score"]
        mine = self._info is not None and hit["dataset"] == self._info.id
        shown = (
            ""
            if label is None
            else score_text.shown(label, self._info.scale)
            if mine and self._info
            else f"{label:.2f}"
        )
        return NearText(
            hit["text"],
            float("nan") if score is None else score,
            hit["role"],
            shown,
            hit["row"] if mine else 0,
        )

    def _teach(self) -> None:
        self.count.setText("")
        if self._context.project is None or self._rows:
            words = "This row has no anchor yet. Type one, or type a text above."
        else:
            words = "Choose a row, or type a text above. The texts of the project that mean nearly the same appear here, and one key makes a label of each."
        self._say(words)

    def _data_changed(self, change: Change) -> None:
        if change.kinds & {"cells", "rows", "datasets", "texts"} and change.origin != ORIGIN:
            self._asked = ()
            self._later()

    # -- labelling ----------------------------------------------------------------------------------------------

    def focus_list(self) -> None:
        """The keyboard goes to the list, or to the field while the list is empty."""
        (self.list if self.list.texts.items else self.typed).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _to_list(self) -> None:
        self._timer.stop()
        self.look()
        self.list.setFocus()

    def _look_from(self, row: int) -> None:
        self.typed.setText(" ".join(self.list.texts.items[row].text.split()))

    def _key(self, key: str) -> None:
        self.buttons.press(key)

    def _allow(self) -> None:
        there = self.stack.currentWidget() is self.list and bool(self.list.chosen())
        few = len(self.anchors()) <= _MOST_ANCHORS
        self.buttons.allow(there and few and self._labeller.allowed)
        self.buttons.setToolTip("" if few else f"A label for each of at most {_MOST_ANCHORS} anchors")

    def _label(self, role: str, raw: str) -> None:
        """The chosen texts become labels of every anchor looked from; one step."""
        info = self._info
        places = [row for row in self.list.chosen() if not self._known(row, role, raw)]
        if info is None or not places:
            self._say_done("That is known already.")
            return
        rows = self._rows_to_fill()
        items = [self.list.texts.items[place] for place in places]
        if info.format is Format.SCORED:  # a known pair gets another score
            rows = [*self._labeller.rows_of([item.row for item in items if item.row]), *rows]
        labels = [Label(anchor, item.text, Role(role), raw) for item in items for anchor in self.anchors()]
        edits = self._labeller.edits(info, labels, rows, SOURCE)
        change = self._labeller.apply(edits, _words(role, raw, len(places)))
        if change is None:
            return
        sign = role if role != "score" else self._sign_of(info, raw)
        shown = self._shown(raw) if role == "score" else ""
        self.list.texts.mark(places, sign, shown)
        self._say_done(self._labeller.told(change, role, raw), self._labeller.take_back(change))
        self.list.go_to(self.list.texts.next_open(places[-1]))

    def _rows_to_fill(self) -> list[Example]:
        return self._labeller.rows_of([row.id for row in self._rows]) if not self.typed.text().strip() else []

    def _known(self, row: int, role: str, raw: str) -> bool:
        item = self.list.texts.items[row]
        return item.role == role or (role == "score" and item.label == self._shown(raw))

    def _shown(self, raw: str) -> str:
        scale = self._info.scale if self._info is not None else Scale()
        return score_text.shown(scale.to_unit(float(raw)), scale)

    @staticmethod
    def _sign_of(info: DatasetInfo, raw: str) -> str:
        return "positive" if info.scale.to_unit(float(raw)) >= 0.5 else "negative"


def _words(role: str, raw: str, count: int) -> str:
    what = f"Score {raw}" if role == "score" else f"{role.capitalize()}"
    return f"{what} from similar texts" if count == 1 else f"{what}: {count} similar texts"
