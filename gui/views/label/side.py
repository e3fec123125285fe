"""The panel on the left: which rows to look at, what is wrong with them, how far the labelling is."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.dataset.formats import DatasetInfo, Format
from core.project.saved_views import CHOSEN_ROWS
from gui.models import issue_report
from gui.models.issue_report import IssueReport
from gui.theme import icons
from gui.theme.manager import current
from gui.widgets.basic import label

WIDTH = 184
ISSUES = "issues"
DISAGREES = "disagrees"

_VIEWS = (
    ("all", "All", "Every row of the dataset"),
    ("unlabelled", "Unlabelled", "Rows without a score: left out of training"),
    ("flagged", "Flagged", "Rows you marked with ⚑"),
    (ISSUES, "Issues", "Rows that are wrong or suspicious"),
    (DISAGREES, "Disagrees", "Rows that the model sees quite differently than their label"),
    (
        "train",
        "Training rows",
        "Rows marked for training. Where none is marked, each run divides the rows itself.",
    ),
    (
        "eval",
        "Hold-out",
        "Rows marked for measuring only. Where none is marked, each run divides the rows itself.",
    ),
    ("test", "Test rows", "Rows marked as test: no run touches them"),
    ("accepted", "Accepted", "Rows that somebody confirmed"),
    ("rejected", "Rejected", "Rows that somebody turned down: kept, but left out of training"),
    ("skipped", "Skipped", "Rows that somebody could not decide"),
    (CHOSEN_ROWS, "Chosen rows", "The rows that were chosen while exploring"),
)


class ViewButton(QPushButton):
    """One view with its count on the right."""

    def __init__(self, key: str, title: str, tip: str, *, indent: int = 0) -> None:
        super().__init__()
        self.key = key
        self.title = title
        self._count = ""
        self._tone = ""
        self._indent = indent
        self._blocking = False
        self._mark_icon = ""
        self.setProperty("kind", "view")
        self.setObjectName(f"label.view.{key}")
        self.setCheckable(True)
        self.setToolTip(tip)
        self.setMinimumWidth(0)
        self.show_count("")

    def show_count(self, count: str, tone: str = "", *, blocking: bool = False) -> None:
        """`tone` is the token that colours the count."""
        self._count, self._tone, self._blocking = count, tone, blocking
        parts = [self.title, count, "stops training" if blocking else ""]
        self.setAccessibleName(", ".join(part for part in parts if part))
        self.update()

    def show_mark(self, icon: str, words: str) -> None:
        """A small icon before the count; "" for none."""
        self._mark_icon = icon
        self.setAccessibleDescription(words)
        self.update()

    @property
    def count(self) -> str:
        return self._count

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)  # no text is set: this is the ground and the focus ring
        tokens = current().tokens
        painter = QPainter(self)
        font = QFont(self.font())
        small = self._indent > 0
        font.setPixelSize(12 if small else 13)
        font.setWeight(QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Medium)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        inner = self.rect().adjusted(10 + self._indent, 0, -10, 0)
        count = metrics.horizontalAdvance(self._count)
        plain = tokens.accent if self.isChecked() else tokens.text
        painter.setPen(
            QColor(
                getattr(tokens, self._tone) if self._tone else plain if self.isChecked() else tokens.secondary
            )
        )
        flags = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(inner, flags | int(Qt.AlignmentFlag.AlignRight), self._count)
        if self._blocking:
            mark = QRect(inner.left() - 16, inner.center().y() - 6, 13, 13)
            painter.drawPixmap(mark, icons.pixmap("warning", tokens.error, 13, self.devicePixelRatioF()))
        room = inner.width() - count - 8
        if self._mark_icon:
            place = QRect(inner.right() - count - 18, inner.center().y() - 6, 13, 13)
            painter.drawPixmap(
                place, icons.pixmap(self._mark_icon, tokens.secondary, 13, self.devicePixelRatioF())
            )
            room -= 18
        painter.setPen(QColor(plain if not small or self.isChecked() else tokens.secondary))
        painter.drawText(inner, flags, metrics.elidedText(self.title, Qt.TextElideMode.ElideRight, room))


class SidePanel(QFrame):
    """`chosen(view, issue kind)`: a filter of the store or "issues", there with a kind or "" for all of them."""

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.setFixedWidth(WIDTH)
        self.view, self.kind = "all", ""
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 12)
        column.setSpacing(2)
        heading = label("Views", "caption")
        heading.setContentsMargins(10, 2, 0, 4)
        column.addWidget(heading)
        scroll = QScrollArea()
        scroll.setObjectName("label.views")
        scroll.setAccessibleName("Views")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self.views: dict[str, ViewButton] = {}
        self.kinds: dict[str, ViewButton] = {}
        for key, title, tip in _VIEWS:
            made = ViewButton(key, title, tip)
            made.clicked.connect(lambda _checked=False, key=key: self.choose(key))
            self.views[key] = made
            self._list.addWidget(made)
            if key == ISSUES:
                self._kinds_box = QWidget()
                self._kinds = QVBoxLayout(self._kinds_box)
                self._kinds.setContentsMargins(0, 0, 0, 6)
                self._kinds.setSpacing(0)
                self._kinds_box.hide()
                self._list.addWidget(self._kinds_box)
        self._list.addStretch(1)
        scroll.setWidget(inside)
        column.addWidget(scroll, 1)
        self.progress = _Progress()
        column.addWidget(self.progress)
        self._mark()

    def add_below(self, view: str, widget: QWidget) -> None:
        """Something to say about a view, under its button."""
        self._list.insertWidget(self._list.indexOf(self.views[view]) + 1, widget)

    def add_list(self, widget: QWidget) -> None:
        """Something of its own under all views."""
        self._list.insertWidget(self._list.count() - 1, widget)

    # -- choosing -----------------------------------------------------------------------------------------------

    def choose(self, view: str, kind: str = "") -> None:
        """Choose a view as a click on it does."""
        self.view, self.kind = view, kind
        self._mark()
        self.chosen.emit(view, kind)

    def show_choice(self, view: str, kind: str = "") -> None:
        """Mark a view without announcing it."""
        self.view, self.kind = view, kind
        self._mark()

    def _mark(self) -> None:
        for key, made in self.views.items():
            made.setChecked(key == self.view and not (key == ISSUES and self.kind))
        for key, made in self.kinds.items():
            made.setChecked(self.view == ISSUES and key == self.kind)
        self._kinds_box.setVisible(self.view == ISSUES and bool(self.kinds))

    # -- what there is ------------------------------------------------------------------------------------------

    def show_counts(self, info: DatasetInfo | None, counts: dict[str, int]) -> None:
        """`counts` by filter of the store."""
        scored = info is not None and info.format is Format.SCORED
        marked = any(counts.get(key) for key in ("train", "eval", "test"))
        for key, made in self.views.items():
            if key in (ISSUES, DISAGREES, CHOSEN_ROWS):
                continue
            count = f"{counts.get(key, 0):,}" if info is not None else ""
            if key in ("train", "eval") and not marked and info is not None:
                count = "auto"
            made.show_count(count)
        self.views["unlabelled"].setVisible(scored or self.view == "unlabelled")
        for key in ("test", "accepted", "rejected", "skipped"):
            self.views[key].setVisible(bool(counts.get(key)) or self.view == key)
        rows = counts.get("all", 0)
        self.progress.show_progress(rows - counts.get("unlabelled", 0), rows, scored and rows > 0)

    def show_report(self, report: IssueReport) -> None:
        tone = "" if not report.count else "error" if report.blocking else "negative"
        self.views[ISSUES].show_count(f"{report.count:,}", tone)
        while (item := self._kinds.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.kinds = {}
        for issue in report.issues:
            made = ViewButton(issue.kind, issue_report.name(issue), issue.title, indent=16)
            made.setObjectName(f"label.issue.{issue.kind}")
            made.show_count(f"{issue.count:,}" if issue.ids else "", blocking=issue.blocking)
            made.clicked.connect(lambda _checked=False, kind=issue.kind: self._choose_kind(kind))
            self.kinds[issue.kind] = made
            self._kinds.addWidget(made)
        self._mark()

    def _choose_kind(self, kind: str) -> None:
        """A second click on a kind shows all issues again."""
        self.choose(ISSUES, "" if kind == self.kind else kind)


class _Progress(QWidget):
    """How many rows of a scored dataset have a score."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("label.progress")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 0)
        column.setSpacing(6)
        column.addWidget(label("Labelled", "caption"))
        self.bar = QProgressBar()
        self.bar.setObjectName("label.progress.bar")
        self.bar.setAccessibleName("Labelled rows")
        self.bar.setTextVisible(False)
        self.bar.setProperty("tone", "positive")
        self.words = label("", "caption", wrap=True, name="label.progress.words")
        column.addWidget(self.bar)
        column.addWidget(self.words)

    def show_progress(self, done: int, total: int, visible: bool) -> None:
        self.setVisible(visible)
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)
        self.words.setText(f"{done:,} of {total:,} labelled")
