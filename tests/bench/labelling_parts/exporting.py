"""Export of 50,000 scored pairs from a project to every kind of file, as the window and the command line do it."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from core.dataset.exporting import ExportChoices, Kind, Metadata, export
from core.dataset.formats import Example, Format
from core.project import Project, Reader
from tests.bench.report import Figure, at_most

ROWS = 50_000
LIMIT = 3.0  # seconds


def figures(options: argparse.Namespace) -> list[Figure]:
    """Seconds for each kind; whatever the size of the large table, the target is for 50,000 rows."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _project(place / "p")
        found = []
        for kind in Kind:
            with Reader(place / "p") as reader:
                (info,) = reader.datasets()
                choices = ExportChoices(kind, training=True, metadata=Metadata.FILE)
                start = time.perf_counter()
                made = export(
                    place / f"out{kind.suffix}", info, reader.rows(info.id), choices, total=info.rows
                )
                spent = time.perf_counter() - start
            assert made.rows == ROWS
            found.append(at_most(f"export of {ROWS:,} rows: {kind.title}", spent, "s", LIMIT))
        return found


def _project(folder: Path) -> None:
    def rows() -> list[Example]:
        words = "a calm and sturdy garden chair of dark oak, made by hand"
        return [
            Example((f"{words} {n}", f"“{words}” – {n % 977}\nin grey"), (n % 11) / 10, str(n % 11))
            for n in range(ROWS)
        ]

    with Project.create(folder, "Export") as project:
        project.create_dataset("Pairs", Format.SCORED, examples=rows())
