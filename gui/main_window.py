"""The one window: top bar, navigation rail, pages, message bar, status bar."""

from __future__ import annotations

import base64
import importlib
import sys
from pathlib import Path

from PySide6.QtCore import QByteArray, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QIcon, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from core.dataset.issues import Issue
from core.paths import RESOURCES
from gui.actions.export_flow import ExportFlow
from gui.actions.import_flow import ImportFlow
from gui.actions.project_flow import ProjectFlow
from gui.actions.registry import Actions
from gui.actions.report_flow import ReportFlow
from gui.actions.run_flow import RunFlow
from gui.actions.window_actions import window_actions
from gui.context import Context
from gui.dialogs.confirm import confirm
from gui.views.page import AHEAD, Page
from gui.views.welcome import WelcomePage
from gui.widgets.drop_hint import DropHint
from gui.widgets.messages import MessageBar
from gui.widgets.rail import NavRail
from gui.widgets.statusbar import StatusBar
from gui.widgets.topbar import TopBar
from gui.workers.probe_runs import ProbeRuns
from gui.workers.run_queue import RunQueue

PAGES = ("label", "train", "runs", "explore")
UNSEEN_MS = 200  # after a project was opened, pages out of sight are built


class MainWindow(QMainWindow):
    """Made by `gui.app.create`. Pages are built when first shown, or one by one when the window has nothing to do."""

    built = Signal()  # every page is there

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.setObjectName("window")
        self.setWindowIcon(QIcon(str(RESOURCES / "icons" / "app.svg")))
        self.setMinimumSize(900, 560)
        self.setAcceptDrops(True)
        self._drop_hint = DropHint(self, "Drop to import, or to open a project")
        context.setParent(self)

        self.topbar = TopBar()
        self.rail = NavRail()
        self.message_bar = MessageBar()
        self.stack = QStackedWidget()
        self.stack.setObjectName("stack")
        self.statusbar = StatusBar(context.jobs)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        holder = QWidget()
        holder_layout = QVBoxLayout(holder)
        holder_layout.setContentsMargins(12, 0, 12, 0)
        holder_layout.addWidget(self.message_bar)
        self._message_holder, self._message_layout = holder, holder_layout
        column.addWidget(holder)
        column.addWidget(self.stack, 1)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.rail)
        body.addWidget(middle, 1)
        central = QWidget()
        whole = QVBoxLayout(central)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.topbar)
        whole.addLayout(body, 1)
        whole.addWidget(self.statusbar)
        self.setCentralWidget(central)

        self.actions_ = Actions(self)
        self.projects = ProjectFlow(self)
        self.exports = ExportFlow(self)
        self.imports = ImportFlow(self)
        self.reports = ReportFlow(self)
        self.queue = RunQueue(context, self)
        self.runs = RunFlow(self)
        self.probe_runs = ProbeRuns(context, self.show_probes, self)
        self.welcome = WelcomePage(context)
        self.welcome.new_requested.connect(self.projects.new)
        self.welcome.import_requested.connect(self.imports.choose)
        self.welcome.open_requested.connect(self.projects.choose_and_open)
        self.welcome.example_requested.connect(self.projects.open_example)
        self.welcome.recent_requested.connect(self.projects.open)
        self.stack.addWidget(self.welcome)
        self.pages: dict[str, Page] = {}
        self._page = ""
        self._growing: tuple[str, Page] | None = None  # a page out of sight that is not whole yet

        self.actions_.extend(window_actions(self))
        self.topbar.train.clicked.connect(lambda: self.actions_.perform("run.train"))
        self.topbar.queue.clicked.connect(lambda: self.actions_.perform("run.queue"))
        self.rail.chosen.connect(self.show_page)
        self.rail.settings.clicked.connect(lambda: self.actions_.perform("app.settings"))
        self.rail.help.clicked.connect(lambda: self.actions_.perform("app.help"))
        self.statusbar.issues.clicked.connect(lambda: self.show_issues())
        context.messages.posted.connect(self.message_bar.show_message)
        self.message_bar.changed.connect(self._pad_message)
        context.project_closing.connect(self._leave_page)
        context.project_changed.connect(self._project_changed)
        context.saved.connect(self._saved)
        context.data_changed.connect(lambda _change: self.actions_.refresh())
        context.dataset_changed.connect(self.actions_.refresh)
        context.run_chosen.connect(self.actions_.refresh)
        context.background.changed.connect(self.actions_.refresh)
        context.engine.state_changed.connect(self._engine_changed)
        context.training.state_changed.connect(self.actions_.refresh)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._build_next)
        self._restore_geometry()
        self._project_changed()
        self._engine_changed()

    # -- pages --------------------------------------------------------------------------------------------------

    def page(self, key: str) -> Page:
        """The page, built now if it was not yet."""
        if key not in self.pages:
            page = self._begun(key)
            while page.grow():
                pass
            self._take(key, page)
        return self.pages[key]

    def _begun(self, key: str) -> Page:
        """The page as far as it is built."""
        if self._growing is not None and self._growing[0] == key:
            return self._growing[1]
        page = self._make(key)
        self.stack.addWidget(page)
        return page

    def _take(self, key: str, page: Page) -> None:
        """The page is whole."""
        if self._growing is not None and self._growing[0] == key:
            self._growing = None
        self.pages[key] = page
        self.actions_.extend(page.actions_of_page())

    def _make(self, key: str) -> Page:
        # Imported here: the drawing library alone costs a third of a second, which the first frame must not wait for.
        if key == "label":
            from gui.views.label.page import LabelPage

            page = LabelPage(self.context)
            page.counts_changed.connect(self.statusbar.show_counts)
            page.import_requested.connect(self.imports.choose)
            page.export_requested.connect(self.exports.start)
            page.commands.explore_requested.connect(self.explore_row)
            return page
        if key == "train":
            from gui.views.train.page import TrainPage

            train = TrainPage(self.context)
            train.stop_requested.connect(self.runs.stop)
            train.discard_requested.connect(self.runs.discard)
            train.start_requested.connect(self.runs.train)
            train.explore_requested.connect(lambda: self.show_page("explore"))
            train.issues_requested.connect(self.show_issues)
            return train
        if key == "runs":
            from gui.views.runs.page import RunsPage

            runs = RunsPage(self.context, self.queue)
            runs.train_requested.connect(self.runs.train)
            runs.continue_requested.connect(self.runs.go_on)
            runs.explore_requested.connect(lambda: self.show_page("explore"))
            runs.open_requested.connect(self.show_run)
            runs.report_requested.connect(self.reports.ask)
            runs.selected_others.connect(self.actions_.refresh)
            runs.settings_taken.connect(lambda: self.show_page("train"))
            return runs
        from gui.views.explore.page import ExplorePage

        explore = ExplorePage(self.context, whole=False)
        explore.train_requested.connect(self.runs.train)
        explore.label_requested.connect(self.show_row)
        explore.rows_requested.connect(self.show_rows)
        explore.report_requested.connect(self.reports.start)
        return explore

    def _build_next(self) -> None:
        """Build the pages that are not there yet, one part each time the window is idle."""
        if self.context.project is None:
            return
        missing = [key for key in PAGES if key not in self.pages]
        if any(page.waiting for page in self.pages.values()):
            self._idle.start(30)  # the person waits for the rows, not for pages out of sight
        elif missing:
            self._grow(self._growing[0] if self._growing is not None else missing[0])
            self._idle.start(30)
        else:
            self.built.emit()

    def _grow(self, key: str) -> None:
        unread = next((name for name in AHEAD.get(key, ()) if name not in sys.modules), "")
        if unread:
            importlib.import_module(unread)
        elif self._growing is None:
            self._growing = key, self._begun(key)
        elif not self._growing[1].grow():
            self._take(*self._growing)

    def show_page(self, key: str) -> None:
        if self.context.project is None:
            return
        page = self.page(key)
        if self._page and self._page != key:
            self.pages[self._page].deactivate()
        self._page = key
        self.rail.show_page(key)
        self.stack.setCurrentWidget(page)
        page.activate()
        self.actions_.refresh()

    @property
    def current_page(self) -> str:
        """label, train, runs or explore; "" on the welcome page."""
        return self._page

    def show_row(self, id: int) -> None:
        """The label page with this row selected; 0: the page as it is."""
        from gui.views.label.page import LabelPage

        self.show_page("label")
        page = self.page("label")
        assert isinstance(page, LabelPage)
        if id:
            page.rows.show_all([id])

    def show_rows(self, dataset_id: int, ids: list[int]) -> None:
        """The label page with these rows of a dataset, and no others."""
        from gui.views.label.page import LabelPage

        page = self.page("label")
        assert isinstance(page, LabelPage)
        self.context.choose_dataset(dataset_id)
        self.show_page("label")
        page.chosen.show_rows(ids)

    def explore_row(self, id: int, slot: int = 0) -> None:
        """The explore page with this row's text as its question."""
        from gui.views.explore.page import ExplorePage

        self.show_page("explore")
        page = self.page("explore")
        assert isinstance(page, ExplorePage)
        page.show_query("", id, slot)

    def show_issues(self, issue: Issue | None = None) -> None:
        """The label page with only the rows that have an issue, or this one."""
        from gui.views.label.page import LabelPage

        self.show_page("label")
        page = self.page("label")
        assert isinstance(page, LabelPage)
        page.show_issues(issue)

    def show_probes(self, run: str) -> None:
        """The probes of a run, what got worse on top."""
        from gui.views.explore.page import ExplorePage

        self.context.choose_run(run)
        self.show_page("explore")
        page = self.page("explore")
        assert isinstance(page, ExplorePage)
        page.show_probes()

    def show_run(self, name: str) -> None:
        """A finished run's curves on the train page."""
        from gui.views.train.page import TrainPage

        page = self.page("train")
        assert isinstance(page, TrainPage)
        self.show_page("train")
        page.show_run(name)

    # -- news ---------------------------------------------------------------------------------------------------

    def _leave_page(self) -> None:
        """While the project can still be written: an editor that is open keeps its text."""
        if self._page:
            self.pages[self._page].deactivate()

    def _project_changed(self) -> None:
        project = self.context.project
        there = project is not None
        self.rail.setVisible(there)
        self.topbar.show_project_controls(there)
        self.statusbar.setVisible(there)
        self.projects.fill_project_menu()
        if project is None:
            self._page = ""
            self.topbar.project.show_value("Choose a project")
            self.setWindowTitle("AnchorLab")
            self.welcome.activate()
            self.stack.setCurrentWidget(self.welcome)
        else:
            self.topbar.project.show_value(project.name)
            self.setWindowTitle(f"{project.name} — AnchorLab")
            self.statusbar.read_only.setText("Read-only: open in another window" if project.read_only else "")
            self.statusbar.saved.setText("" if project.read_only else "Saved")
            self.statusbar.show_counts({})
            self.show_page("label")
            self._idle.start(UNSEEN_MS)
        self.actions_.refresh()

    def _saved(self) -> None:
        self.statusbar.saved.setText("Saved")

    def _engine_changed(self) -> None:
        engine = self.context.engine
        words = {
            "starting": "Model is loading…",
            "failed": "Similarity engine stopped",
            "off": "",
            "warm": "",
        }
        self.statusbar.engine.setText(
            "Model at work…" if engine.busy and engine.state == "warm" else words[engine.state]
        )
        if engine.state == "warm":
            if not self.topbar.device.text():
                self.topbar.device.setText(engine.device)
            self.context.training.prepare()

    def _pad_message(self) -> None:
        # Asked of the bar itself: inside a holder that is still hidden it does not count as visible.
        margin = 0 if self.message_bar.isHidden() else 8
        self._message_layout.setContentsMargins(12, margin, 12, 0)
        self._message_holder.setVisible(bool(margin))

    # -- the window itself --------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._drop_hint.show_over()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint.hide()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        # Started after the drop ended: the system's drag must not wait for a dialog.
        QTimer.singleShot(0, lambda: self.projects.take_files(paths))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._pad_message()

    def closeEvent(self, event: QCloseEvent) -> None:
        training = self.context.training
        if training.active and not confirm(
            self,
            "A run is on",
            "Closing stops it. The model trained so far is kept and listed under Runs. "
            "What waits in the queue stays there.",
            "Stop, keep and close",
            no="Go on training",
        ):
            event.ignore()
            return
        self._idle.stop()
        self.context.settings.geometry = base64.b64encode(self.saveGeometry().data()).decode()
        self.context.save_settings()
        for page in self.pages.values():
            page.deactivate()
        if training.active:
            # Saving the model takes seconds; nobody needs to look at a window that no longer answers. Qt does not count a
            # hidden window as the last one closed, so the end is asked for.
            self.hide()
            QApplication.quit()
        self.context.close()
        event.accept()

    def _restore_geometry(self) -> None:
        saved = self.context.settings.geometry
        if not (saved and self.restoreGeometry(QByteArray.fromBase64(saved.encode()))):
            self.resize(1280, 800)
