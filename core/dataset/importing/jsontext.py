"""JSONL, and .json files that are one array of flat objects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from typing import Any

from core.atomic import explained
from core.dataset.importing import encodings
from core.dataset.importing.datafile import DataFile
from core.dataset.importing.encodings import TextEncoding
from core.dataset.importing.limits import MAX_COLUMNS, MAX_JSON_ARRAY, MAX_LINE, SAMPLE_ROWS
from core.dataset.importing.lines import TOO_LONG, Lines
from core.dataset.importing.source import EVERY, Cell, Record, Reject, Source, Ticker
from core.errors import FileProblem, ImportProblem

# Numbers keep their spelling, as text: "0.50" stays "0.50", and a number of a million digits costs nothing.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)

Parsed = tuple[int, Any, str]  # (line, value, reason why there is none)


class JsonSource(Source):
    kind = "jsonl"
    found = "JSON lines"
    nested = True
    choices = frozenset({"encoding", "repair"})

    def __init__(self, file: DataFile, encoding: TextEncoding) -> None:
        super().__init__(file.path, file.name)
        self._file = file
        self._text = encoding
        self.encoding = encoding.name
        self.confidence = encoding.confidence
        if encoding.note:
            self.notes.append(encoding.note)
        self._array = self._is_array()
        objects, reason = self._sample()
        if not objects:
            raise ImportProblem(
                f"{self.name} holds no JSON objects{f' ({reason})' if reason else ''}.",
                "Every line must be one object with a text for each column.",
            )
        names: dict[str, None] = {}
        for record in objects:
            names.update(dict.fromkeys(record))
        self.columns = list(names)[:MAX_COLUMNS]
        self.lists = frozenset(
            index
            for index, name in enumerate(self.columns)
            if any(isinstance(r.get(name), list) for r in objects)
        )
        self.sample = [[_shown(record.get(name)) for name in self.columns] for record in objects]

    def records(self, picks: Sequence[int], reject: Reject, ticker: Ticker) -> Iterator[Record]:
        names = [self.columns[index] for index in picks]
        total = self._file.total
        with explained(self.path, "read"), self._open() as stream:
            ticker(0, total)
            countdown = EVERY
            for line, record, reason in self._parsed(stream):
                countdown -= 1
                if not countdown:
                    countdown = EVERY
                    ticker(self._file.position(stream), total)
                if reason:
                    reject(line, reason)
                elif not isinstance(record, dict):
                    reject(line, "it is not a JSON object")
                else:
                    cells = [_cell(record.get(name)) for name in names]
                    if None in cells:
                        reject(line, f'"{names[cells.index(None)]}" is not text')
                    else:
                        yield line, [cell for cell in cells if cell is not None]
            ticker(total, total)

    def _sample(self) -> tuple[list[dict[str, Any]], str]:
        objects: list[dict[str, Any]] = []
        first_reason = ""
        with explained(self.path, "read"), self._open() as stream:
            for seen, (line, record, reason) in enumerate(self._parsed(stream)):
                if isinstance(record, dict):
                    objects.append(record)
                elif not first_reason:
                    first_reason = f"line {line}: {reason or 'it is not a JSON object'}"
                if len(objects) >= SAMPLE_ROWS or seen >= 10 * SAMPLE_ROWS:
                    break
        return objects, first_reason

    def _parsed(self, stream: TextIOWrapper) -> Iterator[Parsed]:
        try:
            yield from _elements(stream.read()) if self._array else _objects(stream)
        except UnicodeError as error:
            raise FileProblem(
                f"{self.path} looks like {self._text.name} text but cannot be decoded.",
                "Save it again as UTF-8.",
            ) from error

    def _is_array(self) -> bool:
        """A file that begins with a bracket and is not a file of one array a line is one array."""
        with explained(self.path, "read"), self._open() as stream:
            try:
                line = stream.readline(MAX_LINE)
                while line and not line.strip():
                    line = stream.readline(MAX_LINE)
                if not line.lstrip().startswith("["):
                    return False
                if not _decode(line)[1] and stream.read(1 << 16).strip():
                    return False
            except UnicodeError:
                return False  # reported where the records are read
        if self._file.total > MAX_JSON_ARRAY:
            raise ImportProblem(
                f"{self.name} is one JSON array of more than {MAX_JSON_ARRAY >> 20} MB.",
                "Save it with one object a line (JSONL).",
            )
        return True

    def encodings(self) -> tuple[str, ...]:
        return encodings.possible(self._file, self.encoding)

    def _open(self) -> TextIOWrapper:
        return self._file.open_text(self._text.name, self._text.errors)


def _objects(stream: TextIOWrapper) -> Iterator[Parsed]:
    lines = Lines(stream)
    for number, line in enumerate(lines, start=1):
        if lines.cut:
            yield number, None, TOO_LONG
        elif not line.isspace():
            value, reason = _decode(line)
            yield number, value, reason
        lines.settle()


def _decode(text: str) -> tuple[Any, str]:
    try:
        return _DECODER.decode(text), ""
    except json.JSONDecodeError as error:
        return None, f"it is not valid JSON ({error.msg[0].lower()}{error.msg[1:]})"
    except RecursionError:
        return None, "its JSON is nested too deeply"


def _elements(text: str) -> Iterator[Parsed]:
    """The elements of one array. A broken element ends the reading: where the next one begins cannot be known."""
    position = text.index("[") + 1
    line = 1 + text.count("\n", 0, position)
    while True:
        start = position
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        line += text.count("\n", start, position)
        if text[position : position + 1] == "]":
            if text[position + 1 :].strip():
                yield line, None, "there is more text after the array"
            return
        try:
            value, end = _DECODER.raw_decode(text, position)
        except json.JSONDecodeError:
            yield line, None, "it is not valid JSON; the rest of the file could not be read"
            return
        except RecursionError:
            yield line, None, "its JSON is nested too deeply; the rest of the file could not be read"
            return
        yield line, value, ""
        line += text.count("\n", position, end)
        position = end


def _cell(value: Any) -> Cell | None:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return None


def _shown(value: Any) -> str:
    cell = _cell(value)
    if isinstance(cell, str):
        return cell
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "…"
