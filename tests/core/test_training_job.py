"""From a project to a run on disk: the right rows on both sides, every event in the file, every failure one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.dataset.formats import DatasetInfo, Example, Format
from core.dataset.normalise import normalise
from core.errors import AnchorLabError, Cancelled, DataProblem, DiskFull, TrainingProblem, UsageError
from core.project import Project
from core.training import job, runs
from core.training.events import FailedEvent, FinishedEvent, RecipeEvent, StepEvent
from tests.core.training_support import Told, examples

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def make(tmp_path):
    def make(format: Format, rows: list[Example], recipe: dict | None = None) -> Path:
        folder = tmp_path / "project"
        with Project.create(folder, "Demo") as project:
            project.create_dataset("My rows", format, examples=rows)
            if recipe:
                project.set_recipe(recipe)
        return folder

    return make


def run(folder, told=None, **overrides):
    told = told or Told()
    return job.run_project(
        folder, overrides=overrides, on_event=told, should_stop=told.should_stop, threads=1
    ), told


def test_a_project_becomes_a_run_whose_file_has_every_event(make, tiny_model):
    folder = make(Format.PAIRS, examples(Format.PAIRS, 50), {"epochs": 2, "batch_size": 8})
    finished, told = run(folder, base_model=str(tiny_model), learning_rate="1e-3")
    (listed,) = runs.list_runs(folder)
    assert runs.read_events(listed.folder) == told.events
    assert (listed.status, listed.name, listed.finished) == ("finished", "0001-my-rows", finished)
    assert listed.model == Path(finished.model)
    recipe = told.of(RecipeEvent)[0]
    assert recipe.settings["epochs"] == {
        "value": 2,
        "reason": "Set in this project; automatic would be 10.",
        "source": "project",
    }
    assert recipe.settings["learning_rate"]["source"] == "user"
    assert recipe.train_rows + recipe.holdout_rows == 50
    assert recipe.total_steps == finished.steps == len(told.of(StepEvent))
    assert listed.spec is not None
    assert (listed.spec.epochs, listed.spec.project_name) == (2, "Demo")
    second, _ = run(folder, base_model=str(tiny_model), epochs=1)
    assert second.run == "0002-my-rows"
    assert Path(finished.model).is_dir()


def test_the_snapshot_is_exactly_the_rows_and_no_text_is_on_both_sides(make, tiny_model):
    import pyarrow.parquet as parquet

    rows = examples(Format.PAIRS, 60)
    # Ten anchors stand in three rows each, in changing capitals.
    rows += [Example((rows[n].texts[0].upper(), f"other {n} {m}")) for n in range(10) for m in range(2)]
    folder = make(Format.PAIRS, rows, {"holdout": 0.25, "epochs": 1})
    finished, told = run(folder, base_model=str(tiny_model))
    data = Path(finished.model).parent / "data"
    train = parquet.read_table(data / "train.parquet").to_pylist()
    held = parquet.read_table(data / "holdout.parquet").to_pylist()
    assert list(train[0]) == ["anchor", "positive"]
    assert sorted((row["anchor"], row["positive"]) for row in train + held) == sorted(
        row.texts for row in rows
    )
    sides = [{normalise(text) for row in side for text in row.values()} for side in (train, held)]
    assert not sides[0] & sides[1]
    assert 0.15 <= len(held) / len(rows) <= 0.35
    ids = json.loads((data / "ids.json").read_text(encoding="utf-8"))
    assert len(ids["train"]) == len(train) and len(ids["holdout"]) == len(held)
    assert told.of(RecipeEvent)[0].holdout_rows == len(held)


def test_rows_without_a_score_are_left_out_and_marked_rows_are_the_hold_out(make, tiny_model):
    rows = examples(Format.SCORED, 30)
    rows = [
        Example(row.texts, None if n < 5 else row.score, split="eval" if n >= 20 else "")
        for n, row in enumerate(rows)
    ]
    folder = make(Format.SCORED, rows)
    finished, told = run(folder, base_model=str(tiny_model), epochs=1)
    recipe = told.of(RecipeEvent)[0]
    assert (recipe.train_rows, recipe.holdout_rows) == (15, 10)
    assert "5 of 30 rows have no score" in told.notices
    assert "marked eval" in told.notices
    assert finished.metrics["rows"] == 10


@pytest.mark.parametrize(
    ("rows", "overrides", "error", "words"),
    [
        ([], {}, DataProblem, "no rows"),
        ([Example(("a", "b"))], {}, DataProblem, "at least"),
        ([Example(("a", "b")), Example(("", "c"))] * 3, {}, DataProblem, "empty cell"),
        (examples(Format.PAIRS, 6), {"bach": "1"}, UsageError, "Valid keys"),
        (examples(Format.PAIRS, 6), {"loss": "TripletLoss"}, UsageError, "Valid values"),
    ],
)
def test_what_cannot_start_says_why_and_leaves_no_folder(make, rows, overrides, error, words):
    folder = make(Format.PAIRS, rows)
    told = Told()
    with pytest.raises(error) as caught:
        run(folder, told, **overrides)
    assert words.lower() in str(caught.value).lower()
    assert told.events == []
    assert runs.list_runs(folder) == []


def test_a_run_that_fails_says_so_in_its_events(make):
    folder = make(Format.PAIRS, examples(Format.PAIRS, 6))
    told = Told()
    with pytest.raises(AnchorLabError, match="no model"):
        run(folder, told, base_model="nobody/nothing")
    assert told.names == ["failed"]
    (listed,) = runs.list_runs(folder)
    assert listed.status == "failed"
    assert listed.failed is not None and "nobody/nothing" in listed.failed.message


def test_a_surprise_inside_the_libraries_is_one_sentence_with_the_report_kept(make, tiny_model, monkeypatch):
    from core.training import trainer

    def surprise(*arguments):
        raise ZeroDivisionError("a stray zero\nand more")

    monkeypatch.setattr(trainer.Run, "_train", surprise)
    folder = make(Format.PAIRS, examples(Format.PAIRS, 6))
    told = Told()
    with pytest.raises(TrainingProblem, match="a stray zero") as caught:
        run(folder, told, base_model=str(tiny_model))
    assert "\n" not in caught.value.message
    assert "ZeroDivisionError" in told.of(FailedEvent)[0].details
    assert runs.list_runs(folder)[0].status == "failed"


def test_discarding_is_told_and_leaves_no_weights(make, tiny_model):
    folder = make(Format.PAIRS, examples(Format.PAIRS, 12))

    def discard(events):
        if isinstance(events[-1], StepEvent):
            raise Cancelled
        return False

    told = Told(stop_when=discard)
    with pytest.raises(Cancelled):
        run(folder, told, base_model=str(tiny_model))
    assert told.of(FailedEvent)[0].discarded
    (listed,) = runs.list_runs(folder)
    assert listed.status == "failed" and listed.model is None
    assert not list(listed.folder.rglob("*.safetensors"))


def test_a_full_disk_is_told_and_nothing_before_is_lost(make, tiny_model, monkeypatch):
    from core.training import data

    folder = make(Format.PAIRS, examples(Format.PAIRS, 12))
    finished, _ = run(folder, base_model=str(tiny_model), epochs=1)

    def full(*arguments):
        raise DiskFull("There is no disk space left to write it.", "Free some space.")

    monkeypatch.setattr(data, "_write_rows", full)
    told = Told()
    with pytest.raises(DiskFull):
        run(folder, told, base_model=str(tiny_model), epochs=1)
    assert told.names == ["failed"]
    assert [item.status for item in runs.list_runs(folder)] == ["failed", "finished"]
    assert Path(finished.model).is_dir()


def test_a_given_folder_is_used_but_never_overwritten(make, tiny_model, tmp_path):
    folder = make(Format.PAIRS, examples(Format.PAIRS, 6))
    told = Told()
    target = tmp_path / "elsewhere" / "run"
    for attempt in range(2):
        arguments = {
            "overrides": {"base_model": str(tiny_model), "epochs": 1},
            "run_dir": target,
            "threads": 1,
        }
        if attempt == 0:
            finished = job.run_project(folder, **arguments, on_event=told, should_stop=told.should_stop)
            assert Path(finished.model) == target.resolve() / "model"
        else:
            with pytest.raises(TrainingProblem, match="never overwritten"):
                job.run_project(folder, **arguments, on_event=told, should_stop=told.should_stop)


def test_a_killed_trainer_leaves_an_interrupted_run(make, tiny_model):
    folder = make(Format.PAIRS, examples(Format.PAIRS, 60))
    code = (
        "import sys, pathlib\n"
        "from core.training import job\n"
        "from core.training.events import StepEvent\n"
        "def told(event):\n"
        "    if isinstance(event, StepEvent): print(event.step, flush=True)\n"
        "job.run_project(pathlib.Path(sys.argv[1]), overrides={'base_model': sys.argv[2], 'epochs': 5000},\n"
        "                on_event=told, should_stop=lambda: False, threads=1)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(folder), str(tiny_model)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert child.stdout is not None
        told = 0
        for line in child.stdout:
            told = int(line)
            if told == 3:
                assert runs.list_runs(folder)[0].status == "running"
            if told >= 5:
                break
    finally:
        child.kill()
        child.wait(timeout=20)
        child.stdout.close()
    (listed,) = runs.list_runs(folder)
    assert listed.status == "interrupted"
    assert listed.steps >= told, "every step that was told is in the file"
    assert listed.model is None


def test_importing_training_does_not_import_torch():
    code = (
        "import sys\n"
        "from core.training import train\n"
        "import core.training.job, core.training.recipe, core.training.runs, core.training.losses\n"
        "import core.models.catalogue, core.models.loading\n"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'datasets', 'pandas', 'pyarrow'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_dataset_can_be_chosen(make, tiny_model):
    folder = make(Format.PAIRS, [])
    with Project.open(folder) as project:
        change = project.create_dataset("Triplets", Format.TRIPLETS, examples=examples(Format.TRIPLETS, 9))
        (chosen,) = change.dataset_ids
    planned = job.plan(folder)
    assert isinstance(planned.info, DatasetInfo) and planned.info.id == chosen
    with pytest.raises(DataProblem, match="no dataset 99"):
        job.plan(folder, 99)
    told = Told()
    overrides = {"base_model": str(tiny_model), "epochs": 1}
    finished = job.run_project(
        folder, dataset_id=chosen, overrides=overrides, on_event=told, should_stop=told.should_stop, threads=1
    )
    assert isinstance(finished, FinishedEvent) and finished.run == "0001-triplets"
