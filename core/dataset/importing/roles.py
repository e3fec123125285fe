"""What the names of columns say about their part. The names are those of public data sets and tools."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_FIRST = {"anchor", "anchors", "query", "queries", "question", "premise", "1_string"}
_SECOND = {
    "positive", "positives", "pos", "positive_text", "answer", "answers", "response", "entailment", "passage", "document",
    "2_string",
}  # fmt: skip
_SCORE = {
    "score", "scores", "label", "labels", "similarity_score", "similarity", "relatedness_score", "relatedness",
    "is_duplicate", "quality", "esci_label", "outcome", "gold_score", "gold_label", "rating", "relevance",
}  # fmt: skip
_SPLIT = {"split"}
_IDS = {"id", "ids", "idx", "index", "uid", "uuid", "guid", "pairid"}
_COMMON = {
    "text",
    "title",
    "name",
    "author",
    "source",
    "category",
    "tags",
    "date",
    "url",
    "genre",
    "note",
    "comment",
}

_NEGATIVE = re.compile(r"(?:hard_)?(?:negatives?|neg)(?:_text)?(?:_?(\d+))?|contradiction")
_FAMILY = re.compile(r"(sentence|text|question|sent|phrase|string|input|word|item)_?(\d+|[a-z])")
_FAMILIES = ("sentence", "text", "question", "sent", "phrase", "string", "input", "word", "item")

SPLITS = {
    "": "", "train": "train", "training": "train",
    "eval": "eval", "evaluation": "eval", "dev": "eval", "val": "eval", "valid": "eval", "validation": "eval",
    "test": "test", "testing": "test",
}  # fmt: skip

# What stands beside the texts of a row in a file that this program exported in full, in the order in which it is picked.
METADATA = ("status", "flag", "note", "source")
STATUSES = ("", "accepted", "rejected", "skipped")
FLAGS = {"": False, "no": False, "false": False, "0": False, "yes": True, "true": True, "1": True}


@dataclass
class Named:
    """Indices of the columns whose names are known."""

    first: int | None = None
    second: int | None = None
    negatives: list[int] = field(default_factory=list)
    score: int | None = None
    split: int | None = None
    ids: list[int] = field(default_factory=list)
    known: int = 0  # how many columns have a name of any known kind

    @property
    def used(self) -> set[int]:
        parts = {self.first, self.second, self.score, self.split, *self.negatives}
        return {part for part in parts if part is not None}


def canonical(name: str) -> str:
    """ "#1 String" -> "1_string", "Sentence-A" -> "sentence_a" """
    return re.sub(r"[^a-z0-9]+", "_", name.strip().casefold()).strip("_")


def by_name(columns: Sequence[str]) -> Named:
    """The parts that the names of the columns promise; nothing is said about columns with other names."""
    names = [canonical(column) for column in columns]
    found = Named()
    families: dict[str, list[tuple[str, int]]] = {}
    for index, name in enumerate(names):
        if name in _FIRST and found.first is None:
            found.first = index
        elif found.second is None and (name in _SECOND or (name == "hypothesis" and "premise" in names)):
            found.second = index
        elif _NEGATIVE.fullmatch(name):
            found.negatives.append(index)
        elif name in _SCORE and found.score is None:
            found.score = index
        elif name in _SPLIT and found.split is None:
            found.split = index
        elif name in _IDS or name.endswith(("_id", "_ids", "_idx")):
            found.ids.append(index)
        elif member := _FAMILY.fullmatch(name):
            families.setdefault(member[1], []).append((member[2].rjust(9, "0"), index))
            continue
        elif name not in _COMMON:
            continue
        found.known += 1
    if found.first is None and found.second is None:
        _family(found, families)
    return found


def names_fit(row: Sequence[str]) -> bool:
    """Whether the cells are the names of columns that training can use."""
    found = by_name(row)
    return found.first is not None and found.second is not None


def _family(found: Named, families: dict[str, list[tuple[str, int]]]) -> None:
    """sentence_0, sentence_1, sentence_2: numbered columns are anchor, positive, negatives in the order of their numbers."""
    for stem in _FAMILIES:
        members = sorted(families.get(stem, []))
        if len(members) > 1:
            found.first, found.second = members[0][1], members[1][1]
            found.negatives += [index for _, index in members[2:]]
            found.known += len(members)
            return
