"""The labelled rows as a table: arrays that are sorted and filtered as wholes, no object for a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from core.dataset.formats import Format
from core.similarity.before_after import Outcome
from core.similarity.labelled import PARTS, Comparison
from core.words import beside
from gui.theme.manager import current
from gui.views.explore.pairs.columns import is_text
from gui.widgets.basic import plain_tip
from gui.widgets.chart_menu import Table
from gui.widgets.score import number

Index = QModelIndex | QPersistentModelIndex

SIGNS = {
    Outcome.BROKEN: "−",
    Outcome.FIXED: "+",
    Outcome.STILL_WRONG: "×",
    Outcome.STILL_RIGHT: "✓",
    Outcome.UNDECIDED: "·",
}
TONES = {Outcome.BROKEN: "negative", Outcome.FIXED: "positive", Outcome.STILL_WRONG: "warning"}
_NUMBERS = ("first", "second", "change", "margin_first", "margin_second")
_BLANK = "—"
_PIECE = 4_000  # texts that are sorted at once
FEW = 2_000  # rows that are prepared at once


@dataclass(frozen=True, eq=False)
class Prepared:
    """What sorting by texts and searching needs: their places in the alphabet by column, and each row's texts in small letters."""

    ranks: dict[str, NDArray[np.float64]]
    lower: list[str]


def prepare(data: Comparison) -> Prepared:
    """A second for very many rows: to be done beside the window, which gets its turns meanwhile."""
    texts = data.rows.texts
    ranks = {}
    for slot in range(min(3, min((len(row) for row in texts), default=0))):
        words = [row[slot].casefold() for row in texts]
        places = {word: place for place, word in enumerate(_in_order(words))}
        ranks[f"text{slot}"] = np.array([places[word] for word in words], np.float64)
    return Prepared(ranks, ["\n".join(row).casefold() for row in texts])


def _in_order(words: Sequence[str]) -> list[str]:
    """Each once. Piece by piece: while Python sorts a list, no other thread has a turn, and the window would wait for all of it."""
    runs = [sorted(set(words[start : start + _PIECE])) for start in range(0, len(words), _PIECE)]
    while len(runs) > 1:
        runs = [sorted(chain(*runs[place : place + 2])) for place in range(0, len(runs), 2)]
    return list(dict.fromkeys(runs[0])) if runs else []


class PairsModel(QAbstractTableModel):
    """Sorts and filters as soon as `take` brought what it needs; few rows it prepares itself."""

    def __init__(self) -> None:
        super().__init__()
        self.data_: Comparison | None = None
        self._prepared: Prepared | None = None
        self.order: NDArray[np.int64] = np.empty(0, np.int64)  # the shown rows, as places in the data
        self.keys: tuple[str, ...] = ()
        self.titles: tuple[str, ...] = ()
        self._filter: tuple[int, int, str] = (-1, -1, "")
        self._sort: tuple[str, bool] = ("verdict", False)

    def show(self, data: Comparison | None) -> None:
        self.beginResetModel()
        self.data_ = data
        self._prepared = prepare(data) if data is not None and len(data.rows) <= FEW else None
        self.__dict__.pop("_columns", None)
        self.keys, self.titles = _layout(data) if data is not None else ((), ())
        self._arrange()
        self.endResetModel()

    def take(self, data: Comparison, prepared: Prepared) -> None:
        if data is self.data_:
            self._prepared = prepared
            self.__dict__.pop("_columns", None)
            self._changed()

    # -- sorting and filtering ------------------------------------------------------------------------------------------

    def filter(self, verdict: int, part: int, text: str) -> None:
        """−1: every one. Words are looked for in any text, whatever their case."""
        if (wanted := (verdict, part, text.strip().casefold())) != self._filter:
            self._filter = wanted
            self._changed()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if 0 <= column < len(self.keys):
            self._sort = self.keys[column], order == Qt.SortOrder.DescendingOrder
            self._changed()

    def _changed(self) -> None:
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        places = [int(self.order[index.row()]) for index in kept]
        self._arrange()
        if kept and self.data_ is not None:  # what is selected stays the same row of the data
            where = np.full(len(self.data_.rows), -1, np.int64)
            where[self.order] = np.arange(len(self.order))
            moved = [
                self.index(int(where[place]), index.column()) if where[place] >= 0 else QModelIndex()
                for index, place in zip(kept, places, strict=True)
            ]
            self.changePersistentIndexList(kept, moved)
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        data = self.data_
        if data is None:
            self.order = np.empty(0, np.int64)
            return
        verdict, part, text = self._filter
        shown = np.ones(len(data.rows), bool)
        if verdict >= 0:
            shown &= data.outcomes == verdict
        if part >= 0:
            shown &= data.rows.parts == part
        if text and self._prepared is not None:
            lower = self._prepared.lower
            shown &= np.fromiter((text in line for line in lower), bool, len(lower))
        places = np.flatnonzero(shown)
        key, backwards = self._sort
        if key not in self._columns:
            self.order = places
            return
        values = self._columns[key][places]
        if key == "verdict":  # the largest moves first within a verdict
            moved = np.nan_to_num(-np.abs(data.change[places]))
            self.order = places[np.lexsort((moved, -values if backwards else values))]
            return
        missing = np.isnan(values)
        ordered = np.argsort(np.where(missing, 0, -values if backwards else values), kind="stable")
        self.order = places[np.concatenate([ordered[~missing[ordered]], ordered[missing[ordered]]])]

    @cached_property
    def _columns(self) -> dict[str, NDArray[np.float64]]:
        """Every column as numbers, as far as they are known."""
        data = self.data_
        assert data is not None
        rows = data.rows
        found: dict[str, Any] = {
            "number": rows.numbers,
            "verdict": data.outcomes,
            "part": rows.parts,
            "first": data.first.similarity,
            "second": data.second.similarity,
            "change": data.change,
            "margin_first": data.first.margin,
            "margin_second": data.second.margin,
            "label": rows.similar,
        }
        if self._prepared is not None:
            found |= self._prepared.ranks
        return {key: np.asarray(values, np.float64) for key, values in found.items()}

    # -- Qt -------------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.keys)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and section < len(self.titles):
            if role == Qt.ItemDataRole.DisplayRole:
                return self.titles[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(section)
            if role == Qt.ItemDataRole.ToolTipRole and self.data_ is not None:
                words = _meaning(self.data_, self.keys[section])
                return plain_tip(words) if words else None
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        data = self.data_
        if data is None or not 0 <= index.row() < len(self.order):
            return None
        place, key = int(self.order[index.row()]), self.keys[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(place, key)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(place, key)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._words(place, key, one_line=False) if is_text(key) else self._told(place))
        return None

    def _told(self, place: int) -> str:
        """All figures of a row, also those of columns that have no room."""
        return "\n".join(
            f"{title}: {self._words(place, key)}"
            for key, title in zip(self.keys, self.titles, strict=True)
            if not is_text(key)
        )

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        numeric = self.keys[column] in (*_NUMBERS, "number")
        side = Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _words(self, place: int, key: str, *, one_line: bool = True) -> str:
        data = self.data_
        assert data is not None
        if key == "verdict":
            outcome = Outcome(int(data.outcomes[place]))
            return f"{SIGNS[outcome]}  {outcome.title}"
        if key == "part":
            return PARTS[int(data.rows.parts[place])]
        if key == "label":
            return _label(data, place)
        if is_text(key):
            text = _text(data, place, int(key[4:]))
            return " ".join(text[:500].split()) if one_line else text
        value = float(self._columns[key][place])
        if key == "number":
            return f"{int(value):,}"
        if np.isnan(value):
            return _BLANK
        if key.startswith("margin"):
            return ("+" if value > 0 else "") + beside(value, 0.0, above=True)
        if key == "change" or data.by_margin:
            return ("+" if key == "change" and round(value, 3) > 0 else "") + number(value, 3)
        return beside(value, data.cuts[key == "second"])

    def _colour(self, place: int, key: str) -> QColor | None:
        tokens, data = current().tokens, self.data_
        assert data is not None
        if key == "verdict":
            return QColor(getattr(tokens, TONES.get(Outcome(int(data.outcomes[place])), "secondary")))
        if key in ("part", "number"):
            return QColor(tokens.secondary)
        if key in ("change", "margin_first", "margin_second"):
            value = float(self._columns[key][place])
            if np.isnan(value) or (key == "change" and round(value, 3) == 0):
                return QColor(tokens.secondary)
            wanted = value > 0
            if key == "change" and data.rows.similar[place] < 0.5:
                wanted = not wanted  # a dissimilar pair does well to move apart
            return QColor(tokens.positive if wanted else tokens.negative)
        return None

    # -- taking it along ------------------------------------------------------------------------------------------------

    def texts_of(self, row: int) -> tuple[str, ...]:
        assert self.data_ is not None
        return self.data_.rows.texts[int(self.order[row])]

    def id_of(self, row: int) -> int:
        assert self.data_ is not None
        return int(self.data_.rows.ids[int(self.order[row])])

    def rows_at(self, rows: NDArray[np.int64] | None = None) -> tuple[list[int], list[tuple[str, ...]]]:
        """The ids and texts of these rows, or of all that are shown."""
        if self.data_ is None:
            return [], []
        places, told = self.order if rows is None else self.order[rows], self.data_.rows
        return told.ids[places].tolist(), [told.texts[place] for place in places.tolist()]

    def table(self, rows: Sequence[int] | NDArray[np.int64] | None = None) -> Table:
        """Titles and the shown rows, or some of them, whole texts and whole numbers; the rows can be read in another thread."""
        places = self.order if rows is None else self.order[list(rows)]
        data, keys = self.data_, self.keys
        if data is None:
            return (), ()
        columns = self._columns
        return self.titles, ([_value(data, columns, int(place), key) for key in keys] for place in places)


def _layout(data: Comparison) -> tuple[tuple[str, ...], tuple[str, ...]]:
    one, other = data.first.title, data.second.title
    texts = {
        Format.TRIPLETS: ("Anchor", "Positive", "Negative"),
        Format.PAIRS: ("Anchor", "Positive"),
        Format.SCORED: ("Text A", "Text B"),
        Format.CATEGORIES: ("Text", "Category"),
    }[data.rows.format]
    columns = [("number", "Row"), ("verdict", "Verdict")]
    columns += [(f"text{slot}", title) for slot, title in enumerate(texts)]
    if not data.by_margin:
        columns.append(("label", "Label"))
    columns += [("first", one), ("second", other), ("change", "Δ")]
    if data.by_margin:
        columns += [("margin_first", f"Margin {one}"), ("margin_second", f"Margin {other}")]
    columns.append(("part", "Part"))
    return tuple(key for key, _ in columns), tuple(title for _, title in columns)


def _meaning(data: Comparison, key: str) -> str:
    """What the numbers of a column are; "" where its title says enough."""
    format = data.rows.format
    categories = format is Format.CATEGORIES
    score = (
        "The similarity of the text to the middle of its category's other texts"
        if categories
        else "The similarity of the first two texts"
    )
    near = "the middle of the nearest other category" if categories else "the nearest negative"
    return {
        "verdict": "Right or wrong under the first model, and under the second one",
        "label": "Similar from a score of 0.5 on"
        if format is Format.SCORED
        else "Not similar is what somebody rejected",
        "first": f"{score} under {data.first.title}",
        "second": f"{score} under {data.second.title}",
        "change": f"How much more similar under {data.second.title} than under {data.first.title}",
        "margin_first": f"The similarity less that to {near}, under {data.first.title}",
        "margin_second": f"The similarity less that to {near}, under {data.second.title}",
        "part": "Whether the run was trained on the row, or kept it out",
    }.get(key, "")


def _text(data: Comparison, place: int, slot: int) -> str:
    texts = data.rows.texts[place]
    if slot == 2 and len(texts) > 3:
        return " · ".join(texts[2:])
    return texts[slot] if slot < len(texts) else ""


def _value(data: Comparison, columns: dict[str, Any], place: int, key: str) -> object:
    if key == "verdict":
        return Outcome(int(data.outcomes[place])).title
    if is_text(key):
        return _text(data, place, int(key[4:]))
    if key == "part":
        return PARTS[int(data.rows.parts[place])]
    if key == "label":
        return _label(data, place)
    value = float(columns[key][place])
    return int(value) if key == "number" else None if np.isnan(value) else round(value, 6)


def _label(data: Comparison, place: int) -> str:
    similar = data.rows.similar[place]
    return "" if np.isnan(similar) else "Similar" if similar >= 0.5 else "Not similar"
