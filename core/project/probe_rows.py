"""Probes from a table: a CSV file, or cells copied from a spreadsheet.

With a header the columns are known by their names: text (or query, anchor), other, expectation, expected (or hit, positive), unwanted (or
negative), k, lower text, lower other, note, kind. Without one they are a query, a hit it should find, and one it should not. Rows with the
same query are one probe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.errors import DataProblem
from core.project.probes import EXPECTATIONS, FIRST, More, Probe, check

_NAMES = {
    "text": ("text", "query", "anchor"),
    "other": ("other", "other text", "text b"),
    "expectation": ("expectation",),
    "expected": ("expected", "expected hit", "hit", "positive"),
    "unwanted": ("unwanted", "negative", "not expected"),
    "k": ("k",),
    "lower text": ("lower text",),
    "lower other": ("lower other",),
    "note": ("note",),
}
_POSITIONS = ("text", "expected", "unwanted")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST = 5000
_LONGEST = 100_000  # signs of a cell; a longer one is a file of another kind, or a quote that never ends


@dataclass(frozen=True)
class Refused:
    line: int
    reason: str


@dataclass(frozen=True)
class Made:
    """`known`: how many there are already."""

    probes: tuple[Probe, ...]
    refused: tuple[Refused, ...] = ()
    known: int = 0


def grid_of(text: str) -> list[list[str]]:
    """The cells of a CSV text, whatever its delimiter."""
    text = text.removeprefix("\ufeff")
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise DataProblem(f"This is no table: {error}.", "Save it as CSV and try again.") from error
    if any(len(cell) > _LONGEST for row in rows for cell in row):
        raise DataProblem(
            f"This is no table of probes: a cell has more than {_LONGEST:,} signs.",
            "Save it as CSV and try again.",
        )
    return [row for row in rows if any(map(str.strip, row))]


def probes_of(grid: Sequence[Sequence[str]], there: Iterable[Probe] = ()) -> Made:
    """The probes that a table tells, without those that are `there`."""
    if not grid:
        return Made(())
    columns = _header(grid[0])
    rows = grid[1:] if columns else grid
    columns = columns or {name: place for place, name in enumerate(_POSITIONS)}
    first = len(grid) - len(rows) + 1
    found: dict[object, Probe] = {}
    refused: list[Refused] = []
    for number, row in enumerate(rows, first):
        same: tuple[object, ...]
        cells = {name: _plain(row[place]) if place < len(row) else "" for name, place in columns.items()}
        try:
            probe = _probe(cells)
            if probe.kind == "query":
                same = ("query", probe.text, probe.k, probe.note)
                probe = _merged(found.get(same), probe)
            else:
                same = (probe.kind, *probe.pairs, probe.expectation, probe.note)
            _checked(probe)
        except DataProblem as error:
            refused.append(Refused(number, error.message))
            continue
        found[same] = probe
        if len(found) > MOST:
            raise DataProblem(f"More than {MOST:,} probes are too many.", "Take a part of the file.")
    keys = {probe.key for probe in there}
    new = tuple(probe for probe in found.values() if probe.key not in keys)
    return Made(new, tuple(refused), len(found) - len(new))


def _header(row: Sequence[str]) -> dict[str, int]:
    words = [" ".join(cell.replace("_", " ").split()).casefold() for cell in row]
    found = {
        name: words.index(one) for name, others in _NAMES.items() for one in others[::-1] if one in words
    }
    return found if "text" in found and (len(found) > 1 or len(row) == 1) else {}


def escaped(text: str) -> str:
    """A text as the cells of a written table have it: only one mark of its own is doubled, see `_plain`."""
    return f"'{text}" if text.startswith("'") and _risky(text) else text


def _plain(cell: str) -> str:
    """Without the mark that keeps a spreadsheet from taking a text for a formula."""
    return cell[1:] if cell.startswith("'") and _risky(cell) else cell


def _risky(text: str) -> bool:
    return text.lstrip("'").lstrip(" ")[:1] in _FORMULA


def _probe(cells: dict[str, str]) -> Probe:
    k = cells.get("k", "").strip()
    if k and not (k.isascii() and k.isdigit()):
        raise DataProblem(f"k is a whole number, not “{k[:40]}”.")
    wish = cells.get("expectation", "").strip().casefold()
    if wish not in EXPECTATIONS:
        raise DataProblem(f"A probe cannot be expected to be “{wish[:40]}”.")
    lower = (cells.get("lower text", ""), cells.get("lower other", ""))
    expected, unwanted = (
        (cells[role],) if cells.get(role, "").strip() else () for role in ("expected", "unwanted")
    )
    return Probe(
        0,
        cells["text"],
        cells.get("other", ""),
        wish,
        cells.get("note", ""),
        int(k or FIRST) if len(k) < 9 else 0,
        expected,
        unwanted,
        lower if any(text.strip() for text in lower) else (),
    )


def _merged(known: Probe | None, probe: Probe) -> Probe:
    if known is None:
        return probe
    return replace(
        known,
        expected=tuple(dict.fromkeys((*known.expected, *probe.expected))),
        unwanted=tuple(dict.fromkeys((*known.unwanted, *probe.unwanted))),
    )


def _checked(probe: Probe) -> None:
    more = More(probe.k, probe.expected, probe.unwanted, probe.lower)
    check((probe.text, probe.other, probe.expectation, probe.note), more)
