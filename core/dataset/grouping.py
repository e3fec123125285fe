"""Rows that belong together because they share a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.dataset.formats import Example
from core.dataset.normalise import normalise


def by_text(rows: Sequence[Example]) -> list[int]:
    """A group number per row: rows connected through any normalised text have the same one (union-find, nearly linear)."""
    known: dict[str, str] = {}
    texts = []
    for row in rows:
        for text in row.texts:
            if text not in known:
                known[text] = normalise(text)
        texts.append([known[text] for text in row.texts])
    return joined(texts)


def joined(keys: Sequence[Sequence[str]]) -> list[int]:
    """A group number per item: items connected through any key have the same one."""
    parent = list(range(len(keys)))
    owner: dict[str, int] = {}
    for index, item in enumerate(keys):
        for key in item:
            other = owner.setdefault(key, index)
            if other != index:
                a, b = _root(parent, index), _root(parent, other)
                if a != b:
                    parent[max(a, b)] = min(a, b)
    return [_root(parent, index) for index in range(len(keys))]


def by_anchor(rows: Sequence[Example]) -> list[int]:
    """A group number per row: rows with the same normalised first text have the same one."""
    numbers: dict[str, int] = {}
    return [numbers.setdefault(normalise(row.texts[0]), len(numbers)) for row in rows]


def shared_texts(one: Iterable[Example], other: Iterable[Example]) -> int:
    """How many normalised texts stand on both sides."""
    return len(_texts(one) & _texts(other))


def _texts(rows: Iterable[Example]) -> set[str]:
    return {normalise(text) for text in {text for row in rows for text in row.texts}}


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index
