"""Embeddings that can be cut short: which lengths are asked for, and how long a model's embeddings are. No torch.

Kusupati et al. 2022 (arXiv 2205.13147): the loss is computed on the first numbers of every embedding as well, for several lengths,
so that those alone make a usable embedding: smaller to store and faster to compare.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import ModelProblem, UsageError
from core.models import catalogue


def lengths(text: str) -> list[int]:
    """ "256, 64,128" → [256, 128, 64]; [] for none."""
    return sorted({int(part) for part in text.split(",") if part.strip()}, reverse=True)


def check(text: str, full: int) -> list[int]:
    """The lengths that `text` asks for, longest first, without the whole length `full`, which is trained in any case.

    Raises:
        UsageError: one that the model cannot have.
    """
    found = lengths(text)
    wrong = [length for length in found if not 0 < length <= full]
    if wrong:
        raise UsageError(
            f"matryoshka cannot be {wrong[0]}: the model's embeddings have {full} numbers.",
            f"Use lengths from 1 to {full}, for example {full // 2},{full // 4}.",
        )
    return [length for length in found if length < full]


def dimension(name: str) -> int:
    """How many numbers the embeddings of the model called `name` have, as far as its files say without loading it; 0 if they do not."""
    try:
        folder = catalogue.embedded_path() if catalogue.is_embedded(name) else Path(name).expanduser()
        modules = catalogue.read_json(folder / "modules.json")
        sizes = [_size(folder / str(entry.get("path", ""))) for entry in modules if isinstance(entry, dict)]
    except (ModelProblem, TypeError, AttributeError):
        return 0
    return next((size for size in reversed(sizes) if size), 0)


def _size(place: Path) -> int:
    """What a module of a model gives out, if its configuration tells."""
    path = place / "config.json"
    config: Any = catalogue.read_json(path) if path.is_file() else {}
    if not isinstance(config, dict):
        return 0
    for key in ("out_features", "embedding_dimension", "word_embedding_dimension", "hidden_size"):
        if isinstance(config.get(key), int):
            return int(config[key])
    return 0
