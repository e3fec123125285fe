"""The messages between the window and its child processes: one JSON object a line, each with the protocol's version.

To a child:      {"v":1,"id":7,"op":"search","group":"explore","params":{…}} · {"v":1,"op":"cancel","target":7}
From the engine: {"v":1,"type":"warm",…} · {"v":1,"id":7,"type":"progress","done":1,"total":9,"seconds_left":2.5}
                 {"v":1,"id":7,"type":"result","result":{…}} · {"v":1,"id":7,"type":"error","kind":"ModelProblem",…}
From a trainer:  {"v":1,"type":"ready"} · {"v":1,"type":"event","event":{…}} · {"v":1,"type":"done"} · {"v":1,"type":"error",…}
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from typing import Any

from core import errors, jsonlines
from core.errors import AnchorLabError

VERSION = 1

_ERRORS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, AnchorLabError)
}


class Channel:
    """The writing end of a pipe, for several threads. A reader that went away is noticed by `closed`, never by an exception."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self.closed = False

    def send(self, message: dict[str, Any]) -> bool:
        """Write one message. False: nobody reads any more."""
        # a lone surrogate of a damaged file travels as it is instead of breaking the pipe
        data = memoryview(
            (jsonlines.dumps({"v": VERSION, **message}) + "\n").encode("utf-8", "surrogatepass")
        )
        with self._lock:
            while len(data) and not self.closed:
                try:
                    data = data[os.write(self._descriptor, data) :]
                except OSError:
                    self.closed = True
        return not self.closed

    def close(self, timeout: float = 0.2) -> bool:
        """Close the pipe. False: another thread is stuck writing to a process that does not read; the process must be ended."""
        if not self._lock.acquire(timeout=timeout):
            return False
        try:
            if self._descriptor >= 0:
                os.close(self._descriptor)
            self._descriptor, self.closed = -1, True
        finally:
            self._lock.release()
        return True


def lines(descriptor: int) -> Iterator[bytes]:
    """The complete lines that arrive on a pipe, until its other end is closed."""
    rest = bytearray()
    while True:
        try:
            data = os.read(descriptor, 1 << 16)
        except OSError:
            return
        if not data:
            return
        rest += data
        if b"\n" in data:
            *whole, last = rest.split(b"\n")
            rest = bytearray(last)
            for line in whole:
                yield bytes(line)


def parse(line: bytes) -> dict[str, Any] | None:
    """The message of a line; None when it is none (a library printed something). Its version may be another one."""
    try:
        message = json.loads(line.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and isinstance(message.get("v"), int) else None


def error_record(error: AnchorLabError) -> dict[str, Any]:
    return {
        "kind": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "details": error.details,
        "backups": list(getattr(error, "backups", ())),
    }


def error_from_record(record: dict[str, Any]) -> AnchorLabError:
    """The error that `error_record` described; an unknown kind becomes an `EngineProblem`."""
    kind = _ERRORS.get(str(record.get("kind")), errors.EngineProblem)
    message = str(record.get("message", ""))
    if kind is errors.Cancelled:
        return errors.Cancelled(message)
    details = str(record.get("details", ""))
    if kind is errors.ProjectCorrupt:
        return errors.ProjectCorrupt(
            message, str(record.get("hint", "")), backups=tuple(record.get("backups") or ()), details=details
        )
    return kind(message, str(record.get("hint", "")), details=details)
