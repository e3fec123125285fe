"""How a file is read: everything about it that a person may see and change before an import."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.dataset.formats import Format, Scale


class Quoting(StrEnum):
    QUOTED = "quoted"  # "…" encloses a cell; inside, "" is a quotation mark
    PLAIN = "plain"  # quotation marks are characters like any other
    BACKSLASH = "backslash"  # as quoted, and \" or \, is the character itself


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
class Reading:
    """How to read one file. None means: as the file looks. What does not apply to its kind is ignored
    (`Inspection.choices` names what applies).

    Exactly one of `mapping` and `corpus` says what comes out: examples of a format, or unpaired texts. With neither, the columns
    are guessed.
    """

    encoding: str | None = None
    delimiter: str | None = None  # one character; "": every line is one text
    quoting: Quoting | None = None
    skip: int | None = None  # lines before the column names, or before the first row where there are none
    header: bool | None = None
    member: str | None = (
        None  # the sheet of a workbook, the file of an archive, the configuration of a folder
    )
    companions: tuple[
        Path, ...
    ] = ()  # the files of texts that judgements by id refer to; () = those beside it
    zeros: bool = False  # judgements of 0 are negatives; otherwise they are rejected, with this as the reason
    repair: bool = False  # turn garbled letters (â€™) back into what they were (’)
    mapping: Mapping | None = None
    corpus: str | None = None  # the column whose texts are unpaired
    labels: dict[str, float | None] | None = (
        None  # words in the score column -> score from 0 to 1, None: unlabelled
    )
