"""A test that leaves a thread, a timer, a window or a process running fails, with the line that started it.

What is left at the end gets two seconds to finish by itself; after that it is named, ended as far as that is possible,
and the test fails. Fixtures of a wider scope start their threads before a test begins, so they are not blamed on it;
where a test makes such a fixture start something new on purpose, `@pytest.mark.shared_children` says so.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

GRACE = 2.0  # seconds
ALLOWED_PROCESSES = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")
ALLOWED_THREADS = ("pydevd", "IPython")


class _Started:
    """Which Qt threads and timers Python code started, and where. Filled by the patched `start` methods."""

    def __init__(self) -> None:
        # Threads are held strongly: one that is collected while it runs aborts the process before it can be reported.
        self.threads: dict[int, tuple[Any, str]] = {}
        self.timers: list[tuple[weakref.ref[Any], str]] = []
        self.patched = False

    def patch(self) -> None:
        """Wrap `QThread.start` and `QTimer.start`, once, where Qt is there at all."""
        if self.patched:
            return
        try:
            from PySide6.QtCore import QThread, QTimer
        except ImportError:
            return
        self.patched = True
        start_thread, start_timer = QThread.start, QTimer.start

        def thread_start(thread: Any, *arguments: Any) -> None:
            self.threads[id(thread)] = (thread, _caller())
            start_thread(thread, *arguments)

        def timer_start(timer: Any, *arguments: Any) -> None:
            self.timers.append((weakref.ref(timer), _caller()))
            start_timer(timer, *arguments)

        QThread.start = thread_start  # type: ignore[method-assign]
        QTimer.start = timer_start  # type: ignore[method-assign]

    def clear(self) -> None:
        self.threads.clear()
        self.timers.clear()


STARTED = _Started()


def pytest_configure(config: pytest.Config) -> None:
    STARTED.patch()


def _caller() -> str:
    """The nearest line of our own code that led here."""
    for frame in reversed(traceback.extract_stack(limit=12)[:-2]):
        if "site-packages" not in frame.filename:
            return f"{frame.filename}:{frame.lineno}"
    return "unknown line"


def running_threads() -> set[threading.Thread]:
    return {
        thread
        for thread in threading.enumerate()
        if not thread.daemon and thread.is_alive() and not thread.name.startswith(ALLOWED_THREADS)
    }


def running_children() -> dict[tuple[int, float], str]:
    """Living child processes of any depth: (id, start time) to command line."""
    found = {}
    for child in psutil.Process().children(recursive=True):
        try:
            if child.status() == psutil.STATUS_ZOMBIE:
                continue
            command = " ".join(child.cmdline())
            if not any(name in command for name in ALLOWED_PROCESSES):
                found[child.pid, child.create_time()] = command
        except psutil.Error:
            continue  # it ended while we looked
    return found


def running_qthreads() -> list[tuple[Any, str]]:
    shiboken = sys.modules.get("shiboken6")
    if shiboken is None:
        return []
    return [
        (thread, where)
        for thread, where in list(STARTED.threads.values())
        if shiboken.isValid(thread) and thread.isRunning()
    ]


def ownerless_timers() -> list[tuple[Any, str]]:
    """Timers that tick although nothing owns them: no parent object will ever stop them."""
    shiboken = sys.modules.get("shiboken6")
    if shiboken is None:
        return []
    found = []
    for reference, where in STARTED.timers:
        timer = reference()
        if timer is not None and shiboken.isValid(timer) and timer.isActive() and timer.parent() is None:
            found.append((timer, where))
    return found


def visible_windows() -> list[Any]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    application = widgets.QApplication.instance() if widgets else None
    if application is None or not hasattr(application, "topLevelWidgets"):
        return []
    return [window for window in application.topLevelWidgets() if window.isVisible()]


def busy_pool() -> int:
    core = sys.modules.get("PySide6.QtCore")
    return core.QThreadPool.globalInstance().activeThreadCount() if core else 0


def process_qt_events() -> None:
    core = sys.modules.get("PySide6.QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)
        core.QCoreApplication.processEvents()


class Watch:
    """What ran before a test, and what more runs after it."""

    def __init__(self) -> None:
        self.threads = running_threads()
        self.children = running_children()
        self.windows = {id(window) for window in visible_windows()}
        STARTED.clear()

    def leaks(self) -> list[str]:
        """One line for each thing that was started since and still runs."""
        lines = [f"thread {thread.name!r} ({_target(thread)})" for thread in running_threads() - self.threads]
        for thread, where in running_qthreads():
            lines.append(f"QThread {_title(thread)} started at {where}")
        for timer, where in ownerless_timers():
            lines.append(
                f"QTimer {_title(timer)} of {timer.interval()} ms without an owner, started at {where}"
            )
        for window in visible_windows():
            if id(window) not in self.windows:
                lines.append(f"window {_title(window)} left open")
        if count := busy_pool():
            lines.append(f"{count} jobs in the global thread pool")
        for key, command in running_children().items():
            if key not in self.children:
                lines.append(f"process {key[0]}: {command}")
        return lines

    def settled(self, grace: float = GRACE) -> list[str]:
        """The leaks that are still there after everything had `grace` seconds to end by itself."""
        process_qt_events()
        if not self.leaks():
            return []
        gc.collect()  # whatever only a reference cycle keeps alive is not a leak
        deadline = time.monotonic() + grace
        while True:
            process_qt_events()
            found = self.leaks()
            if not found or time.monotonic() > deadline:
                return found
            time.sleep(0.02)

    def end(self) -> None:
        """Stop what was left, so that the next test starts clean."""
        for timer, _ in ownerless_timers():
            timer.stop()
        for thread, _ in running_qthreads():
            thread.requestInterruption()
            thread.quit()
            thread.wait(3000)
        for window in visible_windows():
            if id(window) not in self.windows:
                window.hide()
                window.deleteLater()
        for pid, started in set(running_children()) - set(self.children):
            try:
                process = psutil.Process(pid)
                if process.create_time() == started:
                    process.kill()
            except psutil.Error:
                continue
        process_qt_events()


def _target(thread: threading.Thread) -> str:
    target: Callable[..., object] | None = getattr(thread, "_target", None)
    return getattr(target, "__qualname__", None) or type(thread).__qualname__


def _title(thing: Any) -> str:
    name = thing.objectName()
    return f"{type(thing).__name__} {name!r}" if name else type(thing).__name__


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    from tests.conftest import PASSED

    watch = Watch()
    yield
    if request.node.get_closest_marker("shared_children"):
        return
    found = watch.settled()
    if found:
        watch.end()
        # A test that failed half-way could not clean up: its own failure is what matters.
        if request.node.stash.get(PASSED, True):
            pytest.fail("left running after the test:\n  " + "\n  ".join(found), pytrace=False)
