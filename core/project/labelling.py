"""One text beside an anchor becomes a label: which cell it fills, or which row it makes, in each format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.dataset.formats import Column, DatasetInfo, Example, Format, Role, slots
from core.dataset.normalise import normalise
from core.project.edits import Cell, Edit, InsertExamples, SetCells


@dataclass(frozen=True)
class Label:
    """`text` is a positive or a negative of `anchor`, or has this score (raw, on the dataset's scale) with it."""

    anchor: str
    text: str
    role: Role = Role.POSITIVE  # POSITIVE, NEGATIVE or SCORE
    score: str = ""


def label_edit(
    info: DatasetInfo, label: Label, rows: Sequence[Example] = (), source: str = ""
) -> Edit | None:
    """The edit that keeps the label in the dataset; None where its format has no place for it.

    `rows` are those that may be completed, the first that fits wins: an empty cell of a row with this anchor is filled before a row is
    made. A new triplet takes over what the first of them already says about the anchor: its positive, or its negatives.
    """
    own = [row for row in rows if normalise(row.texts[0]) == normalise(label.anchor)]
    match info.format, label.role:
        case Format.SCORED, _:
            return _scored(info, label, own, source)
        case Format.CATEGORIES, Role.POSITIVE if own and own[0].texts[1].strip():
            return _insert(info, (label.text, own[0].texts[1]), source)
        case (Format.PAIRS, Role.POSITIVE) | (Format.TRIPLETS, Role.POSITIVE | Role.NEGATIVE):
            return _fill(info, label, own) or _insert(info, _texts(info, label, own), source)
    return None


def label_edits(
    info: DatasetInfo, labels: Sequence[Label], rows: Sequence[Example] = (), source: str = ""
) -> list[Edit]:
    """The edits for several labels, in order: what one of them fills is full for the next."""
    found: list[Edit] = []
    for label in labels:
        edit = label_edit(info, label, rows, source)
        if isinstance(edit, SetCells):
            rows = [_after(info, row, edit) for row in rows]
        if edit is not None:
            found.append(edit)
    return found


def _after(info: DatasetInfo, row: Example, edit: SetCells) -> Example:
    texts = list(row.texts)
    for id, key, value in edit.cells:
        slot = next((column.slot for column in info.columns if column.key == key), -1)
        if id == row.id and slot >= 0:
            texts[slot] = value
    return replace(row, texts=tuple(texts))


def _scored(info: DatasetInfo, label: Label, own: Sequence[Example], source: str) -> Edit:
    low, high = info.scale.low, info.scale.high
    score = label.score or f"{high if label.role is Role.POSITIVE else low:.6g}"
    for row in own:
        if normalise(row.texts[1]) == normalise(label.text):
            return SetCells(((row.id, "score", score),))
        if not row.texts[1].strip():
            return SetCells(((row.id, "text_b", label.text), (row.id, "score", score)))
    example = Example((label.anchor, label.text), info.scale.to_unit(float(score)), score, source=source)
    return InsertExamples(info.id, (example,))


def _fill(info: DatasetInfo, label: Label, own: Sequence[Example]) -> Edit | None:
    wanted = [column for column in info.columns if column.role is label.role]
    for row in own:
        column = _empty(wanted, row)
        if column is not None:
            return SetCells(((row.id, column.key, label.text),))
    return None


def _empty(columns: Sequence[Column], row: Example) -> Column | None:
    return next((column for column in columns if not row.texts[column.slot].strip()), None)


def _texts(info: DatasetInfo, label: Label, own: Sequence[Example]) -> tuple[str, ...]:
    width = slots(info.format, info.negatives)
    known = own[0].texts if own else ("",) * width
    if label.role is Role.POSITIVE:
        return (label.anchor, label.text, *known[2:])
    return (label.anchor, known[1], label.text, *("",) * (width - 3))


def _insert(info: DatasetInfo, texts: tuple[str, ...], source: str) -> Edit:
    return InsertExamples(info.id, (Example(texts, source=source),))


def merged(edits: Sequence[Edit]) -> list[Edit]:
    """The same as few edits: all cells in one, and the new rows of each dataset in one. Thousands of labels stay one quick step."""
    cells: list[Cell] = []
    rows: dict[int, list[Example]] = {}
    rest: list[Edit] = []
    for edit in edits:
        if isinstance(edit, SetCells):
            cells += edit.cells
        elif isinstance(edit, InsertExamples):
            rows.setdefault(edit.dataset_id, []).extend(edit.examples)
        else:
            rest.append(edit)
    first: list[Edit] = [SetCells(tuple(cells))] if cells else []
    return [*first, *(InsertExamples(id, tuple(found)) for id, found in rows.items()), *rest]
