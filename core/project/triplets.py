"""Triplets of an anchor, its positives and its negatives."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.dataset.formats import Format
from core.dataset.normalise import normalise
from core.project.queries import Queries

POSITIVE_FROM = 0.5


def known_positives(
    project: Queries, anchors: Collection[str], without: Collection[int] = ()
) -> dict[str, list[str]]:
    """What the project's rows say is similar to each anchor, once each, in the order of the rows; `without` the rows with these ids."""
    found: dict[str, dict[str, str]] = {}

    def note(anchor: str, text: str) -> None:
        if anchor in anchors and text.strip() and normalise(text) != normalise(anchor):
            found.setdefault(anchor, {}).setdefault(normalise(text), text)

    for info in project.datasets():
        if info.format is Format.CATEGORIES:
            continue
        scored = info.format is Format.SCORED
        for row in project.rows_with(info.id, list(anchors), (0, 1) if scored else (0,)):
            if row.status == "rejected" or row.id in without:
                continue
            if scored and (row.score is None or row.score < POSITIVE_FROM):
                continue
            note(row.texts[0], row.texts[1])
            if scored:
                note(row.texts[1], row.texts[0])
    return {anchor: list(texts.values()) for anchor, texts in found.items()}


def made_of(
    anchor: str, positives: Sequence[str], negatives: Sequence[str], width: int
) -> list[tuple[str, ...]]:
    """Rows with `width` negatives each, in which every positive and every negative stands at least once; the shorter list begins again.

    None where there is no positive, or there are fewer negatives than a row has.
    """
    if not positives or len(negatives) < width:
        return []
    groups = -(-len(negatives) // width)
    rows = []
    for number in range(max(groups, len(positives))):
        start = (number % groups) * width
        taken = [*negatives[start : start + width]]
        taken += negatives[: width - len(taken)]  # the last group is filled up from the first
        rows.append((anchor, positives[number % len(positives)], *taken))
    return rows
