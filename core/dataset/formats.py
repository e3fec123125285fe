"""The shapes of training data, their columns and the words for them.

A dataset is rows of one `Format`. Inside the program a row's texts are an ordered tuple (slot 0, 1, 2 …), a score is a float in
0–1 beside the raw text it was read from. `score` None means *unlabelled*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

MAX_NEGATIVES = 16

# "": nobody decided; accepted: a person confirmed the row; rejected: a person said no, no training uses it; skipped: a person could not
# decide, it trains as before.
STATUSES = ("", "accepted", "rejected", "skipped")


class Format(StrEnum):
    PAIRS = "pairs"
    SCORED = "scored"
    TRIPLETS = "triplets"
    CATEGORIES = "categories"

    @property
    def title(self) -> str:  # type: ignore[override]
        return {
            "pairs": "Pairs",
            "scored": "Scored pairs",
            "triplets": "Triplets",
            "categories": "Texts with categories",
        }[self.value]


class Role(StrEnum):
    """What a text column means. Colours and signs of the window follow this."""

    ANCHOR = "anchor"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    TEXT = "text"  # either side of a scored pair, or a text with a category
    CATEGORY = "category"  # the name of what a text belongs to, itself no text to learn from
    SCORE = "score"


@dataclass(frozen=True)
class Column:
    """One editable column: `key` names it in edits and on the command line, `title` in the window."""

    key: str
    title: str
    role: Role
    slot: int  # index into Example.texts; -1 for the score


def columns(format: Format, negatives: int = 1) -> tuple[Column, ...]:
    """The columns of a dataset in display and storage order.

    `negatives` counts the negative columns of triplets (1 to MAX_NEGATIVES); other formats ignore it.
    """
    if format is Format.PAIRS:
        return (Column("anchor", "Anchor", Role.ANCHOR, 0), Column("positive", "Positive", Role.POSITIVE, 1))
    if format is Format.SCORED:
        return (
            Column("text_a", "Text A", Role.ANCHOR, 0),
            Column("text_b", "Text B", Role.TEXT, 1),
            Column("score", "Score", Role.SCORE, -1),
        )
    if format is Format.CATEGORIES:
        return (Column("text", "Text", Role.TEXT, 0), Column("category", "Category", Role.CATEGORY, 1))
    head = (Column("anchor", "Anchor", Role.ANCHOR, 0), Column("positive", "Positive", Role.POSITIVE, 1))
    if negatives == 1:
        return (*head, Column("negative", "Negative", Role.NEGATIVE, 2))
    return (
        *head,
        *(Column(f"negative_{n}", f"Negative {n}", Role.NEGATIVE, 1 + n) for n in range(1, negatives + 1)),
    )


def slots(format: Format, negatives: int = 1) -> int:
    """How many texts a row of the format holds, the name of its category among them."""
    return 2 + (negatives if format is Format.TRIPLETS else 0)


def texts_of(format: Format, texts: tuple[str, ...]) -> tuple[str, ...]:
    """Those of a row's texts that a model embeds: all but the name of the category."""
    return texts[:1] if format is Format.CATEGORIES else texts


def training_columns(format: Format, negatives: int = 1) -> tuple[str, ...]:
    """The column names and order that sentence-transformers wants: inputs first, the label last and named `score`.

    Categories keep their names here; a run numbers them.
    """
    if format is Format.SCORED:
        return ("sentence1", "sentence2", "score")
    return tuple(column.key for column in columns(format, negatives))


@dataclass(frozen=True)
class Scale:
    """The scale raw scores were given on; inside, `low` is 0 and `high` is 1. `high` may be the smaller number, as in "1 = best"."""

    low: float = 0.0
    high: float = 1.0

    def to_unit(self, raw: float) -> float:
        return (raw - self.low) / (self.high - self.low)

    def from_unit(self, score: float) -> float:
        return self.low + score * (self.high - self.low)

    def holds(self, raw: float) -> bool:
        return min(self.low, self.high) <= raw <= max(self.low, self.high)


@dataclass(frozen=True)
class Example:
    """One row. `id` is unique in the project (0: not stored yet), `number` is what a person sees as "row 214"."""

    texts: tuple[str, ...]
    score: float | None = None
    raw_score: str = ""
    split: str = ""  # "", train, eval, test; "" lets the hold-out decide
    flag: bool = False
    note: str = ""
    source: str = ""  # where the row came from, e.g. the imported file's name
    id: int = 0
    number: int = 0
    status: str = ""  # one of STATUSES: what a person decided about the row as a whole


@dataclass(frozen=True)
class Rejected:
    """A line of an imported file that is not a row, and why."""

    line: int  # 1-based line (or sheet row) in the file where the record starts
    reason: str


@dataclass(frozen=True)
class DatasetInfo:
    """A dataset without its rows."""

    id: int
    name: str
    format: Format
    negatives: int = 1
    scale: Scale = field(default_factory=Scale)
    rows: int = 0

    @property
    def columns(self) -> tuple[Column, ...]:
        return columns(self.format, self.negatives)
