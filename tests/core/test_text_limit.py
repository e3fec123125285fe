"""How much of a text the base model reads, also of texts without end."""

from __future__ import annotations

import time

import pytest

from core.models import catalogue
from core.models.text_limit import TokenLimit, limit_of


@pytest.fixture(scope="module")
def limit() -> TokenLimit:
    found = limit_of(catalogue.EMBEDDED)
    assert isinstance(found, TokenLimit)
    return found


def test_texts_around_the_limit(limit: TokenLimit) -> None:
    room = limit.limit - 2  # the model's own two signs
    fits, over = "word " * room, "word " * (room + 1)
    endless, blank = "x" * 20_000, " " * 20_000 + "word"
    assert limit.too_long([fits, over, endless, blank]) == {over}
    assert limit.cut(over) == fits.rstrip() and limit.cut(fits) == fits and limit.cut(blank) == blank


def test_megabytes_are_not_tokenised_to_their_end(limit: TokenLimit) -> None:
    text = "lorem ipsum dolor " * 1_000_000
    began = time.process_time()
    assert limit.too_long([text]) == {text}
    assert limit.cut(text) == limit.cut(text[:10_000])
    assert time.process_time() - began < 1
