"""Attention on the CPU: over several texts that lie one after the other, and as two plain products where that is faster.

Only child processes import this module.

torch's fused attention saves the memory of the scores between tokens, which matters for long texts. On a CPU its price is high for
short ones: the way back takes up to eight times as long as two batched products in bfloat16, and twice as long in float32 with a
dozen tokens. The result is the same but for rounding: softmax(q·kᵀ / √d + mask)·v (Vaswani et al. 2017, "Attention is all you need").
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.nn import functional

from core.models import fast_dropout
from core.models.layout import Layout

# Tokens of a text; with more the fused one is as fast or faster.
MOST_TOKENS = {torch.float64: 96, torch.float32: 96, torch.bfloat16: 512}
MOST_SCORES = 1 << 24  # of one pass in one layer; they are kept for the way back
_NAME = "sdpa"  # what transformers calls the fused attention, its default
_ELSEWHERE = (
    "position_bias",
    "cache",
    "softcap",
)  # arguments of other models, which the fused attention knows

_lock = threading.Lock()
_users = 0
_fused: Callable[..., Any] | None = None
_now = threading.local()  # .layout: of the pass that this thread makes


class Unfit(Exception):
    """The attention of this model is of another kind than texts one after the other can have."""


def attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    scale: float,
    dropout: float = 0.0,
) -> torch.Tensor:
    """Attention of shape (texts, tokens, heads, d) from three of (texts, heads, tokens, d).

    `mask` is None, true where a token may be looked at, or added to the scores; its shape widens to (texts, heads, tokens, tokens).
    """
    texts, heads, tokens, size = query.shape
    flat = (texts * heads, tokens, size)
    scores = torch.bmm(query.reshape(flat) * scale, key.reshape(flat).transpose(1, 2))
    if mask is not None:
        wide = scores.view(texts, heads, tokens, tokens)
        if mask.dtype == torch.bool:
            wide = wide.masked_fill(~mask, torch.finfo(scores.dtype).min)
        else:
            wide = wide + mask.to(scores.dtype)
        scores = wide.view(-1, tokens, tokens)
    weights = functional.softmax(scores, dim=-1)
    if dropout:
        weights = fast_dropout.dropout(weights, dropout)
    return torch.bmm(weights, value.reshape(flat)).view(texts, heads, tokens, size).transpose(1, 2)


def over(
    layout: Layout, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float, dropout: float
) -> torch.Tensor:
    """Attention within each text of `layout`. Takes three of shape (1, heads, all tokens, d), gives (1, all tokens, heads, d)."""
    heads, size = query.shape[1], query.shape[3]
    lines = [given[0].transpose(0, 1).reshape(-1, heads * size) for given in (query, key, value)]
    left, found = MOST_SCORES, []
    for group in layout.groups:
        one, other, kept = (
            group.spread(line).view(group.texts, group.longest, heads, size).transpose(1, 2) for line in lines
        )
        scores = group.texts * heads * group.longest**2
        if group.longest <= MOST_TOKENS.get(query.dtype, 0) and scores <= left:
            left -= scores
            result = attention(one, other, kept, group.mask, scale, dropout)
        else:
            result = functional.scaled_dot_product_attention(
                one, other, kept, attn_mask=group.mask, dropout_p=dropout, scale=scale
            ).transpose(1, 2)
        found.append(group.collect(result.reshape(-1, heads * size)))
    return torch.cat(found).view(1, -1, heads, size)


def _forward(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    is_causal: bool | None = None,
    **more: Any,
) -> Any:
    """In place of transformers' function.

    Raises:
        Unfit: texts lie one after the other, and this attention is not simply that of every token to all others of its text.
    """
    layout = getattr(_now, "layout", None)
    alike = query.device.type == "cpu" and query.shape == key.shape == value.shape
    simple = alike and not _one_way(module, is_causal) and all(more.get(name) is None for name in _ELSEWHERE)
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    if layout is not None:
        if not simple or attention_mask is not None or query.shape[2] != layout.tokens:
            raise Unfit
        return over(layout, query, key, value, scale, dropout), None
    if simple and not dropout and _quick(query):
        return attention(query, key, value, attention_mask, scale).contiguous(), None
    assert _fused is not None
    return _fused(
        module,
        query,
        key,
        value,
        attention_mask,
        dropout=dropout,
        scaling=scaling,
        is_causal=is_causal,
        **more,
    )


def _quick(query: torch.Tensor) -> bool:
    texts, heads, tokens, _ = query.shape
    return 0 < tokens <= MOST_TOKENS.get(query.dtype, 0) and texts * heads * tokens * tokens <= MOST_SCORES


def _one_way(module: torch.nn.Module, is_causal: bool | None) -> bool:
    """Whether a token sees only those before it. A module that says nothing is taken for one, as transformers does."""
    return bool(getattr(module, "is_causal", True) if is_causal is None else is_causal)


@contextlib.contextmanager
def used(layout: Layout | None = None) -> Iterator[None]:
    """While this lasts models of this process that are on the CPU attend in this way; in this thread, where `layout` is given, over its texts."""
    global _users, _fused
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    with _lock:
        _users += 1
        if _users == 1:
            _fused = ALL_ATTENTION_FUNCTIONS[_NAME]
            ALL_ATTENTION_FUNCTIONS[_NAME] = _forward
    before = getattr(_now, "layout", None)
    _now.layout = layout
    try:
        yield
    finally:
        _now.layout = before
        with _lock:
            _users -= 1
            if _users == 0:
                ALL_ATTENTION_FUNCTIONS[_NAME] = _fused
