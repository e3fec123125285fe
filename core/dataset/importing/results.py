"""What importing takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.dataset.formats import Example, Format, Rejected, Scale

Progress = Callable[[int, int], None]  # (done, total) in bytes or rows, whichever the file can tell
ShouldStop = Callable[[], bool]


@dataclass(frozen=True)
class Mapping:
    """Which column of a file plays which part: our column key (anchor, text_a, negative_2, score, split …) -> its name there."""

    format: Format
    columns: dict[str, str]
    scale: Scale | None = None  # None: detected from the scores

    @property
    def negatives(self) -> int:
        return max(1, sum(key.startswith("negative") for key in self.columns))


@dataclass(frozen=True)
class Inspection:
    """What a file looks like before it is imported. `mapping` is a guess; where it is None, `problem` says why."""

    path: Path
    kind: str  # csv, tsv, jsonl, parquet, xlsx
    encoding: str
    delimiter: str
    quoted: bool
    header: bool
    columns: list[str]
    preview: list[list[str]]
    mapping: Mapping | None
    problem: str = ""


@dataclass(frozen=True)
class ImportResult:
    """The examples of a file (id and number 0), and every line that did not become one."""

    mapping: Mapping
    format: Format
    negatives: int
    scale: Scale
    examples: list[Example]
    rejected: list[Rejected]
    notes: list[str] = field(default_factory=list)
