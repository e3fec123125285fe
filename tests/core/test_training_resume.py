"""A run that was killed goes on where it was: same losses as without the interruption, a log that has each step once."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

from core.dataset.formats import Format
from core.errors import Cancelled, DiskFull, TrainingProblem
from core.training import checkpoints, job, runs, saving
from core.training.events import (
    CheckpointEvent,
    EvaluationEvent,
    FailedEvent,
    NoticeEvent,
    RecipeEvent,
    StepEvent,
)
from core.training.recording import Recorder, recorded
from tests.core.fault_support import compared, start_and_kill
from tests.core.training_support import Told, examples, spec
from tests.support.amount import THOROUGH

posix = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")


class Interrupted(BaseException):
    """Ends a run as if the process had died: nothing in the program catches it."""


@pytest.fixture(autouse=True)
def _every_evaluation(monkeypatch):
    monkeypatch.setattr(saving, "SPARE", 0.0)


def make(folder, model, format=Format.TRIPLETS, **settings):
    """A run of 24 steps, measured every 4."""
    rows, held = examples(format, 32), examples(format, 24, start=17)
    values = {"epochs": 3, "eval_steps": 4, "checkpoint_seconds": 0, "learning_rate": 3e-3, **settings}
    asked = spec(folder, model, format, rows, held, **values)
    asked.save()
    return asked


def go(asked, die_at=None, kind=StepEvent):
    """Train as `run_project` does, with the log; when it tells its first `kind` from step `die_at` on, the process is gone."""
    told = Told()

    def on_event(event):
        told(event)
        resume_point = getattr(event, "kind", "resume") == "resume"
        if die_at and isinstance(event, kind) and event.step >= die_at and resume_point:
            raise Interrupted

    folder = Path(asked.run_dir)
    from core.training import train

    with Recorder(folder, on_event) as record:
        try:
            return recorded(folder, record, lambda: train(asked, record, told.should_stop)), told
        except Interrupted:
            return None, told


def resume(folder, told=None, **options):
    told = told or Told()
    return job.resume_run(folder, told, told.should_stop, threads=1, **options), told


def losses(folder):
    return [event.loss for event in runs.read_events(folder) if isinstance(event, StepEvent)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, tiny_model):
    """The run without an interruption."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saving, "SPARE", 0.0)
        folder = tmp_path_factory.mktemp("whole") / "run"
        finished, told = go(make(folder, tiny_model))
    return finished, told, folder


def vectors(model):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(model), device="cpu", local_files_only=True).encode(
        ["red dress", "coat 7"]
    )


def test_a_run_goes_on_from_its_last_checkpoint_as_if_nothing_had_happened(tmp_path, tiny_model, whole):
    complete, told_whole, _ = whole
    folder = tmp_path / "run"
    go(make(folder, tiny_model), die_at=15)
    interrupted = runs.read_run(folder)
    assert (interrupted.status, interrupted.steps, interrupted.resumable) == ("interrupted", 15, True)
    assert [step for step, _ in checkpoints.listed(folder)] == [12, 8]
    finished, told = resume(folder)
    assert runs.read_events(folder) == told.events
    assert [event.step for event in told.of(StepEvent)] == list(range(1, 25))
    assert len(told.of(RecipeEvent)) == 1 and told.names.count("baseline") == 1
    np.testing.assert_allclose(losses(folder), [e.loss for e in told_whole.of(StepEvent)], atol=1e-5, rtol=0)
    for kind, keys in (
        (StepEvent, ("learning_rate", "epoch")),
        (EvaluationEvent, ("step", "value", "best", "epoch")),
    ):
        for key in keys:
            ours, theirs = ([getattr(e, key) for e in t.of(kind)] for t in (told, told_whole))
            assert ours == pytest.approx(theirs, abs=1e-6), key
    (where,) = [e.text for e in told.of(NoticeEvent) if "goes on" in e.text]
    assert "after step 12" in where
    for key in ("base", "tuned", "best_step", "verdict", "interval", "final_loss"):
        assert (
            finished.metrics[key] == pytest.approx(complete.metrics[key], abs=1e-6)
            if not isinstance(complete.metrics[key], str)
            else finished.metrics[key] == complete.metrics[key]
        )
    np.testing.assert_allclose(vectors(finished.model), vectors(complete.model), atol=1e-5)
    elapsed = [event.elapsed for event in told.of(StepEvent)]
    assert elapsed == sorted(elapsed), "time goes on"
    assert not (folder / "checkpoints").exists() and not runs.read_run(folder).resumable


@pytest.mark.parametrize(
    ("format", "settings", "die_at", "kind"),
    [
        # measured at epochs, plain sampler: goes on at the edge of an epoch
        (Format.SCORED, {"eval_steps": 0}, 17, StepEvent),
        # no duplicates, in the middle of an epoch
        (Format.PAIRS, {"eval_steps": 5, "precision": "bf16"}, 14, StepEvent),
        (Format.PAIRS, {"eval_steps": 0, "epochs": 0.6, "checkpoint_seconds": 1e-6}, 4, StepEvent),
        # as soon as there is a checkpoint of the last step of an epoch, which is measured only then
        (
            Format.SCORED,
            {"loss": "CoSENTLoss", "eval_steps": 0, "checkpoint_seconds": 1e-6},
            8,
            CheckpointEvent,
        ),
        # the same at the very end, in the middle of an epoch: no step is left
        (Format.SCORED, {"eval_steps": 0, "epochs": 0.6, "checkpoint_seconds": 1e-6}, 5, CheckpointEvent),
    ],
)
def test_every_sampler_and_place_in_the_epoch(tmp_path, tiny_model, format, settings, die_at, kind):
    complete, whole = go(make(tmp_path / "whole", tiny_model, format, **settings))
    go(make(tmp_path / "run", tiny_model, format, **settings), die_at=die_at, kind=kind)
    finished, told = resume(tmp_path / "run")
    steps, expected = told.of(StepEvent), whole.of(StepEvent)
    assert [event.step for event in steps] == [event.step for event in expected]
    np.testing.assert_allclose([e.loss for e in steps], [e.loss for e in expected], atol=1e-5, rtol=0)
    measured = [(e.step, e.best) for e in told.of(EvaluationEvent)]
    assert measured == [(e.step, e.best) for e in whole.of(EvaluationEvent)]
    assert finished.metrics["best_step"] == complete.metrics["best_step"]


def test_by_time_two_are_kept_and_each_event_is_there_when_told(tmp_path, tiny_model):
    asked = make(tmp_path / "run", tiny_model, eval_steps=100, checkpoint_seconds=1e-6)
    seen = []

    def watch(event):
        if isinstance(event, CheckpointEvent) and event.kind == "resume":
            assert checkpoints.read(tmp_path / "run" / event.path, event.step) is not None
            seen.append(event.step)
            assert [step for step, _ in checkpoints.listed(tmp_path / "run")] == seen[-2:][::-1]
            assert not list((tmp_path / "run").rglob("*.tmp"))

    told = Told(watch=watch)
    from core.training import train

    train(asked, told, told.should_stop)
    assert seen[:6] == [1, 2, 3, 4, 5, 6]
    assert not [p for p in tmp_path.rglob("*") if p.suffix in (".pt", ".pth", ".bin", ".pkl")]


def test_short_epochs_do_not_pay_for_a_checkpoint_each(tmp_path, tiny_model, monkeypatch):
    monkeypatch.setattr(saving, "SPARE", 1e6)
    _, told = go(make(tmp_path / "run", tiny_model))
    assert len([e for e in told.of(CheckpointEvent) if e.kind == "resume"]) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: _flip(folder / "weights.safetensors"),
        lambda folder: _flip(folder / "optimizer.safetensors"),
        lambda folder: (folder / "weights.safetensors").write_bytes(b""),
        lambda folder: os.truncate(folder / "state.json", 100),
        lambda folder: (folder / "state.json").write_text("[]"),
        lambda folder: (folder / "trainer_state.json").unlink(),
    ],
    ids=["weights", "optimizer", "empty", "state cut", "state is a list", "file gone"],
)
def test_a_damaged_checkpoint_is_never_used(tmp_path, interrupted, damage):
    folder, (newest, older) = interrupted(tmp_path)
    damage(newest[1])
    resumption = job_prepare(folder)
    assert resumption.checkpoint is not None and resumption.checkpoint.step == older[0]
    assert f"step {newest[0]} is damaged" in resumption.notice and resumption.level == "warning"
    assert not newest[1].exists()


def job_prepare(folder):
    from core.training.resuming import prepare

    return prepare(folder)


def _flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory, tiny_model):
    """Copies of a run that died after step 15."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saving, "SPARE", 0.0)
        source = tmp_path_factory.mktemp("interrupted") / "run"
        go(make(source, tiny_model), die_at=15)

    def copy(target):
        shutil.copytree(source, target / "run")
        return target / "run", checkpoints.listed(target / "run")

    return copy


def test_an_older_checkpoint_gives_the_same_run(tmp_path, interrupted, whole):
    folder, (newest, older) = interrupted(tmp_path)
    _flip(newest[1] / "weights.safetensors")
    _, told = resume(folder)
    np.testing.assert_allclose(losses(folder), [e.loss for e in whole[1].of(StepEvent)], atol=1e-5, rtol=0)
    assert f"after step {older[0]}" in told.notices


def test_without_any_checkpoint_it_starts_again_and_damaged_best_weights_count(tmp_path, interrupted, whole):
    folder, _ = interrupted(tmp_path)
    for best in (folder / "checkpoints").glob("step-*"):
        _flip(best / "model.safetensors")
    _, told = resume(folder)
    assert [event.step for event in told.of(StepEvent)] == list(range(1, 25))
    assert told.names[0] == "recipe" and "from the beginning" in told.notices
    np.testing.assert_allclose(losses(folder), [e.loss for e in whole[1].of(StepEvent)], atol=1e-5, rtol=0)


def test_a_log_that_lost_its_end_counts_against_the_checkpoint(tmp_path, interrupted):
    folder, (newest, older) = interrupted(tmp_path)
    lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    kept = checkpoints.read(newest[1], newest[0]).state["events"] - 1
    (folder / "events.jsonl").write_bytes(b"".join(lines[:kept]) + lines[kept][:7])
    assert job_prepare(folder).checkpoint.step == older[0]


def test_a_torn_line_is_cut_off(tmp_path, interrupted):
    folder, _ = interrupted(tmp_path)
    with (folder / "events.jsonl").open("ab") as stream:
        stream.write(b'{"event":"step","st')
    resume(folder)
    for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines():
        json.loads(line)


def test_what_cannot_be_resumed_says_why(tmp_path, whole, tiny_model, interrupted):
    with pytest.raises(TrainingProblem, match="is finished"):
        resume(whole[2])
    with pytest.raises(TrainingProblem, match="no run to resume"):
        resume(tmp_path / "nothing")
    folder, _ = interrupted(tmp_path)
    from core.locks import FileLock

    lock = FileLock(folder / runs.LOCK)
    assert lock.acquire()
    try:
        assert not runs.read_run(folder).resumable
        with pytest.raises(TrainingProblem, match="Another process"):
            resume(folder)
    finally:
        lock.release()

    def discard(events):
        if isinstance(events[-1], StepEvent) and events[-1].step == 18:
            raise Cancelled
        return False

    told = Told(stop_when=discard)
    with pytest.raises(Cancelled):
        resume(folder, told)
    run = runs.read_run(folder)
    assert run.failed.discarded and not run.resumable and not (folder / "checkpoints").exists()
    with pytest.raises(TrainingProblem, match="was discarded"):
        resume(folder)


def test_a_run_that_failed_after_a_checkpoint_can_go_on(tmp_path, tiny_model, monkeypatch):
    from core.training import trainer

    def full(self):
        raise DiskFull("There is no disk space left.", "Free some space.")

    folder = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(trainer.Keeper, "finish", full)
        with pytest.raises(DiskFull):
            go(make(folder, tiny_model))
    run = runs.read_run(folder)
    assert run.status == "failed" and run.resumable
    finished, told = resume(folder)
    assert finished.steps == 24 and not told.of(FailedEvent)
    assert len(told.of(StepEvent)) == 24 and runs.read_run(folder).status == "finished"


def test_a_full_disk_at_a_checkpoint_is_one_warning(tmp_path, tiny_model, monkeypatch):
    whole_save, calls = saving.save_file, []

    def full(tensors, path, *rest, **named):
        calls.append(path)
        if 3 <= len(calls) <= 5:
            Path(path).write_bytes(b"half")
            raise OSError(28, "No space left on device")
        whole_save(tensors, path, *rest, **named)

    monkeypatch.setattr(saving, "save_file", full)
    folder = tmp_path / "run"
    _, told = go(make(folder, tiny_model), die_at=23)
    (warning,) = [e for e in told.of(NoticeEvent) if "checkpoint" in e.text]
    assert "No checkpoint was written" in warning.text and "space" in warning.text
    assert [e.step for e in told.of(CheckpointEvent) if e.kind == "resume"] == [4, 20]
    assert all(checkpoints.read(path, step) for step, path in checkpoints.listed(folder))
    assert not list(folder.rglob("*.tmp"))
    finished, _ = resume(folder)
    assert finished.steps == 24


def test_a_full_disk_for_the_best_weights_is_made_up_for(tmp_path, tiny_model, monkeypatch):
    from core.training import keeping

    real, calls = keeping.save, []

    def full(model, target):
        calls.append(target)
        if len(calls) <= 1:
            raise DiskFull("There is no disk space left.", "Free some space.")
        real(model, target)

    monkeypatch.setattr(keeping, "save", full)
    folder = tmp_path / "run"
    _, told = go(make(folder, tiny_model), die_at=7)
    assert len([e for e in told.of(NoticeEvent) if "No checkpoint" in e.text]) == 1
    found = checkpoints.newest(folder)
    assert found.step == 4 and found.state["best_step"] == 4 and (folder / "checkpoints/step-000004").is_dir()


def test_a_full_disk_under_the_log_waits_for_room_where_somebody_can_make_it(tmp_path, monkeypatch):
    from core.training import pausing

    monkeypatch.setattr(pausing, "RETRY_SECONDS", 0.01)
    heard, refuse = [], [4]
    with Recorder(tmp_path, heard.append, pausing.Pause()) as record:
        stream = record._stream

        class Full:
            def write(self, line):
                if refuse[0]:
                    refuse[0] -= 1
                    return stream.write(line[:3])
                return stream.write(line)

            def __getattr__(self, name):
                return getattr(stream, name)

        record._stream = Full()
        record(NoticeEvent("a"))
        assert [e.text for e in heard][-1] == "a" and "waits" in heard[0].text and len(heard) == 2
        refuse[0] = 1
        record._pause = None
        with pytest.raises(DiskFull):
            record(NoticeEvent("b"))
        record(NoticeEvent("c"))
        record._stream = stream
    assert [event.text for event in runs.read_events(tmp_path)] == ["a", "c"]


@posix
def test_killed_at_random_moments_the_log_is_that_of_an_uninterrupted_run(tmp_path, tiny_model):
    """One kill of a run, three when thorough; `tests/bench/faults.py` does twenty."""
    kills = 3 if THOROUGH else 1
    seed = random.SystemRandom().randrange(10**6)
    settings = {"checkpoint_seconds": 0.05, "epochs": 12, "eval_steps": 12}
    go(make(tmp_path / "whole", tiny_model, **settings))
    folder = tmp_path / "run"
    make(folder, tiny_model, **settings)
    found = start_and_kill(folder, kills=kills, seed=seed)
    report = compared(folder, tmp_path / "whole")
    assert found.kills == kills, (seed, found)
    assert report.problems == [], (seed, found, report)
    assert report.largest_difference <= 1e-5, (seed, found, report)
