"""Probes as a page of HTML to hand on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from core import atomic
from core.training.probe_table import Line, as_html
from gui.context import Context
from gui.widgets.messages import Message

Lines = Callable[[], tuple[list[Line], list[str]]]  # the shown probes, and the titles of the models


class ProbePage:
    def __init__(self, context: Context, where: QWidget, lines: Lines, about: Callable[[], str]) -> None:
        self._context, self._where, self._lines, self._about = context, where, lines, about

    def ask(self) -> None:
        suggestion = str(Path.home() / "probes.html")
        name, _ = QFileDialog.getSaveFileName(self._where, "Save the probes", suggestion, "Pages (*.html)")
        if name:
            path = Path(name)
            self.save(path if path.suffix else path.with_suffix(".html"))

    def save(self, path: Path) -> None:
        lines, titles = self._lines()
        project = self._context.project
        heading = f"Probes · {project.name}" if project is not None else "Probes"
        about = self._about()
        self._context.run(
            f"Saving {path.name}",
            lambda _job: atomic.write_text(path, as_html(lines, titles, heading, about)),
            on_done=lambda _none: self._context.messages.post(Message(f"Saved {path}.", "", "positive")),
        )
