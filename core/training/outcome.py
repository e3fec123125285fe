"""How a run came out, as the window, the command line and comparisons show it: from the figures of its last event. No torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.training.events import FinishedEvent
from core.training.soundness import figure

# For people: what the verdict comes to in a word or two.
WORDS = {
    "better": "better",
    "worse": "worse",
    "unclear": "cannot tell",
    "base": "base kept",
    "few": "too few rows",
    "unmeasured": "not measured",
}


@dataclass(frozen=True)
class Part:
    """One part of the hold-out."""

    name: str
    title: str
    rows: int
    base: float | None
    tuned: float | None


@dataclass(frozen=True)
class Outcome:
    """`base` and `tuned`: the metric of the base model and of the kept weights. None: not measured."""

    title: str = ""
    base: float | None = None
    tuned: float | None = None
    rows: int = 0
    verdict: str = ""
    word: str = ""  # a key of WORDS, or ""
    interval: tuple[float, float] | None = None  # of tuned - base, 95 %
    kept: str = ""  # base, best, last
    step: int = 0  # whose weights are kept
    blend: float | None = None
    final_loss: float | None = None
    training_seconds: float | None = None
    evaluation_seconds: float | None = None
    line: tuple[tuple[float, float], ...] = ()  # (share of the way from the base model, metric)
    metrics: tuple[tuple[str, float | None, float | None], ...] = ()  # name, base, tuned
    parts: tuple[Part, ...] = field(default=())

    @property
    def change(self) -> float | None:
        return None if self.base is None or self.tuned is None else self.tuned - self.base


def outcome(finished: FinishedEvent) -> Outcome:
    """Read the figures; one that is missing or damaged is None."""
    found = finished.metrics
    word = found.get("verdict_word")
    return Outcome(
        _text(found.get("title")),
        figure(found.get("base")),
        figure(found.get("tuned")),
        int(figure(found.get("rows")) or 0),
        _text(found.get("verdict")),
        word if isinstance(word, str) and word in WORDS else "",
        _pair(found.get("interval")),
        _text(found.get("kept")),
        int(figure(found.get("best_step")) or 0),
        figure(found.get("blend")),
        figure(found.get("final_loss")),
        figure(found.get("training_seconds")),
        figure(found.get("evaluation_seconds")),
        tuple(pair for pair in map(_pair, _list(found.get("line"))) if pair is not None),
        _metrics(found.get("base_metrics"), found.get("tuned_metrics")),
        tuple(_part(item) for item in _list(found.get("groups")) if isinstance(item, dict)),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _pair(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    first, second = figure(value[0]), figure(value[1])
    return None if first is None or second is None else (first, second)


def _metrics(base: Any, tuned: Any) -> tuple[tuple[str, float | None, float | None], ...]:
    before, after = (item if isinstance(item, dict) else {} for item in (base, tuned))
    return tuple(
        (str(name), figure(before.get(name)), figure(after.get(name)))
        for name in dict.fromkeys([*before, *after])
    )


def _part(item: dict[str, Any]) -> Part:
    return Part(
        _text(item.get("name")),
        _text(item.get("title")),
        int(figure(item.get("rows")) or 0),
        figure(item.get("base")),
        figure(item.get("tuned")),
    )
