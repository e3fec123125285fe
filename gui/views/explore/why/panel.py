"""Why two texts are similar under the two models that are compared: at the right of every tab of the explore page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.errors import Cancelled, EngineProblem
from gui.actions.registry import ActionSpec
from gui.context import Context
from gui.views.explore.lens import Lens
from gui.views.explore.send import Chosen, offer_send, send_tool
from gui.views.explore.why.controls import WhyControls
from gui.views.explore.why.copying import as_table, as_text
from gui.views.explore.why.explained import Explained, change, read
from gui.views.explore.why.maps import WhyMaps
from gui.views.explore.why.tinted import LEAST_LINES, MOST_LINES, TintedEdit
from gui.widgets.basic import ElidedLabel, button, label, tool_button
from gui.widgets.copy_menu import CopyMenu
from gui.workers.job import Job

DEBOUNCE_MS = 350
_SLOW_MS = 250  # a quick answer needs no word that it is on its way
LEAST_WIDTH = 360
_LOW = 600

_EMPTY = (
    "Which words make two texts similar? Select a result and press W, click a cell of a heat map, "
    "or type two texts above."
)
_SECOND = "Type a second text to compare with."


class WhyPanel(QFrame):
    """`show_pair` asks the engine at once, editing a text after a moment. Asks only while it is visible."""

    closed = Signal()

    def __init__(self, context: Context, lens: Lens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("why")
        self.setAccessibleName("Why two texts are similar")
        self._context, self._lens = context, lens
        self._job: Job | None = None
        self._asked: tuple[Any, ...] = ()
        self._pair = ("", "")  # as it was given, before a person changed a text
        self._answers: list[Explained] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 12)
        column.setSpacing(8)
        self.one = TintedEdit("why.one", "First text")
        self.other = TintedEdit("why.other", "Second text")
        self.maps = WhyMaps()
        column.addLayout(self._head())
        column.addWidget(self.one)
        column.addWidget(self.other)
        self.controls = WhyControls()
        column.addWidget(self.controls)
        self.reason = label("", "caption", wrap=True, name="why.reason")
        column.addWidget(self.reason)
        self.words = label("", "secondary", wrap=True, name="why.state")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self._words_page())
        self.stack.addWidget(self.maps)
        column.addWidget(self.stack, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self.ask)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(_SLOW_MS)
        self._slow.timeout.connect(lambda: self.busy.setText("Comparing…"))
        for edit in (self.one, self.other):
            edit.changed.connect(self._typed)
        self.one.hovered.connect(lambda piece: self._word(piece, -1))
        self.other.hovered.connect(lambda piece: self._word(-1, piece))
        self.maps.pointed.connect(self._pointed)
        self.controls.method_changed.connect(self.ask)
        self.controls.changed.connect(self._show)
        lens.models_changed.connect(self.ask)
        context.project_changed.connect(self.forget)
        self._say("")

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(label("Why similar?", "section"))
        self.busy = ElidedLabel("", "caption")
        head.addSpacing(6)
        head.addWidget(self.busy, 1)
        self.back = button(
            "Reset texts",
            kind="link",
            name="why.reset",
            tip="Show both texts as they were",
            clicked=self._reset,
        )
        self.swap = button("Swap", kind="link", name="why.swap", tip="Swap the two texts", clicked=self._swap)
        head.addWidget(self.back)
        head.addWidget(self.swap)
        self.menu = CopyMenu(
            self._context.messages,
            (self.one, self.other, self.maps),
            self._table,
            text=self._text,
            name="why",
            title="Why",
            run=self._context.run,
            about=lambda: self._lens.told,
        )
        for place in range(2):
            self.menu.attach(self.maps.map(place))
        self.send = offer_send(self._context, self._lens, self.chosen, self.maps.map(0), self.maps.map(1))
        head.addWidget(self.menu.button)
        head.addWidget(send_tool(self.send, "why.send"))
        head.addWidget(tool_button("close", "Close (Esc)", name="why.close", clicked=self.closed.emit))
        return head

    def _words_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        column.addWidget(self.words)
        column.addStretch(2)
        return page

    # -- what is explained ----------------------------------------------------------------------------------------------

    @property
    def shown(self) -> list[Explained]:
        """What the maps show now."""
        return self.maps.shown

    def chosen(self) -> Chosen:
        """For labelling: the two texts."""
        pair = self.one.text, self.other.text
        return Chosen("explorer: why", pairs=(pair,) if all(text.strip() for text in pair) else ())

    def show_pair(self, one: str, other: str) -> None:
        """Explain these two texts."""
        if (one, other) == self._pair and (self.one.text, self.other.text) == (one, other):
            self.ask()
            return
        self._pair = one, other
        self.one.show_text(one)
        self.other.show_text(other)
        self.ask()

    def forget(self) -> None:
        """Another project: nothing of this one stays."""
        self._timer.stop()
        self._stop()
        self._pair, self._asked, self._answers = ("", ""), (), []
        for edit in (self.one, self.other):
            edit.show_text("")
        self._say("")

    def _typed(self) -> None:
        self._buttons()
        self._timer.start()

    def _reset(self) -> None:
        self.show_pair(*self._pair)

    def _swap(self) -> None:
        one, other = self.one.text, self.other.text
        self._pair = self._pair[1], self._pair[0]
        self.one.show_text(other)
        self.other.show_text(one)
        self.ask()

    # -- asking ---------------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask the engine, unless it is answered already or nobody looks."""
        self._timer.stop()
        self._buttons()
        context = self._context
        if not self.isVisible() or context.project is None:
            return
        one, other = self.one.text, self.other.text
        if not one.strip() or not other.strip():
            self._stop()
            self._asked, self._answers = (), []
            self._say(_SECOND if one.strip() else _EMPTY)
            return
        models = [model for model in (self._lens.first, self._lens.second) if model is not None]
        asked = (one, other, tuple(models), self.controls.method, str(context.folder))
        if asked == self._asked:
            return
        self._stop()
        self._asked = asked
        if not self._answers:
            self._say("Comparing…" if context.engine.state == "warm" else "The model is still loading…")
        params = {
            "project": str(context.folder),
            "one": one,
            "other": other,
            "models": [model.ref for model in models],
            "method": self.controls.method,
        }
        titles = [model.title for model in models]
        self._slow.start()
        self._job = context.engine.ask(
            "explain",
            params,
            group="why",
            on_done=lambda answer: self._answered(answer, titles),
            on_error=self._failed,
        )

    def _rest(self) -> None:
        """Nothing is on its way any more."""
        self._job = None
        self._slow.stop()
        self.busy.setText("")

    def _stop(self) -> None:
        job = self._job
        self._rest()
        if job is not None:
            job.cancel()
            self._asked = ()

    def _answered(self, answer: dict[str, Any], titles: list[str]) -> None:
        self._rest()
        try:
            found = [read(result, title) for result, title in zip(answer["results"], titles, strict=False)]
        except (OSError, ValueError) as error:
            self._failed(
                EngineProblem("The explanation could not be read.", "Try again.", details=str(error))
            )
            return
        self._answers = found
        self._show()

    def _failed(self, error: BaseException) -> None:
        self._rest()
        self._asked = ()
        if not isinstance(error, Cancelled):
            self._answers = []
            self._say(f"There is no explanation. {error}")
            self._context.messages.error(error, action="Try again", do=self.ask)

    # -- showing --------------------------------------------------------------------------------------------------------

    def _say(self, words: str) -> None:
        for edit in (self.one, self.other):
            edit.clear_tint()
        self.words.setText(words or _EMPTY)
        self.stack.setCurrentIndex(0)
        self.controls.setVisible(False)
        self.reason.hide()
        self.menu.button.setEnabled(False)
        self.maps.show_maps(())
        self._buttons()

    def _buttons(self) -> None:
        texts = (self.one.text, self.other.text)
        self.back.setVisible(any(self._pair) and texts != self._pair)
        self.swap.setEnabled(any(text.strip() for text in texts))

    def _show(self) -> None:
        """The answer in the form that the controls say."""
        if not self._answers:
            return
        forms = [self._formed(one) for one in self._answers]
        moved = change(*forms) if len(forms) == 2 else None
        self.controls.offer(
            [one.title for one in forms], difference=moved is not None, sums=any(one.exact for one in forms)
        )
        view = self.controls.view
        shown = (
            [moved]
            if view == "change" and moved is not None
            else forms
            if view == "both"
            else [forms[int(view)]]
        )
        self.maps.show_maps(shown)
        self._tint(shown[-1])
        reasons = list(dict.fromkeys(f"Approximate. {one.reason}" for one in shown if one.reason))
        self.reason.setText(" ".join(reasons))
        self.reason.setVisible(bool(reasons))
        self.controls.show()
        self.menu.button.setEnabled(True)
        self.stack.setCurrentIndex(1)
        self._buttons()

    def _formed(self, explained: Explained) -> Explained:
        if self.controls.by_words:
            explained = explained.by_words()
        return explained if self.controls.special else explained.folded()

    def _tint(self, shown: Explained) -> None:
        """The words of both texts by their sums, on one scale."""
        self.busy.setText(f"tinted by {shown.title}")
        sides = ((self.one, shown.rows, shown.of_rows), (self.other, shown.columns, shown.of_columns))
        plain = [
            abs(float(value))
            for _, side, values in sides
            for place, value in enumerate(values)
            if place not in side.special
        ]
        largest = max(plain, default=0.0) or 1.0
        for edit, side, values in sides:
            edit.tint(side, np.clip(values / largest, -1, 1).tolist())

    def _pointed(self, _map: int, row: int, column: int) -> None:
        self.one.mark(row)
        self.other.mark(column)

    def _word(self, row: int, column: int) -> None:
        self.one.mark(row)
        self.other.mark(column)
        self.maps.mark(row, column)

    # -- taking it along ------------------------------------------------------------------------------------------------

    def _table(self) -> Any:
        return as_table(self.shown)

    def _text(self) -> Callable[[], str] | None:
        one, other, shown = self.one.text, self.other.text, self.shown
        return (lambda: as_text(one, other, shown)) if shown else None

    def actions_of_panel(self) -> list[ActionSpec]:
        return self.menu.specs(lambda: self.isVisible() and bool(self.shown))

    def minimumSizeHint(self) -> QSize:
        """What it needs in a low window, where the texts get one line."""
        needed = super().minimumSizeHint()
        return QSize(needed.width(), needed.height() - self.one.spare - self.other.spare)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A low window leaves its height to the maps."""
        super().resizeEvent(event)
        for edit in (self.one, self.other):
            edit.show_lines(MOST_LINES if self.height() >= _LOW else LEAST_LINES)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        if event.matches(QKeySequence.StandardKey.Copy):
            self.menu.copy_text()
            return
        super().keyPressEvent(event)
