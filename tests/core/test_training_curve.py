"""The learning curve: fair shares, the same rows measured, an honest sentence, nothing lost when it is cancelled."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.dataset.formats import Example, Format
from core.errors import Cancelled, DataProblem, FileProblem, TrainingProblem
from core.locks import FileLock
from core.project import Project
from core.training import curve_fit, curve_job, curve_record, curve_shares
from core.training.curve_fit import Figure
from core.training.events import LearningCurveEvent, ProgressEvent, as_record, from_record
from core.training.scores import RowScores
from tests.core import tiny_model
from tests.core.training_support import Told, examples

# -- what it says -------------------------------------------------------------------------------------------------


def drawn(values: list[float], noise: float, seed: int = 0) -> np.ndarray:
    return np.array(values) + np.random.default_rng(seed).normal(scale=noise, size=(400, len(values)))


@pytest.mark.parametrize(
    ("values", "noise", "rows", "word"),
    [
        ([0.50, 0.60, 0.66, 0.70], 0.004, 200, "help"),
        ([0.70, 0.70, 0.70, 0.70], 0.001, 200, "flat"),
        ([0.50, 0.60, 0.66, 0.70], 0.2, 200, "unclear"),
        ([0.70, 0.68, 0.66, 0.64], 0.002, 200, "flat"),
        ([0.50, 0.60, 0.66, 0.70], 0.004, 20, "unclear"),
    ],
)
def test_the_sentence_follows_the_figures_and_their_noise(values, noise, rows, word):
    points = [Figure(value, value, value) for value in values]
    found = curve_fit.outlook([50, 100, 150, 200], points, drawn(values, noise), rows)
    assert found.word == word and found.sentence.endswith(".")
    start = {
        "help": "More labels would likely help",
        "flat": "The curve has flattened",
        "unclear": "Cannot tell",
    }
    assert found.sentence.startswith(start[word])


@pytest.mark.parametrize("exponent", [0.2, 0.5, 1.0])
def test_a_power_law_is_followed_to_twice_as_many(exponent):
    labels = np.array([25, 50, 75, 100])
    values = 0.9 - 2 * labels**-exponent
    (gain,) = curve_fit.gains(labels, values[None, :])
    assert gain == pytest.approx(2 * (100**-exponent - 200**-exponent), rel=1e-6)


def test_the_interval_holds_the_luck_of_rows_and_of_trainings():
    generator = np.random.default_rng(3)
    few, many = (
        [[RowScores((generator.random(size) < 0.7).astype(float)) for _ in range(3)]] for size in (40, 4_000)
    )
    (wide,), _ = curve_fit.figures(few)
    (narrow,), _ = curve_fit.figures(many)
    assert wide.low < wide.value < wide.high and wide.high - wide.low > 5 * (narrow.high - narrow.low)


def test_two_shares_are_no_curve():
    points = [Figure(0.5, 0.4, 0.6), Figure(0.6, 0.5, 0.7)]
    assert curve_fit.outlook([5, 10], points, drawn([0.5, 0.6], 0.01), 99).word == "unclear"


# -- what is trained on -------------------------------------------------------------------------------------------


def test_shares_are_nested_and_keep_groups_together():
    rows = [Example((f"anchor {number // 4}", f"text {number}"), number % 2) for number in range(80)]
    found = curve_shares.trainings(rows, Format.SCORED, [list(range(80))], seed=1)
    by_key = {training.key: set(training.rows) for training in found}
    assert len(found) == len(by_key) == 4 * 3, "few rows are drawn three times"
    for draw in range(3):
        quarter, half, most, full = (by_key[f"{share}-{draw}-0"] for share in (25, 50, 75, 100))
        assert quarter < half < most < full == set(range(80)) and len(quarter) == 20
        assert {n // 4 for n in quarter}.isdisjoint({n // 4 for n in full - quarter})
    assert by_key["25-0-0"] != by_key["25-1-0"], "another draw, other rows"
    assert [item.share for item in found[:4]] == [0.25, 0.5, 0.75, 1.0], "every share soon has a figure"
    again = curve_shares.trainings(rows, Format.SCORED, [list(range(80))], seed=1)
    assert again == found


def test_every_share_of_categories_has_pairs_of_each():
    rows = [Example((f"text {number}", f"kind {number % 4}")) for number in range(40)]
    quarter = curve_shares.trainings(rows, Format.CATEGORIES, [list(range(40))], seed=1)[0]
    counts = [sum(rows[place].texts[1] == f"kind {kind}" for place in quarter.rows) for kind in range(4)]
    assert min(counts) >= 2 and sum(counts) == 10


def test_too_few_rows():
    rows = examples(Format.SCORED, 9)
    with pytest.raises(DataProblem, match="too few rows"):
        curve_shares.trainings(rows, Format.SCORED, [list(range(9))], seed=1)


# -- the whole ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return tiny_model.build(tmp_path_factory.mktemp("curve-models") / "tiny")


@pytest.fixture
def make(tmp_path, tiny, monkeypatch):
    for name in ("FEW_ROWS", "SEVERAL_ROWS", "FEW_IN_FOLDS"):
        monkeypatch.setattr(curve_shares, name, 0)  # each share once: it is quicker

    def make(format: Format, count: int) -> tuple[Path, dict]:
        folder = tmp_path / "project"
        with Project.create(folder, "Demo") as project:
            project.create_dataset("My rows", format, examples=examples(format, count))
        return folder, {"base_model": str(tiny), "epochs": 1, "precision": "fp32", "blend": "1"}

    return make


def draw(folder: Path, overrides: dict, told: Told | None = None) -> tuple[LearningCurveEvent, Told]:
    told = told or Told()
    found = curve_job.learning_curve(
        folder, overrides=overrides, on_event=told, should_stop=told.should_stop, threads=1
    )
    return found, told


def test_a_curve_with_a_hold_out_that_is_cancelled_goes_on(make):
    folder, overrides = make(Format.TRIPLETS, 40)
    overrides |= {"holdout": 0.25, "folds": 0}
    told = Told(stop_when=lambda events: sum(isinstance(e, LearningCurveEvent) for e in events) >= 2)
    with pytest.raises(Cancelled):
        draw(folder, overrides, told)
    place = folder / "learning-curve/1"
    begun = json.loads((place / "curve.json").read_text())
    assert len(begun["values"]) == 2 and not begun["result"]["done"] and begun["result"]["word"] == ""
    known = curve_job.known(folder, 1)
    assert known is not None and [point["share"] for point in known.points] == [0.25, 0.5]
    prepared = curve_job.prepare(folder, overrides=overrides)
    assert prepared.left == len(prepared.trainings) - 2 == 2
    found, told = draw(folder, overrides)
    assert found.done and found.trainings == found.total == 4 and found.word and found.sentence
    assert len(told.of(LearningCurveEvent)) == 2 + 1, "the first two are not repeated"
    assert found.rows == 10 and [point["labels"] for point in found.points] == [8, 15, 22, 30]
    assert all(point["low"] <= point["value"] <= point["high"] for point in found.points)
    assert {path.name for path in place.iterdir()} == {"curve.json", ".lock"}
    values = json.loads((place / "curve.json").read_text())["values"]
    assert {name: values[name] for name in begun["values"]} == begun["values"]
    again, told = draw(folder, overrides)
    assert again == found and told.events == [found], "what is known is told at once"


def test_a_curve_without_a_hold_out_measures_every_row_left_out(make, tiny):
    folder, overrides = make(Format.SCORED, 24)
    overrides |= {"folds": 2, "holdout": 0}
    whole, told = draw(folder, overrides)
    assert whole.rows == 24 and whole.title == "Cross-validated Spearman"
    assert [point["labels"] for point in whole.points] == [6, 9, 12] and whole.word == "unclear"
    assert all(point["trainings"] == 1 for point in whole.points), "both folds make one"
    assert whole.total == 2 * 3
    progress = told.of(ProgressEvent)
    assert progress[-1].done == progress[-1].total and any(event.seconds_left for event in progress)
    assert not (folder / "runs").exists()
    with Project.open(folder) as project:
        project.set_cells([(1, "score", 0.5)])
    assert curve_job.prepare(folder, overrides=overrides).left == whole.total, "the rows have changed"
    assert from_record(json.loads(json.dumps(as_record(whole)))) == whole


def test_only_one_at_a_time_and_no_link(make, tmp_path):
    folder, overrides = make(Format.SCORED, 24)
    lock = FileLock(folder / "learning-curve/1" / curve_record.LOCK)
    assert lock.acquire()
    with pytest.raises(TrainingProblem, match="already"):
        draw(folder, overrides)
    lock.release()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/learning-curve").symlink_to(tmp_path)
    with pytest.raises(FileProblem):
        curve_record.place(tmp_path / "elsewhere", 1)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"version": 1}', "[" * 100_000, '{"version": 1, "values": 3}']
)
def test_a_damaged_record_is_no_record(tmp_path, text):
    (tmp_path / "curve.json").write_text(text)
    assert curve_record.read(tmp_path) == curve_record.Record()


def test_the_command_line_draws_it(make, capsys):
    from core.cli import main

    folder, overrides = make(Format.PAIRS, 30)
    words = ["learning-curve", str(folder), "--set", "holdout=0.2", "--set", "folds=0"]
    for name, value in overrides.items():
        words += ["--set", f"{name}={value}"]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "4 of 4 small trainings to do" in shown and "Cannot tell" in shown and "25 %" in shown
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["done"] and len(found["points"]) == 4 and found["word"] == "unclear"
