"""Calibration, disagreement, what to label next and groups, each against a slow and obvious way or a property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset.formats import Format
from core.errors import Cancelled
from core.similarity import clusters, what_next
from core.similarity.calibration import Calibration, fit, out_of_fold, plain, rising
from core.similarity.disagreement import centroid_margins, judge, rowwise

NOTHING = np.empty(0, dtype=np.float32)
points = st.lists(st.tuples(st.floats(-1, 1, width=32), st.floats(0, 1, width=32)), min_size=1, max_size=60)


# -- calibration ------------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(points)
def test_a_calibration_never_falls_and_stays_on_the_scale(rows):
    x, y = np.array(rows, dtype=np.float64).T
    made = fit(x, y)
    assert list(made.similarity) == sorted(set(made.similarity))
    assert (np.diff(made.score) >= -1e-12).all()
    found = made.apply(np.linspace(-2, 2, 50))
    assert (np.diff(found) >= -1e-12).all()
    assert y.min() - 1e-9 <= found.min() and found.max() <= y.max() + 1e-9
    assert Calibration.from_record(made.record()) == made
    uncertain = made.uncertainty(x)
    assert (uncertain >= 0).all() and (uncertain <= 1 + 1e-9).all()


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1, width=16), min_size=2, max_size=7))
def test_the_fit_is_the_best_one_that_rises(values):
    """Least squares by the min-max formula of isotonic regression (Barlow et al. 1972)."""
    y = np.array(values, dtype=np.float64)
    n = len(y)
    best = [max(min(float(y[a : b + 1].mean()) for b in range(i, n)) for a in range(i + 1)) for i in range(n)]
    assert np.abs(np.array(rising(y, np.ones(n))) - best).max() < 1e-9


def test_few_labels_fit_a_line_and_many_any_bend():
    x = np.linspace(0, 1, 400)
    bend = np.where(x < 0.5, 0.1, 0.9)
    assert np.abs(fit(x, bend).apply(np.array([0.2, 0.8])) - [0.1, 0.9]).max() < 1e-6
    few = fit(x[::10], x[::10] * 0.5 + 0.25)
    assert few.apply(np.array([0.1, 0.7])) == pytest.approx([0.3, 0.6], abs=1e-6)
    assert np.ptp(fit(x[::10], 1 - x[::10]).score) == 0  # never falling


def test_equal_similarities_get_one_score():
    made = fit(np.array([0.5, 0.5, 0.5]), np.array([0.0, 0.5, 1.0]))
    assert made.similarity == (0.5,) and made.score == (0.5,)


def test_a_row_is_judged_by_the_others():
    """One label against forty: out of fold it cannot pull its own prediction to itself."""
    x = np.linspace(0, 1, 41)
    y = x.copy()
    y[40] = 0.0
    assert out_of_fold(x, y)[40] > 0.8
    assert (out_of_fold(x, y) == out_of_fold(x, y)).all()


def test_a_million_labels_take_moments():
    import time

    x = np.random.default_rng(0).random(1_000_000)
    started = time.process_time()
    made = fit(x, np.clip(x + 0.1, 0, 1))
    assert time.process_time() - started < 3
    assert len(made.similarity) <= 500
    assert np.abs(made.apply(np.array([0.3])) - 0.4).max() < 0.01


@pytest.mark.parametrize("values", [([], []), ([np.nan], [0.5]), ([0.5], [np.nan]), ([1.0, 2.0], [0.5])])
def test_what_cannot_be_fitted_is_refused(values):
    with pytest.raises(ValueError, match="finite"):
        fit(np.array(values[0]), np.array(values[1]))


def test_without_labels_the_cosine_or_the_rank_stands():
    assert plain(np.array([0.2, 0.9]), "cosine").apply(np.array([0.25, -0.5, 2.0])) == pytest.approx(
        [0.25, 0, 1]
    )
    ranks = plain(np.array([-30.0, -20.0, -10.0, np.nan]), "euclidean").apply(np.array([-30, -10, np.nan]))
    assert ranks[0] < 0.1 and ranks[1] > 0.6 and np.isnan(ranks[2])
    assert plain(np.array([np.nan]), "dot").labels == 0


# -- disagreement -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean", "manhattan"])
def test_rowwise_is_the_model_s_own_similarity(metric):
    from core.similarity.search import scores

    random = np.random.default_rng(1)
    first, second = random.normal(size=(2, 7, 5)).astype(np.float32)
    expected = [scores(a, b[None], metric)[0] for a, b in zip(first, second, strict=True)]
    assert rowwise(first, second, metric) == pytest.approx(expected, abs=1e-5)


def test_an_unknown_metric_is_refused():
    with pytest.raises(ValueError, match="unknown metric"):
        rowwise(np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32), "taxi")


def _scored(count=200, seed=0):
    random = np.random.default_rng(seed)
    similarity = random.random(count).astype(np.float32) * 0.5 + 0.3
    label = np.clip((similarity - 0.3) * 2 + random.normal(0, 0.05, count), 0, 1).astype(np.float32)
    return similarity, label


def test_a_flipped_label_stands_out_and_an_absent_one_says_nothing():
    similarity, label = _scored()
    bad = int(np.argmax(label))
    label[bad] = 0.0
    label[3] = np.nan
    judged = judge(
        Format.SCORED,
        similarity,
        np.full(200, np.nan),
        label,
        np.ones(200, dtype=bool),
        NOTHING,
    )
    assert int(np.nanargmax(judged.disagreement)) == bad
    assert judged.disagreement[bad] > judged.large
    assert np.isnan(judged.disagreement[3]) and np.isfinite(judged.model[3])
    assert judged.calibration.labels == 199


def test_rejected_rows_teach_no_scale():
    similarity, label = _scored()
    counted = np.ones(200, dtype=bool)
    counted[:190] = False
    judged = judge(Format.SCORED, similarity, np.full(200, np.nan), label, counted, NOTHING)
    assert judged.calibration.labels == 0  # ten labels are too few
    assert judged.model == pytest.approx(similarity, abs=1e-6)


def test_a_pair_that_random_pairs_beat_is_doubted():
    random = np.random.default_rng(2)
    background = random.normal(0.1, 0.1, 2000).astype(np.float32)
    similarity = np.array([0.9, 0.1, 0.5, 0.1, np.nan], dtype=np.float32)
    label = np.array([np.nan, np.nan, 1.0, 0.0, np.nan], dtype=np.float32)
    judged = judge(Format.PAIRS, similarity, np.full(5, np.nan), label, np.ones(5, bool), background)
    assert judged.model[0] == pytest.approx(1, abs=1e-3)
    assert judged.disagreement[1] > judged.large > judged.disagreement[0]
    assert judged.disagreement[1] == pytest.approx((background >= 0.1).mean(), abs=0.01)
    border = judged.calibration.uncertainty(np.array([0.26, 0.9, -0.5]))
    assert border[0] > 0.8 and border[1:].max() < 0.2  # open is what is as near as the nearest random pairs
    assert np.isnan(judged.disagreement[3])  # rejected: random pairs cannot speak against that
    assert np.isnan(judged.disagreement[4])


def test_decisions_about_pairs_calibrate_them():
    similarity = np.linspace(0, 1, 100).astype(np.float32)
    label = (similarity > 0.5).astype(np.float32)
    label[95] = 0.0
    label[50] = np.nan
    judged = judge(Format.PAIRS, similarity, np.full(100, np.nan), label, np.ones(100, bool), NOTHING)
    assert judged.calibration.labels == 99 and judged.large == 0.5
    assert judged.disagreement[95] > 0.5 > judged.disagreement[5]


def test_triplets_disagree_by_their_margin():
    margin = np.array([0.3, -0.2, np.nan], dtype=np.float32)
    judged = judge(
        Format.TRIPLETS, np.array([0.5, 0.4, np.nan]), margin, np.full(3, np.nan), np.ones(3, bool), NOTHING
    )
    assert judged.disagreement[1] > judged.large == 0.0 > judged.disagreement[0]
    assert judged.uncertainty[1] > judged.uncertainty[0]


def test_a_text_is_compared_with_the_rest_of_its_category():
    random = np.random.default_rng(3)
    vectors = what_next.unit(random.normal(size=(9, 4)).astype(np.float32))
    category = np.array([0, 0, 0, 1, 1, 1, 1, 2, 0])
    sums = np.zeros((3, 4))
    np.add.at(sums, category, vectors)
    near, margin = centroid_margins(vectors, category, sums, np.bincount(category))
    assert np.isnan(near[7]) and np.isnan(margin[7])  # alone
    for row in range(9):
        if row == 7:
            continue
        rest = [n for n in range(9) if category[n] == category[row] and n != row]
        own = float(what_next.unit(vectors[rest].mean(axis=0)[None])[0] @ vectors[row])
        others = [
            float(what_next.unit(vectors[category == c].mean(axis=0)[None])[0] @ vectors[row])
            for c in range(3)
            if c != category[row]
        ]
        assert near[row] == pytest.approx(own, abs=1e-5)
        assert margin[row] == pytest.approx(own - max(others), abs=1e-5)


# -- what next --------------------------------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(1, 12), st.integers(0, 5))
def test_the_choice_is_the_greedy_one(seed, count, known_count):
    random = np.random.default_rng(seed)
    vectors = what_next.unit(random.normal(size=(12, 3)).astype(np.float32))
    known = what_next.unit(random.normal(size=(known_count, 3)).astype(np.float32))
    worth = random.random(12)
    chosen, values = what_next.choose(vectors, worth, known, count)
    assert len(set(chosen.tolist())) == len(chosen)
    near = list(known)
    for place, value in zip(chosen.tolist(), values.tolist(), strict=True):
        each = [
            worth[n] * min(((1 - float(vectors[n] @ other)) / 2 for other in near), default=1.0)
            for n in range(12)
        ]
        assert value == pytest.approx(max(each), abs=1e-5)
        assert each[place] == pytest.approx(max(each), abs=1e-5)
        near.append(vectors[place])


def test_copies_and_worthless_rows_are_not_chosen():
    vectors = np.eye(3, dtype=np.float32)[[0, 0, 1, 2]]
    chosen, _ = what_next.choose(vectors, np.array([1.0, 1.0, np.nan, 0.0]), vectors[:0], 4)
    assert chosen.tolist() == [0]
    chosen, _ = what_next.choose(vectors, np.ones(4), vectors[:1], 4)
    assert sorted(chosen.tolist()) == [2, 3]


def test_an_outlier_is_less_typical():
    vectors = what_next.unit(np.array([[1, 0.1], [1, 0], [1, -0.1], [-1, 0]], dtype=np.float32))
    found = what_next.typical(vectors)
    assert found[3] == 0 and found[:3].min() > 0.9
    assert what_next.typical(vectors[:0]).shape == (0,)


# -- groups -----------------------------------------------------------------------------------------------------------------


def _blobs(count=40, groups=3, seed=0):
    random = np.random.default_rng(seed)
    centres = np.eye(groups, 6)
    group = np.arange(count) % groups
    return what_next.unit((centres[group] + random.normal(0, 0.05, (count, 6))).astype(np.float32)), group


def test_k_means_finds_what_lies_apart():
    vectors, truth = _blobs()
    found, centres = clusters.k_means(vectors, 3)
    assert len(centres) == 3
    assert len({(a, b) for a, b in zip(truth.tolist(), found.tolist(), strict=True)}) == 3
    again, _ = clusters.k_means(vectors, 3)
    assert (again == found).all()


@pytest.mark.parametrize("step", range(0, 12, 3))
def test_k_means_ends_in_the_middle_when_asked(step):
    vectors, _ = _blobs(400, 6)
    looks = iter(range(100))
    with pytest.raises(Cancelled):
        clusters.k_means(vectors, 8, should_stop=lambda: next(looks) >= step)
    assert next(looks) == step + 1, "it went on after it was asked to end"


def test_groups_end_when_asked():
    vectors, _ = _blobs()
    with pytest.raises(Cancelled):
        clusters.unlabelled_groups(["text"] * 40, vectors, np.zeros(40, bool), should_stop=lambda: True)


def test_groups_of_many_texts_are_as_good_as_those_learned_from_all_of_them():
    """The centres are learned from some: the texts lie no farther from the middles of their groups than with Lloyd's algorithm over all."""
    from sklearn.cluster import KMeans

    shares = []
    for seed in range(5):
        random = np.random.default_rng(seed)
        group = random.integers(0, 30, 24_000)
        rows = random.normal(0, 1, (30, 16))[group] + random.normal(0, 0.35, (24_000, 16))
        vectors = what_next.unit(rows.astype(np.float32))
        found, _ = clusters.k_means(vectors, 30)
        sums = np.zeros((30, 16))
        np.add.at(sums, found, vectors)
        middles = sums / np.maximum(1, np.bincount(found, minlength=30))[:, None]
        own = float(np.square(vectors - middles[found]).sum())
        shares.append(own / KMeans(30, n_init=1, random_state=0).fit(vectors).inertia_)
    assert np.mean(shares) < 1.04


def test_fewer_different_texts_than_groups():
    vectors = np.ones((5, 2), dtype=np.float32) / np.sqrt(np.float32(2))
    found, centres = clusters.k_means(vectors, 4)
    assert len(centres) == 1 and (found == 0).all()


def test_only_groups_without_any_label_are_told_with_their_words():
    vectors, truth = _blobs(45)
    words = ["garden roses and soil", "engine oil and gears", "piano chords and scales"]
    texts = [f"{words[kind]} {number}" for number, kind in enumerate(truth.tolist())]
    labelled = np.zeros(45, dtype=bool)
    labelled[[0, 1]] = True  # one text of the first kind and one of the second
    found, groups = clusters.unlabelled_groups(texts, vectors, labelled)
    assert groups >= 3 and found
    assert all(
        {int(truth[place]) for place in one.members.tolist()} == {2} or not labelled[one.members].any()
        for one in found
    )
    mine = [one for one in found if truth[one.members[0]] == 2]
    assert sum(len(one.members) for one in mine) == 15
    assert all("and" not in one.words for one in mine)  # common to all
    assert {"piano", "chords", "scales"} & set(mine[0].words)


def test_one_text_has_no_groups():
    assert clusters.unlabelled_groups(["one"], np.ones((1, 2), np.float32), np.zeros(1, bool)) == ([], 0)


def test_a_label_far_from_a_group_does_not_speak_about_it():
    random = np.random.default_rng(4)
    tight = np.array([1, 0, 0]) + random.normal(0, 0.02, (30, 3))
    other = np.array([0, 1, 0]) + random.normal(0, 0.02, (30, 3))
    aside = np.array([[0.7, 0, 0.7]])  # nearer to the first group than to the second, and yet in neither
    inside = np.array([[0.01, 1, 0]])
    vectors = what_next.unit(np.concatenate([tight, other, aside, inside]).astype(np.float32))
    texts = [f"{'herb' if n < 30 else 'tool'} {n}" for n in range(60)] + ["aside", "inside"]
    labelled = np.arange(62) >= 60
    found, _ = clusters.unlabelled_groups(texts, vectors, labelled)
    assert sum(len(one.members) for one in found if one.members[0] < 30) == 30
    assert all("herb" in one.words for one in found if one.members[0] < 30)
