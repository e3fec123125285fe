"""A fix removes what it is for, touches nothing else, and undo brings everything back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.dataset.fix_splits import plan_splits
from core.dataset.fixes import fixes_of, plan_fix
from core.dataset.formats import Example, Format, Scale, slots
from core.dataset.row_checks import EstimatedLimit
from core.dataset.validation import check
from core.project import Project
from core.project.edits import SetMeta
from core.project.fixing import edit_of
from core.project.frozen import key as frozen_key
from core.project.slices import examples_of

GRADED = [Example((f"text {n} here", f"other {n} there"), n / 20, f"{n / 4:g}") for n in range(20)]
PAIRS = [Example((f"question {n}", f"reply {n}")) for n in range(12)]
TRIPLETS = [Example((f"query {n}", f"right {n}", f"wrong {n}")) for n in range(12)]


class Store:
    """A project with one dataset, and its issues."""

    def __init__(self, folder, format, rows, limit=None):
        self.project = Project.create(folder, "P")
        self.project.create_dataset("Main", format, scale=Scale(0, 5), examples=rows)
        (self.info,) = self.project.datasets()
        self.limit = limit

    def issues(self):
        rows = list(self.project.rows(self.info.id))
        return {issue.kind: issue for issue in check(self.info, rows, self.limit)}

    def plan(self, kind, key, frozen=False):
        if kind == "shared_texts":
            rows = list(self.project.rows(self.info.id))
            return plan_splits(key, rows, self.info.format, frozen=frozen)
        issue = self.issues()[kind]
        return plan_fix(
            key, issue, self.info, lambda ids: examples_of(self.project, list(ids)), frozen=frozen
        )

    def fix(self, kind, key):
        """Do it, look, take it back, look, do it again."""
        plan = self.plan(kind, key)
        assert plan.lines and plan.rows
        before = self.project.data_hash()
        self.project.apply(edit_of(plan), plan.name)
        after = self.project.data_hash()
        assert kind not in self.issues()
        self.project.undo()
        assert self.project.data_hash() == before
        self.project.redo()
        assert self.project.data_hash() == after
        return plan

    def texts(self):
        return [row.texts for row in self.project.rows(self.info.id)]

    def scores(self):
        return [(row.raw_score, row.score) for row in self.project.rows(self.info.id)]


@pytest.fixture
def store(tmp_path):
    made = []

    def make(format, rows, **more):
        made.append(Store(tmp_path / f"p{len(made)}", format, rows, **more))
        return made[-1]

    yield make
    for one in made:
        one.project.close()


def test_copies_go_and_the_first_stays(store):
    one = store(Format.PAIRS, [*PAIRS, PAIRS[3], Example(("QUESTION 3", "reply  3")), Example(("", "x"))])
    plan = one.fix("duplicate", "delete")
    assert plan.name == "Delete 2 rows" and len(plan.delete) == 2
    one.fix("empty_cell", "delete")
    assert one.texts() == [row.texts for row in PAIRS]


@pytest.mark.parametrize(("key", "raw"), [("mean", "2"), ("median", "1"), ("majority", "1"), ("clear", "")])
def test_contradictions_are_settled(store, key, raw):
    pair = [("a b", "c", 0.2), ("C", "a b.", 0.2), ("a b", "c", 0.8)]
    one = store(Format.SCORED, [*GRADED, *[Example((a, b), s, f"{s * 5:g}") for a, b, s in pair]])
    plan = one.fix("conflict", key)
    assert {score for score, _ in one.scores()[20:]} == {raw}
    assert len(plan.cells) == {"mean": 3, "median": 1, "majority": 1, "clear": 3}[key]


def test_an_undecided_majority_says_so(store):
    rows = [*GRADED, Example(("a", "b"), 0.2, "1"), Example(("b", "a"), 0.4, "2")]
    plan = store(Format.SCORED, rows).fix("conflict", "majority")
    assert "1 pair no score" in plan.notes[0] and plan.cells[0][2] == "1"


def test_scores_come_into_range(store):
    wild = [Example((f"x {n}", f"y {n}"), v / 5, f"{v}") for n, v in enumerate((-1, 7, 100))]
    one = store(Format.SCORED, [*GRADED, *wild])
    plan = one.fix("score_out_of_range", "clamp")
    assert [cell[2] for cell in plan.cells] == ["0", "5", "5"]
    other = store(
        Format.SCORED,
        [
            *GRADED,
            *[replace(row, score=v * 20, raw_score=str(v * 100)) for row, v in zip(wild, (0.1, 0.5, 0.9))],
        ],
    )
    plan = other.fix("score_out_of_range", "rescale")
    assert [cell[2] for cell in plan.cells] == ["0.5", "2.5", "4.5"] and "0–100" in plan.notes[0]
    store(Format.SCORED, [*GRADED, *wild]).fix("score_out_of_range", "clear")


def test_texts_are_repaired_cut_and_cleared(store):
    one = store(
        Format.PAIRS,
        [*PAIRS, Example(("donâ€™t say cafÃ©", "x y")), Example(("red: Big Dress, blue", "big  dress"))],
    )
    one.fix("mojibake", "repair")
    one.fix("anchor_contains_positive", "cut")
    assert one.texts()[12:] == [("don’t say café", "x y"), ("red: , blue", "big  dress")]
    rows = [
        *TRIPLETS,
        Example(("q", "same", "Same")),
        Example(("q2", "the big shoes", "the big shoe")),
        Example(("k", "p", "K")),
    ]
    for key in ("clear", "delete"):
        two = store(Format.TRIPLETS, rows)
        for kind in ("negative_equals_positive", "near_negative", "negative_equals_anchor"):
            two.fix(kind, key)
    long = store(Format.PAIRS, [*PAIRS, Example(("word " * 300, "x"))], limit=EstimatedLimit(256))
    long.fix("truncated", "shorten")
    assert one.info.format is Format.PAIRS and len(long.texts()[-1][0]) <= 1024


def test_a_text_that_is_positive_and_negative(store):
    rows = [*TRIPLETS, Example(("a", "b", "c")), Example(("A", "d", "B"))]
    plan = store(Format.TRIPLETS, rows).fix("conflict", "delete")
    assert len(plan.delete) == 1
    store(Format.TRIPLETS, rows).fix("conflict", "clear")


def test_categories(store):
    rows = [Example((f"t {n} {name}", name)) for name in "xyz" for n in range(4)]
    rows += [
        Example(("same", "x")),
        Example(("Same", "y")),
        Example(("same ", "Y")),
        Example(("one", "lonely")),
    ]
    one = store(Format.CATEGORIES, rows)
    one.fix("conflict", "majority")
    assert one.texts()[12] == ("same", "y")
    one.fix("lone_text", "delete")


def test_a_shared_text_comes_into_one_split(store):
    rows = [
        *PAIRS,
        Example(("question 1", "b"), split="eval"),
        Example(("B", "c"), split="eval"),
        Example(("z", "w"), split="test"),
        Example(("z", "v"), split="eval"),
    ]
    one = store(Format.PAIRS, rows)
    plan = one.fix("shared_texts", "to_train")
    assert {cell[2] for cell in plan.cells} == {"", "test"} and len(plan.cells) == 3
    store(Format.PAIRS, rows).fix("shared_texts", "to_most")


def test_a_frozen_test_set_is_left_alone(store):
    rows = [*PAIRS, replace(PAIRS[2], split="test"), PAIRS[4], Example(("cafÃ©", "s"), split="test")]
    one = store(Format.PAIRS, rows)
    one.project.apply(SetMeta(frozen_key(one.info.id), "1"), "Freeze")
    for kind, key in (("duplicate", "delete"), ("mojibake", "repair"), ("shared_texts", "to_train")):
        plan = one.plan(kind, key, frozen=True)
        assert any("frozen test set" in note for note in plan.notes)
        if plan:
            one.project.apply(edit_of(plan), plan.name)
    assert sum(row.split == "test" for row in one.project.rows(one.info.id)) == 2


words = st.sampled_from(
    [
        "alpha beta",
        "Alpha  beta",
        "gamma",
        "delta epsilon zeta",
        "deltaepsilonzet",
        "eta",
        "cafÃ© eta",
        "",
        "big theta iota",
    ]
)
score = st.sampled_from([None, 0.0, 0.2, 0.4, 1.0, 1.0, 7.0, -3.0])
row = st.tuples(words, words, words, score, st.sampled_from(["", "train", "eval", "test"]))


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(format=st.sampled_from(list(Format)), drawn=st.lists(row, min_size=3, max_size=10), data=st.data())
def test_every_fix_removes_its_issue_and_can_be_undone(tmp_path_factory, format, drawn, data):
    rows = [
        Example(
            r[: slots(format)],
            *((r[3], "" if r[3] is None else f"{r[3] * 5:g}") if format is Format.SCORED else ()),
            split=r[4],
        )
        for r in drawn
    ]
    one = Store(tmp_path_factory.mktemp("fix") / "p", format, rows)
    try:
        ways = [(kind, fix.key) for kind in one.issues() for fix in fixes_of(kind, format)]
        assume(ways)
        kind, key = data.draw(st.sampled_from(ways))
        before, stuck = one.project.data_hash(), one.issues()[kind]
        plan = one.plan(kind, key)
        if not plan:
            assert plan.notes, (kind, key)
            return
        one.project.apply(edit_of(plan), plan.name)
        left = one.issues().get(kind)
        assert left is None or (plan.notes and set(left.ids) < set(stuck.ids)), (kind, key)
        one.project.undo()
        assert one.project.data_hash() == before
    finally:
        one.project.close()
