"""What importing gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from core.dataset.formats import Example, Format, Rejected, Scale
from core.dataset.importing.choices import Mapping, Reading

Progress = Callable[[int, int], None]  # (done, total) in bytes or rows, whichever the file can tell
ShouldStop = Callable[[], bool]


class Repair(NamedTuple):
    """A text with garbled letters, and what `Reading.repair` makes of it."""

    before: str
    after: str


@dataclass(frozen=True)
class Inspection:
    """What a file looks like under a reading, from its beginning.

    `mapping` is the reading's or a guess; where it is None and `reading.corpus` too, `problem` says why.
    """

    path: Path
    kind: str  # csv, tsv, text, jsonl, parquet, xlsx, ods …
    encoding: str
    delimiter: str
    quoted: bool
    header: bool
    columns: list[str]
    preview: list[list[str]]  # cells by column, as `repair` leaves them
    mapping: Mapping | None
    problem: str = ""

    reading: Reading = field(default_factory=Reading)  # complete: what was asked for, the rest as detected
    choices: frozenset[str] = frozenset()  # the fields of `reading` that apply to this kind of file
    found: str = ""  # in words: "CSV", "BEIR folder", "Prodigy annotations" …
    encodings: tuple[str, ...] = ()  # that the file can be decoded with, the likeliest first
    confidence: float = 1.0  # that the encoding is right, 0 to 1
    members: tuple[str, ...] = ()  # to choose `reading.member` from
    mojibake: tuple[Repair, ...] = ()  # a few texts that `repair` changes
    garbled: int = 0  # how many of the sample's rows it changes
    labels: dict[str, int] = field(
        default_factory=dict
    )  # words in the score column -> how often, in the sample
    scale: Scale | None = (
        None  # of the scores in the sample; None: there are none, or they fit no known scale
    )
    examples: list[Example] = field(default_factory=list)  # what the first rows become
    rejected: list[Rejected] = field(default_factory=list)  # of the sample
    texts: list[str] = field(default_factory=list)  # the first unpaired texts, with `reading.corpus`
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ImportResult:
    """The examples of a file (id and number 0), and every line that did not become one."""

    mapping: Mapping
    format: Format
    negatives: int
    scale: Scale
    examples: Sequence[Example]
    rejected: list[Rejected]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class TextsResult:
    """The unpaired texts of a file in its order, and every line that is none."""

    texts: list[str]
    rejected: list[Rejected]
    notes: list[str] = field(default_factory=list)
