"""Above the table while issues are on show: what the chosen kind means, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QMenu, QProgressBar, QVBoxLayout, QWidget

from core.dataset.accepted import Accepted
from core.dataset.fixes import fixes_of
from core.dataset.formats import DatasetInfo
from core.dataset.issues import BLOCKING, NAMES, Issue
from gui.models.issue_report import IssueReport
from gui.widgets.basic import button, label, set_tone

_NARROW = 640  # the buttons go below the words


class IssueBar(QFrame):
    """`show_*` say what there is; the signals say what the person wants."""

    fix_requested = Signal()
    kind_meant = Signal()
    rows_meant = Signal()
    listed_again = Signal(str)  # a kind
    near_requested = Signal()
    near_cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("label.issues")
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(14, 10, 12, 12)
        self._layout.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.title = label("", "strong", wrap=True, name="label.issues.title")
        self.explanation = label("", "caption", wrap=True, name="label.issue.explanation")
        words.addWidget(self.title)
        words.addWidget(self.explanation)
        words.addLayout(self._progress_line())
        self._layout.addLayout(words, 1)
        self._layout.addLayout(self._buttons())
        self.hide()

    def _progress_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(10)
        self.progress = QProgressBar()
        self.progress.setObjectName("label.near.progress")
        self.progress.setAccessibleName("Looking for near-duplicates")
        self.progress.setTextVisible(False)
        self.progress.setMaximumWidth(220)
        self.cancel = button(
            "Cancel", kind="link", name="label.near.cancel", clicked=self.near_cancelled.emit
        )
        self.cancel.setAccessibleName("Cancel the search for near-duplicates")
        line.addWidget(self.progress, 1)
        line.addWidget(self.cancel)
        line.addStretch(1)
        self.progress.hide()
        self.cancel.hide()
        return line

    def _buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(8)
        self.fix = button("Fix…", kind="primary", name="label.issues.fix", clicked=self.fix_requested.emit)
        self.meant = button("Mark as meant", name="label.issues.meant")
        self.meant.setToolTip("Do not list this any more; it can be listed again at any time")
        menu = QMenu(self.meant)
        menu.setObjectName("label.issues.meant_menu")
        self._meant_kind = menu.addAction("")
        self._meant_kind.setObjectName("label.issues.meant_kind")
        self._meant_kind.triggered.connect(lambda _on=False: self.kind_meant.emit())
        self._meant_rows = menu.addAction("Only the selected rows")
        self._meant_rows.setObjectName("label.issues.meant_rows")
        self._meant_rows.triggered.connect(lambda _on=False: self.rows_meant.emit())
        self.meant.setMenu(menu)
        self.near = button(
            "Find near-duplicates",
            "search",
            name="label.issues.near",
            tip="Rows that say nearly the same as an earlier one. The model reads every text once for this",
            clicked=self.near_requested.emit,
        )
        self.again = button("", name="label.issues.again")
        self.again.setToolTip("Kinds and rows that were marked as meant")
        self._again_menu = QMenu(self.again)
        self._again_menu.setObjectName("label.issues.again_menu")
        self.again.setMenu(self._again_menu)
        for part in (self.again, self.near, self.meant, self.fix):
            line.addWidget(part)
        return line

    # -- what there is ----------------------------------------------------------------------------------------------

    def show_issue(self, issue: Issue, info: DatasetInfo, editable: bool) -> None:
        """One kind is chosen."""
        self.title.setText(issue.title)
        set_tone(self.title, "error" if issue.blocking else "")
        waits = " Training waits until this is solved." if issue.blocking else ""
        self.explanation.setText(issue.explanation + waits)
        fixes = fixes_of(issue.kind, info.format) if issue.ids else ()
        self.fix.setVisible(bool(fixes) and editable)
        if fixes:
            self.fix.setText(f"{fixes[0].name}…" if len(fixes) == 1 else "Fix…")
            self.fix.setAccessibleName(f"{fixes[0].name if len(fixes) == 1 else 'Fix'}: {issue.title}")
            self.fix.setToolTip("\n".join(fix.name for fix in fixes))
        self.meant.setVisible(editable and issue.kind not in BLOCKING)
        self._meant_kind.setText(f"All of “{NAMES.get(issue.kind, issue.title)}”")
        self._meant_rows.setEnabled(bool(issue.ids))
        self.near.hide()
        self.again.hide()

    def show_all(
        self, report: IssueReport, accepted: Accepted, editable: bool, busy: bool, rows: int
    ) -> None:
        """No kind is chosen: how things stand altogether."""
        kinds = len(report.issues)
        blocking = sum(issue.blocking for issue in report.issues)
        if kinds:
            where = f" in {_rows(len(report.rows))}" if report.rows else ""
            self.title.setText(f"{kinds} kind{'' if kinds == 1 else 's'} of issue{where}")
            stops = (
                "One of them stops training. "
                if blocking == 1
                else f"{blocking} of them stop training. "
                if blocking
                else ""
            )
            self.explanation.setText(f"{stops}Choose one on the left to see and fix its rows.")
        else:
            self.title.setText("Looking for issues…" if busy else "No issues")
            self.explanation.setText(
                ""
                if busy
                else "Empty cells, copies, contradictions, garbled texts and more are looked for after every change."
            )
        set_tone(self.title, "error" if blocking else "")
        self.explanation.setVisible(bool(self.explanation.text()))
        self.fix.hide()
        self.meant.hide()
        self.near.setVisible(rows > 1)
        self._fill_again(accepted, editable)

    def show_search(self, words: str, done: int, total: int) -> None:
        """Near-duplicates are looked for; no words: not any more."""
        on = bool(words)
        self.progress.setVisible(on)
        self.cancel.setVisible(on)
        self.near.setEnabled(not on)
        if on:
            self.progress.setRange(0, max(total, 0))
            self.progress.setValue(done)
            self._tell_search(words)

    def _tell_search(self, words: str) -> None:
        if not self.fix.isVisibleTo(self) and not self.meant.isVisibleTo(self):
            self.explanation.setText(
                f"{words}: the model reads every text once, then all pairs are compared. You can go on meanwhile."
            )
            self.explanation.show()

    def _fill_again(self, accepted: Accepted, editable: bool) -> None:
        self._again_menu.clear()
        kinds = sorted(accepted.kinds | {kind for kind, ids in accepted.rows.items() if ids})
        for kind in kinds:
            rows = accepted.rows.get(kind, frozenset())
            what = "" if kind in accepted.kinds else f" · {_rows(len(rows))}"
            action = QAction(f"List again: {NAMES.get(kind, kind)}{what}", self._again_menu)
            action.setObjectName(f"label.issues.again.{kind}")
            action.triggered.connect(lambda _on=False, kind=kind: self.listed_again.emit(kind))
            self._again_menu.addAction(action)
        self.again.setText(f"Meant: {len(kinds)}")
        self.again.setAccessibleName(f"{len(kinds)} marked as meant")
        self.again.setVisible(bool(kinds) and editable)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._layout.direction() != way:
            self._layout.setDirection(way)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
