"""The tables of a project, how older ones are brought up to date, and the refusal of anything else.

A row's texts are inline columns t0 … t17 (unused ones NULL), so that a page, a search and a sort touch one table. `trash` holds
deleted rows, and deleted unpaired texts under negative ids, for as long as the history can bring them back. Ids and numbers
only ever grow, so that within a dataset the order of ids is the order of numbers, and neither is given twice.
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from pathlib import Path

from core.dataset.formats import MAX_NEGATIVES, Format
from core.errors import ProjectNewer, ProjectProblem
from core.project import layout, passes
from core.project.connection import corrupt, transaction

APPLICATION_ID = 0x416E4C62  # "AnLb": tells our files from any other SQLite database

TEXT_COLUMNS = tuple(f"t{slot}" for slot in range(2 + MAX_NEGATIVES))
ROW_COLUMNS = (
    "id",
    "dataset_id",
    "number",
    "score",
    "raw_score",
    "split",
    "flag",
    "note",
    "source",
    "status",
    *TEXT_COLUMNS,
)

_ROW = f"""
    id INTEGER PRIMARY KEY,
    dataset_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    score REAL,
    raw_score TEXT NOT NULL,
    split TEXT NOT NULL,
    flag INTEGER NOT NULL,
    note TEXT NOT NULL,
    source TEXT NOT NULL,
    {", ".join(f"{name} TEXT" for name in TEXT_COLUMNS)}"""

_COUNTERS = 5

# One tuple of statements per version. Never change one that was released: add the next.
MIGRATIONS: list[tuple[str, ...]] = [
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
        "INSERT INTO counters VALUES ('dataset', 0), ('example', 0), ('batch', 0), ('history', 0), ('revision', 0)",
        # rows … test: how many rows each filter of a view has; trashed: the batch it was deleted in, 0 = it is there
        """CREATE TABLE datasets (id INTEGER PRIMARY KEY, name TEXT NOT NULL, format TEXT NOT NULL,
            negatives INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL, last_number INTEGER NOT NULL,
            trashed INTEGER NOT NULL, rows INTEGER NOT NULL, unlabelled INTEGER NOT NULL, flagged INTEGER NOT NULL,
            train INTEGER NOT NULL, eval INTEGER NOT NULL, test INTEGER NOT NULL)""",
        f"CREATE TABLE examples ({_ROW})",
        "CREATE UNIQUE INDEX examples_number ON examples (dataset_id, number)",
        f"CREATE TABLE trash ({_ROW}, batch INTEGER NOT NULL)",
        "CREATE INDEX trash_batch ON trash (batch)",
        # batches: the trash an entry can still bring back, as JSON; payload: the edit that undoes or redoes it, as JSON
        """CREATE TABLE history (id INTEGER PRIMARY KEY, label TEXT NOT NULL, batches TEXT NOT NULL,
            payload TEXT NOT NULL)""",
        "CREATE TABLE discarded (batch INTEGER PRIMARY KEY)",
        "CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, source TEXT NOT NULL)",
        """CREATE TABLE probes (id INTEGER PRIMARY KEY, text TEXT NOT NULL, other TEXT NOT NULL,
            expectation TEXT NOT NULL, note TEXT NOT NULL)""",
    ),
    (
        "ALTER TABLE examples ADD COLUMN status TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE trash ADD COLUMN status TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE datasets ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE datasets ADD COLUMN rejected INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE datasets ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0",
    ),
    passes.TABLES,
    (
        """CREATE TABLE verdicts (anchor TEXT NOT NULL, text TEXT NOT NULL, kind TEXT NOT NULL,
            PRIMARY KEY (anchor, text)) WITHOUT ROWID""",
    ),
    (
        "ALTER TABLE probes ADD COLUMN k INTEGER NOT NULL DEFAULT 10",
        """CREATE TABLE probe_texts (probe_id INTEGER NOT NULL, role TEXT NOT NULL, place INTEGER NOT NULL,
            text TEXT NOT NULL, PRIMARY KEY (probe_id, role, place)) WITHOUT ROWID""",
    ),
]

_FIXED = ROW_COLUMNS.index("t0")
FIXED_COLUMNS = ROW_COLUMNS[:_FIXED]  # everything of a row but its texts


def create(connection: sqlite3.Connection) -> None:
    """Give an empty database the current schema."""
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    _migrate(connection, MIGRATIONS, 0)


def upgrade(connection: sqlite3.Connection) -> None:
    """Bring an older, verified schema up to date, one transaction per version."""
    _migrate(connection, MIGRATIONS, version(connection))


def _migrate(connection: sqlite3.Connection, migrations: list[tuple[str, ...]], start: int) -> None:
    for number, statements in enumerate(migrations[start:], start + 1):
        with transaction(connection):
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={number}")


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_current(connection: sqlite3.Connection) -> bool:
    return version(connection) == len(MIGRATIONS)


def verify(connection: sqlite3.Connection, folder: Path) -> None:
    """Refuse a database that is not exactly a project of this or an older version.

    Raises:
        ProjectNewer: a newer program wrote it.
        ProjectCorrupt: tables are missing or different.
        ProjectProblem: it is another program's file, or something was added to it (a trigger or view could change data).
    """
    path = folder / layout.DATABASE
    identity = connection.execute("PRAGMA application_id").fetchone()[0]
    number = version(connection)
    found = _objects(connection)
    if identity != APPLICATION_ID:
        if not found:
            raise corrupt(folder, f"The project file {path} is empty.")
        raise ProjectProblem(
            f"{path} is a database of another program.", "Choose the folder of an AnchorLab project."
        )
    if number > len(MIGRATIONS):
        raise ProjectNewer(
            f"The project in {folder} was made by a newer version of AnchorLab (format {number}, this one reads up to {len(MIGRATIONS)}).",
            "Update AnchorLab to open it.",
        )
    expected = _expected(tuple(MIGRATIONS[:number]))
    if number < 1 or any(found.get(key) != sql for key, sql in expected.items()):
        raise corrupt(folder, f"The project file {path} is damaged: tables are missing or changed.")
    if added := sorted(key for key in found if key not in expected):
        kind, name = added[0]
        raise ProjectProblem(
            f"{path} contains the {kind} “{name}”, which AnchorLab did not make, and was not opened.",
            "Ask where the project comes from; a project holds only data.",
        )

    known = ", ".join(f"'{format}'" for format in Format)
    odd = connection.execute(
        f"""SELECT count(*) FROM datasets WHERE format NOT IN ({known}) OR low = high
            OR typeof(negatives) <> 'integer' OR negatives NOT BETWEEN 1 AND {MAX_NEGATIVES} OR typeof(name) <> 'text'"""
    )
    counters = connection.execute("SELECT count(*) FROM counters WHERE typeof(value) = 'integer'")
    if odd.fetchone()[0] or counters.fetchone()[0] < _COUNTERS:
        raise corrupt(folder, f"The project file {path} is damaged: its list of datasets cannot be read.")


def _objects(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """(type, name) → SQL with single spaces, without the indexes and statistics that SQLite keeps for itself."""
    return {
        (kind, name): " ".join((sql or "").split())
        for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master")
        if not (name.startswith("sqlite_") and kind in ("table", "index"))
    }


@lru_cache(maxsize=4)
def _expected(migrations: tuple[tuple[str, ...], ...]) -> dict[tuple[str, str], str]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        _migrate(connection, list(migrations), 0)
        return _objects(connection)
    finally:
        connection.close()
