"""What the engine keeps shares one budget: what was used longest ago goes first, and nothing that goes is lost."""

from __future__ import annotations

import gc

import numpy as np
import psutil
import pytest

from core.engine.budget import Budget
from core.engine.corpus import Corpus
from core.engine.mapping import Mapping, Mappings
from core.similarity.neighbours import Neighbours


class Shelf:
    def __init__(self, *, busy: bool = False) -> None:
        self.gone: list[object] = []
        self.busy = busy

    def give_up(self, name: object) -> bool:
        if not self.busy:
            self.gone.append(name)
        return not self.busy


def test_what_was_used_longest_ago_goes_first() -> None:
    budget, one, other = Budget(100), Shelf(), Shelf()
    budget.hold(one, "a", 40)
    budget.hold(other, "b", 40)
    budget.hold(one, "a", 40)  # used again
    budget.hold(other, "c", 50)
    assert (one.gone, other.gone, budget.used) == ([], ["b"], 90)
    budget.hold(one, "large", 500)
    assert (one.gone, other.gone, budget.used) == (["a"], ["b", "c"], 500), "what is used now stays"
    budget.let_go(one, "large")
    assert budget.used == 0


def test_what_is_in_use_stays_and_who_is_gone_holds_nothing() -> None:
    budget, busy, free = Budget(100), Shelf(busy=True), Shelf()
    budget.hold(busy, "a", 60)
    budget.hold(free, "b", 60)
    budget.hold(free, "c", 20)
    assert busy.gone == [] and free.gone == ["b"]
    assert budget.used == 80
    del busy
    gc.collect()
    assert budget.used == 20


def test_its_size_follows_the_computer() -> None:
    assert Budget().limit == max(512_000_000, int(psutil.virtual_memory().total * 0.25))


def test_embeddings_of_all_corpora_share_it() -> None:
    rows = np.random.default_rng(0).standard_normal((10, 8)).astype(np.float32)
    asked: list[str] = []

    def embed(name: str):
        def work(texts: list[str]):
            asked.append(name)
            return rows.copy()

        return work

    texts = [f"text {n}" for n in range(10)]
    budget = Budget(2 * (rows.nbytes + 40))
    first, second = Corpus(texts, budget=budget), Corpus(texts, budget=budget)
    first.matrix("m", embed("first"))
    second.matrix("m", embed("second"))
    first.matrix("m", embed("first"))
    second.matrix("other", embed("second, other"))
    assert first.knows("m") and not second.knows("m") and second.knows("other")
    assert budget.used <= budget.limit
    assert second.matrix("m", embed("second"))[0] == pytest.approx(rows)
    assert asked == ["first", "second", "second, other", "second"]
    edited = Corpus([*texts, "one more"], second, budget)
    assert edited.knows("m") and budget.used <= 3 * rows.nbytes + 200
    del first, second
    gc.collect()
    assert budget.used <= budget.limit


def test_a_map_that_nobody_asks_about_gives_way(monkeypatch) -> None:
    budget = Budget(100)
    maps = Mappings(budget)
    ended: list[str] = []
    asked = {"idle": False}

    class Made:
        token, size = "t", 80

        @property
        def idle(self) -> bool:
            return asked["idle"]

        def end(self) -> None:
            ended.append(self.token)

    mapping: Mapping = Made()  # type: ignore[assignment]
    maps.add(mapping)
    maps.hold(mapping)
    shelf = Shelf()
    budget.hold(shelf, "a", 50)
    assert not ended and maps.by_token("t") is mapping, "somebody waits for it"
    asked["idle"] = True
    budget.hold(shelf, "b", 40)
    assert ended == ["t"] and maps.by_token("t") is None and shelf.gone == []
    maps.known._kept = (None, [Neighbours(np.zeros((2, 3), np.int64), np.zeros((2, 3), np.float32))])
    maps.hold(mapping)
    assert maps.known.size == 72
    budget.hold(shelf, "large", 100)
    assert maps.known.size == 0
