"""What a run hands over: never less than the base model, and a point between both where that is better."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer

from core.dataset.formats import Example, Format
from core.training import blending, saving
from core.training.evaluation import Measurement
from core.training.events import BaselineEvent, EvaluationEvent
from core.training.keeping import Keeper
from core.training.scores import RowScores
from core.training.settling import Settling
from tests.core import tiny_model
from tests.core.test_training_resume import go, make, resume
from tests.core.training_support import examples, run, spec, text

SCORED = examples(Format.SCORED, 24)
HELD = examples(Format.SCORED, 12, start=500)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_model.build(tmp_path / "model")


def weights(folder: Path | str) -> dict[str, torch.Tensor]:
    return load_file(str(next(Path(folder).rglob("model.safetensors"))))


def place(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    return folder


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("format", [Format.SCORED, Format.TRIPLETS, Format.PAIRS])
def test_what_is_handed_over_is_never_worse_than_the_base_model(model, tmp_path, format, seed):
    asked = spec(
        place(tmp_path, "run"),
        model,
        format,
        examples(format, 16),
        examples(format, 10, start=700),
        learning_rate=0.05,
        seed=seed,
        keep="safe",
        blend="auto",
    )
    finished, told = run(asked)
    metrics = finished.metrics
    assert metrics["tuned"] >= metrics["base"]
    if metrics["kept"] == "base":
        assert metrics["best_step"] == 0
        assert metrics["verdict_word"] == "base"
        assert "base model is kept" in told.notices
        assert "Nothing beat the base model" in (Path(finished.model) / "README.md").read_text()
        for name, value in weights(model).items():
            assert torch.equal(value, weights(finished.model)[name])


def test_the_base_model_is_kept_where_nothing_beat_it_and_not_where_the_best_was_asked_for(model, tmp_path):
    # the held-out rows are taught the wrong way round
    train = [Example((text(n), text(n + 100)), float(n % 2)) for n in range(12)]
    held = [Example((text(n), text(n + 100)), float((n + 1) % 2)) for n in range(12)]
    kept = {}
    for keep in ("safe", "best", "last"):
        asked = spec(
            place(tmp_path, keep),
            model,
            Format.SCORED,
            train,
            held,
            learning_rate=0.02,
            epochs=4,
            keep=keep,
            blend="1",
        )
        finished, told = run(asked)
        kept[keep] = finished.metrics
        last = told.of(EvaluationEvent)[-1]
        if keep == "last":
            assert finished.metrics["tuned"] == last.value
            assert finished.metrics["best_step"] == finished.steps
    assert kept["safe"]["kept"] == "base"
    assert kept["best"]["kept"] == "best"
    assert kept["best"]["tuned"] <= kept["best"]["base"]
    assert kept["last"]["kept"] == "last"


def test_a_point_of_the_line_is_kept_and_said_so(model, tmp_path):
    asked = spec(
        place(tmp_path, "run"), model, Format.SCORED, SCORED, HELD, blend="0.5", keep="last", epochs=1
    )
    finished, told = run(asked)
    whole, _ = run(spec(place(tmp_path, "whole"), model, Format.SCORED, SCORED, HELD, keep="last", epochs=1))
    base, tuned, half = weights(model), weights(whole.model), weights(finished.model)
    name = next(name for name in base if name.endswith("query.weight"))
    assert torch.allclose(half[name], (base[name] + tuned[name]) / 2, atol=1e-7)
    assert finished.metrics["blend"] == 0.5
    assert "0.5 of the way" in told.notices
    loaded = SentenceTransformer(finished.model, device="cpu")
    assert loaded.encode(["red dress"]).shape == (1, 32)


def test_of_points_as_good_as_each_other_the_usual_one_is_kept(model, tmp_path):
    def measured(right: int) -> Measurement:
        scores = RowScores((np.arange(40) < right).astype(float))
        return Measurement("accuracy", "Accuracy", right / 40, 40, {}, "", {}, scores)

    loaded = SentenceTransformer(str(model), device="cpu")

    def kept(labels: int, right: dict[float, int] | None = None) -> float:
        asked = spec(tmp_path, model, Format.SCORED, SCORED, keep="safe", blend="1")
        settling = Settling(asked, loaded, Keeper(loaded, tmp_path), labels)
        points = {1.0: 36, 0.25: 35, 0.5: 36, 0.75: 36, 1.25: 37} | (right or {})
        return settling._preferred({at: measured(n) for at, n in points.items()}, measured(20))

    assert kept(40) == 0.5
    assert kept(400) == 0.75
    assert kept(400, {0.75: 20}) == 0.5  # no better than the base model
    assert kept(400, {0.25: 21, 0.5: 21, 0.75: 21, 1.0: 21}) == 1.25
    assert kept(400, dict.fromkeys((0.25, 0.5, 0.75, 1.0), 19) | {1.25: 22}) == 0  # beyond the end by luck


def test_the_line_is_exact_at_its_ends(model):
    loaded = SentenceTransformer(str(model), device="cpu")
    base = blending.copied(loaded)
    with torch.no_grad():
        for weight in loaded.parameters():
            weight.add_(torch.randn_like(weight))
    tuned = blending.copied(loaded)
    for factor, wanted in ((0, base), (1, tuned)):
        blending.put(loaded, base, tuned, factor)
        for name, value in loaded.state_dict().items():
            assert torch.equal(value, wanted[name])


def test_a_resumed_run_keeps_the_same(model, tmp_path, monkeypatch):
    monkeypatch.setattr(saving, "SPARE", 0.0)
    settings = {"keep": "safe", "blend": "auto"}
    whole, _ = go(make(tmp_path / "whole", model, **settings))
    go(make(tmp_path / "again", model, **settings), die_at=15)
    again, _ = resume(tmp_path / "again")
    for key in ("tuned", "base", "best_step", "kept", "blend", "verdict", "verdict_word"):
        assert again.metrics[key] == whole.metrics[key], key


def test_groups_are_told_with_the_baseline_and_with_every_evaluation(model, tmp_path):
    finished, told = run(spec(place(tmp_path, "run"), model, Format.SCORED, SCORED, HELD))
    names = ["score 0", "score 1"]
    assert [group["name"] for group in told.of(BaselineEvent)[0].groups] == names
    assert [group["name"] for group in told.of(EvaluationEvent)[-1].groups] == names
    assert [group["name"] for group in finished.metrics["groups"]] == names
    assert {"base", "tuned", "rows"} <= set(finished.metrics["groups"][0])
