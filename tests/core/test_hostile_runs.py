"""Run folders that are damaged, or made to do harm: each is listed with a plain sentence, and none hides the others."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from core.dataset.formats import Format
from core.errors import FileProblem
from core.training import event_log, runs
from core.training.events import FailedEvent, FinishedEvent, StepEvent, as_record
from core.training.held_out import rows_of_run
from core.training.outcome import Outcome, outcome
from core.training.recording import Recorder, recorded
from core.training.run_files import one_line
from core.training.spec import Spec
from core.training.step_table import read_log


def good(project: Path, name: str = "main", lines: str = "") -> Path:
    folder = runs.create_run_folder(project, name)
    Spec(str(folder), Format.PAIRS, "all-MiniLM-L6-v2", "MultipleNegativesRankingLoss").save()
    (folder / runs.EVENTS).write_text(lines)
    return folder


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": "pairs"}',
        '{"format": "poem", "base_model": "a", "loss": "b"}',
        '{"format": "pairs", "base_model": "a", "loss": 5}',
        '{"format": "pairs", "base_model": "a", "loss": "b", "epochs": "many"}',
        '{"format": "pairs", "base_model": "a", "loss": "b", "epochs": NaN}',
        '{"format": "pairs", "base_model": "a", "loss": "b", "epochs": 1' + 400 * "0" + "}",
        '{"format": "pairs", "base_model": "a", "loss": "b", "loss_parameters": [1]}',
        '{"format": "pairs", "base_model": "a", "loss": "b", "dataset_name": null}',
        50_000 * "[",
        "\udc80",
    ],
)
def test_settings_that_are_none_are_said_to_be_damaged(tmp_path: Path, text: str) -> None:
    folder = good(tmp_path)
    (folder / "spec.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    (run,) = runs.list_runs(tmp_path)
    assert run.spec is None and run.problem == "Its settings (spec.json) are damaged."
    assert not run.resumable


def test_settings_that_are_missing_or_huge(tmp_path: Path) -> None:
    first, second = good(tmp_path), good(tmp_path)
    (first / "spec.json").unlink()
    (second / "spec.json").write_text('{"loss": "' + 9_000_000 * "x" + '"}')
    problems = [run.problem for run in runs.list_runs(tmp_path)]
    assert problems[1] == "Its settings (spec.json) are missing."
    assert problems[0] == "Its settings (spec.json) are too large to be settings."


def test_an_empty_folder_is_a_run_of_which_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "runs" / "0001-x").mkdir(parents=True)
    (run,) = runs.list_runs(tmp_path)
    assert (run.status, run.problem) == ("interrupted", "Its settings (spec.json) are missing.")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links and pipes")
def test_nothing_is_read_through_a_link_out_of_the_folder_or_from_a_pipe(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret words")
    secret_run = good(tmp_path / "other", "secret")
    folder, piped = good(tmp_path), good(tmp_path)
    for name, target in (("note.txt", outside / "secret"), ("spec.json", secret_run / "spec.json")):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)
    (folder / "model").symlink_to(outside)
    (outside / "modules.json").write_text("[]")
    for name in ("events.jsonl", "spec.json", "run.lock", "note.txt"):
        (piped / name).unlink(missing_ok=True)
        os.mkfifo(piped / name)
    (tmp_path / "runs" / "0009-link").symlink_to(secret_run)
    linked, second, first = runs.list_runs(tmp_path)
    assert (linked.status, linked.spec) == ("unreadable", None)
    assert linked.problem == "This is a link to another place. It was not followed."
    assert (first.note, first.spec, first.model) == ("", None, None)
    assert (second.spec, second.steps, second.status) == (None, 0, "interrupted")
    assert runs.read_events(piped) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind here")
def test_a_folder_that_may_not_be_read(tmp_path: Path) -> None:
    good(tmp_path)
    closed = good(tmp_path)
    closed.chmod(0)
    try:
        first, second = runs.list_runs(tmp_path)
    finally:
        closed.chmod(0o755)
    assert first.spec is None and first.problem
    assert second.problem == ""


def test_a_lock_that_is_a_folder_locks_nothing(tmp_path: Path) -> None:
    folder = good(tmp_path)
    (folder / "run.lock").mkdir()
    assert runs.read_run(folder).status == "interrupted"
    runs.delete_run(folder)


def test_events_of_wrong_kinds_are_passed_over(tmp_path: Path) -> None:
    step = json.dumps(as_record(StepEvent(1, 1.0, 0.5, 1e-5)), separators=(",", ":"))
    bad = [
        '{"event":"step","step":"1","epoch":1,"loss":1,"learning_rate":1}',
        '{"event":"step","step":1}',
        '{"event":"step","step":true,"epoch":1,"loss":1,"learning_rate":1}',
        '{"event":"finished","run":"x","model":"","metrics":[]}',
        '{"event":"finished","run":"x","model":"","metrics":{},"seconds":Infinity}',
        '{"event":"failed","run":"x","message":{"a":1}}',
        '{"event":"baseline","metric":"m","title":5,"value":1,"rows":1}',
        '{"event":"evaluation","step":1,"epoch":1,"metric":"m","title":"t","value":1,"rows":1,"groups":["x"]}',
        '{"event":["finished"]}',
        '{"event":"step","step":' + 5000 * "9" + "}",
        100_000 * '{"a":',
        '{"event":"recipe","run":"r","settings":{},"probes":[["only one"]]}',
    ]
    folder = good(tmp_path, lines="\n".join([*bad, step]) + "\n")
    run = runs.read_run(folder)
    assert (run.status, run.steps, run.last_loss) == ("interrupted", 1, 0.5)
    found = runs.read_events(folder)
    assert [event.name for event in found] == ["recipe", "step"]
    assert found[0].probes == []  # type: ignore[attr-defined]


def test_figures_that_are_not_numbers_were_not_measured(tmp_path: Path) -> None:
    metrics = (
        '{"base":NaN,"tuned":"0.9","rows":"x","verdict":["<b>"],"verdict_word":{},"interval":[1],'
        '"line":[[1,2],[3],"x",[NaN,1]],"groups":[1,{"name":5,"base":Infinity}],"base_metrics":[],'
        '"tuned_metrics":{"a":NaN}}'
    )
    folder = good(
        tmp_path,
        lines='{"event":"evaluation","step":3,"epoch":1,"metric":"m","title":"t","value":NaN,"rows":1,"best":true}\n'
        '{"event":"step","step":3,"epoch":1,"loss":NaN,"learning_rate":1}\n'
        f'{{"event":"finished","run":"x","model":"","metrics":{metrics},"steps":3}}\n',
    )
    run = runs.read_run(folder)
    assert (run.status, run.best, run.last_loss) == ("finished", None, None)
    found = run.outcome
    assert (found.base, found.tuned, found.verdict, found.word, found.interval) == (None, None, "", "", None)
    assert found.line == ((1, 2),) and found.metrics == (("a", None, None),)
    assert found.parts[0].name == "" and found.parts[0].base is None
    assert outcome(run.finished) == found and found != Outcome()  # type: ignore[arg-type]


def test_a_line_without_end_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "_LONGEST_LINE", 1000)
    step = json.dumps(as_record(StepEvent(7, 1.0, 0.5, 1e-5)), separators=(",", ":"))
    folder = good(
        tmp_path, lines='{"event":"notice","text":"' + 50_000 * "x" + '"}\n' + step + "\n" + 5000 * "y"
    )
    assert runs.read_run(folder).steps == 7
    assert len(runs.read_events(folder)) == 1


def test_a_log_that_has_not_changed_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "".join(
        f'{{"event":"step","step":{n},"epoch":1.0,"loss":0.5,"learning_rate":1e-05}}\n'
        for n in range(1, 50_001)
    )
    folder = good(tmp_path, lines=lines)
    assert runs.read_run(folder).steps == 50_000
    times: list[int] = []
    real = event_log.without_steps
    monkeypatch.setattr(event_log, "without_steps", lambda folder: times.append(1) or real(folder))
    runs.set_label(folder, "  renamed\n<b>\u202e ")
    run = runs.read_run(folder)
    assert times == [] and run.steps == 50_000 and run.label == "renamed <b>"
    with (folder / runs.EVENTS).open("a") as stream:
        stream.write('{"event":"step","step":50001,"epoch":1.0,"loss":0.5,"learning_rate":1e-05}\n')
    assert runs.read_run(folder).steps == 50_001 and times == [1]
    steps, others = read_log(folder)
    assert len(steps) == 50_001 and others == [] and steps.column("loss")[0] == 0.5
    asked: list[int] = []
    stopped, _ = read_log(folder, lambda: asked.append(1) or len(asked) > 2)
    assert len(stopped) < 50_001


def test_a_label_is_one_clean_line_and_can_be_taken_away(tmp_path: Path) -> None:
    folder = good(tmp_path)
    runs.set_label(folder, 500 * "long ")
    assert len(runs.read_run(folder).label) == 80
    runs.set_label(folder, "")
    assert runs.read_run(folder).label == ""
    assert one_line("a\u0000b\u2028c\u200bd\ne") == "a b c d e"


def test_only_what_is_in_the_trash_goes_for_good(tmp_path: Path) -> None:
    first, second = good(tmp_path), good(tmp_path)
    with pytest.raises(FileProblem):
        runs.remove_from_trash(first)
    place = runs.delete_run(second)
    assert [run.number for run in runs.list_trash(tmp_path)] == [2]
    runs.remove_from_trash(place)
    assert runs.list_trash(tmp_path) == [] and first.is_dir()
    assert runs.list_trash(tmp_path / "nothing") == []


def test_names_that_no_trainer_gives(tmp_path: Path) -> None:
    good(tmp_path)
    for name in ("0002-a\nb\x1b[31m", "9" * 300 if os.name == "nt" else "9" * 200 + "-x", "٣٣٣٣-x"):
        (tmp_path / "runs" / name).mkdir()
    assert [run.number for run in runs.list_runs(tmp_path)] == [2, 1]
    assert runs.create_run_folder(tmp_path, "next").name == "0003-next"


@pytest.mark.parametrize("ids", ["[1e999]", "[[1]]", '"12x"', "7", "[null]", "[1" + "0" * 500 + "]"])
def test_rows_of_a_damaged_snapshot_are_not_known(tmp_path: Path, ids: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ids.json").write_text(f'{{"dataset": 1, "train": {ids}, "holdout": []}}')
    known = rows_of_run(tmp_path, 1)
    assert known is None or known[0] == {10**500}


@pytest.mark.skipif(os.name == "nt", reason="an open file's folder cannot be moved there")
def test_a_run_whose_folder_goes_away_ends_with_the_reason(tmp_path: Path) -> None:
    """It trained on into nowhere, and its checkpoints brought a folder back with nothing else in it."""
    folder, told = tmp_path / "0001-main", list[object]()
    folder.mkdir()
    with Recorder(folder, told.append) as record:

        def work() -> FinishedEvent:
            record(StepEvent(1, 0.1, 0.5, 2e-5))
            folder.rename(tmp_path / "away")
            record(StepEvent(2, 0.2, 0.4, 2e-5))
            raise AssertionError("it went on")

        with pytest.raises(FileProblem, match="no longer in"):
            recorded(folder, record, work)
    assert not folder.exists() and isinstance(told[-1], FailedEvent)
    assert "go on from its last checkpoint" in told[-1].hint
    last = read_log(tmp_path / "away")[0].last
    assert last is not None and last.step == 1
