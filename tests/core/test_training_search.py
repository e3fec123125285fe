"""The search of the preset Thorough: never worse than the recipe by the rows that choose, honest, repeatable, and not lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.dataset.formats import Format
from core.training import resuming, search_record, search_space, trial_choice
from core.training.choice import Candidate
from core.training.events import (
    CrossValidationEvent,
    EvaluationEvent,
    ProgressEvent,
    RecipeEvent,
    StepEvent,
)
from core.training.scores import RowScores
from core.training.spec import Spec
from tests.core import tiny_model, training_support
from tests.core.training_support import examples


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return tiny_model.build(tmp_path_factory.mktemp("search-models") / "tiny")


def asked(folder: Path, tiny: Path, **more) -> Spec:
    values = {"folds": 2, "epochs": 2, "keep": "safe", "search_minutes": 5, "search_trials": 3, **more}
    spec = training_support.spec(folder, tiny, Format.SCORED, examples(Format.SCORED, 16), **values)
    spec.save()
    return spec


def trials(folder: Path) -> dict:
    return json.loads((folder / "search" / "trials.json").read_text())


@pytest.fixture(scope="module")
def whole(tiny, tmp_path_factory):
    """A run with a search of three trials that nobody disturbed."""
    folder = tmp_path_factory.mktemp("search-runs") / "whole"
    spec = asked(folder, tiny)
    finished, told = training_support.run(spec)
    return spec, folder, finished, told


def test_a_search_tries_the_recipe_first_and_trains_with_the_best(whole):
    spec, folder, finished, told = whole
    record = trials(folder)
    first = record["trials"][0]
    assert record["done"] and len(record["trials"]) == 3
    assert first["settings"] == search_space.settings_of(spec) and first["finished"]
    best = record["trials"][record["winner"]]
    used = Spec.load(folder)
    assert search_space.settings_of(used) == best["settings"] and best["value"] >= first["value"]
    told_rates = [event.settings["learning_rate"]["value"] for event in told.of(RecipeEvent)]
    assert told_rates == [spec.learning_rate, best["settings"]["learning_rate"]]
    assert told.names.index("notice") > told.names.index("recipe", 1), "a window begins anew with the recipe"
    progress = [event for event in told.of(ProgressEvent) if event.phase == "Search"]
    assert progress[-1].total == 3 and "best so far" in progress[-1].text
    assert any(event.seconds_left for event in progress)
    assert told.of(StepEvent) and told.of(CrossValidationEvent) and finished.metrics["rows"] == 16
    searched = finished.metrics["search"]
    assert searched["trials"] == sum(item["finished"] for item in record["trials"])
    assert 0 < searched["seconds"] < finished.seconds
    phases = {event.phase for event in told.of(ProgressEvent) if event.text}
    assert phases == {"Search"}, "the folds of the best trial are not trained again"


def test_a_search_keeps_to_its_time(tmp_path, tiny):
    spec = asked(tmp_path, tiny, search_trials=0, search_minutes=0.5 / 60, epochs=200)
    searching = []

    def stop_soon(event):
        searching.append(isinstance(event, StepEvent))

    finished, told = training_support.run(spec, stop_when=lambda events: any(searching), watch=stop_soon)
    assert finished.metrics["search"]["seconds"] < 10
    assert trials(tmp_path)["trials"] == [
        {"settings": search_space.settings_of(spec), "value": None, "finished": False}
    ]
    assert "No trial of the search was finished" in told.notices and "More search time" in told.notices
    assert Spec.load(tmp_path).learning_rate == spec.learning_rate


def test_a_search_that_is_done_is_not_repeated(whole, tmp_path, tiny):
    folder = tmp_path / "run"
    shutil.copytree(whole[1], folder)
    record = trials(folder)
    unfinished = {"settings": record["trials"][0]["settings"], "value": None, "finished": False}
    changed = {**record, "trials": [*record["trials"], unfinished]}
    (folder / "search/trials.json").write_text(json.dumps(changed))
    shutil.rmtree(folder / "model")
    finished, told = training_support.run(Spec.load(folder))
    assert trials(folder) == changed and not [e for e in told.of(ProgressEvent) if e.phase == "Search"]
    assert finished.metrics["tuned"] == whole[2].metrics["tuned"]
    assert finished.metrics["verdict"] == whole[2].metrics["verdict"]


def test_a_damaged_record_is_no_record(tmp_path):
    record = search_record.Record(
        [search_record.Tried({"learning_rate": 1e-5, "loss": "X", "loss_parameters": {}})]
    )
    record.write(tmp_path)
    assert search_record.read(tmp_path) == search_record.Record()
    (tmp_path / "trials.json").write_text("[" * 100_000)
    assert search_record.read(tmp_path) == search_record.Record()


def test_where_rows_are_held_out_they_choose_nothing(tmp_path, tiny):
    rows = examples(Format.SCORED, 32)
    spec = training_support.spec(
        tmp_path, tiny, Format.SCORED, rows[:24], rows[24:], epochs=1, search_minutes=5, search_trials=2
    )
    finished, told = training_support.run(spec)
    held = {text for row in rows[24:] for text in row.texts}
    assert told.of(EvaluationEvent) and finished.metrics["rows"] == 8 and not told.of(CrossValidationEvent)
    scored = json.loads((tmp_path / "search/trial-00/cross-validation/fold-01.json").read_text())["values"]
    assert len(scored[0][0]) == 4, "a sixth of the rows that are trained on"
    assert held


def test_the_chosen_settings_are_those_of_the_run(tmp_path, tiny):
    rows = examples(Format.SCORED, 16)
    spec = training_support.spec(
        tmp_path, tiny, Format.SCORED, rows[:12], rows[12:], epochs=1, search_minutes=5
    )
    spec.save()
    better = {"learning_rate": 2e-4, "loss": "CoSENTLoss", "loss_parameters": {}}
    tried = [
        search_record.Tried(settings, value, True)
        for settings, value in ((search_space.settings_of(spec), 0.1), (better, 0.9))
    ]
    search_record.Record(tried, 9.0, True, 1, "2 settings tried.").write(tmp_path / "search")
    finished, told = training_support.run(spec)
    used = Spec.load(tmp_path)
    assert search_space.settings_of(used) == better
    assert "2 settings" in used.reasons["loss"] and used.sources["learning_rate"] == "search"
    assert "2 settings tried." in told.notices and finished.metrics["search"] == {"trials": 2, "seconds": 9.0}
    last = told.of(RecipeEvent)[-1]
    assert last.settings["loss"]["value"] == "CoSENTLoss" and told.of(StepEvent)[0].learning_rate <= 2e-4
    card = (Path(finished.model) / "README.md").read_text()
    assert "CoSENTLoss" in card and "0.0002" in card


def test_stopping_the_search_trains_the_best_found_so_far(tmp_path, tiny):
    class Stop:
        asked = False
        heeded = 0

        def __call__(self):
            return self.asked

        def again(self):
            self.asked, self.heeded = False, self.heeded + 1

    stop = Stop()

    def listen(event):
        if isinstance(event, ProgressEvent) and "Trial 2" in event.text:
            stop.asked = True

    told = training_support.Told(watch=listen)
    from core.training import train

    finished = train(asked(tmp_path, tiny, search_trials=9), told, stop)
    assert stop.heeded == 1 and not finished.stopped and finished.steps == 8
    assert "search was stopped" in told.notices
    assert [item["finished"] for item in trials(tmp_path)["trials"]] == [True, False]


def test_a_search_that_was_killed_goes_on(whole, tmp_path, tiny):
    class Killed(BaseException):
        pass

    def kill(event):
        if isinstance(event, ProgressEvent) and "Trial 3" in event.text:
            raise Killed

    spec = asked(tmp_path / "run", tiny)
    with pytest.raises(Killed):
        training_support.run(spec, watch=kill)
    first = (tmp_path / "run/search/trial-00/cross-validation/fold-01.json").stat().st_mtime_ns
    finished, _ = training_support.run(Spec.load(tmp_path / "run"))
    assert (tmp_path / "run/search/trial-00/cross-validation/fold-01.json").stat().st_mtime_ns == first
    assert trials(tmp_path / "run")["trials"] == trials(whole[1])["trials"], "the same seed tries the same"
    assert finished.metrics["tuned"] == whole[2].metrics["tuned"]


def test_the_space_is_around_the_recipe():
    own = {"learning_rate": 2e-5, "loss": "CoSENTLoss", "loss_parameters": {"scale": 10.0}}
    low, high = search_space.rates(own)
    assert low == pytest.approx(4e-6) and high == pytest.approx(1e-4)
    names = search_space.losses(own, Format.SCORED, dot=False)
    assert names[0] == "CoSENTLoss" and len(names) == 3
    assert search_space.losses(own, Format.SCORED, dot=True) == ["CoSENTLoss"]
    assert search_space.chosen(own, Format.SCORED, 1e-5, "CoSENTLoss")["loss_parameters"] == {"scale": 10.0}
    assert search_space.chosen(own, Format.SCORED, 1e-5, "AnglELoss")["loss_parameters"] == {}


def test_the_choice_of_a_trial_is_judged_without_its_luck():
    generator = np.random.default_rng(0)
    plain, honest = [], []
    for _ in range(10):
        found = [
            [
                Candidate(0, 0.0, RowScores(np.full(60, -9.0))),
                Candidate(4, 1.0, RowScores(generator.normal(size=60))),
            ]
            for _ in range(30)
        ]
        plain.append(found[trial_choice.best(found)][1].scores.metric())
        honest.append(trial_choice.judged(found).metric())
    assert np.mean(plain) > 0.2 and abs(np.mean(honest)) < 0.12
    equal = [[Candidate(4, 1.0, RowScores(np.ones(4)))] for _ in range(3)]
    assert trial_choice.best(equal) == 0, "the recipe's own is the first"


def test_a_trial_must_beat_the_recipe_by_more_than_chance():
    generator = np.random.default_rng(1)
    own = generator.normal(size=50)
    luck, gain = own + generator.normal(scale=0.5, size=50), own + 0.5 + generator.normal(scale=0.1, size=50)
    luck += own.mean() + 0.02 - luck.mean()
    found = [[Candidate(4, 1.0, RowScores(values))] for values in (own, luck, gain)]
    assert trial_choice.best(found[:2]) == 0 and trial_choice.best(found) == 2


def test_categories_are_trained_without_a_search(tmp_path, tiny):
    from core.project import Project
    from core.training import job

    with Project.create(tmp_path / "project", "Demo") as project:
        project.create_dataset("Kinds", Format.CATEGORIES, examples=examples(Format.CATEGORIES, 12))
    told = training_support.Told()
    wanted = {"search_minutes": 5, "epochs": 1, "base_model": str(tiny)}
    finished = job.run_project(
        tmp_path / "project", overrides=wanted, on_event=told, should_stop=told.should_stop, threads=1
    )
    assert "no settings are tried out" in told.notices and "search" not in finished.metrics
    assert not told.of(ProgressEvent)


def test_a_resumed_run_says_that_its_search_is_kept(tmp_path):
    settings = {"learning_rate": 1e-5, "loss": "CoSENTLoss", "loss_parameters": {}}
    search_record.Record([search_record.Tried(settings, 0.5, True)]).write(tmp_path / "search")
    (tmp_path / "events.jsonl").write_text("")
    assert resuming.prepare(tmp_path).notice.endswith("What its search has tried is kept.")
