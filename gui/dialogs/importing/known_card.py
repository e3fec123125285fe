"""Rows that the dataset has already: leave them, update them, or add them again."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton

from core.project.reimport import Policy
from gui.dialogs.importing.entry import Entry
from gui.widgets.basic import Card, label


class KnownCard(Card):
    chosen = Signal(object)  # Policy

    def __init__(self) -> None:
        super().__init__("Some of these rows are there already", margins=12, spacing=4)
        self.counts = label("", "caption", wrap=True, name="import.known")
        self.body.addWidget(self.counts)
        self._group = QButtonGroup(self)
        self.choices: dict[Policy, QRadioButton] = {}
        for number, policy in enumerate(Policy):
            choice = QRadioButton()
            choice.setObjectName(f"import.policy.{policy.value}")
            self._group.addButton(choice, number)
            self.body.addWidget(choice)
            self.choices[policy] = choice
        self._group.idClicked.connect(lambda number: self.chosen.emit(list(Policy)[number]))

    def show_entry(self, entry: Entry) -> None:
        known = entry.known
        self.setVisible(known is not None and known.any)
        if known is None:
            return
        new, same, other = len(known.new), len(known.identical), len(known.changed)
        self.counts.setText(
            f"{_rows(new)} new, {same:,} the same, {other:,} with another score, split or spelling."
        )
        for policy, words in (
            (Policy.SKIP, f"Leave them as they are; add {_rows(new)}"),
            (Policy.UPDATE, f"Update the {other:,} that differ; add {_rows(new)}"),
            (Policy.ADD, f"Add all {_rows(new + same + other)} once more"),
        ):
            self.choices[policy].setText(words)
            self.choices[policy].setAccessibleName(words)
            self.choices[policy].setChecked(policy is entry.policy)
        self.choices[Policy.UPDATE].setVisible(other > 0)


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
