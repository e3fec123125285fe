"""Shorter embeddings: the loss of the library at every length, the figures at every length, and what is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from core.dataset.formats import DatasetInfo, Format
from core.dataset.stats import describe
from core.errors import UsageError
from core.models import catalogue
from core.training import fitting, matryoshka
from core.training.events import BaselineEvent, EvaluationEvent, StepEvent
from core.training.losses import BY_NAME
from core.training.recipe import make_recipe, to_spec
from tests.core import tiny_model
from tests.core.training_support import examples, run, spec


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    return tiny_model.build(tmp_path_factory.mktemp("calm") / "model", seed=3, dropout=0.0)


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("CachedMultipleNegativesRankingLoss", Format.PAIRS),
        ("GISTEmbedLoss", Format.TRIPLETS),
        ("BatchSemiHardTripletLoss", Format.CATEGORIES),
    ],
)
def test_every_length_is_trained_as_the_library_does_and_measured(tmp_path, calm, name, format):
    def asked(folder, **settings):
        parameters = {item.name: item.default for item in BY_NAME[name].parameters}
        if BY_NAME[name].cached:
            parameters["mini_batch_size"] = 2
        made = spec(
            tmp_path / folder,
            calm,
            format,
            examples(format, 12),
            examples(format, 9, start=300),
            loss=name,
            loss_parameters=parameters,
            matryoshka="8, 16,32",
            **settings,
        )
        return run(made)

    finished, told = asked("ours")
    _, stock = asked("stock", packed=False)
    losses = [step.loss for step in told.of(StepEvent)]
    assert losses == pytest.approx([step.loss for step in stock.of(StepEvent)], rel=1e-4, abs=1e-6)
    assert all(math.isfinite(loss) for loss in losses) and "slower" not in told.notices
    metric = told.of(BaselineEvent)[0].metric
    for event in (told.of(BaselineEvent)[0], told.of(EvaluationEvent)[-1]):
        assert {f"{metric}_16", f"{metric}_8"} <= set(event.metrics) and f"{metric}_32" not in event.metrics
        assert event.metrics[f"{metric}_8"] is not None
    card = (tmp_path / "ours" / "model" / "README.md").read_text(encoding="utf-8")
    for words in ("<code>MatryoshkaLoss</code>", f'"loss": "{name}"', "kusupati2024", f"{metric}_8"):
        assert words in card
    from sentence_transformers import SentenceTransformer

    assert SentenceTransformer(finished.model, device="cpu", truncate_dim=8).encode(["red"]).shape == (1, 8)


def test_a_figure_is_that_of_the_model_with_embeddings_cut(tmp_path, calm):
    from sentence_transformers import SentenceTransformer

    from core.training.evaluation import Evaluator

    rows = [(*row.texts, row.score) for row in examples(Format.SCORED, 30)]
    whole = Evaluator(Format.SCORED, rows, lambda: False, lengths=[8]).measure(
        SentenceTransformer(str(calm), device="cpu")
    )
    cut = Evaluator(Format.SCORED, rows, lambda: False).measure(
        SentenceTransformer(str(calm), device="cpu", truncate_dim=8)
    )
    assert whole.metrics["spearman_cosine_8"] == pytest.approx(cut.value) != whole.value


def test_lengths_that_the_model_cannot_have_are_refused(tmp_path, calm):
    info = DatasetInfo(1, "Scores", Format.SCORED)
    stats = describe(info, examples(Format.SCORED, 30))

    def check(**overrides):
        recipe = make_recipe(info, stats, {"base_model": str(calm), **overrides})
        fitting.check(recipe, stats, info)
        return recipe

    with pytest.raises(UsageError, match="33: the model's embeddings have 32"):
        check(matryoshka="16,33")
    with pytest.raises(UsageError, match="256,128,64"):
        check(matryoshka="many")
    with pytest.raises(UsageError, match="even lengths"):
        check(matryoshka="15", loss="AnglELoss")
    made = to_spec(check(matryoshka="16"), tmp_path, info, train_rows=20)
    assert made.matryoshka == "16"
    rows = examples(Format.SCORED, 8)
    with pytest.raises(UsageError, match="0: the model"):
        run(replace(spec(tmp_path / "run", calm, Format.SCORED, rows), matryoshka="0"))


def test_how_long_embeddings_are_is_read_from_the_files(tmp_path, calm):
    dense = tiny_model.build(tmp_path / "dense", dense=12)
    assert [matryoshka.dimension(str(name)) for name in (calm, dense, tmp_path, "some/model")] == [
        32,
        12,
        0,
        0,
    ]
    assert matryoshka.dimension(catalogue.EMBEDDED) == 384
    assert matryoshka.lengths("64, 256,64") == [256, 64] and matryoshka.lengths("") == []
