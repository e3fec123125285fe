"""A hold-out of texts with categories: from every category that has enough of them, about the same share."""

from __future__ import annotations

import random
from collections.abc import Sequence

from core.dataset.formats import Example
from core.dataset.normalise import normalise

LEAST = 2  # texts of a category on a side: one alone has nothing to be near to


def by_category(
    rows: Sequence[Example], pinned: Sequence[bool], share: float, seed: int
) -> tuple[set[int], int]:
    """(positions to hold out, how many categories have none there). Copies of a text stay on one side.

    A category with fewer than four free texts stays whole in the training rows. Where the categories are so small that two texts
    of each would be far more than the share, only as many are drawn from as it takes.
    """
    members: dict[str, dict[str, list[int]]] = {}
    home: dict[str, str] = {}
    for position, row in enumerate(rows):
        text = normalise(row.texts[0])
        category = home.setdefault(text, normalise(row.texts[1]))  # a text in two categories is in one group
        members.setdefault(category, {}).setdefault(text, []).append(position)
    draw = random.Random(f"{seed}/categories")
    order = sorted(members)
    draw.shuffle(order)
    order.sort(key=lambda name: len(members[name]), reverse=True)
    target, chosen, without = share * len(rows), set[int](), 0
    for name in order:
        texts = [group for group in members[name].values() if not any(pinned[place] for place in group)]
        draw.shuffle(texts)
        room = min(len(texts), len(members[name]) - LEAST)
        wanted = max(round(share * len(members[name])), LEAST)
        if room < LEAST or (wanted > share * len(members[name]) + 0.5 and len(chosen) + LEAST > target + 1):
            without += 1
            continue
        for copies in texts[: min(wanted, room)]:
            chosen.update(copies)
    return chosen, without
