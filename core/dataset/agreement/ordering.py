"""Orders that a seed decides: the same after a restart, and for each row alone, so that a filter or a new row moves no other."""

from __future__ import annotations

from array import array

import numpy as np


def shuffled(ids: array[int], seed: int) -> array[int]:
    """The ids in the order of a hash of (seed, id)."""
    order = np.argsort(_keys(ids, seed), kind="stable")
    result: array[int] = array("q")
    result.frombytes(np.frombuffer(ids, dtype=np.int64)[order].tobytes())
    return result


def sample(ids: array[int], size: int, seed: int) -> array[int]:
    """So many of the ids, chosen and ordered by the seed."""
    return shuffled(ids, seed)[:size]


def _keys(ids: array[int], seed: int) -> np.ndarray:
    """SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", 2014) of each id."""
    with np.errstate(over="ignore"):
        state = np.frombuffer(ids, dtype=np.int64).astype(np.uint64)
        state = state * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed % 2**64)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(state ^ (state >> np.uint64(31)))


def largest(ids: array[int], keys: np.ndarray) -> array[int]:
    """The rows by their numbers, the largest first, those without one (NaN) last, in their order."""
    order = np.argsort(-np.asarray(keys, dtype=np.float64), kind="stable")
    result: array[int] = array("q")
    result.frombytes(np.frombuffer(ids, dtype=np.int64)[order].tobytes())
    return result
