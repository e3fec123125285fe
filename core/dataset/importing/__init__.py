"""Files of other programs, turned into examples."""

from core.dataset.importing.choices import Mapping, Quoting, Reading
from core.dataset.importing.clipboard import read_tsv_text
from core.dataset.importing.columns import format_of, parse_columns
from core.dataset.importing.inspecting import inspect
from core.dataset.importing.reading import read, read_texts
from core.dataset.importing.results import ImportResult, Inspection, Repair, TextsResult

__all__ = [
    "ImportResult",
    "Inspection",
    "Mapping",
    "Quoting",
    "Reading",
    "Repair",
    "TextsResult",
    "format_of",
    "inspect",
    "parse_columns",
    "read",
    "read_texts",
    "read_tsv_text",
]
