"""What is known of texts follows them through an edit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.engine.corpus import Corpus
from core.engine.still_there import StillThere

TEXTS = st.lists(st.text("abc", min_size=1, max_size=2), unique=True, max_size=9)


@given(TEXTS, TEXTS)
def test_every_text_keeps_its_row_and_only_new_ones_are_missing(before: list[str], now: list[str]) -> None:
    known = {text: np.array([hash(text) % 1000, place], np.float32) for place, text in enumerate(before)}
    still = StillThere(before, now)
    taken = still.take(np.array(list(known.values()), np.float32).reshape(len(before), 2))
    assert taken.shape == (len(now), 2)
    assert still.missing == [place for place, text in enumerate(now) if text not in known]
    for place, text in enumerate(now):
        assert text not in known or (taken[place] == known[text]).all()


def test_one_changed_text_is_the_only_one_that_is_embedded() -> None:
    texts = [f"text {n}" for n in range(50)]
    rows = np.random.default_rng(0).standard_normal((50, 4)).astype(np.float32)
    asked: list[list[str]] = []

    def embed(some: list[str]):
        asked.append(some)
        return rows[[int(text.split()[-1]) % 50 for text in some]]

    first = Corpus(texts)
    first.matrix("m", embed)
    texts = [*texts[:7], "another 1007", *texts[9:], "more 3"]
    second = Corpus(texts, first)
    assert second.matrix("m", embed)[0].tolist() == embed(texts).tolist()
    assert asked[1] == ["another 1007", "more 3"]
    assert second.equal_to("ANOTHER 1007 ") == [7] and second.equal_to("text 7") == []
    assert second.equal_to("text 49") == [48]
