"""Reading a project from another thread or process while the window goes on editing it."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import ProjectProblem
from core.project import layout, schema, side_by_side
from core.project.connection import corrupt, explained, open_reader
from core.project.queries import Queries
from core.project.views import View

_SIDE_BY_SIDE = 200_000  # rows from where a second connection is worth its while


class Reader(Queries):
    """A connection of its own that cannot write and sees every committed edit.

    One thread at a time asks; any thread may call `interrupt`. Close it, or use it as a context manager.

    Raises:
        ProjectProblem, ProjectNewer, ProjectCorrupt: as `Project.open`.
    """

    def __init__(self, folder: Path) -> None:
        from core.project import plaintext

        folder = Path(folder)
        layout.check_folder(folder)
        plaintext.materialise_if_needed(folder)
        super().__init__(folder, open_verified(folder))
        self._helper: sqlite3.Connection | None = None

    @classmethod
    def _of_open_project(cls, folder: Path) -> Reader:
        """For a project that this process has open, and has verified. Raises: ProjectProblem, when it went away."""
        reader = cls.__new__(cls)
        if not (folder / layout.DATABASE).exists():
            raise ProjectProblem(
                f"The project is no longer in {folder}.",
                "Put the folder back where it was, or close the project.",
            )
        with explained(folder):
            Queries.__init__(reader, folder, open_reader(folder / layout.DATABASE))
        reader._helper = None
        return reader

    def interrupt(self) -> None:
        """Make the question that is being answered in another thread end with `Cancelled`."""
        for connection in (self._connection, self._helper):
            try:
                if connection is not None:
                    connection.interrupt()
            except sqlite3.ProgrammingError:
                continue  # closed meanwhile: nothing is running

    def ids(self, dataset_id: int, view: View | None = None) -> array[int]:
        """As `Queries.ids`. Through very many rows two connections look side by side, each at one half."""
        info, wanted = self.dataset(dataset_id), view or View()
        first, last = self._first_and_last(dataset_id)
        many = info.rows >= _SIDE_BY_SIDE and last - first < 4 * info.rows
        if many and side_by_side.possible(wanted):
            return side_by_side.ids(self, info, wanted, first, last)
        return self._ids_between(info, wanted, first, last)

    @contextmanager
    def snapshot(self) -> Iterator[Self]:
        """All questions inside are answered from one moment, whatever is edited meanwhile."""
        with explained(self.folder):
            self._connection.execute("BEGIN")
        try:
            yield self
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def check_file(folder: Path) -> None:
    """What can be told from the outside of the database file.

    Raises:
        ProjectCorrupt, ProjectProblem: missing although there are backups, a folder, empty, or no SQLite file at all.
    """
    path = folder / layout.DATABASE
    if not path.exists():
        layout.require_project(folder)
        raise corrupt(folder, f"The project file {path} is missing.")
    if not path.is_file():
        raise ProjectProblem(f"{path} is a folder, not a project file.", "Move it away and restore a backup.")
    try:
        with path.open("rb") as stream:
            head = stream.read(16)
    except OSError as error:
        raise ProjectProblem(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    if not head:
        raise corrupt(folder, f"The project file {path} is empty.")
    if head != b"SQLite format 3\x00":
        raise corrupt(folder)


def open_verified(folder: Path) -> sqlite3.Connection:
    """A read-only connection to a database that is a project of this version.

    Raises:
        ProjectProblem, ProjectNewer, ProjectCorrupt
    """
    check_file(folder)
    with explained(folder):
        connection = open_reader(folder / layout.DATABASE)
        try:
            schema.verify(connection, folder)
            if not schema.is_current(connection):
                raise ProjectProblem(
                    f"The project in {folder} was made by an older version of AnchorLab.",
                    "Open it once for writing, which brings it up to date.",
                )
        except BaseException:
            connection.close()
            raise
    return connection
