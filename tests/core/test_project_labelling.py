"""One text beside an anchor becomes a label in each format."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dataset.formats import Example, Format, Role, Scale
from core.project import Project
from core.project.labelling import Label, label_edit

P, N = Role.POSITIVE, Role.NEGATIVE
_ROWS = {
    Format.PAIRS: [("full", "p"), ("open", "")],
    Format.TRIPLETS: [("full", "p", "n1", "n2"), ("open", "", "", ""), ("half", "p", "n1", " ")],
    Format.SCORED: [("full", "p"), ("open", "")],
    Format.CATEGORIES: [("full", "c"), ("open", "")],
}


@pytest.mark.parametrize(
    ("format", "role", "anchor", "place", "texts"),
    [
        (Format.PAIRS, P, "full", -1, ("full", "new")),
        (Format.PAIRS, P, "open", 1, ("open", "new")),
        (Format.PAIRS, P, "typed", -1, ("typed", "new")),
        (Format.TRIPLETS, P, "full", -1, ("full", "new", "n1", "n2")),
        (Format.TRIPLETS, P, "open", 1, ("open", "new", "", "")),
        (Format.TRIPLETS, N, "full", -1, ("full", "p", "new", "")),
        (Format.TRIPLETS, N, "open", 1, ("open", "", "new", "")),
        (Format.TRIPLETS, N, "HALF ", 2, ("half", "p", "n1", "new")),
        (Format.TRIPLETS, N, "typed", -1, ("typed", "", "new", "")),
        (Format.SCORED, P, "full", -1, ("full", "new")),
        (Format.SCORED, N, "open", 1, ("open", "new")),
        (Format.CATEGORIES, P, "full", -1, ("new", "c")),
    ],
)
def test_where_a_label_goes(tmp_path: Path, format, role, anchor, place, texts) -> None:
    with Project.create(tmp_path / "p", "P") as project:
        rows = [Example(row) for row in _ROWS[format]]
        change = project.create_dataset("d", format, 2, Scale(0, 5), rows)
        (id,) = change.dataset_ids
        info, before = project.dataset(id), list(project.rows(id))
        edit = label_edit(info, Label(anchor, "new", role), before, "similar texts")
        assert edit is not None
        project.apply(edit, "Label")
        after = list(project.rows(id))
        assert len(after) == len(before) + (place < 0) and after[place].texts == texts
        assert after[place].source == ("similar texts" if place < 0 else "")
        if format is Format.SCORED:
            assert (after[place].score, after[place].raw_score) == ((1.0, "5") if role is P else (0.0, "0"))
        project.undo()
        assert list(project.rows(id)) == before


def test_a_score_of_a_known_pair_is_changed(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", "P") as project:
        rows = [Example(("a", "b"), 0.2, "1")]
        (id,) = project.create_dataset("d", Format.SCORED, 1, Scale(0, 5), rows).dataset_ids
        known = list(project.rows(id))
        edit = label_edit(project.dataset(id), Label("a", " B", Role.SCORE, "4"), known)
        assert edit is not None
        project.apply(edit, "Label")
        (row,) = project.rows(id)
        assert (row.score, row.raw_score, row.texts) == (0.8, "4", ("a", "b"))


@pytest.mark.parametrize(("format", "role"), [(Format.PAIRS, N), (Format.CATEGORIES, N)])
def test_formats_without_negatives(tmp_path: Path, format, role) -> None:
    with Project.create(tmp_path / "p", "P") as project:
        (id,) = project.create_dataset("d", format, examples=[Example(("a", "b"))]).dataset_ids
        assert label_edit(project.dataset(id), Label("a", "new", role), list(project.rows(id))) is None


def test_a_category_nobody_named_takes_nothing(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", "P") as project:
        (id,) = project.create_dataset("d", Format.CATEGORIES, examples=[Example(("a", ""))]).dataset_ids
        assert label_edit(project.dataset(id), Label("a", "new", P), list(project.rows(id))) is None
