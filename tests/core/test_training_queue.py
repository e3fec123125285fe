"""The queue of runs: order, what ends without stopping it, and that it is still there after a restart."""

from __future__ import annotations

import pytest

from core.training.queue import Queue


def test_runs_go_one_after_another_and_a_failure_holds_up_nobody(tmp_path):
    queue = Queue(tmp_path)
    first = queue.add(1, {"epochs": 2}, "quick", "Pairs · quick")
    second, third = queue.add(preset="thorough"), queue.add()
    taken = queue.take()
    assert taken is not None and (taken.number, taken.overrides, taken.preset) == (1, {"epochs": 2}, "quick")
    assert queue.take() is None, "one at a time"
    queue.name(first.number, "0001-pairs")
    queue.settle(first.number, "failed", "The disk is full.")
    assert queue.take().number == second.number
    queue.settle(second.number, "discarded")
    assert queue.take().number == third.number
    queue.settle(third.number, "finished")
    assert queue.take() is None
    assert [entry.state for entry in queue.entries] == ["failed", "discarded", "finished"]
    assert queue.entries[0].run == "0001-pairs" and queue.entries[0].message == "The disk is full."
    queue.clear_ended()
    assert queue.entries == () and queue.add().number == 4, "a number is never given twice"


def test_it_survives_a_restart_which_asks_before_going_on(tmp_path):
    queue = Queue(tmp_path)
    for preset in ("quick", "automatic", "thorough"):
        queue.add(preset=preset)
    queue.take()
    again = Queue(tmp_path)
    assert again.entries == queue.entries
    assert again.current is not None and again.current.preset == "quick" and again.take() is None
    again.put_back()
    assert [entry.preset for entry in again.waiting] == ["quick", "automatic", "thorough"]
    assert Queue(tmp_path).take().preset == "quick"


def test_waiting_runs_can_be_moved_and_removed(tmp_path):
    queue = Queue(tmp_path)
    for title in "abc":
        queue.add(title=title)
    queue.take()
    queue.move(3, 0)
    assert [entry.title for entry in queue.waiting] == ["c", "b"]
    queue.remove(1)
    assert queue.current is not None, "the one that is going on is stopped, not removed"
    queue.remove(2)
    queue.remove(77)
    assert [entry.title for entry in Queue(tmp_path).entries] == ["a", "c"]
    with pytest.raises(ValueError, match="waiting"):
        queue.settle(1, "waiting")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"entries": [1]}', '{"entries": [{}], "last": "x"}'])
def test_a_damaged_queue_is_empty(tmp_path, text):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "queue.json").write_text(text)
    queue = Queue(tmp_path)
    assert queue.entries == ()
    assert queue.add().number == 1 and len(Queue(tmp_path).entries) == 1


def test_a_failing_disk_leaves_the_queue_as_it_was(tmp_path, monkeypatch):
    from core import atomic
    from core.errors import DiskFull

    queue = Queue(tmp_path)
    queue.add(title="a")

    def full(*_: object) -> None:
        raise DiskFull("full", "free some")

    monkeypatch.setattr(atomic, "write_text", full)
    with pytest.raises(DiskFull):
        queue.add(title="b")
    assert [entry.title for entry in queue.entries] == ["a"]


@pytest.mark.parametrize(
    "entry",
    [
        '{"number": "1"}',
        '{"number": 1, "title": ["x"]}',
        '{"number": 1, "overrides": []}',
        '{"number": 1, "state": "flying"}',
        '{"number": 1, "dataset_id": NaN}',
        '{"number": 1, "settings": 5}',
    ],
)
def test_entries_that_are_none_are_passed_over(tmp_path, entry):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "queue.json").write_text(f'{{"last": 1, "entries": [{entry}]}}')
    assert Queue(tmp_path).entries == ()


def test_a_run_keeps_the_settings_it_was_queued_with(tmp_path):
    from core.dataset.formats import Example, Format
    from core.project import Project
    from core.training.job import plan

    rows = [Example((f"a {n}", f"b {n}")) for n in range(12)]
    with Project.create(tmp_path / "p", "P") as project:
        project.create_dataset("Main", Format.PAIRS, examples=rows)
        project.set_recipe({"epochs": 3})
        Queue(tmp_path / "p").add(1, preset="automatic", settings=project.recipe())
        project.set_recipe({"epochs": 9, "seed": 7})
        project.add_examples(1, rows[:2])
    entry = Queue(tmp_path / "p").take()
    assert entry is not None and entry.settings == {"epochs": 3}
    planned = plan(tmp_path / "p", entry.dataset_id, entry.overrides, entry.preset, entry.settings)
    assert (planned.recipe.value("epochs"), planned.recipe.value("seed"), len(planned.rows)) == (3, 42, 14)
    later = plan(tmp_path / "p", entry.dataset_id, entry.overrides, entry.preset)
    assert later.recipe.value("epochs") == 9
