"""What a person decides about an export, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from core.errors import UsageError


class Kind(StrEnum):
    """A kind of file; the values are the words of the command line."""

    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"
    JSON = "json"
    PARQUET = "parquet"
    XLSX = "xlsx"
    FOLDER = "folder"

    @property
    def title(self) -> str:  # type: ignore[override]
        return {
            "csv": "CSV",
            "tsv": "TSV (tabs)",
            "jsonl": "JSON lines",
            "json": "JSON",
            "parquet": "Parquet",
            "xlsx": "Excel workbook",
            "folder": "Hugging Face dataset folder",
        }[self.value]

    @property
    def suffix(self) -> str:
        """The ending of its files; "" for a folder."""
        return "" if self is Kind.FOLDER else f".{self.value}"


class Metadata(StrEnum):
    """Where status, flag, note, split and source of the rows go."""

    NONE = "none"
    COLUMNS = "columns"
    FILE = "file"  # beside the data, so that nobody trains on it


TEXTS = (
    Kind.CSV,
    Kind.TSV,
    Kind.JSONL,
    Kind.JSON,
)  # which may be compressed: their names then end in .gz as well
SUFFIXES = tuple(kind.suffix for kind in Kind if kind is not Kind.FOLDER)


@dataclass(frozen=True)
class ExportChoices:
    """`training` leaves out the rows that cannot or shall not train, and numbers categories; otherwise every row is written."""

    kind: Kind
    training: bool = False
    metadata: Metadata = Metadata.NONE
    by_split: bool = False  # one file for each split; a dataset folder always has them apart
    bom: bool = False  # CSV and TSV: the mark by which Excel knows UTF-8

    def __post_init__(self) -> None:
        if self.training and self.metadata is Metadata.COLUMNS:
            raise UsageError(
                "A file for training cannot hold status, flag, note, split and source: every text column would be trained on.",
                "Write them to a file of their own, or export everything.",
            )


@dataclass(frozen=True)
class Exported:
    """What was written. `left_out` counts rows by the reason they are missing."""

    rows: int
    files: tuple[Path, ...]
    left_out: dict[str, int] = field(default_factory=dict)


def kind_of(path: Path) -> Kind:
    """The kind that the ending of `path` names; a dataset folder has none.

    Raises:
        UsageError: another ending.
    """
    inner = Path(path.stem) if packed(path) else path
    suffix = inner.suffix.lower()
    if suffix not in SUFFIXES or (packed(path) and Kind(suffix[1:]) not in TEXTS):
        raise UsageError(
            f'"{path.name}" has no known ending for a data file.',
            f"Use one of {', '.join(SUFFIXES)}; text files may end in .gz as well.",
        )
    return Kind(suffix[1:])


def packed(path: Path) -> bool:
    """Whether the file is to be compressed."""
    return path.suffix.lower() == ".gz"


def parted_name(path: Path) -> tuple[str, str]:
    """("words", ".csv.gz"): the name of a file and its endings."""
    if packed(path):
        inner = Path(path.stem)
        return inner.stem, inner.suffix + path.suffix
    return path.stem, path.suffix
