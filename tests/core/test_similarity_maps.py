"""Neighbours, axes and maps against brute force and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine import map_steps
from core.errors import Cancelled
from core.similarity import growing, map_cost, map_quality, neighbours, projection, tsne


def blobs(count: int, width: int = 20, groups: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    own = random.integers(0, groups, count)
    centres = random.normal(size=(groups, width)) * 4
    return (centres[own] + random.normal(size=(count, width))).astype(np.float32), own


def by_hand(matrix: np.ndarray, k: int) -> np.ndarray:
    distances = np.linalg.norm(matrix[:, None].astype(float) - matrix[None].astype(float), axis=2)
    np.fill_diagonal(distances, np.inf)
    return np.sort(distances, axis=1)[:, :k]


@pytest.mark.parametrize("count", [1, 2, 7, 300])
def test_exact_neighbours_are_those_of_brute_force(count: int) -> None:
    matrix, _ = blobs(count)
    indices, distances = neighbours.nearest(matrix, 5)
    k = min(5, count - 1)
    assert indices.shape == distances.shape == (count, k)
    assert distances == pytest.approx(by_hand(matrix, k), abs=1e-3)
    assert all(row not in found for row, found in enumerate(indices.tolist()))


def test_cells_miss_next_to_nothing() -> None:
    matrix, _ = blobs(3000)
    found, _ = neighbours.nearest(matrix, 30, exact=False)
    true, _ = neighbours.nearest(matrix, 30, exact=True)
    shares = [len(set(a) & set(b)) / 30 for a, b in zip(found.tolist(), true.tolist(), strict=True)]
    assert np.mean(shares) > 0.97
    assert all(len(set(row)) == 30 and place not in row for place, row in enumerate(found.tolist()))


def test_neighbours_are_screened_in_a_few_directions(monkeypatch) -> None:
    monkeypatch.setattr(neighbours, "EXACT", 100)
    random = np.random.default_rng(2)
    matrix = random.normal(size=(2500, 150)).astype(np.float32) * np.geomspace(1, 0.02, 150, dtype=np.float32)
    true = neighbours.nearest(matrix, 12, exact=True)
    heard: list[int] = []
    found = neighbours.nearest(matrix, 12, lambda done, total: heard.append(done))
    assert heard == [1024, 2048, 2500]
    assert (found.indices == true.indices).mean() > 0.99
    assert found.distances == pytest.approx(true.distances, abs=1e-3)
    matrix[:1500] = 0.0  # copies of one text by the hundred
    found = neighbours.nearest(matrix, 12)
    assert found.distances == pytest.approx(neighbours.nearest(matrix, 12, exact=True).distances, abs=1e-3)
    assert all(place not in row for place, row in enumerate(found.indices.tolist()))
    with pytest.raises(Cancelled):
        neighbours.nearest(matrix, 5, should_stop=lambda: True)


def test_equal_rows_in_one_cell_are_found_through_others() -> None:
    matrix = np.zeros((500, 4), np.float32)
    matrix[:10] = np.random.default_rng(1).normal(size=(10, 4))
    indices, distances = neighbours.nearest(matrix, 20, exact=False)
    assert np.isfinite(distances).all()
    assert all(len(set(row)) == 20 and place not in row for place, row in enumerate(indices.tolist()))


def test_a_search_for_neighbours_reports_and_stops() -> None:
    matrix, _ = blobs(2000)
    heard: list[tuple[int, int]] = []
    neighbours.nearest(matrix, 5, lambda done, total: heard.append((done, total)), exact=False)
    assert heard[-1] == (2000, 2000) and len(heard) > 5
    with pytest.raises(Cancelled):
        neighbours.nearest(matrix, 5, should_stop=lambda: True)


def test_axes_are_principal_components() -> None:
    from sklearn.decomposition import PCA

    matrix, _ = blobs(400)
    theirs = PCA(3, svd_solver="full").fit(matrix)
    ours = projection.axes(matrix, 3)
    assert ours.explained == pytest.approx(theirs.explained_variance_ratio_, abs=1e-4)
    assert np.abs(ours.place(matrix)) == pytest.approx(np.abs(theirs.transform(matrix)), abs=1e-2)
    assert projection.axes(np.zeros((0, 8), np.float32)).place(np.ones((2, 8), np.float32)).shape == (2, 2)
    assert np.isfinite(projection.axes(np.ones((5, 8), np.float32)).place(np.ones((5, 8), np.float32))).all()


def test_what_did_not_move_has_the_same_place_on_both_maps() -> None:
    base, _ = blobs(200)
    tuned = base.copy()
    tuned[:50] += 1.0
    first, second, _ = projection.aligned(base, tuned)
    assert (first[50:] == second[50:]).all() and (first[:50] != second[:50]).any()


def test_a_model_of_another_width_is_turned_onto_the_first() -> None:
    base, _ = blobs(300, width=6)
    turn, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))
    wide = np.pad((base @ turn.astype(np.float32)) * 3 + 5, ((0, 0), (0, 4)))
    first, second, _ = projection.aligned(base, wide.astype(np.float32))
    assert second == pytest.approx(first, abs=1e-2)


def test_trustworthiness_is_that_of_scikit_learn() -> None:
    from sklearn.manifold import trustworthiness

    matrix, _ = blobs(150)
    flat = matrix[:, :2]
    assert map_quality.trustworthiness(matrix, flat, 7) == pytest.approx(
        trustworthiness(matrix, flat, n_neighbors=7), abs=1e-6
    )
    sampled = map_quality.trustworthiness(matrix, flat, 7, sample=60)
    assert sampled == pytest.approx(map_quality.trustworthiness(matrix, flat, 7), abs=0.05)
    assert np.isnan(map_quality.trustworthiness(matrix[:2], flat[:2]))


def test_overlap_counts_shared_neighbours() -> None:
    base, _ = blobs(120)
    rows, shares = map_quality.overlap(base, base)
    assert len(rows) == 120 and (shares == 1).all()
    tuned = base.copy()
    tuned[0] = -tuned[0]
    assert map_quality.overlap(base, tuned)[1][0] == 0
    random = np.random.default_rng(3).normal(size=(120, 9)).astype(np.float32)
    assert map_quality.overlap(base, random)[1].mean() < 0.3


def laid_out(matrix: np.ndarray, start: np.ndarray, **how) -> list[tsne.Picture]:
    joint = tsne.affinities(neighbours.nearest(matrix, tsne.wanted(len(matrix))))
    return list(tsne.layout(joint, start, **how))


def test_affinities_are_those_of_opentsne() -> None:
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    matrix, _ = blobs(300)
    matrix[5] = matrix[6] = matrix[7]  # copies have no distance
    near = neighbours.nearest(matrix, tsne.wanted(300))
    theirs = PerplexityBasedNN(
        perplexity=30, knn_index=PrecomputedNeighbors(near.indices, near.distances.astype(np.float64))
    )
    ours = tsne.affinities(near)
    assert abs(ours - theirs.P).max() < 1e-6 and ours.sum() == pytest.approx(1)
    far = neighbours.Neighbours(near.indices, near.distances * 1e6)
    assert abs(tsne.affinities(far) - ours).max() < 1e-6, "only how distances compare matters"


def test_a_map_by_neighbourhoods_keeps_groups_together_and_can_be_watched(monkeypatch) -> None:
    monkeypatch.setattr(tsne, "_PICTURE_SECONDS", 0.01)
    matrix, own = blobs(240, groups=3)
    pictures = laid_out(matrix, projection.axes(matrix).place(matrix))
    assert len(pictures) > 2 and pictures[-1].done == pictures[-1].total
    points = pictures[-1].points
    assert points.shape == (240, 2) and np.isfinite(points).all()
    nearest, _ = neighbours.nearest(points, 5)
    assert np.mean(own[nearest] == own[:, None]) > 0.95


def test_the_tuned_map_grows_out_of_the_base_map() -> None:
    """As after training: every embedding moved, most neighbourhoods did not change, some texts went to another group."""
    matrix, own = blobs(300)
    random = np.random.default_rng(1)
    tuned = matrix * 1.02 + random.normal(size=matrix.shape).astype(np.float32) * 0.01
    gone = np.flatnonzero(own == 0)[:20]
    tuned[gone] = (matrix[own == 1].mean(axis=0) + random.normal(size=(20, 20))).astype(np.float32)
    base = laid_out(matrix, projection.axes(matrix).place(matrix))[-1].points
    first, second = (neighbours.nearest(one, tsne.wanted(300)) for one in (matrix, tuned))
    kept = growing.shared(first.indices, second.indices)
    start, home = growing.grown(base, second, kept)
    grown = list(tsne.layout(tsne.affinities(second), start, home=home))[-1].points
    drift = np.linalg.norm(grown - base, axis=1) / np.ptp(base, axis=0).max()
    same = kept >= growing.SAME
    assert same.sum() > 100 and drift[same].max() == 0
    assert np.median(drift[~same & (kept >= 0.5)]) < 0.03
    middle = base[own == 1].mean(axis=0)
    nearer = np.linalg.norm(grown[gone] - middle, axis=1) < np.linalg.norm(base[gone] - middle, axis=1) / 2
    assert nearer.mean() > 0.9, "what changed its neighbours goes to them"
    assert map_quality.trustworthiness(tuned, grown) > map_quality.trustworthiness(tuned, base) + 0.02


def test_neighbours_that_both_models_share() -> None:
    base, _ = blobs(120)
    near = neighbours.nearest(base, 12).indices
    assert (growing.shared(near, near) == 1).all()
    other = neighbours.nearest(np.random.default_rng(3).normal(size=(120, 9)).astype(np.float32), 12).indices
    by_hand = [
        len(set(a[:10]) & set(b[:10])) / 10 for a, b in zip(near.tolist(), other.tolist(), strict=True)
    ]
    assert growing.shared(near, other) == pytest.approx(np.array(by_hand))


def test_other_rows_are_placed_beside_their_nearest() -> None:
    matrix, own = blobs(4000)
    rows = growing.stratified(own, 400)
    assert np.bincount(own[rows]) == pytest.approx(np.bincount(own) / 10, abs=1)
    near = neighbours.among(matrix, matrix[rows], 10)
    assert (near.distances[rows, 0] < 0.05).all(), "each is its own nearest"
    true = np.sort(np.linalg.norm(matrix[:200, None] - matrix[rows][None], axis=2), axis=1)[:, :10]
    assert np.mean(np.abs(near.distances[:200] - true) < 0.05) > 0.97
    places = growing.beside(projection.axes(matrix).place(matrix[rows]), near)
    whole = projection.axes(matrix).place(matrix)
    off = np.linalg.norm(places - whole, axis=1) / np.ptp(whole, axis=0).max()
    assert np.median(off) < 0.1
    assert growing.stratified(np.array([0, 0, 0, 1]), 2).tolist().count(3) == 1


def test_of_very_many_texts_some_are_arranged_and_the_others_placed(monkeypatch) -> None:
    monkeypatch.setattr(map_steps, "LAID_OUT", 150)
    matrix, own = blobs(600, groups=3)
    tuned = matrix.copy()
    tuned[:5] = matrix[own == 1].mean(axis=0)
    points = [projection.axes(matrix).place(one) for one in (matrix, tuned)]
    told: list[map_steps.Step] = []
    maps = map_steps.neighbourhoods([matrix, tuned], points, own, [], 1, told.append, lambda: False)
    assert [one.shape for one in maps] == [(600, 2)] * 2 and all(np.isfinite(one).all() for one in maps)
    nearest, _ = neighbours.nearest(maps[0], 5)
    assert np.mean(own[nearest] == own[:, None]) > 0.9
    assert (maps[0][5:] == maps[1][5:]).all(axis=1).mean() > 0.85, "what did not change stays"
    assert told[-1].stage == "rest" and all(step.picture is None for step in told)


def test_what_a_map_will_take() -> None:
    times = [map_cost.seconds(count, 2) for count in (100, 3_000, 20_000, 100_000, 1_000_000)]
    assert times == sorted(times) and times[0] < 5 and 60 < times[3] < 900
    assert map_cost.seconds(5_000, 1) < map_cost.seconds(5_000, 2)
    assert map_cost.seconds(5_000, 2, slow=2.0) == pytest.approx(2 * map_cost.seconds(5_000, 2))
    assert 0.1 <= map_cost.slowness() <= 20


def test_a_map_is_stopped() -> None:
    matrix, _ = blobs(100)
    near = neighbours.nearest(matrix, 20)
    with pytest.raises(Cancelled):
        tsne.affinities(near, should_stop=lambda: True)
    answers = iter([False] * 5 + [True] * 9)
    with pytest.raises(Cancelled):
        list(tsne.layout(tsne.affinities(near), matrix[:, :2], should_stop=answers.__next__))


def test_a_turn_keeps_equal_places_equal() -> None:
    random = np.random.default_rng(4)
    target = random.normal(size=(50, 2)).astype(np.float32)
    angle = np.array([[0.6, -0.8], [0.8, 0.6]], np.float32)
    turned = (target @ angle) * 7 + 3
    turn = projection.Turn.onto(turned, target)
    assert turn.place(turned) == pytest.approx(target, abs=1e-3)
    assert (turn.place(turned[::-1])[::-1] == turn.place(turned)).all()
