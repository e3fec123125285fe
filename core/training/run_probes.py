"""What a run's model says about the project's probes, kept with the run: pass or fail, ranks, scores, and what got worse. No torch.

`read_probes` is what reports, the run's page and the explorer read. The base model and the run before are measured at the same time, over
the same texts, so that a difference is one of the models.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from core import atomic, jsonlines
from core.project.probes import FIRST, Probe
from core.training import run_files
from core.training.runs import list_runs

NAME = "probes.json"
VERSION = 1
_MOST_BYTES = 64_000_000
_MOST = 10**12  # texts; no rank is higher

BASE, BEFORE = "base", "before"


@dataclass(frozen=True)
class Found:
    """What one model says about one probe. `passed` None: nothing is expected, or there is no threshold to tell by.

    A query has the rank and the score of each expected hit and then of each unwanted one; a pair its score, an order the scores of both
    pairs, each without ranks. A score that is no number is None. `line` is the threshold that a pair was judged by.
    """

    passed: bool | None = None
    ranks: tuple[int, ...] = ()
    scores: tuple[float | None, ...] = ()
    line: float | None = field(default=None, compare=False)

    def figure(self, probe: Probe) -> float | None:
        """The score that matters: of a pair; by how much the first pair of an order scores higher; of the lowest expected hit of a query,
        or of the highest unwanted one where none is expected."""
        known = [score for score in self.scores if score is not None]
        if len(known) < len(self.scores) or not known:
            return None
        if probe.kind == "order":
            return known[0] - known[1]
        return min(known[: len(probe.expected)]) if probe.expected else max(known)

    def worst(self, probe: Probe) -> int | None:
        """The rank that decides: of the last expected hit, or of the first unwanted one where none is expected."""
        if not self.ranks:
            return None
        return max(self.ranks[: len(probe.expected)]) if probe.expected else min(self.ranks)


@dataclass(frozen=True)
class Regression:
    """The probe at `place` passed under the base model or the run before, and fails now."""

    place: int
    base: bool
    before: bool


@dataclass(frozen=True)
class RunProbes:
    """`before` is empty where there was no run before; `previous` is its folder's name. All lists are in the order of `probes`."""

    run: str
    texts: int  # that a query looks through
    probes: tuple[Probe, ...]
    tuned: tuple[Found, ...]
    base: tuple[Found, ...] = ()
    before: tuple[Found, ...] = ()
    previous: str = ""
    thresholds: tuple[float | None, ...] = (None, None, None)  # of the run, the base model, the run before
    corpus: str = ""  # a digest of the texts

    @property
    def passed(self) -> int:
        return sum(found.passed is True for found in self.tuned)

    @property
    def failed(self) -> int:
        return sum(found.passed is False for found in self.tuned)

    @cached_property
    def regressions(self) -> tuple[Regression, ...]:
        return tuple(regressions(self.tuned, self.base, self.before))

    @cached_property
    def places(self) -> dict[str, int]:
        """By the key of a probe: where it is."""
        return {probe.key: place for place, probe in enumerate(self.probes)}

    @property
    def fixed(self) -> tuple[int, ...]:
        """The probes that the base model failed and the run passes."""
        return tuple(
            place
            for place, (now, then) in enumerate(zip(self.tuned, self.base, strict=False))
            if now.passed and then.passed is False
        )


def judge(probe: Probe, ranks: Sequence[int], scores: Sequence[float], threshold: float | None) -> Found:
    """Whether the probe passes. A query: every expected hit is among its first `k`, no unwanted one is. An order: the first pair scores
    higher. A pair: on the expected side of the threshold."""
    plain = tuple(round(float(score), 6) if math.isfinite(score) else None for score in scores)
    passed: bool | None = None
    if probe.kind == "query":
        wanted = len(probe.expected)
        if ranks:
            passed = all(rank <= probe.k for rank in ranks[:wanted]) and all(
                rank > probe.k for rank in ranks[wanted:]
            )
    elif probe.kind == "order":
        passed = bool(scores[0] > scores[1])
    elif probe.expectation and threshold is not None:
        passed = bool(scores[0] >= threshold) == (probe.expectation == "similar") and plain[0] is not None
    line = threshold if probe.kind == "pair" and probe.expectation else None
    return Found(passed, tuple(int(rank) for rank in ranks), plain, line)


def regressions(
    now: Sequence[Found], base: Sequence[Found], before: Sequence[Found] = ()
) -> list[Regression]:
    """What passed under another model and fails now."""
    found = []
    for place, one in enumerate(now):
        if one.passed is False:
            sides = [place < len(then) and then[place].passed is True for then in (base, before)]
            if any(sides):
                found.append(Regression(place, *sides))
    return found


# -- on disk --------------------------------------------------------------------------------------------------------------


def save_probes(run_folder: Path, found: RunProbes) -> None:
    """Raises: DiskFull, FileProblem"""
    record = {"version": VERSION, **as_record(found)}
    atomic.write_text(run_folder / NAME, jsonlines.dumps(record) + "\n")


def read_probes(run_folder: Path) -> RunProbes | None:
    """The probe results of the run in this folder; None where there are none, or where the file does not tell any."""
    path = run_files.contained(run_folder, NAME)
    try:
        if path is None or path.stat().st_size > _MOST_BYTES:
            return None
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["version"] != VERSION:
            return None
        return from_record({**record, "run": run_folder.name})
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return None


def history(project_folder: Path) -> list[RunProbes]:
    """The results of every run that has some, oldest first."""
    runs = [run for run in reversed(list_runs(project_folder)) if run.status != "unreadable"]
    return [found for run in runs if (found := read_probes(run.folder)) is not None]


def as_record(found: RunProbes) -> dict[str, Any]:
    record = asdict(found)
    for side in ("tuned", "base", "before"):
        record[side] = [[one.passed, list(one.ranks), list(one.scores)] for one in getattr(found, side)]
    return record


def from_record(record: dict[str, Any]) -> RunProbes:
    """Raises: ValueError, TypeError, KeyError, AttributeError where this is no such record."""
    probes = tuple(_probe(one) for one in record["probes"])
    thresholds = [None if one is None else _score(one) for one in record.get("thresholds", ())]
    lines = dict(zip(("tuned", "base", "before"), (*thresholds, None, None, None), strict=False))
    sides = {side: _side(record.get(side, ()), probes, line) for side, line in lines.items()}
    if len(sides["tuned"]) != len(probes):
        raise ValueError("not as many results as probes")
    return RunProbes(
        run=_text(record["run"]),
        texts=_whole(record["texts"]),
        probes=probes,
        previous=_text(record.get("previous", "")),
        thresholds=(*thresholds, None, None, None)[:3],
        corpus=_text(record.get("corpus", "")),
        **sides,
    )


def _side(lines: Iterable[Any], probes: Sequence[Probe], line_of_pairs: float | None) -> tuple[Found, ...]:
    found = []
    for line, probe in zip(lines, probes, strict=False):
        passed, ranks, scores = line
        if passed is not None and not isinstance(passed, bool):
            raise ValueError("not a verdict")
        hits = len(probe.expected) + len(probe.unwanted)
        judged_by = line_of_pairs if probe.kind == "pair" and probe.expectation else None
        one = Found(
            passed, tuple(_whole(rank) for rank in ranks), tuple(_score(score) for score in scores), judged_by
        )
        if len(one.ranks) != (hits if probe.kind == "query" else 0):
            raise ValueError("not as many ranks as hits")
        if len(one.scores) != (hits if probe.kind == "query" else len(probe.pairs)):
            raise ValueError("not as many scores as texts")
        found.append(one)
    return tuple(found)


def _probe(record: dict[str, Any]) -> Probe:
    lists = [
        tuple(_text(text) for text in record.get(role, ())) for role in ("expected", "unwanted", "lower")
    ]
    if len(lists[2]) not in (0, 2):
        raise ValueError("not an order")
    text, other, expectation, note = (
        _text(record[name]) for name in ("text", "other", "expectation", "note")
    )
    return Probe(int(record["id"]), text, other, expectation, note, int(record.get("k", FIRST)), *lists)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise ValueError("not a count")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _score(value: Any) -> float | None:
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None
