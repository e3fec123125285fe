"""Verdicts about proposed pairs: normalised, undoable, there after a restart, and in projects of older versions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.dataset.formats import Example, Format
from core.errors import DataProblem
from core.project import Project, schema
from core.project.verdicts import SetVerdicts, verdict


def test_another_spelling_is_the_same_pair(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", "P") as project:
        empty = project.data_hash()
        change = project.apply(SetVerdicts((verdict("Soft  Girl", "Tweed", "negative"),)), "Judge")
        assert change.kinds == {"verdicts"}
        project.apply(SetVerdicts((verdict("soft girl", "TWEED", "positive"),)), "Judge again")
        assert project.verdicts() == [("soft girl", "tweed", "positive")]
        again = project.apply(SetVerdicts((verdict("soft girl", "tweed ", "positive"),)), "Same")
        assert not again.kinds
    with Project.open(tmp_path / "p") as project:
        project.undo()
        assert project.verdicts() == [("soft girl", "tweed", "negative")]
        project.undo()
        assert project.verdicts() == [] and project.data_hash() == empty


def test_a_verdict_that_does_not_exist(tmp_path: Path) -> None:
    with (
        Project.create(tmp_path / "p", "P") as project,
        pytest.raises(DataProblem, match="negative, positive"),
    ):
        project.apply(SetVerdicts((("a", "b", "maybe"),)), "Judge")


@pytest.mark.parametrize("version", [1, 2, 3])
def test_projects_of_older_versions_get_the_table(tmp_path: Path, version: int) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "project.db", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
        schema._migrate(connection, schema.MIGRATIONS[:version], 0)
    with Project.open(folder) as project:
        project.create_dataset("d", Format.PAIRS, examples=[Example(("a", "b"))])
        project.apply(SetVerdicts((verdict("a", "c", "skip"),)), "Judge")
        assert project.verdicts() == [("a", "c", "skip")]
