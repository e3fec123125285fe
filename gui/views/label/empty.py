"""What the table's place shows while there are no rows: one sentence, the act that helps, and the other ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gui.widgets.basic import EmptyState, button, keycap, label


class EmptyPlace(QWidget):
    """An `EmptyState` with links and a key hint under its button."""

    def __init__(
        self,
        name: str,
        icon: str,
        sentence: str,
        action: str = "",
        clicked: Callable[[], object] | None = None,
        *,
        more: Sequence[tuple[str, Callable[[], object]]] = (),
        key: str = "",
        hint: str = "",
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.state = EmptyState(icon, sentence, action, clicked)
        self.state.button.setObjectName(f"{name}.act")
        column.addWidget(self.state)
        inner = self.state.layout()
        assert isinstance(inner, QVBoxLayout)
        end = inner.count() - 1  # before the stretch that closes the empty state
        self.more: list[QWidget] = []
        if more:
            row = QHBoxLayout()
            row.setSpacing(4)
            row.addStretch(1)
            for title, do in more:
                made = button(title, kind="link", name=f"{name}.{title.split()[0].lower()}", clicked=do)
                self.more.append(made)
                row.addWidget(made)
            row.addStretch(1)
            inner.insertLayout(end, row)
            end += 1
        self.hint = QWidget()
        line = QHBoxLayout(self.hint)
        line.setContentsMargins(0, 4, 0, 0)
        line.setSpacing(8)
        if key:
            line.addWidget(keycap(key))
        line.addWidget(label(hint, "caption"))
        inner.insertWidget(end, self.hint, 0, Qt.AlignmentFlag.AlignHCenter)
        self.hint.setVisible(bool(hint))

    def show_acts(self, editable: bool) -> None:
        """In a read-only project nothing can be added."""
        self.state.button.setVisible(editable and bool(self.state.button.text()))
        for part in [*self.more, self.hint]:
            part.setVisible(editable)


class TablePlace(QStackedWidget):
    """The table, or the reason why there is none."""

    def __init__(self, table: QWidget) -> None:
        super().__init__()
        self.setObjectName("label.place")
        self._places: dict[str, QWidget] = {"table": table}
        self.addWidget(table)

    def add(self, key: str, place: QWidget) -> None:
        self._places[key] = place
        self.addWidget(place)

    def show_place(self, key: str) -> None:
        self.setCurrentWidget(self._places[key])

    @property
    def shown(self) -> str:
        return next(key for key, place in self._places.items() if place is self.currentWidget())
