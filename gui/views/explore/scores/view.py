"""Which score means "similar": both models' scores as histograms, a threshold to drag, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.dataset.formats import Format
from core.models.card_threshold import CATEGORY, TEXTS, RunThreshold
from core.similarity import cuts
from core.similarity.cuts import EVERY_PART, Side, Sides
from core.similarity.labelled import HELD_OUT, PARTS, Comparison
from core.training.run_threshold import read_threshold, set_threshold
from core.training.runs import runs_folder
from core.words import exactly, fraction, percent
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.views.explore.lens import Lens
from gui.views.explore.pairs.scored import shared
from gui.views.explore.pairs.waiting import Waiting
from gui.views.explore.scores.figures import Figures
from gui.views.explore.scores.histogram import Histograms
from gui.views.explore.scores.rules import HAND, RulePicker
from gui.views.explore.scores.sets import sets
from gui.views.explore.scores.span import Span
from gui.views.explore.send import Offered, offer_sets, send_tool
from gui.views.explore.view import ExploreView
from gui.widgets.basic import Card, ElidedLabel, button, label, set_tone, tab_order
from gui.widgets.chart_menu import Table
from gui.widgets.choice_box import ChoiceBox
from gui.widgets.copy_menu import CopyMenu
from gui.workers.job import Job

_TEACH = (
    "See how well similar and dissimilar pairs are told apart before and after training, and choose the score from which two texts count "
    "as similar. Train a model first."
)
_ONE_KIND = "Only one kind of pairs: choose another part, or label some of the other kind."
_NO_HOLD_OUT = "Nothing was held out: on rows of the training every threshold looks better than it is. "
_DRAG = "Drag a line, or press ← → (Shift: further; Alt: the upper one). A drag with Shift selects a range."


class ScoresView(ExploreView):
    def __init__(self, context: Context, lens: Lens, parent: QWidget | None = None) -> None:
        super().__init__(context, lens, parent)
        self.scored = shared(context, lens)
        self.sides: Sides | None = None
        self.saved: RunThreshold | None = None
        self._shown: Comparison | None = None
        self._job: Job | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        self.waiting = Waiting(
            self.scored, "scores", _TEACH, self.train_requested.emit, self.label_requested.emit
        )
        whole = QWidget()
        body = QVBoxLayout(whole)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(10)
        body.addLayout(self._bar())
        body.addWidget(self._chart(), 1)
        body.addLayout(self._foot())
        self.stack = QStackedWidget()
        self.stack.addWidget(self.waiting)
        self.stack.addWidget(whole)
        column.addWidget(self.stack)
        self.span = Span(self.histograms)
        self.send = offer_sets(context, lens, self._sets, self.histograms)
        tool = send_tool(self.send, "scores.send")
        self.menu_row.addWidget(tool)
        tab_order(self.rules.spin, self.menu.button, tool)
        self.scored.changed.connect(self._show)
        self._show()

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.part = ChoiceBox("scores.part", "Which part of the rows")
        self.part.activated.connect(lambda _place: self._measure())
        row.addWidget(self.part)
        self.rules = RulePicker()
        self.rules.chosen.connect(self._by_rule)
        row.addWidget(self.rules)
        row.addStretch(1)
        self.menu_row = row
        return row

    def _chart(self) -> Card:
        self.card = Card("", margins=12, spacing=8)
        head = QHBoxLayout()
        head.setSpacing(14)
        self.similar, self.dissimilar = label("", "caption"), label("", "caption")
        set_tone(self.similar, "positive")
        set_tone(self.dissimilar, "negative")
        self.hint = ElidedLabel("", "caption")
        head.addWidget(self.similar)
        head.addWidget(self.dissimilar)
        head.addWidget(self.hint, 1)
        self.histograms = Histograms()
        self.histograms.moved.connect(self._moved)
        self.figures = Figures()
        self.card.body.addLayout(head)
        self.card.body.addWidget(self.histograms, 1)
        self.card.body.addWidget(self.figures)
        self.menu = CopyMenu(
            self.context.messages,
            (self.card,),
            self._table,
            text=self._text,
            name="scores",
            title="Scores",
            run=self.context.run,
            about=lambda: f"{self.part.currentText()} · {self.lens.told}",
        )
        self.menu.attach(self.histograms)
        self.menu_row.addWidget(self.menu.button)
        return self.card

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        self.kept = ElidedLabel("", "secondary")
        self.kept.setObjectName("scores.kept")
        self.clear = button("Take it out", kind="link", name="scores.clear", clicked=self.take_out)
        self.use = button("Use this threshold", kind="primary", name="scores.use", clicked=self.use_threshold)
        self.use.setToolTip(
            "Keep it with the run: its model card and the usage snippet of every export show it"
        )
        row.addWidget(self.kept, 1)
        row.addWidget(self.clear)
        row.addWidget(self.use)
        return row

    # -- the tab --------------------------------------------------------------------------------------------------------

    def actions_of_view(self) -> list[ActionSpec]:
        def here() -> bool:
            return self.isVisible() and self.sides is not None

        found = [
            ActionSpec(f"explore.scores.{key}", title, act, group="Explore", enabled=here)
            for key, title, act in (
                ("f1", "Scores: threshold of the best F1", partial(self.rules.choose, cuts.F1)),
                (
                    "accuracy",
                    "Scores: threshold of the best accuracy",
                    partial(self.rules.choose, cuts.ACCURACY),
                ),
                ("use", "Scores: use this threshold", self.use_threshold),
            )
        ]
        return [*found, *self.menu.specs(here)]

    def activate(self) -> None:
        self.scored.want(self)
        self._read_kept()
        self.histograms.setFocus()

    def deactivate(self) -> None:
        self.scored.leave(self)

    # -- showing --------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        found = self.scored.comparison
        empty = found is None or not len(found.rows)
        self.stack.setCurrentIndex(0 if empty else 1)
        if found is self._shown:
            return
        self._shown = found
        if found is None or empty:
            self.sides = None
            return
        before = self.part.currentData()
        self.part.clear()
        tallies = found.tallies()
        for part in tallies:
            self.part.addItem(PARTS[part], part)
        self.part.addItem("Every row", EVERY_PART)
        self.part.setMinimumWidth(self.part.sizeHint().width())
        wanted = HELD_OUT if before is None else before
        self.part.setCurrentIndex(max(0, self.part.findData(wanted)))
        self._measure()
        self._read_kept()

    def _measure(self) -> None:
        """Both models over the chosen part, beside the window."""
        found, part = self._shown, self.part.currentData()
        if found is None or part is None:
            return
        if self._job is not None:
            self._job.cancel()

        def done(sides: Sides) -> None:
            self._job = None
            if found is self._shown:
                self._show_sides(sides)

        self._job = self.context.run("", lambda _job: cuts.sides(found, part), on_done=done)

    def _show_sides(self, sides: Sides) -> None:
        self.sides = sides
        self.span.clear()
        self.histograms.show_sides(sides)
        side = sides.second.cuts
        self.similar.setText(f"■ {side.positives:,} {sides.kinds[0]}")
        self.dissimilar.setText(f"■ {side.negatives:,} {sides.kinds[1]}")
        unfair = (
            f"{self.scored.unfair()} " if self.scored.learned and sides.part in (HELD_OUT, EVERY_PART) else ""
        )
        told = unfair if self.scored.elsewhere or self.part.findData(HELD_OUT) >= 0 else _NO_HOLD_OUT
        self.hint.setText(_ONE_KIND if not sides.decided else told + _DRAG)
        self.use.setEnabled(sides.decided)
        lines = self.histograms.lines
        if sides.decided and self.rules.rule == HAND and not any(line != line for line in lines):
            for row, one in enumerate((sides.first, sides.second)):
                self._set_line(row, one, lines[row])  # the same threshold over other rows
        elif sides.decided:
            self.choose(cuts.F1 if self.rules.rule == HAND else self.rules.rule, self.rules.value)
        else:
            for row, one in enumerate((sides.first, sides.second)):
                self._set_line(row, one, float("nan"))

    def choose(self, rule: str, value: float = 1.0) -> None:
        """Put each model's line where the rule wants it."""
        sides = self.sides
        if sides is None or not sides.decided:
            return
        missing = []
        for row, side in enumerate((sides.first, sides.second)):
            cut = side.best(rule, value)
            if cut is None:
                missing.append(side.title)
            else:
                self._set_line(row, side, cut.threshold)
        if missing:
            self.context.messages.note(f"No threshold of {' and '.join(missing)} reaches that.")

    def _set_line(self, row: int, side: Side, value: float) -> None:
        self.histograms.show_line(row, value)
        self.figures.show_cut(row, side, side.cuts.at(value))

    def _moved(self, row: int, value: float) -> None:
        self.rules.by_hand()
        if self.sides is not None:
            side = (self.sides.first, self.sides.second)[row]
            self.figures.show_cut(row, side, side.cuts.at(value))

    def _by_rule(self) -> None:
        if self.rules.rule != HAND:
            self.choose(self.rules.rule, self.rules.value)

    # -- the threshold of the run ---------------------------------------------------------------------------------------

    def _folder(self) -> Path | None:
        folder, second = self.context.folder, self.lens.second
        return runs_folder(folder) / second.ref if folder is not None and second is not None else None

    def _read_kept(self) -> None:
        folder = self._folder()
        self.saved = read_threshold(folder) if folder is not None else None
        kept = self.saved
        self.kept.setText(
            f"In the model card and its usage snippet: {exactly(kept.threshold, 4)}, from {kept.measured_on}"
            if kept is not None
            else "No threshold is in the model card yet."
        )
        self.clear.setVisible(kept is not None)

    def use_threshold(self) -> None:
        sides, line = self.sides, self.histograms.lines[1]
        if sides is None or not sides.decided or line != line:
            return
        cut = sides.second.cuts.at(sides.second.cuts.short(line))
        words = self.part.currentText().lower() + (", against random pairs" if sides.random else "")
        precision, recall, f1 = (None if one != one else one for one in (cut.precision, cut.recall, cut.f1))
        of = CATEGORY if self._categories else TEXTS
        self._keep(
            RunThreshold(cut.threshold, words, cut.count, precision, recall, f1, of), "is in the model card"
        )

    @property
    def _categories(self) -> bool:
        """A score is that of a text with the middle of a category, not with another text."""
        return self._shown is not None and self._shown.rows.format is Format.CATEGORIES

    def take_out(self) -> None:
        self._keep(None, "is out of the model card")

    def _keep(self, chosen: RunThreshold | None, words: str) -> None:
        folder, before = self._folder(), self.saved
        if folder is None:
            return
        value = chosen or before

        def done(_nothing: object) -> None:
            self._read_kept()
            if value is not None:
                self.context.messages.note(
                    f"The threshold {exactly(value.threshold, 4)} {words}.",
                    action="Undo",
                    do=lambda: self._put_back(folder, before),
                )

        self.context.run("", lambda _job: set_threshold(folder, chosen), on_done=done)

    def _put_back(self, folder: Path, before: RunThreshold | None) -> None:
        self.context.run(
            "", lambda _job: set_threshold(folder, before), on_done=lambda _nothing: self._read_kept()
        )

    def _sets(self) -> list[Offered]:
        """For labelling: what the line parts, and the range that was drawn with Shift."""
        which = bool(self.span.which) if self.span.value is not None else True
        found, part = self._shown, self.part.currentData()
        if found is None or part is None:
            return []
        return sets(found, part, which, self.histograms.lines[int(which)], self.span.value)

    # -- taking it along ------------------------------------------------------------------------------------------------

    def _table(self) -> Table:
        """A line a bin."""
        sides = self.sides
        if sides is None:
            return (), ()
        one, other = sides.first, sides.second
        heads = ["From", "To"] + [
            f"{side.title} {kind}" for side in (one, other) for kind in ("similar", "not similar")
        ]
        columns = [one.positives, one.negatives, other.positives, other.negatives]
        counts = zip(*(column.tolist() for column in columns), strict=True)
        edges = sides.edges.tolist()
        return heads, [[edges[at], edges[at + 1], *row] for at, row in enumerate(counts)]

    def _text(self) -> Callable[[], str] | None:
        """Both models' thresholds and what they do."""
        sides = self.sides
        if sides is None:
            return None
        lines = [f"{self.part.currentText()}, {self.similar.text()[2:]}, {self.dissimilar.text()[2:]}"]
        for side, line in zip((sides.first, sides.second), self.histograms.lines, strict=True):
            cut = side.cuts.at(line)
            lines.append(
                f"{side.title}: threshold {exactly(side.cuts.short(line), 4)}, precision {percent(cut.precision)}, recall {percent(cut.recall)}, "
                f"F1 {fraction(cut.f1)}, accuracy {percent(cut.accuracy)}, AUC {fraction(side.auc)}, "
                f"average precision {fraction(side.cuts.average_precision())}; "
                f"{cut.true_positives:,} found, {cut.false_positives:,} false matches, {cut.false_negatives:,} missed, "
                f"{cut.true_negatives:,} kept apart"
            )
        return lambda: "\n".join(lines)
