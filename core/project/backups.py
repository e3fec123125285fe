"""Backups of a project's database, and the way back to one."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from core.atomic import explained as os_explained
from core.atomic import put
from core.errors import ProjectLocked, ProjectProblem
from core.locks import FileLock
from core.project import layout, schema
from core.project.connection import corrupt, explained, open_immutable, open_reader

KEPT = 3

_STAMP = "%Y%m%d-%H%M%S-%f"
_LEFT_OVER = 3600.0  # seconds


def back_up(folder: Path) -> Path:
    """Copy the database into `backups/`, check the copy, keep the newest `KEPT`. For a worker thread: 1M rows take seconds.

    Nothing is copied when the newest backup has the same contents. Returns the newest backup.

    Raises:
        ProjectCorrupt: the copy is damaged, so the project is; older backups are left alone.
        DiskFull, FileProblem, ProjectProblem
    """
    existing = layout.backups(folder)
    with explained(folder):
        source = open_reader(folder / layout.DATABASE)
        try:
            if existing and _revision(existing[0]) == source.execute(_REVISION).fetchone()[0]:
                return existing[0]
            target = folder / layout.BACKUPS / f"project-{_stamp(existing)}.db"
            with os_explained(target):
                target.parent.mkdir(exist_ok=True)
                _forget_leftovers(target.parent)
                temporary = target.with_name(f".{target.stem}.tmp")
                try:
                    _copy(source, temporary)
                    check_copy(folder, temporary)
                    sync(temporary)
                    put(temporary, target)
                except BaseException:
                    temporary.unlink(missing_ok=True)
                    raise
                for old in layout.backups(folder)[KEPT:]:
                    old.unlink(missing_ok=True)
        finally:
            source.close()
    return target


def _stamp(existing: Sequence[Path]) -> str:
    """The time for the name of a new backup: later than that of every other one, even if the clock was put back."""
    now = datetime.now()
    with suppress(ValueError, IndexError):  # no other one, or a person named it
        now = max(now, datetime.strptime(existing[0].stem, f"project-{_STAMP}") + timedelta(microseconds=1))
    return now.strftime(_STAMP)


def _forget_leftovers(folder: Path) -> None:
    """Copies whose making was killed; a young one may be another's that is being made."""
    for leftover in folder.glob(".project-*.tmp"):
        with suppress(FileNotFoundError):
            if time.time() - leftover.stat().st_mtime > _LEFT_OVER:
                leftover.unlink()


def restore(folder: Path, backup: Path) -> Path | None:
    """Put a backup in the place of the project's database. The damaged file stays beside it; returns its path.

    Raises:
        ProjectLocked: the project is open somewhere.
        ProjectCorrupt: the backup itself is damaged; nothing was changed.
        DiskFull, FileProblem, ProjectProblem
    """
    layout.check_folder(folder)
    if not backup.is_file():
        raise ProjectProblem(
            f"There is no backup {backup}.", "Choose one of the files in the project's folder “backups”."
        )
    lock = FileLock(folder / layout.LOCK)
    if not lock.acquire():
        raise ProjectLocked(
            f"The project in {folder} is open in another window.", "Close it there, then restore the backup."
        )
    path = folder / layout.DATABASE
    temporary = folder / f".{layout.DATABASE}.restored.tmp"
    try:
        with os_explained(path, "restore"), explained(folder):
            check_copy(folder, backup)
            source = open_immutable(backup)
            try:
                temporary.unlink(missing_ok=True)
                _copy(source, temporary)
            finally:
                source.close()
            sync(temporary)
            damaged = _set_aside(path)
            put(temporary, path)
            sync(folder)
            return damaged
    finally:
        temporary.unlink(missing_ok=True)
        lock.release()


def _set_aside(path: Path) -> Path | None:
    """Move the database and SQLite's side files out of the way: a write-ahead log must never meet another database."""
    stamp = datetime.now().strftime(_STAMP)
    aside = path.with_name(f"project.damaged-{stamp}.db")
    for suffix in ("-wal", "-shm", "-journal", ""):
        found = path.with_name(path.name + suffix)
        if found.exists():
            found.rename(aside.with_name(aside.name + suffix))
    return aside if aside.exists() else None


_REVISION = "SELECT value FROM counters WHERE name = 'revision'"


def _revision(backup: Path) -> int | None:
    try:
        connection = open_immutable(backup)
        try:
            return int(connection.execute(_REVISION).fetchone()[0])
        finally:
            connection.close()
    except (sqlite3.Error, TypeError):
        return None  # an unreadable backup is no reason not to make a new one


def _copy(source: sqlite3.Connection, path: Path) -> None:
    target = sqlite3.connect(path, isolation_level=None)
    try:
        source.backup(target)
    finally:
        target.close()


def check_copy(folder: Path, path: Path) -> None:
    """Raises: ProjectCorrupt, ProjectNewer, ProjectProblem when the file at `path` is no sound project database."""
    try:
        connection = open_immutable(path)
        try:
            schema.verify(connection, folder)
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise corrupt(folder, f"The project's data in {path} is damaged.", details=str(found))


def sync(path: Path) -> None:
    """Make sure that a finished file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows has no such call for folders, and does not need it
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
