"""Probes are part of the project: kept, undone, restored, and told to a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.dataset.formats import Example, Format
from core.errors import DataProblem
from core.project import Project
from core.project.probes import Probe, pairs_of, queries_of


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


def test_rejected_rows_are_expected_to_be_what_somebody_said_they_are() -> None:
    def rows(format: Format, *texts: str) -> list[Example]:
        score = 1.0 if format is Format.SCORED else None
        return [Example(texts, score, status=status) for status in ("accepted", "rejected")]

    (good, bad) = rows(Format.PAIRS, "a", "b")
    assert pairs_of(Format.PAIRS, [good]) == [("a", "b", "similar")]
    assert pairs_of(Format.PAIRS, [bad]) == [("a", "b", "different")]
    (made,) = queries_of(Format.PAIRS, [replace(bad, texts=("a", "c")), good])
    assert (made.expected, made.unwanted) == (("b",), ("c",))
    assert pairs_of(Format.SCORED, rows(Format.SCORED, "a", "b")[1:]) == [("a", "b", "")]
    for format, texts in ((Format.TRIPLETS, ("a", "b", "c")), (Format.SCORED, ("a", "b"))):
        assert queries_of(format, rows(format, *texts)[1:]) == []
    assert pairs_of(Format.TRIPLETS, rows(Format.TRIPLETS, "a", "b", "c")[1:]) == []
