"""How much memory the engine's kept things may take together: what was used longest ago goes first."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Hashable
from typing import NamedTuple, Protocol

import psutil

_SHARE = 0.25  # of the computer's memory
_LEAST = 512_000_000  # bytes that are worth keeping on the smallest computer


class Holder(Protocol):
    """Whoever keeps things by name."""

    def give_up(self, name: Hashable) -> bool:
        """Let go of what is kept under this name; False where it is in use. Nothing is lost: it can be read or worked out again."""


class _Held(NamedTuple):
    holder: weakref.ref[Holder]
    size: int


class Budget:
    """For the thread that answers requests alone. A holder that is gone holds nothing."""

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit if limit is not None else max(_LEAST, int(_SHARE * psutil.virtual_memory().total))
        self._held: OrderedDict[tuple[int, Hashable], _Held] = OrderedDict()

    @property
    def used(self) -> int:
        self._forget_gone()
        return sum(held.size for held in self._held.values())

    def hold(self, holder: Holder, name: Hashable, size: int) -> None:
        """`holder` uses so many bytes under this name now. Others give way for them; they themselves stay, however many they are."""
        key = id(holder), name
        self._held.pop(key, None)
        if size <= 0:
            return
        self._held[key] = _Held(weakref.ref(holder), size)
        left = self.used
        for other, held in list(self._held.items()):
            if left <= self.limit:
                break
            owner = held.holder()
            if other != key and (owner is None or owner.give_up(other[1])):
                left -= held.size
                self._held.pop(other, None)

    def let_go(self, holder: Holder, name: Hashable) -> None:
        """`holder` keeps nothing under this name any more."""
        self._held.pop((id(holder), name), None)

    def _forget_gone(self) -> None:
        for key, held in list(self._held.items()):
            if held.holder() is None:
                del self._held[key]
