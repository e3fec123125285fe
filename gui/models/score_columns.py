"""The columns "Model", "Disagreement" and "Margin" of the example table."""

from __future__ import annotations

import math
from array import array

import numpy as np

from core.dataset.formats import DatasetInfo, Format
from gui.models import score_text, score_words
from gui.models.extra_columns import NOTHING, ExtraCell, ExtraColumn
from gui.models.model_scores import ModelScores
from gui.widgets.score import number

_MARGINS = (Format.TRIPLETS, Format.CATEGORIES)


_TIPS = {
    "model": "What the model in the top bar says about the row; point at a cell to see where the figure comes from",
    "disagreement": "How far your label and the model are apart",
    "margin": "How much nearer the right text is than the nearest wrong one; below 0 the model disagrees",
}


class ScoreColumn(ExtraColumn):
    """One number of the model; grey where the row changed since."""

    def __init__(
        self,
        scores: ModelScores,
        name: str,
        key: str,
        title: str,
        *,
        width: int = 78,
        worst_first: bool = False,
    ) -> None:
        tip = _TIPS[key]
        super().__init__(key, title, tip=tip, width=width, largest_first=worst_first, parent=scores)
        self._scores = scores
        self._name = name
        scores.scored.connect(self._news)
        scores.changed.connect(self._news)

    def _news(self) -> None:
        self.changed.emit(())

    def value(self, id: int) -> ExtraCell:
        table, info = self._scores.table, self._scores.info
        if table is None or info is None:
            return NOTHING
        found = table.value(self._name, id)
        if math.isnan(found):
            return NOTHING
        stale = self._scores.stale(id)
        text, tone, bar = self._cell(found, info, table.large)
        tip = score_words.source(info, table, self._scores.model_title)
        if stale:
            return ExtraCell(
                text, "secondary", None, f"{tip} This row changed; its scores are being worked out."
            )
        return ExtraCell(text, tone, bar, tip)

    def _cell(self, value: float, info: DatasetInfo, large: float) -> tuple[str, str, float | None]:
        raise NotImplementedError

    def sort_keys(self, ids: array[int]) -> np.ndarray:
        table = self._scores.table
        return np.full(len(ids), np.nan) if table is None else table.values(self._name, ids)


class ModelColumn(ScoreColumn):
    """What the model gives the row: on the label scale where labels taught it, else the similarity."""

    def __init__(self, scores: ModelScores) -> None:
        super().__init__(scores, "model", "model", "Model")

    def _cell(self, value: float, info: DatasetInfo, large: float) -> tuple[str, str, float | None]:
        if info.format is Format.SCORED:
            return score_text.shown(value, info.scale), "", None
        return number(value, 2), "", None


class DisagreementColumn(ScoreColumn):
    """How far label and model are apart, in units of the label scale."""

    def __init__(self, scores: ModelScores) -> None:
        super().__init__(scores, "disagreement", "disagreement", "Disagreement", width=116, worst_first=True)

    def fits(self, info: DatasetInfo) -> bool:
        return info.format not in _MARGINS

    def _cell(self, value: float, info: DatasetInfo, large: float) -> tuple[str, str, float | None]:
        tone = "warning" if value > large else ""
        if info.format is Format.SCORED:
            span = abs(info.scale.high - info.scale.low)
            return number(value * span, score_text.decimals(info.scale)), tone, value
        return number(value, 2), tone, value


class MarginColumn(ScoreColumn):
    """How much nearer the positive (the own category) is than the best negative (other category)."""

    def __init__(self, scores: ModelScores) -> None:
        super().__init__(scores, "margin", "margin", "Margin")

    def fits(self, info: DatasetInfo) -> bool:
        return info.format in _MARGINS

    def _cell(self, value: float, info: DatasetInfo, large: float) -> tuple[str, str, float | None]:
        return number(value, 2), "warning" if value < 0 else "", None


def score_columns(scores: ModelScores) -> list[ScoreColumn]:
    return [ModelColumn(scores), DisagreementColumn(scores), MarginColumn(scores)]
