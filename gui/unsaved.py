"""What was typed into cells and could not be written, kept until it can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.errors import AnchorLabError, DiskFull, ProjectCorrupt, ProjectProblem

Cell = tuple[int, str, Any]  # row, column, value


class Unsaved:
    """The last value of each cell whose write failed for a reason that may pass: a full disk, a folder that is away."""

    def __init__(self) -> None:
        self._values: dict[tuple[int, str], Any] = {}

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple((id, key, value) for (id, key), value in self._values.items())

    def keep(self, cells: Sequence[Cell], error: AnchorLabError) -> bool:
        """Keep them if another try can succeed; False: this error says that it cannot."""
        if not isinstance(error, DiskFull | ProjectProblem) or isinstance(error, ProjectCorrupt):
            return False
        self._values.update({(id, key): value for id, key, value in cells})
        return True

    def forget(self, cells: Sequence[Cell]) -> None:
        """They have been written, or have been given other values since."""
        for id, key, _ in cells:
            self._values.pop((id, key), None)

    def clear(self) -> None:
        self._values.clear()
