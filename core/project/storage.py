"""Making a project's database: complete under its final name, or not there at all."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from core.atomic import explained as os_explained
from core.atomic import neighbour, put
from core.project import layout, schema
from core.project.backups import sync
from core.project.connection import explained, open_writer, transaction
from core.project.edits import Edit
from core.project.step import Step

_TEMPORARY = f".{layout.DATABASE}."


def create(folder: Path, edits: Sequence[Edit]) -> None:
    """Write `project.db` with these edits done, which start no history. The caller holds the project's lock.

    Raises:
        DataProblem, DiskFull, FileProblem, ProjectProblem: the folder has no database, as before.
    """
    path = folder / layout.DATABASE
    with os_explained(path), explained(folder):
        for leftover in folder.glob(f"{_TEMPORARY}*"):  # of an attempt that was killed
            leftover.unlink()
        temporary = neighbour(path)
        try:
            with contextlib.closing(open_writer(temporary)) as connection:
                connection.execute("PRAGMA journal_mode=MEMORY")
                connection.execute("PRAGMA synchronous=OFF")  # the finished file is synced as a whole below
                schema.create(connection)
                _fill(connection, edits)
            sync(temporary)
            put(temporary, path)
            sync(folder)
        except BaseException:
            for suffix in ("", "-journal", "-wal", "-shm"):
                temporary.with_name(temporary.name + suffix).unlink(missing_ok=True)
            raise


def _fill(connection: sqlite3.Connection, edits: Sequence[Edit]) -> None:
    with transaction(connection):
        step = Step(connection)
        for edit in edits:
            edit.apply(step)
