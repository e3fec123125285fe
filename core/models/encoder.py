"""Texts to embeddings: each distinct text once, similar lengths together, in chunks short enough to cancel between."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, DiskFull, FileProblem, ModelProblem
from core.models.cache import EmbeddingCache

Floats = NDArray[np.float32]
Progress = Callable[[int, int, "float | None"], None]

_CHUNK_SECONDS = 0.2  # what cancelling may wait for
_FIRST_TOKENS, _MIN_TOKENS, _MAX_TOKENS = 1024, 128, 131_072
_SAVE_SECONDS = 3.0
_CHARACTERS_PER_TOKEN = 4


def encode(
    model: Any,
    texts: Sequence[str],
    cache: EmbeddingCache | None = None,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    batch_size: int = 256,
) -> Floats:
    """The embeddings of `texts` as `model.encode` of a SentenceTransformer gives them, float32, shape (n, d).

    Truncation, pooling, normalising and a default prompt are the model's own; no other prompt is added. `on_progress` gets the distinct
    texts done, all of them, and the seconds left (None: not known yet). What was computed goes to `cache` at intervals and
    also when the call is cancelled. A cache that cannot be written is left alone.

    Args:
        batch_size: at most so many texts in one chunk; fewer where they are long or the model is slow.

    Raises:
        Cancelled: `should_stop` said so, between two chunks.
        ModelProblem: the model gives something else than numbers.
    """
    distinct = list(dict.fromkeys(texts))
    dimension = dimension_of(model)
    if cache is not None:
        found, missing = cache.fetch(distinct)
        if len(missing) < len(distinct) and not are_numbers(found):  # damaged
            cache.start_anew()
            missing = list(range(len(distinct)))
    else:
        found, missing = np.zeros((len(distinct), dimension), dtype=np.float32), list(range(len(distinct)))
    if missing:
        if on_progress:
            on_progress(len(distinct) - len(missing), len(distinct), None)
        _compute(model, distinct, missing, found, cache, on_progress, should_stop, batch_size)
    if len(distinct) == len(texts):
        return found
    place = {text: index for index, text in enumerate(distinct)}
    return found[[place[text] for text in texts]]


def are_numbers(vectors: NDArray[Any]) -> bool:
    """Whether every row (n, d) has a length: no value is infinite, not a number, or too large to be compared."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(np.einsum("ij,ij->i", vectors, vectors)).all())


def numbers(vectors: Floats) -> Floats:
    """The same vectors; a score of anything else would be shown as if it were one.

    Raises:
        ModelProblem
    """
    if not are_numbers(vectors):
        raise ModelProblem(
            "The model gives something else than numbers: it was trained out of bounds, or its files are damaged.",
            "Choose another model, or train again with a lower learning rate.",
        )
    return vectors


def dimension_of(model: Any) -> int:
    """The width of the model's embeddings."""
    width = model.get_embedding_dimension()
    return int(width) if width else int(np.asarray(model.encode(["a"], show_progress_bar=False)).shape[1])


def _compute(
    model: Any,
    texts: list[str],
    missing: list[int],
    found: Floats,
    cache: EmbeddingCache | None,
    on_progress: Progress | None,
    should_stop: Callable[[], bool] | None,
    batch_size: int,
) -> None:
    """Fill `found` at the positions `missing`, longest texts first: a lack of memory shows at once, the estimate errs high."""
    limit = model.max_seq_length or 1_000_000
    costs = [min(limit, 2 + len(texts[index]) // _CHARACTERS_PER_TOKEN) for index in missing]
    order = sorted(range(len(missing)), key=lambda item: -costs[item])
    left = sum(costs)
    work, started, budget, position = left, time.monotonic(), _FIRST_TOKENS, 0
    unsaved: list[int] = []
    saved = started
    forward = _forward_of(model)
    try:
        while position < len(order):
            if should_stop and should_stop():
                raise Cancelled
            rows = max(1, min(batch_size, budget // costs[order[position]]))
            chunk = order[position : position + rows]
            places = [missing[item] for item in chunk]
            before = time.monotonic()
            found[places] = numbers(forward([texts[place] for place in places]))
            now = time.monotonic()
            position += len(chunk)
            unsaved += places
            left -= sum(costs[item] for item in chunk)
            if position > len(chunk):  # the first chunk pays for the warm-up
                budget = _adapted(budget, now - before, full=rows < batch_size)
            if on_progress:
                seconds = (now - started) * left / max(1, work - left)
                on_progress(len(texts) - len(order) + position, len(texts), seconds)
            if now - saved > _SAVE_SECONDS:
                cache = _save(cache, texts, unsaved, found)
                saved = now
    finally:
        _save(cache, texts, unsaved, found)


def _forward_of(model: Any) -> Callable[[list[str]], Floats]:
    """Texts to embeddings: the packed forward that training uses, or the model's own `encode` where it does not fit."""
    from sentence_transformers import SentenceTransformer

    from core.models.packed_forward import PackedForward
    from core.models.tokens import Unpackable

    def plain(texts: list[str]) -> Floats:
        return np.asarray(
            model.encode(_clean(texts), batch_size=len(texts), show_progress_bar=False), dtype=np.float32
        )

    if not isinstance(model, SentenceTransformer) or model.truncate_dim is not None:
        return plain
    name = model.default_prompt_name
    try:
        packed = PackedForward(model, model.prompts[name] if name else None)
    except Unpackable:
        return plain

    def chunks(texts: list[str]) -> Floats:
        vectors = packed.embed(_clean(texts))
        packed.tokens.forget()
        return vectors

    return chunks


def _clean(texts: list[str]) -> list[str]:
    # a lone surrogate is no character: tokenizers refuse it
    return [text.encode("utf-8", "replace").decode("utf-8") for text in texts]


def _adapted(budget: int, seconds: float, full: bool) -> int:
    """The tokens of the next chunk, so that it takes about `_CHUNK_SECONDS`; never more than twice or less than half as before."""
    wanted = budget * _CHUNK_SECONDS / max(seconds, 1e-4)
    if not full:
        wanted = min(
            wanted, budget
        )  # the row limit, not the budget, kept this chunk small: its time says little
    return int(max(_MIN_TOKENS, min(_MAX_TOKENS, max(budget / 2, min(budget * 2, wanted)))))


def _save(
    cache: EmbeddingCache | None, texts: list[str], unsaved: list[int], found: Floats
) -> EmbeddingCache | None:
    """Move the computed rows to the cache; None when it cannot take them, so that it is not asked again."""
    if cache is None or not unsaved:
        return cache
    places, unsaved[:] = list(unsaved), []
    try:
        cache.append([texts[place] for place in places], found[places])
    except (DiskFull, FileProblem):
        return None
    return cache
