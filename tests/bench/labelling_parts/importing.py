"""Importing: a large file into a project, cancelling it, the same file again, and the real files."""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from core.dataset.importing import ImportResult, inspect, read
from core.dataset.importing.known import compare
from core.errors import AnchorLabError, Cancelled
from core.project import Project
from core.project.taking import TakenRows, edit_of
from tests.bench.report import Figure, at_least, at_most

_STS = {"train": 5749, "dev": 1500, "test": 1379}
_SENTENCES = 20_000


def figures(options: argparse.Namespace) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as folder:
        path = Path(folder) / "triplets.csv"
        _write_triplets(path, options.rows)
        found = _large(path, Path(folder) / "project", options.rows)
    return found + _real(Path(options.data or os.environ.get("ANCHORLAB_DATA", "")))


def _large(path: Path, folder: Path, rows: int) -> list[Figure]:
    limit = 20 * max(rows / 1_000_000, 0.05)
    start = time.perf_counter()
    inspect(path)
    looked = time.perf_counter() - start
    with Project.create(folder, "Bench") as project:
        before = project.data_hash()
        stopped = _cancelled(path, project)
        untouched = project.data_hash() == before and project.undo_label == ""
        start, worked = time.perf_counter(), time.process_time()
        result = read(path, on_progress=_ignore, should_stop=_never)
        has_read = time.perf_counter() - start
        _save(project, result, _Stop(after=1e9))
        taken, worked = time.perf_counter() - start, time.process_time() - worked
        peak = _peak_megabytes()
        assert project.dataset(1).rows == rows == len(result.examples) and not result.rejected
        start = time.perf_counter()
        with project.reader() as reader:
            known = compare(result.examples, reader.rows(1), rows)
        compared = time.perf_counter() - start
    return [
        at_most(f"import of {rows:,} triplets", taken, "s", limit),
        Figure("  of which reading the file", round(has_read, 2), "s"),
        Figure("  processor time", round(worked, 2), "s"),
        at_most("memory of the process at its peak", peak, "MB", 1500),
        at_most("looking at the file", looked, "s", 1.0),
        at_most("cancel to stop", stopped, "s", 0.5),
        at_least("the project untouched after cancelling twice", float(untouched), "", 1),
        at_least("rows recognised when the file comes again", len(known.identical), "rows", rows),
        Figure("  recognising them", round(compared, 2), "s"),
    ]


def _cancelled(path: Path, project: Project) -> float:
    """Cancel while the file is read, then while its rows are saved. Returns the longer time from the word to the end."""
    reading = _Stop(after=0.2)
    took = []
    try:
        result = read(path, should_stop=reading)
    except Cancelled:
        took.append(time.perf_counter() - reading.moment)
        result = read(path)
    saving = _Stop(after=0.2)
    try:
        _save(project, result, saving)
    except Cancelled:
        took.append(time.perf_counter() - saving.moment)
    return max(took, default=0.0)


class _Stop:
    """Says stop from the first question on that comes after some seconds."""

    def __init__(self, after: float) -> None:
        self._wait = after
        self.moment = time.perf_counter() + after

    def __call__(self) -> bool:
        return time.perf_counter() >= self.moment


def _save(project: Project, result: ImportResult, should_stop: _Stop) -> None:
    """As the window does it: one step, with a question whether to go on for every thousand rows."""
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if done % 1024 == 0 and should_stop():
            raise Cancelled

    taken = TakenRows(result.examples, result.format, result.negatives, result.scale, "Triplets")
    project.apply(edit_of([taken], project.datasets(), tick), "Import triplets.csv")


def _real(data: Path) -> list[Figure]:
    if not data.is_dir():
        return []
    found = []
    for name, rows in _STS.items():
        path = data / "stsbenchmark" / f"sts-{name}.csv"
        if path.is_file():
            result = read(path)
            right = len(result.examples) == rows and not result.rejected
            found.append(Figure(f"STS-B {name}", len(result.examples), "rows", f"= {rows}", right))
    files = [path for path in sorted((data / "csv_torture").rglob("*")) if path.is_file()]
    settled = 0
    for path in files:
        try:
            inspect(path)
        except AnchorLabError as error:
            settled += bool(error.message and error.hint)
        else:
            settled += 1
    if files:
        found.append(at_least("torture files read or refused in words", settled, "files", len(files)))
    return found


def _write_triplets(path: Path, rows: int) -> None:
    draw = random.Random(7)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(3, 9))) for _ in range(5000)]
    sentences = [" ".join(draw.choices(words, k=draw.randint(4, 14))) for _ in range(_SENTENCES)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write("anchor,positive,negative\n")
        for row in range(rows):
            texts = draw.choices(sentences, k=3)
            stream.write(f'{texts[0]},"{texts[1]}, {row}",{texts[2]} {row}\n')


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _ignore(_done: int, _total: int) -> None:
    pass


def _never() -> bool:
    return False
