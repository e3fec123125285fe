"""The keys of the review that mean the same whatever is judged: flag, note, undo, move."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from gui.views.label.review.deciding import STEP
from gui.widgets.basic import brief

if TYPE_CHECKING:
    from gui.views.label.review.panel import ReviewPanel


class ReviewActs:
    def __init__(self, panel: ReviewPanel) -> None:
        self._panel = panel
        deck = panel.deck
        self._keys: dict[str, Callable[[], object]] = {
            "F": self.flag,
            "M": self.note,
            "Z": self.undo,
            "Left": lambda: self.move(-1),
            "Right": lambda: self.move(1),
            "Home": lambda: deck.go(0),
            "End": lambda: deck.go(len(deck.ids) - 1),
            "PageUp": lambda: panel.desk.turn_page(-1),
            "PageDown": lambda: panel.desk.turn_page(1),
            "U": self.next_open,
            "O": panel.header.skip.toggle,
            "R": panel.rounds.rank,
            "G": panel.toggle_guidelines,
            "Escape": lambda: panel.desk.say("Ctrl+R goes back to the table."),
        }

    def press(self, key: str) -> bool:
        """Do what the key means. False when it is for the judge."""
        act = self._keys.get(key)
        if act is None:
            return False
        act()
        return True

    def undo(self) -> None:
        """Take back the last decision and go to its example. What else was done last stays: one key must not undo an import."""
        panel = self._panel
        judge, project = panel.desk.judge, panel.context.project
        if (judge is not None and judge.back()) or project is None or not panel.context.editable:
            return
        words = project.undo_label
        if not words.startswith(STEP):
            more = f" The last step was “{brief(words)}”: Ctrl+Z takes it back." if words else ""
            panel.desk.say(f"No decision is left to take back.{more}")
            return
        panel.context.undo()
        panel.pace.taken_back()
        number = re.match(rf"{STEP} row ([\d,]+):", words)
        if number is not None and panel.info is not None:
            panel.deck.go_to(project.id_of(panel.info.id, int(number[1].replace(",", ""))))
        panel.desk.say(f"Taken back: {brief(words, 100)}")

    def flag(self) -> None:
        panel = self._panel
        if (example := panel.example) is not None and panel.context.editable:
            panel.deciding.mark(example, "flag", not example.flag)
            panel.show_example()

    def move(self, step: int) -> None:
        panel = self._panel
        if not panel.deck.go(panel.deck.place + step):
            panel.desk.say("This is the last example." if step > 0 else "This is the first example.")

    def next_open(self) -> None:
        """On to the next undecided example, from the start again after the last."""
        deck = self._panel.deck
        if deck.advance(over_decided=True):
            return
        place = deck.first_open()
        if deck.ids and deck.ids[place] not in deck.decided:
            deck.go(place)
        else:
            self._panel.desk.say("Everything in this view is decided.")

    # -- the note -----------------------------------------------------------------------------------------------

    def note(self) -> None:
        panel = self._panel
        if (example := panel.example) is not None and panel.context.editable and panel.rounds.blind is None:
            panel.desk.open_note(example.note)

    def keep_note(self, text: str) -> None:
        panel = self._panel
        example = panel.example
        self.leave_note()
        if example is not None and text != example.note and panel.context.editable:
            panel.deciding.mark(example, "note", text)
            panel.show_example()

    def leave_note(self) -> None:
        held = self._panel.desk.note.hasFocus()
        self._panel.desk.close_note()
        if held:
            self._panel.take_focus()
