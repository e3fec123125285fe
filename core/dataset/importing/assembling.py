"""From records to examples: every text is checked, every score put on its scale, every refusal kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from math import prod
from typing import cast

from core.dataset.formats import Example, Format, Rejected, Scale
from core.dataset.importing.guessing import quoted_list
from core.dataset.importing.limits import MAX_CELL, MAX_ROWS_PER_RECORD
from core.dataset.importing.results import Mapping
from core.dataset.importing.roles import SPLITS
from core.dataset.importing.source import Record
from core.dataset.scores import detect_scale, parse_score, shown
from core.errors import ImportProblem

_SURROGATE = re.compile("[\ud800-\udfff]")
_SHOWN = 40

Row = tuple[int, Sequence[str]]  # (line, cells)


class Assembler:
    """Takes the records of one file. `keys` are our column keys in the order in which the records' cells are picked."""

    def __init__(self, mapping: Mapping, file_name: str) -> None:
        self.mapping = mapping
        self.file_name = file_name
        self.keys = list(mapping.columns)
        self.rejected: list[Rejected] = []
        self._texts = [key for key in self.keys if key not in ("score", "split")]

    def reject(self, line: int, reason: str) -> None:
        self.rejected.append(Rejected(line, reason))

    def assemble(self, records: Iterable[Record], nested: bool) -> tuple[list[Example], Scale]:
        """All records as examples; `nested` records may hold lists.

        Raises:
            ImportProblem: no score is a number, or the scores fit no known scale.
        """
        scored = "score" in self.keys
        split = "split" in self.keys
        width = len(self._texts)
        source = self.file_name
        examples: list[Example] = []
        pending: list[tuple[int, tuple[str, ...], str, str]] = []
        rows = cast(Iterable[Row], self._expanded(records) if nested else records)
        for line, cells in rows:
            texts = tuple(cells[:width])
            reason = self._text_problem(texts)
            part = ""
            if not reason and split:
                part_name = cells[-1].strip().lower()
                if part_name in SPLITS:
                    part = SPLITS[part_name]
                else:
                    reason = f'split "{cells[-1][:_SHOWN]}" is none of train, eval, test'
            if reason:
                self.reject(line, reason)
            elif scored:
                pending.append((line, texts, cells[width], part))
            else:
                examples.append(Example(texts, split=part, source=source))
        if scored:
            return self._score(pending)
        return examples, self.mapping.scale or Scale()

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

    def _text_problem(self, texts: tuple[str, ...]) -> str:
        for text in texts:
            if not text or text.isspace():
                key = self._texts[texts.index(text)]
                return f"the {_title(key)} is empty"
            if "\0" in text:
                return "a text holds a NUL character"
            if len(text) > MAX_CELL:
                return f"a text is longer than {MAX_CELL:,} characters"
            if not text.isascii() and _SURROGATE.search(text):
                return "it holds bytes that are not text"
        return ""

    def _score(self, pending: list[tuple[int, tuple[str, ...], str, str]]) -> tuple[list[Example], Scale]:
        spelled = {
            raw: parse_score(raw) for raw in {raw for _, _, raw, _ in pending}
        }  # few spellings, many rows
        values = [spelled[raw] for _, _, raw, _ in pending]
        numbers = [value for value in values if value is not None]
        name = self.mapping.columns["score"]
        if not numbers and (words := sorted({raw.strip() for _, _, raw, _ in pending} - {""})):
            raise ImportProblem(
                f'Column "{name}" of {self.file_name} holds no numbers but {quoted_list([w[:_SHOWN] for w in words], 3)}.',
                "Replace the words by scores from 0 to 1, or choose another column.",
            )
        scale = self.mapping.scale or detect_scale(numbers)
        if scale is None:
            raise ImportProblem(
                f'The scores in column "{name}" of {self.file_name} run from {min(numbers):g} to {max(numbers):g}, '
                "which is no scale that scores are given on.",
                "Bring them to 0–1, or choose another column.",
            )
        low, high = scale.low, scale.high
        examples: list[Example] = []
        for (line, texts, raw, part), value in zip(pending, values):
            if value is None:
                if raw.strip():
                    self.reject(line, f'score "{raw.strip()[:_SHOWN]}" is not a number')
                    continue
                examples.append(Example(texts, None, "", part, source=self.file_name))
            elif low <= value <= high:
                examples.append(
                    Example(texts, (value - low) / (high - low), raw, part, source=self.file_name)
                )
            else:
                self.reject(
                    line,
                    f"score {raw.strip()[:_SHOWN]} is out of range: the scores are on the scale {shown(scale)}",
                )
        return examples, scale


def notes(mapping: Mapping, columns: Sequence[str], scale: Scale, examples: Sequence[Example]) -> list[str]:
    """What a person should know about how the columns were read."""
    result = []
    unused = [column for column in columns if column not in mapping.columns.values()]
    if unused:
        result.append(f"Not used: column{'' if len(unused) == 1 else 's'} {quoted_list(unused)}.")
    if mapping.format is Format.SCORED:
        if scale != Scale():
            result.append(f"The scores are on the scale {shown(scale)}.")
        unlabelled = sum(example.score is None for example in examples)
        if unlabelled:
            result.append(f"{unlabelled:,} row{'' if unlabelled == 1 else 's'} without a score: unlabelled.")
    return result


def _title(key: str) -> str:
    return {"text_a": "first text", "text_b": "second text"}.get(key, key.replace("_", " "))
