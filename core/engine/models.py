"""The models the engine keeps in memory: the few that were used last."""

from __future__ import annotations

import gc
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.errors import ModelProblem
from core.models import catalogue, loading
from core.models.encoder import dimension_of, numbers
from core.models.fingerprint import fingerprint, fingerprint_loaded

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

KEPT = 3


@dataclass(frozen=True)
class Loaded:
    """A model in memory. `metric` is how its embeddings are compared: cosine, dot, euclidean or manhattan."""

    name: str
    model: SentenceTransformer
    fingerprint: str
    dimension: int
    metric: str

    @property
    def device(self) -> str:
        return str(self.model.device)


class ModelStore:
    """Loads by name, see `refs.resolve`. A folder whose files changed is loaded anew."""

    def __init__(self, device: str = "auto", kept: int = KEPT) -> None:
        self._device, self._kept = device, kept
        self._models: OrderedDict[tuple[str, str], Loaded] = OrderedDict()

    def get(self, name: str) -> Loaded:
        """The model called `name`.

        Raises:
            ModelProblem: there is none, or its folder is not one that can be loaded.
            FileProblem: its files cannot be read.
        """
        place = None if name == catalogue.RANDOM else catalogue.resolve(name)
        mark = fingerprint(place) if isinstance(place, Path) else ""
        key = (str(place or name), mark)
        if key in self._models:
            self._models.move_to_end(key)
            return self._models[key]
        model = loading.load(name, device=self._device)
        _try(model, name)
        loaded = Loaded(
            name, model, mark or fingerprint_loaded(model), dimension_of(model), str(model.similarity_fn_name)
        )
        self._forget(lambda old: old[0] == key[0])
        self._models[key] = loaded
        while len(self._models) > self._kept:
            self._models.popitem(last=False)
        return loaded

    def release(self) -> None:
        """Give up all models: the memory is needed."""
        self._models.clear()
        gc.collect()

    def _forget(self, outdated: object) -> None:
        for key in [key for key in self._models if callable(outdated) and outdated(key)]:
            del self._models[key]


def _try(model: SentenceTransformer, name: str) -> None:
    """Raises: ModelProblem, it gives something else than numbers."""
    try:
        numbers(np.atleast_2d(np.asarray(model.encode(["a"], show_progress_bar=False), dtype=np.float32)))
    except ModelProblem as error:
        raise ModelProblem(error.message.replace("The model", f"The model {name}", 1), error.hint) from error
