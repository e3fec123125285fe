"""Scored pairs: a digit is a score, a point before it adds half a step, + and − move the knob."""

from __future__ import annotations

from core.dataset.agreement.judgements import of_score, score_of
from core.dataset.formats import DatasetInfo, Example
from core.dataset.reviewing import ScoreKeys, score_cells, score_keys
from gui.models.score_text import plain
from gui.views.label.review.judge import TwoTexts, Verdict
from gui.views.label.review.keys import KeyHint
from gui.views.label.review.scale_bar import ScaleBar

_NUDGES = 20  # steps of + and − from end to end
_HALF = (".", ",")


class ScoreJudge(TwoTexts):
    def __init__(self) -> None:
        super().__init__()
        self.bar = ScaleBar()
        self.bar.dragged.connect(self._drag)
        self.bar.chosen.connect(self._give)
        self.tools = [self.bar]
        self.ends = False  # 0 and 1 mean the ends of the scale
        self._half = False
        self._pending: float | None = None

    def open(self, info: DatasetInfo) -> None:
        super().open(info)
        self.bar.open(info.scale, self._keys())

    def use_ends(self, ends: bool) -> None:
        self.ends = ends
        if self.info is not None:
            self.bar.open(self.info.scale, self._keys())
            if self.example is not None:
                self.fill(self.example)

    def _keys(self) -> ScoreKeys:
        assert self.info is not None
        return score_keys(self.info.scale, ends=self.ends)

    def fill(self, example: Example) -> None:
        super().fill(example)
        self._half, self._pending = False, None
        self._show()

    @property
    def value(self) -> float | None:
        """The score on show, on the dataset's scale."""
        if self._pending is not None:
            return self._pending
        score = None
        if self.blind:
            score = score_of(self.again)
        elif self.example is not None:
            score = self.example.score
        assert self.info is not None
        return None if score is None else round(self.info.scale.from_unit(score), 6)

    def _show(self) -> None:
        self.bar.show_value(self.value, half=self._half)
        self.changed.emit()

    def press(self, key: str) -> bool:
        if key in _HALF:
            self._half = not self._half
            self._show()
        elif key.isdecimal():
            self._digit(key)
        elif key in ("+", "-", "Up", "Down"):
            self._nudge(1 if key in ("+", "Up") else -1)
        elif key == "Enter":
            self._keep()
        elif key == "S":
            return self.skip()
        else:
            return False
        return True

    def _digit(self, key: str) -> None:
        assert self.info is not None
        value = self._keys().value(key, half=self._half, scale=self.info.scale)
        if value is None:
            words = f"½ above {key}" if self._half else key
            ends = " to ".join(
                plain(end).replace("-", "−") for end in (self.info.scale.low, self.info.scale.high)
            )
            self._half = False
            self._show()
            self.refused.emit(f"{words} is not on the scale of {ends}.")
            return
        self._give(value)

    def _nudge(self, way: int) -> None:
        assert self.info is not None
        scale = self.info.scale
        start = self.value if self.value is not None else (scale.low + scale.high) / 2
        moved = min(max(scale.to_unit(start) + way / _NUDGES, 0.0), 1.0)
        self._pending = round(scale.from_unit(moved), 6)
        self._show()

    def _drag(self, value: float) -> None:
        self._pending = value
        self._show()

    def _keep(self) -> None:
        if self.value is None:
            self.refused.emit("There is no score to keep yet.")
        else:
            self._give(self.value)

    def _give(self, value: float) -> None:
        assert self.example is not None and self.info is not None
        scale = self.info.scale
        self._half, self._pending = False, None
        cells = score_cells(scale, self.example.id, value)
        words = plain(value).replace("-", "−")
        self.decided.emit(Verdict(of_score(scale.to_unit(value)), cells, words))

    def back(self) -> bool:
        if not self._half and self._pending is None:
            return False
        self._half, self._pending = False, None
        self._show()
        return True

    def keys(self) -> list[KeyHint]:
        held = self.value is not None
        return [
            KeyHint(".", "and a digit: ½ step more", on=self._half),
            KeyHint(
                "+", "move the knob", cap="+ −", tip="Then Enter keeps it. The knob can be dragged, too."
            ),
            KeyHint("Enter", "keep this score", cap="Enter", enabled=held),
            KeyHint("S", "cannot say", tip="Skip it: it trains as before"),
        ]
