"""Probes: questions with the hits they should have and pairs with the order they should be in, under the models that are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.project import Change, Project
from core.project.edits import Compound
from core.project.probes import Probe, SetProbe, put
from core.training.probe_table import REGRESSED, Line, as_table
from gui.actions.registry import ActionSpec
from gui.actions.taking_back import take_back
from gui.context import Context
from gui.views.explore.lens import Lens
from gui.views.explore.probes import adding, hits
from gui.views.explore.probes.bar import ProbeBar
from gui.views.explore.probes.cells import ProbeDelegate
from gui.views.explore.probes.editor import ProbeEditor
from gui.views.explore.probes.export import ProbePage
from gui.views.explore.probes.hits import ProbeHits
from gui.views.explore.probes.results import ProbeResults
from gui.views.explore.probes.table import KEYS, PastDelegate, ProbesModel
from gui.views.explore.send import Chosen, offer_send, send_button
from gui.views.explore.view import ExploreView
from gui.views.explore.why.offer import offer_why
from gui.widgets.basic import EmptyState, button
from gui.widgets.copy_menu import CopyMenu
from gui.widgets.table_look import to_read

_WIDE_ENOUGH = 780  # pixels of the tab, for the hits beside the table
_ROOMY = 1040
_GIVES_WAY = {"past": 620, "wish": 940}  # the least room for these columns
_ROOMY_COLUMNS = {"state": 112, "first": 78, "now": 78, "change": 70, "past": 100}
_CLOSE_COLUMNS = {"state": 104, "first": 72, "now": 72, "change": 64, "past": 92}
_CLOSE = 620  # where these are as narrow as they can be
_TYPING_MS = 120
_TEACH = (
    "Probes are questions that you know the answer to: a query and the texts it should find, or two pairs and which of them is more alike. "
    "They run after every training, and what got worse stands first."
)


class ProbesView(ExploreView):
    def __init__(self, context: Context, lens: Lens, parent: QWidget | None = None) -> None:
        super().__init__(context, lens, parent)
        self.results = ProbeResults(context, lens, self)
        self.model = ProbesModel()
        self._narrow = self._close = False
        self._first = True  # nobody has chosen a row yet: the first one follows the verdicts
        self.bar = ProbeBar(context)
        self.hits = ProbeHits(context)
        self._lay_out()
        self.page = ProbePage(context, self.table, self._handed, self._about)
        self.menu = CopyMenu(
            context.messages,
            [self.table],
            lambda: as_table(*self._handed()),
            name="probes",
            title="Probes",
            run=context.run,
            about=self._about,
        )
        self.bar.line.addWidget(self.menu.button)
        QWidget.setTabOrder(self.bar.search, self.menu.button)
        self._offer()
        self.bar.fill_add(self._adds())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TYPING_MS)
        self._timer.timeout.connect(self._filter)
        self.bar.search.textChanged.connect(lambda _text: self._timer.start())
        self.bar.state.activated.connect(lambda _place: self._filter())
        self.bar.cancelled.connect(self._cancel_or_again)
        self.results.changed.connect(self._show)
        self.results.progressed.connect(self.bar.show_progress)
        self.hits.changed.connect(lambda probe: self._apply([put(probe)], "Change probe"))
        self.hits.pair_chosen.connect(self.pair_chosen)
        self.hits.why_requested.connect(self.why_requested)
        self.table.pressed.connect(lambda _index: self._chose())
        self.table.selectionModel().selectionChanged.connect(lambda _on, _off: self._selected())
        self.send = offer_send(context, lens, self.chosen, self.hits.table, self.table)
        self.hits.foot.addWidget(send_button(self.send, "probes.send"))
        self.hits.foot.addStretch(1)
        context.background.changed.connect(self._selected)
        self.results.show_probes()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        column.addWidget(self.bar)
        column.addWidget(self._table(), 1)
        self.empty = EmptyState("search", _TEACH, "New probe", lambda: self.new("query"), primary=True)
        self.empty.button.setObjectName("probes.first")
        self.empty.add(
            button("Import a table…", kind="link", name="probes.first_import", clicked=self._import)
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        whole = QWidget()
        inside = QHBoxLayout(whole)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(main, 1)
        inside.addWidget(self.hits)
        self.stack.addWidget(whole)
        row.addWidget(self.stack)

    def _table(self) -> QTableView:
        table = self.table = QTableView()
        to_read(table, "probes.table", "Probes")
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setItemDelegateForColumn(KEYS.index("past"), PastDelegate(table))
        self.names = ProbeDelegate(table)
        table.setItemDelegateForColumn(KEYS.index("probe"), self.names)
        table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
        table.doubleClicked.connect(lambda _index: self.edit())
        head = table.horizontalHeader()
        head.setMinimumSectionSize(30)
        for key in _ROOMY_COLUMNS:
            head.setSectionResizeMode(KEYS.index(key), QHeaderView.ResizeMode.Interactive)
        self._widen(_ROOMY_COLUMNS)
        for key in ("probe", "wish"):
            head.setSectionResizeMode(KEYS.index(key), QHeaderView.ResizeMode.Stretch)
        for keys, act in ((QKeySequence(QKeySequence.StandardKey.Paste), self.paste),):
            shortcut = QShortcut(QKeySequence(keys), table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)
        return table

    # -- the tab --------------------------------------------------------------------------------------------------------

    def actions_of_view(self) -> list[ActionSpec]:
        def here() -> bool:
            return self.isVisible() and self.context.editable

        def some() -> bool:
            return here() and bool(self.selected())

        acts: tuple[tuple[str, str, Callable[[], object], Callable[[], bool]], ...] = (
            ("new_query", "Probes: new query with its hits", lambda: self.new("query"), here),
            ("new_order", "Probes: new order of two pairs", lambda: self.new("order"), here),
            ("new_pair", "Probes: new pair", lambda: self.new("pair"), here),
            ("edit", "Probes: edit the selected probe", self.edit, some),
            ("why", "Probes: why does this one score so?", self.why, self.isVisible),
            ("duplicate", "Probes: duplicate the selected probes", self.duplicate, some),
            ("delete", "Probes: delete the selected probes", self.delete, some),
            ("import", "Probes: import a table", self._import, here),
            ("paste", "Probes: paste a table", self.paste, here),
            ("html", "Probes: save as a page", self.page.ask, self.isVisible),
            ("again", "Probes: run them again", self.results.again, self.isVisible),
        )
        return [
            ActionSpec(f"explore.probes.{key}", title, act, group="Explore", enabled=enabled)
            for key, title, act, enabled in acts
        ] + self.menu.specs(self.isVisible)

    def _adds(self) -> list[tuple[str, str, Callable[[], object]]]:
        return [
            ("query", "Query with its hits…", lambda: self.new("query")),
            ("order", "Two pairs in order…", lambda: self.new("order")),
            ("pair", "Pair…", lambda: self.new("pair")),
            ("", "", lambda: None),
            ("import", "From a table (CSV)…", self._import),
            ("paste", "From the clipboard", self.paste),
        ]

    def activate(self) -> None:
        self.results.want(True)
        self.table.setFocus()

    def deactivate(self) -> None:
        self.results.want(False)
        self.hits.stop()

    def give_room(self, narrow: bool) -> None:
        self._narrow = narrow
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where it is narrow the texts keep their room: first the runs give way, then what is expected goes below the probe."""
        beside = not self._narrow and self.width() >= _WIDE_ENOUGH
        self.hits.setVisible(beside)
        self.hits.setMaximumWidth(hits.WIDTH if self.width() >= _ROOMY else hits.LEAST)
        room = self.width() - (self.hits.maximumWidth() if beside else 0)
        for key, needed in _GIVES_WAY.items():
            self.table.setColumnHidden(KEYS.index(key), room < needed)
        self.names.stand(tall=room < _GIVES_WAY["wish"])
        if (close := room < _CLOSE) != self._close:
            self._close = close
            self._widen(_CLOSE_COLUMNS if close else _ROOMY_COLUMNS)

    def _widen(self, widths: dict[str, int]) -> None:
        for key, width in widths.items():
            self.table.setColumnWidth(KEYS.index(key), width)

    # -- showing --------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        lines, titles = self.results.lines, self.results.titles
        self.stack.setCurrentIndex(1 if lines else 0)
        self.empty.button.setEnabled(self.context.editable)
        for key in ("first", "change"):
            self.table.setColumnHidden(KEYS.index(key), len(titles) < 2)
        self.model.show(lines, titles)
        self.bar.show_lines(lines, self._about(), self.results.state)
        if self.model.rowCount() and (not self.table.currentIndex().isValid() or self._first):
            self.table.selectRow(0)
            self._first = self.results.state != "ready"
        self._selected()

    def _about(self) -> str:
        titles, texts = self.results.titles, self.results.texts
        if len(titles) < 2:
            return "Before the first training: the base model" + (f" · {texts:,} texts" if texts else "")
        words = f"{titles[1]} against {' and '.join([titles[0], *titles[2:]])}"
        return f"{words} · {texts:,} texts" if texts else words

    def _filter(self) -> None:
        self._timer.stop()
        self.model.filter(str(self.bar.state.currentData() or ""), self.bar.search.text())

    def show_regressions(self) -> None:
        """What got worse, on top."""
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        if self.model.rowCount() and self.model.lines[0].state == REGRESSED:
            self.table.selectRow(0)

    def _chose(self) -> None:
        self._first = False

    def selected(self) -> list[Line]:
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return [self.model.lines[row] for row in rows if row < len(self.model.lines)]

    def _selected(self) -> None:
        lines = self.selected()
        for place, action in enumerate(self._acts):
            action.setEnabled(self.context.editable and (len(lines) == 1 if place == 0 else bool(lines)))
        refs = [model.ref for model in self.results.models]
        one = lines[0] if len(lines) == 1 else None
        self.hits.show_line(one, refs, self.results.titles)
        pair = looked_at(one) if one is not None else None
        if pair is not None and self.isVisible():
            self.pair_chosen.emit(*pair)

    def why(self) -> None:
        """Explain the score of the probe in front."""
        if (pair := self._pair()) is not None:
            self.why_requested.emit(*pair)

    def _pair(self) -> tuple[str, str] | None:
        lines = self.selected()
        return looked_at(lines[0]) if lines else None

    def chosen(self) -> Chosen:
        """For labelling: the selected hits or pairs."""
        pairs = self.hits.pairs()
        if self.hits.isVisible() and pairs:
            return Chosen("explorer: probes", pairs=tuple(pairs))
        return Chosen("explorer: probes", pairs=tuple(dict.fromkeys(missed(self.selected()))))

    # -- changing -------------------------------------------------------------------------------------------------------

    def _apply(self, edits: list[SetProbe], words: str) -> Change | None:
        def apply(project: Project) -> Change:
            edit = edits[0] if len(edits) == 1 else Compound(tuple(edits))
            return project.apply(edit, words, "probes")

        return self.context.edit(apply) if edits and self.context.editable else None

    def new(self, kind: str, probe: Probe | None = None, show: Callable[[], object] | None = None) -> None:
        """Ask for a probe and add it; `show` opens this tab, for who asks from elsewhere."""
        if not self.context.editable:
            return
        dialog = ProbeEditor(probe, kind, self.window())

        def accepted() -> None:
            words = "Change probe" if dialog.probe.id else "Add probe"
            change = self._apply([put(dialog.probe)], words)
            if change is not None and show is not None:
                self.context.messages.note("The probe was added.", action="Show the probes", do=show)

        dialog.accepted.connect(accepted)
        dialog.open()

    def edit(self) -> None:
        lines = self.selected()
        if len(lines) == 1:
            self.new(lines[0].probe.kind, lines[0].probe)

    def delete(self) -> None:
        lines = self.selected()
        words = "Delete probe" if len(lines) == 1 else f"Delete {len(lines):,} probes"
        change = self._apply([SetProbe(line.probe.id, None) for line in lines], words)
        if change is not None:
            self.context.messages.note(
                f"{len(lines):,} probe{' was' if len(lines) == 1 else 's were'} deleted.",
                action="Undo",
                do=take_back(self.context, change),
            )

    def duplicate(self) -> None:
        lines = self.selected()
        words = "Duplicate probe" if len(lines) == 1 else f"Duplicate {len(lines):,} probes"
        self._apply([put(replace(line.probe, id=0)) for line in lines], words)

    def _import(self) -> None:
        adding.ask_file(self.context, self.window())

    def paste(self) -> None:
        adding.add_pasted(self.context, self.window(), QGuiApplication.clipboard().text())

    # -- taking it along ------------------------------------------------------------------------------------------------

    def _handed(self) -> tuple[list[Line], list[str]]:
        return list(self.model.lines), self.results.titles

    def _cancel_or_again(self) -> None:
        if self.results.state == "reading":
            self.results.cancel()
        else:
            self.results.again()

    def _offer(self) -> None:
        """The context menu of the table, with its keys."""
        self._acts: list[QAction] = []
        for words, keys, act in (
            ("Edit…", "Return", self.edit),
            ("Duplicate", "Ctrl+D", self.duplicate),
            ("Delete", "Del", self.delete),
        ):
            action = QAction(words, self.table)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _checked=False, act=act: act())
            self.table.addAction(action)
            self._acts.append(action)
        offer_why(self, self.table, self._pair)
        self.menu.attach(self.table, lambda: as_table(self.selected(), self.results.titles))
        for words, key, act in (
            ("Save as a page (HTML)…", "html", self.page.ask),
            ("Run again", "again", self.results.again),
        ):
            action = self.menu.menu.addAction(words)
            action.setObjectName(f"probes.{key}")
            action.triggered.connect(lambda _checked=False, act=act: act())


def missed(lines: list[Line]) -> list[tuple[str, str]]:
    """What probes say about labels, as pairs: the expected hits that failing queries did not find, which training lacks; where nothing is
    missed, all expected hits; and the pairs of the others."""
    lost = [pair for line in lines for pair in _lost(line)]
    hits = [(line.probe.text, text) for line in lines for text in line.probe.expected]
    return [*(lost or hits), *(pair for line in lines for pair in line.probe.pairs)]


def _lost(line: Line) -> list[tuple[str, str]]:
    probe, now = line.probe, line.now
    if probe.kind != "query" or now is None or now.passed is not False:
        return []
    ranks = zip(probe.expected, now.ranks, strict=False)
    return [(probe.text, text) for text, rank in ranks if rank > probe.k]


def looked_at(line: Line) -> tuple[str, str] | None:
    """The two texts that a probe is about: its pair, or the query and the hit that decides."""
    probe = line.probe
    if probe.pairs:
        return probe.pairs[0]
    hits = (*probe.expected, *probe.unwanted)
    if not hits:
        return None
    worst = line.now.worst(probe) if line.now is not None else None
    ranks = line.now.ranks if line.now is not None else ()
    place = ranks.index(worst) if worst in ranks else 0
    return probe.text, hits[place] if place < len(hits) else hits[0]
