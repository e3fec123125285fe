"""The tab "Suggest": the model's score for the chosen row, and what to label next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.dataset.formats import DatasetInfo, Example
from gui.context import Context
from gui.models.model_scores import BY_ITSELF
from gui.models.next_examples import Item, NextExamples
from gui.views.label.assist.next_list import NextList
from gui.views.label.assist.panel import AssistTab
from gui.views.label.assist.suggestion_card import SuggestionCard
from gui.views.label.scores import LabelScores
from gui.views.label.suggesting import Suggesting
from gui.widgets.basic import separator


class SuggestTab(AssistTab):
    def __init__(
        self, context: Context, scores: LabelScores, acts: Suggesting, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context, self._scores, self._acts = context, scores, acts
        self._active = False
        self._looked: set[str] = set()  # the lists that filled themselves once
        self.next = NextExamples(context, scores.scores, self)
        self.card = SuggestionCard(scores.scores)
        self.list = NextList(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.card)
        column.addWidget(separator())
        column.addWidget(self.list, 1)
        scores.scores.changed.connect(self._refresh)
        scores.scores.model_changed.connect(self._anew)
        context.dataset_changed.connect(self._dataset_changed)
        self.card.scores_requested.connect(scores.show)
        self.card.accepted.connect(acts.accept)
        self.card.skipped.connect(acts.go_on)
        self.card.all_requested.connect(acts.ask_for_all)
        self.list.opened.connect(self._open)
        self.list.more.connect(self._open_more)
        context.background.changed.connect(self._allow)
        for made in self.list.tabs.values():
            made.clicked.connect(lambda _checked=False: self._look())
        self._allow()

    # -- a tab of the panel -------------------------------------------------------------------------------------

    def show_example(self, example: Example | None, info: DatasetInfo | None) -> None:
        self.card.show_example(example, info)
        self._allow()

    def show_many(self, ids: Sequence[int], info: DatasetInfo) -> None:
        self.card.show_example(None, info)

    def activate(self) -> None:
        self._active = True
        self._refresh()
        self._look()

    def deactivate(self) -> None:
        self._active = False
        for kind, found in self.next.found.items():
            if found.state == "working":
                self._looked.discard(kind)
                self.next.stop(kind)

    def _refresh(self) -> None:
        if self._active:
            self.card.refresh()
            self._look()

    def _anew(self) -> None:
        """Another dataset or model: what was listed is gone."""
        self._looked.clear()

    def _dataset_changed(self) -> None:
        self._anew()
        self._allow()
        self.card.show_example(None, self._context.dataset)
        if self._active:
            self._look()

    def _look(self) -> None:
        """Small datasets are looked through at once; for a large one somebody has to ask."""
        info, kind = self._context.dataset, self.list.kind
        if not self._active or self._context.engine.state != "warm" or kind in self._looked:
            return
        if self._scores.scores.state == "scoring":
            return  # what the scores say about the labels makes the better choice
        if self.list.found.state == "off" and info is not None and 0 < info.rows <= BY_ITSELF:
            self._looked.add(kind)
            self.list.ask()

    def _allow(self) -> None:
        self.card.allow(self._context.editable)
        self.list.allow(self._context.editable)

    # -- doing --------------------------------------------------------------------------------------------------

    def _open(self, kind: str, item: Item) -> None:
        if kind == "texts":
            self._acts.make_rows(item.texts, "what to label next")
        elif item.ids:
            self._acts.show_rows(item.ids)

    def _open_more(self, kind: str, item: Item) -> None:
        if kind == "rows":
            self._acts.show_rows([id for one in self.list.found.items for id in one.ids])
        else:
            self._acts.make_rows(item.texts[:5], "a group without a label")


def add_suggest(
    context: Context,
    scores: LabelScores,
    acts: Suggesting,
    add_tab: Callable[[str, str, str, QWidget], None],
    import_file: Callable[[], object],
) -> SuggestTab:
    tab = SuggestTab(context, scores, acts)
    tab.list.import_requested.connect(lambda: import_file())
    add_tab("suggest", "Suggest", "suggest", tab)
    return tab
