"""What the rows of a project say about a text beside others: its positives and its negatives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.dataset.formats import Format
from core.dataset.normalise import normalise
from core.project import Reader
from core.similarity.relations import POSITIVE_FROM


class Known(NamedTuple):
    """ "positive", "negative" or "", the score of a scored pair, and the row that says so."""

    role: str = ""
    label: float | None = None
    row: int = 0
    dataset: int = 0


def known_texts(reader: Reader, spellings: Sequence[str]) -> dict[str, tuple[str, Known]]:
    """What rows with one of the spellings say about their other texts: by normalised text, a spelling of it and what is known.

    Categories are left out; see `same_category`.
    """
    own = {normalise(text) for text in spellings}
    found: dict[str, tuple[str, Known]] = {}
    for line in reader.labels_with(spellings):
        names, place = [normalise(text) for text in line.texts], (line.id, line.dataset_id)
        here = 1 if names[0] in own else 0
        if line.format is Format.SCORED:
            if line.score is not None:
                role = "positive" if line.score >= POSITIVE_FROM else "negative"
                found[names[here]] = line.texts[here], Known(role, line.score, *place)
            continue
        if here:
            for name, text in zip(names[2:], line.texts[2:], strict=True):
                found[name] = text, Known("negative", None, *place)
        found[names[here]] = line.texts[here], Known("positive", None, *place)
    found.pop("", None)
    return found


def same_category(reader: Reader, spellings: Sequence[str], candidates: Iterable[str]) -> dict[str, Known]:
    """By normalised text: those of the candidates that share a category with one of the spellings."""
    together = reader.same_categories(spellings, list(candidates))
    return {normalise(text): Known("positive") for text in together}
