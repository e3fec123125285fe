"""What a run has told of the probes so far, as rows of figures before and now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.project.probes import Probe
from core.training.events import ProbesEvent
from core.training.probe_table import title, wish
from core.training.watched import hits_of
from gui.views.train.change_table import Change
from gui.widgets.score import number

_WISH = {"similar": "up", "different": "down"}
_Question = tuple[str, tuple[str, ...]]  # the query and its named texts


class Seen:
    """`texts`: how many the queries are ranked among."""

    def __init__(
        self,
        pairs: Sequence[Sequence[str]] = (),
        queries: Sequence[dict[str, Any]] = (),
        texts: int = 0,
    ) -> None:
        self._pairs = {(pair[0], pair[1]): place for place, pair in enumerate(pairs) if len(pair) == 2}
        self._queries: dict[_Question, int] = {
            (str(query.get("text")), tuple(hits_of(query))): place for place, query in enumerate(queries)
        }
        self._texts = texts
        self._scores: list[list[float]] = [[], []]  # before and now
        self._ranks: list[list[list[int]]] = [[], []]

    def take(self, event: ProbesEvent) -> None:
        for known, told in ((self._scores, event.scores), (self._ranks, event.ranks)):
            if told:
                known[1] = told  # type: ignore[assignment]
                if event.step == 0:
                    known[0] = told  # type: ignore[assignment]

    def change(self, probe: Probe) -> Change:
        tip = f"{title(probe)}\n{wish(probe)}"
        if probe.kind == "query":
            return self._ranked(probe, tip)
        figures = [self._figure(probe, side) for side in (0, 1)]
        if probe.kind == "order":
            said = (_signed(figures[0]), _signed(figures[1]))
            base, now = (None if one is None else (one + 1) / 2 for one in figures)
            return Change(title(probe), base, now, "up", f"{tip}\nBy how much it scores higher.", said)
        return Change(title(probe), figures[0], figures[1], _WISH.get(probe.expectation, ""), tip)

    def _figure(self, probe: Probe, side: int) -> float | None:
        """The score of the pair, of two pairs by how much the first is higher."""
        found = []
        for pair in probe.pairs:
            place = self._pairs.get(pair)
            if place is None or place >= len(self._scores[side]):
                return None
            found.append(self._scores[side][place])
        return found[0] - found[1] if len(found) == 2 else found[0]

    def _ranked(self, probe: Probe, tip: str) -> Change:
        place = self._queries.get((probe.text, (*probe.expected, *probe.unwanted)))
        ranks = [self._worst(probe, side, place) for side in (0, 1)]
        of = max(self._texts, 2)
        base, now = (None if rank is None else 1 - (rank - 1) / (of - 1) for rank in ranks)
        said = tuple("–" if rank is None else f"{rank:,}." for rank in ranks)
        words = (
            f"{tip}\nIts rank among {self._texts:,} texts of the project; after the training among all."
            if place is not None
            else tip
        )
        return Change(probe.text, base, now, "up" if probe.expected else "down", words, (said[0], said[1]))

    def _worst(self, probe: Probe, side: int, place: int | None) -> int | None:
        if place is None or place >= len(self._ranks[side]):
            return None
        ranks = self._ranks[side][place]
        if len(ranks) != len(probe.expected) + len(probe.unwanted) or not ranks:
            return None
        return max(ranks[: len(probe.expected)]) if probe.expected else min(ranks)


def _signed(value: float | None) -> str:
    return number(value) if value is None or value <= 0 else f"+{number(value)}"
