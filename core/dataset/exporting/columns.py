"""Which rows are written, and their cells."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.dataset.exporting.choices import ExportChoices, Metadata
from core.dataset.formats import DatasetInfo, Example, Format, slots, training_columns
from core.errors import DataProblem

Cells = tuple[Any, ...]  # str, float, int or None (an empty cell)

REJECTED = "rejected"
UNSCORED = "without a score"
INCOMPLETE = "with an empty text"

META = ("split", "status", "flag", "note", "source")  # as columns
BESIDE = ("row", *META)  # as a file of their own; row 1 is the first row of data

_SURROGATE = re.compile("[\ud800-\udfff]")


def column_names(info: DatasetInfo, choices: ExportChoices) -> tuple[str, ...]:
    """The columns of the file, in order."""
    names = training_columns(info.format, info.negatives)
    if info.format is Format.CATEGORIES and choices.training:
        names = ("text", "label")
    return (*names, *META) if choices.metadata is Metadata.COLUMNS else names


def missing(info: DatasetInfo, training: bool) -> Callable[[Example], str]:
    """Why a row is left out; "" for one that is written."""
    if not training:
        return lambda _row: ""
    width = slots(info.format, info.negatives)
    scored = info.format is Format.SCORED

    def reason(row: Example) -> str:
        if row.status == "rejected":
            return REJECTED
        if scored and row.score is None:
            return UNSCORED
        texts = row.texts[:width]
        if len(texts) < width or not all(texts) or any(map(str.isspace, texts)):
            return INCOMPLETE
        return ""

    return reason


@dataclass
class CellMaker:
    """Turns examples into cells. Categories are numbered in the order in which they first come."""

    info: DatasetInfo
    choices: ExportChoices
    categories: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._width = slots(self.info.format, self.info.negatives)
        self._scored = self.info.format is Format.SCORED
        self._numbered = self.info.format is Format.CATEGORIES and self.choices.training
        self._meta = self.choices.metadata is Metadata.COLUMNS

    def __call__(self, row: Example) -> Cells:
        cells: Cells = row.texts
        if len(cells) != self._width:
            cells = (*cells[: self._width], *("",) * (self._width - len(cells)))
        if self._scored:
            cells = (*cells, None if row.score is None else float(row.score))
        elif self._numbered:
            cells = (cells[0], self.categories.setdefault(cells[1], len(self.categories)))
        return (*cells, *meta_cells(row)) if self._meta else cells


def meta_cells(row: Example) -> Cells:
    return (row.split, row.status, "yes" if row.flag else "", row.note, row.source)


def name_of(row: Example) -> str:
    return f"row {row.number}" if row.number else f'the row "{row.texts[0][:40]}"' if row.texts else "a row"


def check_writable(row: Example) -> None:
    """Raises: DataProblem when a text holds half a character, which no file can hold."""
    for text in (*row.texts, row.note, row.source):
        if not text.isascii() and _SURROGATE.search(text):
            raise DataProblem(
                f"A text of {name_of(row)} holds a damaged character that cannot be written.",
                "Type the text again.",
            )
