"""The rules behind the recipe: what each setting should be for this data, and why, in one sentence.

They aim at small sets on an ordinary computer (reference: 31 to about 10,000 rows): enough steps for the linear schedule to
do something, few enough passes not to wear the rows out, and a hold-out wherever the rows allow one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.dataset.formats import DatasetInfo, Format
from core.models import catalogue
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

if TYPE_CHECKING:
    from core.dataset.stats import DataStats

TARGET_STEPS = 400
IN_BATCH_STEPS = 200  # a step compares every row of its batch with every other
MOST_FOR_SMALL_BATCHES = 2_000  # rows
MOST_EPOCHS = 10
WARMUP_SHARE = 0.1
FEWEST_FOR_WARMUP = 20
FEWEST_FOR_HOLDOUT = 20
MOST_HELD_OUT = 2_000
FEW_GROUPS = 200  # with fewer, what a single hold-out of a tenth or two shows is mostly luck
MOST_FOR_FOLDS = 1_000  # rows; training several times takes too long with more
FOLDS, FEWER_FOLDS = 5, 3
WORDS_FOR_FOLDS = 25_000  # in all texts together; longer data take minutes for each training
FEW_TEXTS = 0.5  # below this share of distinct texts, the other rows of a batch are often no negatives at all
MANY_LEVELS = 3
FEW_ROWS, MANY_ROWS = 100, 5_000  # where the rate of learning changes
HALFWAY = "0.5"
MANY_OF_A_CATEGORY = 20  # texts: from here on the hardest comparison is likely a mistake of the labels
MOST_CACHED = 256  # rows of a batch that is worked through in parts
BASE = "base"
LORA_RATE = 2e-4


@dataclass(frozen=True)
class Choice:
    value: Any
    reason: str
    help: str = ""


def warmup(steps: int) -> int:
    """Warm-up for a run of `steps` steps: a tenth; none in short runs, because a schedule with a warm-up spends its first
    step at rate 0."""
    return round(steps * WARMUP_SHARE) if steps >= FEWEST_FOR_WARMUP else 0


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class Maker:
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

    @property
    def holdout_rows(self) -> int:
        if self.stats.marked_eval:
            return self.stats.marked_eval
        share = float(self.values.get("holdout", self.holdout().value))
        return min(round(self.rows * share), max(self.rows - 1, 0))

    @property
    def train_rows(self) -> int:
        return max(self.rows - self.holdout_rows - self.stats.marked_test, 0)

    @property
    def steps_per_epoch(self) -> int:
        return math.ceil(self.train_rows / int(self.values.get("batch_size", 16)))

    @property
    def steps(self) -> int:
        return math.ceil(self.steps_per_epoch * float(self.values.get("epochs", 1)))

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
        if self.rows < (MOST_FOR_SMALL_BATCHES if by_itself else 64) and not in_batch:
            return Choice(
                8, f"{_count(self.rows, 'row')} are few: small batches give more steps to learn in."
            )
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
        return Choice(size, f"For {_count(self.rows, 'row')} a batch of {size} is usual; {why}.")

    def epochs(self) -> Choice:
        per_epoch = self.steps_per_epoch
        chosen = BY_NAME.get(str(self.values.get("loss")))
        target = IN_BATCH_STEPS if chosen is not None and chosen.in_batch else TARGET_STEPS
        epochs = min(MOST_EPOCHS, max(1, round(target / max(per_epoch, 1))))
        steps = per_epoch * epochs
        if epochs == 1:
            return Choice(1, f"One pass over the data already makes {_count(steps, 'step')}.")
        most = (
            " more passes would only learn these rows by heart"
            if epochs == MOST_EPOCHS
            else " that is enough to learn from"
        )
        return Choice(epochs, f"{epochs} passes make {_count(steps, 'step')};{most}.")

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
                f"With {_count(self.rows, 'row')} there are steps enough for the usual rate, which forgets little.",
            )
        small = catalogue.is_embedded(str(self.values.get("base_model", catalogue.EMBEDDED)))
        if in_batch or not small or self.rows >= FEW_ROWS:
            return Choice(
                5e-5,
                f"{_count(self.rows, 'row')} allow few steps, so each goes further than the usual 2e-5; what goes too far is taken "
                "back at the end.",
            )
        return Choice(
            1e-4,
            f"{_count(self.rows, 'row')} allow very few steps, so each goes far; what goes too far is taken back at the end.",
        )

    def warmup_steps(self) -> Choice:
        if self.steps < FEWEST_FOR_WARMUP:
            return Choice(0, f"{_count(self.steps, 'step')} are too few to spend any on a slow start.")
        return Choice(
            warmup(self.steps),
            f"The rate rises over the first tenth of {_count(self.steps, 'step')} so that the start is gentle.",
        )

    def weight_decay(self) -> Choice:
        return Choice(0.01, "The usual small pull towards zero, which keeps the weights from drifting.")

    def seed(self) -> Choice:
        return Choice(42, "A fixed seed, so that the same data gives the same run again.")

    def holdout(self) -> Choice:
        if self.stats.marked_eval:
            share = round(self.stats.marked_eval / max(self.rows, 1), 4)
            return Choice(
                share,
                f"The {_count(self.stats.marked_eval, 'row')} marked eval are held out, whatever the share says.",
            )
        if self.rows < FEWEST_FOR_HOLDOUT:
            return Choice(
                0.0,
                f"With {_count(self.rows, 'row')} every one is needed for training, so the result cannot be measured.",
            )
        if self._folds():
            return Choice(
                0.0,
                "All rows are trained on in the end: cross-validation measures each of them with a model that has not seen it.",
            )
        share = 0.2 if self.rows < 100 else 0.15
        if self.rows * share > MOST_HELD_OUT:
            share = round(MOST_HELD_OUT / self.rows, 4)
        return Choice(
            share,
            f"About {_count(round(self.rows * share), 'row')} stay out of training and show whether the model got better; "
            "rows that share a text stay on the same side.",
        )

    def folds(self) -> Choice:
        if self.stats.marked_eval:
            return Choice(0, "The rows marked eval measure the result, so nothing else is needed.")
        folds = self._folds()
        if folds and self.stats.groups >= FEW_GROUPS:
            return Choice(
                folds,
                f"These short texts are trained on quickly, so {folds} trainings each measure the rows that they left out, and the "
                "model itself learns from all.",
            )
        if folds:
            groups = _count(self.stats.groups, "group")
            return Choice(
                folds,
                f"With only {groups} of rows that share no text, one hold-out would be luck, so {folds} short trainings each "
                "measure the rows that they left out.",
            )
        if self.holdout_rows:
            return Choice(0, "The hold-out is large enough to measure the result.")
        if self.info.format is Format.CATEGORIES:
            return Choice(0, "Texts with categories are measured against each other on one hold-out.")
        if "holdout" in self._chosen:
            return Choice(0, "The hold-out was set, and it decides how the result is measured.")
        return Choice(0, "There are too few rows, or too many, to train several times.")

    def _folds(self) -> int:
        """The folds of a cross-validation, as set or as computed; 0: none. Who sets the hold-out has decided how to measure."""
        if self.info.format is Format.CATEGORIES:
            return 0
        if "folds" in self._chosen:
            return int(self._chosen["folds"]) if not self.stats.marked_eval else 0
        if self.stats.marked_eval or "holdout" in self._chosen:
            return 0
        if not FEWEST_FOR_HOLDOUT <= self.rows <= MOST_FOR_FOLDS or self.stats.groups < 2:
            return 0
        if self.stats.groups < FEW_GROUPS:
            return min(FOLDS, self.stats.groups)
        words = (
            self.rows
            * (2 + self.info.negatives * (self.info.format is Format.TRIPLETS))
            * self.stats.mean_words
        )
        return FEWER_FOLDS if words <= WORDS_FOR_FOLDS else 0

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

    def keep(self) -> Choice:
        if self.holdout_rows == 0 and not self._folds():
            return Choice("last", "Nothing is held out, so the weights of the last step are kept.")
        return Choice(
            "safe",
            "The best measured weights are kept, or the base model where nothing that was trained beat it.",
        )

    def blend(self) -> Choice:
        if self.holdout_rows == 0 and not self._folds():
            return Choice(
                HALFWAY,
                "Nothing can be measured, so the model goes half of the way: with 30 labels that was better than the base model on "
                "four data sets out of four, and the whole way was not.",
            )
        return Choice(
            "auto",
            "At the end, points between the base model and the tuned one are measured as well, and the best is kept.",
        )

    def include_texts(self) -> Choice:
        return Choice(
            True,
            "The model card shows a few of your examples; turn this off before you give a model of private data away.",
        )

    def evaluation_name(self) -> Choice:
        return Choice("", "No name is needed; one would stand before the names of the measurements.")

    def eval_steps(self) -> Choice:
        per_epoch, epochs = self.steps_per_epoch, float(self.values.get("epochs", 1))
        if self._folds():
            return Choice(0, "Cross-validation measures, in its own trainings (0 stands for that).")
        if self.holdout_rows == 0:
            return Choice(0, "Nothing is held out, so there is nothing to measure on the way.")
        if epochs >= 3 or per_epoch < 20:
            return Choice(0, "Measured after every pass over the data (0 stands for that).")
        every = math.ceil(per_epoch / (5 if epochs < 2 else 3))
        return Choice(every, f"With so few passes, a measurement every {every:,} steps shows when to stop.")

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
