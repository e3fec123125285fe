"""The map of the dataset's texts under both models, from the project's cache or made by the engine."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.engine import kept_map
from core.engine.map_store import MapStore, mark_of, read_texts
from core.errors import AnchorLabError, Cancelled, EngineProblem
from core.models import catalogue
from core.report.asking import Asking
from core.report.facts import MapFacts
from core.report.gather_data import texts_with
from core.report.gather_rows import NO_BASE, Source, refs_of
from core.training.runs import Run
from core.words import count

_DRAWN = 2_500  # texts; more only make the page heavy
_FEWEST = 3
_CLASSES = 6


def map_facts(project: Path, run: Run, source: Source | None, asking: Asking) -> MapFacts:
    """Raises: Cancelled, EngineProblem. What else goes wrong is told in the report."""
    if run.model is None or source is None:
        return MapFacts(missing="A map needs the run's model and its dataset.")
    if run.spec is not None and run.spec.base_model == catalogue.RANDOM:
        return MapFacts(missing=NO_BASE)
    try:
        return _made(project, run, source, asking)
    except (Cancelled, EngineProblem):
        raise
    except AnchorLabError as error:
        return MapFacts(missing=f"The map could not be made: {error.message}")


def _made(project: Path, run: Run, source: Source, asking: Asking) -> MapFacts:
    refs = refs_of(run)
    known = read_texts(project, source.info.id, asking.should_stop)
    if len(known.texts) < _FEWEST:
        return MapFacts(missing=f"A map needs at least {count(_FEWEST, 'text')}.")
    marks = [mark_of(ref, project) for ref in refs]
    kept = MapStore.of(project, known.key, marks)
    many = len(known.texts)
    pictures = kept_map.picture(kept, "pca", 2, many) if all(marks) else None
    made = kept_map.described(kept, many)
    if pictures is None or made is None:
        params = {
            "project": str(project),
            "dataset_id": source.info.id,
            "models": list(refs),
            "method": "pca",
        }
        kept = MapStore(Path(asking.ask("Drawing the map", "map", params)["folder"]))
        pictures, made = kept_map.picture(kept, "pca", 2, many), kept_map.described(kept, many)
    if pictures is None or made is None:
        return MapFacts(missing="The map could not be read.")
    groups, told = made.arrays["group"], made.facts
    classes, names, by = _classes(known.texts, texts_with(source.info.format, source.examples), groups, told)
    shown = np.arange(len(known.texts))
    if len(shown) > _DRAWN:
        shown = np.sort(np.random.default_rng(0).choice(len(shown), _DRAWN, replace=False))
    overlap, explained = told.get("overlap"), told.get("explained")
    return MapFacts(
        pictures[:, shown].astype(np.float32),
        classes[shown],
        names,
        by,
        len(known.texts),
        float(overlap) if isinstance(overlap, (int, float)) else None,
        int(told.get("k") or 0),
        float(explained) if isinstance(explained, (int, float)) else None,
    )


def _classes(
    texts: list[str], categories: dict[str, str], groups: NDArray[np.int16], told: dict[str, object]
) -> tuple[NDArray[np.int64], tuple[str, ...], str]:
    """The largest classes, the others as −1: categories where texts have them, else groups of alike texts."""
    if categories:
        many = Counter(categories.get(text, "") for text in texts)
        names = [name for name, _ in many.most_common(_CLASSES) if name]
        place = {name: number for number, name in enumerate(names)}
        found = [place.get(categories.get(text, ""), -1) for text in texts]
        return np.array(found, np.int64), tuple(names), "category"
    listed = told.get("groups")
    titles = [str(one.get("name", "")) for one in listed] if isinstance(listed, list) else []
    sizes = np.bincount(groups[groups >= 0], minlength=max(len(titles), 1))
    largest = np.argsort(-sizes, kind="stable")[:_CLASSES]
    found_of = np.full(len(sizes), -1, np.int64)
    found_of[largest] = np.arange(len(largest))
    names = [titles[number] if number < len(titles) else f"Group {number + 1}" for number in largest]
    return found_of[groups], tuple(names), "group of alike texts"
