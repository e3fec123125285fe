"""The history of runs on disk: numbers, states, notes, the trash."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core import jsonlines
from core.dataset.formats import Format
from core.engine import refs
from core.errors import FileProblem, TrainingProblem
from core.locks import FileLock
from core.training import runs
from core.training.events import (
    BaselineEvent,
    EvaluationEvent,
    FailedEvent,
    FinishedEvent,
    NoticeEvent,
    RecipeEvent,
    StepEvent,
    as_record,
)
from core.training.spec import Spec

METRICS = {
    "metric": "cosine_accuracy",
    "base": 0.5,
    "tuned": 0.75,
    "rows": 20,
    "best_step": 2,
    "verdict": "Better.",
}


def write(folder, *events, tail=""):
    lines = "".join(jsonlines.dumps(as_record(event)) + "\n" for event in events)
    (folder / runs.EVENTS).write_text(lines + tail, encoding="utf-8")


def steps(count):
    return [StepEvent(n, n / 10, 1 / n, 1e-5, elapsed=n / 2) for n in range(1, count + 1)]


def test_folders_are_numbered_and_named_for_any_file_system(tmp_path):
    first = runs.create_run_folder(tmp_path, "Fashion — Ästhetik / №1!")
    second = runs.create_run_folder(tmp_path, "日本語")
    assert first.name.startswith("0001-fashion-asthetik")
    assert second.name == "0002-run"
    assert first.parent == tmp_path / "runs"


def test_a_number_is_never_used_again(tmp_path):
    for _ in range(3):
        last = runs.create_run_folder(tmp_path, "x")
    runs.delete_run(last)
    assert runs.create_run_folder(tmp_path, "x").name == "0004-x"
    gone = runs.delete_run(tmp_path / "runs" / "0004-x")
    (gone / runs.CREATED).unlink()
    gone.rmdir()
    assert runs.create_run_folder(tmp_path, "x").name == "0005-x"


def test_runs_that_start_at_once_get_folders_of_their_own(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: runs.create_run_folder(tmp_path, "x"), range(16)))
    assert len(set(folders)) == 16
    assert {run.number for run in runs.list_runs(tmp_path)} == {int(path.name[:4]) for path in folders}
    assert len({path.name[:4] for path in folders}) == 16


def test_a_finished_run_tells_its_figures(tmp_path):
    folder = runs.create_run_folder(tmp_path, "x")
    Spec(str(folder), Format.PAIRS, "random", "MultipleNegativesRankingLoss").save()
    finished = FinishedEvent("0001-x", str(folder / "model"), METRICS, steps=3, seconds=9.5)
    write(
        folder,
        RecipeEvent("0001-x", {}, train_rows=80, holdout_rows=20, total_steps=3),
        BaselineEvent("cosine_accuracy", "Hold-out accuracy", 0.5, 20),
        *steps(2),
        EvaluationEvent(2, 0.2, "cosine_accuracy", "Hold-out accuracy", 0.75, 20, best=True),
        *steps(3)[2:],
        EvaluationEvent(3, 0.3, "cosine_accuracy", "Hold-out accuracy", 0.25, 20),
        finished,
    )
    runs.set_note(folder, "the good one\n")
    (run,) = runs.list_runs(tmp_path)
    assert (run.status, run.number, run.name, run.steps, run.total_steps) == ("finished", 1, "0001-x", 3, 3)
    assert (run.base, run.best, run.last_loss) == (0.5, 0.75, pytest.approx(1 / 3))
    assert (run.rows, run.holdout_rows, run.metric_title) == (80, 20, "Hold-out accuracy")
    assert (run.note, run.seconds, run.finished) == ("the good one\n", 9.5, finished)
    assert run.spec is not None and run.spec.format is Format.PAIRS
    assert run.created.startswith("20") and "T" in run.created
    assert run.model is None, "the events promise a model, the disk has none"
    assert len(runs.read_events(folder)) == 8
    assert runs.find_run(tmp_path, "1") == runs.find_run(tmp_path, "0001-x") == run


def test_the_states(tmp_path):
    ends = {
        "stopped": FinishedEvent("r", "m", METRICS, stopped=True),
        "failed": FailedEvent("r", "It broke."),
        "interrupted": NoticeEvent("still going"),
    }
    for end in ends.values():
        write(runs.create_run_folder(tmp_path, "x"), *steps(1), end)
    assert [run.status for run in reversed(runs.list_runs(tmp_path))] == list(ends)
    running = runs.create_run_folder(tmp_path, "x")
    lock = FileLock(running / runs.LOCK)
    assert lock.acquire()
    assert runs.list_runs(tmp_path)[0].status == "running"
    with pytest.raises(TrainingProblem, match="still going on"):
        runs.delete_run(running)
    lock.release()
    assert runs.list_runs(tmp_path)[0].status == "interrupted"


def test_a_killed_process_leaves_an_interrupted_run_with_every_whole_line(tmp_path):
    folder = runs.create_run_folder(tmp_path, "x")
    code = (
        "import sys, time, pathlib\n"
        "from core.locks import FileLock\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "lock = FileLock(folder / 'run.lock')\n"
        "assert lock.acquire()\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    root = Path(runs.__file__).parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None and child.stdout.readline() == "held\n"
        write(folder, *steps(5), tail='{"event":"step","step":6,"lo')
        assert runs.read_run(folder).status == "running"
        child.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        child.wait(timeout=10)
        deadline = time.monotonic() + 5
        while runs.read_run(folder).status == "running" and time.monotonic() < deadline:
            time.sleep(0.02)
        run = runs.read_run(folder)
        assert (run.status, run.steps, run.last_loss) == ("interrupted", 5, 0.2)
        assert [event.step for event in runs.read_events(folder)] == [1, 2, 3, 4, 5]
    finally:
        child.kill()
        child.wait(timeout=10)
        child.stdout.close()


def test_damaged_files_hide_themselves_not_the_run(tmp_path):
    folder = runs.create_run_folder(tmp_path, "x")
    (folder / runs.SPEC).write_text("{", encoding="utf-8")
    (folder / runs.NOTE).write_bytes(b"\xff\xfe\xff")
    write(folder, *steps(2), tail='{"event":"evaluation"}\n{"event":"from the future","x":1}\nnonsense\n')
    run = runs.read_run(folder)
    assert (run.status, run.steps, run.spec, run.note) == ("interrupted", 2, None, "")


def test_other_folders_are_no_runs_and_links_are_not_followed(tmp_path):
    runs.create_run_folder(tmp_path, "x")
    (tmp_path / "runs" / "notes").mkdir()
    (tmp_path / "runs" / "0009-file").write_text("")
    (tmp_path / "runs" / "0008-link").symlink_to(tmp_path, target_is_directory=True)
    assert [(run.name, run.status) for run in runs.list_runs(tmp_path)] == [
        ("0008-link", "unreadable"),
        ("0001-x", "interrupted"),
    ]
    with pytest.raises(FileProblem):
        runs.find_run(tmp_path, "8")
    assert runs.list_runs(tmp_path / "nothing") == []


def test_deleting_and_restoring(tmp_path):
    folder = runs.create_run_folder(tmp_path, "x")
    write(folder, *steps(3))
    runs.delete_run(folder)
    assert runs.list_runs(tmp_path) == []
    assert runs.restore_run(folder) == folder
    assert runs.list_runs(tmp_path)[0].steps == 3
    with pytest.raises(FileProblem, match="not in the trash"):
        runs.restore_run(folder)
    trashed = runs.delete_run(folder)
    assert runs.restore_run(trashed) == folder
    runs.remove_from_trash(runs.delete_run(folder))
    with pytest.raises(FileProblem):
        runs.restore_run(folder)


@pytest.mark.parametrize("which", ["7", "last", "0", "²", "1" * 5000, "x", ""])
def test_a_run_that_is_not_there_lists_those_that_are(tmp_path, which):
    runs.create_run_folder(tmp_path, "x")
    with pytest.raises(FileProblem, match="0001-x"):
        runs.find_run(tmp_path, which)
    assert refs.find_run(tmp_path, which) is None


def test_a_long_run_is_quick_to_list(tmp_path):
    folder = runs.create_run_folder(tmp_path, "x")
    line = jsonlines.dumps(as_record(StepEvent(1, 0.1, 0.5, 1e-5)))
    record = json.loads(line)
    with (folder / runs.EVENTS).open("w", encoding="utf-8") as stream:
        for number in range(1, 100_001):
            stream.write(line.replace('"step":1,', f'"step":{number},', 1) + "\n")
    assert record["step"] == 1
    began = time.perf_counter()
    assert runs.read_run(folder).steps == 100_000
    assert time.perf_counter() - began < 1.0
