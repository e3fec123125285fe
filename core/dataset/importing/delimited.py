"""CSV, TSV and their relatives, and plain text, a text a line."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import TextIOWrapper
from itertools import islice
from operator import itemgetter

from core.atomic import explained
from core.dataset.importing import encodings
from core.dataset.importing.choices import Reading
from core.dataset.importing.content import looks_like_header
from core.dataset.importing.datafile import DataFile
from core.dataset.importing.dialects import Shape, is_blank, lines_before, sniff
from core.dataset.importing.encodings import TextEncoding
from core.dataset.importing.limits import MAX_SKIP, SAMPLE
from core.dataset.importing.lines import Lines, parse
from core.dataset.importing.source import EVERY, Record, Reject, TableSource, Ticker
from core.errors import FileProblem, ImportProblem

_PROSE = 0.9  # less consistent columns than this, in a file that is no table by its name, are sentences with commas
_TABLES = (".csv", ".tsv", ".tab", ".psv", ".dat")
_BY_SUFFIX = {".tsv": "\t", ".tab": "\t"}
_NAMED = re.compile(r"sep=([^\r\n])\r?\n")
_NAMES = {
    "\t": "Tab-separated text",
    ",": "CSV",
    ";": "CSV with semicolons",
    "|": "CSV with bars",
    "": "Plain text",
}


class DelimitedSource(TableSource):
    choices = frozenset({"encoding", "delimiter", "quoting", "skip", "header", "repair"})

    def __init__(self, file: DataFile, encoding: TextEncoding, reading: Reading) -> None:
        super().__init__(file.path, file.name)
        self._file = file
        self._text = encoding
        self.encoding = encoding.name
        self.confidence = encoding.confidence
        if encoding.note:
            self.notes.append(encoding.note)
        shape = self._settle(reading)
        if not shape.rows:
            reason = f" that can be read ({shape.problem})" if shape.problem else ""
            raise ImportProblem(f"{self.name} holds no rows{reason}.", "Choose a file that holds data.")
        self._dialect = shape.dialect
        self.delimiter, self.quoting = shape.dialect.delimiter, shape.dialect.quoting
        self.kind = {"\t": "tsv", "": "text"}.get(self.delimiter, "csv")
        self.found = _NAMES.get(self.delimiter, "Delimited text")
        self._usual = shape.usual_widths
        first = shape.rows[0]
        usual = [row for row in shape.rows[1:] if len(row) in self._usual]
        self.set_first(
            first, usual, lambda: bool(self.delimiter) and looks_like_header(first, usual), reading.header
        )

    def encodings(self) -> tuple[str, ...]:
        return encodings.possible(self._file, self.encoding)

    def records(self, picks: Sequence[int], reject: Reject, ticker: Ticker) -> Iterator[Record]:
        pick = itemgetter(*picks) if len(picks) > 1 else lambda row: (row[picks[0]],)
        widths = {len(self.columns)} if self.header else {w for w in self._usual if w > max(picks)}
        expected = " or ".join(map(str, sorted(widths)))
        skip_first = self.header
        total = self._file.total
        with explained(self.path, "read"), self._open() as stream:
            ticker(0, total)
            countdown = EVERY
            try:
                self._pass_over(stream, reject)
                for line, row in parse(Lines(stream), self._dialect, self.skip + 1):
                    countdown -= 1
                    if not countdown:
                        countdown = EVERY
                        ticker(self._file.position(stream), total)
                    if row.__class__ is str:
                        reject(line, str(row))
                    elif is_blank(row):
                        continue
                    elif skip_first:
                        skip_first = False
                    elif len(row) in widths:
                        yield line, pick(row)
                    else:
                        reject(line, _wrong_width(len(row), expected))
            except UnicodeError as error:
                raise self._undecodable() from error
            ticker(total, total)

    def _settle(self, reading: Reading) -> Shape:
        """How the file is read: what the reading leaves open is judged by the beginning of the file."""
        sample, truncated = self._read_sample()
        if reading.skip is None and reading.delimiter is None and (named := _NAMED.match(sample)):
            reading = replace(reading, delimiter=named[1], skip=1)  # as Excel writes it
        self.skip = min(reading.skip or 0, MAX_SKIP)
        shape = self._sniff(_without(sample, self.skip), truncated, reading)
        if reading.skip is None and (before := lines_before(shape)):
            rest = self._sniff(_without(sample, before), truncated, reading)
            if rest.rows and rest.width > 1:
                self.skip = before
                self.notes.append(f"Above the table: {before} line{'' if before == 1 else 's'} left out.")
                return rest
        return shape

    def _sniff(self, sample: str, truncated: bool, reading: Reading) -> Shape:
        suffix = self._file.suffix
        shape = sniff(sample, truncated, _BY_SUFFIX.get(suffix, ","), reading.delimiter, reading.quoting)
        if suffix not in _TABLES and reading.delimiter is None and shape.consistency < _PROSE:
            return sniff(sample, truncated, "", "")
        return shape

    def _pass_over(self, stream: TextIOWrapper, reject: Reject) -> None:
        lines = Lines(stream)
        for number, line in enumerate(islice(lines, self.skip), start=1):
            lines.settle()
            if line.strip():
                reject(number, "it stands above the table")

    def _read_sample(self) -> tuple[str, bool]:
        """The beginning of the file in whole lines, and whether there is more."""
        try:
            with explained(self.path, "read"), self._open() as stream:
                sample = stream.read(SAMPLE)
        except UnicodeError as error:
            raise self._undecodable() from error
        if len(sample) < SAMPLE:
            return sample, False
        end = max(sample.rfind("\n"), sample.rfind("\r"))
        return (sample[: end + 1], True) if end > 0 else (sample, True)

    def _open(self) -> TextIOWrapper:
        return self._file.open_text(self._text.name, self._text.errors)

    def _undecodable(self) -> FileProblem:
        return FileProblem(
            f"{self.path} looks like {self._text.name} text but cannot be decoded.", "Save it again as UTF-8."
        )


def _without(sample: str, lines: int) -> str:
    """The sample from a line on."""
    stream = io.StringIO(sample, newline="")
    for _ in range(lines):
        stream.readline()
    return stream.read()


def _wrong_width(found: int, expected: str) -> str:
    return f"it has {found} column{'' if found == 1 else 's'}, expected {expected}"
