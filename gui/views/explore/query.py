"""One question to two models, side by side."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from core.dataset.formats import Format
from core.errors import Cancelled
from core.project import Change
from core.similarity.compare import Hit
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.theme import icons
from gui.views.explore.lens import Lens, Model
from gui.views.explore.results import ResultsCard
from gui.views.explore.send import Chosen, offer_send
from gui.views.explore.view import ExploreView
from gui.views.explore.why.offer import offer_heat, offer_why
from gui.widgets.basic import brief, button, label, separator
from gui.widgets.score import number
from gui.workers.job import Job

_K = 20
_DEBOUNCE_MS = 300


class QueryView(ExploreView):
    def __init__(self, context: Context, lens: Lens, parent: QWidget | None = None) -> None:
        super().__init__(context, lens, parent)
        self._job: Job | None = None
        self._asked: tuple[Any, ...] = ()
        self._models: tuple[Model | None, ...] = ()
        self._hits: dict[str, dict[str, Hit]] = {"base": {}, "tuned": {}}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(self._search_row())
        self.progress = QProgressBar()
        self.progress.setObjectName("explore.progress")
        self.progress.setAccessibleName("Embedding the texts")
        self.progress.setTextVisible(False)
        self.state = label("", "caption", name="explore.state")
        busy = QHBoxLayout()
        busy.setSpacing(12)
        busy.addWidget(self.state)
        busy.addWidget(self.progress, 1)
        self.cancel = button("Cancel", kind="link", name="explore.cancel", clicked=self._cancel)
        busy.addWidget(self.cancel)
        column.addLayout(busy)
        lists = QHBoxLayout()
        lists.setSpacing(12)
        self.base = ResultsCard("explore.base_results", "Base", tuned=False)
        self.tuned = ResultsCard("explore.tuned_results", "Tuned", tuned=True)
        self.train = button("Train", name="explore.train", clicked=self.train_requested.emit)
        holder = QHBoxLayout()
        holder.addStretch(1)
        holder.addWidget(self.train)
        holder.addStretch(1)
        self.tuned.extra.insertLayout(2, holder)
        lists.addWidget(self.base, 1)
        lists.addWidget(self.tuned, 1)
        column.addLayout(lists, 1)
        row.addWidget(main, 1)
        self.details = self._details()
        row.addWidget(self.details)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DEBOUNCE_MS)
        self._timer.timeout.connect(self.search)
        self.query.textChanged.connect(lambda _text: self._timer.start())
        self.query.returnPressed.connect(self.search)
        self.role.currentIndexChanged.connect(lambda _index: self.search())
        self.base.chosen.connect(self._chosen_in_base)
        self.tuned.chosen.connect(self._chosen_in_tuned)
        for card in (self.base, self.tuned):
            offer_why(self, card.list, lambda card=card: self._pair(card.list.currentIndex().data()))  # type: ignore[misc]
            offer_heat(self, card.list, lambda card=card: self._together(card))  # type: ignore[misc]
        self.send = offer_send(context, lens, self.chosen, self.tuned.list, self.base.list)
        lens.models_changed.connect(self._models_changed)
        context.data_changed.connect(self._data_changed)
        context.dataset_changed.connect(self._dataset_changed)
        context.project_changed.connect(self._clear)
        context.engine.state_changed.connect(self._engine_changed)
        self._idle()
        self._dataset_changed()

    def _search_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.query = QLineEdit()
        self.query.setObjectName("explore.query")
        self.query.setAccessibleName("Text to search for")
        self.query.setPlaceholderText("Type a text and see what both models find most similar")
        self.query.setClearButtonEnabled(True)
        self.query.setProperty("kind", "search")
        self.query.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.role = QComboBox()
        self.role.setObjectName("explore.role")
        self.role.setAccessibleName("Which texts to search")
        self.role.setProperty("kind", "search")
        row.addWidget(self.query, 1)
        row.addWidget(self.role)
        return row

    def _details(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("details")
        frame.setFixedWidth(280)
        column = QVBoxLayout(frame)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        self.detail_title = label("Text", "section")
        column.addWidget(self.detail_title)
        self.detail_hint = label(
            "Select a result to read all of it and compare its scores.", "secondary", wrap=True
        )
        column.addWidget(self.detail_hint)
        self.detail_text = QPlainTextEdit()
        self.detail_text.setObjectName("explore.text")
        self.detail_text.setAccessibleName("Selected text")
        self.detail_text.setReadOnly(True)
        column.addWidget(self.detail_text, 1)
        self.detail_rows = QWidget()
        rows = QVBoxLayout(self.detail_rows)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        self._scores: dict[str, tuple[Any, Any]] = {}
        for key, words in (("base", "Base"), ("tuned", "Tuned")):
            line = QHBoxLayout()
            name = label(words, "secondary")
            value = label("", "strong")
            line.addWidget(name)
            line.addStretch(1)
            line.addWidget(value)
            rows.addLayout(line)
            self._scores[key] = (name, value)
        rows.addWidget(separator())
        buttons = QHBoxLayout()
        buttons.addWidget(
            button("Search this text", "search", name="explore.again", clicked=self._search_selected)
        )
        buttons.addWidget(button("Copy", "copy", name="explore.copy", clicked=self._copy))
        why = button(
            "Why are these similar?", "why", name="explore.ask_why", tip="Why? (W)", clicked=self._ask_why
        )
        rows.addLayout(buttons)
        rows.addWidget(why)
        column.addWidget(self.detail_rows)
        column.addStretch(1)
        self._show_text("")
        return frame

    def actions_of_view(self) -> list[ActionSpec]:
        return [
            ActionSpec(
                "explore.focus",
                "Search for similar texts",
                self._focus_query,
                group="Explore",
                enabled=self.isVisible,
            )
        ]

    # -- state --------------------------------------------------------------------------------------------------

    def activate(self) -> None:
        self._models_changed()
        self.query.setFocus()

    def give_room(self, narrow: bool) -> None:
        self.details.setVisible(not narrow)

    def _focus_query(self) -> None:
        self.query.setFocus()
        self.query.selectAll()

    def _clear(self) -> None:
        self._cancel()
        self._asked = ()
        self.query.clear()
        self._timer.stop()
        self._hits = {"base": {}, "tuned": {}}
        self._show_text("")
        self._models_changed()

    def _dataset_changed(self) -> None:
        """The choices of texts follow the dataset's format."""
        dataset = self.context.dataset
        self.role.blockSignals(True)
        self.role.clear()
        self.role.addItem("All texts", "all")
        if dataset is not None and dataset.format is not Format.CATEGORIES:
            scored = dataset.format is Format.SCORED
            self.role.addItem("Text B only" if scored else "Positives and negatives", "other")
            self.role.addItem("Text A only" if scored else "Anchors", "anchor")
        self.role.blockSignals(False)
        self._asked = ()
        self._models_changed()

    def _data_changed(self, change: Change) -> None:
        """The answer on the screen is about texts that have changed; the next visit asks again."""
        if change.kinds & {"cells", "rows", "datasets"}:
            self._asked = ()

    def _models_changed(self) -> None:
        first, second = self.lens.first, self.lens.second
        if (first, second) != self._models:
            self._models, self._asked = (first, second), ()
            self.base.about.setText(first.about)
            self.tuned.about.setText("")
        self.base.heading.setText(first.title)
        self.tuned.heading.setText(second.title if second is not None else "Tuned")
        for key, model in (("base", first), ("tuned", second)):
            self._scores[key][0].setText(model.title if model is not None else "Tuned")
        self.train.setVisible(second is None)
        if second is None:
            self.tuned.show_words(
                "No tuned model yet. Train one, and its results stand beside the base model's."
            )
        if self.query.text().strip():
            self.search()
        else:
            self.base.show_words("The most similar texts of this dataset appear here.")
            if second is not None:
                self.tuned.show_words("The same question, asked of your model.")

    def _engine_changed(self) -> None:
        if self._job is None:
            self._idle()

    def _idle(self) -> None:
        self.progress.hide()
        self.cancel.hide()
        starting = self.context.engine.state == "starting"
        self.state.setText("The model is still loading; a search waits for it." if starting else "")
        self.state.setVisible(starting)

    # -- searching ----------------------------------------------------------------------------------------------

    def search(self) -> None:
        """Ask both models at once. A newer question replaces the older one."""
        self._timer.stop()
        context = self.context
        text = self.query.text()
        if context.project is None or not text.strip():
            return
        models = self.lens.refs
        asked = (text, str(self.role.currentData()), context.dataset_id, tuple(models))
        if asked == self._asked:
            return  # on its way, or on the screen already
        self._cancel()
        self._asked = asked
        params = {
            "project": str(context.project.folder),
            "dataset_id": context.dataset_id,
            "models": models,
            "text": text,
            "k": _K,
            "role": asked[1],
        }
        self.state.setText("Searching…" if context.engine.state == "warm" else "The model is still loading…")
        self.state.show()
        self._job = context.engine.ask(
            "search",
            params,
            group="explore",
            on_done=self._answered,
            on_error=self._failed,
            on_progress=self._progressed,
        )

    def _progressed(self, done: int, total: int) -> None:
        self.progress.setVisible(total > 0)
        self.cancel.setVisible(total > 0)
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(done)
        self.state.setText(
            f"Embedding {done:,} of {total:,} texts; the next search is instant" if total else "Searching…"
        )

    def _cancel(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            self._asked = ()
        self._idle()

    def _answered(self, answer: dict[str, Any]) -> None:
        self._job = None
        self._idle()
        results = answer["results"]
        for key, card, result in zip(("base", "tuned"), (self.base, self.tuned), results, strict=False):
            hits = [Hit.from_record(record) for record in result["hits"]]
            self._hits[key] = {hit.text: hit for hit in hits}
            card.show_hits(hits, len(hits))
            if not hits:
                card.show_words("There are no texts to compare with yet. Add some examples first.")
        if results:
            count = results[0]["count"]
            self.base.about.setText(f"{self.lens.first.about} · {count:,} texts")
        if len(results) > 1:
            self.tuned.about.setText(self._summary())
        self._show_text("")

    def _summary(self) -> str:
        moved = sum(1 for hit in self._hits["tuned"].values() if hit.other_rank not in (None, hit.rank))
        new = sum(
            1
            for hit in self._hits["tuned"].values()
            if hit.other_rank is not None and hit.other_rank > len(self._hits["base"])
        )
        parts = []
        if new:
            parts.append(f"{new} new")
        if moved - new > 0:
            parts.append(f"{moved - new} moved")
        return " · ".join(parts) or "same order"

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self._asked = ()
        self._idle()
        if not isinstance(error, Cancelled):
            self.context.messages.error(error, action="Try again", do=self.search)

    # -- one text -----------------------------------------------------------------------------------------------

    def _chosen_in_base(self, text: str) -> None:
        self.tuned.select_text(text)
        self._show_text(text)

    def _chosen_in_tuned(self, text: str) -> None:
        self.base.select_text(text)
        self._show_text(text)

    def _show_text(self, text: str) -> None:
        for part in (self.detail_text, self.detail_rows):
            part.setVisible(bool(text))
        self.detail_hint.setVisible(not text)
        pair = self._pair(text)
        if pair is not None:
            self.pair_chosen.emit(*pair)
        self.detail_text.setPlainText(text)
        for key, (_name, value) in self._scores.items():
            hit = self._hits[key].get(text)
            other = self._hits["tuned" if key == "base" else "base"].get(text)
            if hit is not None:
                value.setText(f"{number(hit.score, 3)}  ·  rank {hit.rank}")
            elif other is not None and other.other_rank is not None:
                value.setText(f"rank {other.other_rank:,}")
            else:
                value.setText("–")

    def _pair(self, text: str | None) -> tuple[str, str] | None:
        """The question that the lists answer, and one of the texts in them."""
        return (str(self._asked[0]), text) if self._asked and text else None

    def chosen(self) -> Chosen:
        """For labelling: the selected results of either list; the question is their anchor."""
        card = self.base if self.base.list.hasFocus() or not self.tuned.list.selectedIndexes() else self.tuned
        texts = tuple(str(index.data()) for index in sorted(card.list.selectedIndexes()))
        return Chosen("explorer: query", texts=texts, anchor=str(self._asked[0]) if self._asked else "")

    def _together(self, card: ResultsCard) -> tuple[list[str], str]:
        """The selected results, or all of them where fewer than two are, behind the question."""
        chosen = [str(index.data()) for index in sorted(card.list.selectedIndexes())]
        texts = chosen if len(chosen) > 1 else [hit.text for hit in card.model.hits]
        query = str(self._asked[0]) if self._asked else ""
        return [query, *texts], f"results for “{brief(query, 20)}”"

    def _ask_why(self) -> None:
        pair = self._pair(self.detail_text.toPlainText())
        if pair is not None:
            self.why_requested.emit(*pair)

    def _search_selected(self) -> None:
        self.query.setText(" ".join(self.detail_text.toPlainText().split()))
        self.search()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.detail_text.toPlainText())
