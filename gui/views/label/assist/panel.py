"""The panel on the right of the label page: the example in full, and the helpers that look at it, one tab each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from core.dataset.formats import DatasetInfo, Example
from core.settings import Settings
from gui.theme import icons
from gui.theme.manager import current

WIDTH = 336
NARROWEST = 320  # in a window of the smallest width
# A helper looks at so many chosen examples together; dragging a selection over a million stays light.
MOST_TOGETHER = 200


class AssistTab(QWidget):
    """A helper. It hears what is chosen in the table at all times, and works only between `activate` and `deactivate`."""

    def show_example(self, example: Example | None, info: DatasetInfo | None) -> None:
        """The only chosen example; None when there is none."""

    def show_many(self, ids: Sequence[int], info: DatasetInfo) -> None:
        """Several examples are chosen: the ids of the first of them, at most `MOST_TOGETHER`, in the order of the table."""
        self.show_example(None, info)

    def activate(self) -> None:
        """The tab came into sight."""

    def deactivate(self) -> None:
        """The tab went out of sight: nothing of it may run on."""


class AssistPanel(QFrame):
    """Tabs over their widgets. The chosen tab is remembered in the settings; a lone tab shows no bar."""

    tab_changed = Signal(str)

    def __init__(self, settings: Settings, save: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("assist")
        self.setMinimumWidth(NARROWEST)
        self.setMaximumWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._settings, self._save = settings, save
        self._keys: list[str] = []
        self._icons: list[str] = []
        self._active: AssistTab | None = None
        self.bar = QTabBar()
        self.bar.setObjectName("assist.tabs")
        self.bar.setAccessibleName("Helpers")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setUsesScrollButtons(False)
        self.bar.setElideMode(Qt.TextElideMode.ElideRight)
        self.bar.setIconSize(QSize(16, 16))
        self.bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar.hide()
        self.stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.stack, 1)
        self.bar.currentChanged.connect(self._chosen)
        current().changed.connect(self._tint)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, super().sizeHint().height())

    # -- tabs ---------------------------------------------------------------------------------------------------

    def add_tab(self, key: str, title: str, icon: str, widget: QWidget) -> None:
        """Add a tab at the end; `widget` is an `AssistTab` where it wants to hear what is chosen."""
        self._keys.append(key)
        self._icons.append(icon)
        self.stack.addWidget(widget)
        place = self.bar.addTab(icons.icon(icon, on="accent", size=16), title)
        self.bar.setTabToolTip(place, title)
        self.bar.setVisible(len(self._keys) > 1)
        if key == self._settings.assist_tab:
            self.bar.setCurrentIndex(place)

    @property
    def tab(self) -> str:
        """The key of the tab in front."""
        return self._keys[self.stack.currentIndex()] if self._keys else ""

    def choose(self, key: str) -> None:
        """Bring a tab to the front."""
        self.bar.setCurrentIndex(self._keys.index(key))

    def _chosen(self, place: int) -> None:
        self.stack.setCurrentIndex(place)
        self._wake()
        if self.isVisible() and self.tab != self._settings.assist_tab:
            self._settings.assist_tab = self.tab
            self._save()
        self.tab_changed.emit(self.tab)

    def _tint(self, _tokens: object) -> None:
        for place, name in enumerate(self._icons):
            self.bar.setTabIcon(place, icons.icon(name, on="accent", size=16))

    # -- what is chosen in the table ----------------------------------------------------------------------------

    def show_example(self, example: Example | None, info: DatasetInfo | None) -> None:
        for tab in self._tabs():
            tab.show_example(example, info)

    def show_many(self, ids: Sequence[int], info: DatasetInfo) -> None:
        for tab in self._tabs():
            tab.show_many(ids, info)

    def _tabs(self) -> list[AssistTab]:
        found = (self.stack.widget(place) for place in range(self.stack.count()))
        return [tab for tab in found if isinstance(tab, AssistTab)]

    # -- only what is seen works --------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._wake()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._wake()

    def _wake(self) -> None:
        front = self.stack.currentWidget() if self.isVisible() else None
        wanted = front if isinstance(front, AssistTab) else None
        if wanted is self._active:
            return
        if self._active is not None:
            self._active.deactivate()
        self._active = wanted
        if wanted is not None:
            wanted.activate()
