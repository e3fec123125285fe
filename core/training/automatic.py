"""The rules behind the recipe: what each setting should be for this data, and why, in one sentence.

They aim at small sets on an ordinary computer (reference: 31 to about 10,000 rows): enough steps for the linear schedule to
do something, few enough passes not to wear the rows out, and a hold-out wherever the rows allow one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.dataset.formats import DatasetInfo, Format
from core.models import catalogue
from core.training.automatic_measuring import Choice, Measuring
from core.training.losses import (
    BATCH_HARD_SOFT_MARGIN,
    BATCH_SEMI_HARD,
    BY_NAME,
    COSENT,
    COSINE_SIMILARITY,
    MULTIPLE_NEGATIVES,
    TRIPLET,
    Loss,
)
from core.words import count

if TYPE_CHECKING:
    from core.dataset.stats import DataStats

TARGET_STEPS = 400
IN_BATCH_STEPS = 200  # a step compares every row of its batch with every other
MOST_FOR_SMALL_BATCHES = 2_000  # rows
MOST_EPOCHS = 10
WARMUP_SHARE = 0.1
FEWEST_FOR_WARMUP = 20
FEW_TEXTS = 0.5  # below this share of distinct texts, the other rows of a batch are often no negatives at all
MANY_LEVELS = 3
FEW_ROWS = 100
SEVERAL_ROWS, MANY_ROWS = 500, 5_000  # where the rate of learning changes
MANY_OF_A_CATEGORY = 20  # texts: from here on the hardest comparison is likely a mistake of the labels
MOST_CACHED = 256  # rows of a batch that is worked through in parts
BASE = "base"
LORA_RATE = 2e-4


def warmup(steps: int) -> int:
    """Warm-up for a run of `steps` steps: a tenth; none in short runs, because a schedule with a warm-up spends its first
    step at rate 0."""
    return round(steps * WARMUP_SHARE) if steps >= FEWEST_FOR_WARMUP else 0


class Maker(Measuring):
    """Works the settings out in display order; `values` holds those already decided, automatic or set."""

    def __init__(self, info: DatasetInfo, stats: DataStats, chosen: Mapping[str, Any]) -> None:
        self.info = info
        self.stats = stats
        self.values: dict[str, Any] = dict(chosen)
        self._chosen = dict(chosen)
        self.rows = stats.labelled if info.format is Format.SCORED else stats.rows

    def make(self, key: str, loss: Loss) -> Choice:
        if key.startswith("loss."):
            return self._parameter(key.removeprefix("loss."), loss)
        rule = getattr(self, key)
        choice: Choice = rule()
        return choice

    def loss(self) -> Choice:
        if self.info.format is Format.PAIRS:
            return Choice(
                MULTIPLE_NEGATIVES.name,
                "Pairs have no negatives of their own, so the other rows of each batch serve as negatives.",
            )
        if self.info.format is Format.SCORED:
            return self._scored_loss()
        if self.info.format is Format.CATEGORIES:
            return self._category_loss()
        places = self.rows * (2 + self.info.negatives)
        if self.stats.distinct_texts < FEW_TEXTS * places and self.info.negatives == 1:
            return Choice(
                TRIPLET.name,
                f"Only {self.stats.distinct_texts:,} different texts fill {places:,} places, so other rows of a batch would "
                "often be false negatives; each row is judged by its own negative alone.",
            )
        return Choice(
            MULTIPLE_NEGATIVES.name,
            "The texts are mostly different, so besides its own negative every other text of the batch teaches something.",
        )

    def _scored_loss(self) -> Choice:
        levels = self.stats.score_levels
        if self.stats.binary or levels < MANY_LEVELS:
            return Choice(
                COSINE_SIMILARITY.name,
                "The scores are yes or no, so each pair's similarity is moved towards its own score.",
            )
        if levels <= 10 or self.rows < 1_000:
            return Choice(
                COSINE_SIMILARITY.name,
                f"The scores have {levels} levels that mean something in themselves, so similarities are moved towards them.",
            )
        return Choice(
            COSENT.name,
            f"With {levels} score levels the order of the pairs says most, and this loss learns from every comparison in a batch.",
        )

    def _category_loss(self) -> Choice:
        mean = self.rows / max(self.stats.categories, 1)
        if mean >= MANY_OF_A_CATEGORY:
            return Choice(
                BATCH_SEMI_HARD.name,
                f"Categories have about {mean:,.0f} texts, and some of them will stand in the wrong one: comparisons that are "
                "hard, but not the hardest, teach most then.",
            )
        return Choice(
            BATCH_HARD_SOFT_MARGIN.name,
            f"Categories have only about {mean:,.0f} texts, so the hardest comparison counts for each, without a margin to guess.",
        )

    def batch_size(self) -> Choice:
        chosen = BY_NAME.get(str(self.values.get("loss")))
        in_batch = chosen is not None and chosen.in_batch
        why = (
            "each batch is also the pool of negatives" if in_batch else "small steps suit this amount of data"
        )
        by_itself = not in_batch and self.info.format is not Format.CATEGORIES
        if by_itself and FEW_ROWS <= self.rows < SEVERAL_ROWS and self._small_model:
            return Choice(
                16,
                f"For {count(self.rows, 'row')} 16 at a high rate of learning was at least as good as smaller batches, and faster.",
            )
        if self.rows < (MOST_FOR_SMALL_BATCHES if by_itself else 64) and not in_batch:
            return Choice(8, f"{count(self.rows, 'row')} are few: small batches give more steps to learn in.")
        if self.info.format is Format.CATEGORIES:
            size = 16 if self.rows < 200 else 32 if self.rows < 2_000 else 64
            return Choice(
                size,
                f"A batch of {size} holds two texts or more of several categories, which are compared with one another.",
            )
        if chosen is not None and chosen.cached:
            return Choice(
                min(MOST_CACHED, max(16, 2 ** math.ceil(math.log2(max(self.rows, 2) / 10)))),
                "This loss is there for large batches: each is worked through in parts, so it fits into the memory, and its "
                "anchors have many texts to tell apart.",
            )
        size = 16 if self.rows < 1_000 or not in_batch else 32
        if self.values.get("loss") == TRIPLET.name and self.rows >= 1_000:
            size = 32
        return Choice(size, f"For {count(self.rows, 'row')} a batch of {size} is usual; {why}.")

    def epochs(self) -> Choice:
        per_epoch = self.steps_per_epoch
        chosen = BY_NAME.get(str(self.values.get("loss")))
        target = IN_BATCH_STEPS if chosen is not None and chosen.in_batch else TARGET_STEPS
        epochs = min(MOST_EPOCHS, max(1, round(target / max(per_epoch, 1))))
        steps = per_epoch * epochs
        if epochs == 1:
            return Choice(1, f"One pass over the data already makes {count(steps, 'step')}.")
        most = (
            " more passes would only learn these rows by heart"
            if epochs == MOST_EPOCHS
            else " that is enough to learn from"
        )
        return Choice(epochs, f"{epochs} passes make {count(steps, 'step')};{most}.")

    def learning_rate(self) -> Choice:
        if self.values.get("lora"):
            return Choice(
                LORA_RATE,
                "Adapters are few numbers that start from nothing, so they want about ten times the usual rate.",
            )
        chosen = BY_NAME.get(str(self.values.get("loss")))
        in_batch = chosen is not None and chosen.in_batch
        if self.rows >= MANY_ROWS:
            return Choice(
                2e-5,
                f"With {count(self.rows, 'row')} there are steps enough for the usual rate, which forgets little.",
            )
        if in_batch or not self._small_model or self.rows >= SEVERAL_ROWS:
            return Choice(
                5e-5,
                f"{count(self.rows, 'row')} allow few steps, so each goes further than the usual 2e-5; what goes too far is taken "
                "back at the end.",
            )
        return Choice(
            1e-4,
            f"{count(self.rows, 'row')} allow few steps, so each goes far; what goes too far is taken back at the end.",
        )

    @property
    def _small_model(self) -> bool:
        return catalogue.is_embedded(str(self.values.get("base_model", catalogue.EMBEDDED)))

    def warmup_steps(self) -> Choice:
        if self.steps < FEWEST_FOR_WARMUP:
            return Choice(0, f"{count(self.steps, 'step')} are too few to spend any on a slow start.")
        return Choice(
            warmup(self.steps),
            f"The rate rises over the first tenth of {count(self.steps, 'step')} so that the start is gentle.",
        )

    def weight_decay(self) -> Choice:
        return Choice(0.01, "The usual small pull towards zero, which keeps the weights from drifting.")

    def seed(self) -> Choice:
        return Choice(42, "A fixed seed, so that the same data gives the same run again.")

    def precision(self) -> Choice:
        return Choice(
            "auto",
            "Decided when the run starts: bf16 or fp16 on a graphics card that has it, full precision (fp32) elsewhere.",
        )

    def dropout(self) -> Choice:
        return Choice(
            "off",
            "A short tuning does not need the noise of dropout, and without it the same data gives the same curve.",
        )

    def matryoshka(self) -> Choice:
        return Choice(
            "",
            "Embeddings keep their whole length; shorter ones cost a little quality and are for large collections of texts.",
            "Trains the first so many numbers of every embedding to be a usable embedding by themselves: smaller to store and faster "
            "to compare. Give the lengths, for example 256,128,64.",
        )

    def lora(self) -> Choice:
        return Choice(
            0,
            "All weights are trained (0 stands for that): a model of this size needs no adapters to fit into the memory.",
            "Trains small adapters of this rank beside the layers (LoRA) in place of the weights, for models that are too large to "
            "be trained whole; 8 to 32 is usual. They are merged at the end: the result is a plain model.",
        )

    def base_model(self) -> Choice:
        return Choice(
            catalogue.EMBEDDED,
            "Small, quick on any computer, good on short English texts, and installed already.",
        )

    def include_texts(self) -> Choice:
        return Choice(
            True,
            "The model card shows a few of your examples; turn this off before you give a model of private data away.",
        )

    def search_minutes(self) -> Choice:
        return Choice(0.0, "The recipe is used as it is; the preset Thorough tries others first.")

    def search_trials(self) -> Choice:
        return Choice(0, "A search tries as much as its time allows (0 stands for that).")

    def evaluation_name(self) -> Choice:
        return Choice("", "No name is needed; one would stand before the names of the measurements.")

    def _parameter(self, key: str, loss: Loss) -> Choice:
        parameter = loss.parameter(key)
        if parameter is None:
            raise KeyError(key)
        dot = catalogue.similarity(str(self.values.get("base_model", ""))) == "dot"
        if loss is TRIPLET and not dot:
            if key == "distance_metric":
                return Choice(
                    "COSINE",
                    "The model is compared by cosine similarity, so distances are cosine distances too.",
                )
            if key == "margin" and self.values.get("loss.distance_metric") == "COSINE":
                return Choice(
                    0.3,
                    "Cosine distances lie between 0 and 2: 0.3 asks for a clear lead without asking too much.",
                )
        if loss.by_category and not dot:
            if key == "distance_metric" and loss.parameter("margin"):
                return Choice(
                    "cosine_distance",
                    "The model is compared by cosine similarity, so distances are cosine distances too.",
                )
            if key == "margin" and self.values.get("loss.distance_metric") == "cosine_distance":
                return Choice(
                    0.3,
                    "Cosine distances lie between 0 and 2: 0.3 asks for a clear lead without asking too much.",
                )
        if dot and key == "similarity_fct":
            return Choice(
                next(name for name in parameter.choices if name.endswith("dot_score")),
                "The base model is compared by dot product, so it is trained by dot product.",
            )
        if dot and key == "scale" and loss.parameter("similarity_fct"):
            return Choice(1.0, "Dot products are large already and need no scaling.")
        if key == "guide":
            return Choice(
                BASE,
                "The base model, before it learns, tells well enough what is alike; nothing else is needed.",
            )
        return Choice(parameter.default, "The library's own default.")
