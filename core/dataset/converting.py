"""The rows of a dataset in another format: what each conversion makes, and what it leaves out with the reason."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.dataset.formats import DatasetInfo, Example, Format
from core.dataset.normalise import normalise

# anchor → texts that are like it but not its positives, the hardest first
Mined = Mapping[str, Sequence[str]]

TARGETS: dict[Format, tuple[Format, ...]] = {
    Format.PAIRS: (Format.TRIPLETS, Format.SCORED),
    Format.SCORED: (Format.PAIRS, Format.TRIPLETS),
    Format.TRIPLETS: (Format.PAIRS, Format.SCORED),
    Format.CATEGORIES: (Format.PAIRS, Format.TRIPLETS, Format.SCORED),
}

EXPLAINED: dict[tuple[Format, Format], str] = {
    (
        Format.PAIRS,
        Format.TRIPLETS,
    ): "Each pair gets negatives: positives of other anchors that are never its own.",
    (
        Format.PAIRS,
        Format.SCORED,
    ): "Each pair becomes a pair with score 1, beside pairs with other anchors' positives and score 0.",
    (Format.SCORED, Format.PAIRS): "Pairs with a score of at least the threshold become pairs.",
    (
        Format.SCORED,
        Format.TRIPLETS,
    ): "For each first text, texts above the threshold become positives, texts below the lower one negatives.",
    (Format.TRIPLETS, Format.PAIRS): "Each anchor with its positive, once.",
    (
        Format.TRIPLETS,
        Format.SCORED,
    ): "Each anchor with its positive and score 1, with each negative and score 0, once.",
    (Format.CATEGORIES, Format.PAIRS): "Each text with another one of its category.",
    (
        Format.CATEGORIES,
        Format.TRIPLETS,
    ): "Each text with another one of its category, and texts of other categories as negatives.",
    (
        Format.CATEGORIES,
        Format.SCORED,
    ): "Two texts of one category with score 1, of two categories with score 0.",
}


@dataclass(frozen=True)
class Options:
    """`threshold` and `low` on the scale of 0 to 1; `negatives` per row; the same `seed` makes the same rows."""

    threshold: float = 0.5
    low: float = 0.25
    negatives: int = 1
    seed: int = 12


@dataclass
class Outcome:
    """Filled while `rows` are taken from it: how many were made, and what was left out (reason → rows)."""

    rows: Iterator[Example] = field(default_factory=lambda: iter(()))
    made: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


def uses(source: Format, target: Format) -> frozenset[str]:
    """Which of the options matter."""
    found = set()
    if source is Format.SCORED:
        found.add("threshold")
        if target is Format.TRIPLETS:
            found.add("low")
    if target is Format.TRIPLETS or (target is Format.SCORED and source is not Format.TRIPLETS):
        found.add("negatives")
    return frozenset(found)


def convert(
    examples: Iterable[Example],
    info: DatasetInfo,
    target: Format,
    options: Options,
    mined: Mined | None = None,
) -> Outcome:
    """The rows in the target's format. Rejected rows are left out. `mined` gives negatives in the place of random ones."""
    outcome = Outcome()
    rows = _kept(examples, info, outcome)
    made = _WAYS[info.format, target](rows, options, outcome, mined or {})
    outcome.rows = _counted(made, outcome)
    return outcome


def _kept(examples: Iterable[Example], info: DatasetInfo, outcome: Outcome) -> Iterator[Example]:
    for example in examples:
        if example.status == "rejected":
            outcome.left_out["rejected"] += 1
        elif not all(text.strip() for text in example.texts[:2]):
            outcome.left_out["a text is missing"] += 1
        elif info.format is Format.SCORED and example.score is None:
            outcome.left_out["no score"] += 1
        else:
            yield example


def _counted(rows: Iterator[Example], outcome: Outcome) -> Iterator[Example]:
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        key = row.texts
        if key in seen:
            outcome.left_out["a copy of another new row"] += 1
            continue
        seen.add(key)
        outcome.made += 1
        yield row


def _new(old: Example, texts: Sequence[str], score: float | None = None) -> Example:
    raw = "" if score is None else f"{score:g}"
    return Example(
        tuple(texts), score=score, raw_score=raw, split=old.split, source=old.source or "converted"
    )


class _Others:
    """Random texts that are no known positive of an anchor."""

    def __init__(self, rows: Sequence[Example], options: Options, mined: Mined) -> None:
        self._chance = random.Random(options.seed)
        self._mined = mined
        self._texts = list(dict.fromkeys(row.texts[1] for row in rows))
        self._known: defaultdict[str, set[str]] = defaultdict(set)
        for row in rows:
            anchor = normalise(row.texts[0])
            self._known[anchor] |= {anchor, normalise(row.texts[1])}

    def of(self, anchor: str, count: int) -> list[str]:
        """Up to `count` different ones."""
        known = self._known[normalise(anchor)]
        found: dict[str, str] = {}
        for text in self._candidates(anchor, count):
            key = normalise(text)
            if key and key not in known:
                found.setdefault(key, text)
            if len(found) == count:
                break
        return list(found.values())

    def _candidates(self, anchor: str, count: int) -> Iterator[str]:
        yield from self._mined.get(anchor, ())
        for _ in range(20 * count):
            yield self._chance.choice(self._texts)
        if len(self._texts) <= 500:  # few texts: try every one before giving up
            yield from self._chance.sample(self._texts, len(self._texts))


_NO_NEGATIVE = "no text that could be a negative"


def _with_negatives(
    rows: Iterable[Example], options: Options, outcome: Outcome, mined: Mined
) -> Iterator[tuple[Example, list[str]]]:
    pairs = list(rows)
    others = _Others(pairs, options, mined)
    for row in pairs:
        found = others.of(row.texts[0], options.negatives)
        if len(found) < options.negatives:
            outcome.left_out[_NO_NEGATIVE] += 1
        else:
            yield row, found


def _pairs_to_triplets(
    rows: Iterable[Example], options: Options, outcome: Outcome, mined: Mined
) -> Iterator[Example]:
    for row, found in _with_negatives(rows, options, outcome, mined):
        yield _new(row, (*row.texts[:2], *found))


def _pairs_to_scored(
    rows: Iterable[Example], options: Options, outcome: Outcome, mined: Mined
) -> Iterator[Example]:
    for row, found in _with_negatives(rows, options, outcome, mined):
        yield _new(row, row.texts[:2], 1.0)
        for text in found:
            yield _new(row, (row.texts[0], text), 0.0)


def _scored_to_pairs(
    rows: Iterable[Example], options: Options, outcome: Outcome, _mined: Mined
) -> Iterator[Example]:
    for row in rows:
        if (row.score or 0.0) >= options.threshold:
            yield _new(row, row.texts[:2])
        else:
            outcome.left_out["score below the threshold"] += 1


def _scored_to_triplets(
    rows: Iterable[Example], options: Options, outcome: Outcome, mined: Mined
) -> Iterator[Example]:
    good: defaultdict[str, list[Example]] = defaultdict(list)
    bad: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        score = row.score or 0.0
        if score >= options.threshold:
            good[row.texts[0]].append(row)
        elif score <= options.low:
            bad[row.texts[0]].append(row.texts[1])
        else:
            outcome.left_out["score between the thresholds"] += 1
    for anchor, positives in good.items():
        known = {normalise(row.texts[1]) for row in positives} | {normalise(anchor)}
        against = [text for text in dict.fromkeys(bad.get(anchor, ())) if normalise(text) not in known]
        if len(against) < options.negatives:
            outcome.left_out["too few texts with a low score"] += len(positives)
            continue
        for number, row in enumerate(positives):
            start = number * options.negatives
            yield _new(
                row,
                (*row.texts[:2], *(against[(start + n) % len(against)] for n in range(options.negatives))),
            )


def _triplets_to_pairs(
    rows: Iterable[Example], _options: Options, _outcome: Outcome, _mined: Mined
) -> Iterator[Example]:
    for row in rows:
        yield _new(row, row.texts[:2])


def _triplets_to_scored(
    rows: Iterable[Example], _options: Options, _outcome: Outcome, _mined: Mined
) -> Iterator[Example]:
    for row in rows:
        yield _new(row, row.texts[:2], 1.0)
        for text in row.texts[2:]:
            if text.strip():
                yield _new(row, (row.texts[0], text), 0.0)


def _together(rows: Iterable[Example], options: Options, outcome: Outcome) -> Iterator[tuple[Example, str]]:
    """Each row with another text of its category: a shuffled ring, so that no text is left over or used twice as often."""
    groups: defaultdict[str, dict[str, Example]] = defaultdict(dict)
    for row in rows:
        groups[row.texts[1]].setdefault(row.texts[0], row)
    chance = random.Random(options.seed)
    for members in groups.values():
        ring = list(members.values())
        if len(ring) < 2:
            outcome.left_out["alone in its category"] += 1
            continue
        chance.shuffle(ring)
        for place, row in enumerate(ring if len(ring) > 2 else ring[:1]):
            yield row, ring[(place + 1) % len(ring)].texts[0]


def _categories_to_pairs(
    rows: Iterable[Example], options: Options, outcome: Outcome, _mined: Mined
) -> Iterator[Example]:
    for row, other in _together(rows, options, outcome):
        yield _new(row, (row.texts[0], other))


def _categories_with_others(
    rows: Iterable[Example], options: Options, outcome: Outcome
) -> Iterator[tuple[Example, str, list[str]]]:
    """(a text, another of its category, texts of other categories)."""
    kept = list(rows)
    chance = random.Random(options.seed)
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for row in kept:
        homes[normalise(row.texts[0])].add(row.texts[1])
    for row, other in _together(kept, options, outcome):
        found: dict[str, str] = {}
        for _ in range(40 * options.negatives):
            text = chance.choice(kept).texts[0]
            if row.texts[1] not in homes[normalise(text)]:
                found.setdefault(normalise(text), text)
            if len(found) == options.negatives:
                break
        if len(found) < options.negatives:
            outcome.left_out[_NO_NEGATIVE] += 1
        else:
            yield row, other, list(found.values())


def _categories_to_triplets(
    rows: Iterable[Example], options: Options, outcome: Outcome, _mined: Mined
) -> Iterator[Example]:
    for row, other, found in _categories_with_others(rows, options, outcome):
        yield _new(row, (row.texts[0], other, *found))


def _categories_to_scored(
    rows: Iterable[Example], options: Options, outcome: Outcome, _mined: Mined
) -> Iterator[Example]:
    for row, other, found in _categories_with_others(rows, options, outcome):
        yield _new(row, (row.texts[0], other), 1.0)
        for text in found:
            yield _new(row, (row.texts[0], text), 0.0)


_Way = Callable[[Iterable[Example], Options, Outcome, Mined], Iterator[Example]]

_WAYS: dict[tuple[Format, Format], _Way] = {
    (Format.PAIRS, Format.TRIPLETS): _pairs_to_triplets,
    (Format.PAIRS, Format.SCORED): _pairs_to_scored,
    (Format.SCORED, Format.PAIRS): _scored_to_pairs,
    (Format.SCORED, Format.TRIPLETS): _scored_to_triplets,
    (Format.TRIPLETS, Format.PAIRS): _triplets_to_pairs,
    (Format.TRIPLETS, Format.SCORED): _triplets_to_scored,
    (Format.CATEGORIES, Format.PAIRS): _categories_to_pairs,
    (Format.CATEGORIES, Format.TRIPLETS): _categories_to_triplets,
    (Format.CATEGORIES, Format.SCORED): _categories_to_scored,
}
