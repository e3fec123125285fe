"""What the model says about the rows, on the label page: the columns, the view "Disagrees" and when they are worked out."""

from __future__ import annotations

from array import array
from collections.abc import Callable

from PySide6.QtCore import QObject

from core.dataset.formats import Format
from core.settings import Settings
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.models import score_words
from gui.models.column_choice import Offer
from gui.models.example_table import ExampleTable
from gui.models.model_scores import ModelScores, run_title
from gui.models.score_columns import score_columns
from gui.views.label.scores_side import ScoresState
from gui.views.label.shown_rows import ShownRows
from gui.views.label.side import DISAGREES, SidePanel


class LabelScores(QObject):
    """The columns are on show when the settings say so; a large dataset is scored only when somebody asks for it."""

    def __init__(
        self, context: Context, model: ExampleTable, side: SidePanel, rows: ShownRows, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._table = model
        self._side = side
        self._rows = rows
        self._sorted_here = False
        self.scores = ModelScores(context, self)
        self.columns = score_columns(self.scores)
        self.state = ScoresState()
        side.add_below(DISAGREES, self.state)
        rows.special[DISAGREES] = self._disagreeing
        side.chosen.connect(self._view_chosen)
        self.state.stop_requested.connect(self.hide)
        self.state.again_requested.connect(self.scores.want)
        self.state.columns_requested.connect(self.hide)
        self.state.model_requested.connect(lambda: self.scores.use_base(not self.scores.by_base))
        self.scores.changed.connect(self._show_state)
        self.scores.scored.connect(self._scored)
        context.dataset_changed.connect(self.open)
        self.open()

    @property
    def settings(self) -> Settings:
        return self._context.settings

    def open(self) -> None:
        """Another dataset."""
        self._sorted_here = False
        self.scores.restart(self.settings.model_scores)
        self._show_columns(self.scores.state != "off")

    @property
    def offer(self) -> Offer:
        """For the menu of columns."""
        return Offer("Scores of the model", lambda: self.columns[0] in self._table.extras, self.toggle)

    # -- showing and hiding -------------------------------------------------------------------------------------

    def toggle(self) -> None:
        if self.columns[0] in self._table.extras:
            self.hide()
        else:
            self.show()

    def show(self) -> None:
        """The columns, and what fills them."""
        if self._context.dataset is None:
            return
        self._remember(True)
        self.scores.want()
        self._show_columns(True)

    def hide(self) -> None:
        self._remember(False)
        self.scores.stop()
        if self._rows.view.sort in [column.key for column in self.columns]:
            self._rows.sort_by("")
        self._show_columns(False)
        if self._side.view == DISAGREES:
            self._side.choose("all")

    def _remember(self, shown: bool) -> None:
        if self.settings.model_scores != shown:
            self.settings.model_scores = shown
            self._context.save_settings()

    def _show_columns(self, shown: bool) -> None:
        there = [column for column in self.columns if column in self._table.extras]
        if shown and not there:
            for column in self.columns:
                self._table.add_extra(column)
        elif not shown:
            for column in there:
                self._table.remove_extra(column.key)

    # -- the view -----------------------------------------------------------------------------------------------

    def _disagreeing(self) -> array[int]:
        table = self.scores.table
        return table.disagreeing if table is not None else array("q")

    def _view_chosen(self, view: str, _kind: str) -> None:
        """The worst first, unless the person sorted by something else; the old order again when the view is left."""
        if view == DISAGREES:
            self.show()
            if self._rows.view.natural:
                self._sorted_here = True
                self._rows.sort_by(*self.worst_first)
        elif self._sorted_here:
            self._sorted_here = False
            if self._rows.view.sort == self.worst_first[0]:
                self._rows.sort_by("")
        self._show_state()

    @property
    def worst_first(self) -> tuple[str, bool]:
        """The column that disagreement sorts by, and whether it descends."""
        info = self._context.dataset
        margins = info is not None and info.format in (Format.TRIPLETS, Format.CATEGORIES)
        return (self.columns[2].key, False) if margins else (self.columns[1].key, True)

    def _scored(self) -> None:
        """Newer scores. Rows that were just put right stay in the view: nothing vanishes under one's hands."""
        if self._side.view == DISAGREES and not set(self._disagreeing()) <= set(self._table.ids):
            self._rows.ask()
        else:
            self._rows.changed.emit()

    def nothing(self) -> str:
        """Why the view is empty, for its place in the table."""
        match self.scores.state:
            case "scoring":
                return f"{self._scoring()} The rows that disagree appear here."
            case "off":
                return self._unscored()
            case "failed":
                return "The scores could not be worked out."
            case _:
                return f"No row disagrees with {self.scores.model_title}."

    def _unscored(self) -> str:
        info, model = self._context.dataset, self.scores.model_title
        rows = info.rows if info is not None else 0
        return f"{score_words.begun(model)} has not scored these {rows:,} rows."

    def _scoring(self) -> str:
        scores = self.scores
        if self._context.engine.state == "starting":
            return "The model is still loading; the rows are scored then."
        return f"Scoring {scores.done:,} of {scores.total:,} rows with {scores.model_title}."

    def _other_model(self) -> str:
        run = self._context.run_name
        if not run:
            return ""
        return f"Ask {run_title(run)}" if self.scores.by_base else "Ask the base model"

    def _show_state(self) -> None:
        scores, info, view = self.scores, self._context.dataset, self._side.views[DISAGREES]
        state = scores.state
        if info is None or state == "off":
            view.show_count("")
            if info is not None and self.columns[0] in self._table.extras:
                self.state.show_idle(self._unscored(), "Score them")
            else:
                self.state.show_nothing()
        elif state == "scoring":
            view.show_count("…")
            self.state.show_scoring(self._scoring(), scores.done, scores.total)
        elif state == "failed":
            view.show_count("–")
            self.state.show_idle("The scores could not be worked out.", "Try again")
        elif scores.table is not None:
            count = len(scores.table.disagreeing)
            view.show_count(f"{count:,}", "warning" if count else "")
            words = score_words.large(info, scores.table, scores.model_title)
            if scores.busy:
                words += " Changed rows are being scored."
            elif scores.model != "base":
                words += f" {score_words.seen(scores.model_title)}"
            if self._side.view == DISAGREES:
                self.state.show_ready(words, self._other_model())
            else:
                self.state.show_nothing()
        if self._side.view == DISAGREES and not self._table.rowCount():
            self._rows.changed.emit()


def score_actions(scores: LabelScores, here: Callable[[], bool]) -> list[ActionSpec]:
    def shown() -> bool:
        return scores.offer.shown()

    return [
        ActionSpec(
            "label.scores",
            "Show or hide what the model says about each row",
            scores.toggle,
            "Ctrl+Shift+M",
            "model",
            "Label",
            here,
            shown,
        )
    ]
