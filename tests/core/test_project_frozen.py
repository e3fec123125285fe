"""A frozen test set stays as it is, and what a project remembers about validation can be undone."""

from __future__ import annotations

import pytest

from core.dataset.accepted import Accepted
from core.dataset.formats import Example, Format
from core.errors import DataProblem
from core.project import Project
from core.project.edits import Compound, DeleteExamples, SetCells, SetMeta
from core.project.frozen import is_frozen, key
from core.project.meant import accept, accepted

ROWS = [Example((f"a {n}", f"b {n}"), split="test" if n < 3 else "train" if n < 6 else "") for n in range(9)]


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p", "P") as project:
        project.create_dataset("Main", Format.PAIRS, examples=ROWS)
        yield project


def test_nothing_changes_a_frozen_test_set(project):
    (info,) = project.datasets()
    ids = list(project.ids(info.id))
    project.apply(SetMeta(key(info.id), "1"), "Freeze the test set")
    assert is_frozen(project, info.id)
    before = project.data_hash()
    refused = [
        SetCells([(ids[0], "anchor", "other")]),
        SetCells([(ids[0], "split", "")]),
        SetCells([(ids[4], "split", "test")]),
        SetCells([(ids[1], "status", "rejected")]),
        Compound((SetCells([(ids[4], "anchor", "x")]), DeleteExamples([ids[2]]))),
        DeleteExamples(ids),
    ]
    for edit in refused:
        with pytest.raises(DataProblem, match="frozen test set of “Main”"):
            project.apply(edit, "try")
    with pytest.raises(DataProblem, match="would join the frozen"):
        project.add_examples(info.id, [Example(("n", "m"), split="test")])
    assert project.data_hash() == before
    project.set_cells([(ids[0], "note", "a look"), (ids[0], "flag", True), (ids[0], "split", "test")])
    project.set_cells([(ids[4], "anchor", "other"), (ids[7], "split", "eval")])
    project.delete_examples(ids[5:])
    project.add_examples(info.id, [Example(("n", "m"), split="train")])


def test_freezing_is_a_step_and_history_is_free(project):
    (info,) = project.datasets()
    ids = list(project.ids(info.id))
    start = project.data_hash()
    project.set_cells([(ids[0], "anchor", "earlier")])
    project.apply(SetMeta(key(info.id), "1"), "Freeze the test set")
    project.set_cells([(ids[5], "anchor", "later")])
    for _ in range(3):
        assert project.undo() is not None
    assert project.data_hash() == start and not is_frozen(project, info.id)
    for _ in range(3):
        assert project.redo() is not None
    assert is_frozen(project, info.id)


def test_what_is_meant_survives_a_restart_and_can_be_undone(project):
    (info,) = project.datasets()
    what = Accepted().with_kind("duplicate").with_rows("mojibake", [3, 4, 5, 9])
    start = project.data_hash()
    project.apply(accept(info.id, what), "Mark as meant")
    with Project.open(project.folder, write=False) as other:
        assert accepted(other, info.id) == what
    project.apply(accept(info.id, what.without("duplicate").without("mojibake")), "List again")
    assert project.data_hash() == start
    project.undo()
    assert accepted(project, info.id) == what
    project.undo()
    assert not accepted(project, info.id)
