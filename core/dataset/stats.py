"""The numbers about a dataset that the recipe is computed from and that the window shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.dataset.folds import units
from core.dataset.formats import DatasetInfo, Example, Format, texts_of
from core.dataset.normalise import normalise

MOST_GROUPED = 5_000  # with more rows nobody asks how many groups there are


@dataclass(frozen=True)
class DataStats:
    """Shares are 0–1, words are counted between whitespace. `distinct_…` compare normalised texts."""

    rows: int = 0
    labelled: int = 0  # rows that can be trained on: all of them, or those with a score
    distinct_texts: int = 0
    distinct_anchors: int = 0
    distinct_positives: int = 0  # second column: positives, or text B
    repeated_anchor_share: float = 0.0  # rows whose anchor stands in another row too
    repeated_positive_share: float = 0.0
    score_levels: int = 0  # different scores among the labelled rows
    binary: bool = False  # every score is exactly 0 or 1
    positive_share: float = 0.0  # labelled rows with a score of 0.5 or more
    categories: int = 0  # with two rows or more; one row alone teaches nothing
    smallest_category: int = 0  # rows of the smallest and largest of those
    largest_category: int = 0
    mean_words: float = 0.0  # per text, repeated texts counted each time
    max_words: int = 0
    mean_characters: float = 0.0
    max_characters: int = 0
    marked_train: int = 0  # rows whose split was set by hand or by the file
    marked_eval: int = 0
    marked_test: int = 0
    groups: int = (
        0  # sets of rows that share no text with the others, see `core.dataset.folds.units`; 0 = not counted
    )


def describe(info: DatasetInfo, rows: Iterable[Example]) -> DataStats:
    """Count everything in one pass over `rows` (O(rows) time, memory for the distinct texts)."""
    seen: dict[str, tuple[int, int]] = {}  # text -> (identity, words); a long column repeats few texts
    identities: dict[str, int] = {}
    first: dict[int, int] = {}
    second: dict[int, int] = {}
    levels: dict[float, int] = {}
    categories: dict[str, int] = {}
    listed = info.format is Format.CATEGORIES
    splits = {"train": 0, "eval": 0, "test": 0}
    scored = info.format is Format.SCORED
    few: list[Example] = []  # what can be trained on
    count = cells = words = longest = characters = widest = 0
    for row in rows:
        count += 1
        if len(few) <= MOST_GROUPED and row.split != "test" and not (scored and row.score is None):
            few.append(row)
        keys = []
        for text in texts_of(info.format, row.texts):
            known = seen.get(text)
            if known is None:
                known = (identities.setdefault(normalise(text), len(identities)), len(text.split()))
                seen[text] = known
            keys.append(known[0])
            words += known[1]
            longest = max(longest, known[1])
            characters += len(text)
            widest = max(widest, len(text))
        cells += len(keys)
        if keys:
            first[keys[0]] = first.get(keys[0], 0) + 1
        if len(keys) > 1:
            second[keys[1]] = second.get(keys[1], 0) + 1
        if listed and len(row.texts) > 1:
            category = normalise(row.texts[1])
            categories[category] = categories.get(category, 0) + 1
        if row.score is not None:
            levels[row.score] = levels.get(row.score, 0) + 1
        if row.split in splits:
            splits[row.split] += 1
    shared = [size for size in categories.values() if size > 1]
    labelled = sum(levels.values()) if scored else count
    return DataStats(
        rows=count,
        labelled=labelled,
        distinct_texts=len(identities),
        distinct_anchors=len(first),
        distinct_positives=len(second),
        repeated_anchor_share=_repeated(first, count),
        repeated_positive_share=_repeated(second, count),
        score_levels=len(levels) if scored else 0,
        binary=scored and bool(levels) and set(levels) <= {0.0, 1.0},
        positive_share=sum(n for score, n in levels.items() if score >= 0.5) / labelled
        if scored and labelled
        else 0.0,
        categories=len(shared),
        smallest_category=min(shared, default=0),
        largest_category=max(shared, default=0),
        mean_words=words / cells if cells else 0.0,
        max_words=longest,
        mean_characters=characters / cells if cells else 0.0,
        max_characters=widest,
        marked_train=splits["train"],
        marked_eval=splits["eval"],
        marked_test=splits["test"],
        groups=len(set(units(few)[0])) if len(few) <= MOST_GROUPED else 0,
    )


def _repeated(counts: dict[int, int], rows: int) -> float:
    return sum(n for n in counts.values() if n > 1) / rows if rows else 0.0
