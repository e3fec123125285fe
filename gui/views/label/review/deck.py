"""The rows under review in their order, where one is, and which are decided. The rows are the table's; nothing is asked of the
store per key but the few examples that come next."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from core.dataset.agreement import ordering
from core.dataset.formats import DatasetInfo, Example
from core.errors import AnchorLabError
from core.project import Change, View
from gui.context import Context
from gui.models.example_query import DIRECT_ROWS
from gui.views.label.review.orders import Keys
from gui.workers.job import Job

AHEAD = 24  # examples read in one go
_KEPT = 400
_ORDERED_AT_ONCE = 50_000
_DECIDED = ("accepted", "rejected", "skipped")

ORDERS = {
    "listed": "As listed",
    "shuffled": "Shuffled",
    "uncertain": "Most uncertain first",
    "disagreeing": "Most disagreeing first",
}


class Deck(QObject):
    moved = Signal()  # another example is in front
    counted = Signal()  # other rows, or other decided ones

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.info: DatasetInfo | None = None
        self.ids: array[int] = array("q")
        self.place = 0
        self.order = "listed"
        self.seed = 1
        self.decided: set[int] = set()
        self.done = 0  # decided ones among the rows
        self.of_pass = False
        self._set_aside: set[int] = set()
        self._listed: array[int] = array("q")
        self._cache: dict[int, Example] = {}
        self._job: Job | None = None
        self._ordering: Job | None = None
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.setInterval(0)
        self._ahead.timeout.connect(lambda: self._fetch(self.place + 1))

    # -- rows ---------------------------------------------------------------------------------------------------

    def open(self, info: DatasetInfo | None) -> None:
        """Another dataset: empty until `take`."""
        self.stop()
        self.of_pass = False
        self.info = info
        self.ids = self._listed = array("q")
        self._cache.clear()
        self.decided = set()
        self.place = self.done = 0
        if info is not None:
            self._find_decided(info)

    def take(self, ids: array[int], here: int, keys: Keys | None = None) -> None:
        """The rows of the table; `here` is the id to stand at, 0 for the first that is undecided. `keys` gives the numbers of the
        orders by a model. Putting very many rows in another order is left to a worker."""
        self._stop_ordering()
        self._listed = array("q", ids)
        if self.order == "listed" or len(ids) <= _ORDERED_AT_ONCE:
            self._taken(self._ordered(self._listed, keys), here)
            return
        listed = self._listed
        self._ordering = self._context.run(
            "", lambda _job: self._ordered(listed, keys), on_done=lambda ordered: self._taken(ordered, here)
        )

    def _taken(self, ids: array[int], here: int) -> None:
        self._ordering = None
        self.ids = ids
        try:
            self.place = ids.index(here) if here else self.first_open()
        except ValueError:
            self.place = min(self.place, max(len(ids) - 1, 0))
        self._count()
        self.moved.emit()

    def _stop_ordering(self) -> None:
        job, self._ordering = self._ordering, None
        if job is not None:
            job.cancel()

    def _ordered(self, ids: array[int], keys: Keys | None) -> array[int]:
        if self.order == "shuffled":
            return ordering.shuffled(ids, self.seed)
        return ids if keys is None else ordering.largest(ids, keys(ids))

    def take_pass(self, ids: array[int], judged: set[int]) -> None:
        """The rows of a second pass; which of them are decided is told by `mark` alone."""
        self._stop_ordering()
        self.of_pass = True
        self.ids = ids
        self.decided, self._set_aside = set(judged), self.decided
        self.place = self.first_open()
        self._count()
        self.moved.emit()

    def leave_pass(self) -> None:
        self.of_pass = False
        self.decided = self._set_aside

    @property
    def listed(self) -> array[int]:
        return self._listed

    # -- examples -----------------------------------------------------------------------------------------------

    @property
    def id(self) -> int:
        return self.ids[self.place] if 0 <= self.place < len(self.ids) else 0

    def example(self) -> Example | None:
        """The example in front, from memory where it was read ahead."""
        if not self.id:
            return None
        if self.id not in self._cache:
            self._fetch(self.place)
        self._ahead.start()
        return self._cache.get(self.id)

    def _fetch(self, place: int) -> None:
        """Read the examples from `place` on that are not in memory, a handful at a time."""
        project = self._context.project
        window = self.ids[place : place + AHEAD]
        if project is None or not window:
            return
        if place > self.place and all(id in self._cache for id in window[: AHEAD // 3]):
            return  # enough was read ahead
        missing = [id for id in window if id not in self._cache]
        if len(self._cache) > _KEPT:
            keep = {
                id: self._cache[id]
                for id in self.ids[max(self.place - 50, 0) : place + AHEAD]
                if id in self._cache
            }
            self._cache = keep
        try:
            self._cache.update((example.id, example) for example in project.examples(missing))
        except AnchorLabError as error:
            self._context.messages.error(error)

    # -- moving -------------------------------------------------------------------------------------------------

    def go(self, place: int) -> bool:
        if not 0 <= place < len(self.ids) or place == self.place:
            return False
        self.place = place
        self.moved.emit()
        return True

    def go_to(self, id: int) -> bool:
        """Bring this example to the front. False when it is not among the rows."""
        try:
            place = self.ids.index(id)
        except ValueError:
            return False
        if place != self.place:
            self.place = place
            self.moved.emit()
        return True

    def advance(self, *, over_decided: bool) -> bool:
        """On to the next example, or the next that is not decided. False when there is none; then one stays."""
        place = self.place + 1
        if over_decided:
            while place < len(self.ids) and self.ids[place] in self.decided:
                place += 1
        return self.go(place)

    def first_open(self) -> int:
        """The place of the first example that nobody decided; 0 where all are."""
        return next((place for place, id in enumerate(self.ids) if id not in self.decided), 0)

    # -- what is decided ----------------------------------------------------------------------------------------

    def _find_decided(self, info: DatasetInfo) -> None:
        project = self._context.project
        if project is None:
            return
        try:
            counts = project.counts(info.id)
            wanted = [name for name in _DECIDED if counts.get(name)]
            if not wanted:
                return
            if info.rows <= DIRECT_ROWS:
                self.decided = {id for name in wanted for id in project.ids(info.id, View(filter=name))}
                return
            reader = project.reader()
        except AnchorLabError as error:
            self._context.messages.error(error)
            return

        def work(job: Job) -> set[int]:
            try:
                return {id for name in wanted for id in reader.ids(info.id, View(filter=name))}
            finally:
                reader.close()

        self._job = self._context.run("", work, on_done=self._know)
        self._job.on_cancel(reader.interrupt)

    def _know(self, decided: set[int]) -> None:
        self._job = None
        if self.of_pass:
            self._set_aside |= decided
            return
        self.decided |= decided
        self._count()

    def _count(self) -> None:
        few = len(self.decided) < len(self.ids)
        if few and len(self.ids) and self.info is not None and len(self.ids) == self.info.rows:
            self.done = len(self.decided)
        else:
            self.done = sum(map(self.decided.__contains__, self.ids)) if self.decided else 0
        self.counted.emit()

    def changed(self, change: Change) -> None:
        """Cells were edited, here or elsewhere."""
        if not change.ids:
            self._cache.clear()
            if self.info is not None and not self.of_pass:
                self.decided = set()
                self._find_decided(self.info)
                self._count()
            return
        self._refresh([id for id in change.ids if id in self._cache or len(change.ids) <= AHEAD])
        rest = [id for id in change.ids if id not in self._cache]
        if rest:
            self._note_decided(rest)

    def _refresh(self, ids: Sequence[int]) -> None:
        project = self._context.project
        if project is None or not ids:
            return
        for example in project.examples(ids):
            self._cache[example.id] = example
            self._learn(example)
        self.counted.emit()

    def _note_decided(self, ids: Collection[int]) -> None:
        project = self._context.project
        if project is None:
            return
        for example in project.examples(list(ids)):
            self._learn(example)
        self.counted.emit()

    def _learn(self, example: Example) -> None:
        if not self.of_pass:
            self.mark(example.id, bool(example.status))
        elif example.status:
            self._set_aside.add(example.id)
        else:
            self._set_aside.discard(example.id)

    def mark(self, id: int, decided: bool) -> None:
        """An example is decided now, or is not any more."""
        if decided != (id in self.decided):
            (self.decided.add if decided else self.decided.discard)(id)
            self.done += 1 if decided else -1

    @property
    def left(self) -> int:
        return len(self.ids) - self.done

    def stop(self) -> None:
        self._ahead.stop()
        self._stop_ordering()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
