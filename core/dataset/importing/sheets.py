"""What spreadsheets of every kind have in common: archives that are believed only so far, and sheets whose lines are their row numbers."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.dataset.importing.choices import Reading
from core.dataset.importing.content import looks_like_header
from core.dataset.importing.limits import MAX_SHEET, MAX_SHEET_RATIO, SHEET_UNSUSPECTED
from core.dataset.importing.source import TableSource, chosen_member, first_rows, lines_above
from core.errors import FileProblem, ImportProblem

MOST_ROWS = 1_048_576  # of a sheet; a row number beyond it is made up

SheetRow = tuple[int, list[str]]  # (row number, cells without the empty ones at the end)


def check_unpacked(path: Path, parts: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what a spreadsheet never is: enormous when unpacked.

    Raises:
        FileProblem
    """
    size, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if size > MAX_SHEET or (size > SHEET_UNSUSPECTED and size > MAX_SHEET_RATIO * packed):
        raise FileProblem(
            f"{path} unpacks to {size >> 20:,} MB, which is more than a spreadsheet should.",
            "Save the sheet as CSV and import that.",
        )


class SheetSource(TableSource):
    """One sheet of several."""

    choices = frozenset({"member", "skip", "header", "repair"})

    def choose(self, members: Iterable[str], reading: Reading) -> None:
        """Settle which of the sheets with data is read.

        Raises:
            ImportProblem: there is none, or none of the name asked for.
        """
        self.members = tuple(members)
        if not self.members:
            raise ImportProblem(f"{self.name} holds no rows.", "Choose a spreadsheet that holds data.")
        self.member = chosen_member(self.name, self.members, reading.member, "sheet")
        if reading.member is None and len(self.members) > 1:
            self.notes.append(
                f'Only the first sheet, "{self.member}", was read; there are {len(self.members)} with data.'
            )

    def begin(self, sheet: Iterable[SheetRow], reading: Reading) -> None:
        """Settle by its first rows where the table in the sheet begins, and what its columns are called.

        Raises:
            ImportProblem: nothing is left of it.
        """
        rows = first_rows(sheet)
        self.skip = lines_above(rows, self.notes) if reading.skip is None else reading.skip
        sample = [row for number, row in rows if number > self.skip]
        if not sample:
            raise ImportProblem(
                f"{self.name} holds no rows below line {self.skip}.", "Leave out fewer lines."
            )
        first, rest = sample[0], sample[1:]
        self.set_first(first, rest, lambda: looks_like_header(first, rest), reading.header)
