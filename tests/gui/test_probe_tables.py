"""Probes from tables, in tables, as a page, and in a project that is written as text."""

from __future__ import annotations

import csv
import io
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataProblem, ProjectProblem
from core.project import Project
from core.project.probe_rows import escaped, grid_of, probes_of
from core.project.probes import Probe
from core.training.probe_table import as_html, as_table, lines, summary, told
from core.training.run_probes import Found, RunProbes
from gui.models.clipboard_text import to_grid
from gui.widgets.chart_menu import as_csv
from gui.widgets.copy_menu import as_text

BAD = ("=1+1", "+x", "-x", "@x", "'=x", "''=x", " =x", "'", "<script>alert(1)</script>", '"q", x', "a\nb")
PROBES = (
    Probe(1, BAD[0], "", k=3, expected=BAD[1:4], unwanted=BAD[4:6]),
    Probe(2, BAD[6], BAD[7], "similar", BAD[8]),
    Probe(3, BAD[9], BAD[10], lower=(BAD[0], BAD[8])),
    Probe(4, "bare", ""),
)
TUNED = (
    Found(False, (1, 2, 9, 4, 1), (0.9, 0.8, 0.1, 0.5, 0.95)),
    Found(True, (), (0.7,)),
    Found(True, (), (0.7, 0.2)),
    Found(),
)
BASE = (
    Found(True, (1, 2, 3, 8, 9), (0.9, 0.8, 0.7, 0.5, 0.4)),
    Found(False, (), (0.2,)),
    Found(False, (), (0.1, 0.2)),
    Found(),
)
RESULT = RunProbes("0003-run", 90, PROBES, TUNED, BASE, BASE, "0002-run")


def test_a_table_is_harmless_and_comes_back_as_it_was():
    table = as_table(lines(PROBES, RESULT), ["Base", "Run 3", "Run 2"])
    written = as_csv(table)
    for row in csv.reader(io.StringIO(written, newline="")):
        assert not [
            cell
            for cell in row
            if cell.lstrip(" ")[:1] in ("=", "+", "@") or (cell[:1] == "-" and not _number(cell))
        ]
    for grid in (grid_of(written), to_grid(as_text(table))):
        made = probes_of(grid)
        assert not made.refused
        assert {probe.key for probe in made.probes} == {probe.key for probe in PROBES}
        assert {probe.note for probe in made.probes} == {probe.note for probe in PROBES}
    head, rows = table
    assert (
        len(rows) == 5 + 3
        and rows[2][head.index("rank Run 3")] == 9
        and rows[2][head.index("rank Base")] == 3
    )
    assert rows[0][head.index("state")] == "Got worse"


def _number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


@given(st.text(alphabet="'=+-@ \t\rab", max_size=6))
@settings(max_examples=300, deadline=None)
def test_every_text_comes_back(text):
    if not text.strip():
        return
    written = as_csv((("text", "other"), [(escaped(text), "b")]))
    (probe,) = probes_of(grid_of(written)).probes
    assert probe.text == text


def test_rows_of_other_tables():
    made = probes_of(
        [["Query", "Positive", "K"], ["q", "a", "3"], ["q", "b", "3"], ["q", "c", "x"], ["", "d", ""]]
    )
    assert made.probes == (Probe(0, "q", "", k=3, expected=("a", "b")),)
    assert [one.line for one in made.refused] == [4, 5]
    made = probes_of([["q", "a"], ["q", "b", "c"], ["r", "", ""]], [Probe(9, "r", "")])
    assert made.probes == (Probe(0, "q", "", expected=("a", "b"), unwanted=("c",)),) and made.known == 1
    made = probes_of([["text", "other", "expectation"], ["a", "b", "Similar"], ["a", "b", "maybe"]])
    assert made.probes == (Probe(0, "a", "b", "similar"),) and "maybe" in made.refused[0].reason
    assert probes_of([]).probes == () and probes_of([["text"]]).probes == ()
    assert grid_of("\ufeffa;b\n\n1;2\n") == [["a", "b"], ["1", "2"]]
    with pytest.raises(DataProblem, match="no table"):
        grid_of("x" * 200_000)


def test_a_page_shows_texts_as_texts_and_needs_nothing_else():
    page = as_html(lines(PROBES, RESULT), ["Base", "Run 3", "Run 2"], "<b>Probes</b>", "Run 3 & Base")
    assert "<script" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;Probes&lt;/b&gt;" in page and "Run 3 &amp; Base" in page
    assert "http:" not in page and "https:" not in page and "src=" not in page
    assert page.index("Got worse") < page.index("Fixed")
    assert "rank 9" in page and "1 got worse" in page


def test_words():
    assert summary(RESULT) == "2 of 3 probes pass, 1 that passed before fails now"
    assert told(PROBES[0], TUNED[0]) == "rank 9" and told(PROBES[2], TUNED[2]) == "+0.500"
    (worse,) = (line for line in lines(PROBES, RESULT) if line.worse_than)
    assert worse.worse_than == (True, True) and worse.change == -6
    changed = (Probe(1, PROBES[0].text, "", k=4, expected=("x",)),)
    assert lines(changed, RESULT)[0].now is None  # what was found for another probe is not used


def test_a_project_written_as_text_has_probes(tmp_path):
    folder = tmp_path / "p"
    folder.mkdir()
    toml = """[project]
name = "P"

[[probe]]
text = "rose"
expected = ["red"]
unwanted = ["oak"]
k = 3
note = "n"

[[probe]]
text = "a"
other = "b"
lower = ["a", "c"]

[[probe]]
text = "a"
other = "b"
expectation = "similar"
"""
    (folder / "project.toml").write_text(toml)
    shutil.copytree(folder, tmp_path / "bad")
    with Project.open(folder) as project:
        assert project.probes() == [
            Probe(1, "rose", "", "", "n", 3, ("red",), ("oak",)),
            Probe(2, "a", "b", lower=("a", "c")),
            Probe(3, "a", "b", "similar"),
        ]
    for wrong in ("k = 3|k = '3'", 'expected = ["red"]|expected = "red"', "k = 3|k = 0", "[[probe]]|[probe]"):
        before, after = wrong.split("|")
        (tmp_path / "bad" / "project.toml").write_text(toml.replace(before, after, 1))
        with pytest.raises(ProjectProblem):
            Project.open(tmp_path / "bad")
