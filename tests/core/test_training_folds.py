"""Cross-validation: folds share no text, every row is measured by a model that has not seen it, and a killed one goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset.folds import fold, units
from core.dataset.formats import Example, Format
from core.dataset.normalise import normalise
from core.errors import Cancelled
from core.training import fold_files, fold_scores
from core.training.events import (
    BaselineEvent,
    CrossValidationEvent,
    EvaluationEvent,
    FinishedEvent,
    ProgressEvent,
    StepEvent,
)
from core.training.pausing import Pause
from tests.core import tiny_model, training_support
from tests.core.training_support import examples


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return tiny_model.build(tmp_path_factory.mktemp("fold-models") / "tiny")


def run(folder: Path, tiny: Path, format: Format = Format.SCORED, rows: int = 20, **more):
    asked = training_support.spec(
        folder, tiny, format, examples(format, rows), **{"folds": 4, "epochs": 3, "keep": "safe", **more}
    )
    return training_support.run(asked)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=60), st.integers(2, 10)
)
@settings(max_examples=60, deadline=None)
def test_folds_share_no_text_and_use_every_row(pairs, count):
    rows = [Example((f"a{one}", f"b{other}"), float(one % 2)) for one, other in pairs]
    found = fold(rows, Format.SCORED, count, 7)
    assert found == fold(rows, Format.SCORED, count, 7)
    if not found.count:
        return
    assert set(found.of_row) == set(range(found.count)) and found.count <= count
    if found.grouped_by == "text":
        for number in range(found.count):
            inside, outside = set(), set()
            for row, place in zip(rows, found.of_row, strict=True):
                (inside if place == number else outside).update(normalise(text) for text in row.texts)
            assert not inside & outside
    else:
        assert found.notes


def test_rows_marked_train_are_never_held_out_and_classes_are_spread():
    rows = examples(Format.SCORED, 40)
    marked = [replace(row, split="train") if number < 8 else row for number, row in enumerate(rows)]
    found = fold(marked, Format.SCORED, 5, 1)
    assert found.of_row[:8] == [-1] * 8 and -1 not in found.of_row[8:]
    ones = [sum(rows[i].score == 1 for i in range(40) if found.of_row[i] == n) for n in range(5)]
    assert max(ones) - min(ones) <= 1 and units(rows)[1] == "text"


@pytest.mark.parametrize("format", [Format.SCORED, Format.PAIRS, Format.TRIPLETS])
def test_a_run_trains_on_all_rows_and_is_judged_out_of_fold(tmp_path, tiny, format):
    finished, told = run(tmp_path, tiny, format, blend="auto")
    names = [name for name in told.names if name not in ("notice", "checkpoint")]
    first = [name for number, name in enumerate(names) if name not in names[:number]]
    assert first == ["recipe", "baseline", "step", "progress", "cross_validation", "finished"]
    (base,) = told.of(BaselineEvent)
    (found,) = told.of(CrossValidationEvent)
    steps = told.of(StepEvent)
    assert base.rows == found.rows == 20 and base.value == found.base and found.folds == 4
    assert len(found.points) == 2 * 5 and not told.of(EvaluationEvent)
    assert len(steps) == 15 and finished.steps == 15, "all rows, all epochs"
    assert finished.metrics["rows"] == 20 and finished.metrics["folds"] == 4
    chosen = [point for point in found.points if point["chosen"]]
    if finished.metrics["blend"]:
        (point,) = chosen
        assert (point["epoch"], point["blend"]) == (finished.metrics["epochs"], finished.metrics["blend"])
        assert finished.metrics["best_step"] == 5 * point["epoch"] and finished.metrics["kept"] == "best"
        assert finished.metrics["tuned"] == point["value"] > found.base
    else:
        assert not chosen and finished.metrics["kept"] == "base"
    last = told.of(ProgressEvent)[-1]
    assert last.done == last.total and last.seconds_left == 0


def test_out_of_fold_scores_are_those_of_models_trained_without_the_fold(tmp_path, tiny):
    """The scores of one fold, against a plain run on the other rows."""
    from sentence_transformers import SentenceTransformer, util

    rows = examples(Format.SCORED, 20)
    run(tmp_path / "crossed", tiny, keep="last")
    plan = fold_files.read_plan(tmp_path / "crossed", 20)
    (values,) = fold_files.read_fold(tmp_path / "crossed", 2, (2, 1, len(plan.held(2))))[1:]
    others = training_support.spec(
        tmp_path / "plain", tiny, Format.SCORED, [rows[i] for i in plan.kept(2)], epochs=3
    )
    finished, _ = training_support.run(others)
    model = SentenceTransformer(finished.model, device="cpu")
    held = [rows[i] for i in plan.held(2)]
    expected = util.pairwise_cos_sim(
        model.encode([row.texts[0] for row in held]), model.encode([row.texts[1] for row in held])
    )
    assert values[0] == pytest.approx(expected.tolist(), abs=1e-5)


def test_the_kept_weights_lie_where_the_choice_says(tmp_path, tiny):
    """The same run without cross-validation, moved by hand."""
    from sentence_transformers import SentenceTransformer

    plain, _ = training_support.run(
        training_support.spec(tmp_path / "plain", tiny, Format.SCORED, examples(Format.SCORED, 20), epochs=3)
    )
    crossed, _ = run(tmp_path / "crossed", tiny, keep="last", blend="0.5")
    base, end, kept = (
        SentenceTransformer(str(path), device="cpu").state_dict()
        for path in (tiny, plain.model, crossed.model)
    )
    for name, value in kept.items():
        if value.is_floating_point():
            expected = (base[name] + end[name]) / 2
            assert np.allclose(value, expected, atol=1e-6), name


def test_weights_of_an_earlier_point_are_remembered_or_trained_again(tmp_path, tiny, monkeypatch):
    from safetensors.torch import load_file

    from core.training import crossed, crossing

    monkeypatch.setattr(crossed, "choose", lambda candidates, rows, towards: 1)
    first, _ = run(tmp_path / "remembered", tiny)
    monkeypatch.setattr(crossing, "MOST_MEMORY", 0)
    second, told = run(tmp_path / "again", tiny)
    assert first.metrics["best_step"] == second.metrics["best_step"] == 10
    assert "again" in " ".join(event.text for event in told.of(ProgressEvent))
    one, other = (load_file(Path(found.model) / "model.safetensors") for found in (first, second))
    assert all(np.allclose(one[name], other[name], atol=1e-6) for name in one)


def test_nothing_better_keeps_the_base_model(tmp_path, tiny):
    from safetensors.torch import load_file

    finished, told = run(tmp_path, tiny, learning_rate=1e-12)
    assert "Nothing that was trained was better" in told.notices and finished.metrics["blend"] == 0
    kept, base = (load_file(Path(path) / "model.safetensors") for path in (finished.model, tiny))
    assert all(np.array_equal(kept[name], base[name]) for name in base)
    assert finished.metrics["tuned"] == finished.metrics["base"]


def test_cancelled_in_a_fold_and_stopped_in_a_fold(tmp_path, tiny):
    def cancel(events):
        if any(isinstance(event, ProgressEvent) for event in events):
            raise Cancelled
        return False

    asked = training_support.spec(
        tmp_path / "one", tiny, Format.SCORED, examples(Format.SCORED, 20), folds=4, epochs=3
    )
    with pytest.raises(Cancelled):
        training_support.run(asked, cancel)
    asked = training_support.spec(
        tmp_path / "two", tiny, Format.SCORED, examples(Format.SCORED, 20), folds=4, epochs=3
    )
    finished, told = training_support.run(
        asked, lambda events: any(isinstance(event, ProgressEvent) for event in events)
    )
    assert finished.stopped and finished.steps == 15 and Path(finished.model).is_dir()
    assert finished.metrics["verdict_word"] == "unmeasured" and "before anything was measured" in told.notices


def test_a_run_killed_in_its_folds_goes_on_with_the_next(tmp_path, tiny):
    from core.training import job
    from core.training.spec import Spec

    class Killed(BaseException):
        pass

    def kill(event):
        done = tmp_path / "run" / fold_files.FOLDER / "fold-02.json"
        if isinstance(event, ProgressEvent) and done.exists():
            raise Killed

    from core.training import train
    from core.training.recording import Recorder

    (tmp_path / "run").mkdir()
    whole, _ = run(tmp_path / "whole", tiny)
    asked = training_support.spec(
        tmp_path / "run", tiny, Format.SCORED, examples(Format.SCORED, 20), folds=4, epochs=3, keep="safe"
    )
    asked.save()
    with pytest.raises(Killed), Recorder(tmp_path / "run", kill) as record:
        train(asked, record, lambda: False)
    before = (tmp_path / "run" / fold_files.FOLDER / "fold-01.json").stat().st_mtime_ns
    told = training_support.Told()
    finished = job.resume_run(tmp_path / "run", told, lambda: False, pause=Pause())
    assert (tmp_path / "run" / fold_files.FOLDER / "fold-01.json").stat().st_mtime_ns == before
    assert [event.step for event in told.of(StepEvent)] == list(range(1, 16))
    assert len(told.of(BaselineEvent)) == len(told.of(CrossValidationEvent)) == 1
    assert finished.metrics["tuned"] == pytest.approx(whole.metrics["tuned"], abs=1e-6)
    assert finished.metrics["blend"] == whole.metrics["blend"]
    assert isinstance(told.events[-1], FinishedEvent) and Spec.load(tmp_path / "run").folds == 4


def test_damaged_fold_files_count_as_missing(tmp_path):
    fold_files.write_fold(tmp_path, 0, [[[0.5, float("nan")]]])
    (values,) = fold_files.read_fold(tmp_path, 0, (1, 1, 2))[0]
    assert values[0] == 0.5 and np.isnan(values[1])
    assert fold_files.read_fold(tmp_path, 0, (1, 1, 3)) is None
    path = tmp_path / fold_files.FOLDER / "fold-01.json"
    path.write_text(path.read_text()[:-9])
    assert fold_files.read_fold(tmp_path, 0, (1, 1, 2)) is None and json.dumps(1)
    assert fold_files.read_plan(tmp_path, 3) is None


@given(st.floats(0.05, 30), st.integers(1, 500))
def test_points_end_with_the_run(epochs, steps):
    found = fold_scores.points(epochs, steps)
    assert found[-1] == (steps, epochs) or found[-1][0] == steps
    assert all(place >= epochs / 2 for _, place in found)
    assert [step for step, _ in found] == sorted({step for step, _ in found}) and len(found) <= 6
