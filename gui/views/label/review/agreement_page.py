"""How far two judgements of the same rows agree, and the disagreements, to be settled one by one by keys."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.dataset.agreement.judgements import cells, in_words, mean
from core.dataset.agreement.report import Agreement, agreement
from core.dataset.formats import DatasetInfo, Example, Format
from core.project import Change, Project
from core.project.edits import Compound, SetCells
from core.project.passes import Judge, Judged, Pass
from core.project.queries import Queries
from gui.context import Context
from gui.views.label.review.agreement_head import AgreementHead
from gui.views.label.review.big_text import TextCard, size_for
from gui.views.label.review.deciding import ORIGIN, STEP
from gui.views.label.review.keys import KeyBar, KeyHint
from gui.widgets.basic import ElidedLabel, EmptyState, brief, label, plain_tip
from gui.workers.job import Job

_AT_ONCE = 3000  # rows that are read and compared within a frame or two
_LISTED = 1000  # disagreements in the list; more are settled as those before are done
_LIST_WIDTH = 200
_LINE = 30


class AgreementPage(QFrame):
    left = Signal()
    go_on = Signal(object)  # a pass whose rows are not all judged again

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("review.agreement")
        self.context = context
        self.info: DatasetInfo | None = None
        self.passes: list[Pass] = []
        self.current: Pass | None = None
        self.rows: list[Judged] = []
        self.cards: list[TextCard] = []
        self._job: Job | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.head = AgreementHead()
        self.head.chosen.connect(self._choose)
        self.head.resumed.connect(self._go_on)
        self.head.closed.connect(self.left)
        column.addWidget(self.head)
        self.places = QStackedWidget()
        self.places.addWidget(self._make_desk())
        self.nothing = EmptyState("check", "", "Back to the review", self.left.emit)
        self.nothing.button.setObjectName("agreement.back")
        self.places.addWidget(self.nothing)
        column.addWidget(self.places, 1)
        column.addWidget(self._make_foot())

    def _make_desk(self) -> QWidget:
        desk = QWidget()
        row = QHBoxLayout(desk)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.list = QListWidget()
        self.list.setObjectName("agreement.list")
        self.list.setAccessibleName("Disagreements")
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(lambda _row: self._show_row())
        row.addWidget(self.list)
        area = QScrollArea()
        area.setObjectName("agreement.scroll")
        area.setAccessibleName("The row that is judged in two ways")
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self.texts = QVBoxLayout(inside)
        self.texts.setContentsMargins(24, 14, 24, 12)
        self.texts.setSpacing(10)
        self.number = label("", "secondary", name="agreement.number")
        self.texts.addWidget(self.number)
        self.texts.addStretch(1)
        area.setWidget(inside)
        row.addWidget(area, 1)
        return desk

    def _make_foot(self) -> QWidget:
        foot = QFrame()
        foot.setObjectName("review.foot")
        column = QVBoxLayout(foot)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(4)
        self.keys = KeyBar("agreement.keys", large=True, centred=True)
        self.keys.pressed.connect(self.press)
        self.last = ElidedLabel("", "caption")
        self.last.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.last.setFixedHeight(18)
        self.last.setObjectName("agreement.last")
        column.addWidget(self.keys)
        column.addWidget(self.last)
        return foot

    # -- what is compared ---------------------------------------------------------------------------------------

    def open(self, info: DatasetInfo, wanted: int = 0) -> bool:
        """Show the pass of this id, or the newest. False when there is none."""
        self.info = info
        self.last.setText("")
        self._make_cards(info)
        return self._load(wanted)

    def _make_cards(self, info: DatasetInfo) -> None:
        for card in self.cards:
            self.texts.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []
        for place, column in enumerate(column for column in info.columns if column.slot >= 0):
            card = TextCard(f"agreement.{column.key}", column.title, column.role)
            self.texts.insertWidget(1 + place, card)
            self.cards.append(card)

    def _load(self, wanted: int, front: int = 0) -> bool:
        """Read the passes, in a worker where there are many rows; `front` is the example to come to the front."""
        project, info = self.context.project, self.info
        self.stop()
        if project is None or info is None:
            return False
        rows = project.judged_twice(info.id)
        if not rows:
            return False
        if rows <= _AT_ONCE:
            self._show(_read(project, info, wanted), front)
            return True
        reader = project.reader()

        def work(job: Job) -> tuple[list[Pass], Pass, Agreement]:
            try:
                return _read(reader, info, wanted)
            finally:
                reader.close()

        self.head.words.setText("Comparing the judgements…")
        self._job = self.context.run("", work, on_done=lambda found: self._show(found, front))
        self._job.on_cancel(reader.interrupt)
        return True

    def stop(self) -> None:
        """Nobody waits for the judgements any more."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _show(self, read: tuple[list[Pass], Pass, Agreement], front: int) -> None:
        self._job = None
        passes, current, found = read
        self.passes, self.current = passes, current
        self.head.show_passes(passes, current)
        self.head.show_report(found)
        waits = current.kind == "blind" and current.judged < len(current.rows)
        self.head.resume.setVisible(waits and self.context.editable)
        self._fill_list()
        places = [place for place, row in enumerate(self.rows) if row.example_id == front]
        if places:
            self.list.setCurrentRow(places[0])

    def reload(self, example_id: int = 0) -> None:
        """Judgements were settled or taken back; that example comes to the front."""
        if self.current is None or not self._load(self.current.id, example_id):
            self.left.emit()

    def _fill_list(self) -> None:
        assert self.current is not None and self.info is not None and self.context.project is not None
        row = max(self.list.currentRow(), 0)
        self.rows = list(self.current.open[:_LISTED])
        known: dict[int, int] = {}
        for start in range(0, len(self.rows), 500):
            ids = [one.example_id for one in self.rows[start : start + 500]]
            known.update((example.id, example.number) for example in self.context.project.examples(ids))
        self.rows = [one for one in self.rows if one.example_id in known]
        self.list.blockSignals(True)
        self.list.clear()
        for one in self.rows:
            words = f"Row {known[one.example_id]:,}:  {self._words(one.first)} → {self._words(one.second)}"
            item = QListWidgetItem(brief(words, 80))
            item.setSizeHint(QSize(0, _LINE))
            item.setToolTip(plain_tip(words))
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.list.setCurrentRow(min(row, len(self.rows) - 1))
        self._show_row()

    def _words(self, judged: str) -> str:
        assert self.info is not None
        return in_words(self.info.format, self.info.scale, judged)

    # -- one disagreement ---------------------------------------------------------------------------------------

    @property
    def row(self) -> Judged | None:
        place = self.list.currentRow()
        return self.rows[place] if 0 <= place < len(self.rows) else None

    def _example(self) -> Example | None:
        project, row = self.context.project, self.row
        found = project.examples([row.example_id]) if project is not None and row is not None else []
        return found[0] if found else None

    def _show_row(self) -> None:
        example = self._example()
        self.places.setCurrentIndex(1 if example is None else 0)
        if example is None:
            self._say_nothing()
        else:
            size = size_for(example.texts, compact=self.height() < 620)
            self.number.setText(f"Row {example.number:,} · {len(self.rows):,} to settle")
            for card, text in zip(self.cards, example.texts):
                card.set_compact(self.height() < 620)
                card.show_text(text, size)
        self._show_keys()

    def _say_nothing(self) -> None:
        if self.current is None:
            return
        differ = sum(row.differs for row in self.current.rows)
        waiting = len(self.current.rows) - self.current.judged
        if differ:
            words = "Every disagreement is settled."
        elif waiting and self.current.kind == "blind":
            words = f"{waiting:,} rows of this second pass wait for their second judgement."
        else:
            words = "There is no disagreement."
        self.nothing.sentence.setText(words)

    def _show_keys(self) -> None:
        row = self.row
        editable = self.context.editable
        if row is None or self.info is None or self.current is None:
            self.keys.show_keys(
                [KeyHint("Z", "undo", enabled=editable), KeyHint("Escape", "back", cap="Esc")]
            )
            return
        blind = self.current.kind == "blind"
        names = ("the first", "the second") if blind else ("mine", "theirs")
        hints = [
            KeyHint(
                "1" if blind else "M",
                f"{names[0]}: {brief(self._words(row.first), 24)}",
                tone="accent",
                enabled=editable,
            ),
            KeyHint(
                "2" if blind else "T",
                f"{names[1]}: {brief(self._words(row.second), 24)}",
                tone="accent",
                enabled=editable,
            ),
        ]
        middle = mean(row.first, row.second) if self.info.format is Format.SCORED else ""
        if middle:
            hints.append(KeyHint("3" if blind else "E", f"the mean: {self._words(middle)}", enabled=editable))
        hints += [
            KeyHint("S", "later"),
            KeyHint("Z", "undo", enabled=editable),
            KeyHint("Escape", "back", cap="Esc"),
        ]
        self.keys.show_keys(hints)

    # -- keys ---------------------------------------------------------------------------------------------------

    def press(self, key: str) -> bool:
        row = self.row
        if key == "Escape":
            self.left.emit()
        elif key in ("Up", "Left", "Down", "Right", "S"):
            step = -1 if key in ("Up", "Left") else 1
            self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), len(self.rows) - 1))
        elif key == "Z":
            self._undo()
        elif row is None:
            return False
        elif key in ("1", "M"):
            self._settle(row, row.first, "first")
        elif key in ("2", "T"):
            self._settle(row, row.second, "second")
        elif key in ("3", "E") and self.info is not None and self.info.format is Format.SCORED:
            if middle := mean(row.first, row.second):
                self._settle(row, middle, "mean")
        else:
            return False
        return True

    def _settle(self, row: Judged, judged: str, how: str) -> None:
        example, info, current = self._example(), self.info, self.current
        if example is None or info is None or current is None or not self.context.editable:
            return
        words = self._words(judged)

        def apply(project: Project) -> Change:
            edits = (
                SetCells(tuple(cells(info.format, info.scale, row.example_id, judged))),
                Judge(current.id, row.example_id, row.second, how),
            )
            return project.apply(
                Compound(edits), f"{STEP} row {example.number:,}: settled as {brief(words, 40)}", ORIGIN
            )

        if self.context.edit(apply) is not None:
            self.last.setText(f"Row {example.number:,}: {brief(words, 60)}. Z takes it back.")
            self._settled(row, how)

    def _settled(self, row: Judged, how: str) -> None:
        """Off the list it goes; how far the judgements agreed is not changed by that."""
        assert self.current is not None
        rows = tuple(replace(one, settled=how) if one is row else one for one in self.current.rows)
        self.current = replace(self.current, rows=rows)
        place = self.rows.index(row)
        self.list.blockSignals(True)
        self.rows.pop(place)
        self.list.takeItem(place)
        self.list.setCurrentRow(min(place, len(self.rows) - 1))
        self.list.blockSignals(False)
        if not self.rows and self.current.open:
            self._fill_list()
        else:
            self._show_row()

    def _undo(self) -> None:
        project = self.context.project
        if project is None or not self.context.editable:
            return
        words = project.undo_label
        if not words.startswith(STEP) or ": settled as" not in words:
            self.last.setText("No settled row is left to take back.")
            return
        self.context.undo()
        self.last.setText(f"Taken back: {brief(words, 100)}")

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self.passes):
            self._load(self.passes[place].id)

    def _go_on(self) -> None:
        if self.current is not None:
            self.go_on.emit(self.current)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.list.setVisible(self.width() >= 600)


def _read(store: Queries, info: DatasetInfo, wanted: int) -> tuple[list[Pass], Pass, Agreement]:
    """The passes of the dataset, the one of this id or else the newest, and how far its judgements agree."""
    passes = store.passes(info.id)
    current = next((one for one in passes if one.id == wanted), passes[0])
    return passes, current, agreement(info.format, [(row.first, row.second) for row in current.rows])
