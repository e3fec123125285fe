"""Pairs: do they belong together? Y, N or S."""

from __future__ import annotations

from core.dataset.agreement.judgements import ACCEPTED
from gui.views.label.review.judge import TwoTexts, Verdict
from gui.views.label.review.keys import KeyHint


class PairJudge(TwoTexts):
    def press(self, key: str) -> bool:
        assert self.example is not None
        if key == "Y":
            self.decided.emit(Verdict(ACCEPTED, ((self.example.id, "status", ACCEPTED),), "accepted"))
            return True
        if key == "N":
            return self.reject()
        return self.skip() if key == "S" else False

    def keys(self) -> list[KeyHint]:
        return [
            KeyHint("Y", "belongs together", tone="positive", tip="Accept the pair"),
            KeyHint(
                "N", "does not", tone="negative", tip="Reject the pair: it stays here, no training uses it"
            ),
            KeyHint("S", "cannot say", tip="Skip it: it trains as before"),
        ]
