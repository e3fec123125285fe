"""Review mode: one example of the table's rows at a time, decided by single keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.dataset.formats import DatasetInfo, Example
from core.project import Change
from core.project.edits import SetMeta
from gui.context import Context
from gui.models.example_table import ExampleTable
from gui.models.model_scores import ModelScores
from gui.views.label.review.acts import ReviewActs
from gui.views.label.review.deciding import ORIGIN, Deciding
from gui.views.label.review.deck import Deck
from gui.views.label.review.desk import Desk
from gui.views.label.review.guidelines import META, GuidelinesPane
from gui.views.label.review.header import ReviewHeader
from gui.views.label.review.judge import Judge, Verdict
from gui.views.label.review.judge_categories import CategoryJudge
from gui.views.label.review.judge_scored import ScoreJudge
from gui.views.label.review.keys import KeyHint
from gui.views.label.review.memory import Memory
from gui.views.label.review.orders import model_keys, reason_against
from gui.views.label.review.pace import Pace, in_words
from gui.views.label.review.rounds import RANKED, Rounds
from gui.views.label.review.tokens import token

_FEW = 40  # rows of a step; one of more is no single decision
_NARROW = 620  # beside a pane of guidelines there must be this much left


class ReviewPanel(QWidget):
    """`rows` are the table's; what the panel decides are edits like any other, which the whole page hears of."""

    moved = Signal(int)  # the id of the example in front

    def __init__(
        self, context: Context, rows: ExampleTable, scores: ModelScores, start: Callable[[], int]
    ) -> None:
        """`start` is the id the table stands at."""
        super().__init__()
        self.setObjectName("review")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Review: one example at a time")
        self.context, self.rows, self.scores, self._start = context, rows, scores, start
        self.info: DatasetInfo | None = None
        self._stale = True
        self._over = False
        self._seen_end = False
        self.memory = Memory(context)
        self.deck = Deck(context, self)
        self.pace = Pace()
        self.desk = Desk()
        self.header = ReviewHeader(self.why_not)
        self.guidelines = GuidelinesPane()
        self.deciding = Deciding(context)
        self.places = QStackedWidget()
        self.places.addWidget(self.desk)
        self.rounds = Rounds(self)
        self.acts = ReviewActs(self)
        self._lay_out()
        self._tick = QTimer(self)
        self._tick.setInterval(5000)
        self._tick.timeout.connect(self._show_pace)
        self._connect()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.places, 1)
        row.addLayout(column, 1)
        row.addWidget(self.guidelines)

    def _connect(self) -> None:
        self.deck.moved.connect(self.show_example)
        self.deck.counted.connect(self._show_progress)
        self.desk.pressed.connect(self.press)
        self.desk.note.kept.connect(self.acts.keep_note)
        self.desk.note.left.connect(self.acts.leave_note)
        header = self.header
        header.order_chosen.connect(self.set_order)
        header.shuffle_again.connect(self._shuffle_again)
        header.over_decided.connect(self._go_over)
        header.guidelines_toggled.connect(self.toggle_guidelines)
        header.ends_toggled.connect(self._use_ends)
        self.guidelines.closed.connect(self.toggle_guidelines)
        self.guidelines.text.left.connect(self.take_focus)
        self.guidelines.text.kept.connect(self._keep_guidelines)
        for change in (self.rows.modelReset, self.rows.rowsInserted, self.rows.rowsRemoved):
            change.connect(self._rows_changed)

    # -- the dataset and its rows -------------------------------------------------------------------------------

    def open(self, info: DatasetInfo | None) -> None:
        """Another dataset; its rows come with the table's."""
        self.info = info
        self.pace.clear()
        self._seen_end = False
        self.desk.say("")
        self.desk.close_note()
        self.rounds.close()
        self.deck.open(info)
        project = self.context.project
        self.guidelines.text.show_text(project.meta(META) if project is not None else "")
        self.allow(self.context.editable)
        if info is None:
            return
        self.guidelines.text.teach(info)
        self.deck.seed = self.memory.seed(info.id)
        self.deck.order = self.memory.order(info.id)
        if self.why_not(self.deck.order):
            self.deck.order = "listed"
        self.header.show_order(self.deck.order)
        judge = self.desk.open(info)
        self._listen(judge)
        if isinstance(judge, ScoreJudge):
            self._know_ends(judge, info)
        else:
            self.header.show_ends(False, scored=False)
        if isinstance(judge, CategoryJudge):
            self.deciding.find_categories(info.id, judge.know)
        self._show_general()

    def _know_ends(self, judge: ScoreJudge, info: DatasetInfo) -> None:
        """Where every label so far is one end of the scale, 0 and 1 mean just these; the person's own choice comes first."""
        ends = self.memory.ends(info.id)
        judge.use_ends(self.deciding.only_ends(info) if ends is None else ends)
        self.header.show_ends(judge.ends, scored=True)

    def allow(self, editable: bool) -> None:
        """Whether anything can be decided and written now."""
        self.guidelines.text.set_editable(editable)
        self.header.allow(editable)
        self._show_general()

    def _listen(self, judge: Judge) -> None:
        if judge.property("heard"):
            return
        judge.setProperty("heard", True)
        judge.setFocusProxy(self)
        judge.decided.connect(self._decide)
        judge.refused.connect(self.desk.say)

    def leave_pass(self) -> None:
        """The rows of the table again, after a second pass."""
        self.deck.leave_pass()
        self._take_rows(self.deck.id)

    def _rows_changed(self, *_change: object) -> None:
        self._stale = True
        if self.isVisible() and self.rounds.blind is None:
            self._take_rows(self.deck.id)

    def _take_rows(self, here: int) -> None:
        self._stale = False
        self._seen_end = False
        self.deck.take(self.rows.ids, here, model_keys(self.scores, self.deck.order))
        self._show_progress()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_guidelines()
        here = self._start()
        if self.rounds.blind is None and (self._stale or here != self.deck.id):
            self._take_rows(here)
        self._tick.start()

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)  # type: ignore[arg-type]
        self._tick.stop()
        self.commit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_guidelines()

    def commit(self) -> None:
        """Keep what is being typed."""
        self.guidelines.text.commit()
        if not self.desk.note.isHidden():
            self.acts.keep_note(self.desk.note.held)

    # -- orders -------------------------------------------------------------------------------------------------

    def why_not(self, order: str) -> str:
        """Why an order cannot be had now; "" where it can."""
        return reason_against(self.scores, order)

    def set_order(self, order: str) -> None:
        if self.info is None or self.why_not(order):
            return
        self.deck.order = order
        self.memory.keep_order(self.info.id, order)
        self.header.show_order(order)
        self._take_rows(self.deck.id if order == "listed" else 0)
        self.take_focus()

    def _shuffle_again(self) -> None:
        if self.info is not None:
            self.deck.seed += 1
            self.memory.keep_seed(self.info.id, self.deck.seed)
            self.set_order("shuffled")

    def _go_over(self, over: bool) -> None:
        self._over = over
        if over and self.deck.id in self.deck.decided:
            self.deck.advance(over_decided=True)
        self.take_focus()

    def _use_ends(self, ends: bool) -> None:
        if self.info is not None and isinstance(self.desk.judge, ScoreJudge):
            self.memory.keep_ends(self.info.id, ends)
            self.desk.judge.use_ends(ends)
        self.take_focus()

    # -- showing ------------------------------------------------------------------------------------------------

    @property
    def example(self) -> Example | None:
        return self.deck.example()

    def show_example(self) -> None:
        if self.info is None or not self.isVisible():
            return
        self.desk.close_note()
        example = self.deck.example()
        if example is None:
            self.desk.show_nothing("This row was deleted." if self.deck.id else "")
        else:
            blind = self.rounds.blind is not None
            self.desk.show_example(example, blind=blind, again=self.rounds.again(example) if blind else "")
            self.moved.emit(example.id)
        self.desk.show_keys()
        self._show_general()

    def _show_general(self) -> None:
        editable, blind = self.context.editable, self.rounds.blind is not None
        example = self.deck.example()
        hints = [
            KeyHint("F", "flag", enabled=editable, on=bool(example and example.flag)),
            KeyHint("M", "note", enabled=editable and not blind),
            KeyHint(
                "Z", "undo", enabled=editable, tip="Take the last decision back and return to its example"
            ),
            KeyHint("Left", "", cap="←", enabled=self.deck.place > 0, tip="The example before"),
            KeyHint(
                "Right",
                "move",
                cap="→",
                enabled=self.deck.place + 1 < len(self.deck.ids),
                tip="Move on without deciding",
            ),
            KeyHint("U", "next undecided"),
        ]
        if self.info is not None and self.info.format in RANKED and not blind:
            hints.append(KeyHint("R", "rank", enabled=editable, tip="Put all rows of this anchor in order"))
        hints.append(KeyHint("G", "guidelines"))
        if blind:
            hints.append(
                KeyHint("Escape", "leave", cap="Esc", tip="Leave the second pass; you can go on later")
            )
        self.desk.show_general(hints)

    def _show_progress(self) -> None:
        deck = self.deck
        total = len(deck.ids)
        words = "judged again" if self.rounds.blind is not None else "decided"
        self.header.show_progress(f"{deck.done:,} of {total:,} {words}", deck.done, total)
        self._show_pace()

    def _show_pace(self) -> None:
        self.header.pace.setText(in_words(self.pace.per_minute, self.pace.minutes_left(self.deck.left)))

    # -- keys ---------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = token(event)
        if not key or not self.press(key):
            super().keyPressEvent(event)

    def press(self, key: str) -> bool:
        """Do what a key means. False when it means nothing."""
        judge = self.desk.judge
        if self.rounds.press(key) or self.acts.press(key):
            return True
        if judge is None or judge.example is None:
            return False
        if not self.context.editable:
            project = self.context.project
            self.desk.say(
                "This project is open read-only: nothing can be decided here."
                if project is not None and project.read_only
                else "Another change is being carried out. Press the key again in a moment."
            )
            return True
        return judge.press(key)

    def _decide(self, verdict: Verdict) -> None:
        example = self.example
        if example is None or self.info is None or not self.context.editable:
            return
        blind = self.rounds.blind is not None
        if not (
            self.rounds.judge(example, verdict)
            if blind
            else self.deciding.decide(self.info, example, verdict)
        ):
            return
        self.pace.judged()
        self._show_progress()
        words = "judged again" if blind else verdict.words
        if not self.deck.advance(over_decided=self._over):
            self._at_the_end(example, words)
        else:
            self.desk.say(f"Row {example.number:,}: {words}. Z takes it back.")

    def _at_the_end(self, example: Example, words: str) -> None:
        if self.rounds.blind is not None:
            self.rounds.finish()
            return
        left = self.deck.left
        more = (
            f"{left:,} of the others are undecided: U goes to them."
            if left
            else "Everything in this view is decided."
        )
        self.desk.say(f"Row {example.number:,}: {words}. That was the last one. {more}")
        self.show_example()

    def take_focus(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- guidelines ---------------------------------------------------------------------------------------------

    def toggle_guidelines(self) -> None:
        self.memory.show_guidelines(not self.memory.guidelines)
        self._show_guidelines()
        if not self.memory.guidelines:
            self.take_focus()

    def _show_guidelines(self) -> None:
        fits = self.width() - self.guidelines.width() >= _NARROW
        self.guidelines.setVisible(self.memory.guidelines and (fits or self.memory.asked))
        self.header.guidelines.setChecked(not self.guidelines.isHidden())

    def _keep_guidelines(self, text: str) -> None:
        if self.context.editable:
            self.context.edit(
                lambda project: project.apply(SetMeta(META, text or None), "Change the guidelines", ORIGIN)
            )

    # -- news ---------------------------------------------------------------------------------------------------

    def changed(self, change: Change) -> None:
        """Something of the dataset was edited, here or elsewhere; undo brings its example to the front."""
        self.deck.changed(change)
        self.rounds.heard(change)
        if not self.isVisible() or self.rounds.page is not None:
            return
        if change.origin == "" and 0 < len(change.ids) <= _FEW and not any(map(self.deck.go_to, change.ids)):
            self.desk.say("This concerned a row that this view does not show.")
        if (self.deck.id in change.ids or not change.ids) and change.origin != ORIGIN:
            self.show_example()

    def meta_changed(self) -> None:
        project = self.context.project
        if project is not None:
            self.guidelines.text.show_text(project.meta(META))
