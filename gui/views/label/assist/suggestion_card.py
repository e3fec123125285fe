"""What the model suggests for the chosen row, and the keys that take it."""

from __future__ import annotations

import math

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.dataset.formats import DatasetInfo, Example, Format
from gui.models import prescore, score_text, score_words
from gui.models.model_scores import ModelScores
from gui.models.prescore import Suggestion
from gui.widgets.basic import button, keycap, label, set_tone
from gui.widgets.score import number

ACCEPT_KEY, SKIP_KEY = "F8", "Shift+F8"


class SuggestionCard(QWidget):
    accepted = Signal(object)  # Suggestion
    skipped = Signal()
    scores_requested = Signal()
    all_requested = Signal()

    def __init__(self, scores: ModelScores, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scores = scores
        self._example: Example | None = None
        self._info: DatasetInfo | None = None
        self._editable = True
        self.suggestion: Suggestion | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        self.title = label("Suggested score", "section", name="suggest.title")
        column.addWidget(self.title)
        line = QHBoxLayout()
        line.setSpacing(8)
        self.figure = label("", "judged", name="suggest.figure")
        self.of = label("", "secondary", name="suggest.of")
        line.addWidget(self.figure)
        line.addWidget(self.of)
        line.addStretch(1)
        column.addLayout(line)
        self.words = label("", "caption", wrap=True, name="suggest.words")
        column.addWidget(self.words)
        keys = QHBoxLayout()
        keys.setSpacing(6)
        self.accept = button(
            "Accept",
            name="suggest.accept",
            tip=f"Take it and go on ({ACCEPT_KEY})",
            clicked=self._accept,
        )
        self.accept_key = keycap(ACCEPT_KEY)
        self.skip = button(
            "Next",
            name="suggest.skip",
            tip=f"Go to the next open row ({SKIP_KEY})",
            clicked=self.skipped.emit,
        )
        self.start = button(
            "Score the rows", "model", name="suggest.start", clicked=self.scores_requested.emit
        )
        self.all = button(
            "All…",
            name="suggest.all",
            tip="Suggestions for all open rows of the view, as one step",
            clicked=self.all_requested.emit,
        )
        self.all.setAccessibleName("Suggestions for all open rows")
        for part in (self.accept, self.accept_key, self.skip, self.start):
            keys.addWidget(part)
        keys.addStretch(1)
        keys.addWidget(self.all)
        column.addLayout(keys)
        self.show_example(None, None)

    def allow(self, editable: bool) -> None:
        self._editable = editable
        self.refresh()

    def show_example(self, example: Example | None, info: DatasetInfo | None) -> None:
        self._example = example
        self._info = info or self._info
        self.refresh()

    def refresh(self) -> None:
        """The scores or the row changed."""
        scores, info, example = self._scores, self._scores.info, self._example
        self.suggestion = None
        self.title.setText(
            "Suggested decision" if info and info.format is Format.PAIRS else "Suggested score"
        )
        self.start.setVisible(scores.state in ("off", "failed"))
        table = scores.table
        figure = of = ""
        tone = ""
        if info is None:
            words = "Choose a dataset first."
        elif scores.state == "off":
            words = f"Let {scores.model_title} score the rows: what it suggests stands here."
        elif scores.state == "failed":
            words = "The scores could not be worked out."
        elif table is None:
            words = f"Scoring {scores.done:,} of {scores.total:,} rows with {scores.model_title}."
        elif example is None:
            words = "Choose one row to see what the model suggests."
        else:
            figure, of, tone, words = self._about(info, example)
        self.title.setText(self._heading(info))
        self.figure.setText(figure)
        set_tone(self.figure, tone)
        self.of.setText(of)
        self.words.setText(words)
        self.figure.setVisible(bool(figure))
        self.of.setVisible(bool(of))
        can = self.suggestion is not None
        taken = self.suggestion.value if self.suggestion is not None else ""
        self.accept.setText("Reject" if taken == "rejected" else "Accept")
        self.accept.setAccessibleName(self.accept.text())
        self.accept.setVisible(can)
        self.accept_key.setVisible(can)
        self.accept.setEnabled(self._editable)
        usable = table is not None and info is not None and prescore.fits(info)
        self.skip.setVisible(usable)
        self.all.setVisible(usable)
        self.all.setEnabled(self._editable)

    def _heading(self, info: DatasetInfo | None) -> str:
        """A score of a row that is labelled already is no suggestion."""
        if info is None or self._example is None or prescore.open_row(info, self._example):
            return (
                "Suggested decision"
                if info is not None and info.format is Format.PAIRS
                else "Suggested score"
            )
        return "What the model says"

    def _about(self, info: DatasetInfo, example: Example) -> tuple[str, str, str, str]:
        """The figure, what it is of, its tone, and a sentence."""
        table, model = self._scores.table, self._scores.model_title
        assert table is not None
        if self._scores.stale(example.id):
            return "…", "", "secondary", f"The row changed; {model} scores it again."
        value = table.value("model", example.id)
        if math.isnan(value):
            return "–", "", "secondary", "A text of the row is empty, so there is nothing to compare."
        source = score_words.source(info, table, model)
        if not prescore.fits(info):
            margin = table.value("margin", example.id)
            tone = "negative" if margin < 0 else "positive"
            return number(margin, 2), "margin", tone, score_words.margin(info, margin, model)
        if prescore.open_row(info, example):
            self.suggestion = prescore.suggestion(info, table, example.id)
            if self.suggestion is not None and self.suggestion.key == "status":
                yes = self.suggestion.value == "accepted"
                words = "likely a pair" if yes else "unlikely a pair"
                return number(value, 2), words, "positive" if yes else "negative", source
            typed = self.suggestion.value if self.suggestion is not None else ""
            return typed, f"on {score_text.span(info.scale)}", "", source
        if info.format is Format.PAIRS:
            return number(value, 2), "", "", f"You {example.status} this pair. {source}"
        shown = score_text.shown(value, info.scale)
        if example.score is None:
            return shown, "", "", source
        apart = "Quite different from" if table.value("disagreement", example.id) > table.large else "Near"
        return shown, "", "", f"{apart} your {score_text.shown(example.score, info.scale)}. {source}"

    def _accept(self) -> None:
        if self.suggestion is not None and self._editable:
            self.accepted.emit(self.suggestion)
