"""How a map of texts is made, step by step: embeddings, principal components, a map by neighbourhoods, and what to say about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.similarity import clusters, map_quality, tsne
from core.similarity.projection import aligned, axes, onto
from core.similarity.what_next import unit

Floats = NDArray[np.float32]
Stop = Callable[[], bool]

NEIGHBOURS = 10  # of the overlap
_ALL = 2_000  # texts up to which the neighbours of every one are compared
_PART = 25  # texts that are asked between two looks at the clock
_COMPONENTS = 50
_STILL = 1e-5  # 1 − cosine below which a text did not move
_LONELY = 2.5  # standard deviations from the group's usual distance
_WORDS_OF = 20_000
_TRUSTED = 300  # texts that are asked for the trustworthiness of a large map


@dataclass(frozen=True)
class Step:
    """Where the work is; `picture` has shape (models, n, 2) where there is something new to show."""

    stage: str
    done: int
    total: int
    picture: Floats | None = None


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


def described(
    texts: list[str], labelled: NDArray[np.bool_], matrices: list[Floats], points: list[Floats], stop: Stop
) -> Iterator[Step | Made]:
    """How far texts moved, whose neighbours changed, groups with words, outliers; groups by the last model."""
    moved = _moved(matrices, points)
    yield Step("groups", 0, 1)
    vectors = unit(matrices[-1])
    group, centres = clusters.k_means(vectors, clusters.how_many(len(texts)))
    near = np.einsum("ij,ij->i", vectors, centres[group])
    arrays: dict[str, NDArray[Any]] = {
        "moved": moved,
        "group": group.astype(np.int16),
        "outlier": _outliers(near, group, len(centres)),
    }
    groups = _groups(texts, group, near, labelled, len(centres))
    shares = np.full(len(texts), np.nan, np.float32)
    if len(matrices) == 2:
        rows = _rows(len(texts), _ALL, map_quality.SAMPLE)
        for start in range(0, len(rows), _PART):
            asked = rows[start : start + _PART]
            shares[asked] = map_quality.overlap(
                matrices[0], matrices[1], NEIGHBOURS, rows=asked, should_stop=stop
            )[1]
            yield Step("neighbours", start, len(rows))
    arrays["overlap"] = shares
    known = shares[np.isfinite(shares)]
    facts = {
        "groups": groups,
        "overlap": float(known.mean()) if len(known) else None,
        "asked": len(known),
        "k": min(NEIGHBOURS, max(1, len(texts) - 1)),
        "labelled": int(labelled.sum()),
    }
    yield Made(arrays, facts)


def trusted(matrices: list[Floats], maps: list[Floats], stop: Stop) -> Iterator[Step | list[float]]:
    """The trustworthiness of each map."""
    found = []
    for number, (high, low) in enumerate(zip(matrices, maps, strict=True)):
        rows = _rows(len(high), map_quality.SAMPLE, _TRUSTED)
        values = []
        for start in range(0, len(rows), _PART):
            asked = rows[start : start + _PART]
            value = map_quality.trustworthiness(high, low, rows=asked, should_stop=stop)
            values += [value] * len(asked)
            yield Step("quality", number * len(rows) + start, len(maps) * len(rows))
        found.append(float(np.mean(values)) if values else float("nan"))
    yield found


def neighbourhoods(
    matrices: list[Floats], points: list[Floats], threads: int, stop: Stop
) -> Iterator[Step | list[Floats]]:
    """Pictures of the maps by neighbourhoods, the second model's grown out of the first one's; in the end the maps."""
    maps = [parts[:, :2].copy() for parts in points]
    still = _moved(matrices, points) < _STILL if len(points) == 2 else None
    for number, parts in enumerate(points):
        yield Step("near", 0, 1)
        fixed = still if number else None
        own = parts if not number else axes(matrices[1], _COMPONENTS).place(matrices[1])
        for picture in tsne.layout(own, maps[0], fixed=fixed, threads=threads, should_stop=stop):
            held = not number or (still is not None and bool(still.any()))
            maps[number] = picture.points if held else _beside(picture.points, maps[0])
            if not number and len(maps) == 2:
                maps[1] = picture.points
            done = number + picture.done / picture.total
            yield Step("map", round(1000 * done), 1000 * len(points), np.stack(maps))
    yield maps


def _beside(points: Floats, first: Floats) -> Floats:
    """`points` turned and moved onto `first`, and as wide: a map by neighbourhoods has no directions and no scale of its own."""
    turned = onto(points, first)
    middle = turned.mean(axis=0)
    wide, wanted = float((turned - middle).std()), float((first - first.mean(axis=0)).std())
    return ((turned - middle) * (wanted / max(wide, 1e-9)) + middle).astype(np.float32)


def _moved(matrices: list[Floats], points: list[Floats]) -> Floats:
    """1 − cosine between a text's two embeddings; where they have other widths, how far it went among the components, as a share of the whole."""
    if len(matrices) < 2:
        return np.zeros(len(points[0]), np.float32)
    if matrices[0].shape[1] == matrices[1].shape[1]:
        cosine = np.einsum("ij,ij->i", unit(matrices[0]), unit(matrices[1]))
        return np.maximum(0.0, 1.0 - cosine).astype(np.float32)
    far = np.linalg.norm(points[0] - points[1], axis=1)
    return (far / max(float(np.linalg.norm(points[0], axis=1).max()), 1e-9)).astype(np.float32)


def _rows(count: int, all_up_to: int, sample: int) -> NDArray[np.int64]:
    if count <= all_up_to:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, sample, replace=False))


def _outliers(near: Floats, group: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """Texts that lie much farther from the middle of their group than its other texts do."""
    sizes = np.maximum(np.bincount(group, minlength=count), 1)
    mean = np.bincount(group, near, count) / sizes
    spread = np.sqrt(np.maximum(np.bincount(group, (near - mean[group]) ** 2, count) / sizes, 1e-12))
    found: NDArray[np.bool_] = (sizes[group] > 3) & (near < mean[group] - _LONELY * spread[group])
    return found


def _groups(
    texts: list[str], group: NDArray[np.int64], near: Floats, labelled: NDArray[np.bool_], count: int
) -> list[dict[str, Any]]:
    """Of each group its words, size and how many of its texts have a label."""
    counts = Counter[str]()
    some = texts[:_WORDS_OF]
    for text in some:
        counts.update(set(clusters.words(text)))
    found = []
    for number in range(count):
        members = np.flatnonzero(group == number)
        members = members[np.argsort(-near[members], kind="stable")]
        words = clusters.keywords([texts[place] for place in members[:2000].tolist()], counts, len(some), 3)
        name = ", ".join(words) or (texts[members[0]][:40] if len(members) else "")
        found.append({"name": name, "size": len(members), "labelled": int(labelled[members].sum())})
    return found
