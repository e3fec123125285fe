"""The text that spreadsheets put on the clipboard: cells between tabs, rows between line breaks, quotes where needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def to_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as a spreadsheet understands them: a cell with a tab, a line break or a quote is quoted."""
    return "\n".join("\t".join(_quoted(cell) for cell in row) for row in rows)


def _quoted(cell: str) -> str:
    if any(sign in cell for sign in '\t\n\r"'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def to_grid(text: str) -> list[list[str]]:
    """The cells of a copied block, as they were.

    A cell counts as quoted only where a closing quote ends it and quoting was needed inside: programs copy the cell
    `"Yes"` and the cell `5" pipe` as they stand, and so they stay.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text[:-1] if text.endswith("\n") else text
    if not text:
        return []
    grid: list[list[str]] = [[]]
    at = 0
    while True:
        cell, at = _cell(text, at)
        grid[-1].append(cell)
        if at >= len(text):
            return grid
        if text[at] == "\n":
            grid.append([])
        at += 1


def _cell(text: str, start: int) -> tuple[str, int]:
    """The cell that begins at `start`, and where it ends (at a tab, a line break or the end)."""
    if text.startswith('"', start):
        found = _quoted_cell(text, start)
        if found is not None:
            return found
    ends = [end for end in (text.find("\t", start), text.find("\n", start)) if end >= 0]
    end = min(ends, default=len(text))
    return text[start:end], end


def _quoted_cell(text: str, start: int) -> tuple[str, int] | None:
    at = start + 1
    while True:
        close = text.find('"', at)
        if close < 0:
            return None
        if text.startswith('"', close + 1):
            at = close + 2
            continue
        break
    end = close + 1
    inside = text[start + 1 : close]
    if end < len(text) and text[end] not in "\t\n":
        return None
    if not any(sign in inside for sign in '\t\n"'):
        return None
    return inside.replace('""', '"'), end
