"""What the window sees of the engine service, made of code: the test decides when and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal


class Heard(list[Callable[[], object]]):
    """Who waits for the end of a question; nobody is told."""

    def connect(self, listener: Callable[[], object]) -> None:
        self.append(listener)


@dataclass
class Question:
    op: str
    params: dict[str, Any]
    group: str
    on_done: Callable[[dict[str, Any]], object]
    on_error: Callable[[BaseException], object]
    on_progress: Callable[[int, int], object] | None
    cancelled: bool = False
    finished: Heard = field(default_factory=Heard)

    def cancel(self) -> None:
        self.cancelled = True

    def seconds_left(self) -> float | None:
        return 75.0


class FakeEngine(QObject):
    state_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.state, self.busy, self.device = "warm", False, "CPU"
        self.asked: list[Question] = []

    def ask(
        self,
        op: str,
        params: dict[str, Any],
        *,
        title: str = "",
        group: str = "",
        on_done: Callable[[dict[str, Any]], object],
        on_error: Callable[[BaseException], object],
        on_progress: Callable[[int, int], object] | None = None,
    ) -> Question:
        question = Question(op, params, group, on_done, on_error, on_progress)
        self.asked.append(question)
        return question

    def ask_in_slices(
        self,
        op: str,
        params: dict[str, Any],
        *,
        title: str = "",
        group: str = "",
        read: Callable[[dict[str, Any]], Any] = lambda answer: answer,
        on_done: Callable[[Any], object],
        on_error: Callable[[BaseException], object],
        on_progress: Callable[[int, int], object] | None = None,
    ) -> Question:
        """The test answers with the last slice."""
        return self.ask(
            op,
            params,
            group=group,
            on_done=lambda answer: on_done(read(answer)),
            on_error=on_error,
            on_progress=on_progress,
        )

    def close(self) -> None:
        self.state = "off"
