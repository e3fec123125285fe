"""Back into labelling: 1,000 rows of a selection in a real window, from the choice in the menu until they are on the disk; and the undo."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from core.dataset.formats import Example, Format
from core.project import Project, Reader
from core.project.chosen import Chosen, Kind, Sending
from gui.main_window import PAGES, MainWindow
from gui.views.explore.page import ExplorePage
from gui.views.explore.send import SendMenu
from tests.bench.report import Figure, at_least, at_most
from tests.bench.window import Loop

ROWS, THERE, SENT = 100_000, 3, 1_000
TURNS = 5


def figures(options: argparse.Namespace) -> list[Figure]:
    from gui.app import application, create, spare_the_collector

    application()
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        folder = _project(Path(name) / "project")
        window = create(folder, ["--no-engine"])
        spare_the_collector(window)
        loop = Loop()
        window.show()
        window.show_page("explore")
        explore = window.page("explore")
        assert isinstance(explore, ExplorePage)
        loop.until(lambda: len(window.pages) == len(PAGES) and not window.context.jobs.running)
        loop.pause(1.0)
        found = _sent(window, explore, loop, folder)
        window.close()
        loop.pause(0.2)
    return found


def _project(folder: Path) -> Path:
    """Datasets of every kind of 100,000 rows; the chosen texts have three of the pairs already."""
    pairs = [Example((f"anchor {n // 10}", f"text {n} of the bench")) for n in range(ROWS - THERE)]
    pairs += [Example(("the query", f"text {n} of the bench")) for n in range(THERE)]
    with Project.create(folder, "Bench") as project:
        project.create_dataset("Pairs", Format.PAIRS, examples=pairs)
        scored = (Example((f"anchor {n}", f"text {n} of the bench"), 0.5, "0.5") for n in range(ROWS))
        project.create_dataset("Scored", Format.SCORED, examples=scored)
        rows = (Example((f"anchor {n}", f"text {n}", f"far {n}")) for n in range(ROWS))
        project.create_dataset("Triplets", Format.TRIPLETS, examples=rows)
    return folder


def _sent(window: MainWindow, explore: ExplorePage, loop: Loop, folder: Path) -> list[Figure]:
    texts = tuple(f"text {n} of the bench" for n in range(SENT))
    chosen = Chosen("explorer: map", texts=texts, anchor="the query")
    ways = (
        ("positives", Sending(Kind.POSITIVES, 1, Format.PAIRS), SENT - THERE),
        ("scored rows", Sending(Kind.SCORES, 2, Format.SCORED, "1"), SENT),
        ("triplets", Sending(Kind.NEGATIVES, 3, Format.TRIPLETS), SENT - THERE),
        ("flags", Sending(Kind.FLAG), 0),
        ("a view", Sending(Kind.VIEW), 0),
    )
    made, gaps, right = [], [], True
    for title, sending, expected in ways:
        times = []
        for _ in range(TURNS):
            before = _counts(folder)
            loop.gaps.clear()
            began = time.perf_counter()
            explore.sending.send(chosen, sending)
            gaps.append(time.perf_counter() - began)
            loop.until(lambda: not window.context.background.title)
            times.append(time.perf_counter() - began)
            new = [a - b for a, b in zip(_counts(folder), before, strict=True)]
            right = (
                right and sum(new) == expected and (not expected or new[sending.dataset_id - 1] == expected)
            )
            loop.pause(0.5)
            gaps += loop.gaps
            loop.gaps.clear()
            begun = time.perf_counter()
            window.context.undo()
            gaps.append(time.perf_counter() - begun)
            loop.until(lambda: not window.context.background.title)
            right = right and _counts(folder) == before
            loop.pause(0.5)
            gaps += loop.gaps
        made.append(
            at_most(
                f"send: {SENT:,} texts to {title}, three datasets of {ROWS:,} rows, until durable (median of {TURNS})",
                statistics.median(times),
                "s",
                1.0,
            )
        )
    gaps.sort()
    many = Chosen("explorer: map", texts=tuple(f"text {n} of the bench" for n in range(ROWS)))
    menu = SendMenu(explore, explore.sending, lambda: many)
    opened = [_seconds(menu.fill) for _ in range(TURNS)]
    return [
        *made,
        at_most(
            f"send: the menu of {ROWS:,} chosen texts (median of {TURNS})",
            1000 * statistics.median(opened),
            "ms",
            50,
        ),
        at_most("send: longest gap of the event loop, sending and undoing", 1000 * gaps[-1], "ms", 50),
        at_least("send: none lost, none doubled, all undone (1: yes)", float(right), "", 1.0),
    ]


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _counts(folder: Path) -> list[int]:
    """As another process finds them on the disk."""
    with Reader(folder) as reader:
        return [info.rows for info in reader.datasets()]
