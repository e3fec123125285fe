"""The check of a big dataset in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dataset.accepted import Accepted
from core.dataset.dividing import Wish, divide
from core.dataset.formats import Example, Format
from core.dataset.validation import check
from core.engine.check_client import CheckClient, check_in_child
from core.engine.project_check import plan_for
from core.errors import Cancelled, DataProblem
from core.project import Project
from core.project.meant import accept, accepted


def test_it_finds_what_the_check_finds(tmp_path: Path) -> None:
    rows = [Example((f"anchor {n % 6000}", f"positive {n % 6000}")) for n in range(12_001)] + [
        Example(("", "x"))
    ]
    with Project.create(tmp_path / "p", "Garden") as project:
        project.create_dataset("Main", Format.PAIRS, examples=rows)
        info = project.datasets()[0]
        heard: list[tuple[int, int]] = []
        found = check_in_child(project.folder, info.id, on_progress=lambda *report: heard.append(report))
        assert found == check(info, project.rows(info.id))
    assert {issue.kind: len(issue.ids) for issue in found} == {"empty_cell": 1, "duplicate": 6001}
    assert heard == [(0, 12_002)]


def test_it_can_be_cancelled(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", "Garden") as project:
        project.create_dataset("Main", Format.PAIRS, examples=[Example(("a", "b"))])
        with pytest.raises(Cancelled):
            check_in_child(project.folder, 1, should_stop=lambda: True)


def test_its_errors_are_those_of_the_project(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", "Garden") as project, pytest.raises(DataProblem, match="Dataset 7"):
        check_in_child(project.folder, 7)


def test_it_stays_and_is_right_again_after_each_change(tmp_path: Path) -> None:
    rows = [Example((f"anchor {n}", f"positive {n}")) for n in range(7000)]
    with Project.create(tmp_path / "p", "Garden") as project:
        project.create_dataset("Main", Format.PAIRS, examples=[*rows, *rows[:5100]])
        info = project.datasets()[0]
        ids = list(project.ids(info.id))
        client = CheckClient(project.folder, info.id)
        try:

            def same(changed: list[int]) -> bool:
                found = client.update(changed)
                wanted = check(info, project.rows(info.id), accepted=accepted(project, info.id))
                assert found == wanted
                return bool(found)

            assert client.check() == check(info, project.rows(info.id))
            project.set_cells([(ids[3], "anchor", ""), (ids[4], "positive", "anchor 4")])
            assert same([ids[3], ids[4]])
            project.delete_examples(ids[7000:])
            same(ids[7000:])
            project.undo()
            same(ids[7000:])
            project.apply(accept(info.id, Accepted().with_kind("duplicate")), "Meant")
            same([])
            assert "duplicate" not in {issue.kind for issue in client.update([])}
            division = client.divide(Wish(0.5, 0.25, 0.25))
            for kind, key in (("empty_cell", "delete"), ("anchor_contains_positive", "cut")):
                issue = next(issue for issue in client.update([]) if issue.kind == kind)
                plan = plan_for(project, info, issue, key, lambda rows: rows)
                assert client.plan(issue, key) == plan and (plan or plan.notes)
            assert division == divide(list(project.rows(info.id)), Format.PAIRS, Wish(0.5, 0.25, 0.25))
        finally:
            client.close()
        with pytest.raises(Cancelled):
            client.check()
