"""A project of very many texts, rows and a run, whose embeddings under the base and the tuned model are known."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from core.dataset.formats import Example, Format
from core.models.cache import EmbeddingCache
from core.models.catalogue import embedded_path
from core.models.fingerprint import fingerprint
from core.project import Project
from tests.bench.explorer_map.project import WIDTH, changed, embeddings
from tests.gui.run_support import fake_run

_WORDS = ("coat", "river", "violin", "harbour", "engine", "garden", "winter", "letter", "copper", "market")


def large(folder: Path, texts: int, pairs: int, scored: int) -> Path:
    """`pairs` rows of pairs and `scored` scored ones of so many texts between them, all of which stand in some row."""
    chance = np.random.default_rng(3)
    known = [f"{_WORDS[n % 10]} and {_WORDS[n // 10 % 10]}, text number {n}" for n in range(texts)]
    others = chance.permutation(texts).tolist()
    with Project.create(folder, "Bench") as project:
        rows = (Example((known[n], known[n + pairs])) for n in range(pairs))
        project.create_dataset("Pairs", Format.PAIRS, examples=rows)
        judged = (
            Example((known[n % texts], known[others[n % texts]]), float(n % 2), str(n % 2))
            for n in range(scored)
        )
        project.create_dataset("Scored", Format.SCORED, examples=judged)
        tuned, again = (fake_run(folder) / "model" for _ in range(2))
        shutil.copytree(embedded_path(), tuned)
        changed(tuned / "model.safetensors")
        shutil.copytree(tuned, again)
        for model, vectors in zip((embedded_path(), tuned), embeddings(texts), strict=True):
            EmbeddingCache(project.cache_folder, fingerprint(model), WIDTH).append(known, vectors)
    return folder
