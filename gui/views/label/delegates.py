"""How cells are painted: text on one line, scores as bar and number, quiet numbers, marks one can click."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from core.dataset.formats import Example
from gui.models import score_text
from gui.models.example_table import ExampleTable, one_line
from gui.models.issue_report import IssueReport
from gui.models.table_columns import SPLITS, STATUS_SIGNS, STATUS_TITLES, STATUS_TONES, TableColumn, value
from gui.theme import icons
from gui.theme.manager import current
from gui.views.label.cell_editors import CellEditing, CellScoreEdit, CellTextEdit
from gui.widgets.basic import plain_tip
from gui.widgets.score import paint_bar

PADDING = 10
MARK = 16
_ROOM_FOR_WORDS = 64  # pixels; a narrower status is its sign alone
Index = QModelIndex | QPersistentModelIndex
_State = QStyle.StateFlag


class CellDelegate(CellEditing):
    """Paints every cell of the table and makes its editors."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self.report = IssueReport()
        self.replacing = False  # the key that opens the editor takes the place of the text

    # -- painting -----------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, ExampleTable)
        column = model.columns[index.column()]
        self._ground(painter, option, index)
        example = model.example(index.row())
        if example is None or model.info is None:
            return
        rect = option.rect.adjusted(PADDING, 0, -PADDING, -1)  # type: ignore[attr-defined]
        painter.setFont(option.font)  # type: ignore[attr-defined]
        match column.kind:
            case "number":
                self._words(painter, rect, str(example.number), secondary=True, right=True)
            case "text":
                text = example.texts[column.slot] if column.slot < len(example.texts) else ""
                self._words(painter, rect, one_line(text))
            case "score":
                self._score(painter, rect, example, model)
            case "status":
                words, tone = STATUS_SIGNS.get(example.status, ""), STATUS_TONES.get(example.status)
                if rect.width() > _ROOM_FOR_WORDS:
                    words += f" {STATUS_TITLES[example.status]}"
                if tone is not None:
                    self._words(painter, rect, words, colour=getattr(current().tokens, tone))
            case "note" | "source":
                self._words(painter, rect, one_line(getattr(example, column.kind)), secondary=True)
            case "split":
                self._words(painter, rect, SPLITS.get(example.split, example.split), secondary=True)
            case "flag":
                self._marks(painter, option, example)
            case "extra":
                self._extra(painter, rect, example, column)

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = current().tokens
        rect: QRect = option.rect  # type: ignore[attr-defined]
        here = self._view.currentIndex()
        selected = bool(option.state & _State.State_Selected)  # type: ignore[attr-defined]
        in_row = here.isValid() and here.row() == index.row()
        # One cell alone is hard to follow across a wide row: then the whole row is tinted.
        lone = in_row and bool(self._view.property("lone_cell"))
        ground = tokens.tint if selected or lone else tokens.surface
        painter.fillRect(rect, QColor(ground))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(tokens.line))
        if in_row and here.column() == index.column() and self._view.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(1, 1, -1, -2))

    def _words(
        self,
        painter: QPainter,
        rect: QRect,
        text: str,
        *,
        secondary: bool = False,
        right: bool = False,
        colour: str = "",
    ) -> None:
        tokens = current().tokens
        painter.setPen(QColor(colour or (tokens.secondary if secondary else tokens.text)))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        flags = int(side | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
        painter.drawText(rect, flags, shown)

    def _score(self, painter: QPainter, rect: QRect, example: Example, model: ExampleTable) -> None:
        assert model.info is not None
        tokens = current().tokens
        number = score_text.shown(example.score, model.info.scale)
        labelled = example.score is not None
        self._words(painter, rect, number, secondary=not labelled, right=True)
        room = painter.fontMetrics().horizontalAdvance(score_text.shown(1.0, model.info.scale)) + 12
        bar = QRectF(rect.left(), rect.top(), rect.width() - room, rect.height())
        if labelled and bar.width() >= 24:
            paint_bar(painter, bar, example.score or 0.0, tokens.positive)

    def _extra(self, painter: QPainter, rect: QRect, example: Example, column: TableColumn) -> None:
        if column.extra is None:
            return
        tokens, cell = current().tokens, column.extra.value(example.id)
        self._words(painter, rect, cell.text, right=True, colour=getattr(tokens, cell.tone or "text"))
        room = painter.fontMetrics().horizontalAdvance(cell.text) + 12
        bar = QRectF(rect.left(), rect.top(), rect.width() - room, rect.height())
        if cell.bar is not None and bar.width() >= 24:
            paint_bar(painter, bar, cell.bar, getattr(tokens, cell.tone or "anchor"))

    def _marks(self, painter: QPainter, option: QStyleOptionViewItem, example: Example) -> None:
        tokens = current().tokens
        flag, warning = mark_places(option.rect)  # type: ignore[attr-defined]
        ratio = painter.device().devicePixelRatioF()
        if example.flag:
            painter.drawPixmap(flag, icons.pixmap("flag-on", tokens.accent, MARK, ratio))
        elif option.state & _State.State_MouseOver and self._view.property("editable"):  # type: ignore[attr-defined]
            painter.drawPixmap(flag, icons.pixmap("flag", tokens.line_strong, MARK, ratio))
        if example.id in self.report.rows:
            blocking = any(issue.blocking for issue in self.report.of_row(example.id))
            colour = tokens.error if blocking else tokens.warning
            painter.drawPixmap(warning, icons.pixmap("warning", colour, MARK, ratio))

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return False
        tip = self._tip(event, option, index)
        if tip:
            QToolTip.showText(event.globalPos(), plain_tip(tip), view.viewport())
        else:
            QToolTip.hideText()
        return True

    def _tip(self, event: QHelpEvent, option: QStyleOptionViewItem, index: Index) -> str:
        """The whole text where the cell shows less; the row's issues on its warning sign."""
        model = index.model()
        assert isinstance(model, ExampleTable)
        column, example = model.columns[index.column()], model.example(index.row())
        if example is None:
            return ""
        if column.kind in ("text", "note", "source") and model.info is not None:
            return self._cut_text(value(example, column, model.info), option)
        if column.kind == "status":
            return _STATUS_TIPS.get(example.status, "")
        if column.kind == "flag":
            _, warning = mark_places(option.rect)  # type: ignore[attr-defined]
            if warning.adjusted(-4, -4, 4, 4).contains(event.pos()):
                return "\n".join(issue.title for issue in self.report.of_row(example.id))
            return "Remove the flag" if example.flag else "Flag this example"
        if column.kind == "split" and not example.split:
            return "The next run decides whether this row trains or is held out"
        if column.kind == "score" and example.score is None:
            return "Unlabelled: left out of training"
        if column.extra is not None:
            return column.extra.value(example.id).tip
        return ""

    @staticmethod
    def _cut_text(text: str, option: QStyleOptionViewItem) -> str:
        line = one_line(text)
        room = option.rect.width() - 2 * PADDING  # type: ignore[attr-defined]
        fits = option.fontMetrics.horizontalAdvance(line) <= room  # type: ignore[attr-defined]
        return "" if fits and line == text else text

    # -- editing ------------------------------------------------------------------------------------------------

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = index.model()
        assert isinstance(model, ExampleTable) and model.info is not None
        column = model.columns[index.column()]
        if column.kind == "score":
            editor: QWidget = CellScoreEdit(model.info.scale, parent)
        else:
            editor = CellTextEdit(parent)
        editor.setAccessibleName(f"{column.title}, row {index.row() + 1}")
        editor.setObjectName(f"label.cell.{column.key}")
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if editor.property("filled"):
            return  # news about other cells must not take away what is being typed
        editor.setProperty("filled", True)
        text = str(index.data(Qt.ItemDataRole.EditRole) or "")
        if isinstance(editor, CellTextEdit):
            editor.begin(text, replacing=self.replacing)
        elif isinstance(editor, QLineEdit):
            editor.setText(text)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(model, ExampleTable)
        if isinstance(editor, CellTextEdit):
            text = editor.held
        else:
            assert isinstance(editor, QLineEdit)
            text = editor.text().strip()
        if text != index.data(Qt.ItemDataRole.EditRole):
            model.setData(index, text, Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        if isinstance(editor, CellTextEdit):
            editor.place(option.rect)  # type: ignore[attr-defined]
        else:
            editor.setGeometry(option.rect)  # type: ignore[attr-defined]


_STATUS_TIPS = {
    "accepted": "Accepted: somebody looked at this row and confirmed it",
    "rejected": "Rejected: stays in the table, left out of training",
    "skipped": "Skipped in review: trains as before",
}


def mark_places(rect: QRect) -> tuple[QRect, QRect]:
    """Where the flag and the warning sign of a cell are."""
    top = rect.center().y() - MARK // 2
    return QRect(rect.left() + 8, top, MARK, MARK), QRect(rect.left() + 8 + MARK + 6, top, MARK, MARK)
