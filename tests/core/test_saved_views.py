"""Saved views lie in the project: undoable, read with care, unique by name within a dataset."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import DataProblem
from core.project import Project
from core.project.edits import SetMeta
from core.project.saved_views import SavedView, added, moved, renamed, saved_views, store


def test_they_are_kept_and_undone(tmp_path: Path) -> None:
    view = SavedView("Short  ones", 1, "flagged", "", "tea", "anchor", True, ("number", "anchor"))
    with Project.create(tmp_path / "p", "Shop") as project:
        project.apply(store(added(saved_views(project), view)), "Save")
        project.apply(store(added(saved_views(project), SavedView("Other", 1))), "Save")
    with Project.open(tmp_path / "p") as project:
        assert [found.name for found in saved_views(project)] == ["Short ones", "Other"]
        assert saved_views(project)[0].columns == ("number", "anchor")
        project.undo()
        assert len(saved_views(project)) == 1


def test_names_are_unique_within_a_dataset_and_never_empty() -> None:
    views = [SavedView("A", 1), SavedView("B", 1), SavedView("A", 2)]
    for name in ("a", "  ", ""):
        with pytest.raises(DataProblem):
            renamed(views, 1, name)
    assert renamed(views, 0, "a")[0].name == "a"


def test_moving_passes_over_the_views_of_other_datasets() -> None:
    views = [SavedView("A", 1), SavedView("X", 2), SavedView("B", 1)]
    assert [view.name for view in moved(views, 0, 1)] == ["B", "X", "A"]
    assert moved(views, 0, -1) == views


@pytest.mark.parametrize(
    "stored",
    [
        "{}",
        "no json",
        '[1, {"name": ""}]',
        '[{"name": "A", "dataset_id": "1"}]',
        '[{"name": "A", "columns": [1]}]',
    ],
)
def test_what_cannot_be_read_is_left_out(tmp_path: Path, stored: str) -> None:
    with Project.create(tmp_path / "p", "Shop") as project:
        project.apply(SetMeta("views", stored), "Break")
        assert saved_views(project) == []
