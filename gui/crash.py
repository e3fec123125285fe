"""When the program itself is at fault: a log on disk, a bar in the window, never a silent death."""

from __future__ import annotations

import faulthandler
import sys
import threading
import traceback
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QObject, Signal

from core import paths
from gui.widgets.messages import MessageCentre

_MAX_LOG = 512 * 1024
_native_log: TextIO | None = None


class _Bridge(QObject):
    """Carries an exception from any thread to the window's."""

    raised = Signal(object)


_bridge = _Bridge()


def log_file() -> Path:
    return paths.home() / "errors.log"


def install() -> None:
    """Log unexpected exceptions of every thread, and the stack of a native crash."""
    global _native_log
    sys.excepthook = _unexpected
    threading.excepthook = lambda args: _unexpected(args.exc_type, args.exc_value, args.exc_traceback)
    try:
        paths.home().mkdir(parents=True, exist_ok=True)
        _native_log = (paths.home() / "crash.log").open("a", encoding="utf-8")
    except OSError:
        return  # a read-only home: the terminal still gets the stack
    faulthandler.enable(_native_log)


def report_to(messages: MessageCentre) -> None:
    """Show unexpected exceptions in this window's message bar."""
    _bridge.raised.connect(messages.error)


def _unexpected(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace)
        return
    text = "".join(traceback.format_exception(kind, error, trace))
    sys.stderr.write(text)
    try:
        file = log_file()
        if file.exists() and file.stat().st_size > _MAX_LOG:
            file.replace(file.with_suffix(".old.log"))
        with file.open("a", encoding="utf-8") as stream:
            stream.write(f"--- {datetime.now().isoformat(timespec='seconds')}\n{text}")
    except OSError as problem:
        sys.stderr.write(f"(and {log_file()} cannot be written: {problem})\n")
    _bridge.raised.emit(error if error is not None else kind())
