"""The threshold that somebody chose for a model, as its card and whatever is exported of it tell it: a usage snippet in Python."""

from __future__ import annotations

from dataclasses import dataclass

from core import rounding
from core.models import card_about, card_text

_BEGIN, _END = "<!-- chosen threshold -->\n", "<!-- end of the chosen threshold -->\n\n"
_BEFORE = ("<!--\n### Direct Usage (Transformers)", "\n## Evaluation", "\n## Bias, Risks and Limitations")
TEXTS, CATEGORY = "texts", "category"
_LONGEST = 80  # letters of what it was measured on


@dataclass(frozen=True)
class RunThreshold:
    """A threshold and what it does to the pairs it was chosen on. `measured_on` says in words which they are. `of`: two texts
    are compared, or a text with the middle of a category."""

    threshold: float
    measured_on: str
    pairs: int
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    of: str = TEXTS


def in_card(text: str, chosen: RunThreshold | None) -> str:
    """A card with the snippet of this threshold, in place of the one before; None: without any."""
    before, begin, rest = text.partition(_BEGIN)
    if begin:
        inside, end, after = rest.partition(_END)
        text = before + (after if end else inside)
    if chosen is None:
        return text
    place = next((at for mark in _BEFORE if (at := text.find(mark)) >= 0), len(text))
    head, tail = text[:place], text[place:]
    return head.rstrip("\n") + "\n\n" + _BEGIN + section(chosen) + _END + tail.lstrip("\n")


def section(chosen: RunThreshold) -> str:
    return f"""### Similar or Not

{sentence(chosen)}:

{card_about.fenced(code(chosen), "python")}

"""


def sentence(chosen: RunThreshold) -> str:
    if chosen.of == CATEGORY:
        return "A text counts as one of a category from this cosine to the middle of the category's other texts on"
    return "Two texts count as similar from this score on"


def code(chosen: RunThreshold) -> str:
    """What follows `embeddings` and `similarities` in a usage snippet."""
    shares = (("precision", chosen.precision), ("recall", chosen.recall), ("F1", chosen.f1))
    said = ", ".join(f"{name} {rounding.share(share)}" for name, share in shares if share is not None)
    where = " ".join(card_text.clean(chosen.measured_on).split())[:_LONGEST]
    threshold = f"threshold = {rounding.exact(chosen.threshold, 4)}"
    if chosen.of == CATEGORY:
        return f"""# Chosen on {chosen.pairs:,} comparisons ({where}), there: {said or "not measured"}
{threshold}
{member("embeddings", "embeddings[:2]")}"""
    return f"""# Chosen on {chosen.pairs:,} pairs ({where}), there: {said or "not measured"}
{threshold}
similar = similarities >= threshold"""


def member(texts: str, examples: str) -> str:
    """Python that tells which embeddings `texts` are of the category of `examples`."""
    return f"""import numpy

# The middle of a category: the mean of its texts' embeddings, each of length 1; here the category has two texts
middle = sum(vector / numpy.linalg.norm(vector) for vector in {examples})
cosines = [vector @ middle / numpy.linalg.norm(vector) / numpy.linalg.norm(middle) for vector in {texts}]
belongs = [cosine >= threshold for cosine in cosines]"""
