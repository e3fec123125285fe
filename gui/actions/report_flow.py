"""From the wish for a report of a run to the file, and what can be done with it then."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from core.training.runs import Run, find_run
from gui.dialogs.confirm import confirm
from gui.widgets.basic import brief
from gui.widgets.messages import Message
from gui.workers.job import Job

if TYPE_CHECKING:
    from gui.main_window import MainWindow

PAGE, PAPER = "Web page (*.html)", "PDF (*.pdf)"
_SUFFIXES = {PAGE: (".html", ".htm"), PAPER: (".pdf",)}


class ReportFlow(QObject):
    """One report at a time; remembers the folder and the format of the last one."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._context = window, window.context
        self._place = Path.home()
        self._filter = PAGE
        self._job: Job | None = None

    def possible(self) -> bool:
        return self._context.project is not None and bool(self._wanted())

    def start(self) -> None:
        """Of the run that is selected on the Runs page, elsewhere of the one that the window looks at."""
        name = self._wanted()
        if name:
            self.ask(name)

    def ask(self, name: str) -> None:
        """Ask for a file and write the report of this run into it."""
        if self._context.folder is None:
            return
        if self._job is not None and not self._job.isFinished():
            self._context.messages.note("A report is being written.", "It can be cancelled at the bottom.")
            return
        target = self._choose(name)
        if target is not None:
            self.write(self._context.folder, name, target)

    def write(self, project: Path, name: str, target: Path) -> None:
        """Gather the facts and write the file, beside the window."""
        number = int(name.partition("-")[0]) if name.partition("-")[0].isdecimal() else 0
        title = f"Report of run {number}" if number else f"Report of {name}"

        def work(job: Job) -> None:
            from core.report import make  # with numpy and all the sections: few windows write a report
            from core.report.asking import Asking

            asking = Asking(
                self._context.engine.request, lambda _what, done, total: job.report(done, total), job.stopped
            )
            report = make.make(project, find_run(project, name), asking)
            asking.check()
            if target.suffix.lower() in _SUFFIXES[PAPER]:
                from gui.paper import pdf  # drawing on paper costs time to import, and few windows do it

                pdf.write(report, target, job.stopped)
            else:
                make.write(report, target)

        self._job = self._context.run(title, work, on_done=lambda _none: self._told(title, target))

    def _wanted(self) -> str:
        if self._window.current_page != "runs":
            return self._context.run_name
        from gui.views.runs.page import RunsPage  # with its plots: not before somebody looks at them

        page = self._window.pages.get("runs")
        if isinstance(page, RunsPage):
            chosen: list[Run] = page.selected()
            return chosen[0].folder.name if len(chosen) == 1 and chosen[0].status != "unreadable" else ""
        return self._context.run_name

    def _choose(self, name: str) -> Path | None:
        suffix = _SUFFIXES[self._filter][0]
        words, suggestion = "Write the report of this run", self._place / f"{name}-report{suffix}"
        filters = ";;".join((PAGE, PAPER))
        text, chosen = QFileDialog.getSaveFileName(
            self._window, words, str(suggestion), filters, self._filter
        )
        if not text:
            return None
        target, asked = Path(text), Path(text)
        if chosen in _SUFFIXES and chosen != self._filter and target.suffix.lower() not in _SUFFIXES[chosen]:
            target = _named(
                target, _SUFFIXES[chosen][0]
            )  # the other format was picked, the name left as it was
        elif not any(target.suffix.lower() in endings for endings in _SUFFIXES.values()):
            target = target.with_name(target.name + _SUFFIXES.get(chosen, (suffix,))[0])
        if target != asked and target.exists():
            question = f"{target.name} exists already. The report takes its place."
            if not confirm(self._window, "Replace this file?", question, "Replace", danger=True):
                return None
        self._place = target.parent
        self._filter = PAPER if target.suffix.lower() == ".pdf" else PAGE
        return target

    def _told(self, title: str, target: Path) -> None:
        self._context.messages.post(
            Message(
                f"The {title[0].lower()}{title[1:]} is in {brief(target.name, 80)}.",
                "One file that needs nothing else: hand it on as it is.",
                "positive",
                action="Show in folder",
                do=lambda: self._show(target.parent),
                other="Open",
                do_other=lambda: self._show(target),
            )
        )

    def _show(self, place: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(place))):
            self._context.messages.note("No program for it was found.", f"It is in {place}.")


def _named(target: Path, suffix: str) -> Path:
    known = any(target.suffix.lower() in endings for endings in _SUFFIXES.values())
    return target.with_suffix(suffix) if known else target.with_name(target.name + suffix)
