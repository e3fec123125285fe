"""When two texts, or two pairs of texts, count as the same one beyond their bytes."""

from __future__ import annotations

import re

from core.dataset.normalise import normalise

# a sign before a number is part of it: −5° is not 5°
_WORDS = re.compile(r"(?<!\w)[+\-−](?=[.,]?\d)|\w+")
_LEAST_LETTERS = 8  # in shorter texts one letter is a large part of the meaning


def letters(text: str) -> str:
    """A text as its words alone: capitals, punctuation and spaces make no difference. What has no words stays as `normalise`."""
    return words_of(normalise(text))


def words_of(normal: str) -> str:
    """As `letters`, of a text that is normalised already."""
    return " ".join(_WORDS.findall(normal)) or normal


def compact(text: str) -> str:
    """The letters and digits of a text without anything between them."""
    return letters(text).replace(" ", "")


def nearly_equal(a: str, b: str) -> bool:
    """Whether two texts, given as `compact`, differ in no more than a single letter.

    A word more is another meaning ("is", "is not"), and so is another digit: those are good negatives.
    """
    if a == b:
        return bool(a)
    if abs(len(a) - len(b)) > 1 or min(len(a), len(b)) < _LEAST_LETTERS:
        return False
    start = _common(a, b)
    end = min(_common(a[::-1], b[::-1]), min(len(a), len(b)) - start)
    middle = a[start : len(a) - end] + b[start : len(b) - end]
    return len(middle) <= 2 and middle.isalpha()


def _common(a: str, b: str) -> int:
    """How many characters two texts have in common from the start; few comparisons of slices instead of one a character."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
