"""What operations have in common: reading a request's parameters, embedding a corpus with progress."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from core.engine.corpus import Corpus
from core.engine.jobs import Job
from core.engine.models import Loaded
from core.errors import UsageError
from core.models import loading
from core.models.cache import EmbeddingCache
from core.models.encoder import encode as encode_texts


def embedded(corpus: Corpus, loaded: Loaded, project: Path, job: Job, portion: tuple[int, int, float]) -> Any:
    """The embeddings of the corpus under a model, and their lengths; `portion` is its `share` of the progress."""
    before, total, later = portion

    def embed(texts: list[str]) -> Any:
        known = len(corpus.texts) - len(texts)

        def progress(done: int, _: int, seconds_left: float | None) -> None:
            elapsed = time.monotonic() - started
            left = None if seconds_left is None else seconds_left + later * (elapsed + seconds_left)
            job.progress(before + known + done, total, left)

        return encode_texts(loaded.model, texts, cache_of(project, loaded), progress, job.should_stop)

    started = time.monotonic()
    return corpus.matrix(loaded.fingerprint, embed)


def share(corpus: Corpus, loaded: list[Loaded], number: int) -> tuple[int, int, float]:
    """For the progress over all models: the texts before this model's, the texts in all, and how many such portions follow."""
    later = [one for one in loaded[number + 1 :] if not corpus.knows(one.fingerprint)]
    return number * len(corpus.texts), len(loaded) * len(corpus.texts), float(len(later))


def cache_of(project: Path | None, loaded: Loaded) -> EmbeddingCache | None:
    """Where the project keeps the model's embeddings."""
    return EmbeddingCache(project / "cache", loaded.fingerprint, loaded.dimension) if project else None


def about(loaded: Loaded) -> dict[str, Any]:
    """What every answer says about the model."""
    return {"name": loaded.name, "metric": loaded.metric, "device": loading.device_title(loaded.device)}


def project_of(params: dict[str, Any]) -> Path | None:
    """The project's folder, where the request names one."""
    value = params.get("project")
    return Path(str(value)) if value else None


def text_of(params: dict[str, Any], key: str) -> str:
    """Raises: UsageError when the request has no such text."""
    value = params.get(key)
    if not isinstance(value, str):
        raise UsageError(f"The request has no {key}.")
    return value


def whole(text: str) -> str:
    """The text without halves of characters, as a paste can leave them: neither a model nor the project's file takes one."""
    return text.encode("utf-8", "replace").decode()
