"""Hard negatives: texts almost as similar as the positive, proposed row by row. Nothing is a negative before a person says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt

from core.dataset.formats import DatasetInfo, Example, Format, Role
from core.project import Change
from core.project.edits import Edit
from core.project.labelling import Label, label_edits, merged
from core.project.verdicts import SetVerdicts, verdict
from core.similarity.negatives import Bounds
from gui.context import Context
from gui.dialogs.accept_negatives import AcceptNegatives
from gui.models.mined_rows import Mined
from gui.models.mining import Mining, MiningSettings
from gui.models.near_texts import NearText
from gui.views.label.assist.labeller import Labeller
from gui.views.label.assist.negatives_view import NegativesView
from gui.views.label.commands import ORIGIN
from gui.widgets.score import number

SOURCE = "mined negative"
MOST_LISTED = 1000  # rows whose proposals are listed; the others are for accepting many at once
_PROPOSALS = 20  # for one row
_EACH = 3  # for each of several chosen rows
_WORDS = {"negative": "negative", "positive": "really a positive", "skip": "skipped"}


class NegativesTab(NegativesView):
    def __init__(
        self, context: Context, labeller: Labeller, ids_of_view: Callable[[], Sequence[int]]
    ) -> None:
        super().__init__(context, labeller)
        self._ids_of_view = ids_of_view
        self._ids: list[int] = []
        self._fresh = False
        self._counts = (0, 0)  # closer and farther, of a single row
        self._mining = Mining(context, "negatives", self)
        self._say_done("")
        self._connect()
        self._show_pair("", "", None)
        self._teach()

    def _connect(self) -> None:
        mining = self._mining
        for part in (self.bounds.changed, self.model.chosen, self.among.chosen):
            part.connect(self._settings_changed)
        self._group.buttonClicked.connect(lambda _button: self._mode_changed())
        self.list.key_pressed.connect(lambda key: self.buttons[key].click())
        self.list.moved.connect(self._moved)
        self.list.opened.connect(lambda row: self._labeller.show_row(self.list.texts.items[row].row))
        for key, kind in (("N", "negative"), ("P", "positive"), ("S", "skip")):
            self.buttons[key].clicked.connect(lambda _checked=False, kind=kind: self.decide(kind))
        self.many.clicked.connect(lambda _checked=False: self.accept_many())
        mining.found.connect(self._found)
        mining.answered.connect(lambda answer: self.among.show_answer(answer["among"]))
        mining.progressed.connect(self._progressed)
        mining.embedding.connect(lambda done, total: self._show_embedding(mining.job, done, total))
        mining.finished.connect(self._finished)
        mining.failed.connect(self._failed)
        self._context.data_changed.connect(self._data_changed)

    # -- what is chosen -----------------------------------------------------------------------------------------

    def show_example(self, example: Example | None, info: DatasetInfo | None) -> None:
        self._choose([example.id] if example is not None else [], info)

    def show_many(self, ids: Sequence[int], info: DatasetInfo) -> None:
        self._choose(list(ids), info)

    def _choose(self, ids: list[int], info: DatasetInfo | None) -> None:
        other = info is not None and self._info is not None and info.id != self._info.id
        self._info = info
        self.among.open(info.id if info is not None else 0)
        if other:
            self.chosen_rows.setChecked(True)
            self._say_done("")
        if ids != self._ids or other:
            self._ids = ids
            self.chosen_rows.setText("This row" if len(ids) < 2 else f"{len(ids):,} chosen rows")
            if self.chosen_rows.isChecked():
                self._fresh = False
                self._later()
        self._allow()

    def activate(self) -> None:
        self._active = True
        if not self._fresh:
            self._later()

    def deactivate(self) -> None:
        self._fresh = self._fresh and not self._mining.busy  # what was cut short begins anew
        super().deactivate()

    def _forget(self) -> None:
        self._stop()
        self._ids, self._fresh = [], False
        self.list.texts.show([])
        self.chosen_rows.setChecked(True)
        self._say_done("")
        self._teach()

    def _settings_changed(self) -> None:
        self._fresh = False
        self._later()

    def _mode_changed(self) -> None:
        self._stop()
        self._allow()
        self._fresh = False
        self._later()

    def _data_changed(self, change: Change) -> None:
        """News of somebody else: the list of one row is made anew, a long one stays until it is asked for."""
        if change.kinds & {"cells", "rows", "datasets", "texts", "verdicts"} and change.origin != ORIGIN:
            self._fresh = False
            if self.chosen_rows.isChecked():
                self._later()

    # -- looking ------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> MiningSettings:
        return MiningSettings(self.model.reference, self.among.wanted, self.bounds.bounds)

    def look(self) -> None:
        """Ask for proposals now."""
        info = self._info
        self._stop()
        self.list.texts.show([])
        everything = self.all_rows.isChecked()
        ids = list(self._ids_of_view()[:MOST_LISTED]) if everything else self._ids
        self._show_pair("", "", None)
        if self._context.project is None or info is None or not ids or info.format is Format.CATEGORIES:
            self._teach()
            return
        self._fresh = True
        k = 1 if everything else _EACH if len(ids) > 1 else _PROPOSALS
        if self._context.engine.state != "warm":
            self.waiting.show_progress("The model is loading. The proposals come by themselves.")
        self._counts = (0, 0)
        self._mining.start(ids, replace(self.settings, k=k))

    def _found(self, rows: list[dict[str, Any]]) -> None:
        alone = not self.all_rows.isChecked() and len(self._ids) == 1
        if alone and rows:
            self._show_pair(rows[0]["anchor"], rows[0]["positive"], rows[0]["similarity"])
            self._counts = (rows[0].get("closer", 0), rows[0].get("farther", 0))
        items = [
            NearText(
                one["text"],
                one["similarity"],
                row=row["id"],
                anchor="" if alone else row["anchor"],
                positive=row["positive"],
                own=row["similarity"],
            )
            for row in rows
            for one in row["proposals"]
        ]
        first = not self.list.texts.items
        self.list.texts.add([replace(item, anchor=item.anchor) for item in items])
        if items and first:
            self.stack.setCurrentWidget(self.list)
            self.list.go_to(0)
        self._allow()

    def _show_pair(self, anchor: str, positive: str, own: float | None) -> None:
        self.pair.setVisible(bool(anchor))
        self.anchor.setText(anchor)
        self.positive.setText(positive or "no positive yet: only the similarity counts")
        self.own.setText("" if own is None else number(own))

    def _moved(self) -> None:
        """Of several rows, the one whose proposal is chosen stands above the list: nobody judges without the positive."""
        here = self.list.currentIndex().row()
        if 0 <= here < len(self.list.texts.items) and self.list.texts.items[here].anchor:
            item = self.list.texts.items[here]
            self._show_pair(item.anchor, item.positive, item.own)
        self._allow()

    def _progressed(self, done: int, total: int) -> None:
        if total > 1 and done < total:
            self.waiting.show_progress(f"Looking: {done:,} of {total:,} rows", done, total)

    def _finished(self) -> None:
        self.waiting.hide()
        if not self.list.texts.items:
            self._teach_nothing()
        self._say_done(self._listed())

    def _listed(self) -> str:
        count = len(self.list.texts.items)
        if not self.all_rows.isChecked() or not count:
            return ""
        whole = len(self._ids_of_view())
        return f"{count:,} proposals" + (
            f" for the first {MOST_LISTED:,} rows" if whole > MOST_LISTED else ""
        )

    def _stop(self) -> None:
        self._mining.cancel()
        self.waiting.hide()

    def _cancel(self) -> None:
        super()._cancel()
        self._fresh = False

    def _failed(self, error: BaseException) -> None:
        self._fresh = False
        self._say_failed(error)

    # -- empty states -------------------------------------------------------------------------------------------

    def _teach(self) -> None:
        if self._info is not None and self._info.format is Format.CATEGORIES:
            self._say("Texts with categories need no negatives: every text of another category is one.")
            return
        self._say(
            "Choose a row with an anchor and its positive. Texts that the model takes for almost as similar appear here; "
            "each one you confirm teaches it more than a hundred easy ones."
        )

    def _teach_nothing(self) -> None:
        closer, farther = self._counts
        if self.all_rows.isChecked() or len(self._ids) != 1:
            words = "Nothing lies between the bounds for any of these rows."
        elif not closer and not farther:
            words = "No text is left to propose: the others are known positives, or decided already."
        else:
            words = f"Nothing lies between the bounds. {_texts(closer)} closer than they allow, {_texts(farther, short=True)} farther."
        self._say(words, "Widen the bounds", self._widen)

    def _widen(self) -> None:
        now = self.bounds.bounds
        self.bounds.set(Bounds(min(now.least_gap, 0.0), min(1.0, now.most_gap + 0.2), -1.0, 1.0))

    # -- deciding -----------------------------------------------------------------------------------------------

    def focus_list(self) -> None:
        """The keyboard goes to the proposals, or to the bounds while there are none."""
        (self.list if self.list.texts.items else self.bounds.line).setFocus(
            Qt.FocusReason.ShortcutFocusReason
        )

    def _allow(self) -> None:
        allowed = self._labeller.allowed
        there = self.stack.currentWidget() is self.list and bool(self.list.chosen())
        for made in self.buttons.values():
            made.setEnabled(allowed and there)
        self.many.setVisible(self.all_rows.isChecked())
        usable = self._info is not None and self._info.format is not Format.CATEGORIES
        self.many.setEnabled(allowed and usable and bool(self._ids_of_view()))

    def decide(self, kind: str) -> None:
        """The chosen proposals are negatives, really positives, or skipped; one step, remembered for good."""
        info = self._info
        places = [row for row in self.list.chosen() if not self.list.texts.items[row].role]
        if info is None or not places:
            self._say_done("That is decided already.")
            return
        items = [self.list.texts.items[place] for place in places]
        rows = {row.id: row for row in self._labeller.rows_of(list({item.row for item in items}))}
        edits: list[Edit] = []
        verdicts = []
        for id, row in rows.items():
            texts = [item.text for item in items if item.row == id]
            verdicts += [verdict(row.texts[0], text, kind) for text in texts]
            if kind != "skip":
                labels = [Label(row.texts[0], text, Role(kind)) for text in texts]
                made = self._labeller.edits(info, labels, [row], SOURCE)
                if not made:
                    return  # the person would rather not
                edits += made
        words = (
            f"Hard negatives: {len(places):,} {_WORDS[kind]}"
            if len(places) > 1
            else f"Hard negative: {_WORDS[kind]}"
        )
        change = self._labeller.apply([*edits, SetVerdicts(tuple(verdicts))], words)
        if change is None:
            return
        self.list.texts.mark(places, kind)
        told = "Skipped" if kind == "skip" else self._labeller.told(change, _WORDS[kind])
        self._say_done(told, self._labeller.take_back(change))
        self.list.go_to(self.list.texts.next_open(places[-1]))

    # -- many at once -------------------------------------------------------------------------------------------

    def accept_many(self) -> None:
        """Preview the hardest negatives of every row of the view, and accept them as one step."""
        info = self._info
        self._allow()
        if info is None or not self.many.isEnabled():
            return
        self._stop()
        dialog = AcceptNegatives(
            self._context,
            self._ids_of_view()[:],
            self.settings,
            lambda mined: self._accept(info, mined),
            _PLACES[info.format],
            self.window(),
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda _result: self._settings_changed())
        dialog.open()

    def _accept(self, info: DatasetInfo, mined: Sequence[Mined]) -> bool:
        rows = {row.id: row for row in self._labeller.rows_of([one.row for one in mined])}
        there = [one for one in mined if one.row in rows and rows[one.row].texts[0] == one.anchor]
        if not there:
            return False
        labels: dict[int, list[Label]] = {}
        for one in there:
            labels.setdefault(one.row, []).append(Label(one.anchor, one.text, Role.NEGATIVE))
        home: list[Edit] = []
        if info.format is Format.PAIRS:
            beside = [(label, rows[id]) for id, found in labels.items() for label in found]
            home = self._labeller.triplets(info, beside, SOURCE)
            if not home:
                return False  # the person would rather not

        def make() -> list[Edit]:
            found = home or merged(
                [edit for id, some in labels.items() for edit in label_edits(info, some, [rows[id]], SOURCE)]
            )
            return [*found, SetVerdicts(tuple(verdict(one.anchor, one.text, "negative") for one in there))]

        words = f"Accept {len(there):,} hard negative{'' if len(there) == 1 else 's'}"
        return self._labeller.apply_many(make, len(there), words)

    def _undo(self) -> None:
        super()._undo()
        if self.all_rows.isChecked():
            self._later()


_PLACES = {
    Format.PAIRS: "They become triplets in another dataset.",
    Format.TRIPLETS: "They fill empty negatives; a row that has none left gets another row.",
    Format.SCORED: "They become pairs with the lowest score.",
    Format.CATEGORIES: "",
}


def _texts(count: int, *, short: bool = False) -> str:
    if short:
        return f"{count:,} {'is' if count == 1 else 'are'}"
    return f"{count:,} text{' is' if count == 1 else 's are'}"
