"""Whether a value read from a file is what the record it is for declares: files can be damaged, or made to do harm. No torch.

Checks are made once from the type hints of a dataclass and are cheap enough for a million lines.
"""

from __future__ import annotations

import enum
import functools
import math
import types
import typing
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], Any]
_GREATEST = 10**15  # no count, time or size of a run is beyond it, and every float holds it exactly


class Unsound(ValueError):
    """A value of another type, or a number that no run has."""


def whole(value: Any) -> int:
    if type(value) is int and -_GREATEST <= value <= _GREATEST:
        return value
    if type(value) is float and value.is_integer() and abs(value) <= _GREATEST:
        return int(value)
    raise Unsound


def real(value: Any) -> float:
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and -_GREATEST <= value <= _GREATEST:
        return value
    raise Unsound


def figure(value: Any) -> float | None:
    """A measured number, or None where there is none: a NaN in a file is one that could not be measured."""
    try:
        return real(value)
    except Unsound:
        return None


def _maybe_real(value: Any) -> float | None:
    if value is None or (type(value) is float and not math.isfinite(value)):
        return None
    return real(value)


def _exactly(kind: type) -> Check:
    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise Unsound
        return value

    return check


def _many(item: Check) -> Check:
    def check(value: Any) -> list[Any]:
        if type(value) is not list:
            raise Unsound
        return [item(one) for one in value]

    return check


def _by_name(item: Check) -> Check:
    def check(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise Unsound
        return {name: item(one) for name, one in value.items()}

    return check


def _anything(value: Any) -> Any:
    return value


def _of(hint: Any) -> Check:
    if hint is Any:
        return _anything
    if hint is int:
        return whole
    if hint is float:
        return real
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        return _many(_of(inner[0]))
    if origin is dict:
        return _by_name(_of(inner[1]))
    if origin in (types.UnionType, typing.Union):
        (kind,) = (item for item in inner if item is not type(None))
        if kind is float:
            return _maybe_real
        check = _of(kind)
        return lambda value: None if value is None else check(value)
    return _exactly(hint)


@functools.cache
def checks(kind: type) -> dict[str, Check]:
    """The check of every field of a dataclass, by name."""
    hints = typing.get_type_hints(kind)
    return {name: _of(hints[name]) for name in kind.__dataclass_fields__}  # type: ignore[attr-defined]


def sound(kind: type, record: dict[str, Any]) -> dict[str, Any]:
    """The fields of `kind` that `record` has, each of its declared type; others are left out.

    Raises:
        ValueError: a value is of another type.
    """
    return {name: check(record[name]) for name, check in checks(kind).items() if name in record}
