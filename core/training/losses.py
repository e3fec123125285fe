"""The losses a run can use, with every parameter of their constructors in sentence-transformers (6.0 and later).

A table and no torch: the window and the command line list it, `core.training.build_loss` builds from it in the child process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.dataset.formats import Format
from core.training.loss_parameters import (
    CACHING,
    GROUP_DISTANCE,
    GROUP_MARGIN,
    GUIDE,
    PAIR_DISTANCE,
    PAIR_MARGIN,
    PAIRWISE_SIMILARITY,
    RANKING,
    SCALE,
    TRIPLET_DISTANCE,
    TRIPLET_MARGIN,
    Parameter,
)


@dataclass(frozen=True)
class Loss:
    name: str  # the class in sentence-transformers
    title: str
    help: str
    formats: tuple[Format, ...]
    parameters: tuple[Parameter, ...]
    in_batch: bool = False  # the other rows of a batch serve as negatives: no duplicates, no batch of one row
    binary: bool = False  # knows only the scores 0 and 1
    most_negatives: int = 0  # a row with more becomes several; 0: any number
    cosine: bool = False  # compares by cosine and by nothing else
    by_category: bool = False  # compares the texts of a batch by their categories
    cached: str = ""  # the loss that this one is, worked through in parts

    def parameter(self, key: str) -> Parameter | None:
        """By setting key or by the constructor's own name."""
        return next((item for item in self.parameters if key in (item.key, item.name)), None)

    def defaults(self) -> dict[str, Any]:
        return {item.key: item.default for item in self.parameters}


COSINE_SIMILARITY = Loss(
    "CosineSimilarityLoss",
    "Cosine similarity",
    "Moves each pair's cosine similarity towards its score.",
    (Format.SCORED,),
    (
        Parameter(
            "loss_fct",
            "choice",
            "MSELoss",
            "Error measure",
            "How the distance between similarity and score is counted: squared (MSE) punishes large misses most, "
            "absolute (L1) treats all alike, the other two lie between.",
            ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"),
        ),
        Parameter(
            "cos_score_transformation",
            "choice",
            "Identity",
            "Transformation",
            "What is done to the cosine before it is compared with the score. Identity compares it as it is.",
            ("Identity", "ReLU", "Sigmoid", "Tanh"),
        ),
    ),
    cosine=True,
)

COSENT = Loss(
    "CoSENTLoss",
    "CoSENT",
    "Puts pairs in the order of their scores: a higher score must mean a higher similarity, how much higher does not matter.",
    (Format.SCORED,),
    (SCALE, PAIRWISE_SIMILARITY),
)

ANGLE = Loss(
    "AnglELoss",
    "AnglE",
    "Puts pairs in the order of their scores as CoSENT does, but by angles, which still teach something where cosines are "
    "near 1 or -1 and hardly change.",
    (Format.SCORED,),
    (SCALE,),
)

ONLINE_CONTRASTIVE = Loss(
    "OnlineContrastiveLoss",
    "Online contrastive",
    "For scores that are 0 or 1: moves pairs together or apart, in each batch only those that are still mixed up with the "
    "other kind.",
    (Format.SCORED,),
    (PAIR_DISTANCE, PAIR_MARGIN),
    binary=True,
)

CONTRASTIVE = Loss(
    "ContrastiveLoss",
    "Contrastive",
    "For scores that are 0 or 1: moves every pair scored 1 together, and every pair scored 0 apart up to the margin.",
    (Format.SCORED,),
    (
        PAIR_DISTANCE,
        PAIR_MARGIN,
        Parameter(
            "size_average",
            "choice",
            True,
            "Mean over the batch",
            "The mean of a batch's pairs, or their sum, which makes steps longer the larger the batch is.",
            (True, False),
        ),
    ),
    binary=True,
)

MULTIPLE_NEGATIVES = Loss(
    "MultipleNegativesRankingLoss",
    "Multiple negatives ranking",
    "Each anchor must find its own positive among all the other texts of the batch.",
    (Format.PAIRS, Format.TRIPLETS),
    RANKING,
    in_batch=True,
)

CACHED_MULTIPLE_NEGATIVES = Loss(
    "CachedMultipleNegativesRankingLoss",
    "Multiple negatives ranking, cached",
    "The same, for batches that are too large for the memory: more texts to find the positive among, and slower steps.",
    (Format.PAIRS, Format.TRIPLETS),
    (*RANKING, *CACHING),
    in_batch=True,
    cached="MultipleNegativesRankingLoss",
)

GIST = Loss(
    "GISTEmbedLoss",
    "GISTEmbed",
    "As multiple negatives ranking, but a guide leaves out texts that are probably no negatives: for data whose anchors or "
    "positives repeat or resemble one another.",
    (Format.PAIRS, Format.TRIPLETS),
    GUIDE,
    in_batch=True,
    most_negatives=1,
    cosine=True,
)

CACHED_GIST = Loss(
    "CachedGISTEmbedLoss",
    "GISTEmbed, cached",
    "The same, for batches that are too large for the memory.",
    (Format.PAIRS, Format.TRIPLETS),
    (*GUIDE, *CACHING),
    in_batch=True,
    cosine=True,
    cached="GISTEmbedLoss",
)

TRIPLET = Loss(
    "TripletLoss",
    "Triplet",
    "The positive must be nearer to the anchor than the negative, by at least the margin.",
    (Format.TRIPLETS,),
    (TRIPLET_DISTANCE, TRIPLET_MARGIN),
    most_negatives=1,
)

BATCH_ALL = Loss(
    "BatchAllTripletLoss",
    "Batch, all triplets",
    "Every text must be nearer to every text of its own category in the batch than to any of another, by at least the margin.",
    parameters=(GROUP_DISTANCE, GROUP_MARGIN),
    formats=(Format.CATEGORIES,),
    by_category=True,
)

BATCH_HARD = Loss(
    "BatchHardTripletLoss",
    "Batch, hardest triplets",
    "Looks at the furthest text of the same category and the nearest of another only: strict, and easily misled by texts that "
    "stand in the wrong category.",
    parameters=(GROUP_DISTANCE, GROUP_MARGIN),
    formats=(Format.CATEGORIES,),
    by_category=True,
)

BATCH_SEMI_HARD = Loss(
    "BatchSemiHardTripletLoss",
    "Batch, semi-hard triplets",
    "Looks at texts of other categories that are further away than one of the same category, but not by the margin: leaves out "
    "the hardest, which often stand in the wrong category.",
    parameters=(GROUP_DISTANCE, GROUP_MARGIN),
    formats=(Format.CATEGORIES,),
    by_category=True,
)

BATCH_HARD_SOFT_MARGIN = Loss(
    "BatchHardSoftMarginTripletLoss",
    "Batch, hardest triplets with a soft margin",
    "As the hardest triplets, but without a margin to choose: the further the right way round, the less a triplet counts.",
    parameters=(GROUP_DISTANCE,),
    formats=(Format.CATEGORIES,),
    by_category=True,
)

LOSSES: tuple[Loss, ...] = (
    COSINE_SIMILARITY,
    COSENT,
    ANGLE,
    ONLINE_CONTRASTIVE,
    CONTRASTIVE,
    MULTIPLE_NEGATIVES,
    CACHED_MULTIPLE_NEGATIVES,
    GIST,
    CACHED_GIST,
    TRIPLET,
    BATCH_ALL,
    BATCH_HARD,
    BATCH_SEMI_HARD,
    BATCH_HARD_SOFT_MARGIN,
)
BY_NAME: dict[str, Loss] = {loss.name: loss for loss in LOSSES}


def for_format(format: Format) -> tuple[Loss, ...]:
    """The losses that can learn from rows of this format."""
    return tuple(loss for loss in LOSSES if format in loss.formats)
