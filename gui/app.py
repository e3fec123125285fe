"""The window's start: `main()` for people, `create()` for tests and scripts."""

from __future__ import annotations

import argparse
import gc
import locale
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from core.settings import Settings
from gui import crash
from gui.context import Context
from gui.main_window import MainWindow
from gui.theme.manager import ThemeManager
from gui.workers.engine_service import EngineService
from gui.workers.job import left_behind
from gui.workers.training_service import TrainingService

# The first frames belong to the person; importing torch in the engine would take one of the cores from them.
_ENGINE_DELAY_MS = 400


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="anchorlab gui", description="Open the AnchorLab window.")
    parser.add_argument("project", nargs="?", help="the project folder to open")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="instead of the saved choice")
    parser.add_argument(
        "--no-engine", action="store_true", help="start the similarity engine only when it is needed"
    )
    return parser


def application() -> QApplication:
    """The one QApplication, made if there is none yet."""
    existing = QCoreApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QCoreApplication.setApplicationName("AnchorLab")
    QCoreApplication.setOrganizationName("AnchorLab")
    app = QApplication(["anchorlab"])
    app.setApplicationDisplayName("")
    app.setDesktopFileName("anchorlab")
    # While a worker computes in Python, the window waits up to this long for its turn, several times a frame.
    sys.setswitchinterval(0.001)
    # Qt takes the decimal comma of the user's language, on which native number parsing trips.
    locale.setlocale(locale.LC_NUMERIC, "C")
    return app


def create(project: Path | str | None = None, argv: Sequence[str] = ()) -> MainWindow:
    """Build the window (not shown yet), with `project` open if one is named.

    Problems with the project are shown in the window's message bar, never raised.
    """
    options = _parser().parse_args(list(argv))
    folder = project if project is not None else options.project
    app = application()
    settings = Settings.load()
    theme = app.findChild(ThemeManager)
    if not isinstance(theme, ThemeManager):
        theme = ThemeManager(app, options.theme or settings.theme)
    else:
        theme.set_mode(options.theme or settings.theme)
    context = Context(settings, theme)
    context.engine = EngineService(context.jobs, settings.threads, context)
    context.training = TrainingService(context.jobs, settings.threads, context)
    window = MainWindow(context)
    crash.report_to(context.messages)
    if folder is not None:
        window.projects.open(Path(folder).expanduser().absolute())
    if window.message_bar.isHidden():  # what went wrong now comes first; the other waits for the next start
        crash.report_last_end(context.messages)
    if not options.no_engine:
        timer = QTimer(window)
        timer.setSingleShot(True)
        timer.timeout.connect(context.engine.start)
        timer.start(_ENGINE_DELAY_MS)
        window.engine_timer = timer  # type: ignore[attr-defined]
    return window


def spare_the_collector(window: MainWindow) -> None:
    """What is there when every page is built lives as long as the window: Python's garbage collector need not walk over half a million
    objects, for which it keeps every thread waiting for a twentieth of a second, now and then in the midst of some work."""
    window.built.connect(gc.freeze)


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed. Returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    # Ctrl+C in the terminal ends the window like a kill: every edit is on disk already.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    app = application()
    try:
        with crash.watched():
            window = create(argv=words)
            spare_the_collector(window)
            window.show()
            status = int(app.exec())
        if left_behind():
            sys.stdout.flush()
            os._exit(status)
        return status
    finally:
        gc.unfreeze()
        signal.signal(signal.SIGINT, before)
