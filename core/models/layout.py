"""Texts of different lengths one after the other, and the groups in which they are looked at side by side. Child processes only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from core.models.packing import cut

OVERHEAD = 64.0  # of a group, in tokens: side by side only attention and pooling run, whose padding is cheap


class _Spread(torch.autograd.Function):
    """Rows to places among zeros; no two rows have the same place, so the way back is to pick them."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor, places: torch.Tensor, count: int) -> torch.Tensor:
        ctx.save_for_backward(places)
        return rows.new_zeros((count, rows.shape[1])).index_copy_(0, places, rows)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (places,) = ctx.saved_tensors
        return gradients[0].index_select(0, places), None, None


class _Collect(torch.autograd.Function):
    """The reverse of `_Spread`."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(places)
        ctx.count = rows.shape[0]
        return rows.index_select(0, places)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (places,) = ctx.saved_tensors
        gradient = gradients[0]
        return gradient.new_zeros((ctx.count, gradient.shape[1])).index_copy_(0, places, gradient), None


@dataclass(frozen=True)
class Group:
    """Some texts of like lengths.

    Args:
        start, end: of their tokens among all.
        texts, longest: side by side they fill texts × longest places.
        places: of each token there, int64; None when the lengths are equal and every place is filled.
        mask: true where a token is, shape (texts, 1, 1, longest); None likewise.
    """

    start: int
    end: int
    texts: int
    longest: int
    places: torch.Tensor | None
    mask: torch.Tensor | None

    def spread(self, line: torch.Tensor) -> torch.Tensor:
        """This group's rows of `line`, shape (all tokens, d), side by side: (texts × longest, d), zero where there is no token."""
        rows = line[self.start : self.end]
        if self.places is None:
            return rows
        found: torch.Tensor = _Spread.apply(rows, self.places, self.texts * self.longest)
        return found

    def collect(self, apart: torch.Tensor) -> torch.Tensor:
        """The reverse: shape (tokens of the group, d)."""
        if self.places is None:
            return apart
        found: torch.Tensor = _Collect.apply(apart, self.places)
        return found


@dataclass(frozen=True)
class Layout:
    """One pass. `order` says which text comes when, by its position among those given to `layouts`."""

    groups: tuple[Group, ...]
    order: tuple[int, ...]
    tokens: int


def layouts(lengths: Sequence[int], most: int) -> list[Layout]:
    """Passes over texts with so many tokens each, at most `most` places side by side in a pass (unless one text has more)."""
    passes: list[list[list[int]]] = []
    filled = 0
    for chunk in cut(lengths, OVERHEAD, most):
        places = len(chunk) * lengths[chunk[-1]]
        if not passes or filled + places > most:
            passes.append([])
            filled = 0
        passes[-1].append(chunk)
        filled += places
    return [_layout(chunks, lengths) for chunks in passes]


def _layout(chunks: Sequence[Sequence[int]], lengths: Sequence[int]) -> Layout:
    groups, start = [], 0
    for chunk in chunks:
        counts = torch.tensor([lengths[position] for position in chunk])
        longest, tokens = int(counts.max()), int(counts.sum())
        mask = torch.arange(longest)[None, :] < counts[:, None]
        even = tokens == len(chunk) * longest
        groups.append(
            Group(
                start,
                start + tokens,
                len(chunk),
                longest,
                None if even else mask.reshape(-1).nonzero().squeeze(1),
                None if even else mask[:, None, None, :],
            )
        )
        start += tokens
    return Layout(tuple(groups), tuple(position for chunk in chunks for position in chunk), start)
