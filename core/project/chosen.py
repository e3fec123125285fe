"""What somebody chose while exploring, and what is to become of it. Only values; `core.project.sending` carries it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from core.dataset.formats import Format
from core.dataset.normalise import normalise

MOST_TOGETHER = 64  # texts of which every two may become a pair: 2,016 pairs
_LOOKED_AT = 2_000


@dataclass(frozen=True)
class Chosen:
    """`ids` are labelled rows, `texts` and `pairs` what could become labels; `anchor` is the text that the others belong to (the query,
    the point in focus), `source` a plain word for where it was chosen ("explorer: map")."""

    source: str
    ids: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()
    anchor: str = ""
    pairs: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ids or self.texts or self.pairs)

    @property
    def main(self) -> str:
        """The anchor: the given one, else the first text; "" where the pairs have more than one."""
        if self.pairs:
            first = self.pairs[0][0]
            return "" if any(one != first for one, _ in self.pairs) else first
        return self.anchor or next((text for text in self.texts if text.strip()), "")

    def candidates(self) -> list[tuple[str, str]]:
        """Each text with its anchor, once; the anchor itself is none of its texts."""
        anchor = self.main
        return list(dict.fromkeys(self.pairs or ((anchor, text) for text in self.texts if text != anchor)))

    @property
    def count(self) -> int:
        """How many labels it makes, in a moment: of thousands, only about, as none is looked at closely."""
        given = len(self.pairs) or len(self.texts)
        return given if given > _LOOKED_AT else len(self.labels())

    def labels(self) -> list[tuple[str, str]]:
        """Those of the candidates that can be labels: no blank text, and no text that is its own anchor in another spelling."""
        return _usable(self.candidates())

    def together(self) -> list[tuple[str, str]]:
        """Every two of the texts; none where they are too few, or too many."""
        if self.pairs or len(self.texts) > 2 * MOST_TOGETHER:
            return []
        anchor = (self.anchor,) if self.anchor else ()
        texts = list(dict.fromkeys(text for text in (*anchor, *self.texts) if text.strip()))
        return _usable(combinations(texts, 2)) if 2 < len(texts) <= MOST_TOGETHER else []

    def every_text(self) -> list[str]:
        """The chosen texts, once each; the anchor only where it was chosen as one of them."""
        found = self.texts or tuple(text for pair in self.pairs for text in pair)
        return list(dict.fromkeys(text for text in found if text.strip()))


def _usable(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [
        (one, other)
        for one, other in pairs
        if one.strip() and other.strip() and normalise(one) != normalise(other)
    ]


class Kind(StrEnum):
    POSITIVES = "positives"
    NEGATIVES = "negatives"
    SCORES = "scores"
    TRIPLETS = "triplets"  # of kept positives, with what is chosen as negatives
    FLAG = "flag"
    VIEW = "view"


@dataclass(frozen=True)
class Sending:
    """What becomes of what is chosen. `dataset_id` 0: a new dataset of the format. `score` is raw, on the dataset's scale; "": still to be
    scored. `together`: every two texts instead of each with the anchor."""

    kind: Kind
    dataset_id: int = 0
    format: Format = Format.PAIRS
    score: str = ""
    together: bool = False
    positives: tuple[str, ...] = ()
    anchor: str = ""  # of the kept positives
