"""Find and replace: literal and regular expressions, counted, and no pattern holds the program up."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.formats import Example, Format, columns
from core.dataset.replacing import Found, Replacer, Search, find
from core.errors import Cancelled, DataProblem

ROWS = [
    Example(("Soft girl", "a soft cardigan"), id=1, number=1),
    Example(("softly", "Soft, SOFT"), id=2, number=2),
    Example(("a.b*c", "tweed"), id=3, number=3),
]
PAIRS = columns(Format.PAIRS)


def run(pattern: str, replacement: str = "", **how: object) -> Found:
    return find(ROWS, PAIRS, Search(pattern, replacement, **how))  # type: ignore[arg-type]


def test_a_text_is_found_in_every_case_and_place() -> None:
    found = run("soft", "hard")
    assert (found.matches, found.rows, len(found.cells)) == (5, 2, 4)
    assert found.cells[3] == (2, "positive", "hard, hard")
    sample = found.samples[3]
    assert [sample.before[a:b] for a, b in sample.found] == ["Soft", "SOFT"]
    assert [sample.after[a:b] for a, b in sample.put] == ["hard", "hard"]


def test_case_whole_words_and_columns_narrow_it_down() -> None:
    assert run("Soft", "x", match_case=True).matches == 2
    assert run("soft", "x", whole_words=True).matches == 4
    assert run("soft", "x", columns=("anchor",)).matches == 2


def test_signs_of_patterns_are_literal_unless_asked_for() -> None:
    assert run("a.b*c", r"\1").cells == [(3, "anchor", r"\1")]
    assert run("(s)oft", r"\1").matches == 0
    found = run(r"(s)(oft)", r"\2\1", regex=True)
    assert found.cells[0] == (1, "anchor", "oftS girl")


@pytest.mark.parametrize(("pattern", "replacement"), [("(", ""), ("a", r"\2"), ("[", "x"), ("(a)", r"\g<b>")])
def test_what_is_no_pattern_is_refused(pattern: str, replacement: str) -> None:
    with pytest.raises(DataProblem, match="no regular expression"):
        run(pattern, replacement, regex=True)


def test_a_catastrophic_pattern_ends_in_time() -> None:
    text = Example(("a" * 40 + "b!a", ""), id=1)
    began = time.monotonic()
    with pytest.raises(DataProblem, match="takes too long"):
        find([text], PAIRS, Search(r"(?:.|\w)*!$", "x", regex=True))
    assert time.monotonic() - began < 5


def test_nothing_is_found_for_nothing_and_same_is_no_change() -> None:
    assert run("").matches == 0
    found = run("soft", "soft", match_case=True)
    assert found.matches == 2 and not found.cells and found.unchanged == 2


def test_it_stops_when_asked() -> None:
    with pytest.raises(Cancelled):
        find(ROWS, PAIRS, Search("a"), should_stop=lambda: True)


@given(st.text(max_size=12), st.text(min_size=1, max_size=3), st.text(max_size=3))
def test_literal_replacement_is_that_of_python(text: str, pattern: str, replacement: str) -> None:
    found = Replacer(Search(pattern, replacement, match_case=True)).replace(text)
    assert found[0] == text.replace(pattern, replacement)
