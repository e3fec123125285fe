"""What the window sees of the engine service, made of code: the test decides when and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from PySide6.QtCore import QObject, Signal

from gui.context import Context
from gui.workers.engine_service import EngineService
from gui.workers.job import Jobs


class Ended(list[Callable[[], object]]):
    """Who waits for the end of a question."""

    def connect(self, listener: Callable[[], object]) -> None:
        self.append(listener)

    def emit(self) -> None:
        for listener in self:
            listener()


@dataclass
class Question:
    """What was asked; the window holds it as the job that waits for the answer."""

    op: str
    params: dict[str, Any]
    group: str
    on_done: Callable[[Any], object]
    on_error: Callable[[BaseException], object]
    on_progress: Callable[[int, int], object] | None
    cancelled: bool = False
    finished: Ended = field(default_factory=Ended)

    def cancel(self) -> None:
        self.cancelled = True
        self.finished.emit()

    def stopped(self) -> bool:
        return self.cancelled

    def seconds_left(self) -> float | None:
        return 75.0

    def answer(self, answer: dict[str, Any]) -> None:
        assert not self.cancelled, "nobody waits for this any more"
        self.on_done(answer)

    def fail(self, error: BaseException) -> None:
        self.on_error(error)

    def progress(self, done: int, total: int) -> None:
        assert self.on_progress is not None
        self.on_progress(done, total)


class FakeEngine(QObject):
    """Stands in for an `EngineService` of a context, or for the class itself in a whole window."""

    state_changed = Signal()

    def __init__(self, jobs: Jobs | None = None, threads: int = 0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state, self.busy, self.device = "warm", False, "CPU"
        self.asked: list[Question] = []

    @property
    def last(self) -> Question:
        return self.asked[-1]

    def waiting(self, op: str) -> Question:
        """The newest question of this kind."""
        return [one for one in self.asked if one.op == op][-1]

    def start(self) -> None:
        self.set("starting")

    def set(self, state: str) -> None:
        self.state = state
        self.state_changed.emit()

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
        read: Callable[[dict[str, Any]], Any] = lambda answer: answer,
        on_done: Callable[[Any], object],
        **rest: Any,
    ) -> Question:
        """The test answers with the last slice."""
        return self.ask(op, params, on_done=lambda answer: on_done(read(answer)), **rest)

    def close(self) -> None:
        self.state = "off"


def fake_engine(context: Context) -> FakeEngine:
    """A new one, in the place of the context's engine."""
    engine = FakeEngine()
    context.engine = cast(EngineService, engine)
    return engine
