"""Many examples by id, without holding them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.dataset.formats import Example
from core.project.queries import Queries

_SLICE = 5000


def examples_of(source: Queries, ids: Sequence[int]) -> Iterator[Example]:
    """The examples with these ids, in this order; ids that are gone are left out."""
    for start in range(0, len(ids), _SLICE):
        yield from source.examples(ids[start : start + _SLICE])
