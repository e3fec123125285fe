"""Taking what the model suggests: one row after the other, or all open rows of the view as one step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject

from core.dataset.formats import DatasetInfo, Example, Format, slots
from core.errors import AnchorLabError
from core.project import Change, Project
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.dialogs.prescore import PreScoreDialog
from gui.models import prescore, score_words
from gui.models.prescore import Plan, Suggestion
from gui.views.label.scores import LabelScores
from gui.views.label.shown_rows import MOST_KEPT, ShownRows
from gui.views.label.table import ExampleView
from gui.workers.background_edit import AT_ONCE
from gui.workers.job import Job

ORIGIN = "suggest"


class Suggesting(QObject):
    def __init__(
        self, context: Context, table: ExampleView, rows: ShownRows, scores: LabelScores, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context, self._view, self._rows, self._scores = context, table, rows, scores

    @property
    def possible(self) -> bool:
        """Whether rows of this dataset can be labelled by suggestion now."""
        info = self._context.dataset
        return self._context.editable and info is not None and prescore.fits(info)

    def _in_sight(self) -> bool:
        """All this is about the current row of the table: nothing may change there while something else is looked at."""
        if not self._view.isVisible():
            self._context.messages.note("Suggestions are for the rows of the table.", "Go back to the table.")
        return self._view.isVisible()

    # -- one row ------------------------------------------------------------------------------------------------

    @property
    def current(self) -> Suggestion | None:
        """What is suggested for the current row, if nobody has decided about it."""
        info, table, example = self._context.dataset, self._scores.scores.table, self._example()
        if info is None or table is None or example is None or not prescore.open_row(info, example):
            return None
        if self._scores.scores.stale(example.id):
            return None
        return prescore.suggestion(info, table, example.id)

    def _example(self) -> Example | None:
        here = self._view.currentIndex()
        return self._view.examples.example(here.row()) if here.isValid() else None

    def accept_current(self) -> None:
        """The key: take the suggestion for the current row, or say why there is none."""
        if not self._in_sight():
            return
        found = self.current
        if found is not None:
            self.accept(found)
        elif self._scores.scores.state == "off":
            self._scores.show()
        elif self._scores.scores.table is not None:
            self.go_on()

    def accept(self, found: Suggestion) -> None:
        """Keep it and go on to the next open row."""
        example = self._example()
        note = example.note if example is not None and example.id == found.id else ""
        self._view.commit()
        cells = prescore.cells(found, note, self._scores.scores.model_title, confirmed=True)
        words = "Accept a suggested score" if found.key == "score" else "Accept a suggested decision"
        change = self._context.edit(lambda project: project.set_cells(cells, words, ORIGIN))
        if change is not None:
            self.go_on()

    def go_on(self) -> None:
        """To the next row of the view that nobody has decided about."""
        info, project, here = self._context.dataset, self._context.project, self._view.currentIndex()
        if info is None or project is None or not self._in_sight():
            return
        after = here.row() if here.isValid() else -1
        try:
            place = prescore.next_open(project.examples, info, self._view.examples.ids, after)
        except AnchorLabError as error:
            self._context.messages.error(error)
            return
        if place < 0:
            self._context.messages.note("Every row of this view is labelled.")
            return
        self._view.go_to(place, max(here.column(), 0))

    # -- all of the view ----------------------------------------------------------------------------------------

    def ask_for_all(self) -> None:
        """Work out what would be kept, show it, and keep it when the person agrees."""
        context, table = self._context, self._scores.scores.table
        project, info = context.project, context.dataset
        if project is None or info is None or table is None or not context.editable:
            return
        shown = self._view.examples.ids[:]
        reader = project.reader()

        def work(job: Job) -> Plan:
            try:
                return prescore.plan(reader, info, shown, table, job.stopped, job.report)
            finally:
                reader.close()

        job = context.run("Looking for open rows", work, on_done=partial(self._offer, info))
        job.on_cancel(reader.interrupt)

    def _offer(self, info: DatasetInfo, plan: Plan) -> None:
        scores, now = self._scores.scores, self._context.dataset
        if now is None or now.id != info.id or scores.table is None:
            return
        if not plan.found:
            self._context.messages.note("Every row of this view is labelled.", "Choose another view.")
            return
        source = score_words.source(info, scores.table, scores.model_title)
        where = "this view" if len(self._view.examples.ids) < info.rows else "the dataset"
        dialog = PreScoreDialog(info, plan, source, where, self._view.window())
        dialog.accepted.connect(lambda: self._take_all(info, dialog.chosen))
        dialog.open()

    def _take_all(self, info: DatasetInfo, plan: Plan) -> None:
        count = len(plan.found)
        rows = "1 row" if count == 1 else f"{count:,} rows"
        words = f"Pre-score {rows}" if info.format is Format.SCORED else f"Suggested decisions for {rows}"
        cells = plan.cells(self._scores.scores.model_title)

        def call(project: Project) -> Change:
            return project.set_cells(cells, words, ORIGIN)

        self._view.commit()
        if len(cells) > AT_ONCE:
            self._context.background.start(words, call)
        else:
            self._context.edit(call)

    # -- rows to look at ----------------------------------------------------------------------------------------

    def show_rows(self, ids: Sequence[int]) -> None:
        """Select these rows in the table, out of whatever view they are in."""
        self._rows.show_all(list(ids)[:MOST_KEPT])

    def make_rows(self, texts: Sequence[str], source: str) -> None:
        """A row for each text, waiting for its other half."""
        info = self._context.dataset
        if info is None or not texts or not self._context.editable:
            return
        self._view.commit()
        rest = ("",) * (slots(info.format, info.negatives) - 1)
        made = [Example((text, *rest), source=source) for text in texts]
        self._context.add_examples(made, origin="")


def suggest_actions(
    acts: Suggesting, here: Callable[[], bool], show: Callable[[str], object]
) -> list[ActionSpec]:
    def possible() -> bool:
        return here() and acts.possible

    return [
        ActionSpec(
            "label.suggest",
            "What to label next",
            lambda: show("suggest"),
            "Ctrl+Shift+L",
            "suggest",
            "Label",
            here,
        ),
        ActionSpec(
            "label.suggest.accept",
            "Accept the suggested score and go on",
            acts.accept_current,
            "F8",
            "check",
            "Label",
            possible,
        ),
        ActionSpec(
            "label.suggest.next", "Go to the next open row", acts.go_on, "Shift+F8", "down", "Label", possible
        ),
        ActionSpec(
            "label.suggest.all",
            "Suggested scores for all open rows…",
            acts.ask_for_all,
            "",
            "scored",
            "Label",
            possible,
        ),
    ]
