"""When the program itself is at fault: a log on disk, a bar in the window, never a silent death."""

from __future__ import annotations

import faulthandler
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QObject, Signal

from core import paths
from gui.widgets.messages import Message, MessageCentre

_MAX_LOG = 512 * 1024


class _Bridge(QObject):
    """Carries an exception from any thread to the window's."""

    raised = Signal(object)


_bridge = _Bridge()


def log_file() -> Path:
    """Every unexpected exception, newest last."""
    return paths.home() / "errors.log"


def crash_file() -> Path:
    """The stacks of a native crash; empty after a normal end."""
    return paths.home() / "crash.log"


@contextmanager
def watched() -> Iterator[None]:
    """Log unexpected exceptions of every thread, and the stack of a native crash, while the block runs."""
    hooks = sys.excepthook, threading.excepthook
    sys.excepthook = _unexpected
    threading.excepthook = lambda args: _unexpected(args.exc_type, args.exc_value, args.exc_traceback)
    try:
        paths.home().mkdir(parents=True, exist_ok=True)
        native = crash_file().open("a", encoding="utf-8")
    except OSError:  # a home that cannot be written: the terminal still gets the stack
        native = None
    _native_stacks_to(native)
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = hooks
        _native_stacks_to(None)
        if native is not None:
            native.close()


def _native_stacks_to(stream: TextIO | None) -> None:
    target = stream or sys.__stderr__
    if target is None:  # a program without a terminal
        faulthandler.disable()
    else:
        faulthandler.enable(target)


def report_to(messages: MessageCentre) -> None:
    """Show unexpected exceptions in this window's message bar."""
    _bridge.raised.connect(messages.error)


def report_last_end(messages: MessageCentre) -> None:
    """Tell, once, that the last session ended in a crash."""
    try:
        stacks = crash_file().read_text(encoding="utf-8", errors="replace")
        if stacks.strip():
            # Copied and emptied, not moved: `watched` holds the file open for the stacks of this session.
            crash_file().with_suffix(".old.log").write_text(stacks, encoding="utf-8")
            crash_file().write_bytes(b"")
    except OSError:
        return
    if stacks.strip():
        messages.post(
            Message(
                "AnchorLab ended unexpectedly the last time.",
                "Every edit was saved. Copy the details if you want to report it.",
                "warning",
                stacks,
            )
        )


def _unexpected(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace)
        return
    text = "".join(traceback.format_exception(kind, error, trace))
    _to_terminal(text)
    try:
        file = log_file()
        if file.exists() and file.stat().st_size > _MAX_LOG:
            file.replace(file.with_suffix(".old.log"))
        with file.open("a", encoding="utf-8") as stream:
            stream.write(f"--- {datetime.now().isoformat(timespec='seconds')}\n{text}")
    except OSError as problem:
        _to_terminal(f"(and {log_file()} cannot be written: {problem})\n")
    _bridge.raised.emit(error if error is not None else kind())


def _to_terminal(text: str) -> None:
    if sys.stderr is not None:  # a program started without a terminal has none
        sys.stderr.write(text)
