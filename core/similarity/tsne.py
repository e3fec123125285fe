"""A map by neighbourhoods (t-SNE: van der Maaten and Hinton 2008), made step by step so that it can be watched and stopped.

openTSNE gives the gradient (Barnes–Hut for few rows, interpolation and Fourier transforms for many); the neighbours, the affinities and the
descent are ours, because each must stop within half a second, keep its momentum from one picture to the next, and hold rows that did not
change where they are. openTSNE is imported inside: it takes a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.similarity.neighbours import Neighbours

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Stop = Callable[[], bool]

_PERPLEXITY = 30.0
_LARGE = 50_000  # rows from where fewer neighbours have to do
EARLY, LATER = 250, 500  # iterations, as openTSNE's own defaults
_EXAGGERATION = 12.0
_PICTURE_SECONDS = 0.15
BARNES_HUT = 10_000  # rows up to which the tree is faster than the grid
_CELLS = 150  # of the grid along one side at most: beyond that a single step takes a quarter of a second
_FARTHEST = 5.0  # one step of one row
_BLOCK = 4_096


@dataclass(frozen=True)
class Picture:
    """The map after some iterations: `points` (n, 2), of `total` iterations `done`."""

    points: Floats
    done: int
    total: int


@dataclass(frozen=True)
class Home:
    """Where rows come from, `places` (n, 2), and how strongly each is held there, `hold` (n,): 1 does not move, 0 moves freely."""

    places: Floats
    hold: Floats


def perplexity_for(count: int) -> float:
    return min(_PERPLEXITY if count < _LARGE else _PERPLEXITY / 2, max((count - 1) / 3, 1.0))


def wanted(count: int) -> int:
    """How many neighbours of each of `count` rows a map is made from."""
    return max(1, min(count - 1, int(3 * perplexity_for(count))))


def affinities(near: Neighbours, should_stop: Stop | None = None) -> Any:
    """Joint probabilities of neighbours as a sparse matrix (n, n) that sums to 1: each row's bandwidth is such that its perplexity is the one
    wanted, found by bisection.

    Raises:
        Cancelled
    """
    import scipy.sparse

    count, k = near.indices.shape
    target = np.log(min(perplexity_for(count), k * 0.999))
    values = np.empty((count, k))
    for start in range(0, count, _BLOCK):
        _go_on(should_stop)
        values[start : start + _BLOCK] = _conditional(near.distances[start : start + _BLOCK], target)
    bounds = np.arange(0, count * k + 1, k)
    one_way = scipy.sparse.csr_matrix((values.ravel(), near.indices.ravel(), bounds), shape=(count, count))
    _go_on(should_stop)
    joint = (one_way + one_way.T).tocsr()
    joint.sort_indices()
    joint.data /= joint.data.sum()
    return joint


def _conditional(distances: Floats, target: float) -> Doubles:
    """Probabilities of the neighbours of some rows, each row's entropy being `target`."""
    squared = np.square(distances.astype(np.float64))
    squared -= squared.min(axis=1, keepdims=True)  # the same probabilities, and no underflow
    scale = np.maximum(squared.mean(axis=1), 1e-12)
    low, high = np.full(len(squared), -25.0), np.full(len(squared), 25.0)  # logarithms of the precision
    found = np.empty_like(squared)
    for _ in range(40):
        middle = (low + high) / 2
        precision = np.exp(middle) / scale
        np.multiply(squared, -precision[:, None], out=found)
        np.exp(found, out=found)
        total = found.sum(axis=1)
        entropy = np.log(total) + precision * np.einsum("ij,ij->i", squared, found) / total
        wide = entropy > target
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    found /= found.sum(axis=1, keepdims=True)
    return found


def layout(
    joint: Any,
    start: Floats,
    *,
    home: Home | None = None,
    threads: int = 1,
    should_stop: Stop | None = None,
    seed: int = 0,
) -> Iterator[Picture]:
    """Pictures of a map of rows with the affinities `joint` (n, n) that begins as `start` (n, 2).

    With `home` rows are held near where they come from, and nothing is drawn together first: this is how the tuned model's map grows out of
    the base model's.

    Raises:
        Cancelled: `should_stop` said so, within one iteration.
    """
    descent = _Descent(joint, start, home, threads, seed)
    phases = [(LATER, 1.0, 0.8)] if home is not None else [(EARLY, _EXAGGERATION, 0.5), (LATER, 1.0, 0.8)]
    total, done = sum(phase[0] for phase in phases), 0
    shown = time.monotonic()
    for iterations, exaggeration, momentum in phases:
        for _ in range(iterations):
            _go_on(should_stop)
            descent.step(exaggeration, momentum)
            done += 1
            if done == total or time.monotonic() - shown > _PICTURE_SECONDS:
                yield Picture(descent.places.astype(np.float32), done, total)
                shown = time.monotonic()


class _Descent:
    """Gradient descent with momentum and gains, as in openTSNE (learning rates: Belkina et al. 2019)."""

    def __init__(self, joint: Any, start: Floats, home: Home | None, threads: int, seed: int) -> None:
        from openTSNE import tsne

        count = len(start)
        self._joint, self._home, self._threads = joint, home, threads
        self._gradient = tsne.kl_divergence_bh if count <= BARNES_HUT else tsne.kl_divergence_fft
        begin = np.asarray(start, np.float64)
        if home is None:  # a small beginning, else the first steps tear it apart
            begin = (begin - begin.mean(axis=0)) / max(float(begin[:, 0].std()), 1e-12) * 1e-4
        # equal points have no direction to part in
        noise = np.random.default_rng(seed).normal(scale=1e-6, size=begin.shape)
        self._free = None if home is None else (1.0 - home.hold.astype(np.float64))[:, None]
        self.places: Doubles = begin + (noise if self._free is None else noise * self._free)
        self._update = np.zeros_like(begin)
        self._gains = np.ones_like(begin)

    def step(self, exaggeration: float, momentum: float) -> None:
        gradient = self._slope(exaggeration)
        flipped = np.sign(self._update) != np.sign(gradient)
        self._gains = np.where(flipped, self._gains + 0.2, self._gains * 0.8 + 0.01)
        rate = len(gradient) / exaggeration
        self._update = momentum * self._update - rate * self._gains * gradient
        far = np.linalg.norm(self._update, axis=1, keepdims=True)
        self._update *= np.minimum(1.0, _FARTHEST / np.maximum(far, 1e-12))
        self.places += self._update
        if self._home is None or self._free is None:
            self.places -= self.places.mean(axis=0)
        else:
            self.places = self._home.places + self._free * (self.places - self._home.places)

    def _slope(self, exaggeration: float) -> Doubles:
        span = float(np.ptp(self.places, axis=0).max())
        self._joint.data *= exaggeration
        try:
            _, gradient = self._gradient(
                self.places,
                self._joint,
                dof=1,
                bh_params={"theta": 0.5},
                fft_params={
                    "n_interpolation_points": 3,
                    "min_num_intervals": 50,
                    "ints_in_interval": max(1.0, span / _CELLS),
                },
                n_jobs=self._threads,
            )
        finally:
            self._joint.data /= exaggeration
        found: Doubles = np.asarray(gradient)
        return found


def _go_on(should_stop: Stop | None) -> None:
    if should_stop and should_stop():
        raise Cancelled
