"""Connections to a project's database, their settings, and SQLite's errors in words for a person.

A project may come from a stranger: the schema is not trusted, extensions cannot be loaded, and `schema.verify` refuses
triggers and views before anything is written.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import Cancelled, DiskFull, ProjectCorrupt, ProjectProblem
from core.project import layout

_BUSY_SECONDS = 5.0
_CACHE_KIB = 65536
_LOG_BYTES = 64 * 2**20
_STEPS_BETWEEN_QUESTIONS = 50_000  # of SQLite's machine: some milliseconds
_CANNOT_OPEN = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})


def _connect(path: Path, query: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{query}",
        uri=True,
        isolation_level=None,  # transactions are begun and ended by `transaction`, never implicitly
        check_same_thread=False,  # opened in a worker, then used by the window: one thread at a time
        cached_statements=256,
        timeout=_BUSY_SECONDS,
    )
    try:
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        if sys.version_info >= (3, 12):
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_VIEW, False)
    except BaseException:
        connection.close()
        raise
    return connection


def open_writer(path: Path) -> sqlite3.Connection:
    """A connection that may write. Nothing is written yet; `make_durable` follows once the schema is verified."""
    return _connect(path, "mode=rw")


def make_durable(connection: sqlite3.Connection) -> None:
    """Every commit is on the disk before it returns, and readers never wait for the writer."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA journal_size_limit={_LOG_BYTES}")


def shorten_log(connection: sqlite3.Connection, path: Path) -> None:
    """After an edit of very many rows, give the space of the write-ahead log back at once: otherwise the next small edit
    would pay for it. Readers that are busy put it off; nothing depends on it."""
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or log.stat().st_size <= _LOG_BYTES:
        return
    connection.execute("PRAGMA busy_timeout=0")
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return  # the edit itself is committed; the log is copied at a later one
    finally:
        connection.execute(f"PRAGMA busy_timeout={int(_BUSY_SECONDS * 1000)}")


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. On a medium where SQLite cannot make its side files, nobody can be writing
    either, and the database is read as it lies there."""
    try:
        connection = _connect(path, "mode=ro")
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
    except sqlite3.OperationalError as error:
        wal = path.with_name(f"{path.name}-wal")
        if _primary(error) not in _CANNOT_OPEN or not path.is_file() or (wal.exists() and wal.stat().st_size):
            raise
        return open_immutable(path)
    return connection


def open_immutable(path: Path) -> sqlite3.Connection:
    """Read a file that nobody writes, without any side file: a backup, or a project on a read-only medium."""
    return _connect(path, "mode=ro&immutable=1")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block or none of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if (
            connection.in_transaction
        ):  # SQLite has already rolled back after some errors, a full disk among them
            connection.execute("ROLLBACK")
        raise


@contextmanager
def interruptible(connection: sqlite3.Connection, should_stop: Callable[[], bool] | None) -> Iterator[None]:
    """End what the block asks of SQLite with an interruption (`Cancelled`, once explained) when `should_stop` answers True."""
    if should_stop is None:
        yield
        return
    connection.set_progress_handler(should_stop, _STEPS_BETWEEN_QUESTIONS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
    if should_stop():
        raise Cancelled


def _primary(error: sqlite3.Error) -> int:
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else was writing for all of the time that we waited."""
    return _primary(error) == sqlite3.SQLITE_BUSY


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn SQLite's errors about the project in `folder` into the sentences that a person can act on.

    Raises:
        DiskFull, Cancelled (a reader was interrupted), ProjectCorrupt, ProjectProblem
    """
    try:
        yield
    except sqlite3.Error as error:
        found = _explain(error, folder)
        if found is None:
            raise
        raise found from error


def _explain(error: sqlite3.Error, folder: Path) -> Exception | None:
    path = folder / layout.DATABASE
    text = str(error)
    match _primary(error):
        case sqlite3.SQLITE_FULL:
            return disk_full(folder)
        case sqlite3.SQLITE_INTERRUPT:
            return Cancelled()
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return corrupt(folder, details=text)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return ProjectProblem(
                f"Another program is writing to {path}.", "Try again in a moment.", details=text
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return ProjectProblem(
                f"{path} cannot be written, or was moved away while it was open.",
                "Check the folder and its permissions, then open the project again.",
                details=text,
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_IOERR:
            return ProjectProblem(
                f"{path} cannot be read or written: {text}.",
                "Check the disk and the folder's permissions.",
                details=text,
            )
    if "full" in text and "disk" in text:
        return disk_full(folder)
    if "decode to UTF-8" in text:
        return corrupt(folder, details=text)
    return None


def disk_full(folder: Path) -> DiskFull:
    return DiskFull(
        f"There is no disk space left to change the project in {folder}.",
        "Free some space and do it again; everything before it is saved.",
    )


def corrupt(folder: Path, what: str = "", details: str = "") -> ProjectCorrupt:
    """The error for a damaged project file; `what` replaces the default sentence."""
    kept = tuple(str(path) for path in layout.backups(folder))
    hint = (
        "Restore the last backup; the damaged file is kept beside it."
        if kept
        else "There is no backup; the file was left as it is."
    )
    return ProjectCorrupt(
        what or f"The project file {folder / layout.DATABASE} is damaged.",
        hint,
        backups=kept,
        details=details,
    )
