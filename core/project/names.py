"""Names of datasets, which differ in more than their capitals."""

from __future__ import annotations

from collections.abc import Iterable


def free_name(name: str, taken: Iterable[str]) -> str:
    """`name`, or the first of "name 2", "name 3" … that is none of `taken`."""
    known = {other.casefold() for other in taken}
    candidate, number = name, 2
    while candidate.casefold() in known:
        candidate, number = f"{name} {number}", number + 1
    return candidate
