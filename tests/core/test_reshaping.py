"""Converting, dividing, merging and swapping: nothing false is made, nothing vanishes in silence, one undo takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.converting import TARGETS, Options, Outcome, convert, uses
from core.dataset.formats import DatasetInfo, Example, Format, Scale, slots
from core.dataset.normalise import normalise
from core.errors import DataProblem
from core.project import Project
from core.project.reshaping import can_merge, divide, merge, parts
from core.project.swap import SwapColumns

PAIRS = [
    Example(("tea", "green tea"), split="train"),
    Example(("tea", "Black Tea"), split="test"),
    Example(("shoe", "sneaker"), status="rejected"),
    Example(("hat", "cap")),
    Example(("hat", "")),
]
SCORED = [
    Example(("tea", "green tea"), score=1.0, raw_score="5"),
    Example(("tea", "lamp"), score=0.0, raw_score="0"),
    Example(("tea", "cup"), score=0.6, raw_score="3"),
    Example(("hat", "cap")),
]


def run(rows: list[Example], source: Format, target: Format, **how: float) -> tuple[list[Example], Outcome]:
    outcome = convert(rows, DatasetInfo(1, "D", source), target, Options(**how))  # type: ignore[arg-type]
    return list(outcome.rows), outcome


def test_pairs_get_negatives_that_are_never_a_known_positive() -> None:
    rows, outcome = run(PAIRS, Format.PAIRS, Format.TRIPLETS)
    assert [row.texts[:2] for row in rows] == [("tea", "green tea"), ("tea", "Black Tea"), ("hat", "cap")]
    assert rows[0].texts[2] == rows[1].texts[2] == "cap" and rows[2].texts[2] != "cap"
    assert [row.split for row in rows] == ["train", "test", ""]
    assert outcome.left_out == {"rejected": 1, "a text is missing": 1} and outcome.made == 3


def test_mined_negatives_come_first_but_not_a_positive() -> None:
    outcome = convert(
        PAIRS,
        DatasetInfo(1, "D", Format.PAIRS),
        Format.TRIPLETS,
        Options(),
        {"tea": ["black  tea", "GREEN TEA", "herbal tea"], "hat": ["helmet"]},
    )
    assert [row.texts[2] for row in outcome.rows] == ["herbal tea", "herbal tea", "helmet"]


def test_scores_become_pairs_and_triplets_by_thresholds() -> None:
    rows, outcome = run(SCORED, Format.SCORED, Format.PAIRS, threshold=0.6)
    assert [row.texts for row in rows] == [("tea", "green tea"), ("tea", "cup")]
    assert outcome.left_out == {"no score": 1, "score below the threshold": 1}
    rows, _ = run(SCORED, Format.SCORED, Format.TRIPLETS, threshold=0.6, low=0.2)
    assert [row.texts for row in rows] == [("tea", "green tea", "lamp"), ("tea", "cup", "lamp")]


def test_triplets_become_scored_pairs_without_copies() -> None:
    triplets = [Example(("a", "b", "c")), Example(("a", "b", "d")), Example(("a", "x", ""))]
    rows, outcome = run(triplets, Format.TRIPLETS, Format.SCORED)
    assert [(row.texts, row.score) for row in rows] == [
        (("a", "b"), 1.0),
        (("a", "c"), 0.0),
        (("a", "d"), 0.0),
        (("a", "x"), 1.0),
    ]
    assert outcome.left_out == {"a copy of another new row": 1}


def test_categories_pair_each_text_once_within_and_never_across() -> None:
    home = {text: name for name, texts in {"tea": "abc", "hat": "de", "lone": "f"}.items() for text in texts}
    rows = [Example((text, name)) for text, name in home.items()]
    pairs, outcome = run(rows, Format.CATEGORIES, Format.PAIRS)
    assert all(home[one] == home[two] and one != two for one, two in (row.texts for row in pairs))
    assert len(pairs) == 4 and outcome.left_out == {"alone in its category": 1}
    triplets, _ = run(rows, Format.CATEGORIES, Format.TRIPLETS)
    assert all(home[a] == home[b] != home[c] for a, b, c in (row.texts for row in triplets))
    assert run(rows, Format.CATEGORIES, Format.TRIPLETS)[0] == triplets  # the same seed, the same rows


TEXTS = st.sampled_from(["a", "A ", "b", "c", "d", "", "é", "e\u0301"])


@given(st.data())
def test_no_conversion_makes_a_row_that_contradicts_itself(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(list(TARGETS)))
    target = data.draw(st.sampled_from(TARGETS[source]))
    rows = data.draw(
        st.lists(
            st.builds(
                Example,
                st.tuples(*[TEXTS] * slots(source, 1)),
                score=st.none() | st.floats(0, 1),
                status=st.sampled_from(["", "rejected"]),
            ),
            max_size=12,
        )
    )
    made, outcome = run(rows, source, target, negatives=data.draw(st.integers(1, 2)))
    assert outcome.made == len(made) and len({row.texts for row in made}) == len(made)
    positives = {
        (normalise(row.texts[0]), normalise(row.texts[1]))
        for row in rows
        if source is Format.PAIRS and row.status != "rejected" and all(text.strip() for text in row.texts)
    }
    for row in made:
        assert row.texts[0].strip() and row.texts[1].strip()
        for negative in row.texts[2:]:
            assert (normalise(row.texts[0]), normalise(negative)) not in positives
        if target is Format.SCORED and row.score == 0.0 and source is Format.PAIRS:
            assert (normalise(row.texts[0]), normalise(row.texts[1])) not in positives


def test_the_options_that_matter_are_named() -> None:
    assert uses(Format.SCORED, Format.PAIRS) == {"threshold"}
    assert uses(Format.SCORED, Format.TRIPLETS) == {"threshold", "low", "negatives"}
    assert uses(Format.TRIPLETS, Format.SCORED) == frozenset()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p", "Shop") as made:
        made.create_dataset("Pairs", Format.PAIRS, examples=PAIRS)
        made.create_dataset("Stars", Format.SCORED, scale=Scale(0, 5), examples=SCORED)
        yield made


def test_dividing_makes_a_dataset_of_each_part_in_one_step(project: Project) -> None:
    before, info = project.data_hash(), project.dataset(1)
    divide(project, info, parts(project, info, "split"), keep=False)
    names = {one.name: one.rows for one in project.datasets()}
    assert names == {
        "Stars": 4,
        "Pairs – training": 1,
        "Pairs – test": 1,
        "Pairs – automatic": 3,
    }
    project.undo()
    assert project.data_hash() == before
    divide(project, info, parts(project, info, "view", shown=project.ids(1)[:2]), keep=True)
    assert [one.rows for one in project.datasets()] == [5, 4, 2, 3]


def test_what_makes_one_part_or_too_many_is_refused(project: Project) -> None:
    with pytest.raises(DataProblem, match="one part"):
        parts(project, project.dataset(1), "flag")
    many = [Example((f"{n}", f"category {n}")) for n in range(70)]
    project.create_dataset("Many", Format.CATEGORIES, examples=many)
    with pytest.raises(DataProblem, match="more than 64"):
        parts(project, project.dataset(3), "category")


def test_merging_keeps_the_meaning_of_scores(project: Project) -> None:
    project.create_dataset("Unit", Format.SCORED, examples=[Example(("a", "b"), score=0.5, raw_score="0.5")])
    infos = [project.dataset(2), project.dataset(3)]
    change = merge(project, infos, "All", keep=False)
    (made,) = [info for info in project.datasets() if info.id in change.dataset_ids and info.name == "All"]
    last = list(project.rows(made.id))[-1]
    assert (made.rows, made.scale) == (5, Scale(0, 5))
    assert (last.score, last.raw_score, last.source) == (0.5, "2.5", "merged from Unit")
    assert len(project.datasets()) == 2
    project.undo()
    assert len(project.datasets()) == 3


def test_only_datasets_of_one_format_are_merged(project: Project) -> None:
    assert "same format" in can_merge([project.dataset(1), project.dataset(2)])
    with pytest.raises(DataProblem):
        merge(project, [project.dataset(1), project.dataset(2)], "All", keep=True)


def test_columns_are_swapped_and_swapped_back(project: Project) -> None:
    before = project.data_hash()
    assert project.counts(1)["unlabelled"] == 1
    project.apply(SwapColumns(1, 0, 1), "Swap")
    assert next(iter(project.rows(1))).texts == ("green tea", "tea")
    assert project.counts(1)["unlabelled"] == 0 and project.undo_weight == 5
    project.undo()
    assert project.data_hash() == before
    project.redo()
    assert next(iter(project.rows(1))).texts == ("green tea", "tea")
    for slots_ in ((0, 0), (0, 2)):
        with pytest.raises(DataProblem):
            project.apply(SwapColumns(1, *slots_), "Swap")
