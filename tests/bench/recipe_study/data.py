"""The data of the comparison of recipes: fixed test rows, and labels drawn from the other rows."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.dataset.formats import Example, Format
from core.dataset.normalise import normalise

DRAW = 2026  # the seed of the fixed test rows, the same in every comparison
WORDS_TEST, QUOTES_TEST = 500, 300  # fewest rows


@dataclass(frozen=True)
class Task:
    """Labels are drawn from `pool`; every model is judged on `test`, which shares no row with it."""

    name: str
    format: Format
    pool: list[Example]
    test: list[Example]

    def draw(self, size: int, seed: int) -> list[Example]:
        """`size` labelled rows. The same seed gives the same rows, and the rows of a small size are in every larger one."""
        rows = list(self.pool)
        random.Random(f"{self.name} {seed}").shuffle(rows)
        return rows[:size]


def sts(data: Path) -> Task:
    """STS-B: train and test as published; training rows that share a text with the test are left out."""
    test = _sts(data / "stsbenchmark" / "sts-test.csv")
    return Task("sts", Format.SCORED, _apart(_sts(data / "stsbenchmark" / "sts-train.csv"), test), test)


def words(data: Path) -> Task:
    """Does the second thing beat the first? The test holds all rows of some first things."""
    rows = _table(data / "words_of_power" / "seed004_pairs.csv")
    examples = [Example((row[0], row[1]), float(row[2])) for row in rows]
    pool, test = _hold_out(examples, WORDS_TEST)
    return Task("words", Format.SCORED, pool, test)


def categories(data: Path) -> Task:
    """Triplets over a dozen category names, with the published test; their texts recur, their rows do not."""
    folder = data / "category_rules"
    test = [Example(row) for row in _table(folder / "seed003_triplets_eval_531.csv")]
    known = {_key(row) for row in test}
    train = [Example(row) for row in _table(folder / "seed003_triplets_train_2120.csv")]
    return Task("categories", Format.TRIPLETS, [row for row in train if _key(row) not in known], test)


def quotes(data: Path) -> Task:
    """Pairs as their author trained on them: an anchor holds its positive verbatim."""
    pool, test = _hold_out(
        [Example(row) for row in _table(data / "quotes" / "seed002_pairs.csv")], QUOTES_TEST
    )
    return Task("quotes", Format.PAIRS, pool, test)


def tags(data: Path) -> Task:
    """The same quotes without that shortcut: find the quote from its tags alone."""
    text = (data / "quotes" / "english_quotes.jsonl").read_text(encoding="utf-8")
    entries = [json.loads(line) for line in text.splitlines()]
    rows = [Example((", ".join(entry["tags"]), entry["quote"])) for entry in entries if entry["tags"]]
    pool, test = _hold_out(rows, QUOTES_TEST)
    return Task("tags", Format.PAIRS, pool, test)


TASKS: dict[str, Callable[[Path], Task]] = {
    "sts": sts,
    "words": words,
    "categories": categories,
    "tags": tags,
    "quotes": quotes,
}


def _table(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [tuple(row) for row in list(csv.reader(stream))[1:]]


def _sts(path: Path) -> list[Example]:
    """Tab separated, without quoting and header: genre, file, year, number, score 0 to 5, two sentences."""
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [Example((line[5], line[6]), float(line[4]) / 5) for line in lines]


def _key(row: Example) -> tuple[str, ...]:
    return tuple(normalise(text) for text in row.texts)


def _hold_out(rows: Sequence[Example], fewest: int) -> tuple[list[Example], list[Example]]:
    """Test rows in whole groups of one anchor, and the rows that share no text with any of them."""
    groups: dict[str, list[Example]] = {}
    for row in rows:
        groups.setdefault(normalise(row.texts[0]), []).append(row)
    anchors = sorted(groups)
    random.Random(DRAW).shuffle(anchors)
    test: list[Example] = []
    for anchor in anchors:
        if len(test) >= fewest:
            break
        test += groups[anchor]
    return _apart(rows, test), test


def _apart(rows: Iterable[Example], test: Sequence[Example]) -> list[Example]:
    known = {text for row in test for text in _key(row)}
    return [row for row in rows if not known & set(_key(row))]
