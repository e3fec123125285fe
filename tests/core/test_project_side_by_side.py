"""A search by two connections finds what one finds."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core.dataset.formats import Example, Format
from core.errors import Cancelled
from core.project import Project, Reader, View, reader

VIEWS = [
    View(search="7"),
    View(search="7", descending=True),
    View(search="ü", filter="flagged"),
    View(filter="train"),
    View(search="nothing like it"),
    View(search="7", sort="positive"),
    View(sort="anchor"),
    View(sort="anchor", descending=True),
    View(sort="positive", filter="flagged"),
    View(sort="note"),
]


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p", "Shop") as project:
        rows = [
            Example((f"a{n}", f"b{n % 7} ü"), flag=n % 3 == 0, split="train" if n % 5 == 0 else "")
            for n in range(500)
        ]
        project.create_dataset("Pairs", Format.PAIRS, examples=rows)
        project.create_dataset("Other", Format.PAIRS, examples=rows[:20])
        project.delete_examples(list(project.ids(1))[3:40])
        yield project


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_the_same_ids_in_the_same_order(
    project: Project, monkeypatch: pytest.MonkeyPatch, view: View
) -> None:
    monkeypatch.setattr(reader, "_SIDE_BY_SIDE", 10)
    with Reader(project.folder) as one:
        assert one.ids(1, view) == project.ids(1, view)
        assert one.ids(2, view) == project.ids(2, view)
        with one.snapshot():
            project.set_cells([(int(project.ids(1)[0]), "anchor", "77777")])
            assert one.ids(1, view) == one._ids_between(one.dataset(1), view, *one._first_and_last(1))
        assert one.ids(1, view) == project.ids(1, view), "edits are seen"


def test_both_halves_are_interrupted(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_SIDE_BY_SIDE", 10)
    project.add_examples(1, [Example((f"{n} " * 40, "x" * 200)) for n in range(40_000)])
    for view in (View(search="ü ü"), View(search="ü ü", descending=True)):
        over = threading.Event()

        def interrupt(one: Reader, over: threading.Event = over) -> None:
            while not over.wait(0.003):  # what comes between two questions is not heard
                one.interrupt()

        with Reader(project.folder) as one:
            thread = threading.Thread(target=interrupt, args=(one,))
            thread.start()
            try:
                with pytest.raises(Cancelled):
                    for _ in range(500):
                        one.ids(1, view)
            finally:
                over.set()
                thread.join()
            assert len(one.ids(1, view)) == 0
