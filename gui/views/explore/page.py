"""Explore: what the tuned model learned, beside the base model or any other run. One tab a question."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QTabBar, QVBoxLayout, QWidget

from core.project import Change
from core.project.probes import Probe
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.views.explore.head import Head
from gui.views.explore.heat.view import HeatView
from gui.views.explore.lens import Lens, Model
from gui.views.explore.map.view import MapView
from gui.views.explore.pairs.view import PairsView
from gui.views.explore.probes.view import ProbesView
from gui.views.explore.query.view import QueryView
from gui.views.explore.scores.view import ScoresView
from gui.views.explore.send import sender
from gui.views.explore.view import ExploreView
from gui.views.explore.why.beside import Beside, Tabs
from gui.views.explore.why.panel import WhyPanel
from gui.views.page import Page
from gui.widgets.basic import label, tool_button
from gui.widgets.choice_box import SHORT, ChoiceBox

# key, title, class: in the order of the tabs
VIEWS: tuple[tuple[str, str, type[ExploreView]], ...] = (
    ("query", "Query", QueryView),
    ("pairs", "Pairs", PairsView),
    ("scores", "Scores", ScoresView),
    ("map", "Map", MapView),
    ("heat", "Heat map", HeatView),
    ("probes", "Probes", ProbesView),
)

_TELL = {
    "query": "What both models find most similar to a text",
    "pairs": "Every labelled row before and after training: fixed, broken, still wrong, still right",
    "scores": "From which score on two texts count as similar",
    "map": "Where the texts lie to each other, and what training moved",
    "heat": "Texts of your choice, each compared with each other one",
    "probes": "Questions with known answers, asked after every training",
}


class ExplorePage(Page):
    train_requested = Signal()
    label_requested = Signal(int)  # a row to open
    rows_requested = Signal(int, object)  # a dataset, and those of its rows that are to be shown
    report_requested = Signal()  # of the run that is looked at

    def __init__(self, context: Context, parent: QWidget | None = None, *, whole: bool = True) -> None:
        """Not `whole`: its tabs come one by one with `grow`, for who builds it while a person works elsewhere."""
        super().__init__(context, parent)
        self.lens = Lens(context, self)
        self._active: ExploreView | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        self.stack = Tabs()
        self.why = WhyPanel(context, self.lens)
        self.split = Beside(self.stack, self.why, context.settings, context.save_settings)
        self.split.toggled.connect(self._why_toggled)
        column.addWidget(self.split, 1)
        self._pair: tuple[str, str] = ("", "")
        self.sending = sender(context, self.lens)
        self.sending.rows_requested.connect(self.rows_requested)
        context.stepped.connect(self._stepped)
        self._views: dict[str, ExploreView] = {}
        while whole and self.grow():
            pass

    def grow(self) -> bool:
        if len(self._views) == len(VIEWS):
            return False
        key, title, kind = VIEWS[len(self._views)]
        view = kind(self.context, self.lens)
        view.setObjectName(f"explore.view.{key}")
        view.train_requested.connect(self.train_requested)
        view.label_requested.connect(self.label_requested)
        view.why_requested.connect(self.show_why)
        view.pair_chosen.connect(self._pair_chosen)
        view.heat_requested.connect(self.show_heat)
        view.probe_requested.connect(self.new_probe)
        view.query_requested.connect(self.show_query)
        self._views[key] = view
        self.stack.addWidget(view)
        self.tabs.setTabToolTip(self.tabs.addTab(title), _TELL[key])
        if len(self._views) < len(VIEWS):
            return True
        self.tabs.setVisible(len(VIEWS) > 1)
        self.tabs.currentChanged.connect(self._chosen)
        self.lens.models_changed.connect(self._show_models)
        self._show_models()
        self.lens.refresh()
        return False

    def _head(self) -> Head:
        head = Head()
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 6, 16, 6)
        row.setSpacing(8)
        self.tabs = QTabBar()
        self.tabs.setObjectName("explore.tabs")
        self.tabs.setAccessibleName("What to explore")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)  # in a narrow window the models give way, not the tabs
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.first = _models("explore.first", "The model to compare with")
        self.second = _models("explore.second", "The model that is looked at")
        self.first.activated.connect(lambda _place: self.lens.choose_first(str(self.first.currentData())))
        self.second.activated.connect(lambda _place: self.lens.choose_second(str(self.second.currentData())))
        row.addWidget(self.tabs)
        row.addStretch(1)
        row.addWidget(label("Compare", "caption"))
        row.addWidget(self.first)
        row.addWidget(label("with", "caption"))
        row.addWidget(self.second)
        self.why_button = tool_button(
            "why",
            "Why are two texts similar? (Ctrl+Shift+E)",
            name="explore.why",
            kind="",
            clicked=self.toggle_why,
        )
        self.why_button.setCheckable(True)
        row.addWidget(self.why_button)
        self.report_button = tool_button(
            "file",
            "Report of the run… (Ctrl+Shift+R)",
            name="explore.report",
            kind="",
            clicked=self.report_requested.emit,
        )
        row.addWidget(self.report_button)
        head.name(self.why_button, "Why?")
        head.name(self.report_button, "Report…")
        return head

    # -- tabs -----------------------------------------------------------------------------------------------------------

    def view(self, key: str) -> ExploreView:
        return self._views[key]

    @property
    def shown(self) -> str:
        """The key of the tab in front."""
        return VIEWS[self.stack.currentIndex()][0]

    def show_view(self, key: str) -> None:
        self.tabs.setCurrentIndex([view[0] for view in VIEWS].index(key))

    def _chosen(self, place: int) -> None:
        self.stack.setCurrentIndex(place)
        if self._active is not None:
            self._wake(self._views[self.shown])

    def _wake(self, view: ExploreView | None) -> None:
        if view is self._active:
            return
        if self._active is not None:
            self._active.deactivate()
        self._active = view
        if view is not None:
            view.activate()

    # -- why two texts are similar ----------------------------------------------------------------------------------------

    def show_why(self, one: str, other: str) -> None:
        """Open the panel and explain these two texts."""
        self._pair = one, other
        self.split.open_panel()
        self.why.show_pair(one, other)

    def show_probes(self) -> None:
        """The probes, what got worse on top."""
        self.show_view("probes")
        view = self._views["probes"]
        assert isinstance(view, ProbesView)
        view.show_regressions()

    def new_probe(self, probe: Probe) -> None:
        """Ask about a probe that a tab proposes, and add it."""
        view = self._views["probes"]
        assert isinstance(view, ProbesView)
        view.new(probe.kind, probe, lambda: self.show_view("probes"))

    def show_heat(self, texts: list[str], source: str) -> None:
        """Compare texts that a tab chose, each with each other."""
        self.show_view("heat")
        view = self._views["heat"]
        assert isinstance(view, HeatView)
        view.show_texts(texts, source)

    def show_query(self, text: str, row: int = 0, slot: int = 0) -> None:
        """Ask both models from a row's text, or from any text."""
        self.show_view("query")
        view = self._views["query"]
        assert isinstance(view, QueryView)
        if row:
            view.show_row(row, slot)
        else:
            view.ask_text(text)

    def _pair_chosen(self, one: str, other: str) -> None:
        self._pair = one, other
        if self.split.is_open and not self.split.alone:
            self.why.show_pair(one, other)

    def toggle_why(self) -> None:
        if self.split.is_open:
            self.split.close_panel()
        else:
            self.show_why(*self._pair)

    def _why_toggled(self, shown: bool) -> None:
        self.why_button.setChecked(shown)
        for view in self._views.values():
            view.give_room(shown)
        if not shown:
            self._views[self.shown].setFocus()

    # -- back into labelling ---------------------------------------------------------------------------------------------

    def send_selected(self) -> None:
        """The menu of the tab in front, for what is selected there."""
        view = self._views[self.shown]
        if view.send is not None:
            view.send.open_over(view)

    def _stepped(self, words: str, change: Change) -> None:
        if self.isVisible():
            way, do = ("Redo", self.context.redo) if words == "Undone" else ("Undo", self.context.undo)
            self.context.messages.note(f"{words}: {change.label}.", action=way, do=do)

    # -- models ---------------------------------------------------------------------------------------------------------

    def _show_models(self) -> None:
        choices, second = self.lens.choices(), self.lens.second
        _fill(
            self.first,
            [model for model in choices if second is None or model.ref != second.ref],
            self.lens.first,
        )
        runs = [model for model in choices if model.ref != "base"]
        if second is not None and second not in runs:
            runs.insert(0, second)
        _fill(self.second, runs, second)
        self.report_button.setEnabled(second is not None)
        for box in (self.first, self.second):
            box.setEnabled(box.count() > 1)
        if not runs:
            self.second.addItem("No tuned model yet")

    # -- the page in the window -----------------------------------------------------------------------------------------

    def actions_of_page(self) -> list[ActionSpec]:
        found = [
            ActionSpec(
                "explore.why",
                "Why are two texts similar?",
                self.toggle_why,
                shortcut="Ctrl+Shift+E",
                icon="why",
                group="Explore",
                enabled=self.isVisible,
                checked=lambda: self.split.is_open,
            ),
            *self.why.actions_of_panel(),
            ActionSpec(
                "explore.send",
                "Send what is selected to labelling",
                self.send_selected,
                shortcut="Ctrl+L",
                icon="label",
                group="Explore",
                enabled=self.isVisible,
            ),
            *(action for view in self._views.values() for action in view.actions_of_view()),
        ]
        if len(VIEWS) > 1:
            found += [
                ActionSpec(
                    f"explore.show.{key}",
                    f"Explore: {title}",
                    partial(self.show_view, key),
                    group="Explore",
                    enabled=self.isVisible,
                )
                for key, title, _ in VIEWS
            ]
        return found

    def activate(self) -> None:
        self._wake(self._views[self.shown])
        self.why.ask()
        self.lens.look_again()

    def deactivate(self) -> None:
        self._wake(None)


def _models(name: str, title: str) -> ChoiceBox:
    made = ChoiceBox(name, title, 21)
    made.setMinimumWidth(100)
    return made


def _fill(box: QComboBox, models: list[Model], chosen: Model | None) -> None:
    box.clear()
    for model in models:
        box.addItem(f"{model.title} · {model.about}" if model.about else model.title, model.ref)
        box.setItemData(box.count() - 1, model.title, SHORT)
    if chosen is not None:
        box.setCurrentIndex(max(0, box.findData(chosen.ref)))
