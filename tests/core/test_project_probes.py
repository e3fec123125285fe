"""Probes are part of the project: kept, undone, restored, and told to a run."""

from __future__ import annotations

import pytest

from core.errors import DataProblem
from core.project import Project
from core.project.probes import Probe


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p", "P") as project:
        yield project


def test_probes_survive_undo_redo_and_a_restart(project, tmp_path):
    empty = project.data_hash()
    change = project.add_probe("soft look", "wool cardigan", "similar")
    assert change.kinds == {"probes"}
    project.add_probe("<b>query</b>", "")
    first, second = project.probes()
    assert first == Probe(1, "soft look", "wool cardigan", "similar")
    project.change_probe(Probe(first.id, first.text, first.other, "different", "hm"))
    full = project.data_hash()
    project.delete_probe(first.id)
    assert project.probes() == [second]
    for _ in range(4):
        project.undo()
    assert project.data_hash() == empty
    for _ in range(3):
        project.redo()
    project.close()
    with Project.open(tmp_path / "p") as again:
        assert again.data_hash() == full
        assert again.probes()[0].expectation == "different"
        again.redo()
        assert again.probes() == [second]


def test_what_is_no_probe_is_refused(project):
    with pytest.raises(DataProblem, match="needs a text"):
        project.add_probe(" ", "b")
    with pytest.raises(DataProblem, match="expected"):
        project.add_probe("a", "b", "maybe")
    assert project.probes() == []
