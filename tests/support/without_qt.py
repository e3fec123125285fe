"""A pytest plugin (`-p tests.support.without_qt`): the run goes on as on a machine where Qt is not installed."""

from tests.support.blocker import block

block(("PySide6", "shiboken6", "pyqtgraph", "gui"))
