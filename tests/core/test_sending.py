"""What is chosen while exploring becomes labels: none lost, none doubled, one step that undo takes back."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.dataset.formats import Example, Format, Scale
from core.errors import DataProblem
from core.project import Project
from core.project import frozen as frozen_sets
from core.project.chosen import Chosen, Kind, Sending
from core.project.edits import SetMeta
from core.project.saved_views import saved_views
from core.project.sending import send
from core.project.triplets import made_of

SOURCE = "explorer: map"
TEXTS = st.sampled_from(["a", "b", "c", "d", "A ", "", " ", "é", "e\u0301", "x\ty", "<b>", "0" * 300])


def project_with(folder: Path, *datasets: tuple[Format, list[Example]], negatives: int = 1) -> Project:
    project = Project.create(folder, "P")
    for format, rows in datasets:
        project.create_dataset(
            format.title, format, negatives, Scale(0, 5) if format is Format.SCORED else Scale(), rows
        )
    return project


def texts(project: Project, dataset_id: int = 1) -> list[tuple[str, ...]]:
    return [row.texts for row in project.rows(dataset_id)]


def pairs(*rows: tuple[str, ...]) -> list[Example]:
    return [Example(row) for row in rows]


def test_positives_of_an_anchor_with_those_that_are_there(tmp_path: Path) -> None:
    with project_with(tmp_path / "p", (Format.PAIRS, pairs(("a", "b")))) as project:
        before = project.data_hash()
        sent = send(project, Chosen(SOURCE, texts=("a", "b", "c", "d", "c")), Sending(Kind.POSITIVES, 1))
        assert (sent.added, sent.there, sent.left) == (2, 1, {})
        rows = list(project.rows(1))
        assert [row.texts for row in rows] == [("a", "b"), ("a", "c"), ("a", "d")]
        assert [row.source for row in rows] == ["", SOURCE, SOURCE] and sent.ids == (2, 3)
        assert project.undo_label == "Add 2 positives (explorer: map)"
        after = project.data_hash()
        project.undo()
        assert project.data_hash() == before
        project.redo()
        assert project.data_hash() == after
        again = send(project, Chosen(SOURCE, texts=("a", "b", "c", "d")), Sending(Kind.POSITIVES, 1))
        assert (again.added, again.there, again.change) == (0, 3, None) and again.ids == (1, 2, 3)
        assert project.data_hash() == after


def test_the_focused_text_is_the_anchor(tmp_path: Path) -> None:
    with project_with(tmp_path / "p") as project:
        chosen = Chosen(SOURCE, texts=("a", "b", "A "), anchor="b")
        sent = send(project, chosen, Sending(Kind.POSITIVES))
        assert (
            sent.made
            and sent.name == "Pairs"
            and texts(project, sent.datasets[0]) == [("b", "a"), ("b", "A ")]
        )
        assert project.dataset(sent.datasets[0]).format is Format.PAIRS
        project.undo()
        assert project.datasets() == []


@pytest.mark.parametrize(
    ("kind", "raw", "score"),
    [(Kind.POSITIVES, "5", 1.0), (Kind.NEGATIVES, "0", 0.0), (Kind.SCORES, "2", 0.4)],
)
def test_scored_rows_take_the_score_of_a_pair_that_is_there(
    tmp_path: Path, kind: Kind, raw: str, score: float
) -> None:
    there = [
        Example(("b", "a"), 0.6, "3"),
        Example(("a", "c"), score, raw),
        Example(("a", "d"), status="rejected"),
    ]
    with project_with(tmp_path / "p", (Format.SCORED, there)) as project:
        chosen = Chosen(SOURCE, texts=("b", "c", "d", "e"), anchor="a")
        sent = send(project, chosen, Sending(kind, 1, Format.SCORED, "2"))
        assert (sent.added, sent.changed, sent.there) == (1, 2, 1)
        rows = list(project.rows(1))
        assert [row.texts for row in rows][:3] == [row.texts for row in there] and rows[3].texts == ("a", "e")
        assert {(row.score, row.raw_score) for row in rows} == {(score, raw)}
        assert rows[2].status == "accepted" and rows[0].source == "" and rows[3].source == SOURCE


def test_pairs_to_be_scored_leave_known_scores_alone(tmp_path: Path) -> None:
    with project_with(tmp_path / "p", (Format.SCORED, [Example(("a", "b"), 0.6, "3")])) as project:
        chosen = Chosen(SOURCE, pairs=(("a", "b"), ("b", "a"), ("c", "d")))
        sent = send(project, chosen, Sending(Kind.SCORES, 1, Format.SCORED))
        assert (sent.added, sent.changed, sent.there, sum(sent.left.values())) == (1, 0, 1, 1)
        assert [row.score for row in project.rows(1)] == [0.6, None]


def test_negatives_stand_beside_a_known_positive(tmp_path: Path) -> None:
    scored = [Example(("p2", "a"), 0.9, "4.5"), Example(("a", "no"), 0.1, "0.5")]
    data = (Format.PAIRS, pairs(("a", "p"), ("z", "q"))), (Format.SCORED, scored), (Format.TRIPLETS, [])
    with project_with(tmp_path / "p", *data) as project:
        chosen = Chosen(SOURCE, texts=("n1", "n2", "n3", "P ", "a"), anchor="a")
        sent = send(project, chosen, Sending(Kind.NEGATIVES, 3, Format.TRIPLETS))
        assert sent.added == 3 and sent.left == {"known as positive": 1}
        assert texts(project, 3) == [("a", "p", "n1"), ("a", "p2", "n2"), ("a", "p", "n3")]
        nobody = send(project, Chosen(SOURCE, texts=("n1",), anchor="other"), Sending(Kind.NEGATIVES, 3))
        assert nobody.change is None and nobody.left == {"of an anchor without a known positive": 1}


def test_the_chosen_rows_themselves_are_no_known_positives(tmp_path: Path) -> None:
    with project_with(tmp_path / "p", (Format.PAIRS, pairs(("a", "wrong"), ("a", "right")))) as project:
        chosen = Chosen(SOURCE, ids=(1,), pairs=(("a", "wrong"),))
        sent = send(project, chosen, Sending(Kind.NEGATIVES, 0, Format.TRIPLETS))
        assert sent.made and texts(project, sent.datasets[0]) == [("a", "right", "wrong")]


def test_triplets_of_two_selections(tmp_path: Path) -> None:
    with project_with(tmp_path / "p", (Format.TRIPLETS, pairs(("a", "p1", "n1")))) as project:
        sending = Sending(Kind.TRIPLETS, 1, Format.TRIPLETS, positives=("p1", "p2"), anchor="a")
        sent = send(project, Chosen(SOURCE, texts=("n1", "n2", "n3", "A", "p1 ")), sending)
        assert (sent.added, sent.there, sum(sent.left.values())) == (2, 1, 2)
        assert texts(project) == [("a", "p1", "n1"), ("a", "p2", "n2"), ("a", "p1", "n3")]


def test_every_negative_of_a_wide_row_is_filled(tmp_path: Path) -> None:
    with project_with(tmp_path / "p", (Format.TRIPLETS, []), negatives=3) as project:
        sending = Sending(Kind.TRIPLETS, 1, Format.TRIPLETS, positives=("p",), anchor="a")
        few = send(project, Chosen(SOURCE, texts=("n1", "n2")), sending)
        assert few.change is None and few.left == {"fewer than the 3 negatives of a row": 2}
        send(project, Chosen(SOURCE, texts=("n1", "n2", "n3", "n4")), sending)
        assert texts(project) == [("a", "p", "n1", "n2", "n3"), ("a", "p", "n4", "n1", "n2")]


def test_flags_and_views_are_of_the_rows_that_hold_the_texts(tmp_path: Path) -> None:
    data = (
        (Format.PAIRS, pairs(("a", "b"), ("c", "d"), ("d", "e"))),
        (Format.CATEGORIES, pairs(("d", "kind"), ("x", "d"))),
    )
    with project_with(tmp_path / "p", *data) as project:
        project.set_cells([(2, "flag", True)])
        before = project.data_hash()
        chosen = Chosen(SOURCE, texts=("d", "nowhere"))
        sent = send(project, chosen, Sending(Kind.FLAG))
        assert (sent.changed, sent.there, sent.left, sent.datasets) == (
            2,
            1,
            {"in no labelled row": 1},
            (1, 2),
        )
        assert [row.id for row in project.rows(1) if row.flag] == [2, 3]
        assert [row.flag for row in project.rows(2)] == [True, False]  # the name of a category is no text
        project.undo()
        assert project.data_hash() == before
        view = send(project, chosen, Sending(Kind.VIEW))
        kept = saved_views(project)
        assert [(one.name, one.dataset_id, one.rows) for one in kept] == [
            ("Map 1", 1, ((2, 3),)),
            ("Map 1", 2, ((4, 4),)),
        ]
        assert (view.added, view.name) == (3, "Map 1")
        assert send(project, chosen, Sending(Kind.VIEW)).name == "Map 2"
        both = Chosen("explorer: why", pairs=(("e", "d"),))
        assert send(project, both, Sending(Kind.FLAG)).ids == (3,)


def test_a_frozen_test_set_stays_as_it_is(tmp_path: Path) -> None:
    row = Example(("a", "b"), 0.6, "3", split="test")
    with project_with(tmp_path / "p", (Format.SCORED, [row])) as project:
        project.apply(SetMeta(frozen_sets.key(1), "1"), "Freeze")
        before = project.data_hash()
        with pytest.raises(DataProblem, match="frozen"):
            send(project, Chosen(SOURCE, texts=("b", "c"), anchor="a"), Sending(Kind.NEGATIVES, 1))
        assert project.data_hash() == before


@given(
    positives=st.lists(TEXTS, unique=True, max_size=6),
    negatives=st.lists(TEXTS, unique=True, max_size=9),
    width=st.integers(1, 4),
)
def test_no_text_of_a_triplet_is_lost_and_no_row_is_made_twice(positives, negatives, width) -> None:
    rows = made_of("anchor", positives, negatives, width)
    if not positives or len(negatives) < width:
        assert rows == []
        return
    assert {row[1] for row in rows} == set(positives)
    assert {text for row in rows for text in row[2:]} == set(negatives)
    for row in rows:
        assert len(row) == 2 + width and len(set(row[2:])) == width


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    there=st.lists(st.tuples(TEXTS, TEXTS), max_size=6),
    chosen=st.lists(TEXTS, min_size=1, max_size=8),
    kind=st.sampled_from([Kind.POSITIVES, Kind.NEGATIVES, Kind.SCORES]),
    format=st.sampled_from([Format.PAIRS, Format.SCORED, Format.TRIPLETS, Format.CATEGORIES]),
    together=st.booleans(),
)
def test_none_lost_none_doubled_and_undone(there, chosen, kind, format, together) -> None:
    """Every text of the choice is counted once: added, changed, there, or left out; the rows are those before and the new ones."""
    if format is not Format.SCORED:
        kind = Kind.NEGATIVES if format is Format.TRIPLETS else Kind.POSITIVES
    data = (format, pairs(*((*row, "far") if format is Format.TRIPLETS else row for row in there)))
    known = Format.PAIRS, pairs(("a", "p"), ("d", "p"), ("b", "c"))
    with (
        tempfile.TemporaryDirectory() as folder,
        project_with(Path(folder) / "p", data, known) as project,
    ):
        before, rows = project.data_hash(), Counter(texts(project))
        picked = Chosen(SOURCE, texts=tuple(chosen))
        together = together and bool(picked.together()) and format in (Format.PAIRS, Format.SCORED)
        sent = send(project, picked, Sending(kind, 1, format, "3", together))
        if not together:
            told = sent.added + sent.changed + sent.there + sum(sent.left.values())
            assert told == len({text for text in chosen if text != picked.main})
        after = Counter(texts(project))
        new = after - rows
        assert (rows - after).total() == (
            sent.changed if format is Format.CATEGORIES else 0
        )  # cells that were empty
        assert new.total() == sent.added + (rows - after).total()
        assert max(new.values(), default=0) <= 1 and not set(new) & set(rows)
        hashes = project.data_hash()
        if sent.change is None:
            assert hashes == before
            return
        project.undo()
        assert project.data_hash() == before
        project.redo()
        assert project.data_hash() == hashes


def test_positives_join_the_category_of_their_anchor(tmp_path: Path) -> None:
    there = pairs(("a", "Red"), ("b", "red"), ("c", "blue"), ("d", ""))
    with project_with(tmp_path / "p", (Format.CATEGORIES, there)) as project:
        chosen = Chosen(SOURCE, texts=("b", "c", "d", "e"), anchor="a")
        sent = send(project, chosen, Sending(Kind.POSITIVES, 1, Format.CATEGORIES))
        assert (sent.added, sent.changed, sent.there, sent.left) == (1, 1, 1, {"in another category": 1})
        assert texts(project)[3:] == [("d", "Red"), ("e", "Red")]
        nobody = send(project, Chosen(SOURCE, texts=("e",), anchor="z"), Sending(Kind.POSITIVES, 1))
        assert nobody.change is None and nobody.left == {"of an anchor without a category": 1}
