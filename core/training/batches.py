"""How rows are put into batches. Torch-free decisions; `prepare` shapes rows for a loss."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.training import category_batches
from core.training.losses import Loss

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Batching:
    """`sampler` is a value of sentence-transformers' BatchSamplers."""

    sampler: str = "batch_sampler"
    drop_last: bool = False
    notices: tuple[str, ...] = ()
    steps: int = 0  # of an epoch, where they do not follow from the rows


def prepare(loss: Loss, rows: Sequence[Row]) -> tuple[list[Row], str]:
    """Rows as the loss takes them, and what was changed: a loss that knows one negative makes several of a row with more."""
    if not loss.most_negatives or not rows or len(rows[0]) <= 3:
        return _labelled(loss, rows), ""
    split = [(row[0], row[1], negative) for row in rows for negative in row[2:]]
    return (
        split,
        f"{loss.name} takes one negative at a time, so {len(rows):,} rows became {len(split):,} triplets.",
    )


def _labelled(loss: Loss, rows: Sequence[Row]) -> list[Row]:
    """Classes become whole numbers."""
    if loss.by_category:
        return category_batches.numbered(rows)
    return [(*row[:-1], int(row[-1])) for row in rows] if loss.binary else list(rows)


def batching(loss: Loss, rows: Sequence[Row], batch_size: int) -> Batching:
    """The sampler for a loss. Losses that use the batch as negatives want no text twice in a batch.

    Where one text is in more rows than there are batches that cannot be: the library's sampler would then make ever smaller
    batches and leave rows out, so rows are drawn plainly instead and the person is told.
    """
    if loss.by_category:
        used = category_batches.used([row[1] for row in rows])
        told = category_batches.notice(len(rows), used)
        return Batching(
            "group_by_label", False, (told,) if told else (), category_batches.steps(used, batch_size)
        )
    if not loss.in_batch:
        return Batching()
    notices = []
    batches = math.ceil(len(rows) / batch_size)
    counts = Counter(text for row in rows for text in set(row))
    text, most = counts.most_common(1)[0] if counts else ("", 0)
    sampler = "no_duplicates"
    if most > batches:
        sampler = "batch_sampler"
        notices.append(
            f"The text “{_short(text)}” is in {most:,} of {len(rows):,} rows, more than the {batches:,} batches of an epoch, so "
            "batches hold it several times and some negatives are false. A smaller batch, or TripletLoss where there are "
            "negatives, avoids that."
        )
    drop_last = len(rows) > batch_size and len(rows) % batch_size == 1
    if drop_last:
        notices.append(
            f"{len(rows):,} rows leave one over in batches of {batch_size}: it has nothing to be compared with, so each epoch "
            "leaves one row out, every time another."
        )
    return Batching(sampler, drop_last, tuple(notices))


def steps_per_epoch(rows: int, batch_size: int, drop_last: bool) -> int:
    return max(1, rows // batch_size if drop_last else math.ceil(rows / batch_size))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
