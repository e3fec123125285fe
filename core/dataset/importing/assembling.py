"""From records to examples: every text is checked, every score put on its scale, every refusal kept."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from math import isnan, nan, prod
from typing import cast

from core.dataset.formats import Format, Rejected, Scale
from core.dataset.importing.choices import Mapping
from core.dataset.importing.guessing import quoted_list
from core.dataset.importing.limits import MAX_CELL, MAX_ROWS_PER_RECORD
from core.dataset.importing.roles import FLAGS, METADATA, SPLITS, STATUSES
from core.dataset.importing.rows import Rows
from core.dataset.importing.source import Record
from core.dataset.mojibake import repaired
from core.dataset.scores import detect_scale, parse_score, shown
from core.errors import ImportProblem

_SURROGATE = re.compile("[\ud800-\udfff]")
_SHOWN = 40
_WORDS = 6  # of a column of words instead of numbers, named in the refusal

Row = tuple[int, Sequence[str]]  # (line, cells)


class Assembler:
    """Takes the records of one file. `keys` are our column keys in the order in which the records' cells are picked."""

    def __init__(
        self,
        mapping: Mapping,
        file_name: str,
        repair: bool = False,
        labels: dict[str, float | None] | None = None,
    ) -> None:
        self.mapping = mapping
        self.file_name = file_name
        self.keys = list(mapping.columns)
        self.rejected: list[Rejected] = []
        self.repaired = 0  # rows
        self._repair = repair
        self._labels = labels
        self._texts = [key for key in self.keys if key not in ("score", "split", *METADATA)]
        self._beside = METADATA[0] in self.keys

    def reject(self, line: int, reason: str) -> None:
        self.rejected.append(Rejected(line, reason))

    def assemble(self, records: Iterable[Record], nested: bool) -> tuple[Rows, Scale]:
        """All records as examples; `nested` records may hold lists.

        Raises:
            ImportProblem: no score is a number, or the scores fit no known scale.
        """
        scored = "score" in self.keys
        split = "split" in self.keys
        width = len(self._texts)
        rows = Rows(self.file_name)
        lines: array[int] = array("q")
        texts_of_rows, splits, raws = rows.texts.append, rows.splits.append, rows.raws.append
        for line, cells in cast(Iterable[Row], self._expanded(records) if nested else records):
            texts = tuple(cells[:width])
            if self._repair:
                texts = self._repaired(texts)
            if reason := self._text_problem(texts):
                self.reject(line, reason)
                continue
            part: str | None = ""
            if split:
                part = SPLITS.get(cells[-1].strip().lower())
                if part is None:
                    self.reject(line, f'split "{cells[-1][:_SHOWN]}" is none of train, eval, test')
                    continue
            if self._beside:
                if reason := self._metadata_problem(cells[width + scored : width + scored + len(METADATA)]):
                    self.reject(line, reason)
                    continue
                rows.beside.append(_metadata(cells[width + scored : width + scored + len(METADATA)]))
            if split and part is not None:
                splits(part)
            if scored:
                raws(cells[width])
                lines.append(line)
            texts_of_rows(texts)
        if scored:
            return self._score(rows, lines)
        return rows, self.mapping.scale or Scale()

    def _expanded(self, records: Iterable[Record]) -> Iterator[Row]:
        """One row for every combination of a record's lists: {"query", "pos": [a, b], "neg": [x, y]} makes four."""
        for line, cells in records:
            choices = [cell if isinstance(cell, list) else [cell] for cell in cells]
            for key, choice in zip(self.keys, choices):
                if not choice:
                    self.reject(line, f"the {_title(key)} list is empty")
                    break
            else:
                if prod(map(len, choices)) > MAX_ROWS_PER_RECORD:
                    self.reject(line, f"its lists make more than {MAX_ROWS_PER_RECORD:,} rows")
                else:
                    for row in product(*choices):
                        yield line, row

    def _repaired(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        better = tuple(map(repaired, texts))
        self.repaired += better != texts
        return better

    def _text_problem(self, texts: tuple[str, ...]) -> str:
        for text in texts:
            if problem := text_problem(text):
                return problem.format(_title(self._texts[texts.index(text)]))
        return ""

    def _metadata_problem(self, cells: Sequence[str]) -> str:
        status, flag = cells[0].strip().lower(), cells[1].strip().lower()
        if status not in STATUSES:
            return f'status "{cells[0][:_SHOWN]}" is none of accepted, rejected, skipped'
        if any(not cell.isascii() and _SURROGATE.search(cell) for cell in cells[2:]):
            return "its note or source holds bytes that are not text"
        return "" if flag in FLAGS else f'flag "{cells[1][:_SHOWN]}" is neither yes nor no'

    def _score(self, rows: Rows, lines: array[int]) -> tuple[Rows, Scale]:
        # A loop in Python lets the window's thread in between its steps; one call for a million rows would not.
        spelled: dict[str, float | None] = {}  # few spellings, many rows
        for raw in rows.raws:
            if raw not in spelled:
                spelled[raw] = self._number(raw)
        scale = self._scale(rows.raws, spelled)
        low, high = scale.low, scale.high
        wrong: dict[str, str] = {}  # the reason for every spelling that is no score
        for raw, value in spelled.items():
            written = raw.strip()[:_SHOWN]
            if value is None and written and not self._stands_for_nothing(raw):
                wrong[raw] = f'score "{written}" is not a number'
            elif value is not None and not scale.holds(value):
                wrong[raw] = f"score {written} is out of range: the scores are on the scale {shown(scale)}"
        units = {
            raw: nan if value is None else (value - low) / (high - low) for raw, value in spelled.items()
        }
        if wrong or self._labels is not None:
            return self._kept(rows, lines, wrong, units, scale), scale
        for place, raw in enumerate(rows.raws):
            rows.scores.append(units[raw])
            if spelled[raw] is None:
                rows.raws[place] = ""
        return rows, scale

    def _kept(
        self, rows: Rows, lines: array[int], wrong: dict[str, str], units: dict[str, float], scale: Scale
    ) -> Rows:
        """The rows whose scores are none of the wrong ones. Mapped words stay beside their numbers, as notes."""
        kept = Rows(rows.source)
        noted = self._labels is not None
        for place, raw in enumerate(rows.raws):
            if raw in wrong:
                self.reject(lines[place], wrong[raw])
                continue
            unit = units[raw]
            written = f"{scale.from_unit(unit):g}" if noted else raw
            kept.texts.append(rows.texts[place])
            kept.scores.append(unit)
            kept.raws.append("" if isnan(unit) else written)
            if rows.splits:
                kept.splits.append(rows.splits[place])
            if rows.beside:
                kept.beside.append(rows.beside[place])
            if noted:
                kept.notes.append(raw)
        return kept

    def _scale(self, raws: Sequence[str], spelled: dict[str, float | None]) -> Scale:
        name = self.mapping.columns["score"]
        numbers = [value for raw in raws if (value := spelled[raw]) is not None]
        words = set() if numbers else {raw.strip() for raw in spelled if not self._stands_for_nothing(raw)}
        if words:
            shown_words = [word[:_SHOWN] for word in sorted(words)]
            raise ImportProblem(
                f'Column "{name}" of {self.file_name} holds no numbers but {quoted_list(shown_words, _WORDS)}.',
                "Say which score each word stands for, or choose another column.",
            )
        scale = self.mapping.scale or (Scale() if self._labels is not None else detect_scale(numbers))
        if scale is None:
            raise ImportProblem(
                f'The scores in column "{name}" of {self.file_name} run from {min(numbers):g} to {max(numbers):g}, '
                "which is no scale that scores are given on.",
                "Bring them to 0–1, or choose another column.",
            )
        return scale

    def _number(self, raw: str) -> float | None:
        """The number that a spelling stands for, on the scale of the scores."""
        if self._labels is None:
            return parse_score(raw)
        value = self._labels.get(raw.strip())
        return value if value is None or self.mapping.scale is None else self.mapping.scale.from_unit(value)

    def _stands_for_nothing(self, raw: str) -> bool:
        """Whether a spelling without a number means: unlabelled."""
        return not raw.strip() or (self._labels is not None and raw.strip() in self._labels)


def _metadata(cells: Sequence[str]) -> tuple[str, bool, str, str]:
    status, flag, note, source = cells
    return status.strip().lower(), FLAGS[flag.strip().lower()], note, source


def text_problem(text: str) -> str:
    """Why a text cannot be kept, with {} for its name; "" where it can."""
    if not text or text.isspace():
        return "the {} is empty"
    if "\0" in text:
        return "a text holds a NUL character"
    if len(text) > MAX_CELL:
        return f"a text is longer than {MAX_CELL:,} characters"
    if not text.isascii() and _SURROGATE.search(text):
        return "it holds bytes that are not text"
    return ""


def notes(mapping: Mapping, columns: Sequence[str], scale: Scale, rows: Rows, mended: int = 0) -> list[str]:
    """What a person should know about how the columns were read."""
    result = []
    unused = [column for column in columns if column not in mapping.columns.values()]
    if unused:
        result.append(f"Not used: column{'' if len(unused) == 1 else 's'} {quoted_list(unused)}.")
    if mapping.format is Format.SCORED:
        if scale != Scale():
            result.append(f"The scores are on the scale {shown(scale)}.")
        unlabelled = sum(score != score for score in rows.scores) if rows.scores else len(rows)
        if unlabelled:
            result.append(f"{unlabelled:,} row{'' if unlabelled == 1 else 's'} without a score: unlabelled.")
    if mended:
        result.append(f"Garbled letters were repaired in {mended:,} row{'' if mended == 1 else 's'}.")
    return result


def _title(key: str) -> str:
    return {"text_a": "first text", "text_b": "second text"}.get(key, key.replace("_", " "))
