"""What pasting a block would do: cells to change, rows to add, lines that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.dataset.formats import DatasetInfo, Example, Rejected, slots
from core.dataset.scores import parse_score
from gui.models import score_text
from gui.models.table_columns import (
    SPLIT_TITLES,
    SPLITS,
    STATUS_SIGNS,
    STATUS_TITLES,
    TableColumn,
    table_columns,
)

_SPLIT_WORDS = {
    **{key: key for key in SPLITS},
    **{title.casefold(): key for titles in (SPLITS, SPLIT_TITLES) for key, title in titles.items()},
    "dev": "eval",
    "validation": "eval",
}
_STATUS_WORDS = {
    **{key: key for key in STATUS_TITLES},
    **{title.casefold(): key for key, title in STATUS_TITLES.items()},
    **{f"{STATUS_SIGNS[key]} {STATUS_TITLES[key].casefold()}": key for key in STATUS_SIGNS},
}
_YES, _NO = {"1", "true", "yes", "x", "⚑"}, {"", "0", "false", "no"}
SOURCE = "pasted"


@dataclass
class PastePlan:
    """`cells` overwrite existing rows, `new` follow at the end; `rejected` lines were left out as a whole."""

    cells: list[tuple[int, str, Any]] = field(default_factory=list)
    new: list[Example] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    lines: int = 0  # of the block
    surplus: int = 0  # columns of the block for which the table had none

    @property
    def changed_rows(self) -> int:
        return len({id for id, _, _ in self.cells})

    @property
    def empty(self) -> bool:
        return not self.cells and not self.new


def plan_paste(
    grid: Sequence[Sequence[str]],
    info: DatasetInfo,
    start: int,
    ids: Sequence[int],
    columns: Sequence[TableColumn] = (),
) -> PastePlan:
    """Lay `grid` over the table's `columns` from column `start`; `ids` are the rows downwards from there (fewer: the rest is new).

    What falls on a column that cannot be written is passed over, so that the others stay in line."""
    columns = columns or table_columns(info)
    targets = [column for column in columns[start:] if column.kind != "number"]
    plan = PastePlan(lines=len(grid))
    lines = list(enumerate(grid, 1))
    if lines and _is_heading(lines[0][1], targets):
        del lines[0]
    plan.surplus = max((len(cells) - len(targets) for _, cells in lines), default=0)
    plan.surplus = max(plan.surplus, 0)
    for place, (line, cells) in enumerate(lines):
        values: dict[str, Any] = {}
        reason = ""
        for column, text in zip(targets, cells):
            if not column.writable:
                continue
            value, wrong = _value(text, column, info)
            if wrong:
                reason = f"{column.title}: {wrong}"
                break
            values[column.key] = value
        if reason:
            plan.rejected.append(Rejected(line, reason))
        elif place < len(ids):
            plan.cells += [(ids[place], key, value) for key, value in values.items()]
        elif any(value not in ("", False) for value in values.values()):
            plan.new.append(_example(values, columns, info))
    return plan


def tiled(grid: Sequence[Sequence[str]], height: int, width: int) -> list[list[str]]:
    """The block, repeated where it fits into a selection several times without a rest, as spreadsheets do."""
    rows = [list(cells) for cells in grid]
    across = len(rows[0]) if rows else 0
    if across and width > across and width % across == 0 and all(len(cells) == across for cells in rows):
        rows = [cells * (width // across) for cells in rows]
    if rows and height > len(rows) and height % len(rows) == 0:
        rows = rows * (height // len(rows))
    return rows


def plan_fill(
    text: str, info: DatasetInfo, cells: Sequence[tuple[int, str]], columns: Sequence[TableColumn] = ()
) -> PastePlan:
    """Put one value into every selected cell (example id, column key)."""
    by_key = {column.key: column for column in columns or table_columns(info)}
    plan = PastePlan(lines=1)
    refused: set[str] = set()
    for id, key in cells:
        column = by_key.get(key)
        if column is None or not column.writable:
            continue
        value, wrong = _value(text, column, info)
        if not wrong:
            plan.cells.append((id, key, value))
        elif key not in refused:
            refused.add(key)
            plan.rejected.append(Rejected(1, f"{column.title}: {wrong}"))
    return plan


def _value(text: str, column: TableColumn, info: DatasetInfo) -> tuple[Any, str]:
    """The cell's new value, and why the text cannot be one."""
    word = text.strip().casefold()
    match column.kind:
        case "score":
            wrong = score_text.problem(text, info.scale)
            return text.strip(), wrong
        case "split":
            if word in _SPLIT_WORDS:
                return _SPLIT_WORDS[word], ""
            return "", f"“{text.strip()[:24]}” is none of train, hold-out, test."
        case "status":
            if word in _STATUS_WORDS:
                return _STATUS_WORDS[word], ""
            return "", f"“{text.strip()[:24]}” is none of accepted, rejected, skipped."
        case "flag":
            if word in _YES or word in _NO:
                return word in _YES, ""
            return False, f"“{text.strip()[:24]}” is neither yes nor no."
        case _:
            return text, ""


def _is_heading(cells: Sequence[str], targets: Sequence[TableColumn]) -> bool:
    """Whether the first line repeats the names of the columns it would go into."""
    names = [{column.key, column.title.casefold()} for column in targets]
    given = [cell.strip().casefold() for cell in cells]
    return len(given) > 1 and all(name in known for name, known in zip(given, names))


def _example(values: dict[str, Any], columns: Sequence[TableColumn], info: DatasetInfo) -> Example:
    texts = [""] * slots(info.format, info.negatives)
    for column in columns:
        if column.kind == "text":
            texts[column.slot] = values.get(column.key, "")
    raw = str(values.get("score", ""))
    number = parse_score(raw) if raw else None
    return Example(
        tuple(texts),
        score=None if number is None else info.scale.to_unit(number),
        raw_score=raw,
        split=values.get("split", ""),
        flag=bool(values.get("flag", False)),
        note=values.get("note", ""),
        status=values.get("status", ""),
        source=SOURCE,
    )
