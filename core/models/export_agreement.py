"""How far an exported model's embeddings lie from the original's, and from where on that is said or refused."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core import rounding
from core.errors import ModelProblem
from core.models.export_request import Agreement, ExportFormat

Floats = NDArray[np.float32]
NEIGHBOURS = 10

# Largest cosine distance of an export in float. Rounding alone gives 1e-6; 3e-5 where OpenVINO computes in bf16.
FLOAT_LIMIT = 1e-3
# Mean cosine distance and share of common neighbours of an export in 8 bits: beyond the first it is said, beyond the second refused.
INT8_SAID, INT8_REFUSED = (0.02, 0.8), (0.2, 0.3)


def compare(original: Floats, exported: Floats) -> Agreement:
    """The agreement of two embeddings of the same distinct texts.

    Raises:
        ModelProblem: they are of different lengths.
    """
    if original.shape != exported.shape:
        raise ModelProblem(
            f"The exported model gives embeddings of {exported.shape[1]} dimensions, the original of {original.shape[1]}.",
            "Nothing was written. Export it as safetensors instead.",
        )
    first, second = _unit(original), _unit(exported)
    distances = np.clip(1 - np.sum(first * second, axis=1), 0, 2)
    count = min(NEIGHBOURS, len(first) - 1)
    before, after = _nearest(first, count), _nearest(second, count)
    shared = [len(set(one) & set(other)) for one, other in zip(before.tolist(), after.tolist(), strict=True)]
    return Agreement(
        texts=len(first),
        mean_distance=float(distances.mean()),
        max_distance=float(distances.max()),
        neighbours=count,
        same_neighbours=float(np.mean(shared) / count) if count else 1.0,
        same_nearest=float(np.mean(before[:, 0] == after[:, 0])) if count else 1.0,
    )


def judge(agreement: Agreement, format: ExportFormat, int8: bool) -> str:
    """What to tell plainly about the agreement; "": nothing.

    Raises:
        ModelProblem: this is no longer the same model.
    """
    mean, largest, same = agreement.mean_distance, agreement.max_distance, agreement.same_neighbours
    # written so that a distance that is no number is refused, too
    if not int8 and not largest <= FLOAT_LIMIT:
        raise ModelProblem(
            f"The {format.title} model does not agree with the original: the cosine distance of a text's two embeddings "
            f"reaches {largest:.2g} (limit {FLOAT_LIMIT:g}).",
            "Nothing was written. Export it as safetensors instead.",
        )
    if int8 and not (mean <= INT8_REFUSED[0] and same >= INT8_REFUSED[1]):
        raise ModelProblem(
            f"In 8 bits the {format.title} model is no longer the same: {_figures(agreement)}.",
            "Nothing was written. Export it without int8.",
        )
    if int8 and not (mean <= INT8_SAID[0] and same >= INT8_SAID[1]):
        return f"In 8 bits this model changes noticeably: {_figures(agreement)}. Without int8 it stays exact."
    return ""


def _figures(agreement: Agreement) -> str:
    return (
        f"mean cosine distance {agreement.mean_distance:.2g}, {rounding.share(agreement.same_neighbours, 0)} of the "
        f"{agreement.neighbours} nearest texts the same"
    )


def _unit(vectors: Floats) -> NDArray[np.float64]:
    wide = vectors.astype(np.float64)
    return wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12)


def _nearest(unit: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    similarity = unit @ unit.T
    np.fill_diagonal(similarity, -np.inf)
    return np.argsort(-similarity, axis=1, kind="stable")[:, :count]
