"""The gradient of one batch without having all of it in memory at once: gradient caching (Gao et al. 2021, arXiv 2101.06983).

Every text is embedded without a graph, the loss gives the gradient of each embedding, and each part is embedded again, with
the same random numbers, to carry its share back. Loss and gradient are those of the whole batch for every loss that is a
function of embeddings; the price is a second forward. Only child processes import this module.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

Features = dict[str, Any]


def cuts(rows: int, size: int) -> list[tuple[int, int]]:
    """Parts of nearly equal size, none above `size` rows: a single row left over would have nothing to be compared with."""
    count = max(1, -(-rows // max(size, 1)))
    edges = [rows * number // count for number in range(count + 1)]
    return list(itertools.pairwise(edges))


def rows_of(features: Features) -> int:
    """The number of texts of a column."""
    return len(next(value for key, value in features.items() if key.endswith("input_ids")))


def part(features: Features, begin: int, end: int) -> Features:
    """Rows `begin` to `end`, without the padding that none of them needs."""
    rows = rows_of(features)
    mask: Any = features.get("attention_mask")
    width = mask.shape[1] if isinstance(mask, torch.Tensor) and mask.ndim == 2 else 0
    longest = width
    if width and bool(mask[begin:end].any()):
        longest = int(mask[begin:end].any(dim=0).nonzero().max()) + 1
    cut: Features = {}
    for key, value in features.items():
        if isinstance(value, torch.Tensor) and value.ndim and value.shape[0] == rows:
            value = value[begin:end]
            if width and value.ndim > 1 and value.shape[1] == width:
                value = value[:, :longest]
        elif isinstance(value, list) and len(value) == rows:
            value = value[begin:end]
        cut[key] = value
    return cut


@dataclass(frozen=True)
class Work:
    """A batch as a function of embeddings.

    counts: texts of each column. `embed(column, begin, end)` gives vectors of shape (end - begin, dimension), `loss_of` the
    loss from one matrix per column.
    """

    counts: list[int]
    embed: Callable[[int, int, int], torch.Tensor]
    loss_of: Callable[[list[torch.Tensor]], torch.Tensor]
    device: torch.device


def cached(work: Work, backward: Callable[[torch.Tensor], None], size: int) -> torch.Tensor:
    """Add the gradient of a batch to the weights; returns its loss. `backward` starts from the loss (it may scale it)."""
    spans = [cuts(count, size) for count in work.counts]
    states: list[list[dict[str, Any]]] = []
    leaves: list[torch.Tensor] = []
    for column, bounds in enumerate(spans):
        found = []
        states.append([])
        for begin, end in bounds:
            states[-1].append(_random(work.device))
            with torch.no_grad():
                found.append(work.embed(column, begin, end))
        leaves.append(torch.cat(found).detach().requires_grad_())
    loss = work.loss_of(leaves)
    backward(loss)
    for column, (bounds, leaf, at) in enumerate(zip(spans, leaves, states, strict=True)):
        if leaf.grad is None:
            continue
        for (begin, end), state in zip(bounds, at, strict=True):
            with _replayed(state):
                again = work.embed(column, begin, end)
            again.backward(leaf.grad[begin:end].to(again.dtype))
    return loss.detach()


def _random(device: torch.device) -> dict[str, Any]:
    """The random generators as they are now: of the CPU, and of the device that computes."""
    found: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        found["cuda"] = (device, torch.cuda.get_rng_state(device))
    elif device.type == "mps":
        found["mps"] = torch.mps.get_rng_state()
    return found


@contextlib.contextmanager
def _replayed(state: dict[str, Any]) -> Iterator[None]:
    """Draw the random numbers of `state` once more, and leave the generators as they were."""
    device = state.get("cuda", (torch.device("mps" if "mps" in state else "cpu"),))[0]
    now = _random(device)
    _set(state)
    try:
        yield
    finally:
        _set(now)


def _set(state: dict[str, Any]) -> None:
    torch.set_rng_state(state["cpu"])
    if "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"][1], state["cuda"][0])
    if "mps" in state:
        torch.mps.set_rng_state(state["mps"])
