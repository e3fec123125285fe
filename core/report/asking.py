"""Asking the engine for what takes long, slice by slice, with progress and a way to stop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from core.errors import Cancelled

Progress = Callable[[str, int, int], None]  # what is done, how far, of how many (0: not known)


class Request(Protocol):
    """`EngineClient.request`, or anything that answers like it."""

    def __call__(
        self, op: str, params: dict[str, Any], *, should_stop: Callable[[], bool]
    ) -> dict[str, Any]: ...


class Asking:
    """One report's questions. `check` between two steps ends the work where somebody wants it to."""

    def __init__(self, request: Request, progress: Progress, should_stop: Callable[[], bool]) -> None:
        self._request, self._progress, self.should_stop = request, progress, should_stop

    def check(self) -> None:
        """Raises: Cancelled"""
        if self.should_stop():
            raise Cancelled

    def tell(self, what: str, done: int = 0, total: int = 0) -> None:
        """Say what is being done now.

        Raises:
            Cancelled
        """
        self.check()
        self._progress(what, done, total)

    def ask(self, what: str, op: str, params: dict[str, Any]) -> dict[str, Any]:
        """The last answer of an operation that answers in slices.

        Raises:
            Cancelled
            AnchorLabError: what the operation raises.
        """
        self.tell(what)
        asked = dict(params)
        while True:
            answer = self._request(op, asked, should_stop=self.should_stop)
            if not answer.get("more"):
                return answer
            if answer.get("picture"):  # a map on its way: nobody looks at it here
                Path(answer["picture"]).unlink(missing_ok=True)
            self.tell(what, int(answer.get("done", 0)), int(answer.get("total", 0)))
            asked.update(answer["next"])
