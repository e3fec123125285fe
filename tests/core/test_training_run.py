"""Whole runs on a tiny model: every step told truly, the base measured first, the best weights kept, stopping at once."""

from __future__ import annotations

import math
import shutil

import numpy as np
import pytest
import torch

from core.dataset.formats import Example, Format, training_columns
from core.errors import Cancelled, DiskFull, TrainingProblem
from core.training import train
from core.training.events import (
    BaselineEvent,
    CheckpointEvent,
    EvaluationEvent,
    FinishedEvent,
    RecipeEvent,
    StepEvent,
)
from core.training.remaining import AFTER
from tests.core.training_support import Told, examples, run, spec

TEXTS = ["red dress 1", "blue coat", "a silk hat and a velvet shoe 77"]


def plain(path):
    """The model as anybody would load it."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(path), device="cpu", local_files_only=True)


@pytest.mark.parametrize(
    ("format", "loss", "negatives"),
    [
        (Format.SCORED, "CosineSimilarityLoss", 1),
        (Format.SCORED, "CoSENTLoss", 1),
        (Format.PAIRS, "MultipleNegativesRankingLoss", 1),
        (Format.TRIPLETS, "MultipleNegativesRankingLoss", 2),
        (Format.TRIPLETS, "TripletLoss", 1),
    ],
)
def test_each_step_has_the_loss_and_rate_of_the_stock_trainer(tmp_path, format, loss, negatives):
    """Without dropout: the packed forward embeds a text once where the stock one embeds every copy, so they draw it differently."""
    from tests.core import tiny_model as models

    tiny_model = models.build(tmp_path / "base", seed=1, dropout=0.0)
    rows = examples(format, 18, negatives)
    settings = {
        "loss": loss,
        "epochs": 2,
        "warmup_steps": 3,
        "seed": 7,
        "weight_decay": 0.1,
    }
    finished, told = run(spec(tmp_path / "run", tiny_model, format, rows, **settings))
    steps = told.of(StepEvent)
    assert [step.step for step in steps] == list(range(1, 11))
    assert told.names[0] == "recipe"
    assert told.names[-1] == "finished"
    assert told.of(RecipeEvent)[0].total_steps == finished.steps == 10

    losses, rates, model = stock(tmp_path / "stock", tiny_model, rows, format, negatives, loss)
    np.testing.assert_allclose([step.loss for step in steps], losses, rtol=1e-5)
    np.testing.assert_allclose([step.learning_rate for step in steps], rates, rtol=1e-6, atol=1e-12)
    assert all(
        step.grad_norm is not None and step.memory > 0 and step.examples_per_second > 0 for step in steps
    )
    assert steps[-1].seconds_left >= AFTER, "the model is still to be written"
    # No hold-out: the last weights are the model, the same ones that the stock script ends with.
    ours, theirs = plain(finished.model).encode(TEXTS), model.encode(TEXTS)
    if loss == "TripletLoss":
        # Distances do not change when all embeddings move together, so the last bias gets a gradient of rounding errors alone,
        # which AdamW scales up to whole steps: a shift that is common to all embeddings is free.
        ours, theirs = ours - ours[0], theirs - theirs[0]
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def stock(folder, base, rows, format, negatives, loss):
    """What the plain sentence-transformers script with the same settings does; losses and rates of every step."""
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer import losses as library
    from transformers import TrainerCallback

    from core.training.data import row_of

    model = plain(base)
    columns = training_columns(format, negatives)
    data = {name: [row_of(format, row)[slot] for row in rows] for slot, name in enumerate(columns)}
    in_batch = loss == "MultipleNegativesRankingLoss"
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=4,
        num_train_epochs=2,
        learning_rate=1e-3,
        warmup_steps=3,
        weight_decay=0.1,
        seed=7,
        use_cpu=True,
        batch_sampler="no_duplicates" if in_batch else "batch_sampler",
        logging_steps=1,
        disable_tqdm=True,
        dataloader_pin_memory=False,
        save_strategy="no",
        report_to="none",
    )
    seen = []

    class Watch(TrainerCallback):
        def on_log(self, args, state, control, logs=None, **kwargs):
            if "loss" in logs:
                seen.append((logs["loss"], logs["learning_rate"]))

    trainer = SentenceTransformerTrainer(
        model,
        arguments,
        train_dataset=Dataset.from_dict(data),
        loss=getattr(library, loss)(model),
        callbacks=[Watch()],
    )
    trainer.train()
    return [loss for loss, _ in seen], [rate for _, rate in seen], model


def test_the_baseline_is_what_the_evaluator_says_about_the_base_model(tmp_path, tiny_model):
    from sentence_transformers.sentence_transformer import evaluation as library

    rows, held = examples(Format.SCORED, 8), examples(Format.SCORED, 12, start=500)
    _, told = run(spec(tmp_path / "scored", tiny_model, Format.SCORED, rows, held, epochs=1))
    pairs = [[row.texts[slot] for row in held] for slot in (0, 1)]
    judge = library.EmbeddingSimilarityEvaluator(*pairs, [row.score for row in held], write_csv=False)
    expected = judge(plain(tiny_model))
    base = told.of(BaselineEvent)[0]
    assert (base.metric, base.title, base.rows, base.step) == ("spearman_cosine", "Hold-out Spearman", 12, 0)
    assert base.value == pytest.approx(expected["spearman_cosine"], abs=1e-6)
    assert base.metrics["pearson_cosine"] == pytest.approx(expected["pearson_cosine"], abs=1e-5)
    assert 0 <= base.metrics["cosine_ap"] <= 1, "labels of 0 and 1 are also judged as two classes"
    assert told.names.index("baseline") < told.names.index("step")

    rows, held = examples(Format.TRIPLETS, 8), examples(Format.TRIPLETS, 11, start=500)
    _, told = run(spec(tmp_path / "triplets", tiny_model, Format.TRIPLETS, rows, held, epochs=1))
    columns = [[row.texts[slot] for row in held] for slot in range(3)]
    expected = library.TripletEvaluator(*columns, write_csv=False)(plain(tiny_model))
    assert told.of(BaselineEvent)[0].value == pytest.approx(expected["cosine_accuracy"])

    rows, held = examples(Format.PAIRS, 8), examples(Format.PAIRS, 40, start=500)
    _, told = run(spec(tmp_path / "pairs", tiny_model, Format.PAIRS, rows, held, epochs=1))
    questions = {f"q{n}": row.texts[0] for n, row in enumerate(held)}
    answers = {f"d{n}": row.texts[1] for n, row in enumerate(held)}
    relevant = {f"q{n}": {f"d{n}"} for n in range(len(held))}
    judge = library.InformationRetrievalEvaluator(questions, answers, relevant, write_csv=False)
    expected = judge(plain(tiny_model))
    base = told.of(BaselineEvent)[0]
    assert base.value == pytest.approx(expected["cosine_ndcg@10"], abs=1e-6)
    assert base.metrics["cosine_mrr@10"] == pytest.approx(expected["cosine_mrr@10"], abs=1e-6)
    assert base.metrics["cosine_paired_accuracy"] == pytest.approx(paired_by_hand(tiny_model, held), abs=1e-6)


def paired_by_hand(path, held):
    model = plain(path)
    matrix = model.similarity(*(model.encode([row.texts[slot] for row in held]) for slot in (0, 1))).numpy()
    return np.mean([(matrix[i, i] > np.delete(matrix[i], i)).mean() for i in range(len(held))])


def test_row_scores_average_to_the_metric(tmp_path, tiny_model):
    """The comparison row by row must be about the same thing as the metric."""
    from core.training.evaluation import Evaluator

    model = plain(tiny_model)
    rows = [(row.texts[0], row.texts[1]) for row in examples(Format.PAIRS, 40)]
    rows += [(rows[0][0], rows[1][1]), (rows[2][0], rows[3][1])]  # anchors with two right answers
    found = Evaluator(Format.PAIRS, rows, lambda: False).measure(model)
    assert found.per_row.values.mean() == pytest.approx(found.value, abs=1e-6)
    triplets = [row.texts for row in examples(Format.TRIPLETS, 20, negatives=3)]
    found = Evaluator(Format.TRIPLETS, triplets, lambda: False).measure(model)
    assert found.per_row.values.mean() == pytest.approx(found.value, abs=1e-6)
    assert len(found.per_row.values) == found.rows == 20


@pytest.fixture(scope="module")
def measured(tmp_path_factory, tiny_model):
    """A run that is measured after every second step, with the base model already good at nothing."""
    folder = tmp_path_factory.mktemp("measured") / "run"
    rows, held = examples(Format.TRIPLETS, 40), examples(Format.TRIPLETS, 30, start=17)
    kept = {}
    asked = spec(
        folder, tiny_model, Format.TRIPLETS, rows, held, epochs=2, eval_steps=4, evaluation_name="final"
    )

    def watch(event):
        if isinstance(event, CheckpointEvent) and event.kind == "best":
            kept[event.step] = plain(folder / event.path).encode(TEXTS)

    finished, told = run(asked, watch=watch)
    return finished, told, kept, folder


def test_the_kept_model_is_the_best_checkpoint(measured):
    finished, told, kept, folder = measured
    evaluations = told.of(EvaluationEvent)
    assert [event.step for event in evaluations] == [4, 8, 12, 16, 20]
    best = max(evaluations, key=lambda event: event.value)
    assert finished.metrics["best_step"] == best.step
    assert finished.metrics["tuned"] == best.value
    assert [event.step for event in evaluations if event.best][-1] == best.step
    assert finished.model == str(folder / "model")
    np.testing.assert_allclose(plain(finished.model).encode(TEXTS), kept[best.step], atol=1e-6)
    assert not (folder / "checkpoints").exists()
    assert sorted(path.name for path in folder.iterdir()) == ["data", "model"]
    assert not list((folder / "model").rglob("*.bin"))


def test_the_end_says_base_tuned_rows_and_a_verdict(measured):
    finished, told, _, _ = measured
    metrics = finished.metrics
    assert metrics["metric"] == "cosine_accuracy"
    assert metrics["title"] == "final triplet accuracy"
    assert metrics["name"] == "final"
    assert metrics["base"] == told.of(BaselineEvent)[0].value
    assert metrics["rows"] == 30
    assert metrics["final_loss"] == told.of(StepEvent)[-1].loss
    assert "30 held-out rows" in metrics["verdict"]
    assert metrics["verdict_word"] in ("better", "worse", "unclear")
    beaten = metrics["tuned"] > metrics["base"]
    assert beaten != ("No checkpoint was better than the base model" in told.notices)


def test_the_card_is_beside_the_model(measured):
    finished, _, _, folder = measured
    card = (folder / "model" / "README.md").read_text(encoding="utf-8")
    assert "TripletLoss" in card
    assert "final_cosine_accuracy" in card
    assert finished.metrics["verdict"][:40] in card
    assert str(folder) not in card


def test_nothing_held_out_means_no_measurement_and_the_last_weights(tmp_path, tiny_model):
    finished, told = run(spec(tmp_path, tiny_model, Format.PAIRS, examples(Format.PAIRS, 9), epochs=1))
    base = told.of(BaselineEvent)[0]
    assert (base.metric, base.value, base.rows) == ("", None, 0)
    assert told.of(EvaluationEvent) == []
    assert finished.metrics["base"] is None
    assert "not known" in finished.metrics["verdict"]


def test_one_score_in_the_hold_out_is_undefined_not_a_number(tmp_path, tiny_model):
    held = [Example(row.texts, 1.0) for row in examples(Format.SCORED, 4, start=900)]
    finished, told = run(
        spec(tmp_path, tiny_model, Format.SCORED, examples(Format.SCORED, 8), held, epochs=1)
    )
    base = told.of(BaselineEvent)[0]
    assert base.value is None
    assert "same score" in base.note
    assert finished.metrics["tuned"] is None
    assert "undefined" in finished.metrics["verdict"]
    assert finished.steps == finished.metrics["best_step"] == 2
    assert (tmp_path / "model" / "modules.json").exists()


def test_a_dot_product_model_is_measured_by_dot_product(tmp_path):
    from tests.core import tiny_model

    base = tiny_model.build(tmp_path / "dot", seed=3, similarity="dot")
    rows, held = examples(Format.TRIPLETS, 8), examples(Format.TRIPLETS, 6, start=300)
    asked = spec(
        tmp_path / "run",
        base,
        Format.TRIPLETS,
        rows,
        held,
        loss="MultipleNegativesRankingLoss",
        loss_parameters={"similarity_fct": "cos_sim"},
    )
    finished, told = run(asked)
    assert finished.metrics["metric"] == "dot_accuracy"
    assert plain(finished.model).similarity_fn_name == "dot"
    assert "loss.similarity_fct=dot_score" in told.notices
    assert "Dot Product" in (tmp_path / "run" / "model" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("stop_at", [1, 3])
def test_stopping_takes_effect_after_the_step_and_keeps_its_weights(tmp_path, tiny_model, stop_at):
    rows = examples(Format.PAIRS, 40)
    finished, told = run(
        spec(tmp_path / "stopped", tiny_model, Format.PAIRS, rows, epochs=3),
        lambda events: any(isinstance(event, StepEvent) and event.step == stop_at for event in events),
    )
    assert len(told.of(StepEvent)) == finished.steps == stop_at
    assert finished.stopped
    assert plain(finished.model).encode(TEXTS).shape == (3, 32)


def test_stopping_after_a_measurement_keeps_the_best_measured_weights(tmp_path, tiny_model):
    rows, held = examples(Format.TRIPLETS, 24), examples(Format.TRIPLETS, 9, start=17)
    kept = []

    def watch(event):
        if isinstance(event, CheckpointEvent) and event.kind == "best":
            kept.append(plain(tmp_path / "run" / event.path).encode(TEXTS))

    def stop(events):
        return isinstance(events[-1], StepEvent) and events[-1].step == 3

    asked = spec(tmp_path / "run", tiny_model, Format.TRIPLETS, rows, held, epochs=5, eval_steps=2)
    finished, _ = run(asked, stop, watch)
    assert finished.stopped
    assert finished.metrics["best_step"] == 2
    np.testing.assert_allclose(plain(finished.model).encode(TEXTS), kept[0], atol=1e-6)


def test_stopping_inside_an_evaluation_does_not_wait_for_its_end(tmp_path, tiny_model, monkeypatch):
    from core.training import embedder

    monkeypatch.setattr(embedder, "CHUNK", 2)
    rows, held = examples(Format.TRIPLETS, 8), examples(Format.TRIPLETS, 20, start=100)
    asked = []

    def stop(events):
        if events and isinstance(events[-1], StepEvent) and events[-1].step == 2:
            asked.append(1)
            return len(asked) > 3  # once after the step, then between chunks of the evaluation
        return False

    finished, told = run(spec(tmp_path / "later", tiny_model, Format.TRIPLETS, rows, held, epochs=9), stop)
    assert (finished.steps, finished.stopped) == (2, True)
    assert told.of(EvaluationEvent) == []
    assert len(asked) == 4

    finished, told = run(
        spec(tmp_path / "first", tiny_model, Format.TRIPLETS, rows, held), lambda events: told_recipe(events)
    )
    assert told.of(BaselineEvent) == told.of(StepEvent) == []
    assert finished.steps == 0
    assert "base model" in told.notices
    np.testing.assert_allclose(
        plain(finished.model).encode(TEXTS), plain(tiny_model).encode(TEXTS), atol=1e-6
    )


def told_recipe(events):
    return any(isinstance(event, RecipeEvent) for event in events)


def test_cancelled_leaves_no_model(tmp_path, tiny_model):
    def discard(events):
        if isinstance(events[-1], StepEvent):
            raise Cancelled
        return False

    with pytest.raises(Cancelled):
        run(spec(tmp_path, tiny_model, Format.PAIRS, examples(Format.PAIRS, 8)), discard)
    assert not (tmp_path / "model").exists()


def test_a_loss_that_is_not_finite_is_told_as_none_and_never_kept(tmp_path, tiny_model):
    broken = tmp_path / "broken"
    shutil.copytree(tiny_model, broken)
    from safetensors.torch import load_file, save_file

    weights = load_file(broken / "model.safetensors")
    weights["embeddings.LayerNorm.weight"] *= float("nan")
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    asked = spec(tmp_path / "run", broken, Format.PAIRS, examples(Format.PAIRS, 12))
    told = Told()
    with pytest.raises(TrainingProblem, match="step 1"):
        train(asked, told, told.should_stop)
    steps = told.of(StepEvent)
    assert [(step.loss, step.grad_norm) for step in steps] == [(None, None)]
    assert not (tmp_path / "run" / "model").exists()


def test_triplet_loss_takes_several_negatives_one_at_a_time(tmp_path, tiny_model):
    rows = examples(Format.TRIPLETS, 6, negatives=3)
    finished, told = run(spec(tmp_path, tiny_model, Format.TRIPLETS, rows, loss="TripletLoss"))
    assert finished.steps == math.ceil(18 / 4)
    assert "6 rows became 18 triplets" in told.notices


def test_a_row_left_over_is_not_a_batch_for_losses_that_compare_within_it(tmp_path, tiny_model):
    finished, told = run(spec(tmp_path, tiny_model, Format.PAIRS, examples(Format.PAIRS, 9)))
    assert finished.steps == 2
    assert "leave one over" in told.notices
    assert all(step.loss > 0 for step in told.of(StepEvent))


def test_one_text_in_most_rows_is_drawn_plainly_and_said(tmp_path, tiny_model):
    rows = [Example((("the same" if n % 4 else f"red {n}"), f"blue {n}")) for n in range(40)]
    finished, told = run(spec(tmp_path, tiny_model, Format.PAIRS, rows))
    assert finished.steps == 10
    assert "the same" in told.notices
    assert all(step.loss > 0 for step in told.of(StepEvent)), "no batch of one row"


def test_warm_up_never_exceeds_the_run(tmp_path, tiny_model):
    asked = spec(tmp_path, tiny_model, Format.SCORED, examples(Format.SCORED, 8), warmup_steps=10_000)
    _, told = run(asked)
    rates = [step.learning_rate for step in told.of(StepEvent)]
    assert rates == pytest.approx([0.0, 5e-4])
    assert "10,000 warm-up steps" in told.notices


def test_bf16_on_a_cpu_trains_and_fp16_says_that_it_did_not_run(tmp_path, tiny_model):
    rows = examples(Format.SCORED, 8)
    held = examples(Format.SCORED, 6, start=70)
    finished, told = run(spec(tmp_path / "bf16", tiny_model, Format.SCORED, rows, held, precision="bf16"))
    if not torch.cuda.is_available() and not torch.backends.mps.is_available():
        assert told.of(RecipeEvent)[0].precision == "bf16"
        assert plain(finished.model)[0].model.dtype == torch.float32
        _, told = run(spec(tmp_path / "fp16", tiny_model, Format.SCORED, rows, precision="fp16"))
        assert told.of(RecipeEvent)[0].precision == "fp32"
        assert "fp16 needs" in told.notices


def test_a_full_disk_is_one_sentence_and_leaves_no_half_model(tmp_path, tiny_model, monkeypatch):
    from sentence_transformers import SentenceTransformer

    def full(self, path, **options):
        from pathlib import Path

        Path(path).mkdir(parents=True)
        (Path(path) / "model.safetensors").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SentenceTransformer, "save_pretrained", full)
    with pytest.raises(DiskFull, match="no disk space left"):
        run(spec(tmp_path, tiny_model, Format.SCORED, examples(Format.SCORED, 4)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoints", "data"]


def test_part_of_an_epoch(tmp_path, tiny_model):
    finished, told = run(spec(tmp_path, tiny_model, Format.SCORED, examples(Format.SCORED, 40), epochs=0.3))
    assert finished.steps == told.of(RecipeEvent)[0].total_steps == 3


def test_the_embedded_model_learns_thirty_one_rows(tmp_path):
    rows = [Example((f"{a} look", f"{b} item {a}"), float(a == b)) for a in "abcdef" for b in "abcdef"][:31]
    finished, told = run(
        spec(tmp_path, "all-MiniLM-L6-v2", Format.SCORED, rows, batch_size=16, learning_rate=5e-5, epochs=2)
    )
    losses = [step.loss for step in told.of(StepEvent)]
    assert len(losses) == 4
    assert losses[-1] < losses[0]
    model = plain(finished.model)
    assert [type(part).__name__ for part in model] == ["Transformer", "Pooling", "Normalize"]
    assert "sentence-transformers/all-MiniLM-L6-v2" in (tmp_path / "model" / "README.md").read_text(
        encoding="utf-8"
    )
    assert isinstance(told.events[-1], FinishedEvent)


@pytest.mark.parametrize(
    ("asked", "device", "able", "used", "told"),
    [
        ("auto", "cuda:0", True, "bf16", False),
        ("auto", "cuda:0", False, "fp16", False),
        ("fp16", "cuda:0", True, "fp16", False),
        ("bf16", "cuda:0", False, "fp16", True),
        ("fp32", "cuda:0", True, "fp32", False),
        ("auto", "cpu", False, "fp32", False),
        ("auto", "cpu", True, "bf16", False),
        ("bf16", "cpu", False, "bf16", False),
        ("fp16", "cpu", True, "fp32", True),
        ("auto", "mps", False, "fp32", False),
        ("bf16", "mps", False, "fp32", True),
    ],
)
def test_the_precision_that_runs_and_whether_it_needs_a_word(monkeypatch, asked, device, able, used, told):
    from core.training import precision

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **options: able)
    monkeypatch.setattr(precision, "cpu_gain", lambda: 2.0 if able else 0.4)
    settled, notice = precision.settle(asked, device)
    assert (settled, bool(notice)) == (used, told)
