"""How a map of texts is made: principal components, neighbours, groups, a map by neighbourhoods, and what to say about it.

Every function tells how far it is and stops when asked, within about half a second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.similarity import clusters, growing, keywords, map_quality, neighbours, tsne
from core.similarity.map_cost import LAID_OUT
from core.similarity.neighbours import Neighbours
from core.similarity.projection import Turn, aligned, axes
from core.similarity.what_next import unit

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Stop = Callable[[], bool]

NEIGHBOURS = 10  # of the overlap
ALL = 200_000  # texts up to which the neighbours of every one are compared
_PART = 25  # texts that are asked between two looks at the clock
_COMPONENTS = 50
_LONELY = 2.5  # standard deviations from the group's usual distance
_WORDS_OF = 500  # texts of a group that its words are taken from
_TRUSTED_ALL = 2_000  # texts up to which every one is asked for the trustworthiness
_TRUSTED = 300  # and how many of more


@dataclass(frozen=True)
class Step:
    """Where the work is; `picture` has shape (models, n, 2) where there is something new to show, and `described` says that what is known
    of the texts has come into the store."""

    stage: str
    done: int
    total: int
    picture: Floats | None = None
    described: bool = False


Tell = Callable[[Step], None]


@dataclass
class Made:
    """What belongs into the store."""

    arrays: dict[str, NDArray[Any]]
    facts: dict[str, Any]


def components(matrices: list[Floats]) -> tuple[list[Floats], float]:
    """Each model's embeddings in up to fifty dimensions on common axes, and the share of the variance that the first two have."""
    if len(matrices) == 1:
        own = axes(matrices[0], _COMPONENTS)
        return [_plane(own.place(matrices[0]))], float(own.explained[:2].sum())
    first, second, own = aligned(matrices[0], matrices[1], _COMPONENTS)
    return [_plane(first), _plane(second)], float(own.explained[:2].sum())


def _plane(points: Floats) -> Floats:
    return np.pad(points, ((0, 0), (0, max(0, 2 - points.shape[1])))).astype(np.float32)


def wanted(count: int) -> int:
    """How many neighbours of each of `count` texts are looked for."""
    return max(1, min(count - 1, max(NEIGHBOURS, tsne.wanted(count))))


def nearest_texts(matrices: Sequence[Floats], k: int, tell: Tell, stop: Stop) -> list[Neighbours]:
    """Each text's `k` nearest ones under each model."""
    found = []
    for number, matrix in enumerate(matrices):

        def told(done: int, total: int, number: int = number) -> None:
            tell(Step("near", number * total + done, len(matrices) * total))

        found.append(neighbours.nearest(matrix, k, told, stop))
    return found


def described(
    texts: Sequence[str],
    labelled: NDArray[np.bool_],
    matrices: list[Floats],
    points: list[Floats],
    tell: Tell,
    stop: Stop,
) -> Made:
    """How far texts moved, groups with words, outliers; groups by the last model."""
    tell(Step("groups", 0, 2))
    vectors = unit(matrices[-1])
    group, centres = clusters.k_means(vectors, clusters.how_many(len(texts)), should_stop=stop)
    closeness = np.einsum("ij,ij->i", vectors, centres[group])
    apart = _apart(closeness, group, len(centres))
    tell(Step("groups", 1, 2))
    groups = _groups(texts, group, closeness, labelled, len(centres), stop)
    arrays: dict[str, NDArray[Any]] = {
        "moved": _moved(matrices, points),
        "group": group.astype(np.int16),
        "apart": apart,
        "outlier": apart > _LONELY,
    }
    return Made(arrays, {"groups": groups, "labelled": int(labelled.sum()), "cosines": _alike(matrices)})


def compared(matrices: list[Floats], near: Sequence[Neighbours], tell: Tell, stop: Stop) -> Made:
    """Whose neighbours changed. `near` is empty for too many texts."""
    shares = _shares(matrices, near, tell, stop)
    known = shares[np.isfinite(shares)]
    facts = {
        "overlap": float(known.mean()) if len(known) else None,
        "asked": len(known),
        "k": min(NEIGHBOURS, max(1, len(matrices[0]) - 1)),
    }
    return Made({"overlap": shares}, facts)


def _shares(matrices: list[Floats], near: Sequence[Neighbours], tell: Tell, stop: Stop) -> Floats:
    """The share of each text's neighbours that are the same under both models; NaN where nobody asked."""
    count = len(matrices[0])
    if len(matrices) < 2:
        return np.full(count, np.nan, np.float32)
    if len(near) == 2:
        first, second = near
        return growing.shared(first.indices, second.indices, NEIGHBOURS, stop)
    shares = np.full(count, np.nan, np.float32)
    rows = _rows(count, 0, map_quality.SAMPLE)
    for start in range(0, len(rows), _PART):
        asked = rows[start : start + _PART]
        shares[asked] = map_quality.overlap(
            matrices[0], matrices[1], NEIGHBOURS, rows=asked, should_stop=stop
        )[1]
        tell(Step("neighbours", start, len(rows)))
    return shares


def trusted(matrices: Sequence[Floats], maps: Sequence[Floats], tell: Tell, stop: Stop) -> list[float]:
    """The trustworthiness of each map."""
    found = []
    for number, (high, low) in enumerate(zip(matrices, maps, strict=True)):
        rows = _rows(len(high), _TRUSTED_ALL, _TRUSTED)
        values: list[float] = []
        for start in range(0, len(rows), _PART):
            asked = rows[start : start + _PART]
            value = map_quality.trustworthiness(high, low, rows=asked, should_stop=stop)
            values += [value] * len(asked)
            tell(Step("quality", number * len(rows) + start, len(maps) * len(rows)))
        found.append(float(np.mean(values)) if values else float("nan"))
    return found


def neighbourhoods(
    matrices: Sequence[Floats],
    points: Sequence[Floats],
    group: Integers,
    near: Sequence[Neighbours],
    threads: int,
    tell: Tell,
    stop: Stop,
) -> list[Floats]:
    """The maps by neighbourhoods, the second model's grown out of the first one's, beginning as the components `points` (n, ≥ 2).

    Of more than `LAID_OUT` texts some are arranged, of each of the groups `group` (n,) its share; the others are placed beside their
    nearest of those.
    """
    count, starts = len(group), [parts[:, :2] for parts in points]
    if count < 4:
        return [parts.copy() for parts in starts]
    if count <= LAID_OUT:
        return _laid_out(near, starts, threads, tell, stop)

    def quiet(step: Step) -> None:
        tell(Step(step.stage, step.done, step.total))  # a picture of some texts is none of all

    rows = growing.stratified(group, LAID_OUT)
    some = [matrix[rows] for matrix in matrices]
    among = nearest_texts(some, wanted(len(rows)), tell, stop)
    maps = _laid_out(among, [start[rows] for start in starts], threads, quiet, stop)
    return _placed(matrices, some, rows, maps, tell, stop)


def _laid_out(
    near: Sequence[Neighbours], starts: Sequence[Floats], threads: int, tell: Tell, stop: Stop
) -> list[Floats]:
    """Maps that are turned onto the components, as one by neighbourhoods has no directions and no scale of its own."""
    maps: list[Floats] = []
    seen: list[Floats] = []
    turn = Turn.onto(starts[0], starts[0])
    for number, own in enumerate(near):
        joint = tsne.affinities(own, stop)
        if number:
            kept = growing.shared(near[0].indices, own.indices, NEIGHBOURS, stop)
            begin, home = growing.grown(maps[0], own, kept)
        else:
            begin, home = starts[0], None
        for picture in tsne.layout(joint, begin, home=home, threads=threads, should_stop=stop):
            if not number:
                turn = Turn.onto(picture.points, starts[0])
            now = turn.place(picture.points)
            done = number + picture.done / picture.total
            shown = np.stack([*seen, *([now] * (len(near) - number))])
            tell(Step("map", round(1000 * done), 1000 * len(near), shown))
        maps.append(picture.points)
        seen.append(now)
    return seen


def _placed(
    matrices: Sequence[Floats],
    some: Sequence[Floats],
    rows: Integers,
    maps: Sequence[Floats],
    tell: Tell,
    stop: Stop,
) -> list[Floats]:
    """The maps of all texts, from those of `rows`."""
    others = np.setdiff1d(np.arange(len(matrices[0])), rows)
    whole: list[Floats] = []
    among: list[Neighbours] = []
    for number, (matrix, part, places) in enumerate(zip(matrices, some, maps, strict=True)):

        def told(done: int, total: int, number: int = number) -> None:
            tell(Step("rest", number * total + done, len(maps) * total))

        among.append(neighbours.among(matrix[others], part, NEIGHBOURS, told, stop))
        found = np.empty((len(matrix), 2), np.float32)
        found[rows], found[others] = places, growing.beside(places, among[-1])
        if number:
            still = growing.shared(among[0].indices, among[1].indices, NEIGHBOURS, stop) >= growing.SAME
            same = (maps[0][among[0].indices] == places[among[0].indices]).all(axis=(1, 2))
            found[others[still & same]] = whole[0][others[still & same]]
        whole.append(found)
    return whole


def _moved(matrices: list[Floats], points: list[Floats]) -> Floats:
    """1 − cosine between a text's two embeddings; where they have other widths, how far it went among the components, as a share of the whole."""
    if len(matrices) < 2:
        return np.zeros(len(points[0]), np.float32)
    if _alike(matrices):
        cosine = np.einsum("ij,ij->i", unit(matrices[0]), unit(matrices[1]))
        return np.maximum(0.0, 1.0 - cosine).astype(np.float32)
    far = np.linalg.norm(points[0] - points[1], axis=1)
    return (far / max(float(np.linalg.norm(points[0], axis=1).max()), 1e-9)).astype(np.float32)


def _alike(matrices: Sequence[Floats]) -> bool:
    """Whether two embeddings of a text can be compared: they are as wide."""
    return len({matrix.shape[1] for matrix in matrices}) == 1


def _rows(count: int, all_up_to: int, sample: int) -> NDArray[np.int64]:
    if count <= all_up_to:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, sample, replace=False))


def _apart(closeness: Floats, group: Integers, count: int) -> Floats:
    """How much farther from the middle of its group each text lies than the group's others usually do, in standard deviations; 0 in groups of
    up to three."""
    sizes = np.maximum(np.bincount(group, minlength=count), 1)
    mean = np.bincount(group, closeness, count) / sizes
    spread = np.sqrt(np.maximum(np.bincount(group, (closeness - mean[group]) ** 2, count) / sizes, 1e-12))
    found = (mean[group] - closeness) / spread[group]
    return np.where(sizes[group] > 3, found, 0.0).astype(np.float32)


def _groups(
    texts: Sequence[str],
    group: Integers,
    closeness: Floats,
    labelled: NDArray[np.bool_],
    count: int,
    stop: Stop,
) -> list[dict[str, Any]]:
    """Of each group its words, size and how many of its texts have a label."""
    order = np.lexsort((-closeness, group))
    parts = np.split(order, np.searchsorted(group[order], np.arange(1, count)))
    typical = [[texts[place] for place in members[:_WORDS_OF].tolist()] for members in parts]
    words = keywords.of_groups(typical, 3, stop)
    found = []
    for members, some, told in zip(parts, typical, words, strict=True):
        name = ", ".join(told) or (some[0][:40] if some else "")
        found.append({"name": name, "size": len(members), "labelled": int(labelled[members].sum())})
    return found
