"""Small runs for the tests of training: rows, a spec over them, and a record of what a run told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from core.dataset.formats import Example, Format
from core.training import data, train
from core.training.events import Event, FinishedEvent
from core.training.spec import Spec

WORDS = [
    "red",
    "blue",
    "green",
    "dress",
    "coat",
    "hat",
    "shirt",
    "shoe",
    "silk",
    "wool",
    "linen",
    "velvet",
    "lace",
    "denim",
]
LOSS = {
    Format.SCORED: "CosineSimilarityLoss",
    Format.PAIRS: "MultipleNegativesRankingLoss",
    Format.TRIPLETS: "TripletLoss",
    Format.CATEGORIES: "BatchHardSoftMarginTripletLoss",
}
Kind = TypeVar("Kind", bound=Event)


def text(number: int) -> str:
    """A short text that no other number gives."""
    return f"{WORDS[number % 14]} {WORDS[number // 14 % 14]} {number}"


def examples(format: Format, count: int, negatives: int = 1, start: int = 0) -> list[Example]:
    if format is Format.CATEGORIES:
        return [Example((text(start + number), f"kind {number % 3}")) for number in range(count)]
    width = {Format.SCORED: 2, Format.PAIRS: 2, Format.TRIPLETS: 2 + negatives}[format]
    return [
        Example(
            tuple(text(start + number * width + slot) for slot in range(width)),
            float(number % 2) if format is Format.SCORED else None,
        )
        for number in range(count)
    ]


@dataclass
class Told:
    """The events of a run, and whether to stop, which is asked after each."""

    events: list[Event] = field(default_factory=list)
    stop_when: Callable[[list[Event]], bool] = lambda events: False
    watch: Callable[[Event], None] = lambda event: None

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self.watch(event)

    def should_stop(self) -> bool:
        return self.stop_when(self.events)

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]

    @property
    def notices(self) -> str:
        return " ".join(getattr(event, "text", "") for event in self.events)


def spec(
    folder: Path,
    model: Path | str,
    format: Format,
    train_rows: Sequence[Example],
    holdout_rows: Sequence[Example] = (),
    **settings: Any,
) -> Spec:
    """A spec whose data lies in `folder`; small batches, and no precision that depends on the computer, unless `settings` say otherwise."""
    negatives = len(train_rows[0].texts) - 2 if format is Format.TRIPLETS else 1
    data.write(folder, format, negatives, train_rows, holdout_rows)
    values = {
        "loss": LOSS[format],
        "batch_size": 4,
        "learning_rate": 1e-3,
        "threads": 1,
        "precision": "fp32",
        **settings,
    }
    return Spec(run_dir=str(folder), format=format, base_model=str(model), negatives=negatives, **values)


def run(
    asked: Spec,
    stop_when: Callable[[list[Event]], bool] = lambda events: False,
    watch: Callable[[Event], None] = lambda event: None,
) -> tuple[FinishedEvent, Told]:
    told = Told(stop_when=stop_when, watch=watch)
    return train(asked, told, told.should_stop), told
