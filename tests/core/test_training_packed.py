"""The packed forward gives the loss and the gradients of the stock one, and says where it does not fit."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core.dataset.formats import Format
from core.models.flat_forward import FlatForward
from core.models.packed_forward import PackedForward
from core.models.tokens import Unpackable
from core.training import build_loss, losses, memory, precision
from core.training.events import EvaluationEvent, RecipeEvent, StepEvent
from core.training.packed import _FROM_EMBEDDINGS, ROWS, PackedLoss
from core.training.spec import Spec
from core.training.vocabulary import shrink
from tests.core import tiny_model
from tests.core.training_support import examples, run, spec
from tests.support.amount import often

LOSSES = {
    "CosineSimilarityLoss": (2, {}),
    "CoSENTLoss": (2, {}),
    "MultipleNegativesRankingLoss": (4, {"directions": "query_to_doc,doc_to_query"}),
    "TripletLoss": (3, {"distance_metric": "COSINE", "margin": 0.3}),
    "AnglELoss": (2, {}),
    "ContrastiveLoss": (2, {}),
    "OnlineContrastiveLoss": (2, {}),
    "BatchAllTripletLoss": (1, {"distance_metric": "cosine_distance", "margin": 0.3}),
    "BatchHardTripletLoss": (1, {"distance_metric": "cosine_distance", "margin": 0.3}),
    "BatchSemiHardTripletLoss": (1, {"distance_metric": "cosine_distance", "margin": 0.3}),
    "BatchHardSoftMarginTripletLoss": (1, {"distance_metric": "cosine_distance"}),
}
GRADED = {"CosineSimilarityLoss", "CoSENTLoss", "AnglELoss"}  # any score
BINARY = {"ContrastiveLoss", "OnlineContrastiveLoss"}
GROUPED = {name for name in LOSSES if name.startswith("Batch")}
# They compare distances with one another: two that are equal would be told apart by their rounding.
PICKY = {"OnlineContrastiveLoss"} | GROUPED
TEXTS = ["a", "b c", "red dress", "blue coat 7", "silk hat and a velvet shoe", "x" * 90, "zz", "9 - 9"]


def distance_key(texts):
    """The same for rows whose texts are surely as far from one another: the same texts, or a pair of equal ones."""
    return "no distance" if len(texts) > len(set(texts)) else frozenset(texts)


def load(folder):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Without dropout: every copy of a text would draw its own."""
    folder = tmp_path_factory.mktemp("packed")
    truncating = load(tiny_model.build(folder / "short", seed=4, dropout=0.0))
    truncating.max_seq_length = 7
    prompted = load(tiny_model.build(folder / "prompted", seed=5, dropout=0.0))
    prompted.set_pooling_include_prompt(False)
    return {
        "plain": load(tiny_model.build(folder / "plain", seed=2, dropout=0.0)),
        "double": load(folder / "plain").double(),
        "dense": load(tiny_model.build(folder / "dense", seed=3, dropout=0.0, dense=12)),
        "truncated": truncating,
        "prompt": prompted,
    }


def both(model, name, rows, scores, prompt=None, overhead=16.0, flat=True):
    """(loss, gradients by weight) of the stock forward and of the packed one, on the same rows of texts."""
    loss = build_loss.build(name, LOSSES[name][1], model)
    columns = [f"column_{slot}" for slot in range(len(rows[0]))]
    batch = [dict(zip(columns, row, strict=True)) for row in rows]
    if name in GRADED | BINARY | GROUPED:
        scores = scores if name in GRADED else [int(score > 0.4) for score in scores]
        batch = [{**row, "score": score} for row, score in zip(batch, scores, strict=True)]
    model.train()

    def stock():
        features = [model.preprocess([row[column] for row in batch], prompt=prompt) for column in columns]
        labels = torch.tensor([row["score"] for row in batch]) if "score" in batch[0] else None
        return loss(features, labels)

    def packed():
        worker = PackedLoss(PackedForward(model, prompt, overhead, flat), loss)
        assert (worker.forward.flat is not None) == flat
        return worker(worker.batches(batch))

    found = []
    for forward in (stock, packed):
        model.zero_grad()
        value = forward()
        value.backward()
        found.append(
            (
                value.item(),
                {
                    key: weight.grad.clone()
                    for key, weight in model.named_parameters()
                    if weight.grad is not None
                },
            )
        )
    return found


def assert_same(found, floor=0.0, share=0.0):
    """Gradients whose length is below `floor`, or below this share of the whole gradient's, are what is left of terms that cancel."""
    (stock_loss, stock), (packed_loss, packed) = found
    assert packed_loss == pytest.approx(stock_loss, rel=1e-5, abs=1e-6)
    assert stock.keys() == packed.keys()
    least = max(floor, share * torch.cat([gradient.flatten() for gradient in stock.values()]).norm())
    for key, gradient in stock.items():
        assert (packed[key] - gradient).norm() <= 1e-5 * max(gradient.norm(), least), key


@settings(deadline=None, max_examples=often(110), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.data())
def test_loss_and_gradients_are_the_stock_ones(models, data):
    name = data.draw(some.sampled_from(sorted(LOSSES)))
    width = LOSSES[name][0]
    if name.startswith("Multiple"):
        width = data.draw(some.integers(2, width))
    row = some.tuples(*[some.sampled_from(TEXTS)] * width)
    same = distance_key if name in PICKY else None
    rows = data.draw(some.lists(row, min_size=2, max_size=8, unique_by=same))
    scores = data.draw(some.lists(some.sampled_from([0.0, 0.3, 1.0]), min_size=len(rows), max_size=len(rows)))
    overhead = data.draw(some.sampled_from([0.0, 8.0, 64.0, 1e6]))
    flat = data.draw(some.booleans())
    # In float64, because any batch may come, also ones whose gradients cancel to rounding errors.
    assert_same(both(models["double"], name, rows, scores, overhead=overhead, flat=flat), floor=1e-4)


ROWS_OF_THREE = [(TEXTS[n], TEXTS[(2 * n + 1) % 8], TEXTS[(n * n + 2) % 8]) for n in (0, 1, 2, 3, 5, 5)]


@pytest.mark.parametrize("kind", ["plain", "dense", "truncated", "prompt"])
@pytest.mark.parametrize("name", sorted(LOSSES))
def test_in_float32_with_other_models_too(models, kind, name):
    width = min(LOSSES[name][0], 3)
    rows = [row[:width] for row in ROWS_OF_THREE[: 5 if name in PICKY else None]]
    prompt = "find this: " if kind == "prompt" else None
    assert_same(
        both(models[kind], name, rows, [0.0, 1.0, 0.5, 0.2, 1.0, 0.0][: len(rows)], prompt), share=0.1
    )


def test_every_loss_that_takes_embeddings_is_compared():
    assert {loss.name for loss in losses.LOSSES if loss.name in _FROM_EMBEDDINGS} == set(LOSSES)


def test_a_text_is_embedded_once(models):
    worker = PackedLoss(PackedForward(models["plain"]), build_loss.build("TripletLoss", {}, models["plain"]))
    batch = worker.batches([{"anchor": "a", "positive": "b", "negative": "a"}] * 5)
    assert batch[ROWS].tolist() == [[0, 1, 0]] * 5
    seen = []
    worker.forward.tokens.of = lambda texts, known=worker.forward.tokens.of: (
        seen.extend(texts),
        known(texts),
    )[1]
    worker(batch)
    assert seen == ["a", "b"]


def test_a_loss_that_runs_the_model_itself_is_refused(models):
    from sentence_transformers.sentence_transformer import losses as library

    with pytest.raises(Unpackable, match="CachedMultipleNegativesRankingLoss"):
        PackedLoss(
            PackedForward(models["plain"]), library.CachedMultipleNegativesRankingLoss(models["plain"])
        )


def test_what_does_not_fit_is_said_once_and_trains_as_stock_does(tmp_path, tiny_model, monkeypatch):
    from core.training import packed

    rows = examples(Format.PAIRS, 12)
    _, plain = run(spec(tmp_path / "plain", tiny_model, Format.PAIRS, rows, packed=False))
    monkeypatch.setattr(packed, "_FROM_EMBEDDINGS", set())
    _, told = run(spec(tmp_path / "refused", tiny_model, Format.PAIRS, rows))
    assert told.notices.count("runs the model in its own way") == 1
    assert "slower" not in plain.notices
    losses = [[step.loss for step in one.of(StepEvent)] for one in (plain, told)]
    np.testing.assert_allclose(*losses, rtol=1e-6)


def test_a_run_says_what_a_chunk_costs_and_repeats_exactly(tmp_path, tiny_model, monkeypatch):
    monkeypatch.setattr(FlatForward, "of", lambda model, tokens: None)
    rows, held = examples(Format.TRIPLETS, 20), examples(Format.TRIPLETS, 6, start=300)
    first = spec(tmp_path / "first", tiny_model, Format.TRIPLETS, rows, held)
    first.save()
    _, told = run(first)
    noted = Spec.load(tmp_path / "first")
    assert 8 <= noted.packing_overhead <= 256
    again = spec(
        tmp_path / "again",
        tiny_model,
        Format.TRIPLETS,
        rows,
        held,
        packing_overhead=noted.packing_overhead,
    )
    _, repeated = run(again)
    assert [step.loss for step in told.of(StepEvent)] == [step.loss for step in repeated.of(StepEvent)]
    values = [[event.value for event in one.of(EvaluationEvent)] for one in (told, repeated)]
    assert values[0] == values[1]


def test_a_small_table_of_tokens_ends_with_the_weights_of_the_whole_one(models):
    """Stock AdamW on the whole table against ours on the used rows, with a look at the whole in the middle."""
    texts = [["ab", "cd ab"], ["e", "ab e"], ["cd", "e"]]
    whole, small = copy.deepcopy(models["plain"]), copy.deepcopy(models["plain"])
    forward = PackedForward(small)
    table = shrink(small, forward.tokens.vocabulary([text for step in texts for text in step]))
    assert table is not None and len(table.compact) < len(table.full)
    settings = {"lr": 0.01, "weight_decay": 0.3}
    optimizers = [torch.optim.AdamW(model.parameters(), **settings) for model in (whole, small)]
    for step, given_texts in enumerate(texts * 3):
        for model, optimizer in zip((whole, small), optimizers, strict=True):
            optimizer.zero_grad()
            worker = PackedForward(model)
            (worker(given_texts) ** 2).sum().backward()
            if model is small:
                table.decayed(optimizer)
            optimizer.step()
        if step == 4:
            with table.whole():
                np.testing.assert_allclose(small.encode(TEXTS), whole.encode(TEXTS), atol=1e-4)
    assert not np.allclose(
        small.state_dict()["0.model.embeddings.word_embeddings.weight"].shape, table.full.shape
    )
    table.remove()
    assert small.transformers_model.get_input_embeddings().weight is table.full
    for (key, ours), theirs in zip(small.state_dict().items(), whole.state_dict().values(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5, msg=key)


def test_a_shared_or_frozen_table_is_left_alone(models):
    model = copy.deepcopy(models["plain"])
    used = np.asarray([0, 5, 9])
    embedding = model.transformers_model.get_input_embeddings()
    embedding.weight.requires_grad_(False)
    assert shrink(model, used) is None
    embedding.weight.requires_grad_(True)
    model.transformers_model.other = torch.nn.Linear(2, 2)
    model.transformers_model.other.weight = embedding.weight
    assert shrink(model, used) is None
    assert shrink(copy.deepcopy(models["plain"]), np.asarray([5, 9])) is None, "the padding is not among them"


@pytest.mark.parametrize(("gain", "ran"), [(3.0, "bf16"), (0.5, "fp32")])
def test_automatic_precision_on_a_cpu_follows_the_probe(tmp_path, tiny_model, monkeypatch, gain, ran):
    monkeypatch.setattr(precision, "cpu_gain", lambda: gain)
    rows, held = examples(Format.SCORED, 12), examples(Format.SCORED, 6, start=300)
    _, told = run(spec(tmp_path / "run", tiny_model, Format.SCORED, rows, held, precision="auto"))
    assert told.of(RecipeEvent)[0].precision == ran
    assert f"**Precision:** {ran}" in (tmp_path / "run" / "model" / "README.md").read_text(encoding="utf-8")
    assert all(np.isfinite(step.loss) for step in told.of(StepEvent))
    assert precision.settle("fp32", "cpu") == ("fp32", "")


@pytest.mark.parametrize(
    ("device", "generation", "ran"), [("cuda:0", 9, "tf32"), ("cuda:0", 7, "fp32"), ("cpu", 9, "fp32")]
)
def test_tf32_where_the_card_has_it(monkeypatch, device, generation, ran):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda name: (generation, 0))
    settled, notice = precision.settle("tf32", device)
    assert settled == ran and bool(notice) is (ran == "fp32")
    products = torch.backends.cuda.matmul
    before = products.fp32_precision
    for _ in range(3):
        with precision.used(settled):
            assert products.fp32_precision == ("tf32" if ran == "tf32" else "ieee")
        assert products.fp32_precision == before


def test_memory_is_given_back_after_training():
    with memory.kept():
        pass
