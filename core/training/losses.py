"""The losses a run can use, with every parameter of their constructors in sentence-transformers (6.0 and later).

A table and no torch: the window and the command line list it, `core.training.build_loss` builds from it in the child process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.dataset.formats import Format


@dataclass(frozen=True)
class Parameter:
    """One argument of a loss's constructor. `key` follows "loss." in settings; `argument` is the constructor's own name."""

    key: str
    kind: str  # float, choice
    default: Any
    title: str
    help: str
    choices: tuple[Any, ...] = ()
    argument: str = ""  # "": the same as key
    minimum: float | None = None
    above_minimum: bool = False  # the minimum itself is not allowed

    @property
    def name(self) -> str:
        return self.argument or self.key


@dataclass(frozen=True)
class Loss:
    name: str  # the class in sentence-transformers
    title: str
    help: str
    formats: tuple[Format, ...]
    parameters: tuple[Parameter, ...]
    in_batch: bool = False  # the other rows of a batch serve as negatives: no duplicates, no batch of one row

    def parameter(self, key: str) -> Parameter | None:
        """By setting key or by the constructor's own name."""
        return next((item for item in self.parameters if key in (item.key, item.name)), None)

    def defaults(self) -> dict[str, Any]:
        return {item.key: item.default for item in self.parameters}


_OTHERS = ("query_to_query", "doc_to_query", "doc_to_doc")
DIRECTIONS = tuple(
    ",".join(("query_to_doc", *(name for bit, name in enumerate(_OTHERS) if mask >> bit & 1)))
    for mask in range(8)
)

_SCALE = Parameter(
    "scale",
    "float",
    20.0,
    "Scale",
    "Similarities are multiplied by this. Higher makes the model care more about the closest mistakes; 10 to 100 is usual.",
    minimum=0.0,
    above_minimum=True,
)

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
)

COSENT = Loss(
    "CoSENTLoss",
    "CoSENT",
    "Puts pairs in the order of their scores: a higher score must mean a higher similarity, how much higher does not matter.",
    (Format.SCORED,),
    (
        _SCALE,
        Parameter(
            "similarity_fct",
            "choice",
            "pairwise_cos_sim",
            "Similarity",
            "How two embeddings are compared while training.",
            ("pairwise_cos_sim", "pairwise_dot_score", "pairwise_euclidean_sim", "pairwise_manhattan_sim"),
        ),
    ),
)

MULTIPLE_NEGATIVES = Loss(
    "MultipleNegativesRankingLoss",
    "Multiple negatives ranking",
    "Each anchor must find its own positive among all the other texts of the batch.",
    (Format.PAIRS, Format.TRIPLETS),
    (
        _SCALE,
        Parameter(
            "similarity_fct",
            "choice",
            "cos_sim",
            "Similarity",
            "How two embeddings are compared while training. For dot_score use scale 1.",
            ("cos_sim", "dot_score", "euclidean_sim", "manhattan_sim"),
        ),
        Parameter(
            "gather_across_devices",
            "choice",
            False,
            "Gather across devices",
            "With several GPUs, use the texts of all of them as negatives. Nothing changes on one device.",
            (False, True),
        ),
        Parameter(
            "directions",
            "choice",
            "query_to_doc",
            "Directions",
            "Which comparisons count: anchors against texts (always), texts against anchors, and each kind among itself.",
            DIRECTIONS,
        ),
        Parameter(
            "partition_mode",
            "choice",
            "joint",
            "Combine directions",
            "One comparison over all directions together, or one per direction and their mean.",
            ("joint", "per_direction"),
        ),
        Parameter(
            "hardness_mode",
            "choice",
            "none",
            "Weigh hard negatives",
            "Which negatives count more the closer they are to the anchor.",
            ("none", "in_batch_negatives", "hard_negatives", "all_negatives"),
        ),
        Parameter(
            "hardness_strength",
            "float",
            0.0,
            "Strength of that weight",
            "How much more the close negatives count; 0 switches it off.",
            minimum=0.0,
        ),
    ),
    in_batch=True,
)

TRIPLET = Loss(
    "TripletLoss",
    "Triplet",
    "The positive must be nearer to the anchor than the negative, by at least the margin.",
    (Format.TRIPLETS,),
    (
        Parameter(
            "distance_metric",
            "choice",
            "EUCLIDEAN",
            "Distance",
            "How far apart two embeddings are. COSINE fits models that are compared by cosine similarity.",
            ("COSINE", "EUCLIDEAN", "MANHATTAN"),
        ),
        Parameter(
            "margin",
            "float",
            5.0,
            "Margin",
            "How much nearer the positive must be. Cosine distances lie between 0 and 2, so 0.1 to 0.5 fits there.",
            argument="triplet_margin",
            minimum=0.0,
        ),
    ),
)

LOSSES: tuple[Loss, ...] = (COSINE_SIMILARITY, COSENT, MULTIPLE_NEGATIVES, TRIPLET)
BY_NAME: dict[str, Loss] = {loss.name: loss for loss in LOSSES}


def for_format(format: Format) -> tuple[Loss, ...]:
    """The losses that can learn from rows of this format."""
    return tuple(loss for loss in LOSSES if format in loss.formats)
