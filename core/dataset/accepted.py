"""What a person looked at and called meant: kinds of issues, and single rows of a kind, that are no longer listed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Accepted:
    """`rows`: example ids by kind."""

    kinds: frozenset[str] = frozenset()
    rows: Mapping[str, frozenset[int]] = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        return bool(self.kinds) or any(self.rows.values())

    def with_kind(self, kind: str) -> Accepted:
        rows = {name: ids for name, ids in self.rows.items() if name != kind}
        return Accepted(self.kinds | {kind}, rows)

    def with_rows(self, kind: str, ids: Iterable[int]) -> Accepted:
        return Accepted(self.kinds, {**self.rows, kind: self.rows.get(kind, frozenset()) | frozenset(ids)})

    def without(self, kind: str) -> Accepted:
        """List the kind again, with all of its rows."""
        rows = {name: ids for name, ids in self.rows.items() if name != kind}
        return Accepted(self.kinds - {kind}, rows)

    def to_text(self) -> str:
        rows = {kind: _packed(ids) for kind, ids in sorted(self.rows.items()) if ids}
        return json.dumps({"kinds": sorted(self.kinds), "rows": rows}, separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> Accepted:
        """What `to_text` wrote. Anything else (the project was changed by another program) is as good as nothing."""
        try:
            found: Any = json.loads(text or "{}")
            kinds = frozenset(str(kind) for kind in found.get("kinds", ()))
            rows = {str(kind): _unpacked(ranges) for kind, ranges in found.get("rows", {}).items()}
        except (ValueError, TypeError, AttributeError):
            return cls()
        return cls(kinds, rows)


NOTHING = Accepted()
_MOST = 10_000_000  # rows that one stored list may name: a damaged one must not fill the memory


def _packed(ids: Iterable[int]) -> list[list[int]]:
    """[first, last] of each stretch of ids without a gap."""
    stretches: list[list[int]] = []
    for id in sorted(ids):
        if stretches and id == stretches[-1][1] + 1:
            stretches[-1][1] = id
        else:
            stretches.append([id, id])
    return stretches


def _unpacked(stretches: Any) -> frozenset[int]:
    found: set[int] = set()
    for first, last in stretches:
        if int(last) - int(first) + len(found) > _MOST:
            raise ValueError("too many rows")
        found.update(range(int(first), int(last) + 1))
    return frozenset(found)
