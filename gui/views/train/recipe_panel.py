"""The recipe on the left of the train page: computed from the data, a reason for every choice, every value changeable."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.dataset.stats import DataStats, describe
from core.engine.project_check import check_project
from core.errors import AnchorLabError
from core.training import presets
from core.training.preflight import Preflight, preflight
from core.training.recipe import Recipe, make_recipe, parse_set, recipe_for
from gui.context import Context
from gui.views.train.preflight_panel import PreflightPanel
from gui.views.train.preset_picker import PresetPicker
from gui.views.train.recipe_row import RecipeRow
from gui.widgets.basic import Card, button, label, separator
from gui.workers.job import Job

if TYPE_CHECKING:
    from core.project import Change

# The few settings that most people look at; the rest unfolds.
FIRST = ("loss", "epochs", "batch_size", "learning_rate", "holdout", "precision", "base_model")
_DEBOUNCE_MS = 250


@dataclass(frozen=True)
class _Computed:
    dataset_id: int
    stats: DataStats
    found: Preflight | None


class RecipePanel(QWidget):
    issues_requested = Signal(object)  # Issue
    recipe_changed = Signal(object)  # Recipe | None

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("train.recipe")
        self._context = context
        self._computed: _Computed | None = None
        self._job: Job | None = None
        self._all = False
        self._stale = True
        self.recipe: Recipe | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 0, 0)
        outer.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(label("Recipe", "title"))
        head.addStretch(1)
        self.reset = button("Reset all", kind="plain", name="recipe.reset", clicked=self._reset_all)
        self.reset.setToolTip("Every setting back to its automatic value")
        head.addWidget(self.reset)
        outer.addLayout(head)
        self.presets = PresetPicker()
        self.presets.chosen.connect(self._choose_preset)
        outer.addWidget(self.presets)
        scroll = QScrollArea()
        scroll.setObjectName("recipe.scroll")
        scroll.setAccessibleName("Settings of the recipe")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 8, 16)
        self._column.setSpacing(12)
        self.warnings = PreflightPanel()
        self.warnings.issue_chosen.connect(self.issues_requested)
        self._column.addWidget(self.warnings)
        self.card = Card(spacing=0)
        self._column.addWidget(self.card)
        self._column.addStretch(1)
        scroll.setWidget(inside)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        outer.addWidget(scroll, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DEBOUNCE_MS)
        self._timer.timeout.connect(self._compute)
        context.data_changed.connect(self._data_changed)
        context.dataset_changed.connect(self._all_changed)
        self._show_waiting()

    def activate(self) -> None:
        if self._stale:
            self._compute()

    def _data_changed(self, change: Change) -> None:
        if change.kinds == frozenset({"probes"}):
            return
        if change.kinds == frozenset({"meta"}):
            self._show()  # at once; steps and warnings follow
        self._stale = True
        if self.isVisible():
            self._timer.start()

    def _all_changed(self) -> None:
        self._computed, self._stale = None, True
        if self._job is not None:
            self._job.cancel()
            self._job = None
        if self.isVisible():
            self._timer.start()

    def _compute(self) -> None:
        """Read the dataset's statistics and issues in the background; the recipe itself is instant."""
        project, dataset = self._context.project, self._context.dataset
        if self._job is not None:
            self._job.cancel()
            self._job = None
        if project is None or dataset is None or dataset.rows == 0:
            self._computed, self._stale = None, False
            self._show()
            return
        reader_of = project.reader

        def work(job: Job) -> _Computed:
            reader = reader_of()
            try:
                rows = list(reader.training_rows(dataset.id))
                stats = describe(dataset, rows)
                found = None
                with contextlib.suppress(AnchorLabError):  # said in place when the recipe is shown
                    recipe = recipe_for(reader, dataset, stats)
                    found = preflight(
                        dataset,
                        rows,
                        recipe,
                        check_project(reader, dataset, rows, str(recipe.value("base_model"))),
                    )
                return _Computed(dataset.id, stats, found)
            finally:
                reader.close()

        def done(result: _Computed) -> None:
            self._job, self._computed, self._stale = None, result, False
            self._show()

        self._job = self._context.run("", work, on_done=done, on_error=self._failed)

    def _failed(self, error: BaseException) -> None:
        """The examples cannot be read, e.g. because the project's folder is away: said here, and tried again when asked."""
        self._job, self._computed, self._stale = None, None, True
        if not isinstance(error, AnchorLabError):
            self._context.messages.error(error)
        words = str(error) if isinstance(error, AnchorLabError) else "The examples could not be read."
        _clear(self.card)
        self.card.body.addWidget(label(words, tone="error", wrap=True, name="recipe.problem"))
        again = button("Try again", kind="link", name="recipe.again", clicked=self._again)
        self.card.body.addWidget(again, 0, Qt.AlignmentFlag.AlignLeft)
        self.warnings.hide()
        self.reset.hide()
        self._set_recipe(None)

    def _again(self) -> None:
        self._show_waiting()
        self._compute()

    # -- showing ------------------------------------------------------------------------------------------------

    def _show_waiting(self) -> None:
        _clear(self.card)
        self.card.body.addWidget(label("Looking at your examples…", "secondary"))
        self.warnings.hide()

    def _show(self) -> None:
        context, computed = self._context, self._computed
        project, dataset = context.project, context.dataset
        if project is None:
            return
        _clear(self.card)
        if computed is None or dataset is None or dataset.id != computed.dataset_id:
            words = (
                "Add some examples first; the recipe is made from them."
                if not dataset or not dataset.rows
                else ""
            )
            self.card.body.addWidget(label(words or "Looking at your examples…", "secondary", wrap=True))
            self.warnings.hide()
            self.reset.hide()
            self._set_recipe(None)
            return
        try:
            recipe = recipe_for(project, dataset, computed.stats)
        except AnchorLabError as error:
            self.card.body.addWidget(label(str(error), tone="error", wrap=True))
            self.reset.setVisible(True)
            self._set_recipe(None)
            return
        card = project.card_recipe()
        self.presets.show_presets(presets.available(dataset, card), recipe.preset, context.editable)
        keys = list(recipe.settings)
        shown_first = [key for key in FIRST if key in recipe.settings]
        changed = [
            key for key in keys if key not in shown_first and recipe.settings[key].source != "automatic"
        ]
        listed = keys if self._all else [*shown_first, *changed]
        ordered = [
            key for key in [*shown_first, *(key for key in keys if key not in shown_first)] if key in listed
        ]
        for number, key in enumerate(ordered):
            if number:
                self.card.body.addWidget(separator())
            row = RecipeRow(recipe.settings[key], context.editable)
            row.changed.connect(self._change)
            row.reset.connect(self._reset_one)
            self.card.body.addWidget(row)
        rest = len(keys) - len(listed)
        if rest or self._all:
            self.card.body.addSpacing(4)
            words = "Fewer settings" if self._all else f"{rest} more settings"
            more = button(words, kind="link", name="recipe.more", clicked=self._toggle_all)
            self.card.body.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        self.reset.setVisible(
            context.editable and any(s.source in ("project", "user") for s in recipe.settings.values())
        )
        self.warnings.show_result(computed.found)
        self._set_recipe(recipe)

    def _set_recipe(self, recipe: Recipe | None) -> None:
        self.recipe = recipe
        self.recipe_changed.emit(recipe)

    def _toggle_all(self) -> None:
        self._all = not self._all
        self._show()

    # -- changing: part of the project, so one undo step each ---------------------------------------------------

    def _change(self, key: str, value: object) -> None:
        project, recipe = self._context.project, self.recipe
        if project is None or recipe is None:
            return
        try:
            typed: dict[str, Any] = parse_set([f"{key}={value}"])
            own = dict(project.recipe())
            if key == "loss":  # parameters of the loss before would be unknown to the new one
                own = {name: item for name, item in own.items() if not name.startswith("loss.")}
            own.update(typed)
            dataset, computed = self._context.dataset, self._computed
            assert dataset is not None and computed is not None
            make_recipe(dataset, computed.stats, project=own)
        except AnchorLabError as error:
            self._context.messages.error(error)
            self._show()
            return
        self._context.edit(lambda project: project.set_recipe(own))

    def _choose_preset(self, key: str) -> None:
        self._context.edit(lambda project: project.set_preset(key))

    def _reset_one(self, key: str) -> None:
        project = self._context.project
        if project is not None:
            own = {name: value for name, value in project.recipe().items() if name != key}
            self._context.edit(lambda project: project.set_recipe(own))

    def _reset_all(self) -> None:
        self._context.edit(lambda project: project.set_recipe({}))


def _clear(card: Card) -> None:
    while (item := card.body.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
