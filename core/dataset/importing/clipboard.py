"""Cells pasted from a spreadsheet, as Excel and Calc put them on the clipboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.dataset.formats import DatasetInfo, Example, Format, Rejected, slots, training_columns
from core.dataset.importing.limits import MAX_CELL
from core.dataset.scores import parse_score, shown

# A spreadsheet encloses a cell only where it must: a tab, a line end or a quotation mark is inside. Anything else in quotation
# marks is a text that has them.
_ENCLOSED = re.compile(r'"((?:[^"]|"")*+)"(?=\t|\r?\n|\r|\Z)')
_PLAIN = re.compile(r"[^\t\r\n]*")
_NEEDS = ("\t", "\n", "\r", '""')


def read_tsv_text(text: str, info: DatasetInfo) -> tuple[list[Example], list[Rejected]]:
    """Rows of `info`'s columns in their order. A row of column names is skipped; scores are on the dataset's scale, and the
    score column may be missing (unlabelled)."""
    wanted = slots(info.format, info.negatives)
    scored = info.format is Format.SCORED
    titles = [column.title.casefold() for column in info.columns]
    names = [name.casefold() for name in training_columns(info.format, info.negatives)]
    keys = [column.key for column in info.columns]
    examples: list[Example] = []
    rejected: list[Rejected] = []
    for position, (line, cells) in enumerate(_rows(text)):
        while len(cells) > wanted and not cells[-1].strip() and not (scored and len(cells) == wanted + 1):
            cells.pop()
        lowered = [cell.strip().casefold() for cell in cells]
        if not any(lowered) or (position == 0 and lowered in (titles, names, keys)):
            continue
        outcome = _example(cells, wanted, info)
        if isinstance(outcome, str):
            rejected.append(Rejected(line, outcome))
        else:
            examples.append(outcome)
    return examples, rejected


def _example(cells: list[str], wanted: int, info: DatasetInfo) -> Example | str:
    """The row, or why it is none."""
    most = wanted + (info.format is Format.SCORED)
    if not wanted <= len(cells) <= most:
        return f"it has {len(cells)} column{'' if len(cells) == 1 else 's'}, expected {most}"
    texts = tuple(cells[:wanted])
    for column, text in zip(info.columns, texts):
        if not text.strip():
            return f"the {column.title.lower()} is empty"
        if "\0" in text or len(text) > MAX_CELL:
            return f"the {column.title.lower()} is too long or holds a NUL character"
    raw = cells[wanted] if len(cells) > wanted else ""
    if not raw.strip():
        return Example(texts, source="clipboard")
    value = parse_score(raw)
    if value is None:
        return f'score "{raw.strip()[:40]}" is not a number'
    if not info.scale.holds(value):
        return f"score {raw.strip()[:40]} is out of range: the scores are on the scale {shown(info.scale)}"
    return Example(texts, info.scale.to_unit(value), raw, source="clipboard")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    position, line, start = 0, 1, 1
    cells: list[str] = []
    while position < len(text) or cells:
        match = _ENCLOSED.match(text, position)
        if match and any(sign in match[1] for sign in _NEEDS):
            cells.append(match[1].replace('""', '"'))
        else:
            match = _PLAIN.match(text, position)
            assert match is not None  # it matches the empty string
            cells.append(match[0])
        line += match[0].replace("\r\n", "\n").replace("\r", "\n").count("\n")
        position = match.end()
        if text[position : position + 1] == "\t":
            position += 1
            continue
        position += 2 if text[position : position + 2] == "\r\n" else 1
        line += 1
        yield start, cells
        cells, start = [], line
