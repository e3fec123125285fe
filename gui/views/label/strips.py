"""The lines between toolbar and table: why nothing can be edited, and for how long."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from gui.widgets.basic import ElidedLabel, button, label
from gui.workers.background_edit import BackgroundEdits

# Work that is over sooner needs no line that pushes the table down and up again.
_PATIENCE_MS = 400


class ReadOnlyStrip(QFrame):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("label.read_only")
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 6, 12, 6)
        line.addWidget(
            label(
                "Read-only: the project is open in another window. You can look and copy; close it there to edit here.",
                "caption",
                tone="warning",
                wrap=True,
            )
        )


class WorkStrip(QFrame):
    """What a worker is changing, while the table can be looked at and searched."""

    def __init__(self, background: BackgroundEdits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("label.work")
        self._background = background
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 6, 12, 6)
        line.setSpacing(12)
        self.words = ElidedLabel("", "caption")
        self.bar = QProgressBar()
        self.bar.setObjectName("label.work.progress")
        self.bar.setAccessibleName("The change that is being made")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setFixedWidth(96)
        self.cancel = button("Cancel", kind="plain", name="label.work.cancel", clicked=background.cancel)
        line.addWidget(self.words, 1)
        line.addWidget(self.bar)
        line.addWidget(self.cancel)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PATIENCE_MS)
        self._timer.timeout.connect(self._appear)
        background.changed.connect(self._changed)
        self.hide()

    def _changed(self) -> None:
        if self._background.job is None:
            self._timer.stop()
            self.hide()
        else:
            self.words.setText(
                f"{self._background.title}. You can look around; changes wait until this is done."
            )
            self._timer.start()

    def _appear(self) -> None:
        self.setVisible(self._background.job is not None)
