"""The scores of some texts with each other under one or two models, and the ways to show them. Nothing here draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.engine.kept_arrays import KeptArrays, key_of, known_mark
from gui.views.explore.lens import Model
from gui.widgets.chart_menu import Table, harmless
from gui.widgets.heat_map import Cells

Scores = NDArray[np.float32]

_SHARE = 99.5  # percent of the cells lie within the colours
LISTED = "listed"
_KEPT = 12  # selections in the cache


@dataclass(frozen=True)
class Grid:
    """`scores` has shape (models, n, n); `orders` has one for each model."""

    texts: tuple[str, ...]
    titles: tuple[str, ...]
    scores: Scores
    orders: tuple[NDArray[np.int64], ...]

    @property
    def change(self) -> Scores | None:
        """What the second model has more; None with one model."""
        found: Scores | None = self.scores[1] - self.scores[0] if len(self.scores) == 2 else None
        return found

    def order(self, key: str) -> NDArray[np.int64]:
        """The places of the texts from the top: as listed, or the order of a model ("0", "1")."""
        if key == LISTED or int(key) >= len(self.orders):
            return np.arange(len(self.texts))
        return self.orders[int(key)]

    def values(self, view: str) -> Scores:
        """The scores of a model ("0", "1"), or the "change", as listed."""
        change = self.change
        if view == "change" and change is not None:
            return change
        found: Scores = self.scores[min(int(view) if view != "change" else 0, len(self.scores) - 1)]
        return found

    def limit(self, view: str) -> float:
        """The value with the full colour: one for both models, so that they can be compared."""
        values = self.values(view) if view == "change" else self.scores
        apart = values[..., ~np.eye(len(self.texts), dtype=np.bool_)]
        return max(float(np.percentile(np.abs(apart), _SHARE)) if apart.size else 0.0, 1e-6)

    def cells(self, view: str, order: str) -> Cells:
        places = self.order(order)
        names = tuple(self.texts[place] for place in places)
        values = self.values(view)[np.ix_(places, places)]
        return Cells(values, names, names, self.limit(view), blank_diagonal=True)

    def told(self, one: int, other: int) -> list[tuple[str, float]]:
        """Each model's title and score for two texts, and the change."""
        found = [
            (title, float(scores[one, other])) for title, scores in zip(self.titles, self.scores, strict=True)
        ]
        change = self.change
        return [*found, ("Δ", float(change[one, other]))] if change is not None else found

    # -- taking it along ------------------------------------------------------------------------------------------------

    def table(self) -> Table:
        """One line a pair of texts."""
        titles = [*self.titles, "change"] if len(self.titles) == 2 else list(self.titles)
        return ["first", "second", *titles], self._pairs()

    def _pairs(self) -> Iterator[Sequence[Any]]:
        for one, first in enumerate(self.texts):
            for other in range(one + 1, len(self.texts)):
                yield [first, self.texts[other], *(value for _, value in self.told(one, other))]

    def as_text(self, view: str, order: str) -> str:
        """The table as a spreadsheet takes it: tabs between, texts on one line."""
        cells = self.cells(view, order)
        names = [str(harmless(" ".join(name.split()))) for name in cells.rows]
        lines = ["\t".join(["", *names])]
        lines += [
            "\t".join([name, *(f"{value:.4f}" for value in row.tolist())])
            for name, row in zip(names, cells.values, strict=True)
        ]
        return "\n".join(lines)


def known(project: Path, texts: Sequence[str], models: Sequence[Model]) -> tuple[str, Grid | None]:
    """What these texts and models are called in the cache ("" where they cannot be), and what was kept under that name."""
    marks = [known_mark(model.ref, project) for model in models]
    if not all(marks):
        return "", None
    key = key_of([*marks, *texts])
    found = _store(project).load(key)
    size = len(texts)
    if found is None or set(found) != {"scores", "orders"}:
        return key, None
    scores, orders = found["scores"], found["orders"]
    whole = np.arange(size)
    if scores.shape != (len(models), size, size) or orders.shape != (len(models), size):
        return key, None
    if any((np.sort(order) != whole).any() for order in orders):
        return key, None
    titles = tuple(model.title for model in models)
    return key, Grid(tuple(texts), titles, scores.astype(np.float32), tuple(orders.astype(np.int64)))


def keep(project: Path, key: str, grid: Grid) -> None:
    """
    Raises:
        DiskFull, FileProblem
    """
    if key:
        _store(project).save(key, {"scores": grid.scores, "orders": np.array(grid.orders)})


def _store(project: Path) -> KeptArrays:
    return KeptArrays(project, "heat", _KEPT)


def read(answer: dict[str, Any], texts: Sequence[str], titles: Sequence[str]) -> Grid:
    """The engine's answer to `alike`; its file is read and deleted.

    Raises:
        OSError, ValueError: the file is gone or no array.
    """
    path = Path(str(answer["file"]))
    scores: Scores = np.load(path)
    path.unlink(missing_ok=True)
    orders = tuple(np.array(order, dtype=np.int64) for order in answer["orders"])
    return Grid(tuple(texts), tuple(titles), scores, orders)
