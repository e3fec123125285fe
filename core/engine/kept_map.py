"""What a map in the cache must be made of to be shown: a file there can be damaged, cut, or made by hand, and then it is made anew."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.engine.map_store import Array, MapStore

_KINDS = {"moved": "f", "group": "iu", "apart": "f", "outlier": "b", "overlap": "f"}
_MOST_GROUPS = 1000
_FAR = 1e15  # no point lies there


@dataclass(frozen=True)
class Described:
    """What is the same for every way to arrange the texts: `arrays` of one value each, and facts about all."""

    arrays: dict[str, Array]
    facts: dict[str, Any]


def picture(store: MapStore, method: str, models: int, count: int) -> Array | None:
    """The points (models, count, 2) of a map; None where they are not there or not whole."""
    found = store.array(method)
    if found is None or found.shape != (models, count, 2) or found.dtype.kind != "f":
        return None
    if not (np.abs(found) < _FAR).all():  # nor is it where one is no number
        return None
    return found.astype(np.float32)


def trust(facts: dict[str, Any], method: str, models: int) -> list[float] | None:
    """The trustworthiness of each model's map, NaN where there is none; None where nothing is told."""
    found = facts.get(f"trust_{method}")
    if not isinstance(found, list) or len(found) != models or not all(map(_number, found)):
        return None
    return found if all(math.isnan(one) or -1e-6 <= one <= 1 + 1e-6 for one in found) else None


def described(store: MapStore, count: int) -> Described | None:
    """All of it; None where a part is missing, or the parts do not belong together."""
    groups, overlap = grouped(store, count), compared(store, count)
    if groups is None or overlap is None:
        return None
    facts = dict(groups.facts)
    if not _share(facts.get("explained")):
        del facts["explained"]
    if not _count(facts.get("laid_out", 0)):
        del facts["laid_out"]
    return Described({**groups.arrays, **overlap.arrays}, facts)


def grouped(store: MapStore, count: int) -> Described | None:
    """Groups, outliers and how far the texts moved."""
    facts, arrays = store.facts(), _arrays(store, ("moved", "group", "apart", "outlier"), count)
    groups = facts.get("groups")
    if arrays is None or not all(np.isfinite(arrays[name]).all() for name in ("moved", "apart")):
        return None
    if not isinstance(groups, list) or len(groups) > _MOST_GROUPS or not all(map(_group, groups)):
        return None
    group = arrays["group"].astype(np.int64)
    if count and not 0 <= group.min() <= group.max() < len(groups):
        return None
    if np.bincount(group, minlength=len(groups)).tolist() != [one["size"] for one in groups]:
        return None
    return Described(arrays, facts) if _count(facts.get("labelled", 0)) else None


def compared(store: MapStore, count: int) -> Described | None:
    """Which of its neighbours each text kept."""
    facts, arrays = store.facts(), _arrays(store, ("overlap",), count)
    if arrays is None or "overlap" not in facts:
        return None
    known = arrays["overlap"][np.isfinite(arrays["overlap"])]
    if len(known) and not 0 <= known.min() <= known.max() <= 1:
        return None
    sound = _share(facts["overlap"]) and all(_count(facts.get(name, 0)) for name in ("asked", "k"))
    return Described(arrays, facts) if sound else None


def _arrays(store: MapStore, names: tuple[str, ...], count: int) -> dict[str, Array] | None:
    found = {name: store.array(name) for name in names}
    there = {
        name: array
        for name, array in found.items()
        if array is not None and array.shape == (count,) and array.dtype.kind in _KINDS[name]
    }
    return there if len(there) == len(names) else None


def _share(value: Any) -> bool:
    return value is None or (_number(value) and -1e-6 <= value <= 1 + 1e-6)


def _group(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("name"), str)
        and all(_count(one.get(name)) for name in ("size", "labelled"))
    )


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
