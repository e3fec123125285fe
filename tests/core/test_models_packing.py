"""Chunks of texts: the cheapest division, every text once, the model's own embeddings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some

from core.models import fast_dropout, fast_linear, packing_overhead
from core.models.encoder import encode
from core.models.packed_forward import PackedForward, refusal
from core.models.packing import cost, cut
from core.models.tokens import Unpackable
from tests.core import tiny_model

LENGTHS = some.lists(some.integers(1, 60), max_size=40)
OVERHEADS = some.sampled_from([0.0, 1.0, 7.0, 32.0, 500.0])


@given(LENGTHS, OVERHEADS, some.sampled_from([0, 1, 20, 100]))
def test_every_text_is_in_one_chunk_within_the_limit(lengths, overhead, limit):
    chunks = cut(lengths, overhead, limit)
    assert sorted(itertools.chain(*chunks)) == list(range(len(lengths)))
    longest = [max(lengths[position] for position in chunk) for chunk in chunks]
    assert longest == sorted(longest, reverse=True)
    if limit:
        assert all(len(chunk) == 1 or len(chunk) * most <= limit for chunk, most in zip(chunks, longest))


@given(some.lists(some.integers(1, 30), min_size=1, max_size=8), OVERHEADS)
def test_no_division_is_cheaper(lengths, overhead):
    order = sorted(range(len(lengths)), key=lambda position: lengths[position])
    divisions = []
    for marks in itertools.product((False, True), repeat=len(order) - 1):
        chunks = [[order[0]]]
        for position, new in zip(order[1:], marks, strict=True):
            if new:
                chunks.append([])
            chunks[-1].append(position)
        divisions.append(cost(lengths, chunks, overhead))
    assert cost(lengths, cut(lengths, overhead), overhead) == pytest.approx(min(divisions))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    from sentence_transformers import SentenceTransformer

    folder = tiny_model.build(tmp_path_factory.mktemp("packing") / "tiny", dense=16)
    return SentenceTransformer(str(folder), device="cpu")


TEXTS = ["a", "", "a red dress 77", "x" * 200, "two words", "b" * 40, "ü – 🦊"]


@pytest.mark.parametrize("overhead", [0, 16, 1e6])
def test_the_embeddings_are_the_models_own(model, overhead):
    packed = PackedForward(model, overhead=overhead)
    np.testing.assert_allclose(packed.embed(TEXTS), model.encode(TEXTS), atol=1e-5)


def test_encode_runs_the_packed_forward_and_keeps_the_default_prompt(model, monkeypatch):
    monkeypatch.setattr(model, "prompts", {"query": "find: "})
    monkeypatch.setattr(model, "default_prompt_name", "query")
    expected = model.encode(TEXTS)
    monkeypatch.setattr(model, "encode", None)  # would fail if it were used
    np.testing.assert_allclose(encode(model, TEXTS), expected, atol=1e-5)


def test_a_model_with_an_unknown_part_is_refused(model, monkeypatch):
    class Odd(torch.nn.Module):
        pass

    assert refusal(model) == ""
    monkeypatch.setattr(model.tokenizer, "padding_side", "left")
    assert "left" in refusal(model)
    monkeypatch.undo()
    assert "Odd" in refusal([model[0], Odd()])
    assert "begins with Pooling" in refusal([model[1]])
    with pytest.raises(Unpackable, match="Odd"):
        PackedForward([model[0], Odd()])


def test_the_overhead_is_measured_once_and_leaves_no_trace(model, anchorlab_home, monkeypatch):
    packed = PackedForward(model)
    before, state = model.training, torch.get_rng_state()
    found = packing_overhead.settle(packed, "fp32")
    assert 8 <= found == packed.overhead <= 256
    assert found == 2 ** round(np.log2(found))
    assert torch.equal(state, torch.get_rng_state())
    assert all(weight.grad is None for weight in model.parameters())
    assert model.training == before
    monkeypatch.setattr(PackedForward, "measure", None)  # would fail if it were measured again
    assert packing_overhead.settle(PackedForward(model), "fp32") == found
    (anchorlab_home / "cache" / "packing.json").write_text("[damaged", encoding="utf-8")
    monkeypatch.undo()
    assert 8 <= packing_overhead.settle(PackedForward(model), "fp32") <= 256


@settings(deadline=None, max_examples=25)
@given(
    some.integers(1, 9),
    some.integers(1, 17),
    some.integers(1, 17),
    some.booleans(),
    some.sampled_from([(), (1,), (3,), (2, 2)]),
)
def test_the_faster_product_has_the_same_values_and_gradients(rows, inputs, outputs, bias, leading):
    torch.manual_seed(rows + 31 * inputs)
    layer = torch.nn.Linear(inputs, outputs, bias=bias)
    given_twice = torch.randn(*leading, rows, inputs)
    results = []
    for forward in (layer.forward, lambda value: fast_linear._forward(layer, value)):
        layer.zero_grad()
        value = given_twice.clone().requires_grad_()
        result = forward(value)
        (result * torch.linspace(-1, 1, result.numel()).view(result.shape)).sum().backward()
        results.append([result.detach(), value.grad, *(weight.grad for weight in layer.parameters())])
    for plain, fast in zip(*results, strict=True):
        torch.testing.assert_close(fast, plain, rtol=1e-5, atol=1e-5)


def test_layers_are_given_back(model, monkeypatch):
    monkeypatch.setattr(fast_linear, "gain", lambda threads: 2.0)
    expected = model.encode(TEXTS)
    layers = [part for part in model.modules() if type(part) is torch.nn.Linear]
    with fast_linear.used(model) as used:
        assert used and all("forward" in layer.__dict__ for layer in layers)
        np.testing.assert_allclose(model.encode(TEXTS), expected, atol=1e-5)
    assert not any("forward" in layer.__dict__ for layer in layers)
    monkeypatch.setattr(fast_linear, "gain", lambda threads: 1.0)
    with fast_linear.used(model) as used:
        assert not used and not any("forward" in layer.__dict__ for layer in layers)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_dropout_keeps_its_share_its_mean_and_its_seed(kind, share):
    torch.manual_seed(5)
    given = torch.ones(1000, 401, dtype=kind, requires_grad=True)
    found = fast_dropout.dropout(given, share)
    dropped = (found.detach() == 0).float()
    assert float(dropped.mean()) == pytest.approx(share, abs=0.003)
    assert float(found.detach().float().mean()) == pytest.approx(1.0, abs=0.01)
    assert float(dropped.mean(0).std()) == pytest.approx((share * (1 - share) / 1000) ** 0.5, rel=0.2)
    lanes = [dropped.flatten()[lane::4].mean() for lane in range(4)]
    assert all(float(lane) == pytest.approx(share, abs=0.006) for lane in lanes)
    found.sum().backward()
    assert torch.equal(given.grad, found.detach())
    torch.manual_seed(5)
    assert torch.equal(fast_dropout.dropout(given, share), found)


def test_dropout_only_while_training_and_given_back():
    layer = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Dropout(0.0))
    given = torch.ones(64)
    with fast_dropout.used(layer):
        assert "forward" in layer[0].__dict__
        assert 0 in layer(given)
        layer.eval()
        assert torch.equal(layer(given), given)
    assert "forward" not in layer[0].__dict__
