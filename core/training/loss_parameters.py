"""The arguments that losses are built with, those that several losses share among them. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Parameter:
    """One argument of a loss's constructor. `key` follows "loss." in settings; `argument` is the constructor's own name."""

    key: str
    kind: str  # int, float, choice, text
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


_OTHERS = ("query_to_query", "doc_to_query", "doc_to_doc")
DIRECTIONS = tuple(
    ",".join(("query_to_doc", *(name for bit, name in enumerate(_OTHERS) if mask >> bit & 1)))
    for mask in range(8)
)

SCALE = Parameter(
    "scale",
    "float",
    20.0,
    "Scale",
    "Similarities are multiplied by this. Higher makes the model care more about the closest mistakes; 10 to 100 is usual.",
    minimum=0.0,
    above_minimum=True,
)

PAIRWISE_SIMILARITY = Parameter(
    "similarity_fct",
    "choice",
    "pairwise_cos_sim",
    "Similarity",
    "How two embeddings are compared while training.",
    ("pairwise_cos_sim", "pairwise_dot_score", "pairwise_euclidean_sim", "pairwise_manhattan_sim"),
)

GATHER = Parameter(
    "gather_across_devices",
    "choice",
    False,
    "Gather across devices",
    "With several GPUs, use the texts of all of them as negatives. Nothing changes on one device.",
    (False, True),
)

RANKING = (
    SCALE,
    Parameter(
        "similarity_fct",
        "choice",
        "cos_sim",
        "Similarity",
        "How two embeddings are compared while training. For dot_score use scale 1.",
        ("cos_sim", "dot_score", "euclidean_sim", "manhattan_sim"),
    ),
    GATHER,
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
)

# The libraries' own progress bars are no parameter here: a run's progress is told by its events.
CACHING = (
    Parameter(
        "mini_batch_size",
        "int",
        32,
        "Texts at once",
        "The batch is worked through in parts of so many texts: smaller needs less memory, and changes nothing else.",
        minimum=1,
    ),
    Parameter(
        "mini_batch_num_tokens",
        "int",
        0,
        "Tokens at once",
        "Cuts those parts by the length of their texts instead, at most so many tokens each; 0 counts texts.",
        minimum=0,
    ),
)

GUIDE = (
    Parameter(
        "guide",
        "text",
        "base",
        "Guide",
        "The model that tells which other texts of a batch are no negatives: base stands for the base model as it is before "
        "training; otherwise a model's name or folder.",
    ),
    Parameter(
        "temperature",
        "float",
        0.01,
        "Temperature",
        "Similarities are divided by this. Lower makes the model care more about the closest mistakes; 0.01 to 0.1 is usual.",
        minimum=0.0,
        above_minimum=True,
    ),
    Parameter(
        "margin_strategy",
        "choice",
        "absolute",
        "Kind of margin",
        "Whether the guide's margin is a similarity (absolute) or a share of the positive's similarity (relative).",
        ("absolute", "relative"),
    ),
    Parameter(
        "margin",
        "float",
        0.0,
        "Guide's margin",
        "A text counts as a negative where the guide finds it less similar than the positive by at least this much.",
        minimum=0.0,
    ),
    Parameter(
        "contrast_anchors",
        "choice",
        True,
        "Anchors as negatives",
        "Also moves the anchors of a batch away from one another.",
        (True, False),
    ),
    Parameter(
        "contrast_positives",
        "choice",
        True,
        "Positives as negatives",
        "Also moves the positives of a batch away from one another; without it search often gets better.",
        (True, False),
    ),
    GATHER,
)

PAIR_DISTANCE = Parameter(
    "distance_metric",
    "choice",
    "COSINE_DISTANCE",
    "Distance",
    "How far apart two embeddings are. COSINE_DISTANCE fits models that are compared by cosine similarity.",
    ("COSINE_DISTANCE", "EUCLIDEAN", "MANHATTAN"),
)
PAIR_MARGIN = Parameter(
    "margin",
    "float",
    0.5,
    "Margin",
    "Pairs scored 0 are moved apart until their distance is at least this. Cosine distances lie between 0 and 2.",
    minimum=0.0,
)

TRIPLET_DISTANCE = Parameter(
    "distance_metric",
    "choice",
    "EUCLIDEAN",
    "Distance",
    "How far apart two embeddings are. COSINE fits models that are compared by cosine similarity.",
    ("COSINE", "EUCLIDEAN", "MANHATTAN"),
)
GROUP_DISTANCE = Parameter(
    "distance_metric",
    "choice",
    "euclidean_distance",
    "Distance",
    "How far apart two embeddings are. cosine_distance fits models that are compared by cosine similarity.",
    ("euclidean_distance", "cosine_distance"),
)
GROUP_MARGIN = Parameter(
    "margin",
    "float",
    5.0,
    "Margin",
    "How much nearer texts of the same category must be. Cosine distances lie between 0 and 2, so 0.1 to 0.5 fits there.",
    minimum=0.0,
)

TRIPLET_MARGIN = Parameter(
    "margin",
    "float",
    5.0,
    "Margin",
    "How much nearer the positive must be. Cosine distances lie between 0 and 2, so 0.1 to 0.5 fits there.",
    argument="triplet_margin",
    minimum=0.0,
)
