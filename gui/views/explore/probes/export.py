"""Probes on their way out: CSV, HTML, text for the clipboard, a picture of the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from core import atomic
from core.training.probe_table import Line, as_csv, as_html, as_text
from gui.context import Context
from gui.widgets.messages import Message

Lines = Callable[[], tuple[list[Line], list[str]]]  # the shown probes, and the titles of the models


class ProbeExport:
    def __init__(self, context: Context, where: QWidget, lines: Lines, about: Callable[[], str]) -> None:
        self._context, self._where, self._lines, self._about = context, where, lines, about

    def copy_text(self) -> None:
        QGuiApplication.clipboard().setText(as_text(self._lines()[0]))

    def copy_csv(self) -> None:
        lines, titles = self._lines()
        self._context.run(
            "Copying", lambda _job: as_csv(lines, titles), on_done=QGuiApplication.clipboard().setText
        )

    def copy_picture(self) -> None:
        QGuiApplication.clipboard().setPixmap(self._where.grab())

    def ask(self, suffix: str) -> None:
        kinds = {"csv": "Tables (*.csv)", "html": "Pages (*.html)"}
        name, _ = QFileDialog.getSaveFileName(
            self._where, "Save the probes", str(Path.home() / f"probes.{suffix}"), kinds[suffix]
        )
        if name:
            path = Path(name)
            self.save(path if path.suffix else path.with_suffix(f".{suffix}"))

    def save(self, path: Path) -> None:
        """As a page where the name says so, as CSV otherwise."""
        lines, titles = self._lines()
        project = self._context.project
        heading = f"Probes · {project.name}" if project is not None else "Probes"
        about = self._about()
        page = path.suffix.lower() in (".html", ".htm")
        self._context.run(
            f"Saving {path.name}",
            lambda _job: atomic.write_text(
                path, as_html(lines, titles, heading, about) if page else as_csv(lines, titles)
            ),
            on_done=lambda _none: self._context.messages.post(Message(f"Saved {path}.", "", "positive")),
        )
