"""The columns of the example table: the dataset's own between a number on the left and the marks on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.dataset.formats import DatasetInfo, Example, Role
from gui.models import score_text
from gui.models.extra_columns import ExtraColumn

Kind = Literal["number", "text", "score", "status", "split", "flag", "note", "source", "extra"]

SIGNS = {Role.ANCHOR: "●", Role.POSITIVE: "＋", Role.NEGATIVE: "−"}

# "" leaves the choice to the hold-out of the next run.
SPLITS = {"": "auto", "train": "train", "eval": "hold-out", "test": "test"}
STATUS_TITLES = {"": "Undecided", "accepted": "Accepted", "rejected": "Rejected", "skipped": "Skipped"}
STATUS_SIGNS = {"accepted": "✓", "rejected": "✕", "skipped": "…"}
STATUS_TONES = {"accepted": "positive", "rejected": "negative", "skipped": "secondary"}
SPLIT_TITLES = {"": "Automatic", "train": "Training", "eval": "Hold-out", "test": "Test"}


@dataclass(frozen=True)
class TableColumn:
    """`key` is the store's name for it, in edits and in sorting."""

    key: str
    title: str
    kind: Kind
    role: Role | None = None
    slot: int = -1
    extra: ExtraColumn | None = field(default=None, compare=False, repr=False)

    @property
    def heading(self) -> str:
        """The title with the sign of its role, for eyes that cannot tell the colours apart."""
        sign = SIGNS.get(self.role) if self.role is not None else None
        return f"{sign} {self.title}" if sign else self.title

    @property
    def typed(self) -> bool:
        """Whether its cells are edited by typing."""
        return self.kind in ("text", "score", "note")

    @property
    def writable(self) -> bool:
        """Whether a person may change its cells in some way."""
        return self.kind not in ("number", "source", "extra")

    @property
    def empty(self) -> str | bool:
        """What a cleared cell holds."""
        return False if self.kind == "flag" else ""


def table_columns(info: DatasetInfo, extras: Sequence[ExtraColumn] = ()) -> tuple[TableColumn, ...]:
    """Number, texts, score where there is one, the extra columns that fit, status, split, flag, note, source."""
    own = [
        TableColumn(
            column.key,
            column.title,
            "score" if column.role is Role.SCORE else "text",
            column.role,
            column.slot,
        )
        for column in info.columns
    ]
    return (
        TableColumn("number", "#", "number"),
        *own,
        *(TableColumn(one.key, one.title, "extra", extra=one) for one in extras if one.fits(info)),
        TableColumn("status", "Status", "status"),
        TableColumn("split", "Split", "split"),
        TableColumn("flag", "Flag", "flag"),
        TableColumn("note", "Note", "note"),
        TableColumn("source", "Source", "source"),
    )


def value(example: Example, column: TableColumn, info: DatasetInfo) -> str:
    """What a cell holds, as text that can be typed, copied and pasted back."""
    match column.kind:
        case "number":
            return str(example.number)
        case "text":
            return example.texts[column.slot] if column.slot < len(example.texts) else ""
        case "score":
            return score_text.raw(example, info.scale)
        case "split" | "status" | "note" | "source":
            return str(getattr(example, column.kind))
        case "flag":
            return "1" if example.flag else ""
        case "extra":
            return column.extra.value(example.id).text if column.extra is not None else ""
