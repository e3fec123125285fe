"""Files of other programs, turned into examples."""

from core.dataset.importing.clipboard import read_tsv_text
from core.dataset.importing.columns import format_of, parse_columns
from core.dataset.importing.reading import inspect, read
from core.dataset.importing.results import ImportResult, Inspection, Mapping

__all__ = [
    "ImportResult",
    "Inspection",
    "Mapping",
    "format_of",
    "inspect",
    "parse_columns",
    "read",
    "read_tsv_text",
]
