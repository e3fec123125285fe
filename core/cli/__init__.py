"""`anchorlab …`: everything that needs no window."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command (`sys.argv` when None) and return its exit status: 0 done, 1 failed, 2 wrong use."""
    from core.cli.app import run

    return run(argv)
