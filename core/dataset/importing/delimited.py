"""CSV, TSV and their relatives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from operator import itemgetter
from pathlib import Path
from typing import Any

from core.atomic import explained
from core.dataset.importing.content import looks_like_header
from core.dataset.importing.dialects import is_blank, sniff
from core.dataset.importing.encodings import TextEncoding
from core.dataset.importing.limits import SAMPLE
from core.dataset.importing.lines import Lines, parse
from core.dataset.importing.source import EVERY, Record, Reject, TableSource, Ticker
from core.errors import FileProblem, ImportProblem


class DelimitedSource(TableSource):
    quoted = True

    def __init__(self, path: Path, encoding: TextEncoding) -> None:
        super().__init__(path)
        self._text = encoding
        self.encoding = encoding.name
        if encoding.note:
            self.notes.append(encoding.note)
        sample, truncated = self._read_sample()
        shape = sniff(sample, truncated, "\t" if path.suffix.lower() in (".tsv", ".tab") else ",")
        if not shape.rows:
            reason = f" that can be read ({shape.problem})" if shape.problem else ""
            raise ImportProblem(f"{path.name} holds no rows{reason}.", "Choose a file that holds data.")
        self._dialect = shape.dialect
        self.delimiter, self.quoted = shape.dialect.delimiter, shape.dialect.quoted
        self.kind = "tsv" if self.delimiter == "\t" else "csv"
        self._usual = shape.usual_widths
        usual = [row for row in shape.rows[1:] if len(row) in self._usual]
        self.set_first(shape.rows[0], usual, looks_like_header(shape.rows[0], usual))

    def records(self, picks: Sequence[int], reject: Reject, ticker: Ticker) -> Iterator[Record]:
        pick = itemgetter(*picks) if len(picks) > 1 else lambda row: (row[picks[0]],)
        widths = {len(self.columns)} if self.header else {w for w in self._usual if w > max(picks)}
        expected = " or ".join(map(str, sorted(widths)))
        skip_first = self.header
        total = self.path.stat().st_size
        with explained(self.path, "read"), self._open() as stream:
            ticker(0, total)
            countdown = EVERY
            try:
                for line, row in parse(Lines(stream), self._dialect):
                    countdown -= 1
                    if not countdown:
                        countdown = EVERY
                        ticker(position(stream), total)
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
        return self.path.open(encoding=self._text.name, errors=self._text.errors, newline="")

    def _undecodable(self) -> FileProblem:
        return FileProblem(
            f"{self.path} looks like {self._text.name} text but cannot be decoded.", "Save it again as UTF-8."
        )


def position(stream: Any) -> int:
    """How many bytes a text stream has taken from its file (its own `tell` is barred while it is iterated)."""
    return stream.buffer.tell()


def _wrong_width(found: int, expected: str) -> str:
    return f"it has {found} column{'' if found == 1 else 's'}, expected {expected}"
