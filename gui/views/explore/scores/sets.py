"""Which labelled rows lie where on the histogram: on the wrong side of the line, on either side of it, or in a range of scores."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import Format
from core.project.chosen import Chosen
from core.similarity.cuts import EVERY_PART
from core.similarity.labelled import Comparison, Scored
from gui.views.explore.send import Offered

SOURCE = "explorer: scores"
Mask = NDArray[np.bool_]


def sets(
    found: Comparison, part: int, second: bool, line: float, span: tuple[float, float] | None = None
) -> list[Offered]:
    """With their titles, under one of the models; `span` is a range of scores that somebody selected."""
    model = found.second if second else found.first
    near, far, similar, dissimilar = _scores(found, model)
    here = np.ones(len(found.rows), bool) if part == EVERY_PART else found.rows.parts == part
    near_in, far_in = similar & here, dissimilar & here
    chosen = []
    if span is not None:
        low, high = span
        title = f"Scores from {low:.3f} to {high:.3f}"
        inside = [(near >= low) & (near <= high) & near_in, (far >= low) & (far <= high) & far_in]
        chosen.append((title, *inside))
    none = np.zeros(len(here), bool)
    if line == line:
        chosen += [
            (f"False matches: {_wrong(found)}, over the line", none, far_in & (far >= line)),
            ("Missed: similar, under the line", near_in & (near < line), none),
            ("All over the line", near_in & (near >= line), far_in & (far >= line)),
            ("All under the line", near_in & (near < line), far_in & (far < line)),
        ]
    return [_offered(title, found, model, near_of, far_of) for title, near_of, far_of in chosen]


def _wrong(found: Comparison) -> str:
    """What a false match is that stands in a row: random pairs do not."""
    return "rejected" if len(found.second.background) else "not similar"


def _scores(found: Comparison, model: Scored) -> tuple[NDArray[np.float64], NDArray[np.float64], Mask, Mask]:
    """The score of each row's similar and of its dissimilar pair, and whether it has one."""
    if found.by_margin:
        far = model.similarity - model.margin
        return model.similarity, far, np.isfinite(model.similarity), np.isfinite(far)
    known = np.isfinite(model.similarity) & ~np.isnan(found.rows.similar)
    high = known & (found.rows.similar >= 0.5)
    return model.similarity, model.similarity, high, known & ~high


def _chosen(found: Comparison, model: Scored, near: Mask, far: Mask) -> Chosen:
    rows = found.rows
    places = np.flatnonzero(near | far)
    ids = tuple(rows.ids[places].tolist())
    if rows.format is Format.CATEGORIES:
        return Chosen(SOURCE, ids=ids)
    pairs = []
    nearest = model.negatives_of(places)
    for place, negative in zip(places.tolist(), nearest, strict=True):
        texts = rows.texts[place]
        if near[place] or not found.by_margin:
            pairs.append((texts[0], texts[1]))
        if far[place] and found.by_margin:
            pairs.append((texts[0], texts[negative]))
    return Chosen(SOURCE, ids=ids, pairs=tuple(pairs))


def _offered(title: str, found: Comparison, model: Scored, near: Mask, far: Mask) -> Offered:
    count = int((near | far).sum())
    return Offered(f"{title} ({count:,})", count, partial(_chosen, found, model, near, far))
