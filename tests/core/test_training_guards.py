"""A run that goes wrong says so, and what was good is kept: broken losses, too little memory, collapse, overfitting."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.dataset.formats import Format
from core.errors import TrainingProblem
from core.training import guarded, guards, parts
from core.training.evaluation import Measurement
from core.training.events import EvaluationEvent, NoticeEvent, StepEvent
from tests.core.training_support import examples, run, spec

TEXTS = ["red dress 1", "blue coat", "a silk hat and a velvet shoe 77"]


def vectors(path):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(path), device="cpu", local_files_only=True).encode(TEXTS)


def break_loss(monkeypatch, at, value=math.nan, backward=False):
    """From the step `at` on the loss is `value`; with `backward` it is only its gradient that is no number."""
    from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss

    stock, calls = CosineSimilarityLoss.compute_loss_from_embeddings, []

    def computed(self, *arguments, **named):
        if not torch.is_grad_enabled():  # a look at parts of the batch, no step
            return stock(self, *arguments, **named)
        calls.append(1)
        loss = stock(self, *arguments, **named)
        if len(calls) < at:
            return loss
        if backward:
            loss.register_hook(lambda gradient: gradient * math.nan)
            return loss
        return loss + value  # the gradient stays as it is

    monkeypatch.setattr(CosineSimilarityLoss, "compute_loss_from_embeddings", computed)


def scored(folder, model, holdout=True, **settings):
    held = examples(Format.SCORED, 24, start=500) if holdout else []
    return spec(folder, model, Format.SCORED, examples(Format.SCORED, 32), held, epochs=3, **settings)


@pytest.mark.parametrize(("value", "backward"), [(math.nan, False), (math.inf, False), (1.0, True)])
def test_a_broken_step_ends_the_run_and_the_best_measured_weights_are_kept(
    tmp_path, tiny_model, monkeypatch, value, backward
):
    break_loss(monkeypatch, 11, value, backward)
    finished, told = run(scored(tmp_path / "run", tiny_model, eval_steps=5))
    steps = told.of(StepEvent)
    assert [event.step for event in steps] == list(range(1, 12)), "not one step more"
    assert [event.loss is None for event in steps] == [False] * 10 + [True]
    evaluations = told.of(EvaluationEvent)
    assert [event.step for event in evaluations] == [5, 10]
    best = max(evaluations, key=lambda event: event.value)
    assert (finished.metrics["best_step"], finished.metrics["tuned"]) == (best.step, best.value)
    assert "step 11 is not a finite number" in told.notices
    assert np.isfinite(vectors(finished.model)).all()


def test_where_nothing_was_measured_the_weights_before_the_broken_step_are_kept(
    tmp_path, tiny_model, monkeypatch
):
    good, _ = run(
        scored(tmp_path / "good", tiny_model, holdout=False),
        lambda events: isinstance(events[-1], StepEvent) and events[-1].step == 6,
    )
    break_loss(monkeypatch, 7)
    finished, told = run(scored(tmp_path / "run", tiny_model, holdout=False))
    assert finished.metrics["best_step"] == 6 and len(told.of(StepEvent)) == 7
    np.testing.assert_allclose(vectors(finished.model), vectors(good.model), atol=1e-6)


def test_weights_before_the_first_evaluation_are_measured_when_a_step_breaks(
    tmp_path, tiny_model, monkeypatch
):
    break_loss(monkeypatch, 4)
    finished, told = run(scored(tmp_path / "run", tiny_model))
    (event,) = told.of(EvaluationEvent)
    assert event.step == finished.metrics["best_step"] == 3
    assert finished.metrics["tuned"] == event.value


def test_a_broken_first_step_leaves_no_model(tmp_path, tiny_model, monkeypatch):
    break_loss(monkeypatch, 1)
    with pytest.raises(TrainingProblem, match="step 1"):
        run(scored(tmp_path / "run", tiny_model))
    assert not (tmp_path / "run" / "model").exists()


def too_small(monkeypatch, rows, error=None):
    """A memory in which a forward with gradients over more than `rows` texts does not fit."""
    from sentence_transformers import SentenceTransformer

    from core.models.flat_forward import FlatForward

    stock, flat, failures = SentenceTransformer.forward, FlatForward.__call__, []

    def take(texts):
        if torch.is_grad_enabled() and texts > rows:
            failures.append(texts)
            raise error or torch.OutOfMemoryError("Tried to allocate 20.00 GiB.")

    def forward(self, features, *arguments, **named):
        take(len(features["input_ids"]))
        return stock(self, features, *arguments, **named)

    def flat_forward(self, texts, *arguments):
        take(len(texts))
        return flat(self, texts, *arguments)

    monkeypatch.setattr(SentenceTransformer, "forward", forward)
    monkeypatch.setattr(FlatForward, "__call__", flat_forward)
    return failures


@pytest.fixture(scope="module")
def still_model(tmp_path_factory, tiny_model):
    """Without dropout: one step is then the same number however it is computed."""
    import json
    import shutil

    folder = tmp_path_factory.mktemp("still") / "model"
    shutil.copytree(tiny_model, folder)
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    path.write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("format", "loss"),
    [
        (Format.SCORED, "CosineSimilarityLoss"),
        (Format.SCORED, "CoSENTLoss"),
        (Format.PAIRS, "MultipleNegativesRankingLoss"),
        (Format.TRIPLETS, "TripletLoss"),
    ],
)
def test_too_little_memory_changes_the_parts_and_not_the_result(
    tmp_path, still_model, monkeypatch, format, loss
):
    def asked(name):
        rows = examples(format, 44)
        return spec(
            tmp_path / name,
            still_model,
            format,
            rows,
            loss=loss,
            batch_size=16,
            epochs=2,
        )

    expected, whole = run(asked("whole"))
    failures = too_small(monkeypatch, 5)
    finished, told = run(asked("small"))
    texts = 16 * (3 if format is Format.TRIPLETS else 2)  # none of them twice
    assert failures == [texts, 8], "halved once, halved again, and from then on it fits"
    assert finished.steps == expected.steps
    notices = [event.text for event in told.of(NoticeEvent) if "memory" in event.text]
    assert len(notices) == 2 and "parts of 4" in notices[1] and "stays the same" in notices[1]
    np.testing.assert_allclose(
        [event.loss for event in told.of(StepEvent)],
        [event.loss for event in whole.of(StepEvent)],
        rtol=1e-4,
        atol=1e-6,
    )
    np.testing.assert_allclose(vectors(finished.model), vectors(expected.model), atol=2e-2)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("not enough memory: you tried to allocate 9 bytes"),
        MemoryError(),
    ],
    ids=["allocator", "windows", "python"],
)
def test_a_cpu_says_it_in_its_own_words(tmp_path, tiny_model, monkeypatch, error):
    failures = too_small(monkeypatch, 2, error)
    finished, told = run(scored(tmp_path / "run", tiny_model, holdout=False))
    assert failures == [8] and finished.steps == 24 and "parts of 2" in told.notices


def test_after_three_halvings_the_run_fails_with_a_way_out(tmp_path, tiny_model, monkeypatch):
    failures = too_small(monkeypatch, 1)
    with pytest.raises(TrainingProblem, match="too small for batches of 16") as caught:
        rows = examples(Format.SCORED, 40)
        run(spec(tmp_path, tiny_model, Format.SCORED, rows, batch_size=16))
    assert failures == [32, 8, 4, 2] and "smaller batch" in caught.value.hint


def test_another_error_is_not_taken_for_a_lack_of_memory(tmp_path, tiny_model, monkeypatch):
    failures = too_small(monkeypatch, 1, RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="shapes"):
        run(scored(tmp_path / "run", tiny_model))
    assert len(failures) == 1


def test_the_gradient_of_parts_is_that_of_the_batch_with_dropout_replayed(tiny_model):
    """With dropout too the second forward must draw what the first one drew, or the gradient would be another one's."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    model = SentenceTransformer(str(tiny_model), device="cpu", local_files_only=True).train()
    loss = MultipleNegativesRankingLoss(model)
    columns = [
        model.preprocess([f"{word} {n}" * (1 + n % 4) for n in range(7)]) for word in ("red hat", "a dress")
    ]

    seen: dict[bool, list] = {False: [], True: []}

    def embed(column, begin, end):
        found = model(parts.part(columns[column], begin, end))["sentence_embedding"]
        seen[torch.is_grad_enabled()].append(found.detach().clone())
        return found

    work = parts.Work(
        [7, 7], embed, lambda found: loss.compute_loss_from_embeddings(found, None), torch.device("cpu")
    )
    torch.manual_seed(3)
    value = parts.cached(work, lambda x: x.backward(), 3)
    after = torch.rand(1)
    assert len(seen[False]) == len(seen[True]) == 6
    for first, second in zip(seen[False], seen[True], strict=True):
        assert torch.equal(first, second)
    # By hand, with the same random numbers in the same order and one graph over all.
    ours = [weight.grad.clone() for weight in model.parameters() if weight.grad is not None]
    model.zero_grad()
    torch.manual_seed(3)
    whole = [torch.cat([embed(column, *at) for at in parts.cuts(7, 3)]) for column in (0, 1)]
    stock = loss.compute_loss_from_embeddings(whole, None)
    stock.backward()
    theirs = [weight.grad for weight in model.parameters() if weight.grad is not None]
    assert float(value) == pytest.approx(float(stock.detach()), rel=1e-6)
    assert len(ours) == len(theirs) > 10
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-6)
    assert torch.equal(after, torch.rand(1)), "the generator stands where one forward leaves it"


@pytest.mark.parametrize(("rows", "size"), [(16, 8), (17, 8), (9, 4), (3, 5), (1, 1), (16, 1)])
def test_parts_are_of_like_size_and_cover_every_row(rows, size):
    found = parts.cuts(rows, size)
    assert [row for begin, end in found for row in range(begin, end)] == list(range(rows))
    lengths = [end - begin for begin, end in found]
    assert max(lengths) <= size and max(lengths) - min(lengths) <= 1


def test_a_loss_without_embeddings_of_its_own_is_accumulated_and_said(monkeypatch):
    assert guarded.out_of_memory(torch.OutOfMemoryError("x")) and not guarded.out_of_memory(ValueError("x"))

    class Stub(guarded.GuardedTrainer):
        def __init__(self):
            self.weight = torch.nn.Parameter(torch.tensor(2.0))
            self.loss = lambda features, labels: (self.weight * features[0]["input_ids"]).mean()
            self.args = type("A", (), {"device": "cpu"})()
            self.accelerator = type("B", (), {"backward": staticmethod(lambda loss: loss.backward())})()
            self.model = torch.nn.Linear(1, 1)
            self.part_size = 3

        def _prepare_inputs(self, inputs):
            return inputs

        def compute_loss(self, model, inputs):
            return self.loss([{"input_ids": inputs["a_input_ids"]}], None)

    stub, told = Stub(), []
    stub.notice = told.append
    batch = {"a_input_ids": torch.arange(8.0)[:, None]}
    loss = guarded.GuardedTrainer._in_parts(stub, stub.model, batch)
    assert float(loss) == pytest.approx(7.0) and float(stub.weight.grad) == pytest.approx(3.5)
    stub._halve(batch, "full")
    assert stub.part_size == 2 and told[0].level == "warning" and "within a part" in told[0].text


def test_embeddings_that_collapse_are_told_once(tmp_path, tiny_model, monkeypatch):
    from sentence_transformers.sentence_transformer.modules import Pooling

    stock = Pooling.forward
    trained = []

    def forward(self, features, *arguments, **named):
        found = stock(self, features, *arguments, **named)
        trained.append(1) if self.training else None
        if len(trained) > 5:
            found["sentence_embedding"] = found["sentence_embedding"] + 50.0
        return found

    monkeypatch.setattr(Pooling, "forward", forward)
    _, told = run(scored(tmp_path / "run", tiny_model, eval_steps=6))
    (text,) = [event.text for event in told.of(NoticeEvent) if "collapsing" in event.text]
    assert "step 6" in text and "base model" in text


def test_a_base_model_that_points_one_way_already_is_no_collapse(tmp_path, tiny_model, monkeypatch):
    from sentence_transformers.sentence_transformer.modules import Pooling

    stock = Pooling.forward

    def forward(self, features, *arguments, **named):
        found = stock(self, features, *arguments, **named)
        found["sentence_embedding"] = found["sentence_embedding"] + 50.0
        return found

    monkeypatch.setattr(Pooling, "forward", forward)
    _, told = run(scored(tmp_path / "run", tiny_model, holdout=False))
    assert "collapsing" not in told.notices


def test_the_mean_cosine_is_that_of_all_pairs(tiny_model):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(tiny_model), device="cpu", local_files_only=True)
    guard = guards.Guards(TEXTS * 3, 1, lambda: False)
    matrix = model.similarity(*2 * [model.encode(guard.texts)]).numpy()
    by_hand = np.mean([matrix[i, j] for i in range(3) for j in range(3) if i != j])
    assert guard.mean_cosine(model) == pytest.approx(float(by_hand), abs=1e-5)
    assert guards.Guards(TEXTS[:2], 1, lambda: False).mean_cosine(model) is None


def overfit(values, losses, base=0.5, rows=400):
    """The evaluations at which a run with these figures is said to overfit."""
    guard = guards.Guards([], 0, lambda: False)
    guard.base(None, measured(base, rows))
    told = []
    for number, (value, loss) in enumerate(zip(values, losses, strict=True), 1):
        guard.step(loss)
        if guard.evaluated(None, measured(value, rows), number):
            told.append(number)
        # A run that goes on from a checkpoint must judge as this one does.
        guard.resume(guard.record())
    return told


def measured(value, rows):
    return Measurement("spearman_cosine", "Hold-out Spearman", value, rows, {}, "")


@pytest.mark.parametrize(
    ("values", "losses", "rows", "expected"),
    [
        ([0.6, 0.7, 0.6, 0.55, 0.5], [5, 4, 3, 2, 1], 400, [4]),  # the second fall in a row, and once
        ([0.6, 0.7, 0.6, 0.69, 0.6], [5, 4, 3, 2, 1], 400, []),  # a single low point is chance
        (
            [0.6, 0.7, 0.6, 0.55, 0.5],
            [5, 4, 4.5, 5, 6],
            400,
            [],
        ),  # the loss rises too: that is no learning by heart
        ([0.6, 0.7, 0.69, 0.69, 0.685], [5, 4, 3, 2, 1], 400, []),  # no fall worth a word
        ([0.6, 0.7, 0.64, 0.64, 0.64], [5, 4, 3, 2, 1], 30, []),  # within the chance of thirty rows
        ([0.4, 0.3, 0.3], [5, 4, 3], 400, [3]),  # below the base model from the start
        ([None, 0.7, None, 0.6, 0.6], [5, 4, 3, 2, 1], 400, [5]),
    ],
)
def test_overfitting_is_a_lasting_fall_while_the_loss_goes_on_falling(values, losses, rows, expected):
    assert overfit(values, losses, rows=rows) == expected


def test_overfitting_is_told_in_a_run(tmp_path, tiny_model, monkeypatch):
    from core.training.evaluation import Evaluator

    stock, values = Evaluator.measure, iter([0.5, 0.9, 0.4, 0.35, 0.3, 0.25])

    def measure(self, model):
        from dataclasses import replace

        return replace(stock(self, model), value=next(values))

    monkeypatch.setattr(Evaluator, "measure", measure)
    falling = iter(np.linspace(2, 1, 200))  # one for each look, also at parts of a batch
    from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss

    real = CosineSimilarityLoss.compute_loss_from_embeddings
    monkeypatch.setattr(
        CosineSimilarityLoss,
        "compute_loss_from_embeddings",
        lambda self, *a, **k: real(self, *a, **k) * 0 + next(falling),
    )
    _, told = run(scored(tmp_path / "run", tiny_model, eval_steps=5))
    (text,) = [event.text for event in told.of(NoticeEvent) if "overfitting" in event.text]
    assert "0.900 after step 5" in text
