"""Large edits in a worker: the project can be read meanwhile, other edits are refused, cancelling leaves nothing behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.dataset.formats import Example, Format
from core.errors import Cancelled, ProjectProblem
from core.project import Change, Project

ROWS = 400


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p", "Shop") as made:
        made.create_dataset("Pairs", Format.PAIRS, examples=[Example((f"a {n}", "b")) for n in range(ROWS)])
        yield made


def in_thread(call: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=call)
    thread.start()
    return thread


def test_rows_are_read_and_edits_refused_until_it_ends(project: Project) -> None:
    ids, before = project.ids(1), project.data_hash()
    inside, go = threading.Event(), threading.Event()
    found: list[Change] = []

    def cells() -> Iterator[tuple[int, str, Any]]:
        inside.set()
        assert go.wait(10)
        yield from ((id, "flag", True) for id in ids)

    detached = project.detach("flagging 400 rows")
    thread = in_thread(
        lambda: found.append(detached.run(lambda worker: worker.set_cells(cells()), lambda: False))
    )
    assert inside.wait(10)
    assert project.data_hash() == before and project.detached is detached
    for edit in (
        lambda: project.set_cells([(ids[0], "note", "x")]),
        project.undo,
        lambda: project.detach("more"),
    ):
        with pytest.raises(ProjectProblem, match="flagging 400 rows is not finished"):
            edit()
    go.set()
    thread.join(10)
    detached.end()
    assert project.counts(1)["flagged"] == ROWS and found[0].ids == tuple(ids)
    assert project.undo() is not None and project.data_hash() == before
    assert project.redo() is not None and project.counts(1)["flagged"] == ROWS


def test_stopping_leaves_the_project_as_it_was(project: Project) -> None:
    ids, before = project.ids(1), project.data_hash()
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    detached = project.detach("deleting")
    with pytest.raises(Cancelled):
        detached.run(lambda worker: worker.delete_examples(ids), stop)
    detached.end()
    assert project.data_hash() == before and project.undo_label == "Create Pairs"
    project.delete_examples(ids[:1])  # and it can be edited again


def test_closing_waits_for_what_is_being_taken_back(project: Project) -> None:
    inside, ended = threading.Event(), threading.Event()
    detached = project.detach("adding rows")

    def rows() -> Iterator[Example]:
        inside.set()
        while True:
            yield Example(("x", "y"))

    def work() -> None:
        with pytest.raises(Cancelled):
            detached.run(lambda worker: worker.add_examples(1, rows()), lambda: False)
        ended.set()

    thread = in_thread(work)
    assert inside.wait(10)
    project.close()
    thread.join(10)
    assert ended.is_set()
    with Project.open(project.folder) as again:
        assert again.dataset(1).rows == ROWS


def test_a_read_only_project_lends_nothing(project: Project) -> None:
    with Project.open(project.folder, write=False) as other, pytest.raises(ProjectProblem, match="read-only"):
        other.detach("anything")


def test_the_weight_of_a_step_tells_how_many_rows_it_touches(project: Project) -> None:
    ids = project.ids(1)
    assert (project.undo_weight, project.redo_weight) == (ROWS, 0)
    project.set_cells([(id, "flag", True) for id in ids[:50]])
    assert project.undo_weight == 50
    project.delete_examples(ids[10:40])
    assert project.undo_weight == 30
    project.undo()
    assert (project.undo_weight, project.redo_weight) == (50, 30)
