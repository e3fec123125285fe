"""Searching ignores case in every alphabet, takes every character literally, and finds the same as looking letter by letter."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.project.views import containing

LETTERS = "aAbBöÖéÉßñÑ%_\\*?[]^-ǅ東İıſ x"


@pytest.fixture(scope="module")
def table() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE texts (t0, t1)")
    yield connection
    connection.close()


def same(one: str, other: str) -> bool:
    if one.isascii() or other.isascii():
        return one.lower() == other.lower() if one.isascii() and other.isascii() else False
    return other in {one, *(case for case in (one.lower(), one.upper()) if len(case) == 1)}


def holds(text: str, search: str) -> bool:
    places = range(len(text) - len(search) + 1)
    return any(all(map(same, search, text[place:])) for place in places)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.text(LETTERS, max_size=8), st.text(LETTERS, max_size=8)), max_size=8),
    st.text(LETTERS, min_size=1, max_size=5),
)
def test_the_store_finds_what_a_person_would(
    table: sqlite3.Connection, rows: list[tuple[str, str]], search: str
) -> None:
    table.execute("DELETE FROM texts")
    table.executemany("INSERT INTO texts VALUES (?, ?)", rows)
    term, parameters = containing(["t0", "t1"], search)
    found = [
        row for (row,) in table.execute(f"SELECT rowid FROM texts WHERE {term} ORDER BY rowid", parameters)
    ]
    assert found == [n for n, (one, two) in enumerate(rows, 1) if holds(one, search) or holds(two, search)]
