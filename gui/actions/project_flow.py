"""Opening and making projects, and the menus that name them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog

from core import paths
from core.errors import (
    AnchorLabError,
    ProjectCorrupt,
    ProjectLocked,
    ProjectProblem,
)
from core.project import Project
from core.project.examples import ExampleProject, open_place
from gui.dialogs.new_dataset import NewDatasetDialog
from gui.dialogs.new_project import NewProjectDialog
from gui.workers.job import Job

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class ProjectFlow(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._context = window.context
        self._opening: Job | None = None
        self._context.dataset_changed.connect(self.fill_dataset_menu)
        self._context.data_changed.connect(self._maybe_refill)

    # -- opening ------------------------------------------------------------------------------------------------

    def choose_and_open(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, "Open a project", str(paths.workspace()))
        if folder:
            self.open(Path(folder))

    def open_example(self, example: ExampleProject) -> None:
        try:
            folder = open_place(example)
        except AnchorLabError as error:
            self._context.messages.error(error)
            return
        self.open(folder)

    def open(self, folder: Path, *, write: bool = True) -> None:
        """Open a project folder. A plain-text project is built first, in the background.

        What is open already, or on its way (the second half of a double click), is not opened again.
        """
        if self._opening is not None or self._is_open(folder, write) or self._busy():
            return
        self._window.message_bar.dismiss()
        if write and not (folder / "project.db").exists() and (folder / "project.toml").is_file():

            def build(_job: Job) -> None:
                Project.open(folder).close()

            def built(_none: None) -> None:
                self._opening = None
                self._adopt(folder, True)

            def failed(error: BaseException) -> None:
                self._opening = None
                self._refused(error)

            self._opening = self._context.run(f"Opening {folder.name}", build, on_done=built, on_error=failed)
            self._opening.on_cancel(self._forget_opening)
            return
        self._adopt(folder, write)

    def _forget_opening(self) -> None:
        self._opening = None

    def _is_open(self, folder: Path, write: bool) -> bool:
        project = self._context.project
        if project is None or (write and project.read_only):
            return False
        try:
            return folder.samefile(project.folder)
        except OSError:  # one of them is gone: opening it will say so
            return False

    def _adopt(self, folder: Path, write: bool) -> None:
        try:
            project = Project.open(folder, write=write)
        except ProjectLocked as error:
            self._context.messages.error(
                error, action="Open read-only", do=lambda: self.open(folder, write=False)
            )
            return
        except AnchorLabError as error:
            self._refused(error, folder)
            return
        self._context.adopt(project)
        if project.read_only:
            self._context.messages.note(
                "This project is open in another window, so it is read-only here.",
                "Close the other window to edit it.",
            )
        else:
            self._context.run("", lambda _job: project.backup())

    def _refused(self, error: BaseException, folder: Path | None = None) -> None:
        if isinstance(error, ProjectCorrupt) and error.backups and folder is not None:
            backup = Path(error.backups[0])

            def restore() -> None:
                try:
                    Project.restore(folder, backup)
                except AnchorLabError as problem:
                    self._context.messages.error(problem)
                else:
                    self.open(folder)

            self._context.messages.error(error, action="Restore the last backup", do=restore)
        else:
            self._context.messages.error(error)

    def _busy(self) -> bool:
        if self._context.training.active:
            self._context.messages.warn(
                "A run is on in this project.", "Stop it before you open another project."
            )
            return True
        return False

    def close(self) -> None:
        if not self._busy():
            self._window.message_bar.dismiss()
            self._context.release()

    # -- making -------------------------------------------------------------------------------------------------

    def new(self) -> None:
        if self._busy():
            return
        dialog = NewProjectDialog(self._window)
        if not dialog.exec():
            return
        self._window.message_bar.dismiss()
        try:
            project = Project.create(dialog.folder, dialog.name)
            project.create_dataset(dialog.format.title, dialog.format)
        except AnchorLabError as error:
            self._context.messages.error(error)
            return
        self._context.adopt(project)

    def new_dataset(self) -> None:
        dialog = NewDatasetDialog(self._window)
        dialog.accepted.connect(
            lambda: self._context.create_dataset(self._free_title(dialog.format.title), dialog.format)
        )
        dialog.open()

    def _free_title(self, title: str) -> str:
        taken = {info.name for info in self._context.project.datasets()} if self._context.project else set()
        number, candidate = 2, title
        while candidate in taken:
            candidate, number = f"{title} {number}", number + 1
        return candidate

    # -- files in and out ---------------------------------------------------------------------------------------

    def take_files(self, dropped: list[Path]) -> None:
        """Files or folders dropped on the window: a project is opened, everything else imported."""
        if len(dropped) == 1 and dropped[0].is_dir() and Project.is_project(dropped[0]):
            self.open(dropped[0])
        elif dropped:
            self._window.imports.show(dropped)

    # -- menus --------------------------------------------------------------------------------------------------

    def fill_project_menu(self) -> None:
        menu = self._window.topbar.project.menu_of_pill
        menu.clear()
        for name in ("project.new", "project.open", "project.import"):
            menu.addAction(self._window.actions_[name]) if self._known(name) else None
        menu.addSeparator()
        here = self._context.folder
        for recent in [Path(name) for name in self._context.settings.recent][:8]:
            if recent != here:
                action = QAction(recent.name.replace("&", "&&"), menu)
                action.setEnabled(recent.is_dir())
                action.triggered.connect(lambda _on=False, folder=recent: self.open(folder))
                menu.addAction(action)
        if here is not None:
            menu.addSeparator()
            for name in ("project.export", "project.close"):
                menu.addAction(self._window.actions_[name])
        self.fill_dataset_menu()

    def _known(self, name: str) -> bool:
        return any(spec.id == name for spec in self._window.actions_.specs())

    def fill_dataset_menu(self) -> None:
        pill, project = self._window.topbar.dataset, self._context.project
        menu = pill.menu_of_pill
        menu.clear()
        if project is None:
            return
        current = self._context.dataset
        if current is None:
            pill.show_value("none yet")
        else:
            title = (
                current.name
                if current.name == current.format.title
                else f"{current.name} · {current.format.title}"
            )
            pill.show_value(f"{title} · {current.rows:,}")
        for info in project.datasets():
            action = QAction(f"{info.name} · {info.format.title} · {info.rows:,}".replace("&", "&&"), menu)
            action.setCheckable(True)
            action.setChecked(info.id == self._context.dataset_id)
            action.triggered.connect(lambda _on=False, id=info.id: self._context.choose_dataset(id))
            menu.addAction(action)
        menu.addSeparator()
        for name in ("project.dataset", "project.import"):
            if self._known(name):
                menu.addAction(self._window.actions_[name])

    def _maybe_refill(self, change) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        if change.kinds & {"rows", "datasets"}:
            self.fill_dataset_menu()

    def set_theme(self, mode: str) -> None:
        self._context.settings.theme = mode
        self._context.theme.set_mode(mode)
        self._context.save_settings()

    @staticmethod
    def problem(folder: Path) -> ProjectProblem:
        """The sentence for a start with a folder that is no project."""
        return ProjectProblem(
            f"{folder} is not an AnchorLab project.", "Open a folder that holds a project, or make a new one."
        )
