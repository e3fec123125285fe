"""Adapters in place of the weights: the model that is kept is a plain one, and a run goes on as if it had not been interrupted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core.dataset.formats import DatasetInfo, Format
from core.dataset.stats import describe
from core.training import saving
from core.training.events import EvaluationEvent, StepEvent
from core.training.recipe import make_recipe, to_spec
from tests.core.test_training_resume import go, losses, make, resume
from tests.core.training_support import examples, run, spec

TEXTS = ["red dress", "coat 7", "silk and a velvet hat"]


def load(folder):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def test_the_kept_model_is_a_plain_one_with_the_adapters_in_its_weights(tmp_path, tiny_model):
    asked = spec(
        tmp_path / "run",
        tiny_model,
        Format.TRIPLETS,
        examples(Format.TRIPLETS, 24),
        examples(Format.TRIPLETS, 20, start=300),
        lora=4,
        epochs=2,
        learning_rate=2e-2,
        keep="best",
        dropout="off",
    )
    looked = []

    def watch(event):
        if isinstance(event, EvaluationEvent):
            looked.extend(path.name for path in (tmp_path / "run").rglob("*adapter*"))

    finished, told = run(asked, watch=watch)
    seen = [step.loss for step in told.of(StepEvent)]
    assert len(seen) == 12 and np.mean(seen[-4:]) < np.mean(seen[:4])
    assert "Adapters of rank 4 beside 6 layers" in told.notices
    files = [path.name for path in Path(finished.model).rglob("*")]
    assert not looked and not any("adapter" in name for name in files)
    base, tuned = (
        load_file(str(folder / "model.safetensors")) for folder in (tiny_model, Path(finished.model))
    )
    assert base.keys() == tuned.keys()
    changed = {name for name, weight in base.items() if not torch.equal(weight, tuned[name])}
    assert len(changed) == 6 and all(name.endswith("weight") and "embeddings" not in name for name in changed)
    from core.training.evaluation import Evaluator

    rows = [row.texts for row in examples(Format.TRIPLETS, 20, start=300)]
    again = Evaluator(Format.TRIPLETS, rows, lambda: False).measure(load(finished.model))
    best = next(event for event in reversed(told.of(EvaluationEvent)) if event.best)
    assert again.value == pytest.approx(best.value)
    card = (Path(finished.model) / "README.md").read_text(encoding="utf-8")
    assert "Adapters of rank 4" in card and "lora_A" not in card


def test_looking_at_the_whole_model_changes_nothing(tiny_model):
    from core.training.adapters import Adapters

    model = load(tiny_model).eval()
    before = model.encode(TEXTS)
    names, grads = list(model.state_dict()), [weight.requires_grad for weight in model.parameters()]
    adapters = Adapters(model, 4, seed=1)
    np.testing.assert_allclose(model.encode(TEXTS), before, atol=1e-6)
    with torch.no_grad():
        for weight in adapters.state().values():
            weight.normal_(0, 0.05)
    weights = {name: weight.clone() for name, weight in model.state_dict().items()}
    moved = model.encode(TEXTS)
    assert np.abs(moved - before).max() > 1e-2
    with adapters.whole(), adapters.whole():
        assert list(model.state_dict()) == names
        np.testing.assert_allclose(model.encode(TEXTS), moved, atol=1e-5)
    assert all(torch.equal(weight, model.state_dict()[name]) for name, weight in weights.items())
    adapters.remove()
    assert list(model.state_dict()) == names
    assert [weight.requires_grad for weight in model.parameters()] == grads
    np.testing.assert_allclose(model.encode(TEXTS), moved, atol=1e-5)


def test_a_run_with_adapters_goes_on_as_if_nothing_had_happened(tmp_path, tiny_model, monkeypatch):
    monkeypatch.setattr(saving, "SPARE", 0.0)
    settings = {"lora": 4, "learning_rate": 2e-2, "dropout": "off"}
    complete, _ = go(make(tmp_path / "whole", tiny_model, **settings))
    go(make(tmp_path / "run", tiny_model, **settings), die_at=15)
    finished, told = resume(tmp_path / "run")
    assert "after step 12" in told.notices and told.notices.count("Adapters of rank") == 1
    np.testing.assert_allclose(losses(tmp_path / "run"), losses(tmp_path / "whole"), atol=1e-5, rtol=0)
    np.testing.assert_allclose(
        load(finished.model).encode(TEXTS), load(complete.model).encode(TEXTS), atol=1e-5
    )


def test_the_recipe_raises_the_rate(tmp_path):
    info = DatasetInfo(1, "Pairs", Format.PAIRS)
    stats = describe(info, examples(Format.PAIRS, 40))
    recipe = make_recipe(info, stats, {"lora": "8"})
    assert recipe.value("lora") == 8 and recipe.value("learning_rate") == 2e-4
    assert to_spec(recipe, tmp_path, info, train_rows=30).lora == 8
    assert make_recipe(info, stats).value("lora") == 0


def test_folds_have_their_own_adapters_and_leave_a_plain_model(tmp_path, tiny_model):
    rows = examples(Format.SCORED, 20)
    asked = spec(
        tmp_path / "run",
        tiny_model,
        Format.SCORED,
        rows,
        lora=4,
        folds=2,
        keep="best",
        learning_rate=2e-2,
        epochs=3,
    )
    asked.save()
    finished, told = run(asked)
    assert told.notices.count("Adapters of rank") == 1
    assert finished.metrics["rows"] == 20 and finished.metrics["tuned"] is not None
    names = load_file(str(Path(finished.model) / "model.safetensors")).keys()
    assert names == load_file(str(tiny_model / "model.safetensors")).keys()
