"""The probes of a run: pairs that somebody keeps an eye on, as the run itself told their similarity on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.training.events import Event, ProbesEvent, RecipeEvent


@dataclass(frozen=True)
class PairProbe:
    """`base` and `tuned`: the pair's similarity; None where it was not measured."""

    text: str
    other: str
    base: float | None
    tuned: float | None


@dataclass(frozen=True)
class ProbeFacts:
    pairs: tuple[PairProbe, ...] = ()


def told_by(events: Sequence[Event]) -> ProbeFacts:
    """From the run's log: before the first step, and after the last one that was measured."""
    recipes = [event for event in events if isinstance(event, RecipeEvent)]
    scores = [event for event in events if isinstance(event, ProbesEvent)]
    if not recipes or not scores:
        return ProbeFacts()
    first = scores[0].scores if scores[0].step == 0 else []
    last = scores[-1].scores

    def at(values: Sequence[float], place: int) -> float | None:
        return values[place] if place < len(values) else None

    return ProbeFacts(
        tuple(
            PairProbe(one, other, at(first, place), at(last, place))
            for place, (one, other) in enumerate(recipes[-1].probes)
        )
    )
