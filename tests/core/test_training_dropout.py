"""A run without dropout: nothing random in a step, and the saved model as configured before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from sentence_transformers import SentenceTransformer

from core.dataset.formats import Format
from core.training import dropout
from core.training.events import StepEvent
from tests.core import tiny_model
from tests.core.training_support import examples, run, spec


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_model.build(tmp_path / "model")


def test_nothing_is_left_to_chance(model: Path) -> None:
    loaded = SentenceTransformer(str(model), device="cpu").train()
    for part in loaded.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.5
    features = loaded.preprocess(["red dress", "blue coat"])
    assert not torch.equal(*(loaded(dict(features))["sentence_embedding"] for _ in range(2)))
    assert dropout.settle(loaded, "model") == 0.5
    assert dropout.settle(loaded, dropout.OFF) == 0.0
    assert torch.equal(*(loaded(dict(features))["sentence_embedding"] for _ in range(2)))


def test_packed_and_stock_forward_give_the_same_losses_step_by_step(model: Path, tmp_path: Path) -> None:
    rows = examples(Format.TRIPLETS, 24)
    rows = [*rows, *rows]  # repetitions are where the packed forward would draw fewer masks
    losses = []
    for packed in (True, False):
        folder = tmp_path / f"run-{packed}"
        folder.mkdir()
        _, told = run(spec(folder, model, Format.TRIPLETS, rows, dropout="off", packed=packed, epochs=2))
        losses.append([event.loss for event in told.of(StepEvent)])
    assert len(losses[0]) == 24
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_the_saved_model_keeps_its_configuration(model: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    finished, _ = run(spec(tmp_path / "run", model, Format.PAIRS, examples(Format.PAIRS, 8), dropout="off"))
    before, after = (
        json.loads(next(folder.rglob("config.json")).read_text()) for folder in (model, Path(finished.model))
    )
    assert {key: value for key, value in after.items() if "dropout" in key} == {
        key: value for key, value in before.items() if "dropout" in key
    }
