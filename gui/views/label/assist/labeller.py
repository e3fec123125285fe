"""What helpers decide becomes an edit: one step that can be undone, with the new rows in the table at once and nothing else moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from core.dataset.formats import DatasetInfo, Example, Format, Role
from core.errors import AnchorLabError
from core.project import Change
from core.project.edits import Compound, CreateDataset, Edit, InsertExamples, SetMeta
from core.project.labelling import Label, label_edits
from gui.context import Context
from gui.dialogs.negatives_home import NegativesHome
from gui.views.label.commands import ORIGIN, LabelCommands
from gui.views.label.table import ExampleView
from gui.workers.background_edit import AT_ONCE


class Labeller(QObject):
    """`refresh` asks the store anew for the rows of the view; `busy` says whether such an answer is on its way."""

    def __init__(
        self,
        context: Context,
        view: ExampleView,
        commands: LabelCommands,
        refresh: Callable[[], object],
        busy: Callable[[], bool],
    ) -> None:
        super().__init__(view)
        self._context, self._view, self._commands = context, view, commands
        self._refresh, self._busy = refresh, busy

    @property
    def allowed(self) -> bool:
        return self._context.editable

    def apply(self, edits: Sequence[Edit], words: str) -> Change | None:
        """Carry the edits out as one step called `words`; new rows of the shown dataset come after its last one."""
        if not edits or not self.allowed:
            return None
        self._view.commit()  # what is being typed comes first
        late = self._busy()  # its answer would not know the new rows
        edit = edits[0] if len(edits) == 1 else Compound(tuple(edits))
        change = self._context.edit(lambda project: project.apply(edit, words, ORIGIN))
        if change is None:
            return None
        here = self._context.dataset_id
        if "rows" in change.kinds and here in change.dataset_ids:
            new = _new_ids(edits, change, here)
            if new is None or late:
                self._refresh()
            else:
                self._view.examples.append(new)
        return change

    def edits(
        self, info: DatasetInfo, labels: Sequence[Label], rows: Sequence[Example], source: str
    ) -> list[Edit]:
        """What keeps the labels; `rows` may be completed by them. Negatives of pairs become triplets in another dataset; where is
        asked once, and there is no edit when the person would rather not."""
        apart = [label for label in labels if info.format is Format.PAIRS and label.role is Role.NEGATIVE]
        if apart:
            own = {row.texts[0]: row for row in reversed(rows)}
            return self.triplets(info, [(label, own.get(label.anchor)) for label in apart], source)
        return label_edits(info, labels, rows, source)

    def triplets(
        self, info: DatasetInfo, labels: Sequence[tuple[Label, Example | None]], source: str
    ) -> list[Edit]:
        """Negatives of pairs as triplets elsewhere, each with the pair whose positive it stands beside; none when nobody says where."""
        home = self._home(info)
        if home is None:
            return []
        rows = []
        for label, row in labels:
            positive = row.texts[1] if row is not None else ""
            rest = ("",) * (home.negatives - 1)
            rows.append(Example((label.anchor, positive, label.text, *rest), source=source))
        if not home.id:
            return [CreateDataset(home.name, Format.TRIPLETS, examples=tuple(rows))]
        remember = SetMeta(_home_key(info), str(home.id))
        return [InsertExamples(home.id, tuple(rows)), remember]

    def _home(self, info: DatasetInfo) -> DatasetInfo | None:
        """Where the triplets made of these pairs go; id 0 for a dataset that is still to be made, None for nowhere."""
        project = self._context.project
        if project is None:
            return None
        datasets = project.datasets()
        triplets = [other for other in datasets if other.format is Format.TRIPLETS]
        name, remembered = f"{info.name} triplets", project.meta(_home_key(info))
        for other in triplets:
            if str(other.id) == remembered or (not remembered and other.name == name):
                return other
        taken = {other.name.casefold() for other in datasets}
        free = next(
            title
            for title in (name, *(f"{name} {number}" for number in range(2, len(datasets) + 3)))
            if title.casefold() not in taken
        )
        dialog = NegativesHome(free, triplets, self._view.window())
        if not dialog.exec():
            return None
        return dialog.chosen or DatasetInfo(0, free, Format.TRIPLETS)

    def apply_many(self, make: Callable[[], Sequence[Edit]], count: int, words: str) -> bool:
        """As `apply` for edits of `count` rows; many are made and carried out by a worker. Whether it began."""
        if not self.allowed:
            return False
        if count <= AT_ONCE:
            return self.apply(make(), words) is not None
        self._view.commit()
        return self._context.background.start(
            words,
            lambda project: project.apply(Compound(tuple(make())), words, ORIGIN),
            lambda _change: self._refresh(),
        )

    def rows_of(self, ids: Sequence[int]) -> list[Example]:
        project = self._context.project
        try:
            return project.examples(ids) if project is not None else []
        except AnchorLabError as error:
            self._context.messages.error(error)
            return []

    def told(self, change: Change, role: str, raw: str = "") -> str:
        """What a change did, in a few words."""
        what = f"score {raw}" if role == "score" else role
        rows = self.rows_of(change.ids[:2])
        if len(change.ids) != 1 or not rows:
            return f"{len(change.ids):,} rows: {what}" if change.ids else f"Kept: {what}"
        done = "added" if "rows" in change.kinds else "changed"
        return f"Row {rows[0].number:,} {done}: {what}"

    def take_back(self, change: Change) -> Callable[[], None]:
        """Undo exactly this change, as long as it is the last one."""
        return self._commands.take_back(change)

    def show_row(self, id: int) -> None:
        """Go to an example in the table, where the view shows it."""
        row = self._view.examples.row_of(id)
        if row >= 0:
            self._view.go_to(row, max(self._view.currentIndex().column(), 0))

    def leave(self) -> None:
        """The keyboard goes back to the table, to the cell where it was."""
        self._view.setFocus()


def _home_key(info: DatasetInfo) -> str:
    return f"negatives_of.{info.id}"


def _new_ids(edits: Sequence[Edit], change: Change, dataset_id: int) -> list[int] | None:
    """The ids of the rows that came into the dataset, in their order; None when the change does not name them."""
    inserts = [edit for edit in edits if isinstance(edit, InsertExamples)]
    count = sum(len(tuple(edit.examples)) for edit in inserts)
    # ids only ever grow: the largest of the change are those of its new rows
    new = sorted(change.ids)[len(change.ids) - count :]
    if not change.ids or len(new) != count:
        return None
    found: list[int] = []
    for edit in inserts:
        size = len(tuple(edit.examples))
        if edit.dataset_id == dataset_id:
            found += new[:size]
        new = new[size:]
    return found
