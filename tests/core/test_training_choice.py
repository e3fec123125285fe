"""Choosing among models by held-out rows, and a judgement without the luck of the choice."""

from __future__ import annotations

import numpy as np

from core.dataset.formats import Format
from core.training.choice import Candidate, choose, choose_in_two, cross_fitted, parts, usual
from core.training.groups import groups
from core.training.scores import RowScores
from core.training.verdict import by_chance, compare, judge, nothing_beat


def simulated(generator: np.random.Generator, rows: int, truths: list[float]) -> list[Candidate]:
    """Right and wrong rows of models that are right with the given probabilities; the first is the base model."""
    return [
        Candidate(number, float(number > 0), RowScores((generator.random(rows) < truth).astype(float)))
        for number, truth in enumerate(truths)
    ]


def test_the_luck_of_the_choice_is_taken_away():
    generator = np.random.default_rng(1)
    naive, fair = [], []
    for _ in range(60):
        candidates = simulated(generator, 60, [0.7] * 16)
        base = candidates[0].scores.metric()
        naive.append(candidates[choose(candidates)].scores.metric() - base)
        fair.append(cross_fitted(candidates).metric() - base)
    assert np.mean(naive) > 0.07
    assert abs(np.mean(fair)) < 0.03


def test_a_truly_better_model_is_found_and_said_so():
    generator = np.random.default_rng(2)
    candidates = simulated(generator, 200, [0.6, 0.62, 0.9, 0.6])
    assert choose(candidates) == 2
    judged = cross_fitted(candidates)
    base = candidates[0].scores
    verdict = judge("A", 200, base.metric(), candidates[2].scores.metric(), base, judged)
    assert verdict.word == "better"


def test_the_calmest_of_equals_is_chosen():
    same = RowScores(np.array([1.0, 0.0, 1.0, 0.0]))
    worse = RowScores(np.array([0.0, 0.0, 1.0, 0.0]))
    assert choose([Candidate(0, 0, same), Candidate(3, 1, same)]) == 0
    points = [Candidate(0, 0, worse), Candidate(3, 1, same), Candidate(3, 0.5, same), Candidate(9, 0.5, same)]
    assert choose(points) == 2
    undefined = RowScores(np.ones(4), np.ones(4))
    assert choose([Candidate(0, 0, undefined), Candidate(1, 1, undefined)]) == 0


def test_within_the_noise_few_rows_go_the_usual_way():
    generator = np.random.default_rng(5)
    base = (generator.random(30) < 0.5).astype(float)
    noise = generator.random((5, 30)) * 0.4
    points = [(2, 0.5), (10, 0.5), (10, 0.75), (10, 1.0), (10, 1.25)]
    near = [Candidate(*at, RowScores(base + 0.2 + more)) for at, more in zip(points, noise, strict=True)]
    candidates = [Candidate(0, 0, RowScores(base)), *near]
    assert [choose(candidates, towards=factor) for factor in (0.5, 0.75, 1.25)] == [2, 3, 5]
    clear = Candidate(10, 1.25, RowScores(base + 0.7))  # going on beyond the end of the run takes evidence
    assert choose([*candidates, clear], towards=0.5) == 6
    assert choose([Candidate(0, 0, RowScores(base + 1)), *near], towards=0.5) == 0


def test_going_beyond_the_end_of_a_run_takes_a_clear_lead_over_the_base_model():
    rows = np.arange(40)
    base = Candidate(0, 0, RowScores(np.zeros(40)))
    worse = Candidate(10, 1.0, RowScores(np.where(rows < 20, -0.2, 0.1)))
    lucky = Candidate(10, 1.25, RowScores(np.where(rows < 20, -0.2, 0.3)))  # 0.05 more, standard error 0.04
    assert choose([base, worse, lucky], towards=0.5) == 0
    assert choose([base, worse, lucky]) == 2
    clear = Candidate(10, 1.25, RowScores(np.where(rows < 20, 0.0, 0.3)))
    assert choose([base, worse, clear], towards=0.5) == 2


def test_a_difference_counts_from_so_many_standard_errors():
    rows = np.arange(40)
    base = Candidate(0, 0, RowScores(np.zeros(40)))
    half = Candidate(10, 0.5, RowScores(np.where(rows < 20, 0.4, 0.6)))
    far = Candidate(10, 1.25, RowScores(np.where(rows < 20, 0.5, 0.52)))  # 0.01 more, standard error 0.0144
    assert choose([base, half, far], towards=0.5) == 1
    assert choose([base, half, far], towards=0.5, clear=0.5) == 2


def test_the_fewer_labels_the_less_far():
    assert usual(30) == 0.5
    assert usual(99) < usual(150) == usual(10_000) == 0.75


def test_a_hold_out_chooses_the_step_first_and_the_point_of_the_line_then():
    def scores(*values: float) -> RowScores:
        return RowScores(np.repeat(values, 20))

    base, early, late = (
        Candidate(0, 0, scores(0, 0)),
        Candidate(5, 1, scores(1, 0.9)),
        Candidate(9, 1, scores(1, 0)),
    )
    line = [Candidate(5, factor, scores(1, 0.9)) for factor in (0.25, 0.75, 1.25)]
    candidates = [base, early, late, *line]
    assert choose_in_two(candidates, towards=0.75) == 4
    assert choose_in_two(candidates, np.arange(20), towards=0.75) == 4
    assert choose_in_two([base, late], towards=0.75) == 1
    assert choose_in_two([Candidate(0, 0, scores(1, 1)), early, late, *line], towards=0.75) == 0


def test_what_does_not_beat_the_base_model_is_never_taken_however_usual():
    rows = np.arange(40) % 2 * 1.0
    better, worse = (
        RowScores(np.where(np.arange(40) == 0, 1.0, rows)),
        RowScores(np.where(np.arange(40) == 1, 0.0, rows)),
    )
    candidates = [Candidate(0, 0, RowScores(rows)), Candidate(10, 0.75, worse), Candidate(2, 0.25, better)]
    assert choose(candidates, towards=0.75, clear=100) == 2


def test_the_shares_of_the_rows_add_up_to_the_metric():
    generator = np.random.default_rng(6)
    for scores in (
        RowScores(generator.random(20)),
        RowScores(generator.random(20), generator.integers(0, 3, 20) * 1.0),
    ):
        assert abs(scores.shares().mean() - scores.metric()) < 1e-12


def test_rank_correlations_of_different_models_are_put_on_one_scale():
    generator = np.random.default_rng(3)
    gold = generator.random(400)
    near = gold + 0.2 * generator.random(400)
    candidates = [
        Candidate(0, 0, RowScores(generator.random(400), gold)),
        Candidate(1, 1, RowScores(near, gold)),
        Candidate(2, 1, RowScores(near / 100 - 7, gold)),  # the same order on another scale
    ]
    assert abs(cross_fitted(candidates).metric() - candidates[1].scores.metric()) < 1e-3


def test_parts_never_cut_a_group_and_are_nearly_equal():
    groups_of_rows = np.repeat(np.arange(40), np.random.default_rng(4).integers(1, 9, 40))
    found = parts(groups_of_rows, 5, seed=0)
    assert all(len(set(found[groups_of_rows == group])) == 1 for group in range(40))
    sizes = np.bincount(found)
    assert len(sizes) == 5
    assert sizes.max() - sizes.min() <= 8
    assert (found == parts(groups_of_rows, 5, seed=0)).all()


def test_rows_about_one_anchor_are_one_piece_of_evidence():
    generator = np.random.default_rng(5)
    before = np.repeat((generator.random(30) < 0.5).astype(float), 10)
    after = np.repeat((generator.random(30) < 0.7).astype(float), 10)
    anchors = np.repeat(np.arange(30), 10)
    alone = compare(RowScores(before), RowScores(after))
    together = compare(RowScores(before, None, anchors), RowScores(after, None, anchors))
    assert together[1] - together[0] > 2 * (alone[1] - alone[0])


def test_a_handful_of_changed_rows_is_chance():
    before = RowScores(np.array([1.0] * 160 + [0.0] * 17))
    after = RowScores(np.array([1.0] * 165 + [0.0] * 12))
    assert compare(before, after)[0] > 0  # the bootstrap alone would be sure
    assert by_chance(before, after) == 2 / 2**5
    assert judge("A", 177, 160 / 177, 165 / 177, before, after).word == "unclear"
    assert by_chance(RowScores(np.array([0.5])), RowScores(np.array([1.0]))) == 0


def test_words():
    verdict = nothing_beat("Hold-out accuracy", 23, 0.6521, 0.6087)
    assert verdict.word == "base"
    assert "Nothing beat the base model" in verdict.sentence
    assert "0.6087" in verdict.sentence
    scores = [RowScores((np.arange(100) % 10 < right).astype(float)) for right in (9, 5)]
    sentence = judge("A", 100, 0.9, 0.5, *scores).sentence
    assert sentence.startswith("Worse.")
    assert "\N{MINUS SIGN}0.4" in sentence
    assert " -" not in sentence


def test_groups_by_label_and_by_anchor():
    gold = np.array([0.0, 1.0, 1.0, 0.0])
    rows = [("a", "b", score) for score in gold]
    found = groups(Format.SCORED, rows, RowScores(np.array([0.2, 0.8, 0.6, 0.4]), gold))
    assert [(item["name"], item["rows"]) for item in found] == [("score 0", 2), ("score 1", 2)]
    assert found[1]["value"] == 0.7
    many = groups(Format.SCORED, [("a", "b", 0.0)] * 11, RowScores(np.ones(11), np.linspace(0, 1, 11)))
    assert sum(item["rows"] for item in many) == 11
    triplets = [("a", "p", "n"), ("b", "p", "n"), ("a", "p", "n")]
    found = groups(Format.TRIPLETS, triplets, RowScores(np.array([1.0, 1.0, 0.0])))
    assert found == [{"name": "a", "title": "accuracy", "value": 0.5, "rows": 2}]
