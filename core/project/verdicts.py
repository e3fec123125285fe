"""What a person decided about a proposed text: a negative of this anchor, really a positive, or neither. Never asked twice.

Both texts are kept normalised, so that another spelling of a decided pair counts as decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.dataset.normalise import normalise
from core.errors import DataProblem

if TYPE_CHECKING:
    from core.project.step import Step

KINDS = ("negative", "positive", "skip")

Verdict = tuple[str, str, str | None]  # anchor, text, one of KINDS; None takes the verdict away


def verdict(anchor: str, text: str, kind: str) -> Verdict:
    return normalise(anchor), normalise(text), kind


@dataclass(frozen=True)
class SetVerdicts:
    """Keep verdicts about pairs of normalised texts (see `verdict`). The inverse of itself."""

    verdicts: Sequence[Verdict]

    def apply(self, step: Step) -> SetVerdicts | None:
        wanted = {(anchor, text): kind for anchor, text, kind in self.verdicts}
        if not all(kind is None or kind in KINDS for kind in wanted.values()):
            raise DataProblem("A verdict is one of " + ", ".join(KINDS) + ".", "Use one of them.")
        found: dict[tuple[str, str], str | None] = {}
        for pair in wanted:  # one look-up each: a list as JSON would cut texts at a NUL
            row = step.connection.execute(
                "SELECT kind FROM verdicts WHERE anchor = ? AND text = ?", pair
            ).fetchone()
            found[pair] = row[0] if row else None
        different = [(pair, kind) for pair, kind in wanted.items() if found[pair] != kind]
        if not different:
            return None
        step.connection.executemany(
            "DELETE FROM verdicts WHERE anchor = ? AND text = ?", [pair for pair, _ in different]
        )
        step.connection.executemany(
            "INSERT INTO verdicts VALUES (?, ?, ?)",
            [(*pair, kind) for pair, kind in different if kind is not None],
        )
        step.touch("verdicts")
        return SetVerdicts(tuple((*pair, found[pair]) for pair, _ in different))
