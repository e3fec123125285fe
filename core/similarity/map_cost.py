"""How long a map by neighbourhoods will take, so that a person can decide before it starts."""

from __future__ import annotations

import time

import numpy as np

from core.similarity import tsne
from core.similarity.neighbours import EXACT, SCREENED

LAID_OUT = 100_000  # texts that are arranged at most; more are placed beside those

# Seconds of one core of the computer that the figures in docs/benchmarks.md are from.
_PAIR = 3.5e-9  # to compare two texts
_TREE_OF_TEXT = 3.8e-6  # one iteration by the tree, of each text
_GRID, _GRID_OF_TEXT = 0.03, 1.0e-6  # one by the grid, and of each text
_PROBE = 0.0065  # what `slowness` does there
_QUALITY = 15e-6  # of each text


def seconds(count: int, models: int, slow: float = 1.0) -> float:
    """A rough estimate for `count` texts under so many models, embeddings known; `slow` as `slowness` says."""
    laid = min(count, LAID_OUT)
    steps = tsne.EARLY + tsne.LATER * models
    step = _TREE_OF_TEXT * laid if laid <= tsne.BARNES_HUT else _GRID + _GRID_OF_TEXT * laid
    pairs = float(laid) ** 2 * (2.0 if laid <= EXACT else 1.0) * models
    rest = 0.0 if count <= laid else min(float(count), SCREENED) * 3e-4 * models * count / SCREENED
    return slow * (pairs * _PAIR + steps * step + _QUALITY * count * models + rest)


def slowness() -> float:
    """How many times longer this computer takes now than that of the figures: a few hundredths of a second of the same kind of work."""
    chance = np.random.default_rng(0)
    rows, columns = (
        chance.normal(size=(512, 96)).astype(np.float32),
        chance.normal(size=(96, 2048)).astype(np.float32),
    )
    grid = chance.normal(size=(256, 256))
    times = []
    for _ in range(5):
        began = time.perf_counter()
        (rows @ columns).sort(axis=1)
        np.fft.ifft2(np.fft.fft2(grid))
        times.append(time.perf_counter() - began)
    return float(np.clip(np.median(times) / _PROBE, 0.1, 20.0))
