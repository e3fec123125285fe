"""The table: opening, scrolling, editing, searching, sorting, bulk edits, in a real window."""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.report import Figure, at_most

_WORDS = (
    *("linen", "cardigan", "tweed", "blazer", "soft", "pastel", "garden", "shade", "hosta", "fern", "moss"),
    *("copper", "kettle", "quiet", "river", "lantern", "velvet", "storm", "harbour", "winter", "wool"),
    *("Größe", "café", "naïve", "déjà"),
)
SEARCHES = ("linen", "moss fern", "xyzzy", "ß", "ö", "ü", "Größe", "déjà vu", "100%")
BULK = 100_000
_EDITS = 200
_FRAMES = 300
WORST = 50.0  # milliseconds: while a worker has one core and the display the rest of the other


def figures(options: argparse.Namespace) -> list[Figure]:
    from gui.app import application, create

    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        folder = Path(name)
        os.environ["ANCHORLAB_HOME"] = str(folder / "home")
        rows = options.rows
        make_project(folder / "table", rows)
        app = application()
        window = create(argv=["--no-engine"])
        window.resize(1280, 800)
        window.show()
        bench = TableBench(window, rows)
        bench.loop.pause(0.3)
        found = [bench.opening(folder / "table")]
        for part in (bench.scrolling, bench.editing, bench.asking, bench.sorting, bench.bulk):
            found += part()
        window.close()
        app.processEvents()
    return found


def make_project(folder: Path, rows: int) -> None:
    """Triplets of 4 to 10 words, in every split, some flagged."""
    from core.dataset.formats import Example, Format
    from core.project import Project

    chance = random.Random(7)

    def examples() -> Iterator[Example]:
        for number in range(rows):
            texts = (
                f"{' '.join(chance.choices(_WORDS, k=4))} {number % 50_000}",
                " ".join(chance.choices(_WORDS, k=10)),
                " ".join(chance.choices(_WORDS, k=9)),
            )
            split = ("train", "eval", "test", "")[number % 4]
            yield Example(texts, split=split, flag=number % 97 == 0, source="made.csv")

    with Project.create(folder, "Table") as project:
        project.create_dataset("Triplets", Format.TRIPLETS, examples=examples())


def p99(seconds: list[float]) -> float:
    return 1000 * sorted(seconds)[int(0.99 * (len(seconds) - 1))]


class TableBench:
    def __init__(self, window: object, rows: int) -> None:
        from gui.main_window import MainWindow
        from tests.bench.window import Loop

        assert isinstance(window, MainWindow)
        self.window = window
        self.rows = rows
        self.loop = Loop()
        self.chance = random.Random(3)

    # -- the parts ----------------------------------------------------------------------------------------------

    def opening(self, folder: Path) -> Figure:
        from gui.views.label.page import LabelPage

        began = time.perf_counter()
        self.window.projects.open(folder)
        page = self.window.page("label")
        assert isinstance(page, LabelPage)
        self.page, self.model, self.table = page, page.model, page.table
        self.loop.until(lambda: self.model.rowCount() == self.rows)
        self.table.viewport().repaint()
        spent = time.perf_counter() - began
        self.loop.until(
            lambda: not self.page.watch.busy
        )  # its check of every row is not what is measured here
        return at_most(f"open {self.rows:,} rows", spent, "s", 1.0)

    def scrolling(self) -> list[Figure]:
        frames = [self._frame() for _ in range(_FRAMES)]
        return [at_most("scroll anywhere, frame p99", p99(frames), "ms", 16.0)]

    def editing(self) -> list[Figure]:
        spent = []
        place = self.model.column("anchor")
        for number in range(_EDITS):
            row = self.chance.randrange(self.rows)
            index = self.model.index(row, place)
            self.model.data(index)
            began = time.perf_counter()
            assert self.model.setData(index, f"an edited text {number}")
            spent.append(time.perf_counter() - began)
        return [at_most("edit to durable, p99", p99(spent), "ms", 5.0)]

    def asking(self) -> list[Figure]:
        side, box = self.page.side, self.page.toolbar.search
        searched, filtered = [], []
        for words in SEARCHES:
            searched.append((self._answer(lambda words=words: box.asked.emit(words)), words))
        self._answer(lambda: box.asked.emit(""))
        from core.project.views import FILTERS

        for name in FILTERS:
            filtered.append((self._answer(lambda name=name: side.choose(name)), name))
        self._answer(lambda: side.choose("all"))
        slowest, fewest = max(searched), max(filtered)
        return [
            at_most(f"search, slowest of {len(searched)} (“{slowest[1]}”)", slowest[0], "s", 0.5),
            at_most(f"filter, slowest of {len(filtered)} ({fewest[1]})", fewest[0], "s", 0.5),
        ]

    def sorting(self) -> list[Figure]:
        spent: list[tuple[float, str]] = []
        frames: list[float] = []
        for key in ("anchor", "positive", "negative", "split", "flag"):
            column = self.model.column(key)
            spent.append((self._answer(lambda column=column: self._click(column)), key))
            self._answer(lambda: self.page.rows.sort_by(""))
        self._answer(lambda: self._click(self.model.column("positive")), frames)
        self._answer(lambda: self.page.rows.sort_by(""))
        self._click(self.model.column("anchor"))
        self.loop.pause(0.05)
        job = self.page.rows.query._job
        began = time.perf_counter()
        self.page.rows.query.cancel()
        if job is not None:
            self.loop.until(job.isFinished)
        cancelled = time.perf_counter() - began
        self.page.rows.sort_by("")
        self._settled()
        slowest = max(spent)
        return [
            at_most(f"sort in a worker, slowest of {len(spent)} ({slowest[1]})", slowest[0], "s", 1.5),
            at_most("scroll while sorting, frame p99", p99(frames), "ms", WORST),
            at_most("cancel a sort", cancelled, "s", 0.2),
        ]

    def bulk(self) -> list[Figure]:
        count = min(BULK, self.rows // 2)
        commands, model = self.page.commands, self.model
        self._select(1000, count)
        frames: list[float] = []
        changed = self._time(lambda: commands.set_split("test"))
        project = self.window.context.project
        assert project is not None and project.undo_label == f"Edit {count:,} cells"
        undone = self._time(self.window.context.undo)
        self.loop.gaps.clear()
        self.window.context.redo()
        self._settled(frames)
        self.window.context.undo()
        self._settled(frames)
        self._select(1000, count + 50_000 if self.rows > 400_000 else count)
        gone = self.page.table.selected().count
        deleted = self._time(commands.delete)
        assert model.rowCount() == self.rows - gone
        self.window.context.undo()
        self._settled(frames)
        assert model.rowCount() == self.rows
        self._select(1000, count)
        commands.delete()
        self._settled(frames)
        return [
            at_most(f"bulk edit of {count:,} cells, one undo step", changed, "s", 1.5),
            Figure(f"undo of {count:,} cells", round(undone, 3), "s"),
            Figure(f"delete {gone:,} rows", round(deleted, 3), "s"),
            at_most("scroll while a worker edits or deletes, frame p99", p99(frames), "ms", WORST),
            Figure("longest gap of the event loop meanwhile", round(1000 * max(self.loop.gaps), 1), "ms"),
        ]

    # -- helpers ------------------------------------------------------------------------------------------------

    def _frame(self) -> float:
        """Seconds to jump somewhere and have painted what is there."""
        bar = self.table.verticalScrollBar()
        began = time.perf_counter()
        bar.setValue(self.chance.randint(0, bar.maximum()))
        self.table.viewport().repaint()
        return time.perf_counter() - began

    def _answer(self, ask: Callable[[], object], frames: list[float] | None = None) -> float:
        """Seconds until the rows that `ask` asks for are shown; with `frames`, scrolling all the while."""
        answered = []
        query = self.page.rows.query
        connection = query.answered.connect(lambda _answer: answered.append(time.perf_counter()))
        began = time.perf_counter()
        ask()
        self._until(lambda: bool(answered), frames)
        query.answered.disconnect(connection)
        return answered[0] - began

    def _time(self, do: Callable[[], object]) -> float:
        """Seconds until a worker has done it and the table shows it."""
        began = time.perf_counter()
        do()
        self._settled()
        return time.perf_counter() - began

    def _settled(self, frames: list[float] | None = None) -> None:
        page, context = self.page, self.window.context
        self._until(lambda: context.background.job is None and not page.rows.query.busy, frames)

    def _until(self, condition: Callable[[], bool], frames: list[float] | None) -> None:
        def look() -> bool:
            if frames is not None and not condition():
                frames.append(self._frame())
            return condition()

        self.loop.until(look)

    def _click(self, column: int) -> None:
        self.table.head.sectionClicked.emit(column)

    def _select(self, first: int, count: int) -> None:
        self.table.select_rows(list(range(first, first + count)))
