"""The rules about what is measured: hold-out or folds, how much of the run is kept, and how its steps are counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.dataset.formats import DatasetInfo, Format
from core.training.choice import usual
from core.words import count

if TYPE_CHECKING:
    from core.dataset.stats import DataStats

FEWEST_FOR_HOLDOUT = 20
MOST_HELD_OUT = 2_000
FEW_GROUPS = 200  # with fewer, what a single hold-out of a tenth or two shows is mostly luck
MOST_FOR_FOLDS = 1_000  # rows; training several times takes too long with more
FOLDS, FEWER_FOLDS = 5, 3
WORDS_FOR_FOLDS = 25_000  # in all texts together; longer data take minutes for each training
HALFWAY = "0.5"


@dataclass(frozen=True)
class Choice:
    value: Any
    reason: str
    help: str = ""


class Measuring:
    """Part of `core.training.automatic.Maker`. `values` holds the settings already decided, `rows` counts those to train on."""

    info: DatasetInfo
    stats: DataStats
    values: dict[str, Any]
    rows: int
    _chosen: dict[str, Any]

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

    def holdout(self) -> Choice:
        if self.stats.marked_eval:
            share = round(self.stats.marked_eval / max(self.rows, 1), 4)
            return Choice(
                share,
                f"The {count(self.stats.marked_eval, 'row')} marked eval are held out, whatever the share says.",
            )
        if self.rows < FEWEST_FOR_HOLDOUT:
            return Choice(
                0.0,
                f"With {count(self.rows, 'row')} every one is needed for training, so the result cannot be measured.",
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
            f"About {count(round(self.rows * share), 'row')} stay out of training and show whether the model got better; "
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
            groups = count(self.stats.groups, "group")
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
            f"At the end, points between the base model and the tuned one are measured as well: {usual(self.rows):.0%} of the way is gone "
            "unless another is clearly better.",
        )

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
