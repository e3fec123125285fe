"""Every loss trains every format it is for, as the library's own forward does, and leaves a model that loads."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from core.dataset.formats import DatasetInfo, Example, Format
from core.dataset.stats import describe
from core.errors import UsageError
from core.training import fitting
from core.training.events import StepEvent
from core.training.losses import BY_NAME, LOSSES
from core.training.recipe import make_recipe, to_spec
from tests.core import tiny_model
from tests.core.training_support import examples, run, spec

# The losses that batches of rows in one format try out need no second one.
CASES = [(loss.name, loss.formats[-1]) for loss in LOSSES] + [("GISTEmbedLoss", Format.PAIRS)]
SCORED = DatasetInfo(1, "Scores", Format.SCORED, rows=12)


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """Without dropout, so that two ways to compute a loss give the same."""
    return tiny_model.build(tmp_path_factory.mktemp("calm") / "model", seed=3, dropout=0.0)


def asked(folder, model, name, format, **settings):
    entry = BY_NAME[name]
    parameters = {item.name: item.default for item in entry.parameters}
    if entry.cached:
        parameters["mini_batch_size"] = 2
    negatives = 2 if format is Format.TRIPLETS else 1
    return spec(
        folder,
        model,
        format,
        examples(format, 12 if entry.by_category else 8, negatives),
        loss=name,
        loss_parameters=parameters,
        **settings,
    )


@pytest.mark.parametrize(("name", "format"), CASES)
def test_trains(tmp_path, calm, name, format):
    finished, told = run(asked(tmp_path / "ours", calm, name, format))
    _, stock = run(asked(tmp_path / "stock", calm, name, format, packed=False))
    losses = [step.loss for step in told.of(StepEvent)]
    assert 2 <= len(losses) <= 4 and all(math.isfinite(loss) for loss in losses)
    assert losses == pytest.approx([step.loss for step in stock.of(StepEvent)], rel=1e-4, abs=1e-6)
    assert "slower" not in told.notices
    from sentence_transformers import SentenceTransformer

    assert SentenceTransformer(finished.model, device="cpu").encode(["red hat"]).shape == (1, 32)
    card = (tmp_path / "ours" / "model" / "README.md").read_text(encoding="utf-8")
    assert f"<code>{name}</code>" in card


@pytest.mark.parametrize("name", ["GISTEmbedLoss", "CachedGISTEmbedLoss"])
def test_the_guide_is_told_by_name_and_does_not_learn(tmp_path, calm, name):
    other = tiny_model.build(tmp_path / "guide", seed=9, dropout=0.0)
    first = asked(tmp_path / "base", calm, name, Format.PAIRS)
    second = asked(tmp_path / "other", calm, name, Format.PAIRS)
    second = replace(
        second, loss_parameters={**second.loss_parameters, "guide": str(other), "temperature": 0.1}
    )
    weights = {path: path.read_bytes() for path in other.rglob("*.safetensors")}
    _, told = run(second)
    assert told.of(StepEvent)[0].loss != run(first)[1].of(StepEvent)[0].loss
    card = (tmp_path / "other" / "model" / "README.md").read_text(encoding="utf-8")
    assert '"guide": "guide"' in card and str(tmp_path) not in card and "solatorio2024" in card
    assert weights == {path: path.read_bytes() for path in other.rglob("*.safetensors")}


def test_parts_by_tokens_run_as_the_library_does_and_say_so(tmp_path, calm):
    one = asked(tmp_path / "run", calm, "CachedMultipleNegativesRankingLoss", Format.PAIRS)
    _, told = run(replace(one, loss_parameters={**one.loss_parameters, "mini_batch_num_tokens": 64}))
    assert "slower" in told.notices
    assert all(math.isfinite(step.loss) for step in told.of(StepEvent))


@pytest.mark.parametrize("name", [loss.name for loss in LOSSES if loss.binary])
def test_other_scores_than_0_and_1_are_refused_before_anything_is_written(tmp_path, name):
    rows = [replace(row, score=number / 11) for number, row in enumerate(examples(Format.SCORED, 12))]
    stats = describe(SCORED, rows)
    recipe = make_recipe(SCORED, stats, {"loss": name})
    with pytest.raises(UsageError, match=r"12 different scores") as caught:
        fitting.check(recipe, stats, SCORED)
    assert "CosineSimilarityLoss" in caught.value.hint
    binary = examples(Format.SCORED, 12)
    fitting.check(
        make_recipe(SCORED, describe(SCORED, binary), {"loss": name}), describe(SCORED, binary), SCORED
    )


def test_a_project_with_other_scores_gets_no_run_folder(tmp_path):
    from core.project import Project
    from core.training.job import run_project

    rows = [Example(row.texts, number / 11) for number, row in enumerate(examples(Format.SCORED, 12))]
    with Project.create(tmp_path / "project", "Project") as project:
        project.create_dataset("Scores", Format.SCORED, examples=rows)
        runs = project.runs_folder
    with pytest.raises(UsageError, match="ContrastiveLoss"):
        run_project(
            tmp_path / "project",
            overrides={"loss": "ContrastiveLoss"},
            on_event=lambda event: None,
            should_stop=lambda: False,
        )
    assert not runs.exists() or not any(runs.iterdir())


def test_classes_reach_the_loss_as_whole_numbers():
    from core.training.batches import prepare

    rows, notice = prepare(BY_NAME["OnlineContrastiveLoss"], [("a", "b", 1.0), ("c", "d", 0.0)])
    assert [type(row[-1]) for row in rows] == [int, int] and not notice
    assert prepare(BY_NAME["CosineSimilarityLoss"], [("a", "b", 1.0)])[0] == [("a", "b", 1.0)]


def test_a_large_batch_where_it_is_worked_through_in_parts(tmp_path):
    info = DatasetInfo(1, "Pairs", Format.PAIRS, rows=2_000)
    recipe = make_recipe(
        info, describe(info, examples(Format.PAIRS, 2_000)), {"loss": "CachedMultipleNegativesRankingLoss"}
    )
    assert recipe.value("batch_size") == 256 > make_recipe(info, describe(info, [])).value("batch_size")
    guided = make_recipe(
        info,
        describe(info, examples(Format.PAIRS, 30)),
        {"loss": "GISTEmbedLoss", "loss.guide": str(tmp_path)},
    )
    made = to_spec(guided, tmp_path / "run", info, train_rows=30)
    assert made.loss_parameters["guide"] == str(tmp_path.resolve())
    assert json.dumps(made.loss_parameters)


def test_what_a_dot_model_is_told():
    def notice(name, **parameters):
        made = replace(SPEC, loss=name, format=BY_NAME[name].formats[0], loss_parameters=parameters)
        return fitting.similarity_notice(made, "dot")

    from core.training.spec import Spec

    SPEC = Spec("run", Format.SCORED, "random", "CoSENTLoss")
    assert "scale=1" in notice("CoSENTLoss", similarity_fct="pairwise_cos_sim")
    assert "EUCLIDEAN" in notice("OnlineContrastiveLoss", distance_metric="COSINE_DISTANCE")
    assert "CoSENTLoss" in notice("CosineSimilarityLoss")
    assert "MultipleNegativesRankingLoss" in notice("GISTEmbedLoss", guide="base")
    assert not notice("TripletLoss", distance_metric="EUCLIDEAN")
    assert not notice("AnglELoss", scale=20.0)
    assert not fitting.similarity_notice(SPEC, "cosine")


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("GISTEmbedLoss", True),
        ("GISTEmbedLoss", False),
        ("CachedGISTEmbedLoss", True),
        ("CachedMultipleNegativesRankingLoss", False),
    ],
)
def test_too_little_memory_halves_what_is_worked_through(tmp_path, calm, monkeypatch, name, packed):
    from core.training import stepwise

    plain = stepwise.StepwiseTrainer.compute_loss
    failed = []

    def scarce(self, *arguments, **named):
        if not failed:
            failed.append(1)
            raise RuntimeError("DefaultCPUAllocator: not enough memory")
        return plain(self, *arguments, **named)

    _, calmly = run(asked(tmp_path / "calm", calm, name, Format.PAIRS, packed=packed))
    monkeypatch.setattr(stepwise.StepwiseTrainer, "compute_loss", scarce)
    if packed and BY_NAME[name].cached:  # in parts already: `cached` is what runs
        from core.training import parts

        whole = parts.cached

        def full(*arguments):
            if not failed:
                failed.append(1)
                raise RuntimeError("DefaultCPUAllocator: not enough memory")
            return whole(*arguments)

        monkeypatch.setattr(parts, "cached", full)
    _, told = run(asked(tmp_path / "scarce", calm, name, Format.PAIRS, packed=packed))
    assert failed and "in parts of" in told.notices
    same = [step.loss for step in told.of(StepEvent)] == pytest.approx(
        [step.loss for step in calmly.of(StepEvent)], rel=1e-4
    )
    assert same is ("stays the same" in told.notices)
    assert same or (name == "GISTEmbedLoss" and not packed)
