"""The answer as a table and as text, to take along."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from core.similarity.compare import Hit
from gui.views.explore.query.answer import Answer, known_line, summary
from gui.widgets.chart_menu import Table
from gui.widgets.score import number

_EMPTY: Table = ((), ())


def whole(answer: Answer | None, titles: Sequence[str]) -> Table:
    """Both lists below each other, and the known texts further down."""
    if answer is None:
        return _EMPTY
    return _header(titles), _lines(answer, titles)


def of_list(answer: Answer | None, number_: int, titles: Sequence[str], rows: Sequence[int]) -> Table:
    """Some lines of one model's list."""
    if answer is None or number_ >= len(answer.lists):
        return _EMPTY
    hits = [*answer.lists[number_], *answer.beyond(number_)]
    return _header(titles), [_line(answer, number_, titles, hits[row]) for row in rows if row < len(hits)]


def as_text(answer: Answer | None, titles: Sequence[str]) -> Callable[[], str] | None:
    """The question, what changed, and both lists as they are read."""
    if answer is None:
        return None

    def made() -> str:
        said = [words for words, _ in summary(answer)]
        said += [known_line(answer)] if known_line(answer) else []
        lines = [f"Query: {answer.text}", *(["; ".join(said)] if said else [])]
        for place, hits in enumerate(answer.lists):
            lines += ["", f"{titles[place]}, top {answer.k} of {answer.count:,} texts"]
            lines += [_read(hit) for hit in [*hits, *answer.beyond(place)]]
        return "\n".join(lines)

    return made


def _read(hit: Hit) -> str:
    sign = {"positive": "＋ ", "negative": "− "}.get(hit.role, "")
    return f"{hit.rank:>4}  {number(hit.score, 3)}  {sign}{' '.join(hit.text.split())}"


def _header(titles: Sequence[str]) -> tuple[str, ...]:
    other = ("Rank in the other",) if len(titles) > 1 else ()
    return ("Query", "Model", "Rank", *other, "Score", "Text", "Known as", "Label")


def _lines(answer: Answer, titles: Sequence[str]) -> Iterator[Sequence[Any]]:
    for place, hits in enumerate(answer.lists):
        for hit in [*hits, *answer.beyond(place)]:
            yield _line(answer, place, titles, hit)


def _line(answer: Answer, place: int, titles: Sequence[str], hit: Hit) -> Sequence[Any]:
    other = (hit.other_rank,) if len(titles) > 1 else ()
    score = None if hit.score != hit.score else hit.score
    return (answer.text, titles[place], hit.rank, *other, score, hit.text, hit.role or None, hit.label)
