"""Whether a loss fits the data and the model it is meant for. No torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dataset.formats import DatasetInfo
from core.errors import UsageError
from core.training.losses import BY_NAME, for_format

if TYPE_CHECKING:
    from core.dataset.stats import DataStats
    from core.training.recipe import Recipe
    from core.training.spec import Spec


def check(recipe: Recipe, stats: DataStats, info: DatasetInfo) -> None:
    """
    Raises:
        UsageError: the recipe's loss knows only the scores 0 and 1, and there are others.
    """
    loss = BY_NAME[recipe.value("loss")]
    if loss.binary and stats.labelled and not stats.binary:
        others = ", ".join(item.name for item in for_format(info.format) if not item.binary)
        raise UsageError(
            f"{loss.name} takes only scores that are 0 or 1, but {info.name} has {stats.score_levels:,} different scores.",
            f"Use one of {others}.",
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
