"""One setting of the recipe: its name, its value, the reason; a click turns the value into an editor."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.training.recipe import Setting
from gui.widgets.basic import button, label, plain_tip


def shown(value: Any) -> str:
    """A setting's value for reading: 2e-05 becomes 2e-5, a share becomes per cent where its key says so."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        text = f"{value:g}"
        return (
            text.replace("e-0", "e−").replace("e-", "e−").replace("e+0", "e")
            if "e" in text
            else text.replace("-", "−")
        )
    return str(value) if value not in ("", None) else "–"


class RecipeRow(QWidget):
    """`changed(key, text)` when the person sets another value, `reset(key)` when the automatic one is wanted again."""

    changed = Signal(str, object)
    reset = Signal(str)

    def __init__(self, setting: Setting, editable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"recipe.{setting.key}")
        self.setting = setting
        self._editor: QWidget | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(0)
        self._line = QHBoxLayout()
        self._line.setSpacing(8)
        name = label(setting.title, "secondary")
        if setting.help:
            name.setToolTip(plain_tip(setting.help))
        self._line.addWidget(name)
        self._line.addStretch(1)
        self._reset = button(
            "Reset", kind="quiet", name=f"recipe.{setting.key}.reset", clicked=self._want_reset
        )
        self._reset.setToolTip("Back to the automatic value")
        self._reset.setVisible(setting.source in ("project", "user") and editable)
        self._line.addWidget(self._reset)
        text = shown(setting.value)
        self.value = button(
            text if len(text) < 34 else text[:33] + "…",
            kind="link",
            name=f"recipe.{setting.key}.value",
            clicked=self.edit,
        )
        self.value.setProperty("kind", "value")
        self.value.setEnabled(editable)
        self.value.setToolTip(plain_tip(f"{text}\nClick to change"))
        self.value.setAccessibleName(f"{setting.title}: {text}. Change")
        self._line.addWidget(self.value)
        column.addLayout(self._line)
        column.addWidget(label(setting.reason, "caption", wrap=True))

    def edit(self) -> None:
        """Show the editor in place of the value."""
        if self._editor is not None:
            return
        setting = self.setting
        editor: QComboBox | QLineEdit
        if setting.choices:
            editor = QComboBox()
            for choice in setting.choices:
                editor.addItem(shown(choice) if choice != "" else "none", choice)
            editor.setCurrentIndex(
                max(0, list(setting.choices).index(setting.value) if setting.value in setting.choices else 0)
            )
            editor.activated.connect(lambda _index: self._commit())
        else:
            editor = QLineEdit("" if setting.value is None else _plain(setting.value))
            editor.selectAll()
            editor.returnPressed.connect(self._commit)
        editor.setObjectName(f"recipe.{setting.key}.editor")
        editor.setAccessibleName(setting.title)
        editor.setMinimumWidth(150)
        editor.installEventFilter(self)
        self.value.hide()
        self._reset.hide()
        self._line.addWidget(editor)
        self._editor = editor
        editor.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(editor, QComboBox):
            QTimer.singleShot(0, editor.showPopup)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        ):
            self._close_editor()
            return True
        if event.type() == QEvent.Type.FocusOut and isinstance(watched, QLineEdit):
            QTimer.singleShot(0, self._commit)
        return super().eventFilter(watched, event)

    def _commit(self) -> None:
        editor = self._editor
        if editor is None:
            return
        value: object = editor.currentData() if isinstance(editor, QComboBox) else editor.text().strip()  # type: ignore[attr-defined]
        before = self.setting.value if isinstance(editor, QComboBox) else _plain(self.setting.value)
        self._close_editor()
        if value != before:
            self.changed.emit(self.setting.key, value)

    def _close_editor(self) -> None:
        editor, self._editor = self._editor, None
        if editor is not None:
            editor.hide()
            editor.deleteLater()
            self.value.show()
            own = self.setting.source in ("project", "user")
            self._reset.setVisible(own and self.value.isEnabled())
            self.value.setFocus(Qt.FocusReason.OtherFocusReason)

    def _want_reset(self) -> None:
        self.reset.emit(self.setting.key)


def _plain(value: Any) -> str:
    """A value as it is typed."""
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
