"""Starting and ending a child process, and keeping the last of what it said on standard error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from core import paths
from core.engine.protocol import Channel, lines, parse
from core.errors import EngineProblem

# A waiting OpenMP thread spins for milliseconds by default. The window, the engine and a trainer share the cores, and while one spins
# another cannot work: on two busy cores a first training step came after 12.8 s instead of 2.3 s, an encode took 4 times the time.
# A short spin costs nothing measurable when the cores are free. GNU's library reads the first name, LLVM's and Intel's the second.
SHARE_CORES = {"GOMP_SPINCOUNT": "1000", "KMP_BLOCKTIME": "1"}

_LOG_LINES = 400
_LOG_BYTES = 1_000_000


class Child:
    """One running child. `on_message` and then, once, `on_end` are called from a thread of its own.

    Raises:
        EngineProblem: the process cannot be started.
    """

    def __init__(
        self,
        module: str,
        on_message: Callable[[dict[str, Any]], None],
        on_end: Callable[[], None],
        *,
        threads: int = 0,
        low_priority: bool = False,
    ) -> None:
        self._on_message, self._on_end = on_message, on_end
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._name = module.rpartition(".")[2]
        try:
            self._process = _start(module, threads, low_priority)
        except OSError as error:
            raise EngineProblem(
                f"The process for {self._name} cannot be started: {error.strerror or error}.",
                "Close other programs and try again.",
            ) from error
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._channel = Channel(os.dup(self._process.stdin.fileno()))
        self._process.stdin.close()
        self._threads = [
            threading.Thread(target=target, name=f"{self._name}-{target.__name__.strip('_')}", daemon=True)
            for target in (self._read, self._drain)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        return self._process.poll()

    @property
    def log(self) -> str:
        """The last lines of the child's standard error."""
        return "\n".join(self._log)

    def send(self, message: dict[str, Any]) -> bool:
        """Send one message. False: the child is gone."""
        return self._channel.send(message)

    def close_input(self) -> bool:
        """Tell the child that nobody needs it any more: it ends by itself. False: it does not read, and must be ended."""
        return self._channel.close()

    def wait(self, timeout: float) -> bool:
        """Whether the child has ended within `timeout` seconds."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        self._process.kill()

    def end(self, grace: float = 1.0) -> None:
        """End the child: ask, then insist. Returns within about `grace` + 2 seconds and leaves no process and no thread."""
        asked = self.close_input()
        if not (asked and self.wait(grace)):
            self._process.terminate()
            if not self.wait(1.0):
                self._process.kill()
                self.wait(1.0)
        self._channel.close()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(1.0)

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as stream:
            for line in lines(stream.fileno()):
                message = parse(line)
                if message is None:
                    self._log.append(line.decode("utf-8", "replace"))
                else:
                    self._on_message(message)
        # the exit status is known a moment after the pipe is closed
        self.wait(5.0)
        if len(self._threads) > 1:
            self._threads[1].join(1.0)
        self._on_end()

    def _drain(self) -> None:
        assert self._process.stderr
        with self._process.stderr as stream, _LogFile(self._name) as file:
            for line in lines(stream.fileno()):
                self._log.append(line.decode("utf-8", "replace"))
                file.write(line)


class _LogFile:
    """The same lines on disk for bug reports, one old file kept. A disk that refuses takes nothing away from the program."""

    def __init__(self, name: str) -> None:
        self._path = paths.home() / "logs" / f"{name}.log"
        self._stream: Any = None

    def __enter__(self) -> _LogFile:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def write(self, line: bytes) -> None:
        try:
            if self._stream is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._stream = self._path.open("ab", buffering=0)
            if self._stream.tell() > _LOG_BYTES:
                self._stream.close()
                with suppress(OSError):  # Windows: another window writes to it, too
                    self._path.replace(self._path.with_suffix(".old.log"))
                self._stream = self._path.open("ab", buffering=0)
            self._stream.write(line + b"\n")
        except (OSError, ValueError):
            return


def _start(module: str, threads: int, low_priority: bool) -> subprocess.Popen[bytes]:
    # -P: a file in the folder where the program was started must not pass for one of our modules
    command = [sys.executable, "-P", "-X", "faulthandler", "-m", module]
    options: dict[str, Any] = {}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        if low_priority:
            options["creationflags"] |= subprocess.BELOW_NORMAL_PRIORITY_CLASS
    masked = hasattr(signal, "pthread_sigmask")
    # A child inherits the mask of this thread: Ctrl+C cannot hit it before it has said that it ignores it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masked else None
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=_environment(threads),
            **options,
        )
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _environment(threads: int) -> dict[str, str]:
    environment = dict(os.environ)
    inherited = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = os.pathsep.join([str(paths.ROOT), *([inherited] if inherited else [])])
    environment.update(
        HF_HUB_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        PYTHONUTF8="1",
        PYTHONIOENCODING="utf-8",
        TQDM_DISABLE="1",
    )
    for name, value in {**SHARE_CORES, "TOKENIZERS_PARALLELISM": "true"}.items():
        environment.setdefault(name, value)
    if threads:
        environment["ANCHORLAB_THREADS"] = environment["OMP_NUM_THREADS"] = str(threads)
    return environment
