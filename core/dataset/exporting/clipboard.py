"""Rows for a spreadsheet's clipboard."""

from __future__ import annotations

from collections.abc import Iterable

from core.dataset.formats import DatasetInfo, Example, Format


def to_tsv_text(info: DatasetInfo, rows: Iterable[Example]) -> str:
    """Rows for a spreadsheet's clipboard, without column names; scores as they were given, on the dataset's scale."""
    lines = []
    for row in rows:
        cells = [_clipboard(text) for text in row.texts]
        if info.format is Format.SCORED:
            raw = "" if row.score is None else row.raw_score or f"{info.scale.from_unit(row.score):g}"
            cells.append(_clipboard(raw))
        lines.append("\t".join(cells))
    return "\n".join(lines)


def _clipboard(text: str) -> str:
    if any(sign in text for sign in "\t\r\n") or text.startswith('"'):
        return '"' + text.replace('"', '""') + '"'
    return text
