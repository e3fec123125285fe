"""Validation: how soon the list is right, what it costs, near-duplicates, splits, and the exact counts of real data."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.report import Figure, at_most

SOON = 100_000  # rows at which the list has to be right within a second
NEAR = 100_000  # texts
WIDTH = 384
_EDITS = 5


def figures(options: argparse.Namespace) -> list[Figure]:
    from gui.app import application, create

    found = [*real_counts(options.data), *near_duplicates(), *splits()]
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        folder = Path(name)
        os.environ["ANCHORLAB_HOME"] = str(folder / "home")
        app = application()
        for rows in sorted({min(SOON, options.rows), options.rows}):
            make_project(folder / str(rows), rows)
            window = create(folder / str(rows), ["--no-engine"])
            window.resize(1280, 800)
            window.show()
            found += Watching(window, rows).figures()
            window.close()
            app.processEvents()
    return found


def make_project(folder: Path, rows: int) -> None:
    """Triplets with one copy in a hundred, and some of each other kind."""
    from core.dataset.formats import Example, Format
    from core.project import Project

    def examples() -> Iterator[Example]:
        for number in range(rows):
            own = number - 50 if number % 100 == 99 else number
            texts = [
                f"query {own} about gardening in the shade",
                f"right answer {own} with some words more",
                f"wrong answer {own} that is about another thing",
            ]
            if number % 5000 == 7:
                texts[2] = texts[1] + "!"
            if number % 5000 == 8:
                texts[0] = "donâ€™t " + texts[0]
            yield Example(tuple(texts), split=("train", "", "eval", "")[number % 4])

    with Project.create(folder, "Validation") as project:
        project.create_dataset("Triplets", Format.TRIPLETS, examples=examples())


class Watching:
    """A window on a project, and its list of issues."""

    def __init__(self, window: object, rows: int) -> None:
        from gui.main_window import MainWindow
        from gui.views.label.page import LabelPage
        from tests.bench.window import Loop

        assert isinstance(window, MainWindow)
        self.window, self.rows, self.loop = window, rows, Loop()
        page = window.page("label")
        assert isinstance(page, LabelPage)
        self.page, self.watch = page, page.watch

    def figures(self) -> list[Figure]:
        began = time.perf_counter()
        self.loop.until(lambda: not self.watch.busy, seconds=300)
        first = time.perf_counter() - began
        cpu, memory = self._child()
        self.loop.gaps.clear()
        spent = [self._edit(number) for number in range(_EDITS)]
        after, memory_after = self._child()
        frames = sorted(self.loop.gaps)
        name = f"{self.rows:,} rows"
        soon = at_most(f"{name}: list right after an edit, slowest of {_EDITS}", max(spent), "s", 1.0)
        if self.rows > SOON:
            soon = Figure(soon.name, soon.value, "s")
        return [
            Figure(f"{name}: first look at all rows", round(first, 3), "s"),
            soon,
            Figure(f"{name}: processor time of the check an edit", round((after - cpu) / _EDITS, 3), "s"),
            Figure(f"{name}: memory of the check", round(max(memory, memory_after), 1), "MB"),
            at_most(f"{name}: longest step of the window meanwhile", 1000 * frames[-1], "ms", 50.0),
        ]

    def _edit(self, number: int) -> float:
        """Empty a cell and wait until the list says so."""
        id = self.page.model.ids[(number + 1) * (self.rows // (_EDITS + 2))]
        began = time.perf_counter()
        self.window.context.set_cells([(id, "positive", "")])
        self.loop.until(lambda: id in self.watch.report.members.get("empty_cell", ()), seconds=120)
        return time.perf_counter() - began

    def _child(self) -> tuple[float, float]:
        """Processor seconds and megabytes of the process that checks; of this one where there is none."""
        import psutil

        children = psutil.Process().children()
        mine = [child for child in children if "core.engine.check_server" in child.cmdline()]
        process = mine[0] if mine else psutil.Process()
        times = process.cpu_times()
        return times.user + times.system, process.memory_info().rss / 1e6


def real_counts(data: str) -> list[Figure]:
    """Exactly what is known of two real files; nothing where they are not there."""
    from dataclasses import replace

    from core.dataset.formats import DatasetInfo
    from core.dataset.importing import read
    from core.dataset.validation import check

    folder = Path(data or os.environ.get("ANCHORLAB_DATA", ""))
    found = []
    for title, file, copies, torn in (
        ("STS-B train", "stsbenchmark/sts-train.csv", 61, 16),
        ("words_of_power", "words_of_power/seed004_pairs.csv", 10, 13),
    ):
        if not (data or "ANCHORLAB_DATA" in os.environ) or not (folder / file).is_file():
            continue
        result = read(folder / file)
        rows = [replace(row, id=number) for number, row in enumerate(result.examples, start=1)]
        info = DatasetInfo(1, title, result.format, scale=result.scale)
        issues = {issue.kind: issue for issue in check(info, rows)}
        for words, value, wanted in (
            ("duplicate rows", len(issues["duplicate"].ids), copies),
            ("conflicting groups", issues["conflict"].groups, torn),
        ):
            found.append(Figure(f"{title}: {words}", value, "", f"= {wanted}", value == wanted))
    return found


def near_duplicates() -> list[Figure]:
    """All pairs of as many embeddings, without the encode; one in a hundred has a near one planted."""
    import numpy as np

    from core.similarity.near_duplicates import NearSearch

    draw = np.random.default_rng(5)
    # as embeddings are: a few directions carry much of the variance
    matrix = draw.normal(size=(NEAR, WIDTH)).astype(np.float32)
    matrix *= np.linspace(1.6, 0.2, WIDTH, dtype=np.float32)
    planted = np.arange(0, NEAR - 1, 100)
    noise = draw.normal(size=(len(planted), WIDTH)).astype(np.float32)
    noise *= (
        0.2
        * np.linalg.norm(matrix[planted], axis=1, keepdims=True)
        / np.linalg.norm(noise, axis=1, keepdims=True)
    )
    matrix[planted + 1] = matrix[planted] + noise
    began, cpu = time.perf_counter(), time.process_time()
    search = NearSearch(matrix)
    while not search.advance(0.4):
        pass
    wall, spent = time.perf_counter() - began, time.process_time() - cpu
    return [
        Figure(f"near-duplicates of {NEAR:,} × {WIDTH}, compared", round(wall, 2), "s"),
        Figure("near-duplicates: processor time", round(spent, 2), "s"),
        Figure(
            "near-duplicates: planted pairs found",
            len(search.pairs()),
            "",
            f"= {len(planted)}",
            len(search.pairs()) == len(planted),
        ),
    ]


def splits() -> list[Figure]:
    """Rows with shared texts divided 80 : 10 : 10."""
    from core.dataset.dividing import Wish, divide
    from core.dataset.formats import Example, Format

    rows = [Example((f"text {n // 3}", f"other {n}"), (n % 11) / 10, id=n + 1) for n in range(SOON)]
    began = time.perf_counter()
    found = divide(rows, Format.SCORED, Wish())
    spent = time.perf_counter() - began
    wanted = {"train": 0.8, "eval": 0.1, "test": 0.1}
    off = max(abs(found.counts[split] / len(rows) - share) for split, share in wanted.items())
    return [
        Figure(f"splits of {SOON:,} rows", round(spent, 2), "s"),
        at_most("splits: texts in two of them", found.shared, "", 0),
        at_most("splits: farthest share from the asked one", 100 * off, "points", 2.0),
    ]
