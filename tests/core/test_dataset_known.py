"""Importing again: rows that are there are recognised, and skipped, updated or added as one step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.formats import Example, Format, Scale
from core.dataset.importing import read
from core.dataset.importing.known import Known, compare
from core.errors import Cancelled, DataProblem
from core.project import Project
from core.project.reimport import ImportRows, Policy


def scored(a, b, score, split=""):
    return Example((a, b), score, "" if score is None else f"{score * 5:g}", split, source="x.csv")


OLD = [scored("A man", "a dog", 0.2), scored("b", "c", None), scored("d", "e", 1.0), scored("d", "e", 1.0)]


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p", "Shop") as made:
        made.create_dataset("Pairs", Format.SCORED, scale=Scale(0, 5), examples=OLD)
        yield made


def known(project, rows):
    return compare(rows, project.rows(1), 4)


NEW = [
    scored("a  MAN", "a dog", 0.2),  # another spelling
    scored("b", "c", 0.4),  # labelled since
    scored("d", "e", 1.0),
    scored("d", "e", 1.0),
    scored("d", "e", 1.0),  # a third one
    scored("x", "y", 0.6),
]


def test_rows_are_identical_changed_or_new(project):
    ids = project.ids(1)
    assert known(project, NEW) == Known(new=[4, 5], identical=[2, 3], changed=[(0, ids[0]), (1, ids[1])])
    assert known(project, OLD) == Known(identical=[0, 1, 2, 3]) and known(project, OLD).any
    assert not known(project, [scored("x", "y", 0.6)]).any


def test_a_file_without_scores_or_splits_says_nothing_about_them(project):
    assert known(project, [scored("d", "e", None)]).identical == [0]
    project.set_cells([(project.ids(1)[2], "split", "test")])
    assert known(project, [scored("d", "e", 1.0, "")]).identical == [0]
    assert known(project, [scored("d", "e", 1.0, "train")]).changed == [(0, project.ids(1)[2])]


@pytest.mark.parametrize(
    ("policy", "rows"),
    [
        (Policy.SKIP, [("A man", "1"), ("b", ""), ("d", "5"), ("d", "5"), ("d", "5"), ("x", "3")]),
        (Policy.UPDATE, [("a  MAN", "1"), ("b", "2"), ("d", "5"), ("d", "5"), ("d", "5"), ("x", "3")]),
    ],
)
def test_one_step_that_undo_takes_back(project, policy, rows):
    before = project.data_hash()
    change = project.apply(ImportRows(1, NEW, Scale(0, 5), known(project, NEW), policy), "Import again")
    assert change.kinds and [(row.texts[0], row.raw_score) for row in project.rows(1)] == rows
    after = project.data_hash()
    project.undo()
    assert project.data_hash() == before and project.undo_label == "Create Pairs"
    project.redo()
    assert project.data_hash() == after


def test_adding_takes_every_row(project):
    project.apply(ImportRows(1, NEW, Scale(0, 5), known(project, NEW), Policy.ADD), "Import")
    assert project.dataset(1).rows == 10


def test_scores_come_on_the_scale_of_the_dataset(project):
    rows = [Example(("b", "c"), 0.5, "50"), Example(("new", "one"), 1.0, "100")]
    project.apply(ImportRows(1, rows, Scale(0, 100), known(project, rows), Policy.UPDATE), "Import")
    assert {row.texts[0]: row.raw_score for row in project.rows(1)} == {
        "A man": "1", "b": "2.5", "d": "5", "new": "5",
    }  # fmt: skip


def test_cancelling_and_rows_of_another_format_leave_everything_as_it_was(project):
    before = project.data_hash()

    def stop(done, total):
        raise Cancelled

    for policy in Policy:
        with pytest.raises(Cancelled):
            project.apply(ImportRows(1, NEW, Scale(0, 5), known(project, NEW), policy, stop), "Import")
    triplets = [Example(("a", "b", "c"))]
    with pytest.raises(DataProblem):
        project.apply(ImportRows(1, triplets, Scale(), Known(new=[0]), Policy.SKIP), "Import")
    with pytest.raises(Cancelled):
        compare(NEW, project.rows(1), 4, stop)
    assert project.data_hash() == before and project.undo_label == "Create Pairs"


def test_real_files_again(data_dir, tmp_path):
    result = read(data_dir / "stsbenchmark" / "sts-train.csv")
    with Project.create(tmp_path / "p", "STS") as project:
        project.create_dataset("STS", result.format, 1, result.scale, result.examples)
        again = compare(result.examples, project.rows(1), 5749)
        assert (len(again.identical), again.new, again.changed) == (5749, [], [])  # its 61 duplicates, too


ROW = st.builds(
    Example,
    st.tuples(st.sampled_from("aAbß"), st.sampled_from(["x", "X ", "ss"])),
    st.sampled_from([None, 0.0, 0.5]),
)


@given(st.lists(ROW, max_size=8), st.lists(ROW, max_size=8))
def test_every_row_is_one_of_the_three_and_no_row_is_matched_twice(rows, old):
    existing = [Example(row.texts, row.score, id=number) for number, row in enumerate(old, 1)]
    found = compare(rows, existing)
    places = [*found.new, *found.identical, *(place for place, _ in found.changed)]
    assert sorted(places) == list(range(len(rows)))
    ids = [id for _, id in found.changed]
    assert len(set(ids)) == len(ids) and len(found.identical) + len(ids) <= len(old)
    assert compare(old, existing).identical == list(range(len(old)))
