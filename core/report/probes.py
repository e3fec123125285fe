"""The probes of a run: what was measured after it, and what the run itself told of its pairs on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.training.events import Event, ProbesEvent, RecipeEvent
from core.training.run_probes import RunProbes, read_probes


@dataclass(frozen=True)
class PairProbe:
    """`base` and `tuned`: the pair's similarity; None where it was not measured."""

    text: str
    other: str
    base: float | None
    tuned: float | None


@dataclass(frozen=True)
class ProbeFacts:
    """`results`: what was measured after the run; without it `pairs` is all there is."""

    results: RunProbes | None = None
    pairs: tuple[PairProbe, ...] = ()


def probe_facts(run_folder: Path, events: Sequence[Event]) -> ProbeFacts:
    return ProbeFacts(read_probes(run_folder), _told_by(events))


def _told_by(events: Sequence[Event]) -> tuple[PairProbe, ...]:
    """From the run's log: before the first step, and after the last one that was measured."""
    recipes = [event for event in events if isinstance(event, RecipeEvent)]
    scores = [event for event in events if isinstance(event, ProbesEvent)]
    if not recipes or not scores:
        return ()
    first = scores[0].scores if scores[0].step == 0 else []
    last = scores[-1].scores

    def at(values: Sequence[float], place: int) -> float | None:
        return values[place] if place < len(values) else None

    return tuple(
        PairProbe(one, other, at(first, place), at(last, place))
        for place, (one, other) in enumerate(recipes[-1].probes)
    )
