"""JSONL, and .json files that are one array of flat objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from io import TextIOWrapper
from itertools import islice
from typing import Any, TextIO

from core.atomic import explained
from core.dataset.importing import encodings
from core.dataset.importing.datafile import DataFile
from core.dataset.importing.encodings import TextEncoding
from core.dataset.importing.jsonshapes import recognise
from core.dataset.importing.limits import MAX_COLUMNS, MAX_JSON_OBJECT, MAX_LINE, SAMPLE_ROWS
from core.dataset.importing.lines import TOO_LONG, Lines
from core.dataset.importing.source import EVERY, Cell, Record, Reject, Source, Ticker, rows_of_sample
from core.dataset.importing.unusable import Unusable
from core.errors import FileProblem, ImportProblem

# Numbers keep their spelling, as text: "0.50" stays "0.50", and a number of a million digits costs nothing.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)

_CHUNK = 1 << 20
_SAMPLED = 16 << 20  # bytes that the shape of a file is judged by

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
        self._read = self._form()
        values, reason = self._sample()
        self._shape = recognise(values, self._file.suffix == ".json")
        self.found = self._shape.found or ("JSON lines" if self._read is _objects else "JSON")
        self.header = self._shape.header
        objects = list(islice((record for value in values for record in self._flattened(value)), SAMPLE_ROWS))
        if not objects:
            raise ImportProblem(
                f"{self.name} holds no JSON objects{f' ({reason})' if reason else ''}.",
                "Every line must be one object with a text for each column.",
            )
        names: dict[str, None] = {}
        for record in objects:
            names.update(dict.fromkeys(record))
        if len(names) > MAX_COLUMNS:
            raise ImportProblem(
                f"{self.name} has more than {MAX_COLUMNS:,} different names.",
                "Give every object the same few.",
            )
        self.columns = list(names)
        objects = objects[: rows_of_sample(len(names))]
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
                    continue
                try:
                    found = self._shape.records(record)
                except Unusable as error:
                    reject(line, str(error))
                    continue
                for fields in found:
                    cells = [_cell(fields.get(name)) for name in names]
                    if None in cells:
                        reject(line, f'"{names[cells.index(None)]}" is not text')
                    else:
                        yield line, [cell for cell in cells if cell is not None]
            ticker(total, total)

    def _sample(self) -> tuple[list[Any], str]:
        """The first values, and why the first unreadable one is none."""
        values: list[Any] = []
        first_reason = ""
        with explained(self.path, "read"), self._open() as stream:
            for seen, (line, value, reason) in enumerate(self._parsed(stream)):
                if isinstance(value, (dict, list)) or (isinstance(value, str) and self._read is _elements):
                    values.append(value)
                elif not first_reason:
                    first_reason = f"line {line}: {reason or 'it is not a JSON object'}"
                if len(values) >= SAMPLE_ROWS or seen >= 10 * SAMPLE_ROWS:
                    break
                if self._file.unpacked(stream) > _SAMPLED:
                    break
        return values, first_reason

    def _flattened(self, value: Any) -> list[dict[str, Any]]:
        try:
            return self._shape.records(value)
        except Unusable:
            return []

    def _parsed(self, stream: TextIOWrapper) -> Iterator[Parsed]:
        try:
            yield from self._read(stream)
        except UnicodeError as error:
            raise FileProblem(
                f"{self.path} looks like {self._text.name} text but cannot be decoded.",
                "Save it again as UTF-8.",
            ) from error

    def _form(self) -> Callable[[TextIOWrapper], Iterator[Parsed]]:
        """A file that begins with a bracket or brace, whose first line is no whole value, is one value."""
        with explained(self.path, "read"), self._open() as stream:
            try:
                line = stream.readline(MAX_LINE)
                while line and not line.strip():
                    line = stream.readline(MAX_LINE)
                start = line.lstrip()[:1]
                if start not in ("[", "{"):
                    return _objects
                reason = _decode(line)[1]
                more = bool(stream.read(1 << 16).strip())
            except UnicodeError:
                return _objects  # reported where the records are read
        if start == "[":
            return _objects if more and not reason else _elements  # one list a line, or one array
        if not reason or self._file.suffix != ".json" or line.rstrip().endswith("}"):
            return _objects  # one object a line, even if the first is damaged
        if self._file.total > MAX_JSON_OBJECT:
            raise ImportProblem(
                f"{self.name} is one JSON object of more than {MAX_JSON_OBJECT >> 20} MB.",
                "Save it with one object a line (JSONL).",
            )
        return _one_object

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


def _elements(stream: TextIO) -> Iterator[Parsed]:
    """The elements of one array. A broken element ends the reading: where the next one begins cannot be known."""
    before, _, text = stream.read(_CHUNK).partition("[")
    position, line, ended = 0, 1 + before.count("\n"), False
    while True:
        start = position
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        line += text.count("\n", start, position)
        if position == len(text) and not ended:
            text, position = stream.read(_CHUNK), 0
            ended = not text
            continue
        if text[position : position + 1] == "]":
            if text[position + 1 :].strip():
                yield line, None, "there is more text after the array"
            return
        try:
            value, end = _DECODER.raw_decode(text, position)
            broken = False
        except json.JSONDecodeError:
            value, end, broken = None, len(text), True
        except RecursionError:
            yield line, None, "its JSON is nested too deeply; the rest of the file could not be read"
            return
        if end == len(text) and not ended and end - position < MAX_LINE:
            more = stream.read(max(_CHUNK, end - position))  # the element may go on there
            text, position, ended = text[position:] + more, 0, not more
            continue
        if broken:
            yield line, None, "it is not valid JSON; the rest of the file could not be read"
            return
        yield line, value, ""
        line += text.count("\n", position, end)
        position = end


def _one_object(stream: TextIO) -> Iterator[Parsed]:
    """A file that is one object: the objects of the one list in it, or itself."""
    value, reason = _decode(stream.read())
    lists = [item for item in value.values() if isinstance(item, list)] if isinstance(value, dict) else []
    rows = [item for item in lists if item and all(isinstance(row, dict) for row in item)]
    if len(rows) == 1:
        yield from ((number, row, "") for number, row in enumerate(rows[0], start=1))
    else:
        yield 1, value, reason


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
