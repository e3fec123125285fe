"""Damaged, foreign, newer and hostile project files: one clear sentence, nothing lost, never opened as empty."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from core.dataset.formats import Example, Format
from core.errors import ProjectCorrupt, ProjectLocked, ProjectNewer, ProjectProblem
from core.project import Project, Reader, schema
from core.project import connection as connection_module

READING = [lambda folder: Project.open(folder), lambda folder: Project.open(folder, write=False), Reader]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed project with a backup."""
    with Project.create(tmp_path / "p", "Shop") as project:
        rows = [Example((f"anchor {n}", "positive " * 20)) for n in range(500)]
        project.create_dataset("P", Format.PAIRS, examples=rows)
        project.backup()
    return tmp_path / "p"


def garbage(path: Path) -> None:
    path.write_bytes(os.urandom(8192))


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_to_the_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def overwritten_inside(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for page in range(3 * 4096, len(data) - 4096, 8192):
        data[page : page + 2000] = os.urandom(2000)
    path.write_bytes(data)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def missing(path: Path) -> None:
    path.unlink()


def other_tables(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
    connection.execute("PRAGMA user_version=1")
    connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    connection.close()


def no_tables(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA page_size=8192")
    connection.execute("VACUUM")
    connection.close()


def wrong_format(path: Path) -> None:
    change(path, "UPDATE datasets SET format = 'wishes'")


def change(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


DAMAGES = [
    garbage,
    truncated,
    cut_to_the_header,
    overwritten_inside,
    emptied,
    missing,
    other_tables,
    no_tables,
    wrong_format,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_is_noticed_and_the_backup_brings_it_back(folder, damage):
    with Project.open(folder) as project:
        healthy = project.data_hash()
    path = folder / "project.db"
    damage(path)
    broken = path.read_bytes() if path.exists() else None
    with pytest.raises(ProjectCorrupt) as caught:
        Project.open(folder)
    backups = Project.backups(folder)
    assert caught.value.backups == (str(backups[0]),) and "Restore the last backup" in caught.value.hint
    assert str(caught.value).count("\n") == 0 and str(path) in caught.value.message
    assert (path.read_bytes() if path.exists() else None) == broken  # nothing was "repaired"
    kept = Project.restore(folder, caught.value.backups[0])
    assert (kept.read_bytes() if kept else None) == broken
    with Project.open(folder) as project:
        assert project.data_hash() == healthy and project.undo_label == "Create P"
        project.set_cells([(1, "anchor", "goes on")])


@pytest.mark.parametrize("reading", READING[1:])
@pytest.mark.parametrize(
    "damage", [garbage, truncated, emptied, missing, other_tables], ids=lambda d: d.__name__
)
def test_reading_notices_damage_too(folder, damage, reading):
    damage(folder / "project.db")
    with pytest.raises(ProjectCorrupt):
        reading(folder)


def test_damage_without_a_backup_says_so(folder):
    shutil.rmtree(folder / "backups")
    garbage(folder / "project.db")
    with pytest.raises(ProjectCorrupt, match="There is no backup") as caught:
        Project.open(folder)
    assert caught.value.backups == ()


def test_a_lost_database_is_not_made_anew_from_the_text(folder):
    """With backups there was work in it: the plain text must not quietly take its place."""
    (folder / "project.toml").write_text("[project]\nname = 'start'\n")
    (folder / "project.db").unlink()
    for reading in READING:
        with pytest.raises(ProjectCorrupt, match="missing"):
            reading(folder)
    assert not (folder / "project.db").exists()


def test_damage_found_while_working(folder, monkeypatch):
    """Large files are not read through when they are opened: damage shows at the question that meets it."""
    monkeypatch.setattr("core.project.project._CHECKED_AT_ONCE", 0)
    with Project.open(folder) as project:
        page = project._connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'examples'"
        ).fetchone()[0]
    data = bytearray((folder / "project.db").read_bytes())
    data[(page - 1) * 4096 : page * 4096] = os.urandom(4096)
    (folder / "project.db").write_bytes(data)
    with Project.open(folder) as project:
        assert project.datasets()[0].rows == 500
        project.set_recipe({"epochs": 2})
        with pytest.raises(ProjectCorrupt) as caught:
            list(project.rows(1))
        assert caught.value.backups
        with pytest.raises(ProjectCorrupt):
            project.backup()
    assert len(Project.backups(folder)) == 1  # the good one is still there
    assert [path.name for path in (folder / "backups").iterdir()] == [Project.backups(folder)[0].name]


def test_a_folder_instead_of_the_file(folder):
    (folder / "project.db").unlink()
    (folder / "project.db").mkdir()
    for reading in READING:
        with pytest.raises(ProjectProblem, match="is a folder, not a project file"):
            reading(folder)
    Project.restore(folder, Project.backups(folder)[0])
    Project.open(folder).close()


def test_a_database_of_another_program(folder):
    (folder / "project.db").unlink()
    change(folder / "project.db", "CREATE TABLE notes (text)")
    for reading in READING:
        with pytest.raises(ProjectProblem, match="another program"):
            reading(folder)


def test_a_newer_project_is_refused_and_untouched(folder):
    change(
        folder / "project.db", f"PRAGMA user_version={len(schema.MIGRATIONS) + 1}", "CREATE TABLE future (x)"
    )
    before = (folder / "project.db").read_bytes()
    for reading in READING:
        with pytest.raises(ProjectNewer, match=r"newer version of AnchorLab.* Update AnchorLab"):
            reading(folder)
    assert (folder / "project.db").read_bytes() == before


def test_an_older_project_is_brought_up_to_date(folder, monkeypatch):
    with Project.open(folder) as project:
        project.set_cells([(1, "anchor", "since the backup")])
        before = list(project.rows(1))
    newer = [
        *schema.MIGRATIONS,
        ("ALTER TABLE probes ADD COLUMN kind TEXT", "CREATE TABLE extra (x INTEGER)"),
    ]
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    for reading in READING[1:]:
        with pytest.raises(ProjectProblem, match="older version"):
            reading(folder)
    with Project.open(folder) as project:
        assert schema.version(project._connection) == len(newer) and list(project.rows(1)) == before
        assert project.undo() is not None
    assert len(Project.backups(folder)) == 2  # one was made before the change
    for reading in READING:
        reading(folder).close()


def test_a_failing_upgrade_leaves_the_old_version(folder, monkeypatch):
    newer = [*schema.MIGRATIONS, ("CREATE TABLE extra (x INTEGER)", "CREATE TABLE extra (x INTEGER)")]
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    with pytest.raises(sqlite3.OperationalError):
        Project.open(folder)
    monkeypatch.undo()
    Project.open(folder).close()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER evil AFTER INSERT ON examples BEGIN DELETE FROM examples; END",
        "CREATE VIEW evil AS SELECT load_extension('x')",
        "CREATE INDEX evil ON examples (abs(score))",
        "CREATE TABLE evil (x)",
        "CREATE TEMP VIEW harmless AS SELECT 1",
    ],
)
def test_schemas_with_additions_are_refused(folder, statement):
    change(folder / "project.db", statement)
    if "TEMP" in statement:  # never reaches the file
        Project.open(folder).close()
        return
    before = (folder / "project.db").read_bytes()
    for reading in READING:
        with pytest.raises(ProjectProblem, match=r"“evil”, which AnchorLab did not make"):
            reading(folder)
    assert (folder / "project.db").read_bytes() == before


def test_a_view_in_the_place_of_a_table_is_refused(folder):
    change(
        folder / "project.db",
        "DROP TABLE probes",
        "CREATE VIEW probes AS SELECT 1 AS id, 2 AS text, 3 AS other, 4 AS expectation, 5 AS note",
    )
    with pytest.raises(ProjectCorrupt, match="tables are missing or changed"):
        Project.open(folder)


def test_a_hidden_trigger_is_refused(folder):
    """Named like SQLite's own objects, written past its checks."""
    change(
        folder / "project.db",
        "PRAGMA writable_schema=ON",
        "INSERT INTO sqlite_master VALUES ('trigger', 'sqlite_evil', 'examples', 0, "
        "'CREATE TRIGGER sqlite_evil AFTER INSERT ON examples BEGIN DELETE FROM examples; END')",
    )
    with pytest.raises(ProjectProblem):
        Project.open(folder)


@pytest.mark.parametrize("name", ["project.db", "project.lock", "backups", "project.db-wal"])
def test_links_to_elsewhere_are_not_followed(folder, tmp_path, name):
    target = tmp_path / "victim"
    if (folder / name).exists():
        (folder / name).rename(target)
    else:
        target.write_text("precious")
    os.symlink(target, folder / name)
    before = target.read_bytes() if target.is_file() else None
    for reading in READING:
        with pytest.raises(ProjectProblem, match="is a link"):
            reading(folder)
    assert (target.read_bytes() if target.is_file() else None) == before


def test_text_that_is_no_text(folder):
    change(folder / "project.db", "UPDATE examples SET t0 = CAST(x'ff80' AS TEXT) WHERE id = 3")
    with Project.open(folder) as project, pytest.raises(ProjectCorrupt):
        project.examples([3])


def test_backups_are_kept_three_and_only_when_something_changed(folder):
    assert len(Project.backups(folder)) == 1
    with Project.open(folder) as project:
        assert project.backup() == Project.backups(folder)[0]  # nothing changed
        made = []
        for number in range(5):
            project.set_cells([(1, "note", str(number))])
            made.append(project.backup())
        assert Project.backups(folder) == tuple(reversed(made[-3:]))
        (folder / "backups" / "project-mine.txt").write_text("not ours")
        project.undo()
        project.backup()
    assert (folder / "backups" / "project-mine.txt").exists()
    backup = sqlite3.connect(Project.backups(folder)[0])
    assert backup.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert backup.execute("SELECT note FROM examples WHERE id = 1").fetchone() == ("3",)
    backup.close()


def test_a_clock_that_was_put_back_makes_no_new_backup_an_old_one(folder):
    """At the end of summer time, or after a flight to the west."""
    (made,) = Project.backups(folder)
    later = [f"project-2999010{day}-120000-000000.db" for day in (1, 2, 3)]
    for name in later:
        shutil.copy(made, made.with_name(name))
    with Project.open(folder) as project:
        project.set_cells([(1, "note", "the newest state")])
        newest = project.backup()
    kept = Project.backups(folder)
    assert newest == kept[0] and [path.name for path in kept[1:]] == [later[2], later[1]]


def test_a_backup_that_is_being_made_is_left_alone(folder):
    young, old = (folder / "backups" / f".project-{name}.tmp" for name in ("young", "old"))
    for path in (young, old):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    with Project.open(folder) as project:
        project.set_cells([(1, "note", "changed")])
        project.backup()
    assert young.exists() and not old.exists()


def test_restoring_takes_no_chances(folder, tmp_path):
    backup = Project.backups(folder)[0]
    with Project.open(folder), pytest.raises(ProjectLocked):
        Project.restore(folder, backup)
    before = (folder / "project.db").read_bytes()
    garbage(tmp_path / "bad.db")
    with pytest.raises(ProjectCorrupt, match="damaged"):
        Project.restore(folder, tmp_path / "bad.db")
    with pytest.raises(ProjectProblem, match="no backup"):
        Project.restore(folder, tmp_path / "nowhere.db")
    assert (folder / "project.db").read_bytes() == before
    # a write-ahead log that was left behind must not be played into the restored database
    (folder / "project.db-wal").write_bytes(os.urandom(5000))
    kept = Project.restore(folder, backup)
    assert kept is not None and kept.with_name(f"{kept.name}-wal").stat().st_size == 5000
    Project.open(folder).close()


def test_a_project_on_a_read_only_medium(folder, monkeypatch):
    """Where SQLite cannot make its side files it says "unable to open"; without a log the file is read as it lies."""
    connect = connection_module._connect
    asked: list[str] = []

    def refuse(path: Path, query: str) -> sqlite3.Connection:
        asked.append(query)
        if "immutable" in query:
            return connect(path, query)
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
        raise error

    monkeypatch.setattr(connection_module, "_connect", refuse)
    with Project.open(folder, write=False) as project:
        assert project.counts(1)["all"] == 500
    assert asked == ["mode=ro", "mode=ro&immutable=1"]
    (folder / "project.db-wal").write_bytes(b"x" * 100)
    with pytest.raises(ProjectProblem, match="cannot be read"):
        Project.open(folder, write=False)
