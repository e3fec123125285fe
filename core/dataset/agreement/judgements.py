"""What a person decided about a row, as one short text that can be kept and compared.

"" is no decision; "accepted", "rejected" and "skipped" are the status of a row; "=…" is a score in 0–1 or the name of a category.
"""

from __future__ import annotations

from typing import Any

from core.dataset.formats import STATUSES, Example, Format, Scale

ACCEPTED, REJECTED, SKIPPED = STATUSES[1:]


def judgement(format: Format, row: Example) -> str:
    """The decision that the row holds. A score is one; a category counts as soon as somebody confirmed it."""
    if row.status in (REJECTED, SKIPPED):
        return row.status
    if format is Format.SCORED:
        return "" if row.score is None else of_score(row.score)
    if format is Format.CATEGORIES:
        return f"={row.texts[1]}" if row.status == ACCEPTED else ""
    return row.status


def of_score(score: float) -> str:
    return f"={score:.6g}"


def score_of(judged: str) -> float | None:
    """The score in 0–1, None for any other judgement."""
    try:
        return float(judged[1:]) if judged.startswith("=") else None
    except ValueError:
        return None


def mean(first: str, second: str) -> str:
    """The judgement between two scores; "" where one of them is none."""
    a, b = score_of(first), score_of(second)
    return "" if a is None or b is None else of_score((a + b) / 2)


def cells(format: Format, scale: Scale, id: int, judged: str) -> list[tuple[int, str, Any]]:
    """The cells that give the row this judgement."""
    if judged in (REJECTED, SKIPPED):
        return [(id, "status", judged)]
    found: list[tuple[int, str, Any]] = [(id, "status", ACCEPTED if judged else "")]
    score = score_of(judged)
    if format is Format.SCORED and score is not None:
        found.insert(0, (id, "score", on_scale(scale, score)))
    if format is Format.CATEGORIES and judged.startswith("="):
        found.insert(0, (id, "category", judged[1:]))
    return found


def on_scale(scale: Scale, score: float) -> str:
    """A score in 0–1 as somebody would type it on the scale."""
    low, high = sorted((scale.low, scale.high))
    return f"{min(max(round(scale.from_unit(score), 6), low), high):.6g}"


def in_words(format: Format, scale: Scale, judged: str) -> str:
    """For a person: “4.5”, “accepted”, “no judgement”."""
    score = score_of(judged)
    if format is Format.SCORED and score is not None:
        return on_scale(scale, score).replace("-", "−")
    if judged.startswith("="):
        return judged[1:] or "no category"
    return judged or "no judgement"
