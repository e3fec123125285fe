"""The window's own actions. Pages add theirs through `Page.actions_of_page`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.actions.registry import ActionSpec
from gui.dialogs.help import HelpDialog
from gui.dialogs.palette import CommandPalette
from gui.dialogs.settings import SettingsDialog

if TYPE_CHECKING:
    from gui.main_window import MainWindow


def window_actions(window: MainWindow) -> list[ActionSpec]:
    context, projects, runs = window.context, window.projects, window.runs

    def has_project() -> bool:
        return context.project is not None

    def can_undo() -> bool:
        return context.editable and bool(context.project and context.project.undo_label)

    def can_redo() -> bool:
        return context.editable and bool(context.project and context.project.redo_label)

    def go(key: str) -> None:
        window.show_page(key)

    def palette() -> None:
        CommandPalette(window.actions_, window).open()

    return [
        ActionSpec("project.new", "New project…", projects.new, "Ctrl+Shift+N", "plus", "Project"),
        ActionSpec(
            "project.open", "Open a project…", projects.choose_and_open, "Ctrl+O", "folder", "Project"
        ),
        ActionSpec("project.import", "Import files…", window.imports.choose, "Ctrl+I", "import", "Project"),
        ActionSpec(
            "project.import_clipboard",
            "Import from the clipboard…",
            window.imports.paste,
            "Ctrl+Shift+V",
            "import",
            "Project",
        ),
        ActionSpec(
            "project.export",
            "Export the dataset…",
            window.exports.start,
            "Ctrl+E",
            "export",
            "Project",
            has_project,
        ),
        ActionSpec(
            "project.dataset",
            "New dataset…",
            projects.new_dataset,
            "",
            "table",
            "Project",
            lambda: context.editable,
        ),
        ActionSpec(
            "project.close", "Close the project", projects.close, "Ctrl+W", "close", "Project", has_project
        ),
        ActionSpec("edit.undo", "Undo", context.undo, "Ctrl+Z", "undo", "Edit", can_undo),
        ActionSpec("edit.redo", "Redo", context.redo, "Ctrl+Shift+Z | Ctrl+Y", "redo", "Edit", can_redo),
        ActionSpec("go.label", "Label", lambda: go("label"), "Ctrl+1", "label", "Go to", has_project),
        ActionSpec("go.train", "Train", lambda: go("train"), "Ctrl+2", "train", "Go to", has_project),
        ActionSpec("go.runs", "Runs", lambda: go("runs"), "Ctrl+3", "runs", "Go to", has_project),
        ActionSpec("go.explore", "Explore", lambda: go("explore"), "Ctrl+4", "explore", "Go to", has_project),
        ActionSpec("run.train", "Train", runs.train_or_show, "Ctrl+Return", "play", "Run", has_project),
        ActionSpec(
            "run.queue",
            "Add to the queue",
            runs.add_to_queue,
            "Ctrl+Shift+Return",
            "queue",
            "Run",
            lambda: context.editable and context.dataset_id is not None,
        ),
        ActionSpec(
            "run.queue.start",
            "Start the queue",
            window.queue.start,
            "",
            "play",
            "Run",
            lambda: window.queue.can_start,
        ),
        ActionSpec(
            "run.queue.stop",
            "Stop the queue after this run",
            window.queue.stop,
            "",
            "stop",
            "Run",
            lambda: window.queue.going,
        ),
        ActionSpec(
            "run.report",
            "Report of the run…",
            window.reports.start,
            "Ctrl+Shift+R",
            "file",
            "Run",
            window.reports.possible,
        ),
        ActionSpec(
            "run.stop", "Stop and keep", runs.stop, "Ctrl+.", "stop", "Run", lambda: context.training.active
        ),
        ActionSpec(
            "app.theme.system",
            "Theme: as the system",
            lambda: window.projects.set_theme("system"),
            "",
            "settings",
            "View",
        ),
        ActionSpec(
            "app.theme.light", "Theme: light", lambda: window.projects.set_theme("light"), "", "light", "View"
        ),
        ActionSpec(
            "app.theme.dark", "Theme: dark", lambda: window.projects.set_theme("dark"), "", "dark", "View"
        ),
        ActionSpec(
            "app.settings",
            "Settings…",
            lambda: SettingsDialog(context, window).open(),
            "Ctrl+,",
            "settings",
            "Application",
        ),
        ActionSpec(
            "app.help",
            "Help",
            lambda: HelpDialog(window.actions_, window).open(),
            "F1",
            "help",
            "Application",
        ),
        ActionSpec("app.palette", "Find an action", palette, "Ctrl+K", "search", "Application", hidden=True),
        ActionSpec("app.quit", "Quit", window.close, "Ctrl+Q", "", "Application"),
    ]
