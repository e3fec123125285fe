"""One declarative list of everything a person can do: it feeds menus, shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from gui.theme import icons


@dataclass(frozen=True)
class ActionSpec:
    """`id` is dotted ("edit.undo"), `group` the menu it belongs to, `enabled` asked whenever the window's state changed."""

    id: str
    title: str
    do: Callable[[], object]
    shortcut: str = ""
    icon: str = ""
    group: str = ""
    enabled: Callable[[], bool] | None = None
    checked: Callable[[], bool] | None = None
    hidden: bool = False  # kept out of the palette (e.g. the palette itself)


class Actions(QObject):
    """The live QActions of one window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._specs: dict[str, ActionSpec] = {}
        self._actions: dict[str, QAction] = {}

    def add(self, spec: ActionSpec) -> QAction:
        """Register an action; its shortcut works in the whole window."""
        action = QAction(spec.title, self._window)
        action.setObjectName(f"do.{spec.id}")
        if spec.shortcut:
            action.setShortcuts([QKeySequence(key) for key in spec.shortcut.split(" | ")])
        if spec.icon:
            icons.attach(action, spec.icon, size=16)
        if spec.checked is not None:
            action.setCheckable(True)
        action.triggered.connect(lambda _checked=False: self.perform(spec.id))
        self._window.addAction(action)
        self._specs[spec.id] = spec
        self._actions[spec.id] = action
        self.refresh(spec.id)
        return action

    def extend(self, specs: list[ActionSpec]) -> None:
        for spec in specs:
            self.add(spec)

    def perform(self, id: str) -> None:
        """Do it, if it can be done now."""
        spec = self._specs[id]
        if spec.enabled is None or spec.enabled():
            spec.do()
        self.refresh()

    def refresh(self, id: str = "") -> None:
        """Ask every action (or one) again whether it is possible now."""
        for name in [id] if id else list(self._specs):
            spec, action = self._specs[name], self._actions[name]
            if spec.enabled is not None:
                action.setEnabled(spec.enabled())
            if spec.checked is not None:
                action.setChecked(spec.checked())

    def __getitem__(self, id: str) -> QAction:
        return self._actions[id]

    def specs(self) -> list[ActionSpec]:
        return list(self._specs.values())

    def enabled(self, id: str) -> bool:
        spec = self._specs[id]
        return spec.enabled is None or spec.enabled()
