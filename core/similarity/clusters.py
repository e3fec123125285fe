"""Groups of texts: spherical k-means (Dhillon and Modha 2001) seeded by greedy k-means++ (Arthur and Vassilvitskii 2007), and words for
them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled
from core.similarity import keywords

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_SAMPLE = 20_000  # rows that the centres are learned from
_ROUNDS = 25
_CHUNK = 8192
_EDGE = 0.1
_WORDS_OF = 500  # texts of a group that its words are taken from


def how_many(texts: int) -> int:
    """A number of groups that a person can look through: the square root of half the texts, 2 to 60."""
    return int(max(2, min(60, round((texts / 2) ** 0.5), texts)))


def k_means(
    vectors: Floats, count: int, seed: int = 0, should_stop: Callable[[], bool] | None = None
) -> tuple[Integers, Floats]:
    """The group of each row of `vectors` (n, d; length 1) and the centres (k, d), k ≤ `count`. The same seed gives the same groups.

    Raises:
        Cancelled
    """
    random = np.random.default_rng(seed)
    some = vectors
    if len(vectors) > _SAMPLE:
        some = vectors[np.sort(random.choice(len(vectors), _SAMPLE, replace=False))]
    centres = _seeds(some, count, random, should_stop)
    group = assign(some, centres, should_stop)
    for _ in range(_ROUNDS):
        sums = _sums(some, group, len(centres))
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        moved = np.where(lengths > 1e-9, sums / np.maximum(lengths, 1e-9), centres).astype(np.float32)
        now = assign(some, moved, should_stop)
        centres = moved
        if (now == group).all():
            break
        group = now
    return assign(vectors, centres, should_stop), centres


def assign(vectors: Floats, centres: Floats, should_stop: Callable[[], bool] | None = None) -> Integers:
    """The nearest centre of each row.

    Raises:
        Cancelled
    """
    found = np.empty(len(vectors), dtype=np.int64)
    for start in range(0, len(vectors), _CHUNK):
        if should_stop and should_stop():
            raise Cancelled
        found[start : start + _CHUNK] = (vectors[start : start + _CHUNK] @ centres.T).argmax(axis=1)
    return found


def _sums(vectors: Floats, group: Integers, count: int) -> NDArray[np.float64]:
    order = np.argsort(group, kind="stable")
    present, starts = np.unique(group[order], return_index=True)
    sums = np.zeros((count, vectors.shape[1]), dtype=np.float64)
    sums[present] = np.add.reduceat(vectors[order], starts)
    return sums


def _seeds(
    vectors: Floats, count: int, random: np.random.Generator, should_stop: Callable[[], bool] | None
) -> Floats:
    """Rows far apart: each next one drawn by its squared distance to the nearest so far, the best of a few draws. Copies are not drawn
    again."""
    chosen = [int(random.integers(len(vectors)))]
    distance = _beside(vectors, vectors[chosen])[:, 0]
    draws = 2 + int(np.log(count))
    for _ in range(count - 1):
        if should_stop and should_stop():
            raise Cancelled
        total = float(distance.sum())
        if total <= 0:
            break
        drawn = random.choice(len(vectors), draws, p=distance / total)
        left = np.minimum(distance[:, None], _beside(vectors, vectors[drawn]))
        best = int(left.sum(axis=0).argmin())
        chosen.append(int(drawn[best]))
        distance = left[:, best]
    return vectors[chosen].copy()


def _beside(vectors: Floats, some: Floats) -> NDArray[np.float64]:
    """Half the squared distance of each row to each of `some`, both of length 1."""
    found = np.maximum(0.0, 1.0 - vectors @ some.T).astype(np.float64)
    found[found < 1e-6] = 0.0
    return found


@dataclass(frozen=True)
class Group:
    """Texts that are alike: their positions, the most typical first, and the words that set them apart."""

    members: Integers
    words: tuple[str, ...]


def unlabelled_groups(
    texts: Sequence[str],
    vectors: Floats,
    labelled: NDArray[np.bool_],
    *,
    least: int = 3,
    seed: int = 0,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[list[Group], int]:
    """The groups of unlabelled texts that no label speaks about, largest first, and how many groups there are in all.

    A labelled text speaks about the group with the nearest centre when it is as near to it as nine in ten of the group's own texts.

    Raises:
        Cancelled
    """
    free = np.flatnonzero(~labelled)
    if len(free) < least:
        return [], 0
    group, centres = k_means(vectors[free], how_many(len(free)), seed, should_stop)
    near = np.einsum("ij,ij->i", vectors[free], centres[group])
    reached = _reached(vectors[labelled], group, near, centres)
    members = []
    for number in range(len(centres)):
        places = np.flatnonzero(group == number)
        members.append(free[places[np.argsort(-near[places], kind="stable")]])
    shown = [n for n, one in enumerate(members) if len(one) >= least and not reached[n]]
    told = keywords.of_groups(
        [[texts[place] for place in one[:_WORDS_OF].tolist()] for one in members], 4, should_stop
    )
    found = [Group(members[number], told[number]) for number in shown]
    found.sort(key=lambda one: -len(one.members))
    return found, len(centres)


def _reached(labelled: Floats, group: Integers, near: Floats, centres: Floats) -> NDArray[np.bool_]:
    """Which groups a labelled text falls into; `near` is how near each member is to its centre."""
    reached = np.zeros(len(centres), dtype=bool)
    if not len(labelled):
        return reached
    nearest = assign(labelled, centres)
    own = np.einsum("ij,ij->i", labelled, centres[nearest])
    for number in np.unique(nearest).tolist():
        members = near[group == number]
        edge = np.quantile(members, _EDGE) if len(members) else np.inf
        reached[number] = bool((own[nearest == number] >= edge - 1e-6).any())
    return reached
