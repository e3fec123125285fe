"""The engine's answer to one question, as the tab shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.similarity.compare import Hit, Movement, movement

FURTHER = 50


@dataclass(frozen=True)
class KnownText:
    """A text that rows say something about beside the query. By model; a rank is None where it is not known."""

    text: str
    role: str
    ranks: tuple[int | None, ...]
    scores: tuple[float | None, ...]
    label: float | None = None
    row: int = 0
    dataset: int = 0


@dataclass(frozen=True)
class IndexState:
    """`state` is "none" (every text is scored, and that is right), "missing" or "ready"; `recall` of a list as long as the one shown."""

    state: str = "none"
    recall: float | None = None
    used: bool = False


@dataclass(frozen=True)
class Answer:
    """`lists`: the hits of one or two models. `k` is how many were asked for, `of_known` how many known texts took part."""

    text: str
    k: int
    count: int
    lists: tuple[tuple[Hit, ...], ...]
    known: tuple[KnownText, ...] = ()
    of_known: int = 0
    indexes: tuple[IndexState, ...] = ()

    @classmethod
    def from_record(cls, text: str, k: int, record: Mapping[str, Any]) -> Answer:
        results = record["results"]
        return cls(
            text,
            k,
            results[0]["count"] if results else 0,
            tuple(tuple(Hit.from_record(hit) for hit in result["hits"]) for result in results),
            tuple(
                KnownText(
                    one["text"],
                    one["role"],
                    tuple(one["ranks"]),
                    tuple(one["scores"]),
                    one.get("label"),
                    one.get("row") or 0,
                    one.get("dataset") or 0,
                )
                for one in record.get("known", ())
            ),
            record.get("of_known", 0),
            tuple(
                IndexState(
                    result.get("index", {}).get("state", "none"),
                    result.get("index", {}).get("recall"),
                    not result.get("exact", True),
                )
                for result in results
            ),
        )

    @property
    def length(self) -> int:
        """How long the lists are: a text beyond is not among the hits."""
        return min(self.k, self.count)

    @property
    def movement(self) -> Movement | None:
        return movement(*self.lists) if len(self.lists) == 2 else None

    def hit(self, number: int, text: str) -> Hit | None:
        """The text in a model's list, or what is known of it further down."""
        for some in (self.lists[number : number + 1], (self.beyond(number),)):
            for hit in (hit for hits in some for hit in hits):
                if hit.text == text:
                    return hit
        return None

    def beyond(self, number: int) -> tuple[Hit, ...]:
        """The known texts that are not among a model's hits, best first, at most `FURTHER`; those of unknown rank are left out."""
        if number >= len(self.lists):
            return ()
        inside = {hit.text for hit in self.lists[number]}
        found = []
        for one in self.known:
            rank, score = one.ranks[number], one.scores[number]
            if rank is not None and one.text not in inside:
                other = one.ranks[1 - number] if len(one.ranks) == 2 else None
                value = float("nan") if score is None else score
                found.append(Hit(rank, one.text, value, other, one.role, one.label, one.row, one.dataset))
        return tuple(sorted(found, key=lambda hit: hit.rank)[:FURTHER])

    def found(self, role: str) -> tuple[tuple[int, ...], int]:
        """How many known texts of this role each model has among its hits, and how many there are to be found."""
        some = [one for one in self.known if one.role == role]
        inside = tuple(
            sum(1 for one in some if (rank := one.ranks[number]) is not None and rank <= self.k)
            for number in range(len(self.lists))
        )
        return inside, len(some)


def summary(answer: Answer) -> list[tuple[str, str]]:
    """What training changed in these lists, in parts: words and their tone."""
    parts: list[tuple[str, str]] = []
    moved = answer.movement
    if moved is not None:
        if moved.gained:
            parts.append((f"{moved.gained} gained", "positive"))
        if moved.lost:
            parts.append((f"{moved.lost} lost", "negative"))
        still = [f"{moved.up} up" if moved.up else "", f"{moved.down} down" if moved.down else ""]
        if moved.same and (moved.up or moved.down or moved.gained or moved.lost):
            still.append(f"{moved.same} in place")
        elif moved.same:
            still.append("Both find the same, in the same order")
        parts += [(words, "") for words in still if words]
    return parts


def known_line(answer: Answer) -> str:
    """Where the known texts are, in a line; "" where there are none."""
    parts = []
    for role in ("positive", "negative"):
        inside, total = answer.found(role)
        if total:
            more = "+" if answer.of_known > len(answer.known) else ""
            parts.append(f"{role}s {' → '.join(map(str, inside))} of {total}{more}")
    return f"In the top {answer.k}: known {', '.join(parts)}" if parts else ""
