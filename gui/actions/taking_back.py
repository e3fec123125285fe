"""The *Undo* of a message: it takes back the change that the message is about, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from core.project import Change
from gui.context import Context


def take_back(context: Context, change: Change) -> Callable[[], None]:
    """Undo exactly this change, the last one until now: when something else was done since, say so instead."""
    project = context.project
    revision = project.revision if project is not None else 0

    def undo() -> None:
        now = context.project
        if now is not project or now is None or now.revision != revision:
            context.messages.note(
                f"Something else was changed since. “{change.label}” can still be undone step by step.",
                "Press Ctrl+Z.",
            )
            return
        context.undo()

    return undo
