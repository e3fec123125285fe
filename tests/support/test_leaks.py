"""The leak check itself: each kind of leak is seen and named, and what ends in time is not."""

from __future__ import annotations

import subprocess
import sys
import threading

from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QWidget

from tests.support.leaks import Watch


class Sleeper(QThread):
    def run(self) -> None:
        while not self.isInterruptionRequested():
            self.msleep(5)


def test_a_python_thread_is_named() -> None:
    watch = Watch()
    done = threading.Event()
    thread = threading.Thread(target=done.wait, name="forgotten worker")
    thread.start()
    assert watch.settled(0.05) == ["thread 'forgotten worker' (Event.wait)"]
    done.set()
    thread.join()
    assert watch.settled() == []


def test_what_ends_within_the_grace_time_is_no_leak() -> None:
    watch = Watch()
    threading.Timer(0.1, lambda: None).start()
    assert watch.settled() == []


def test_a_qthread_is_named_and_ended(qapp) -> None:
    watch = Watch()
    thread = Sleeper()
    thread.setObjectName("sleeper")
    thread.start()
    [line] = watch.settled(0.05)
    assert line.startswith("QThread Sleeper 'sleeper' started at ") and "test_leaks.py:" in line
    watch.end()
    assert thread.isFinished()


def test_an_ownerless_timer_is_named_and_stopped(qapp) -> None:
    watch = Watch()
    owner = QWidget()
    owned = QTimer(owner)
    owned.start(1000)
    stray = QTimer()
    stray.start(1000)
    [line] = watch.settled(0.05)
    assert line.startswith("QTimer QTimer of 1000 ms without an owner, started at ")
    watch.end()
    assert not stray.isActive() and owned.isActive()


def test_a_window_left_open_is_named_and_closed(qapp) -> None:
    watch = Watch()
    window = QWidget()
    window.setObjectName("stray")
    window.show()
    assert watch.settled(0.05) == ["window QWidget 'stray' left open"]
    watch.end()
    assert watch.settled() == []


def test_a_child_process_is_named_and_killed() -> None:
    watch = Watch()
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    [line] = watch.settled(0.2)
    assert line.startswith(f"process {child.pid}: ") and "time.sleep(60)" in line
    watch.end()
    assert child.wait(5) != 0
