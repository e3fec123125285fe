"""A thread of the engine that arranges a map, so that other requests are answered meanwhile; it rests while nobody asks how far it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

from core.engine.map_steps import Step
from core.errors import Cancelled

Result = TypeVar("Result")
Tell = Callable[[Step], None]
Stop = Callable[[], bool]

PATIENCE = 0.4  # seconds without a question after which the thread rests
LEASE = 120.0  # seconds without a question after which it ends


class Worker(Generic[Result]):
    """Runs `work(tell, stop)`. What it tells is merged into one step until somebody asks: neither a picture nor news of the store is lost, a stale picture never shown."""

    def __init__(self, work: Callable[[Tell, Stop], Result]) -> None:
        self._changed = threading.Condition()
        self._ended = threading.Event()
        self._asked = time.monotonic()
        self._news: Step | None = None
        self._result: list[Result] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), name="map", daemon=True)
        self._thread.start()

    # -- for whoever waits ------------------------------------------------------------------------------------------------

    def news(self, seconds: float) -> Step | None:
        """What there is to tell, waiting at most so long for it; None: nothing new, or finished.

        Raises:
            whatever `work` raised.
        """
        with self._changed:
            self._asked = time.monotonic()
            self._changed.wait_for(lambda: self._news or self._result or self._error, seconds)
            self._asked = time.monotonic()
            if self._error is not None:
                raise self._error
            found, self._news = self._news, None
            return found

    @property
    def unasked(self) -> float:
        """Seconds since somebody wanted to know."""
        return time.monotonic() - self._asked

    @property
    def finished(self) -> bool:
        """Whether there is a result and nothing left to tell."""
        return bool(self._result) and self._news is None

    @property
    def result(self) -> Result:
        return self._result[0]

    def end(self, wait: float = 0.0) -> None:
        """Nobody needs it any more; at most `wait` seconds are waited for the thread to notice."""
        self._ended.set()
        if wait:
            self._thread.join(wait)

    # -- in the thread ----------------------------------------------------------------------------------------------------

    def _run(self, work: Callable[[Tell, Stop], Result]) -> None:
        try:
            result = work(self._tell, self._stop)
        except BaseException as error:  # noqa: BLE001 - whoever asks next gets it
            with self._changed:
                self._error = error
                self._changed.notify_all()
            return
        with self._changed:
            self._result.append(result)
            self._changed.notify_all()

    def _tell(self, step: Step) -> None:
        if self._stop():
            raise Cancelled
        with self._changed:
            if (before := self._news) is not None:
                picture = before.picture if step.picture is None else step.picture
                step = replace(step, picture=picture, described=step.described or before.described)
            self._news = step
            self._changed.notify_all()

    def _stop(self) -> bool:
        while not self._ended.is_set():
            unasked = self.unasked
            if unasked < PATIENCE:
                return False
            if unasked > LEASE:
                return True
            self._ended.wait(0.05)
        return True
