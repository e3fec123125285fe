"""How far a model and the labels of a dataset are apart, row by row.

Scored pairs: |label − calibrated score|. Pairs claim that two texts belong together: what speaks against that is the share of
random pairs of the same dataset that are at least as similar, or, once enough pairs were accepted and rejected, the calibrated
chance of the other decision. Triplets and categories have a margin: similarity to the positive (to the rest of the own category)
minus the best of the negatives (of the other categories); the lower, the more it disagrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import Format
from core.similarity.calibration import ENOUGH, Calibration, fit, out_of_fold, plain
from core.similarity.search import METRICS

Floats = NDArray[np.float32]
Values = NDArray[np.float64]

LEAST = 0.2  # of the label scale: below it nobody calls two scores different, however good the model is
TIMES = 3.0
FOLDED = 20_000  # labels; among more of them one has no say in its own prediction
RARE = 0.05  # of the random pairs


def rowwise(first: Floats, second: Floats, metric: str = "cosine") -> Floats:
    """The similarity of each row of `first` (n, d) to the same row of `second`; higher is more similar, distances are negated.

    Raises:
        ValueError: an unknown metric.
    """
    if metric not in METRICS:
        raise ValueError(f"unknown metric {metric!r}: one of {', '.join(METRICS)}")
    if metric == "euclidean":
        return -np.linalg.norm(first - second, axis=1)
    if metric == "manhattan":
        return -np.abs(first - second).sum(axis=1)
    product: Floats = np.einsum("ij,ij->i", first, second)
    if metric == "dot":
        return product
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return np.divide(product, lengths, out=np.zeros_like(product), where=lengths > 0)


def centroid_margins(
    vectors: Floats,
    category: NDArray[np.int64],
    sums: Values,
    counts: NDArray[np.int64],
    counted: NDArray[np.bool_] | None = None,
) -> tuple[Floats, Floats]:
    """For texts of categories: (similarity to the rest of the own category, that minus the best other category), as cosines.

    `vectors` (n, d) have length 1 or 0; `sums` (c, d) and `counts` (c,) are over all texts of each category, these included
    where `counted` (n,) says so; without it all are. A text alone in its category has no rest, and with one category there is no other:
    not a number.
    """
    inside = np.ones(len(vectors), bool) if counted is None else counted
    own = sums[category] - np.where(inside[:, None], vectors, 0)
    alone = counts[category] <= inside
    lengths = np.linalg.norm(own, axis=1)
    near = np.divide(
        np.einsum("ij,ij->i", own, vectors), lengths, out=np.zeros(len(vectors)), where=lengths > 1e-9
    )
    near[alone] = np.nan
    if len(counts) < 2:
        return near.astype(np.float32), np.full(len(vectors), np.nan, dtype=np.float32)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    centres = np.divide(sums, norms, out=np.zeros_like(sums), where=norms > 0).astype(np.float32)
    others = vectors @ centres.T
    others[:, counts == 0] = -np.inf
    others[np.arange(len(vectors)), category] = -np.inf
    best = others.max(axis=1)
    best[np.isinf(best)] = np.nan  # no other category has texts
    return near.astype(np.float32), (near - best).astype(np.float32)


@dataclass(frozen=True)
class Judged:
    """One value a row, not a number where there is none. `model` (0–1) is on the label scale; of pairs it is how likely they belong
    together. `disagreement` is higher the more the model objects. At `large` and above it is worth a look."""

    model: Values
    disagreement: Values
    uncertainty: Values
    large: float
    calibration: Calibration


def judge(
    format: Format,
    similarity: NDArray[Any],
    margin: NDArray[Any],
    label: NDArray[Any],
    counted: NDArray[np.bool_],
    background: NDArray[Any],
    metric: str = "cosine",
) -> Judged:
    """Compare the model with the labels.

    `label` (0–1, not a number where nobody has decided): the scores of scored pairs; elsewhere 1 for accepted and 0 for rejected
    rows. `counted`: the rows the calibration may learn from. `background`: similarities of random pairs, for pairs.
    """
    if format is Format.SCORED:
        return _scored(similarity, label, counted, metric)
    if format is Format.PAIRS:
        return _pairs(similarity, label, background, metric)
    margins = np.asarray(margin, dtype=np.float64)
    calibration = plain(similarity, metric)
    unsure = np.exp(-np.abs(margins) / max(float(np.nanstd(margins)), 1e-6)) if _any(margins) else margins
    return Judged(calibration.apply(similarity), -margins, unsure, 0.0, calibration)


def _any(values: Values) -> bool:
    return bool(np.isfinite(values).any())


def _scored(similarity: NDArray[Any], label: NDArray[Any], counted: NDArray[np.bool_], metric: str) -> Judged:
    known = counted & np.isfinite(label) & np.isfinite(similarity)
    if np.count_nonzero(known) < ENOUGH:
        calibration = plain(similarity, metric)
        model = calibration.apply(similarity)
    else:
        calibration = fit(similarity[known], label[known])
        model = calibration.apply(similarity)
        if np.count_nonzero(known) <= FOLDED:
            model[known] = out_of_fold(similarity[known], label[known])
    disagreement = np.abs(np.asarray(label, dtype=np.float64) - model)
    apart = disagreement[known]
    large = max(LEAST, TIMES * float(np.median(apart))) if len(apart) else LEAST
    return Judged(model, disagreement, calibration.uncertainty(similarity), large, calibration)


def _pairs(similarity: NDArray[Any], label: NDArray[Any], background: NDArray[Any], metric: str) -> Judged:
    known = np.isfinite(label) & np.isfinite(similarity)
    yes = int(np.count_nonzero(label[known] > 0.5))
    claim = np.where(np.isfinite(label), label, 1.0)  # what nobody rejected stands in the data as a pair
    if min(yes, int(np.count_nonzero(known)) - yes) >= ENOUGH // 2:
        calibration = fit(similarity[known], label[known])
        model = calibration.apply(similarity)
        model[known] = out_of_fold(similarity[known], label[known])
        unsure = calibration.uncertainty(similarity)
        return Judged(model, np.abs(claim - model), unsure, 0.5, calibration)
    if np.count_nonzero(np.isfinite(background)) < ENOUGH:
        calibration = plain(similarity, metric)
    else:
        calibration = rank_among(background)
    model = calibration.apply(similarity)
    # about a pair that somebody rejected the random ones say nothing: it may well be nearer than they are
    apart = np.where(claim > 0.5, 1.0 - model, np.nan)
    return Judged(model, apart, calibration.uncertainty(similarity), RARE, calibration)


def rank_among(random: NDArray[Any]) -> Calibration:
    """One minus the share of random pairs, given by their similarities, that are at least as similar.

    Most open is what is about as similar as the nearest random pairs.
    """
    random = np.sort(random[np.isfinite(random)])
    values, first = np.unique(random, return_index=True)
    knots = np.unique(np.linspace(0, len(values) - 1, min(len(values), 400)).round().astype(int))
    top = values[-1] + max(1e-6, abs(float(values[-1])) * 1e-6)
    similarity = np.append(values[knots], top).astype(np.float64)
    score = np.append(first[knots] / len(random), 1.0)
    spread = np.exp(-np.abs(np.log(np.maximum(1.0 - score, 1e-3) / RARE)))
    return Calibration(tuple(similarity.tolist()), tuple(score.tolist()), tuple(spread.tolist()))
