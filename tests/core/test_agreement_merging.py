"""A second person's copy of a dataset, and the passes that keep two judgements of a row."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.dataset.agreement import merging
from core.dataset.formats import DatasetInfo, Example, Format, Scale
from core.errors import DataProblem
from core.project import Project, Reader, schema
from core.project.edits import Compound, InsertExamples, SetCells
from core.project.passes import DropPass, Judge, Judged, Pass, PutPass

INFO = DatasetInfo(1, "Main", Format.SCORED, scale=Scale(0, 5))


def row(id: int, a: str, b: str, score: float | None = None, **more: object) -> Example:
    return Example((a, b), score, "" if score is None else str(score), id=id, number=id, **more)  # type: ignore[arg-type]


def test_rows_are_recognised_by_their_texts() -> None:
    mine = [row(1, "A", "b", 0.5), row(2, "c", "d"), row(3, "e", "f", 1.0), row(4, "same", "x", 0.2)]
    theirs = [
        row(9, "e", "f", 1.0),
        row(8, " a ", "B", 0.9, note="look"),
        row(7, "c", "d", 0.4),
        row(6, "new", "one", 0.6),
        row(5, "same", "x"),
    ]
    found = merging.plan(INFO, mine, replace(INFO, scale=Scale(0, 1)), theirs, "Ada")
    assert [(r.id, r.mine, r.theirs) for r in found.judged] == [(3, "=1", "=1"), (1, "=0.5", "=0.9")]
    assert [r.id for r in found.conflicts] == [1]
    assert [(r.id, r.theirs) for r in found.taken] == [(2, "=0.4")]
    assert found.undecided == 1 and found.notes == ((1, "look"),)
    (new,) = found.new
    assert (new.texts, new.raw_score, new.source) == (("new", "one"), "3", "merged from Ada")
    assert merging.taken_cells(INFO, found) == [
        (2, "score", "2"),
        (2, "status", "accepted"),
        (1, "note", "look"),
    ]


def test_the_same_texts_twice_are_matched_in_their_order() -> None:
    mine = [row(1, "a", "b", 0.1), row(2, "a", "b", 0.9)]
    theirs = [row(1, "a", "b", 0.1), row(2, "a", "b", 0.9), row(3, "a", "b", 0.3)]
    found = merging.plan(INFO, mine, INFO, theirs, "Ada")
    assert not found.conflicts and len(found.judged) == 2 and len(found.new) == 1


@pytest.mark.parametrize(
    "bad",
    [
        row(1, "a", "b", float("nan")),
        row(1, "a", "b", 7.0),
        Example(("a",), id=1),
        Example(("a", None), id=1),  # type: ignore[arg-type]
        Example(("a", "half \ud800"), id=1),
        replace(row(1, "a", "b"), status="evil"),
        replace(row(1, "a", "b"), note="\udfff"),
        replace(row(1, "a", "b"), score="1"),  # type: ignore[arg-type]
    ],
)
def test_values_no_row_can_have_are_counted_and_left_out(bad: Example) -> None:
    found = merging.plan(INFO, [row(1, "a", "b", 0.5)], INFO, [bad], "Eve")
    assert found.unreadable == 1 and found.empty


def project(folder: Path) -> tuple[Project, int]:
    made = Project.create(folder, "Garden")
    rows = [row(0, "a", "b", 0.5), row(0, "c", "d"), row(0, "e", "f", 1.0)]
    change = made.create_dataset("Main", Format.SCORED, scale=Scale(0, 5), examples=rows)
    return made, next(iter(change.dataset_ids))


def test_a_pass_is_kept_undone_and_done_again(tmp_path: Path) -> None:
    made, dataset = project(tmp_path / "p")
    ids = made.ids(dataset)
    first = made.data_hash()
    made.apply(
        PutPass(
            Pass(
                0, dataset, "blind", "", 4, "2026-01-02T03:04", (Judged(ids[0], "=0.5"), Judged(ids[2], "=1"))
            )
        ),
        "Second pass",
    )
    (found,) = made.passes(dataset)
    assert found.judged == 0 and not found.open
    made.apply(Judge(found.id, ids[0], "=0.7"), "Judge again")
    made.apply(Judge(found.id, ids[0], "=0.7", "first"), "Settle")
    last = made.data_hash()
    made.close()
    made = Project.open(tmp_path / "p")
    (found,) = made.passes(dataset)
    assert found.rows[0] == Judged(ids[0], "=0.5", "=0.7", "first") and found.judged == 1 and not found.open
    made.undo()
    assert [one.example_id for one in made.passes(dataset)[0].open] == [ids[0]]
    while made.undo() is not None and made.data_hash() != first:
        pass
    assert made.passes(dataset) == []
    for _ in range(3):
        assert made.redo() is not None
    assert made.data_hash() == last
    made.apply(DropPass(found.id), "Forget")
    assert made.passes(dataset) == [] and made.undo() is not None and made.data_hash() == last
    with pytest.raises(DataProblem):
        made.apply(Judge(found.id, 99, "=1"), "Judge")
    assert made.data_hash() == last
    made.close()


def test_a_merge_is_one_step(tmp_path: Path) -> None:
    made, dataset = project(tmp_path / "p")
    before = made.data_hash()
    info = made.dataset(dataset)
    theirs = [row(1, "a", "b", 0.9), row(2, "c", "d", 0.2), row(3, "g", "h", 0.0)]
    with Reader(tmp_path / "p") as reader:
        found = merging.plan(info, reader.rows(dataset), info, theirs, "Ada")
    rows = tuple(Judged(one.id, one.mine, one.theirs) for one in found.judged)
    made.apply(
        Compound(
            (
                InsertExamples(dataset, found.new),
                SetCells(tuple(merging.taken_cells(info, found))),
                PutPass(Pass(0, dataset, "merge", "Ada", 0, "2026-01-02", rows)),
            )
        ),
        "Merge",
    )
    stored = list(made.rows(dataset))
    assert [one.score for one in stored] == [0.5, 0.2, 1.0, 0.0] and stored[3].source == "merged from Ada"
    assert len(made.passes(dataset)[0].open) == 1
    after = made.data_hash()
    assert made.undo() is not None and made.data_hash() == before
    assert made.redo() is not None and made.data_hash() == after
    made.close()


@pytest.mark.parametrize("version", [1, 2])
def test_projects_of_older_versions_get_passes(tmp_path: Path, version: int) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "project.db", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
        schema._migrate(connection, schema.MIGRATIONS[:version], 0)
    with Project.open(folder) as made:
        made.create_dataset("Main", Format.PAIRS, examples=[Example(("a", "b"), status="accepted")])
        made.apply(PutPass(Pass(0, 1, "blind", "", 1, "2026-01-02", (Judged(1, "accepted"),))), "Second pass")
        assert made.judged_twice(1) == 1 and made.newest_pass(1) == 1 and made.newest_pass(2) == 0


def test_a_pass_with_values_of_other_types_is_read_as_none(tmp_path: Path) -> None:
    made, dataset = project(tmp_path / "p")
    made.apply(PutPass(Pass(0, dataset, "blind", "", 1, "2026", (Judged(1, "=1"),))), "Second pass")
    made._connection.execute("UPDATE judgements SET first = x'00ff', second = x'01'")
    assert made.passes(dataset)[0].rows == (Judged(1, "", "", ""),)
    made.close()
