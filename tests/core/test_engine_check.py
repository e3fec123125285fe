"""The check of a big dataset in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dataset.formats import Example, Format
from core.dataset.validation import check
from core.engine.check_client import check_in_child
from core.errors import Cancelled, DataProblem
from core.project import Project


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
