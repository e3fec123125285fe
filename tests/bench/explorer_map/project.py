"""A project of very many texts whose embeddings under two models of the usual width are known: made, in groups as texts are."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import Example, Format
from core.models.cache import EmbeddingCache
from core.models.catalogue import embedded_path
from core.models.fingerprint import fingerprint
from core.project import Project

WIDTH = 384
GROUPS = 200
_DIRECTIONS = 30  # along which texts of a group differ
_WORDS = ("coat", "river", "violin", "harbour", "engine", "garden", "winter", "letter", "copper", "market")


def embeddings(count: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two models' embeddings of the same texts: as after training, one text in eight has gone to another group, all others moved a little."""
    random = np.random.default_rng(seed)
    centres = random.normal(0, 2.5, (GROUPS, WIDTH)).astype(np.float32)
    directions = random.normal(0, 1, (_DIRECTIONS, WIDTH)).astype(np.float32)
    inside = random.normal(0, 0.4, (count, _DIRECTIONS)).astype(np.float32) @ directions
    own = random.integers(0, GROUPS, count)
    other = np.where(random.random(count) < 1 / 8, random.integers(0, GROUPS, count), own)
    base = centres[own] + inside
    tuned = centres[other] + inside + random.normal(0, 0.02, base.shape).astype(np.float32)
    return _unit(base), _unit(tuned)


def project_of_many(folder: Path, count: int) -> tuple[Path, list[str]]:
    """The project's folder and the references of its two models."""
    other = folder / "tuned"
    shutil.copytree(embedded_path(), other)
    changed(other / "model.safetensors")
    texts = [f"{_WORDS[n % 10]} and {_WORDS[n // 10 % 10]}, text number {n}" for n in range(count)]
    with Project.create(folder / "project", "Bench") as project:
        rows = [Example((texts[2 * n], texts[2 * n + 1])) for n in range(count // 4)]
        project.create_dataset("Pairs", Format.PAIRS, examples=rows)
        project.add_texts(texts[2 * len(rows) :], "bench")
        models = (embedded_path(), other)
        for model, vectors in zip(models, embeddings(count), strict=True):
            EmbeddingCache(project.cache_folder, fingerprint(model), WIDTH).append(texts, vectors)
    return folder / "project", [str(model) for model in models]


def changed(weights: Path) -> None:
    from safetensors.numpy import load_file, save_file

    tensors = load_file(weights)
    name = min(tensors)
    save_file({**tensors, name: tensors[name] * np.float32(1.001)}, weights, metadata={"format": "pt"})


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    made: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return made.astype(np.float32)
