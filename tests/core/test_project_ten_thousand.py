"""Ten thousand operations of every kind, with a restart in the middle: undo all of them, redo all of them."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from hypothesis import Phase, assume, given, note, settings
from hypothesis import strategies as st

from core.project import Project
from core.project.views import FILTERS, View
from tests.core.random_edits import RandomEdits

OPERATIONS = 10_000


def opened(folder: Path) -> Project:
    """Commits need no disk here: this is about what they hold. Durability has tests of its own."""
    project = Project.open(folder)
    project._connection.execute("PRAGMA synchronous=OFF")
    project._connection.execute("PRAGMA wal_autocheckpoint=20000")
    return project


def check_counts(project: Project) -> None:
    for info in project.datasets():
        found = {name: len(project.ids(info.id, View(filter=name))) for name in FILTERS}
        assert project.counts(info.id) == found


@settings(max_examples=1, deadline=None, phases=(Phase.reuse, Phase.generate))
@given(st.integers(0, 2**32))
def test_ten_thousand_operations_are_undone_and_done_again(seed: int) -> None:
    assume(seed)  # the first number that is tried is always 0
    note(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="anchorlab-history-") as name:
        folder = Path(name) / "p"
        Project.create(folder, "Shop").close()
        project = opened(folder)
        nothing = project.data_hash()
        person = RandomEdits(project, random.Random(seed))
        for goal in (OPERATIONS // 2, OPERATIONS):
            while person.total < goal:
                person.step()
            before = project.data_hash()
            project.close()
            project = person.project = opened(folder)
            assert project.data_hash() == before
        everything = project.data_hash()
        check_counts(project)
        assert len(person.done) >= 18, person.done
        steps = 0
        while project.undo() is not None:
            steps += 1
        assert project.data_hash() == nothing
        project.close()
        project = opened(folder)
        for _ in range(steps):
            assert project.redo() is not None
        assert project.data_hash() == everything
        check_counts(project)
        project.close()
