"""What the cells of columns say about their part, where the names say nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.dataset.importing.roles import by_name
from core.dataset.scores import detect_scale, parse_score

_IDENTIFIER = re.compile(r"[^\W\d][\w#.-]{0,30}")


@dataclass(frozen=True)
class Profile:
    """One column of the sample."""

    kind: str  # empty, number, id, text, mixed
    fractional: bool = False
    scaled: bool = False  # the numbers fit a known scale of scores
    words: float = 0.0  # mean per filled cell


def profile(cells: Sequence[str]) -> Profile:
    """Numbers where most filled cells are numbers, text where few are; whole numbers that hardly repeat are an id."""
    filled = [cell for cell in cells if cell.strip()]
    if not filled:
        return Profile("empty")
    values = [value for cell in filled if (value := parse_score(cell)) is not None]
    if len(values) < 0.7 * len(filled):
        words = sum(len(cell.split()) for cell in filled) / len(filled)
        return Profile("text" if len(values) < 0.3 * len(filled) else "mixed", words=words)
    whole = all(value == int(value) for value in values)
    padded = any(
        len(cell.strip()) > 1 and cell.strip()[0] == "0" and cell.strip().isdigit() for cell in filled
    )
    if padded or (whole and len(values) > 5 and len(set(values)) > 0.9 * len(values)):
        return Profile("id")
    return Profile("number", not whole, detect_scale(values) is not None)


def profiles(rows: Sequence[Sequence[str]], width: int) -> list[Profile]:
    return [profile([row[index] for row in rows]) for index in range(width)]


def looks_like_header(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names columns. In doubt it is data: a row too many is seen, a row too few is not."""
    numeric = [parse_score(cell) is not None for cell in first]
    found = by_name(first)
    if found.known >= 2 or (found.known == 1 and not any(numeric)) or found.ids[:1] == [0]:
        return True
    if any(numeric) or not any(cell.strip() for cell in first):
        return False
    if not rows:
        return all(_IDENTIFIER.fullmatch(cell.strip()) for cell in first)
    for index in range(len(first)):
        column = [row[index] for row in rows if index < len(row)]
        if first[index].strip() and column and profile(column).kind in ("number", "id"):
            return True
    return all(_IDENTIFIER.fullmatch(cell.strip()) for cell in first if cell.strip()) and _unlike(first, rows)


def _unlike(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """One plain word per cell above several words per cell, or all small letters above capitals."""
    cells = [cell for row in rows for cell in row if cell.strip()]
    if not cells:
        return False
    if sum(len(cell.split()) for cell in cells) >= 2 * len(cells):
        return True
    small = sum(cell.strip()[0].islower() for cell in cells)
    return all(cell.strip().islower() for cell in first if cell.strip()) and small < 0.1 * len(cells)


def scored_columns(kinds: Sequence[Profile], header: bool) -> tuple[int, int, int] | None:
    """(text, text, score): a column of numbers on a scale with two columns of text right after it, or right before it.

    Many tables have such neighbours and are no scored pairs. Under a header whose names say nothing there must be no other
    text or number; without a header, texts among further columns must be more than single words.
    """
    texts = [index for index, column in enumerate(kinds) if column.kind == "text"]
    numbers = [index for index, column in enumerate(kinds) if column.kind == "number" and column.scaled]
    if header and (len(texts) != 2 or len(numbers) != 1):
        return None
    found: list[tuple[bool, int, tuple[int, int, int]]] = []
    for index in numbers:
        for a in (index + 1, index - 2):
            if a in texts and a + 1 in texts:
                if len(kinds) <= 3 or min(kinds[a].words, kinds[a + 1].words) >= 2:
                    found.append((not kinds[index].fractional, index, (a, a + 1, index)))
                break
    return min(found)[2] if found else None
