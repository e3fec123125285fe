"""Datasets as files that sentence-transformers trains on: its column order, its names, scores as numbers from 0 to 1.

Texts are written character for character. In CSV a text that begins with "=" stays what it is; whoever opens the file in a
spreadsheet should import its columns as text. In XLSX every text is a string cell, never a formula.
"""

from core.dataset.exporting.choices import (
    SUFFIXES,
    ExportChoices,
    Exported,
    Kind,
    Metadata,
    kind_of,
)
from core.dataset.exporting.clipboard import to_tsv_text
from core.dataset.exporting.columns import CellMaker, column_names
from core.dataset.exporting.survey import Survey, survey
from core.dataset.exporting.writing import export, possible_files, write

__all__ = [
    "SUFFIXES",
    "CellMaker",
    "ExportChoices",
    "Exported",
    "Kind",
    "Metadata",
    "Survey",
    "column_names",
    "export",
    "kind_of",
    "possible_files",
    "survey",
    "to_tsv_text",
    "write",
]
