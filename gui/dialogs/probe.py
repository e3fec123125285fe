"""Ask for a pair of texts to keep an eye on."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QVBoxLayout, QWidget

from gui.dialogs.foot import foot
from gui.widgets.basic import label

_WISHES = {"": "Nothing in particular", "similar": "Be similar", "different": "Be different"}


class ProbeDialog(QDialog):
    """`texts` and `expectation` hold the answer once accepted. Nothing is written here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.probe")
        self.setWindowTitle("Watch a pair")
        self.setMinimumWidth(480)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(8)
        layout.addWidget(label("Watch a pair", "title"))
        layout.addWidget(
            label(
                "Its similarity is shown while every run goes on. It is never trained on.",
                "secondary",
                wrap=True,
            )
        )
        self.fields = [self._field(layout, title) for title in ("One text", "Another text")]
        layout.addWidget(label("They should", "strong"))
        self.wish = QComboBox()
        self.wish.setObjectName("probe.wish")
        self.wish.setAccessibleName("They should")
        self.wish.addItems(list(_WISHES.values()))
        layout.addWidget(self.wish)
        layout.addSpacing(8)
        row, self.add, _reject = foot(self, "Watch", name="probe", key="add")
        layout.addLayout(row)
        self._changed()

    @property
    def texts(self) -> tuple[str, str]:
        return self.fields[0].text(), self.fields[1].text()

    @property
    def expectation(self) -> str:
        return list(_WISHES)[self.wish.currentIndex()]

    def _field(self, layout: QVBoxLayout, title: str) -> QLineEdit:
        layout.addWidget(label(title, "strong"))
        field = QLineEdit()
        field.setObjectName(f"probe.{title.split()[0].lower()}")
        field.setAccessibleName(title)
        field.textChanged.connect(self._changed)
        layout.addWidget(field)
        return field

    def _changed(self) -> None:
        if hasattr(self, "add"):
            self.add.setEnabled(all(text.strip() for text in self.texts))
