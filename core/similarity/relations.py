"""What the labels of a project say about its texts: which belong together, and which pairs somebody has decided about.

Texts are numbered by their normalised form, and a pair of texts is one integer, so that a million rows take little memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import Format
from core.dataset.normalise import normalise

Integers = NDArray[np.int64]

# A scored pair from here on says that its texts belong together.
POSITIVE_FROM = 0.5

_SHIFT = 32


class Keys:
    """A number for each normalised text; the spellings of one text share it. Numbers are never taken back."""

    def __init__(self) -> None:
        self._spellings: dict[str, int] = {}
        self._normal: dict[str, int] = {}

    def of(self, text: str) -> int:
        found = self._spellings.get(text)
        if found is None:
            found = self._normal.setdefault(normalise(text), len(self._normal))
            self._spellings[text] = found
        return found

    def array(self, texts: Iterable[str]) -> Integers:
        return np.fromiter((self.of(text) for text in texts), dtype=np.int64)

    def __len__(self) -> int:
        return len(self._normal)


class Relations:
    """Add rows and verdicts, `finish`, then ask.

    Texts that a label puts together form groups, through any number of labels: an anchor with all its positives, and with the other
    anchors of those. Told apart are an anchor and its negatives, and what a verdict decided.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._parent: dict[int, int] = {}  # of the texts that some label puts together with others
        self._apart = array("q")
        self._names: dict[tuple[int, str], int] = {}  # a category → the first of its texts
        self.groups: Integers = np.empty(0, dtype=np.int64)  # by key, after `finish`
        self._pairs: Integers = np.empty(0, dtype=np.int64)

    def add(self, dataset_id: int, format: Format, score: float | None, texts: Sequence[str]) -> None:
        """One labelled row; blank texts say nothing."""
        of, blank = self._keys.of, self._keys.of("")
        if format is Format.CATEGORIES:
            text, name = of(texts[0]), (dataset_id, normalise(texts[1]))
            if text != blank and name[1]:
                self._join(text, self._names.setdefault(name, text))
            return
        anchor, other, *negatives = [of(text) for text in texts]
        if anchor == blank:
            return
        if format is Format.SCORED:
            if score is None or other == blank:
                return
            negatives = [] if score >= POSITIVE_FROM else [other]
            other = other if score >= POSITIVE_FROM else blank
        if other != blank:
            self._join(anchor, other)
        for negative in negatives:
            if negative != blank:
                self._apart.append(anchor << _SHIFT | negative)

    def add_verdict(self, anchor: str, text: str, kind: str) -> None:
        """A decision about a proposed pair: "positive" puts the two together, any other one means: never ask again."""
        first, second = self._keys.of(anchor), self._keys.of(text)
        if kind == "positive":
            self._join(first, second)
        else:
            self._apart.append(first << _SHIFT | second)

    def finish(self) -> None:
        self.groups = np.arange(len(self._keys), dtype=np.int64)
        self.groups[list(self._parent)] = [self._root(key) for key in list(self._parent)]
        self._pairs = np.unique(np.frombuffer(self._apart, dtype=np.int64))

    def group(self, key: int) -> int:
        """The group of a text; a text that no label mentions is alone in its own."""
        return int(self.groups[key]) if key < len(self.groups) else key

    def apart(self, anchor: int) -> Integers:
        """The keys of the texts that were decided about for this anchor and are not positives."""
        first, last = np.searchsorted(self._pairs, [anchor << _SHIFT, (anchor + 1) << _SHIFT])
        return self._pairs[first:last] & ((1 << _SHIFT) - 1)

    def _join(self, first: int, second: int) -> None:
        a, b = self._root(first), self._root(second)
        if a != b:
            self._parent[max(a, b)] = min(a, b)

    def _root(self, key: int) -> int:
        parent = self._parent
        above = parent.setdefault(key, key)
        while above != key:
            parent[key] = parent[above]
            key, above = above, parent[above]
        return key
