"""Work that is answered in slices waits here for the next request."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class InSlices(Protocol):
    """Work that the window names by a token when it wants the next slice."""

    @property
    def token(self) -> str: ...


T = TypeVar("T")
Work = TypeVar("Work", bound=InSlices)

_IDLE_SECONDS = 60.0
_MOST = 16


@dataclass
class _Entry(Generic[T]):
    work: T
    asked: float
    over: bool = False


class UnderWay(Generic[T]):
    """Keeps the pieces of work that were asked for last, `kept` of them, and those that somebody still asks for.

    A window whose person cancels does not say so: it stops asking. Work that is asked for must not go, for it would begin anew and
    drive out the other's, which would begin anew and drive out this.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._entries: OrderedDict[Hashable, _Entry[T]] = OrderedDict()

    def add(self, key: Hashable, work: T) -> None:
        self._entries[key] = _Entry(work, time.monotonic())
        self._entries.move_to_end(key)
        for old, entry in list(self._entries.items()):
            if len(self._entries) <= self._kept:
                return
            idle = entry.over or time.monotonic() - entry.asked > _IDLE_SECONDS
            if idle or len(self._entries) > _MOST:
                del self._entries[old]

    def get(self, key: Hashable) -> T | None:
        """The work, of which another slice is wanted now."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        entry.asked, entry.over = time.monotonic(), False
        self._entries.move_to_end(key)
        return entry.work

    def over(self, key: Hashable) -> None:
        """It is finished; what is known may be of use again, but need not stay."""
        if key in self._entries:
            self._entries[key].over = True

    def end(self, key: Hashable) -> None:
        """It is finished, and nobody needs it any more."""
        self._entries.pop(key, None)


class ByToken(Generic[Work]):
    """Work that nobody needs any more once it is finished."""

    def __init__(self, kept: int = 2) -> None:
        self._under_way: UnderWay[Work] = UnderWay(kept)

    def by_token(self, token: object) -> Work | None:
        return self._under_way.get(str(token))

    def add(self, work: Work) -> None:
        self._under_way.add(work.token, work)

    def end(self, work: Work) -> None:
        self._under_way.end(work.token)
