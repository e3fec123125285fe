"""Which columns of the table are on show: the usual ones, and what a person chose for a dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from core.settings import Settings
from gui.context import Context
from gui.models.table_columns import TableColumn

# Shown only when a person asks for them.
_HIDDEN = frozenset({"note", "source"})
_MOST_KEPT = 400  # choices and widths, of the datasets that were used last


def dataset_key(context: Context) -> str:
    """A name for the current dataset in the settings."""
    project = context.project
    return f"{project.folder}|{context.dataset_id}" if project is not None else ""


def remember(kept: dict[str, list[str]] | dict[str, list[int]], key: str) -> None:
    """Keep the newest entries only; `key` becomes the newest."""
    kept[key] = kept.pop(key)  # type: ignore[assignment]
    while len(kept) > _MOST_KEPT:
        del kept[next(iter(kept))]


@dataclass(frozen=True)
class Offer:
    """Columns that a part of the window can show together, and does not until somebody asks."""

    title: str
    shown: Callable[[], bool]
    toggle: Callable[[], object]


class ColumnChoice(QObject):
    """`changed` tells that the table should ask `shown` anew for its columns."""

    changed = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._decided = False
        self.offers: list[Offer] = []

    @property
    def settings(self) -> Settings:
        return self._context.settings

    def learn(self, counts: Mapping[str, int]) -> None:
        """The status column comes by itself as soon as a row has a status."""
        decided = any(counts.get(status) for status in ("accepted", "rejected", "skipped"))
        if decided != self._decided:
            self._decided = decided
            self.changed.emit()

    def shown(self, column: TableColumn) -> bool:
        chosen = self._chosen()
        if f"+{column.key}" in chosen or column.key == "number":
            return True
        if f"-{column.key}" in chosen:
            return False
        return self._decided if column.kind == "status" else column.key not in _HIDDEN

    def choose(self, keys: Mapping[str, bool]) -> None:
        """Show or hide columns of the current dataset, from now on."""
        chosen = [entry for entry in self._chosen() if entry[1:] not in keys]
        chosen += [f"{'+' if on else '-'}{key}" for key, on in keys.items()]
        key = dataset_key(self._context)
        self.settings.table_columns[key] = chosen
        remember(self.settings.table_columns, key)
        self._context.save_settings()
        self.changed.emit()

    def usual(self) -> None:
        """Back to the usual columns."""
        self.settings.table_columns.pop(dataset_key(self._context), None)
        self._context.save_settings()
        self.changed.emit()

    def _chosen(self) -> list[str]:
        return self.settings.table_columns.get(dataset_key(self._context), [])
