"""Neighbours, axes and maps against brute force and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import Cancelled
from core.similarity import map_quality, neighbours, projection, tsne


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


def test_a_map_by_neighbourhoods_keeps_groups_together_and_can_be_watched() -> None:
    matrix, own = blobs(240, groups=3)
    start = projection.axes(matrix).place(matrix)
    pictures = list(tsne.layout(matrix, start))
    assert len(pictures) > 3 and pictures[-1].done == pictures[-1].total
    points = pictures[-1].points
    assert points.shape == (240, 2) and np.isfinite(points).all()
    nearest, _ = neighbours.nearest(points, 5)
    assert np.mean(own[nearest] == own[:, None]) > 0.95


def test_the_tuned_map_grows_out_of_the_base_map() -> None:
    matrix, _ = blobs(200)
    *_, base = tsne.layout(matrix, projection.axes(matrix).place(matrix))
    tuned = matrix.copy()
    tuned[:20] += 5.0
    fixed = np.arange(200) >= 20
    *_, grown = tsne.layout(tuned, base.points, fixed=fixed)
    assert (grown.points[fixed] == base.points[fixed]).all()
    assert (grown.points[~fixed] != base.points[~fixed]).any()


def test_a_map_is_stopped() -> None:
    matrix, _ = blobs(100)
    pictures = tsne.layout(matrix, matrix[:, :2], should_stop=iter([False] * 5 + [True] * 9).__next__)
    with pytest.raises(Cancelled):
        list(pictures)
    few = np.zeros((3, 4), np.float32)
    assert [picture.points.tolist() for picture in tsne.layout(few, few[:, :2])] == [[[0.0, 0.0]] * 3]
