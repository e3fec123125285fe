"""One question to two models, side by side: a typed text or a row, among chosen texts; what was gained and lost; what rows say."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.errors import Cancelled
from core.project import Change
from core.words import count
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.views.explore.lens import Lens, Model
from gui.views.explore.probes.offer import offer_probe
from gui.views.explore.query import tables
from gui.views.explore.query.answer import Answer
from gui.views.explore.query.bar import QueryBar
from gui.views.explore.query.details import Details
from gui.views.explore.query.filters import FilterBar
from gui.views.explore.query.index_line import IndexLine
from gui.views.explore.query.questions import Questions
from gui.views.explore.query.results import ResultsCard
from gui.views.explore.query.state import SearchState
from gui.views.explore.query.summary import SummaryLine
from gui.views.explore.send import Chosen, offer_send, send_tool
from gui.views.explore.view import ExploreView
from gui.views.explore.why.offer import offer_heat, offer_why
from gui.widgets.basic import brief
from gui.widgets.copy_menu import CopyMenu
from gui.workers.job import Job

_DEBOUNCE_MS = 300
_TEACH = (
    "Type a text, or pick a row of your data, and the texts that the model finds most similar stand here.",
    "The same question, asked of your model: what it gained and lost against the other one is marked.",
)
_NO_MODEL = "No tuned model yet. Train one, and its results stand beside the base model's."
_NO_TEXTS = "There are no texts to compare with yet. Import a file, or type examples in Label."
_FILTERED = "No text passes these filters."


class QueryView(ExploreView):
    def __init__(self, context: Context, lens: Lens, parent: QWidget | None = None) -> None:
        super().__init__(context, lens, parent)
        self._job: Job | None = None
        self._front = False
        self._asked: tuple[Any, ...] = ()
        self._models: tuple[Model | None, ...] = ()
        self.answer: Answer | None = None
        self.bar = QueryBar()
        self.questions = Questions(context, self.bar)
        self.filters = FilterBar(context)
        self.state = SearchState()
        self.summary = SummaryLine()
        self.index = IndexLine(context)
        self.base = ResultsCard("explore.base_results", "Base", tuned=False)
        self.tuned = ResultsCard("explore.tuned_results", "Tuned", tuned=True)
        self.cards = (self.base, self.tuned)
        self.details = Details()
        self.menu = self._copying()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DEBOUNCE_MS)
        self._timer.timeout.connect(self.search)
        self._connect()
        self._idle()
        self._project_changed()

    @property
    def query(self) -> Any:
        """The line that is typed in."""
        return self.bar.query

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(16, 12, 16, 8)
        head.setSpacing(8)
        self.bar.line.addWidget(self.menu.button)
        for part in (self.bar, self.filters, self.state, self.summary, self.index):
            head.addWidget(part)
        whole.addLayout(head)
        row = QHBoxLayout()
        row.setSpacing(0)
        lists = QHBoxLayout()
        lists.setContentsMargins(16, 0, 16, 16)
        lists.setSpacing(12)
        for card in self.cards:
            lists.addWidget(card, 1)
        row.addLayout(lists, 1)
        row.addWidget(self.details)
        whole.addLayout(row, 1)

    def _connect(self) -> None:
        bar, context = self.bar, self.context
        bar.changed.connect(self._timer.start)
        bar.entered.connect(self.search)
        bar.query.down.connect(lambda: self.base.take_keyboard() or self.tuned.take_keyboard())
        self.questions.asked.connect(self.search)
        self.filters.changed.connect(self.search)
        self.state.cancelled.connect(self._cancel)
        self.index.ready.connect(self._ask_anew)
        self.base.acted.connect(self._base_acted)
        self.tuned.acted.connect(self.train_requested)
        for card, other in ((self.base, self.tuned), (self.tuned, self.base)):
            card.chosen.connect(lambda text, other=other: self._chosen(text, other))
            card.list.beside.connect(other.take_keyboard)
            card.list.left.connect(self._focus_query)
            card.list.opened.connect(lambda card=card: self.ask_text(card.text()))
            offer_why(self, card.list, lambda card=card: self._pair(card.text()))  # type: ignore[misc]
            offer_probe(self, card.list, lambda card=card: self._found(card))  # type: ignore[misc]
            offer_heat(self, card.list, lambda card=card: self._together(card))  # type: ignore[misc]
            self.menu.attach(card.list, lambda card=card: self._table_of(card))  # type: ignore[misc]
        self.send = offer_send(context, self.lens, self.chosen, self.tuned.list, self.base.list)
        tool = send_tool(self.send, "explore.send")
        self.details.head.addWidget(tool)
        QWidget.setTabOrder(self.tuned.list, tool)
        self.details.again.connect(self.ask_text)
        self.details.why.connect(self._ask_why)
        self.details.row_wanted.connect(self.label_requested)
        self.lens.models_changed.connect(self._models_changed)
        context.data_changed.connect(self._data_changed)
        context.dataset_changed.connect(self.filters.follow)
        context.project_changed.connect(self._project_changed)
        context.engine.state_changed.connect(self._engine_changed)
        for keys, act in (
            ("Alt+Up", lambda: self.questions.step_row(-1)),
            ("Alt+Down", lambda: self.questions.step_row(1)),
            ("Alt+Left", lambda: self.questions.step_back(-1)),
            ("Alt+Right", lambda: self.questions.step_back(1)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def actions_of_view(self) -> list[ActionSpec]:
        acts = (
            ("explore.focus", "Search for similar texts", self._focus_query),
            ("explore.pick_row", "Query: pick a row", self.questions.pick_row),
            ("explore.next_row", "Query: next row", lambda: self.questions.step_row(1)),
            ("explore.row_before", "Query: row before", lambda: self.questions.step_row(-1)),
            ("explore.back", "Query: the question before", lambda: self.questions.step_back(-1)),
            ("explore.forward", "Query: the question after", lambda: self.questions.step_back(1)),
        )
        found = [
            ActionSpec(key, title, act, group="Explore", enabled=self.isVisible) for key, title, act in acts
        ]
        return [*found, *self.menu.specs(lambda: self.isVisible() and self.answer is not None)]

    # -- the tab --------------------------------------------------------------------------------------------------------

    def activate(self) -> None:
        self._front = True
        self.filters.refresh()
        self.questions.refresh()
        self._models_changed()
        self.query.setFocus()
        self._show_index()

    def deactivate(self) -> None:
        """A question that waits is asked again by the next visit; what was embedded for it is kept."""
        self._front = False
        self._timer.stop()
        self._cancel()
        self.index.stop()

    def give_room(self, narrow: bool) -> None:
        self.details.setVisible(not narrow)
        self.bar.lie(narrow)

    def _focus_query(self) -> None:
        self.query.setFocus()
        self.query.selectAll()

    def _project_changed(self) -> None:
        self._cancel()
        self._timer.stop()
        self.bar.clear()
        self.filters.reset()
        self.filters.follow()
        self.questions.read()
        self._forget()
        self._models_changed()

    def _forget(self) -> None:
        self._asked, self.answer = (), None
        self.index.forget()
        self.summary.show_answer(None)
        self.menu.button.setEnabled(False)
        self.details.show_text("", None)

    def _data_changed(self, change: Change) -> None:
        """The answer on the screen is about texts that have changed; the next visit asks again. One on its way is asked for anew."""
        if change.kinds & {"datasets", "texts"}:
            self.filters.refresh()
        if change.kinds & {"cells", "rows", "datasets", "texts"}:
            waiting = self._job is not None
            self._cancel()
            self._asked = ()
            if waiting:
                self.search()

    def _models_changed(self) -> None:
        first, second = self.lens.first, self.lens.second
        if (first, second) != self._models:
            self._models = first, second
            self._forget()
        self.base.heading.setText(first.title)
        self._name_base()
        self.tuned.heading.setText(second.title if second is not None else "Tuned")
        self.tuned.about.setText(second.about if second is not None else "")
        self.details.name_models(first.title, second.title if second is not None else "")
        if second is None:
            self.tuned.show_words(_NO_MODEL, "" if self._bare() else "Train")
        if self.bar.text.strip():
            self.search()
        if self.answer is None:
            self._teach()

    def _name_base(self) -> None:
        """The first model, and how many texts were looked through where there is an answer."""
        texts = f" · {count(self.answer.count, 'text')}" if self.answer is not None else ""
        self.base.about.setText(f"{self.lens.first.about}{texts}")

    def _bare(self) -> bool:
        """There is no text in the project yet."""
        project = self.context.project
        return project is not None and not (
            any(info.rows for info in project.datasets()) or project.corpus_texts(0, 1)
        )

    def _base_acted(self) -> None:
        if self._bare():
            self.label_requested.emit(0)
        elif self.answer is None:
            self.questions.pick_row()
        else:
            self.filters.reset()

    def _teach(self) -> None:
        if self._bare():
            self.base.show_words(_NO_TEXTS, "Add examples")
        else:
            self.base.show_words(_TEACH[0], "Pick a row…")
        if self.lens.second is not None:
            self.tuned.show_words(_TEACH[1])

    def _engine_changed(self) -> None:
        if self._job is None:
            self._idle()

    def _idle(self) -> None:
        self.state.idle(starting=self.context.engine.state == "starting")

    # -- what is asked --------------------------------------------------------------------------------------------------

    def show_row(self, id: int, slot: int = 0) -> None:
        """A row as the question."""
        self.questions.show_row(id, slot)

    def ask_text(self, text: str) -> None:
        self.questions.ask_text(text)

    # -- searching ------------------------------------------------------------------------------------------------------

    def search(self) -> None:
        """Ask both models at once. A newer question replaces the older one."""
        self._timer.stop()
        context, text = self.context, self.bar.text
        if not self._front or context.project is None or not text.strip():
            return
        choice = self.filters.choice
        asked = (text, choice, tuple(self.lens.refs))
        if asked == self._asked:
            return  # on its way, or on the screen already
        self._cancel()
        self._asked = asked
        params = {
            "project": str(context.project.folder),
            "models": self.lens.refs,
            "text": text,
            **choice.params(),
        }
        self.state.searching(warm=context.engine.state == "warm")
        self._job = context.engine.ask(
            "search",
            params,
            group="explore",
            on_done=self._answered,
            on_error=self._failed,
            on_progress=self.state.progressed,
        )

    def _cancel(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            self._asked = ()
        self._idle()

    def _answered(self, record: dict[str, Any]) -> None:
        self._job = None
        self._idle()
        text, choice, _ = self._asked
        answer = self.answer = Answer.from_record(text, choice.k, record)
        self.questions.remember()
        for number, (card, hits) in enumerate(zip(self.cards, answer.lists, strict=False)):
            card.show_hits(hits, answer.length, answer.beyond(number), compared=len(answer.lists) == 2)
            if not hits:
                card.show_words(
                    *((_FILTERED, "Clear filters" if number == 0 else "") if choice.narrow else (_NO_TEXTS,))
                )
        self._name_base()
        self.summary.show_answer(answer)
        self._show_index()
        self.menu.button.setEnabled(True)
        self.details.show_text("", None)

    def _show_index(self) -> None:
        """What is said of an index, and one is built where it is missing."""
        project, answer = self.context.project, self.answer
        if project is None or answer is None or not self._asked:
            return
        where = self._asked[1].params()
        params = {"project": str(project.folder), "dataset_id": where["dataset_id"], "role": where["role"]}
        models = [(one.ref, one.title) for one in (self.lens.first, self.lens.second) if one is not None]
        self.index.show_answer(answer, models, params)

    def _ask_anew(self) -> None:
        self._asked = ()
        self.search()

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self._asked = ()
        self._idle()
        if not isinstance(error, Cancelled):
            self._forget()  # the lists answer another question
            self.base.show_words(f"There is no answer. {error}")
            if self.lens.second is not None:
                self.tuned.show_words("There is no answer.")
            self.context.messages.error(error, action="Try again", do=self.search)

    # -- one text -------------------------------------------------------------------------------------------------------

    def _chosen(self, text: str, other: ResultsCard) -> None:
        other.select_text(text)
        self.details.show_text(text, self.answer)
        pair = self._pair(text)
        if pair is not None:
            self.pair_chosen.emit(*pair)

    def _pair(self, text: str) -> tuple[str, str] | None:
        """The question that the lists answer, and one of the texts in them."""
        return (self.answer.text, text) if self.answer is not None and text else None

    def chosen(self) -> Chosen:
        """For labelling: the selected results of either list; the question is their anchor."""
        card = self.base if self.base.list.hasFocus() or not self.tuned.list.selectedIndexes() else self.tuned
        texts = tuple(card.model.hits[row].text for row in card.list.chosen())
        return Chosen("explorer: query", texts=texts, anchor=self.answer.text if self.answer else "")

    def _found(self, card: ResultsCard) -> tuple[str, list[str]]:
        """The question, and its selected results."""
        query = self.answer.text if self.answer is not None else ""
        return query, [card.model.hits[row].text for row in card.list.chosen()]

    def _together(self, card: ResultsCard) -> tuple[list[str], str]:
        """The selected results, or all of them where fewer than two are, behind the question."""
        rows, hits = card.list.chosen(), card.model.hits
        texts = [hits[row].text for row in rows] if len(rows) > 1 else [hit.text for hit in hits]
        query = self.answer.text if self.answer is not None else ""
        return [query, *texts], f"results for “{brief(query, 20)}”"

    def _ask_why(self) -> None:
        pair = self._pair(self.details.text.toPlainText())
        if pair is not None:
            self.why_requested.emit(*pair)

    # -- taking it along ------------------------------------------------------------------------------------------------

    def _copying(self) -> CopyMenu:
        return CopyMenu(
            self.context.messages,
            (self.summary, *self.cards),
            lambda: tables.whole(self.answer, self._titles()),
            text=lambda: tables.as_text(self.answer, self._titles()),
            name="query",
            title="Query",
            run=self.context.run,
            about=lambda: f"{brief(self.answer.text if self.answer else '')} · {self.lens.told}",
        )

    def _titles(self) -> tuple[str, ...]:
        return tuple(model.title for model in (self.lens.first, self.lens.second) if model is not None)

    def _table_of(self, card: ResultsCard) -> tables.Table:
        return tables.of_list(self.answer, self.cards.index(card), self._titles(), card.list.chosen())
