"""Review mode: from a key to the next example on the screen, with a person's 200 judgements in a table of 100,000 rows."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.report import Figure, at_most

ROWS = 100_000
JUDGEMENTS = 200
_WORDS = [
    "linen",
    "dress",
    "tweed",
    "blazer",
    "lavender",
    "tracksuit",
    "pastel",
    "cardigan",
    "chunky",
    "sneakers",
    "straw",
    "hat",
    "button",
    "front",
]


def figures(options: argparse.Namespace) -> list[Figure]:
    rows = min(options.rows, ROWS)
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as folder:
        os.environ["ANCHORLAB_HOME"] = str(Path(folder) / "home")
        found: list[Figure] = []
        for name in ("scored", "pairs", "triplets"):
            found += _measure(_project(Path(folder) / name, name, rows), name, rows)
        return found


def _project(folder: Path, name: str, rows: int) -> Path:
    from core.dataset.formats import Example, Format, Scale
    from core.project import Project

    def text(n: int) -> str:
        return " ".join(_WORDS[(n * 7 + k * 5) % len(_WORDS)] for k in range(4 + n % 23)) + f" {n}"

    format = Format(name)
    width = 3 if format is Format.TRIPLETS else 2
    examples = (Example(tuple(text(n * width + place) for place in range(width))) for n in range(rows))
    with Project.create(folder, "Review") as project:
        project.create_dataset("Main", format, scale=Scale(0, 5), examples=examples)
    return folder


def _keys(name: str, n: int) -> str:
    """What a person presses for the judgement: one key or two."""
    if name == "scored":
        return f".{n % 5}" if n % 4 == 0 else str(n % 6)
    if name == "pairs":
        return "YNYS"[n % 4]
    return "PN" if n % 2 else "Y"


def _measure(folder: Path, name: str, rows: int) -> list[Figure]:
    from PySide6.QtCore import QEvent, QObject, Qt
    from PySide6.QtTest import QTest

    from gui.app import application, create

    app = application()
    window = create(folder, ["--no-engine"])
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    page: Any = window.page("label")
    _until(lambda: page.model.rowCount() == rows and window.isActiveWindow())
    page.review.show(True)
    panel = page.review.panel
    _until(lambda: panel.deck.id and panel.hasFocus() and not page.watch.busy and len(window.pages) == 4, 300)

    class Watch(QObject):
        """Notes when the anchor was painted, and any use of the mouse."""

        painted = 0.0
        mouse = 0
        anchor: Any = panel.desk.judge.cards[0].text

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and watched is self.anchor:
                self.painted = time.perf_counter()
            elif event.type() == QEvent.Type.MouseButtonPress:
                self.mouse += 1
            return False

    watch = Watch()
    app.installEventFilter(watch)
    times: list[float] = []
    used: list[float] = []
    keys = 0
    for n in range(JUDGEMENTS):
        pressed = _keys(name, n)
        place = panel.deck.place
        for key in pressed[:-1]:
            QTest.keyClick(app.focusWidget(), key)
            app.processEvents()
        keys += len(pressed)
        began, processor = time.perf_counter(), time.process_time()
        QTest.keyClick(app.focusWidget(), pressed[-1])
        if panel.deck.place != place + 1:
            raise SystemExit(f"The key {pressed} did not lead to the next example.")
        while watch.painted < began:  # laid out and painted by the event loop, as for a person
            app.processEvents()
        times.append(time.perf_counter() - began)
        used.append(time.process_time() - processor)
        app.processEvents()  # what may wait until after it
    QTest.keyClick(app.focusWidget(), Qt.Key.Key_Z)
    if panel.deck.place != JUDGEMENTS - 1:
        raise SystemExit("Z did not lead back to the example.")
    stored = sum(
        bool(example.status) for example in window.context.project.examples(panel.deck.ids[:JUDGEMENTS])
    )
    if stored != JUDGEMENTS - 1:
        raise SystemExit(f"{stored} judgements are stored, not {JUDGEMENTS - 1}.")
    app.removeEventFilter(watch)
    window.close()
    app.processEvents()
    times.sort()
    used.sort()
    at = int(0.95 * len(times))
    return [
        at_most(f"review, {name}: key to next example, {rows:,} rows, p95", 1000 * times[at], "ms", 50),
        Figure(f"review, {name}: of that on the processor, p95", round(1000 * used[at], 2), "ms"),
        at_most(f"review, {name}: keys a judgement", keys / JUDGEMENTS, "keys", 2),
        at_most(f"review, {name}: mouse events in {JUDGEMENTS} judgements", watch.mouse, "", 0),
    ]


def _until(condition: Any, seconds: float = 60) -> None:
    from PySide6.QtTest import QTest

    end = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > end:
            raise SystemExit("The window did not get there in time.")
        QTest.qWait(20)
