"""What a person decided about a row as a whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.dataset.formats import Example, Format
from core.dataset.validation import check
from core.errors import DataProblem
from core.project import Project, View, schema
from core.training.job import plan


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p", "Shop") as project:
        rows = [Example((f"a{n}", f"b{n}")) for n in range(4)]
        project.create_dataset("Pairs", Format.PAIRS, examples=rows)
        yield project


def test_a_status_is_set_filtered_counted_sorted_and_undone(project: Project) -> None:
    before = project.data_hash()
    first, second, third, fourth = project.ids(1)
    project.set_cells(
        [(first, "status", "accepted"), (second, "status", "rejected"), (third, "status", "skipped")]
    )
    assert [example.status for example in project.examples(project.ids(1))] == [
        "accepted",
        "rejected",
        "skipped",
        "",
    ]
    counts = project.counts(1)
    assert (counts["accepted"], counts["rejected"], counts["skipped"]) == (1, 1, 1)
    assert list(project.ids(1, View(filter="rejected"))) == [second]
    assert list(project.ids(1, View(sort="status"))) == [fourth, first, second, third]
    project.delete_examples([second])
    assert project.counts(1)["rejected"] == 0
    project.undo()
    assert project.counts(1)["rejected"] == 1
    project.undo()
    assert project.data_hash() == before


def test_an_unknown_status_is_refused(project: Project) -> None:
    with pytest.raises(DataProblem, match="no status"):
        project.set_cells([(1, "status", "maybe")])
    with pytest.raises(DataProblem, match="has the status"):
        project.add_examples(1, [Example(("a", "b"), status="maybe")])


def test_a_rejected_row_is_neither_trained_on_nor_checked_nor_still_to_do(project: Project) -> None:
    first = project.ids(1)[0]
    project.set_cells([(first, "positive", "")])
    assert project.counts(1)["unlabelled"] == 1
    assert any(issue.kind == "empty_cell" for issue in check(project.dataset(1), project.rows(1)))
    project.set_cells([(first, "status", "rejected")])
    assert project.counts(1)["unlabelled"] == 0
    assert not any(issue.kind == "empty_cell" for issue in check(project.dataset(1), project.rows(1)))
    assert [row.id for row in plan(project.folder).rows] == list(project.ids(1))[1:]


def test_a_project_of_the_first_version_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "project.db", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
        schema._migrate(connection, schema.MIGRATIONS[:1], 0)
        connection.execute(
            "INSERT INTO datasets VALUES (1, 'Pairs', 'pairs', 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0)"
        )
        connection.execute(
            "INSERT INTO examples (id, dataset_id, number, raw_score, split, flag, note, source, t0, t1)"
            " VALUES (1, 1, 1, '', '', 0, '', '', 'a', 'b')"
        )
        connection.execute("UPDATE counters SET value = 1 WHERE name IN ('dataset', 'example')")
    with Project.open(folder) as project:
        assert project.examples([1]) == [Example(("a", "b"), id=1, number=1)]
        assert project.counts(1)["accepted"] == 0
        project.set_cells([(1, "status", "accepted")])
        assert project.counts(1)["accepted"] == 1
