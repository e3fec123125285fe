"""Which probes are looked at while a run goes on: pairs, and queries among a small sample of the texts, so that looking costs little.

What a query finds among all texts is told after the training, see `core.training.run_probes`. No torch.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.project import Reader
from core.project.probes import Probe

SAMPLE = 64  # texts that queries are looked at among
MOST_TEXTS = 160  # in all, so that a look takes a moment only


@dataclass(frozen=True)
class Watched:
    """`queries`: {"text", "expected", "unwanted", "k"}; their named texts are looked at beside the `sample`."""

    pairs: tuple[tuple[str, str], ...] = ()
    queries: tuple[dict[str, Any], ...] = ()
    sample: tuple[str, ...] = ()


def watched(reader: Reader) -> Watched:
    probes = reader.probes()
    pairs = tuple(dict.fromkeys(pair for probe in probes for pair in probe.pairs))
    queries = _few(
        [probe for probe in probes if probe.kind == "query" and (probe.expected or probe.unwanted)]
    )
    if not queries:
        return Watched(pairs)
    texts = reader.texts()
    sample = random.Random(0).sample(texts, min(SAMPLE, len(texts)))
    return Watched(pairs, tuple(_record(probe) for probe in queries), tuple(sample))


def _few(probes: Sequence[Probe]) -> list[Probe]:
    """The first ones, as many as there is room for."""
    room, found = MOST_TEXTS - SAMPLE, []
    for probe in probes:
        room -= len(probe.texts)
        if room < 0:
            break
        found.append(probe)
    return found


def _record(probe: Probe) -> dict[str, Any]:
    return {
        "text": probe.text,
        "expected": list(probe.expected),
        "unwanted": list(probe.unwanted),
        "k": probe.k,
    }


def texts_of(queries: Sequence[dict[str, Any]], sample: Sequence[str]) -> list[str]:
    """The texts that the queries are ranked among."""
    return list(dict.fromkeys([*sample, *(text for query in queries for text in hits_of(query))]))


def hits_of(query: dict[str, Any]) -> list[str]:
    """The named texts of a query's record, the expected ones first; what a damaged file says otherwise is left out."""
    found = [query.get(role) for role in ("expected", "unwanted")]
    return [text for texts in found if isinstance(texts, list) for text in texts if isinstance(text, str)]
