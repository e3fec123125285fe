"""How a child process sets itself up: its standard streams belong to the protocol, the terminal's Ctrl+C does not concern it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

from core.engine.protocol import Channel, lines


class Streams:
    """The pipe to and from the parent. What libraries print or read goes elsewhere: even at the level of file descriptors."""

    def __init__(self) -> None:
        self._input = os.dup(0)
        self.channel = Channel(os.dup(1))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def lines(self) -> Iterator[bytes]:
        """What the parent sends, until it closes the pipe or dies."""
        return lines(self._input)


def ignore_interrupts() -> None:
    """Ctrl+C reaches every process of a terminal; the parent decides what it means, and says so over the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # blocked by the launcher until here


def lower_priority() -> None:
    """Let the window go first. On Windows the launcher says so instead."""
    if hasattr(os, "nice"):
        os.nice(10)


def threads_wanted() -> int:
    """The number of torch threads asked for by `ANCHORLAB_THREADS`; 0: torch's own choice."""
    value = os.environ.get("ANCHORLAB_THREADS", "")
    return int(value) if value.isdigit() else 0
