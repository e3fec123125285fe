"""The loss of one run in the two forms it can run in. Only child processes import this module."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import losses as library

from core.models import catalogue, loading
from core.training import build_loss, matryoshka
from core.training.automatic import BASE
from core.training.guided import GuidedLoss
from core.training.losses import BY_NAME
from core.training.nested_loss import NestedLoss
from core.training.spec import Spec


@dataclass(frozen=True)
class RunLoss:
    """`stock`: the library's own. `packed`: the same as a function of embeddings (or `stock`, where there is no such form), worked
    through `part_size` texts at once (0: all). `config`: the loss's own words for the card."""

    stock: torch.nn.Module
    packed: torch.nn.Module
    part_size: int
    config: dict[str, Any]
    lengths: list[int]  # that shortened embeddings have


def make(spec: Spec, model: SentenceTransformer) -> RunLoss:
    """Build the loss on `model`, which still is the base model.

    Raises:
        TrainingProblem: see `build_loss.build`.
        UsageError: a length that the model's embeddings cannot be cut to.
        ModelProblem: the guide cannot be loaded.
    """
    parameters = dict(spec.loss_parameters)
    entry = BY_NAME[spec.loss]
    guide = _guide(str(parameters.pop("guide", BASE)), spec, model) if entry.parameter("guide") else None
    stock = build_loss.build(spec.loss, parameters, model, guide)
    config = dict(stock.get_config_dict())
    if guide is not None:
        config["guide"] = catalogue.hub_id(_guide_name(spec))
    packed = _packed(spec, parameters, model, guide, stock)
    full = int(model.get_embedding_dimension() or 0)
    lengths = matryoshka.check(spec.matryoshka, full)
    if lengths:
        nested = library.MatryoshkaLoss(model, stock, [full, *lengths])
        if hasattr(packed, "compute_loss_from_embeddings") and (packed is not stock or not entry.cached):
            packed = NestedLoss(packed, nested.matryoshka_dims)
        else:
            packed = nested
        config = {**nested.get_config_dict(), "loss_parameters": config}
        stock = nested
    part_size = int(parameters.get("mini_batch_size", 0)) if entry.cached else 0
    return RunLoss(stock, packed, part_size, config, lengths)


def _packed(
    spec: Spec,
    parameters: dict[str, Any],
    model: SentenceTransformer,
    guide: SentenceTransformer | None,
    stock: torch.nn.Module,
) -> torch.nn.Module:
    if parameters.get("mini_batch_num_tokens") or parameters.get("gather_across_devices"):
        return stock
    if guide is not None:
        return GuidedLoss(model, guide, parameters)
    uncached = BY_NAME[spec.loss].cached
    if uncached:
        known = {key: value for key, value in parameters.items() if BY_NAME[uncached].parameter(key)}
        return build_loss.build(uncached, known, model)
    return stock


def _guide(name: str, spec: Spec, model: SentenceTransformer) -> SentenceTransformer:
    """The model called `name`, which never learns."""
    if name == BASE:
        guide = copy.deepcopy(model)
    else:
        guide = loading.load(
            name,
            device=str(model.device),
            allow_download=spec.allow_download,
            trust_remote_code=spec.trust_remote_code,
        )
    guide.requires_grad_(False)
    return guide.eval()


def _guide_name(spec: Spec) -> str:
    name = str(spec.loss_parameters.get("guide", BASE))
    return spec.base_model if name == BASE else name
