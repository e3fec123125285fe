"""One map out of another: the tuned model's out of the base model's, and that of all texts out of some of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.similarity.neighbours import Neighbours
from core.similarity.tsne import Home

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Stop = Callable[[], bool]

SAME = 0.9  # share of neighbours kept from which a row stays exactly where it was
_LOST = 0.5  # and below which it begins among its new neighbours instead
_PULL = 0.03  # of a row that kept all its neighbours, in each iteration
_AMONG = 10
_ROUNDS = 3  # new neighbours may themselves be new there
_BLOCK = 8_192


def shared(base: Integers, tuned: Integers, k: int = _AMONG, should_stop: Stop | None = None) -> Floats:
    """The share of each row's `k` nearest rows `base` (n, ≥ k) that are among the `k` nearest in `tuned` too."""
    k = min(k, base.shape[1], tuned.shape[1])
    found = np.ones(len(base), np.float32)
    if not k:
        return found
    for start in range(0, len(base), _BLOCK):
        if should_stop and should_stop():
            raise Cancelled
        one, other = base[start : start + _BLOCK, :k], tuned[start : start + _BLOCK, :k]
        both = np.sort(np.concatenate([one, other], axis=1), axis=1)
        found[start : start + _BLOCK] = (both[:, 1:] == both[:, :-1]).sum(axis=1) / k
    return found


def grown(base: Floats, tuned: Neighbours, kept: Floats) -> tuple[Floats, Home]:
    """Where the tuned map begins, and what holds it: from the base map `base` (n, 2), the neighbours under the tuned model, and the share of
    its neighbours that each row kept.

    A row whose neighbourhood is the same stays exactly where it was. The less it is the same, the more freely the row moves; one that lost
    more than half of its neighbours begins in the middle (median) of its new ones.
    """
    start = base.copy()
    lost = kept < _LOST
    among = tuned.indices[lost, :_AMONG]
    if among.size:
        for _ in range(_ROUNDS):
            start[lost] = np.median(start[among], axis=1)
    hold = np.where(kept >= SAME, 1.0, _PULL * kept).astype(np.float32)
    return start, Home(base, hold)


def beside(places: Floats, near: Neighbours) -> Floats:
    """Places (m, 2) of rows whose nearest rows among those with `places` (n, 2) are `near` (m, k): the mean of these, the nearer the more,
    weighted by a Gaussian as wide as the distance to the middle one of them."""
    squared = np.square(near.distances)
    wide = np.maximum(np.median(squared, axis=1, keepdims=True), 1e-12)
    weights = np.exp(-2.0 * (squared - squared.min(axis=1, keepdims=True)) / wide)
    weights /= weights.sum(axis=1, keepdims=True)
    found: Floats = np.einsum("ij,ijk->ik", weights, places[near.indices]).astype(np.float32)
    return found


def stratified(groups: Integers, count: int, seed: int = 0) -> Integers:
    """About `count` rows, as many of each group as is its share, at least one; sorted."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(groups))
    order = order[np.argsort(groups[order], kind="stable")]
    sizes = np.bincount(groups)
    firsts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    wanted = np.minimum(sizes, np.maximum(1, np.ceil(sizes * count / max(len(groups), 1)))).astype(np.int64)
    taken = np.arange(len(groups)) - firsts < np.repeat(wanted, sizes)
    return np.sort(order[taken])
