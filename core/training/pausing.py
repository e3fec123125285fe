"""Waiting in the middle of a run: because the person asked, or because the disk is full. Torch-free."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from core.errors import DiskFull
from core.training.events import Event, NoticeEvent

TICK_SECONDS = 0.1  # how soon a waiting run hears that it shall stop
RETRY_SECONDS = 2.0  # how often a run that waits for room on the disk looks for it

Result = TypeVar("Result")


class Pause:
    """Shared by the thread that trains and the one that listens to the person."""

    def __init__(self) -> None:
        self._go = threading.Event()
        self._go.set()
        self.waited = 0.0  # seconds in all

    @property
    def asked(self) -> bool:
        return not self._go.is_set()

    def pause(self) -> None:
        self._go.clear()

    def unpause(self) -> None:
        self._go.set()

    def wait(self, should_stop: Callable[[], bool]) -> bool:
        """Wait, without working, until the run may go on. True: it shall stop instead. Raises what `should_stop` raises."""
        began = time.monotonic()
        try:
            while not self._go.wait(TICK_SECONDS):
                if should_stop():
                    return True
            return False
        finally:
            self.waited += time.monotonic() - began


def until_there_is_room(
    write: Callable[[], Result],
    pause: Pause | None,
    tell: Callable[[Event], None],
    should_stop: Callable[[], bool],
) -> Result:
    """`write()`, again and again while the disk is full. Without a `pause` nobody is there to make room: it fails at once.

    Raises:
        DiskFull: nobody waits, or the run shall stop.
    """
    told = False
    while True:
        try:
            return write()
        except DiskFull as error:
            if pause is None or should_stop():
                raise
            if not told:
                told = True
                tell(
                    NoticeEvent(
                        f"Training waits: {error.message} It goes on by itself as soon as there is room.",
                        "warning",
                    )
                )
            threading.Event().wait(RETRY_SECONDS)
