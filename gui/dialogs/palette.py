"""The command palette: every action by name, found by typing a few letters."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui.actions.registry import Actions, ActionSpec
from gui.theme.manager import tokens

_ID = Qt.ItemDataRole.UserRole
_KEYS = Qt.ItemDataRole.UserRole + 1


def matches(query: str, title: str) -> int | None:
    """How well the letters of `query` fit `title` in order; smaller is better, None when they do not."""
    words, letters = title.casefold(), query.casefold().replace(" ", "")
    found = words.replace(" ", "").find(letters)
    if found >= 0:
        return found
    position, gaps = -1, 0
    for letter in letters:
        following = words.find(letter, position + 1)
        if following < 0:
            return None
        gaps += following - position - 1
        position = following
    return 100 + gaps


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # type: ignore[override]
        return QSize(0, 34)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        colours = tokens()
        rect: QRect = option.rect  # type: ignore[attr-defined]
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_brush(colours.tint))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(rect.adjusted(4, 1, -4, -1), 6, 6)
        painter.setPen(colours.text)
        inner = rect.adjusted(16, 0, -16, 0)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(inner, middle, str(index.data()))
        painter.setPen(colours.secondary)
        painter.drawText(inner, middle | int(Qt.AlignmentFlag.AlignRight), str(index.data(_KEYS) or ""))
        painter.restore()


def _brush(colour: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from PySide6.QtGui import QBrush, QColor

    return QBrush(QColor(colour))


class CommandPalette(QDialog):
    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("dialog.palette")
        self._actions = actions
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        frame = QFrame()
        frame.setObjectName("palette")
        outer.addWidget(frame)
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        self.query = QLineEdit()
        self.query.setObjectName("palette.query")
        self.query.setAccessibleName("Find an action")
        self.query.setPlaceholderText("What do you want to do?")
        self.list = QListView()
        self.list.setObjectName("palette.list")
        self.list.setAccessibleName("Actions")
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        layout.addWidget(self.query)
        layout.addWidget(self.list)
        self.query.textChanged.connect(self._fill)
        self.query.returnPressed.connect(self._perform)
        self.query.installEventFilter(self)
        self.list.clicked.connect(lambda _index: self._perform())
        width = min(560, parent.width() - 80)
        self.setFixedSize(width, 400)
        corner = parent.mapToGlobal(parent.rect().topLeft())
        self.move(corner.x() + (parent.width() - width) // 2, corner.y() + 88)
        self._fill("")
        self.query.setFocus()

    def _fill(self, query: str) -> None:
        found: list[tuple[int, int, ActionSpec]] = []
        for order, spec in enumerate(self._actions.specs()):
            if spec.hidden or not self._actions.enabled(spec.id):
                continue
            rank = matches(query, f"{spec.group} {spec.title}") if query.strip() else 0
            if rank is not None:
                found.append((rank, order, spec))
        self._model.clear()
        for _rank, _order, spec in sorted(found, key=lambda item: item[:2]):
            item = QStandardItem(f"{spec.group}: {spec.title.rstrip('…')}" if spec.group else spec.title)
            item.setData(spec.id, _ID)
            keys = spec.shortcut.split(" | ")[0]
            item.setData(
                QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) if keys else "", _KEYS
            )
            self._model.appendRow(item)
        if self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(0, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(
                Qt.Key(event.key())
            )
            if step is not None and self._model.rowCount():
                row = min(max(self.list.currentIndex().row() + step, 0), self._model.rowCount() - 1)
                self.list.setCurrentIndex(self._model.index(row, 0))
                return True
        return super().eventFilter(watched, event)

    def _perform(self) -> None:
        index = self.list.currentIndex()
        if index.isValid():
            id = index.data(_ID)
            self.close()
            self._actions.perform(id)
