"""LoRA: train two small matrices beside each layer in place of the layer's own weights. Only child processes import this module.

Hu et al. 2022 (arXiv 2106.09685). The layers are PEFT's. Whenever somebody looks at the model or writes it, it is the plain model
with the adapters' product added to its weights; the weights that the adapters stand beside are never changed by that, so looking
costs no precision.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from peft import LoraConfig
from peft.tuners.lora import LoraLayer
from sentence_transformers import SentenceTransformer

from core.errors import TrainingProblem

SCALE = 2  # the usual ratio of LoRA's alpha to its rank
_NAME = "default"
_UNUSED = r".*pooler.*"  # of the pre-training's head; embeddings are pooled outside of the transformer


class Adapters:
    """Adapters of `rank` on every linear layer of the model's transformer; everything else is frozen until `remove`.

    Raises:
        TrainingProblem: the model has no transformer.
    """

    def __init__(self, model: SentenceTransformer, rank: int, seed: int) -> None:
        transformer = model.transformers_model
        if transformer is None:
            raise TrainingProblem(
                "The base model has no transformer that adapters could be put into.", "Use lora=0."
            )
        self.model = model
        self.rank = rank
        self._learning = [weight for weight in model.parameters() if weight.requires_grad]
        self._transformer = transformer
        self._present = False
        model.requires_grad_(False)
        config = LoraConfig(
            r=rank,
            lora_alpha=SCALE * rank,
            lora_dropout=0.0,
            target_modules="all-linear",
            exclude_modules=_UNUSED,
            bias="none",
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model.add_adapter(config)
        self._layers: list[tuple[torch.nn.Module, str, LoraLayer]] = [
            (parent, name, layer)
            for parent in list(transformer.modules())
            for name, layer in list(parent.named_children())
            if isinstance(layer, LoraLayer)
        ]
        self._weights = {
            name: weight for name, weight in transformer.named_parameters() if weight.requires_grad
        }
        self._present = True

    @property
    def notice(self) -> str:
        small = sum(weight.numel() for weight in self._weights.values())
        whole = sum(weight.numel() for weight in self._learning)
        return (
            f"Adapters of rank {self.rank} beside {len(self._layers):,} layers are trained (LoRA), {small:,} numbers in place of "
            f"{whole:,}; the kept model has them merged into its weights."
        )

    def state(self) -> dict[str, torch.Tensor]:
        """What a run that goes on needs of them."""
        return {name: weight.detach() for name, weight in self._weights.items()}

    def load(self, state: dict[str, torch.Tensor]) -> None:
        with torch.no_grad():
            for name, weight in self._weights.items():
                weight.copy_(state[name])

    @contextlib.contextmanager
    def whole(self) -> Iterator[None]:
        """The plain model, with the adapters as they are now, for measuring and saving."""
        if not self._present:
            yield
            return
        before = self._merge()
        try:
            yield
        finally:
            for (parent, name, layer), weight in zip(self._layers, before, strict=True):
                layer.get_base_layer().weight.data = weight
                setattr(parent, name, layer)
            self._transformer._hf_peft_config_loaded = True
            self._present = True

    def remove(self) -> None:
        """Leave the plain model, trained."""
        if self._present:
            self._merge()
            for attribute in ("peft_config", "_hf_peft_config_loaded"):
                self._transformer.__dict__.pop(attribute, None)
            for weight in self._learning:
                weight.requires_grad_(True)

    def _merge(self) -> list[torch.Tensor]:
        """Put the plain layers into the model, with new weights; returns the weights they had."""
        before = []
        with torch.no_grad():
            for parent, name, layer in self._layers:
                base = layer.get_base_layer()
                before.append(base.weight.data)
                base.weight.data = base.weight.data + layer.get_delta_weight(_NAME).to(base.weight.dtype)
                setattr(parent, name, base)
        self._transformer._hf_peft_config_loaded = False
        self._present = False
        return before
