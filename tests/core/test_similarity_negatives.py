"""Hard negatives against the slow and obvious way: never a known positive, always between the bounds, the hardest first."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset.formats import Format
from core.dataset.normalise import normalise
from core.errors import Cancelled
from core.similarity import search
from core.similarity.negatives import Bounds, Pool, cosines, mine
from core.similarity.relations import POSITIVE_FROM, Keys, Relations

WORDS = ["a", "A", " a ", "b", "B", "c", "d", "e", "É", "é", "f", ""]
WORD = st.sampled_from(WORDS)
ROWS = st.lists(
    st.one_of(
        st.tuples(st.just(Format.PAIRS), st.none(), st.tuples(WORD, WORD)),
        st.tuples(st.just(Format.TRIPLETS), st.none(), st.tuples(WORD, WORD, WORD, WORD)),
        st.tuples(st.just(Format.SCORED), st.sampled_from([None, 0.0, 0.4, 0.5, 1.0]), st.tuples(WORD, WORD)),
        st.tuples(st.just(Format.CATEGORIES), st.none(), st.tuples(WORD, WORD)),
    ),
    max_size=8,
)
VERDICTS = st.lists(st.tuples(WORD, WORD, st.sampled_from(["negative", "positive", "skip"])), max_size=3)
VECTOR = st.tuples(*[st.integers(-3, 3)] * 3)
NUMBER = st.sampled_from([-1.0, -0.5, 0.0, 0.05, 0.25, 0.5, 1.0])


class Slow:
    """The rules, spelt out with sets."""

    def __init__(self, rows, verdicts) -> None:
        self.groups: list[set[str]] = []
        self.apart: set[tuple[str, str]] = set()
        for format, score, texts in rows:
            names = [normalise(text) for text in texts]
            if format is Format.CATEGORIES:
                if all(names):
                    self.join(names[0], "category " + names[1])
                continue
            anchor, other, *negatives = names
            if format is Format.SCORED:
                if score is None or not anchor or not other:
                    continue
                if score < POSITIVE_FROM:
                    self.apart.add((anchor, other))
                    continue
            if anchor and other:
                self.join(anchor, other)
            self.apart |= {(anchor, negative) for negative in negatives if anchor and negative}
        for anchor, text, kind in verdicts:
            if kind == "positive":
                self.join(normalise(anchor), normalise(text))
            else:
                self.apart.add((normalise(anchor), normalise(text)))

    def join(self, first: str, second: str) -> None:
        joined = {first, second}.union(*(group for group in self.groups if {first, second} & group))
        self.groups = [group for group in self.groups if not group & joined] + [joined]

    def group(self, text: str) -> set[str]:
        return next((group for group in self.groups if text in group), {text})

    def allowed(self, anchor: str, positive: str | None, text: str) -> bool:
        name, first = normalise(text), normalise(anchor)
        together = self.group(first) | (
            self.group(normalise(positive)) if positive and positive.strip() else set()
        )
        return bool(name) and name not in together and (first, name) not in self.apart


def made(rows, verdicts, texts) -> tuple[Keys, Pool]:
    keys = Keys()
    relations = Relations(keys)
    for format, score, row in rows:
        relations.add(1, format, score, row)
    for entry in verdicts:
        relations.add_verdict(*entry)
    return keys, Pool(keys.array(texts), keys, relations)


@settings(max_examples=300)
@given(
    rows=ROWS,
    verdicts=VERDICTS,
    corpus=st.dictionaries(WORD, VECTOR, max_size=len(WORDS)),
    asked=st.lists(st.tuples(WORD, VECTOR, st.one_of(st.none(), WORD), NUMBER), min_size=1, max_size=4),
    gaps=st.tuples(NUMBER, NUMBER),
    limits=st.tuples(NUMBER, NUMBER),
    k=st.integers(1, 4),
)
def test_the_same_as_brute_force_and_never_a_known_positive(rows, verdicts, corpus, asked, gaps, limits, k):
    texts = list(corpus)
    keys, pool = made(rows, verdicts, texts)
    slow = Slow(rows, verdicts)
    matrix = np.array(list(corpus.values()), dtype=np.float32).reshape(-1, 3)
    anchors = np.array([vector for _, vector, _, _ in asked], dtype=np.float32)
    positives = np.array(
        [math.nan if positive is None else value for _, _, positive, value in asked], dtype=np.float32
    )
    bounds = Bounds(*gaps, *limits)

    def barred(place: int):
        anchor, _, positive, _ = asked[place]
        return pool.barred(keys.of(anchor), None if positive is None else keys.of(positive))

    found = mine(anchors, positives, matrix, barred, bounds, k)
    lengths = search.norms(matrix)
    for place, (anchor, _, positive, _) in enumerate(asked):
        row = cosines(anchors[place : place + 1], matrix, lengths)[0]
        low, high = bounds.window(float(positives[place]))
        expected, names = [], set()
        for index in range(len(texts)):
            if normalise(texts[index]) in names:
                continue  # another spelling of it stands earlier
            names.add(normalise(texts[index]))
            if slow.allowed(anchor, positive, texts[index]) and low <= row[index] <= high:
                expected.append((index, float(row[index])))
        expected.sort(key=lambda entry: (-entry[1], entry[0]))
        assert [(one.text, one.similarity) for one in found[place]] == expected[:k]
        for one in found[place]:
            assert normalise(texts[one.text]) not in slow.group(normalise(anchor))
            assert bounds.lowest <= one.similarity <= bounds.highest
            if positive is not None:
                assert positives[place] - bounds.most_gap - 1e-6 <= one.similarity
                assert one.similarity <= positives[place] - bounds.least_gap + 1e-6


def test_the_defaults_leave_out_what_is_as_close_as_the_positive() -> None:
    low, high = Bounds().window(0.7)
    assert (round(low, 2), round(high, 2)) == (0.3, 0.65)
    assert Bounds().window(math.nan) == (0.0, 1.0)
    assert Bounds().window(0.02)[0] > Bounds().window(0.02)[1]  # nothing lies between: no proposal


def test_the_positive_of_a_positive_is_in_the_group() -> None:
    rows = [
        (Format.PAIRS, None, ("look", "coat")),
        (Format.TRIPLETS, None, ("style", "coat", "sock")),
        (Format.CATEGORIES, None, ("style", "k")),
        (Format.CATEGORIES, None, ("hat", "K")),
    ]
    texts = ["look", "coat", "style", "sock", "hat", "shoe"]
    keys, pool = made(rows, [], texts)
    barred = pool.barred(keys.of("look"))
    assert [text for text, out in zip(texts, barred, strict=True) if not out] == ["sock", "shoe"]
    assert pool.barred(keys.of("style")).tolist()[3]  # a negative of it already


def test_the_group_of_a_positive_that_is_no_label_yet() -> None:
    keys, pool = made([(Format.PAIRS, None, ("coat", "parka"))], [], ["parka", "shoe"])
    assert pool.barred(keys.of("look"), keys.of("coat")).tolist() == [True, False]


def test_the_bounds_themselves_are_between() -> None:
    matrix = np.array([[1, 0], [0, 1], [-1, 0]], dtype=np.float32)
    nothing = np.zeros(3, dtype=bool)
    positives = np.ones(1, dtype=np.float32)
    found = mine(matrix[:1], positives, matrix, lambda _: nothing, Bounds(0.0, 1.0, -1.0, 1.0), 9)
    assert [one.text for one in found[0]] == [0, 1]


def test_progress_and_cancelling() -> None:
    matrix = np.ones((3, 2), dtype=np.float32)
    told = []
    nothing = np.zeros(3, dtype=bool)
    positives = np.full(2, math.nan, dtype=np.float32)
    mine(
        matrix[:2], positives, matrix, lambda _: nothing, Bounds(), 1, on_progress=lambda *at: told.append(at)
    )
    assert told == [(2, 2)]
    with pytest.raises(Cancelled):
        mine(matrix[:2], positives, matrix, lambda _: nothing, Bounds(), 1, should_stop=lambda: True)
