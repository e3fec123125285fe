"""The texts of a map, what the project knows of each, and a map that was made before. Nothing here draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import DatasetInfo, Example, Format, texts_of
from core.engine import kept_map
from core.engine.map_store import MapStore, MapTexts, mark_of, read_texts
from core.errors import AnchorLabError, Cancelled
from core.project import Reader
from core.similarity import map_cost
from gui.widgets.basic import brief
from gui.widgets.chart_menu import Table

Codes = NDArray[np.int16]
Stop = Callable[[], bool]

_NOT_IN_A_ROW = "unpaired"
_OTHERS = 40  # categories with a colour of their own at most
_POSITIVE_FROM = 0.5
_NO_QUESTION = 5.0  # seconds that are nothing on any computer


@dataclass(frozen=True)
class Named:
    """A class of each point, and the classes' names; -1: none."""

    codes: Codes
    names: tuple[str, ...]


@dataclass
class Mapped:
    """A map: `points` of shape (models, n, 2); arrays of n values each; facts as the engine wrote them."""

    method: str
    points: NDArray[np.float32]
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def trust(self, model: int) -> float | None:
        values = self.facts.get(f"trust_{self.method}") or []
        return float(values[model]) if model < len(values) and np.isfinite(values[model]) else None


@dataclass(frozen=True)
class Found:
    texts: MapTexts
    mapped: Mapped | None  # None: not made yet
    seconds: float = 0.0  # that making it takes about


def find(folder: Path, dataset_id: int | None, models: Sequence[str], method: str, stop: Stop) -> Found:
    """The texts, and their map where the cache has it.

    Raises:
        Cancelled, DataProblem, ProjectProblem
    """
    texts = read_texts(folder, dataset_id, stop)
    mapped, count = None, len(texts.texts)
    try:
        marks = [mark_of(ref, folder) for ref in models]
    except AnchorLabError:  # the engine says it better, when it is asked
        marks = [""]
    if all(marks):
        mapped = load(MapStore.of(folder, texts.key, marks), method, count, len(models))
    asks = mapped is None and method == "tsne" and map_cost.seconds(count, len(models)) > _NO_QUESTION
    wait = map_cost.seconds(count, len(models), map_cost.slowness()) if asks else 0.0
    return Found(texts, mapped, wait)


def offer(found: Found) -> str:
    """What a person is told before a map that takes long is made."""
    count = len(found.texts.texts)
    minutes = round(found.seconds / 60)
    words = f"t-SNE of {count:,} texts takes about {f'{minutes} minutes' if minutes > 1 else 'a minute'} on this computer."
    if count > map_cost.LAID_OUT:
        words += (
            f" {map_cost.LAID_OUT:,} of all groups are arranged, the others placed beside their nearest ones."
        )
    return f"{words} It can be watched and stopped."


def load(store: MapStore, method: str, count: int, models: int) -> Mapped | None:
    """A map of so many texts from the cache; None where it is not there or not whole."""
    points, known = kept_map.picture(store, method, models, count), kept_map.described(store, count)
    if points is None or known is None or kept_map.trust(known.facts, method, models) is None:
        return None
    return Mapped(method, points, known.arrays, known.facts)


def grouped(store: MapStore, count: int) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """What is known of the `count` texts of a map before their neighbours are compared; nothing where it cannot be read."""
    known = kept_map.grouped(store, count)
    return (known.arrays, known.facts) if known is not None else ({}, {})


def described(folder: Path, texts: Sequence[str], stop: Stop) -> dict[str, Named]:
    """What the first row with a text says about it: "dataset", "split" and "label" (its category, or its part in the row).

    Raises:
        Cancelled, ProjectProblem
    """
    places = {text: place for place, text in enumerate(texts)}
    columns = {key: np.full(len(texts), -1, np.int16) for key in ("dataset", "split", "label")}
    names: dict[str, dict[str, int]] = {key: {} for key in columns}

    def note(place: int, key: str, name: str) -> None:
        if name and columns[key][place] < 0:
            known = names[key]
            columns[key][place] = known.setdefault(name, min(len(known), _OTHERS))

    with Reader(folder) as reader, reader.snapshot():
        for info in reader.datasets():
            for count, row in enumerate(reader.rows(info.id)):
                if count % 500 == 0 and stop():
                    raise Cancelled
                for text, label in _labels(info, row):
                    place = places.get(text)
                    if place is not None:
                        note(place, "dataset", info.name)
                        note(place, "split", row.split or "no split")
                        note(place, "label", label)
        if reader.corpus_count():
            for place in np.flatnonzero(columns["dataset"] < 0).tolist():
                note(place, "dataset", _NOT_IN_A_ROW)
    return {key: Named(columns[key], _names(names[key])) for key in columns}


def _names(known: dict[str, int]) -> tuple[str, ...]:
    found = [name for name, code in known.items() if code < _OTHERS]
    return (*found, "others") if len(known) > _OTHERS else tuple(found)


def _labels(info: DatasetInfo, row: Example) -> Iterator[tuple[str, str]]:
    texts = texts_of(info.format, row.texts)
    if info.format is Format.CATEGORIES:
        yield texts[0], row.texts[1]
        return
    for number, text in enumerate(texts):
        if number == 0:
            yield text, "" if info.format is Format.SCORED else "anchor"
        elif info.format is Format.SCORED:
            high = row.score is not None and row.score >= _POSITIVE_FROM
            yield text, "" if row.score is None else "positive" if high else "negative"
        else:
            yield text, "positive" if number == 1 else "negative"


def table(
    texts: Sequence[str], mapped: Mapped, named: Mapping[str, Named], places: NDArray[np.int64]
) -> Table:
    """One line for each text at `places`: where it lies under each model, and what is known about it."""
    models = range(len(mapped.points))
    header = ["text", *(f"{axis}{model + 1}" for model in models for axis in "xy")]
    arrays, groups = mapped.arrays, mapped.facts.get("groups", [])
    return [*header, *arrays, "group_words", *named], _lines(texts, mapped, groups, named, places)


def _lines(
    texts: Sequence[str],
    mapped: Mapped,
    groups: Sequence[dict[str, Any]],
    named: Mapping[str, Named],
    places: NDArray[np.int64],
) -> Iterator[list[Any]]:
    for place in places.tolist():
        values = [array[place].item() for array in mapped.arrays.values()]
        words = (
            groups[int(mapped.arrays["group"][place])]["name"] if groups and "group" in mapped.arrays else ""
        )
        about = [one.names[one.codes[place]] if one.codes[place] >= 0 else "" for one in named.values()]
        yield [
            texts[place],
            *mapped.points[:, place].ravel().tolist(),
            *(None if value != value else value for value in values),
            words,
            *about,
        ]


def told(point: int, mapped: Mapped, named: Mapping[str, Named]) -> list[str]:
    """What is known about one text, line by line."""
    about = (named[key] for key in ("label", "split", "dataset") if key in named)
    parts = [one.names[one.codes[point]] for one in about if one.codes[point] >= 0]
    lines = ["  ·  ".join(parts)] if parts else []
    arrays, groups = mapped.arrays, mapped.facts.get("groups", [])
    if "group" in arrays and groups:
        apart = "  ·  an outlier" if "outlier" in arrays and arrays["outlier"][point] else ""
        lines.append(f"Group: {brief(groups[int(arrays['group'][point])]['name'], 60)}{apart}")
    if len(mapped.points) == 2 and "moved" in arrays:
        k = mapped.facts.get("k", 10)
        if "overlap" in arrays and np.isfinite(arrays["overlap"][point]):
            kept = round(float(arrays["overlap"][point]) * k)
            lines.append(f"{kept} of its {k} nearest texts are the same")
        # models of other widths have no cosine between them
        by = "1 − cosine" if mapped.facts.get("cosines", True) else "of the base model's radius"
        lines.append(f"Moved {arrays['moved'][point]:.3f} ({by})")
    return lines
