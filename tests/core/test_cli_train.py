"""`train`, `query`, `runs` and `export-model` with a model of a few kilobytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from core.cli import main
from core.project import Project
from tests.core import tiny_model
from tests.core.cli_support import PAIRS, SCORED, Cli, Result, command

SETTINGS = ("--set", "batch_size=8", "--set", "epochs=2", "--set", "holdout=0.25", "--set", "precision=fp32")


@pytest.fixture
def cli(capsys):
    return Cli(capsys)


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> Path:
    return tiny_model.build(tmp_path_factory.mktemp("cli-models") / "tiny")


def make(folder: Path, text: str) -> Path:
    data = folder.with_suffix(".csv")
    data.write_text(text, encoding="utf-8")
    assert main(["new", str(folder), "--from", str(data)]) == 0
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory, model) -> tuple[Path, Result]:
    """A project with one finished run, and what `train --json` said."""
    folder = make(tmp_path_factory.mktemp("trained") / "words", SCORED)
    line, environment = command("train", folder, "--model", model, *SETTINGS, "--json")
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return folder, Result(done.returncode, done.stdout, done.stderr)


def test_train_tells_everything_as_json_lines(trained):
    folder, result = trained
    assert result.status == 0, result.err
    assert "it/s" not in result.err and "widget" not in result.err, "a library drew its progress bars"
    events = result.events
    kinds = [event["event"] for event in events]
    assert kinds[0] == "recipe" and kinds[-1] == "finished"
    assert set(kinds) <= {"recipe", "baseline", "step", "evaluation", "notice", "checkpoint", "finished"}
    assert kinds.index("baseline") < kinds.index("step") and "evaluation" in kinds
    steps = [event for event in events if event["event"] == "step"]
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1)) and len(steps) >= 4
    assert all(step["loss"] is not None and step["learning_rate"] >= 0 for step in steps)
    last = events[-1]
    assert Path(last["model"]).is_dir() and last["run"] == Path(last["model"]).parent.name
    assert last["metrics"]["verdict"]
    kept = (folder / "runs" / last["run"] / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in kept] == kinds


def test_runs_lists_it(cli, trained):
    folder, result = trained
    (run,) = cli("runs", folder, "--json").json
    assert run["run"] == result.events[-1]["run"] and run["number"] == 1 and run["status"] == "finished"
    assert run["steps"] == result.events[-1]["steps"] and Path(run["model"]).is_dir()
    human = cli("runs", folder).out
    assert "STATUS" in human and "finished" in human


@pytest.mark.parametrize("words", [(), ("--model", "1"), ("--model", "base")])
def test_query_ranks_the_projects_texts(cli, trained, model, words):
    folder, _ = trained
    with Project.open(folder) as project:
        project.set_recipe({"base_model": str(model)})
    result = cli("query", folder, "word 3", "-k", "5", "--json", *words)
    assert result.status == 0, result.err
    hits = result.json
    assert [hit["rank"] for hit in hits] == [1, 2, 3, 4, 5]
    assert all(set(hit) == {"rank", "text", "score"} for hit in hits)
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True) and scores[-1] >= -1.001 and scores[0] <= 1.001
    assert "word 3" not in [hit["text"] for hit in hits]
    again = cli("query", folder, "word 3", "-k", "5", *words)  # from the cache, as a table
    assert hits[0]["text"] in again.out.splitlines()[2]


def test_query_scores_are_the_models_own(cli, trained):
    from sentence_transformers import SentenceTransformer

    folder, result = trained
    hits = cli("query", folder, "thing of mine", "-k", "1000", "--json").json
    assert len(hits) == 24 + 7
    tuned = SentenceTransformer(result.events[-1]["model"], device="cpu")
    texts = ["thing of mine", *(hit["text"] for hit in hits)]
    expected = tuned.similarity(tuned.encode(texts[:1]), tuned.encode(texts[1:]))[0].tolist()
    assert [hit["score"] for hit in hits] == pytest.approx(expected, abs=1e-5)


def test_export_model_loads_and_refuses_to_overwrite(cli, trained, tmp_path):
    from sentence_transformers import SentenceTransformer

    folder, result = trained
    target = tmp_path / "mine"
    assert cli("export-model", folder, "1", target, "--json").json["model"] == str(target)
    assert SentenceTransformer(str(target), device="cpu").encode(["a"]).shape == (1, 32)
    assert (target / "README.md").read_text(encoding="utf-8").startswith("---\n")
    assert "not empty" in cli.fails(1, "export-model", folder, result.events[-1]["run"], target)
    assert "There is no run 9" in cli.fails(1, "export-model", folder, "9", tmp_path / "other")


def test_train_reports_calmly_to_people(cli, tmp_path, model):
    folder = make(tmp_path / "pairs", PAIRS)
    result = cli("train", folder, "--model", model, *SETTINGS)
    assert result.status == 0, result.err
    assert "batch_size" in result.out and "Base model" in result.out and "Model: " in result.out
    assert "\r" not in result.out  # no moving line where there is no terminal
    assert "Step " in result.out and "Finished after" in result.out


def test_a_quick_look_says_that_it_is_one(cli, tmp_path, model):
    folder = make(tmp_path / "words", SCORED)
    result = cli("train", folder, "--model", model, "--preset", "quick", "--set", "precision=fp32", "--json")
    assert result.status == 0, result.err
    assert any("quick look" in event["text"] for event in result.events if event["event"] == "notice")
    (run,) = (folder / "runs").glob("0001-*")
    assert json.loads((run / "spec.json").read_text())["preset"] == "quick"


def test_train_beside_an_open_window(cli, tmp_path, model):
    folder = make(tmp_path / "words", SCORED)
    with Project.open(folder):
        result = cli("train", folder, "--model", model, *SETTINGS, "--set", "holdout=0", "--json")
    assert result.status == 0, result.err
    assert result.events[-1]["event"] == "finished"


def test_a_model_that_is_none(cli, tmp_path, trained):
    folder, _ = trained
    (tmp_path / "nothing").mkdir()
    sentence = cli.fails(1, "train", folder, "--model", tmp_path / "nothing")
    assert "not a sentence-transformers model" in sentence
    assert "no model" in cli.fails(1, "train", folder, "--model", tmp_path / "missing")
    assert [run["status"] for run in cli("runs", folder, "--json").json].count("finished") == 1


def test_no_room_ends_the_stream_with_failed(cli, tmp_path, model, monkeypatch):
    from core.training import job

    def full(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    monkeypatch.setattr(job, "run_project", full)
    folder = make(tmp_path / "words", SCORED)
    assert "space" in cli.fails(1, "train", folder, "--model", model)


def start(folder: Path, model: Path, *words: object) -> subprocess.Popen[str]:
    line, environment = command("train", folder, "--model", model, *words, "--json")
    return subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(process: subprocess.Popen[str], event: str) -> list[dict]:
    seen = []
    for line in process.stdout:
        seen.append(json.loads(line))
        if seen[-1]["event"] == event:
            return seen
    raise AssertionError(f"no {event}: {seen} {process.stderr.read()}")


@pytest.mark.skipif(os.name != "posix", reason="a signal to one process")
def test_ctrl_c_stops_and_keeps(tmp_path, model):
    from sentence_transformers import SentenceTransformer

    folder = make(tmp_path / "words", SCORED)
    with start(
        folder, model, "--set", "epochs=5000", "--set", "batch_size=8", "--set", "holdout=0"
    ) as process:
        wait_for(process, "step")
        process.send_signal(signal.SIGINT)
        asked = time.monotonic()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert time.monotonic() - asked < 30
    last = json.loads(out.splitlines()[-1])
    assert last["event"] == "finished" and last["stopped"] is True
    assert SentenceTransformer(last["model"], device="cpu").encode(["a"]).shape == (1, 32)
    assert "Traceback" not in err


@pytest.mark.skipif(os.name != "posix", reason="a signal to one process")
def test_a_reader_that_goes_away_stops_and_keeps(cli, tmp_path, model):
    folder = make(tmp_path / "words", SCORED)
    with start(
        folder, model, "--set", "epochs=5000", "--set", "batch_size=8", "--set", "holdout=0"
    ) as process:
        wait_for(process, "step")
        process.stdout.close()
        err = process.stderr.read()
        process.wait(60)
    assert process.returncode == 0 and "Traceback" not in err and "Broken" not in err
    (run,) = cli("runs", folder, "--json").json
    assert run["status"] == "stopped" and Path(run["model"]).is_dir()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_a_killed_run_is_resumed(cli, tmp_path, model):
    folder = make(tmp_path / "words", SCORED)
    settings = ("--set", "epochs=40", "--set", "batch_size=8", "--set", "holdout=0.25")
    with start(folder, model, *settings) as process:
        wait_for(process, "checkpoint")
        process.kill()
        process.communicate(timeout=60)
    (run,) = cli("runs", folder, "--json").json
    assert (run["status"], run["resumable"]) == ("interrupted", True)
    result = cli("train", folder, "--resume", "1", "--json")
    assert result.status == 0, result.err
    told = [event["step"] for event in result.events if event["event"] == "step"]
    assert told == list(range(1, result.events[-1]["steps"] + 1)) and result.events[-1]["event"] == "finished"
    log = (folder / "runs" / run["run"] / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in log] == result.events
    (again,) = cli("runs", folder, "--json").json
    assert (again["status"], again["resumable"]) == ("finished", False)
    assert "nothing to resume" in cli.fails(1, "train", folder, "--resume", "1")
    assert "There is no run 9" in cli.fails(1, "train", folder, "--resume", "9")
    assert "its own settings" in cli.fails(2, "train", folder, "--resume", "1", "--set", "epochs=3")
    assert "its own settings" in cli.fails(2, "train", folder, "--resume", "1", "--preset", "quick")
    assert "--resume RUN" in cli("train", "--help").out
