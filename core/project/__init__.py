"""A project on disk: datasets, their examples, edits with undo, in one SQLite file."""

from core.project.project import Project
from core.project.reader import Reader
from core.project.step import Change
from core.project.views import View

__all__ = ["Change", "Project", "Reader", "View"]
