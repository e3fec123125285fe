"""The net under all other window tests: an error that is shown but not expected is seen."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox

from core.errors import DataProblem
from gui.widgets.messages import MessageCentre


def test_errors_shown_are_recorded(qapp, messages) -> None:
    centre = MessageCentre()
    centre.note("Saved.")
    centre.error(DataProblem("Row 3 has no score.", "Give it one."))
    assert [(told.text, told.hint) for told in messages.errors] == [("Row 3 has no score.", "Give it one.")]
    assert len(messages) == 2


def test_a_modal_box_does_not_hang_and_counts_as_an_error(qapp, messages) -> None:
    assert QMessageBox.question(None, "Delete", "Really?") == QMessageBox.StandardButton.Cancel
    box = QMessageBox()
    box.setText("Really?")
    box.exec()
    assert [told.text for told in messages.errors] == ["modal box: Delete: Really?", "modal box: Really?"]
