"""How many processes share this run, as their launcher (`torchrun`, `accelerate launch`) says. Torch-free."""

from __future__ import annotations

import os


def count() -> int:
    return _number("WORLD_SIZE", 1)


def rank() -> int:
    return _number("RANK", 0)


def on_this_computer() -> int:
    return _number("LOCAL_WORLD_SIZE", count())


def follower() -> bool:
    """Whether another process owns the run."""
    return count() > 1 and rank() > 0


def _number(name: str, otherwise: int) -> int:
    text = os.environ.get(name, "")
    return int(text) if text.isdigit() else otherwise
