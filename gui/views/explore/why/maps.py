"""One heat map, or two with the same words beside each other, and what the cell or word that is pointed at gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from core.words import signed
from gui.views.explore.why.explained import Explained, Floats, Side
from gui.widgets import heat_paint
from gui.widgets.basic import Chip, ElidedLabel, brief, label, plain_tip
from gui.widgets.diverging import ScaleBar
from gui.widgets.heat_map import EMPTY, Cells, HeatMap
from gui.widgets.score import number

_GAP = 14
_HINT = "Point at a cell or a word."
_APPROXIMATE = "Approximate"


def sum_line(shown: Explained) -> str:
    """How the cells stand to the score, to the digits that agree."""
    told = signed if shown.difference else lambda value: number(value, 3)
    name = "change" if shown.difference else "score"
    if not shown.exact:
        return f"{name} {told(shown.score)}"
    total, score = told(shown.total), told(shown.score)
    return f"sum = {name} {score}" if total == score else f"sum {total} ≈ {name} {score}"


class _Map(QWidget):
    """A title, how it adds up, and the cells."""

    def __init__(self, name: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(6)
        self.title = ElidedLabel("", "strong")
        self.chip = Chip("", "warning")
        head.addWidget(self.title, 1)
        head.addWidget(self.chip)
        column.addLayout(head)
        self.sum = ElidedLabel("", "caption")
        self.sum.setObjectName(f"{name}.sum")
        column.addWidget(self.sum)
        column.addSpacing(4)
        self.map = HeatMap()
        self.map.setObjectName(name)
        column.addWidget(self.map, 1)
        self.shown: Explained | None = None

    def lay_out(self, place: QRect) -> None:
        """Also what lies in it, now: how high the map wants to be depends on how wide it is."""
        self.setGeometry(place)
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.map.lay_out()

    def show_explained(self, shown: Explained, limit: float) -> None:
        self.shown = shown
        self.title.setText(shown.title)
        self.sum.setText(sum_line(shown))
        self.chip.show_state("" if shown.exact else _APPROXIMATE, "warning")
        self.chip.setToolTip(plain_tip(shown.reason))
        self.map.setAccessibleName(f"{shown.title}: words of the first text by words of the second")
        self.map.show_cells(
            Cells(
                shown.cells,
                shown.rows.pieces,
                shown.columns.pieces,
                limit,
                shown.rows.special,
                shown.columns.special,
                row_weights=_weights(shown.rows, shown.of_rows),
                column_weights=_weights(shown.columns, shown.of_columns),
            )
        )


class WhyMaps(QWidget):
    """`pointed` tells the row and column under the mouse in a map (-1: none) and the map's place, 0 or 1."""

    pointed = Signal(int, int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._maps = [_Map("why.first_map"), _Map("why.second_map")]
        self._area = _Area(self._maps)
        self.words = label(_HINT, "secondary", name="why.words")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.words.setMinimumWidth(40)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.values = ElidedLabel("", "strong")
        self.values.setObjectName("why.values")
        self.scale = ScaleBar()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._area, 100)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.words)
        words.addWidget(self.values)
        foot.addLayout(words, 1)
        foot.addWidget(self.scale, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(foot)
        column.addStretch(0)
        for place, one in enumerate(self._maps):
            one.map.hovered.connect(lambda row, column, place=place: self._hovered(place, row, column))
            one.map.clicked.connect(lambda row, column, place=place: self._hovered(place, row, column))
        self._point(0, -1, -1)

    @property
    def shown(self) -> list[Explained]:
        return [one.shown for one in self._maps if one.shown is not None]

    def map(self, place: int) -> HeatMap:
        return self._maps[place].map

    def show_maps(self, shown: Sequence[Explained]) -> None:
        """One or two; colours mean the same in both where both are sums."""
        alike = len({one.exact for one in shown}) == 1
        limit = max((one.limit for one in shown), default=1.0)
        for place, part in enumerate(self._maps):
            if place < len(shown):
                part.show_explained(shown[place], limit if alike else shown[place].limit)
            else:
                part.shown = None
                part.map.show_cells(EMPTY)
        self.scale.setVisible(alike)
        decimals = _decimals(limit) - 1 if limit >= 0.1 else _decimals(limit)
        beyond = max((float(np.abs(one.cells).max(initial=0.0)) for one in shown), default=0.0) > limit
        self.scale.show_scale(limit, decimals=decimals, beyond=beyond)
        self._area.arrange()
        self._point(0, -1, -1)

    def mark(self, row: int, column: int) -> None:
        """A word was pointed at in one of the texts."""
        for one in self._maps:
            one.map.mark(row, column)
        self._point(0 if len(self.shown) < 2 else 1, row, column)

    def _hovered(self, place: int, row: int, column: int) -> None:
        if self._area.shared:
            for one in self._maps:
                one.map.mark(row, column)
        self._point(place, row, column)
        self.pointed.emit(place, row, column)

    def _point(self, place: int, row: int, column: int) -> None:
        """Say what is pointed at, for each map that has these words."""
        shown = self.shown
        if not shown or max(row, column) < 0:
            self.words.setText(_HINT if shown else "")
            self.values.setText("")
            return
        parts = shown if self._area.shared else [shown[min(place, len(shown) - 1)]]
        names = [
            f"“{brief(name, 24)}”"
            for name in (
                parts[0].rows.pieces[row] if row >= 0 else "",
                parts[0].columns.pieces[column] if column >= 0 else "",
            )
            if name
        ]
        self.words.setText(" × ".join(names) if len(names) > 1 else f"{names[0]} in all" if names else "")
        values = [_value(one, row, column) for one in parts]
        digits = _decimals(min(one.limit for one in parts))
        told = [f"{one.title} {signed(value, digits)}" for one, value in zip(parts, values, strict=True)]
        if len(values) == 2 and parts[0].exact == parts[1].exact:
            told.append(f"Δ {signed(values[1] - values[0], digits)}")
        self.values.setText("  ·  ".join(told))
        self.setAccessibleDescription(f"{self.words.text()}: {self.values.text()}")


def _weights(side: Side, values: Floats) -> tuple[float, ...]:
    """Which names matter where not all have room: what gives most, words before signs."""
    return tuple(
        abs(float(value)) * (1.0 if any(map(str.isalnum, piece)) else 0.1)
        for piece, value in zip(side.pieces, values, strict=True)
    )


def _decimals(limit: float) -> int:
    """So many that the values can be told apart."""
    return 3 if limit >= 0.01 else 4


def _value(shown: Explained, row: int, column: int) -> float:
    if row >= 0 and column >= 0:
        return float(shown.cells[row, column])
    return float(shown.of_rows[row]) if row >= 0 else float(shown.of_columns[column])


class _Area(QWidget):
    """Places one map, or two so that their cells are of one width: the second needs no names of rows where they are the same."""

    def __init__(self, maps: list[_Map]) -> None:
        super().__init__()
        self._maps = maps
        self.shared = False
        for one in maps:
            one.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 150)

    def sizeHint(self) -> QSize:
        return QSize(380, 260)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """What was shown while this was hidden could not be measured."""
        super().showEvent(event)
        self.arrange()

    def _fit_height(self) -> None:
        """No higher than the maps need: what is told about them stands right below."""
        needed = [
            one.height() - one.map.height() + one.map.needed_height() for one in self._maps if one.shown
        ]
        self.setMaximumHeight(max([self.minimumSizeHint().height(), *needed]))

    def arrange(self) -> None:
        shown = [one for one in self._maps if one.shown is not None]
        for one in self._maps:
            one.setVisible(one.shown is not None)
        explained = [one.shown for one in shown if one.shown is not None]
        self.shared = len(shown) == 1 or (
            len(shown) == 2
            and explained[0].rows.pieces == explained[1].rows.pieces
            and explained[0].columns.pieces == explained[1].columns.pieces
        )
        if len(shown) < 2:
            for one in shown:
                one.map.row_names = True
                one.lay_out(self.rect())
            self._fit_height()
            return
        first, second = shown
        second.map.row_names = not self.shared
        names = min(heat_paint.names_width(first.map), self.width() * 0.28) if self.shared else 0.0
        half = round((self.width() - _GAP - names) / 2)
        split = round(names) + half
        first.lay_out(QRect(0, 0, split, self.height()))
        second.lay_out(QRect(split + _GAP, 0, self.width() - split - _GAP, self.height()))
        self._fit_height()
