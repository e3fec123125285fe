"""Whether a loss fits the data and the model it is meant for. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.dataset.formats import DatasetInfo, Example, Format
from core.errors import DataProblem, UsageError
from core.training import category_batches, matryoshka
from core.training.losses import ANGLE, BY_NAME, for_format

if TYPE_CHECKING:
    from core.dataset.stats import DataStats
    from core.training.recipe import Recipe
    from core.training.spec import Spec


def check(recipe: Recipe, stats: DataStats, info: DatasetInfo) -> None:
    """
    Raises:
        UsageError: the recipe's loss knows only the scores 0 and 1, and there are others; or it cannot use batches of this size; or
            embeddings are to be cut to lengths that the base model's do not have.
    """
    loss = BY_NAME[recipe.value("loss")]
    wrong = category_batches.problem(int(recipe.value("batch_size"))) if loss.by_category else ""
    if wrong:
        raise UsageError(
            f"batch_size cannot be {recipe.value('batch_size')}: {wrong}.", "For example batch_size=16."
        )
    full = matryoshka.dimension(str(recipe.value("base_model")))
    if full:
        matryoshka.check(recipe.value("matryoshka"), full)
    odd = [length for length in matryoshka.lengths(recipe.value("matryoshka")) if length % 2]
    if odd and loss is ANGLE:
        raise UsageError(
            f"matryoshka cannot be {odd[0]}: {loss.name} takes even lengths only.", f"Use {odd[0] + 1}."
        )
    if loss.binary and stats.labelled and not stats.binary:
        others = ", ".join(item.name for item in for_format(info.format) if not item.binary)
        raise UsageError(
            f"{loss.name} takes only scores that are 0 or 1, but {info.name} has {stats.score_levels:,} different scores.",
            f"Use one of {others}.",
        )


def check_rows(format: Format, train: Sequence[Example]) -> None:
    """
    Raises:
        DataProblem: categories are to be told apart, and what is left to train on makes no batch.
    """
    if format is not Format.CATEGORIES:
        return
    rows = category_batches.numbered([row.texts for row in train])
    if category_batches.used([row[1] for row in rows]) < category_batches.LEAST_BATCH:
        raise DataProblem(
            "Fewer than two categories have two texts to train on.",
            "Add texts, or mark fewer of them eval or test.",
        )


def similarity_notice(spec: Spec, similarity: str) -> str:
    """What to say where the base model compares by dot product and the loss trains it by cosine; "" where they agree."""
    loss = BY_NAME[spec.loss]
    parameters = spec.loss_parameters
    by_similarity = str(parameters.get("similarity_fct", "")).endswith("cos_sim")
    by_distance = str(parameters.get("distance_metric", "")).casefold().startswith("cosine")
    if similarity != "dot" or not (loss.cosine or by_similarity or by_distance):
        return ""
    but = "The base model compares by dot product but this loss trains it by"
    if by_similarity:
        return f"{but} cosine similarity; loss.similarity_fct=dot_score with loss.scale=1 would fit it."
    if by_distance:
        return f"{but} cosine distance; loss.distance_metric=EUCLIDEAN, which counts lengths as well, would be nearer to it."
    fitting = " or ".join(item.name for item in for_format(spec.format) if item.parameter("similarity_fct"))
    return f"{but} cosine similarity; {fitting} with loss.similarity_fct=dot_score and loss.scale=1 would fit it."
