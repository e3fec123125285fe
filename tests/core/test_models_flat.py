"""Texts one after the other: the embeddings and gradients of the model's own way, for every kind of model that is run so."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from torch.nn import functional

from core.models import fast_attention
from core.models.fast_attention import attention, used
from core.models.flat_forward import FlatForward
from core.models.layout import layouts
from core.models.packed_forward import PackedForward
from core.models.tokens import Tokens
from tests.core import tiny_model

TEXTS = ["a", "", "a red dress 77", "x" * 200, "two words", "b" * 40, "ü – 🦊", "c" * 40]
KINDS = {"bert": True, "roberta": True, "xlm-roberta": True, "distilbert": False, "mpnet": False}
POOLINGS = ("mean", "cls", "max", "lasttoken", "mean_sqrt_len_tokens", "weightedmean")


def of_kind(folder, kind, pooling="mean"):
    """A model of another kind of transformer with the tiny model's tokenizer, whose padding is number 0."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import AutoModel, AutoTokenizer
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    tokenizer = AutoTokenizer.from_pretrained(tiny_model.build(folder / "words", max_length=64))
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    if kind == "distilbert":
        sizes = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64}
    torch.manual_seed(1)
    config = CONFIG_MAPPING[kind](
        vocab_size=len(tokenizer), max_position_embeddings=80, pad_token_id=0, initializer_range=0.4, **sizes
    )
    AutoModel.from_config(config).save_pretrained(folder / kind)
    tokenizer.save_pretrained(folder / kind)
    parts = [Transformer(str(folder / kind)), Pooling(32, pooling_mode=pooling)]
    return SentenceTransformer(modules=parts, device="cpu")


@pytest.mark.parametrize("kind", KINDS)
def test_embeddings_and_gradients_are_the_models_own(tmp_path, kind):
    model = of_kind(tmp_path, kind)
    packed = PackedForward(model)
    assert (packed.flat is not None) == KINDS[kind]
    np.testing.assert_allclose(packed.embed(TEXTS), model.encode(TEXTS), atol=1e-5)
    model.double()  # the gradient of a key's bias is nothing but rounding
    gradients = []
    for forward in (packed, lambda texts: model(model.preprocess(list(texts)))["sentence_embedding"]):
        model.eval()
        model.zero_grad()
        (forward(TEXTS) ** 3).sum().backward()
        gradients.append([weight.grad for weight in model.parameters() if weight.grad is not None])
    for ours, theirs in zip(*gradients, strict=True):
        assert (ours - theirs).norm() <= 1e-9 * theirs.norm() + 1e-12


@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_pooling(tmp_path, pooling):
    model = of_kind(tmp_path, "bert", pooling)
    packed = PackedForward(model)
    assert packed.flat is not None
    np.testing.assert_allclose(packed.embed(TEXTS), model.encode(TEXTS), atol=1e-5)


def test_a_model_that_gives_something_else_keeps_its_own_way(tmp_path, monkeypatch):
    model = of_kind(tmp_path, "bert")
    monkeypatch.setattr("core.models.flat_forward._FIRST_POSITION", {"bert": 1})
    assert FlatForward.of(model, Tokens(model)) is None
    monkeypatch.setattr(fast_attention, "over", lambda *given: 1 / 0 if given else None)
    monkeypatch.setattr("core.models.flat_forward._FIRST_POSITION", {"bert": 0})
    model[0].model.config.is_decoder = True
    assert FlatForward.of(model, Tokens(model)) is None


def test_transformers_own_attention_is_back_afterwards():
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    before = ALL_ATTENTION_FUNCTIONS["sdpa"]
    with used(), used():
        assert ALL_ATTENTION_FUNCTIONS["sdpa"] is not before
    with pytest.raises(KeyError), used():
        raise KeyError
    assert ALL_ATTENTION_FUNCTIONS["sdpa"] is before


@settings(max_examples=60)
@given(some.lists(some.integers(1, 40), min_size=1, max_size=30), some.sampled_from([1, 64, 500, 1 << 15]))
def test_each_text_lies_in_one_group_and_comes_back(lengths, most):
    passes = layouts(lengths, most)
    assert sorted(itertools.chain(*(layout.order for layout in passes))) == list(range(len(lengths)))
    for layout in passes:
        assert layout.tokens == sum(lengths[position] for position in layout.order)
        places = sum(group.texts * group.longest for group in layout.groups)
        assert places <= most or sum(group.texts for group in layout.groups) == 1
        line = torch.randn(layout.tokens, 3, dtype=torch.float64, requires_grad=True)
        apart = [group.spread(line) for group in layout.groups]
        back = torch.cat([group.collect(one * 2) for group, one in zip(layout.groups, apart, strict=True)])
        assert torch.equal(back, line * 2)
        back.pow(2).sum().backward()
        torch.testing.assert_close(line.grad, line.detach() * 8)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("mask", ["none", "true and false", "added"])
def test_two_products_are_the_fused_attention(kind, mask):
    torch.manual_seed(0)
    given_three = [torch.randn(3, 2, 9, 8, dtype=kind, requires_grad=True) for _ in range(3)]
    seen = torch.arange(9)[None, :] < torch.tensor([9, 4, 1])[:, None]
    wide = {"none": None, "true and false": seen[:, None, None, :]}.get(
        mask, torch.where(seen, 0.0, -1e9).to(kind)[:, None, None, :]
    )
    ours = attention(*given_three, wide, 0.3).transpose(1, 2)
    theirs = functional.scaled_dot_product_attention(*given_three, attn_mask=wide, scale=0.3)
    loose = {"rtol": 0.03, "atol": 0.03} if kind == torch.bfloat16 else {}
    torch.testing.assert_close(ours, theirs, **loose)
    found = [torch.autograd.grad(one.float().square().sum(), given_three) for one in (ours, theirs)]
    for mine, other in zip(*found, strict=True):
        torch.testing.assert_close(mine, other, **({"rtol": 0.1, "atol": 0.1} if loose else {}))
