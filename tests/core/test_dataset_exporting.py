"""What is exported comes back as it was, and looks as sentence-transformers wants it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import openpyxl
import pandas
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.dataset.exporting import SUFFIXES, to_tsv_text, write
from core.dataset.formats import DatasetInfo, Example, Format, Scale
from core.dataset.importing import read, read_tsv_text
from core.errors import DataProblem, FileProblem, UsageError

PAIRS = DatasetInfo(1, "p", Format.PAIRS)
SCORED = DatasetInfo(1, "s", Format.SCORED, scale=Scale(0, 5))
TRIPLETS = DatasetInfo(1, "t", Format.TRIPLETS, negatives=2)
TWO = [Example(("a", "b"), 0.5, "2,5"), Example(("=1+1", "d"), None)]

_ODD = [
    "NA",
    "null",
    "None",
    "007",
    "=SUM(A1)",
    '"',
    '""',
    "a,b",
    "a;b;c",
    "x\ty",
    "one\ntwo",
    "\r\n x",
    " y ",
    "1.0",
    "é",
    "'q'",
]
_text = st.one_of(st.text(min_size=1, max_size=30), st.sampled_from(_ODD)).filter(
    lambda t: t.strip() and "\0" not in t
)
_score = st.one_of(st.none(), st.floats(0, 1))


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=40)
@given(st.lists(st.tuples(_text, _text, _text, _text), min_size=1, max_size=8))
@example(
    [("=1+1", "_x0041_", "_x000D_\r", "a\rb\r\nc\nd"), ('"x" y', "\x01\x1f\ufffe", "𝒳\u2028\x85", "\ufeffa")]
)
def test_triplets_come_back_as_they_were(suffix, rows):
    assert [e.texts for e in _round(suffix, TRIPLETS, [Example(row) for row in rows]).examples] == rows


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=40)
@given(st.lists(st.tuples(_text, _text, _score), min_size=1, max_size=8))
def test_scored_pairs_come_back_as_they_were(suffix, rows):
    result = _round(suffix, SCORED, [Example((a, b), score) for a, b, score in rows])
    assert [(*e.texts, e.score) for e in result.examples] == rows
    assert result.scale == Scale(0, 1) and not result.rejected


@settings(max_examples=100)
@given(st.lists(st.tuples(_text, _text), min_size=1, max_size=6))
def test_the_clipboard_comes_back_as_it_was(rows):
    examples, rejected = read_tsv_text(to_tsv_text(PAIRS, [Example(row) for row in rows]), PAIRS)
    titles = [("anchor", "positive")]
    assert rejected == [] and [e.texts for e in examples] == [
        row for n, row in enumerate(rows) if n or [tuple(t.strip().casefold() for t in row)] != titles
    ]


def _round(suffix, info, rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{suffix}"
        assert write(path, info, rows) == len(rows)
        return read(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_columns_and_unlabelled_rows(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    assert write(path, SCORED, TWO) == 2
    frame = _frame(path)
    assert list(frame.columns) == ["sentence1", "sentence2", "score"]
    assert frame["score"].tolist()[0] == 0.5 and frame["score"].isna().tolist() == [False, True]
    assert write(path, SCORED, iter(TWO), labelled_only=True) == 1
    assert len(_frame(path)) == 1
    write(path, TRIPLETS, [Example(("a", "b", "c", "d"))])
    assert list(_frame(path).columns) == ["anchor", "positive", "negative_1", "negative_2"]
    assert list(tmp_path.iterdir()) == [path]


def _frame(path):
    kind = path.suffix[1:]
    if kind == "jsonl":
        return pandas.DataFrame([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])
    if kind == "json":
        return pandas.DataFrame(json.loads(path.read_text(encoding="utf-8")))
    if kind == "tsv":
        return pandas.read_csv(path, sep="\t")
    return {"csv": pandas.read_csv, "parquet": pandas.read_parquet, "xlsx": pandas.read_excel}[kind](path)


def test_csv_is_written_byte_for_byte(tmp_path):
    write(
        tmp_path / "x.csv",
        PAIRS,
        [Example(("=1+1", "@x")), Example(('a "b"', "+1,2")), Example((" c", "-1"))],
    )
    assert (tmp_path / "x.csv").read_bytes() == b'anchor,positive\n=1+1,@x\n"a ""b""","+1,2"\n" c",-1\n'


def test_xlsx_has_no_formulas(tmp_path):
    write(tmp_path / "x.xlsx", SCORED, TWO)
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["Data"]
    assert [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        [("a", "s"), ("b", "s"), (0.5, "n")],
        [("=1+1", "s"), ("d", "s"), (None, "n")],
    ]


def test_what_excel_cannot_hold_is_said_with_the_row(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"before")
    for text in ("x" * 32_768, "𝒳" * 16_384):
        with pytest.raises(DataProblem, match=r"row 7 is longer than the 32,767"):
            write(path, PAIRS, [Example(("a", "b")), Example(("a", text), number=7)])
    assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]
    assert write(path, PAIRS, [Example(("x" * 32_767, "𝒳" * 16_383))]) == 1
    assert [len(t) for t in read(path).examples[0].texts] == [32_767, 16_383]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_damaged_character_is_said_with_the_row(tmp_path, suffix):
    with pytest.raises(DataProblem, match="row 3 holds a damaged character"):
        write(tmp_path / f"x{suffix}", PAIRS, [Example(("a", "b")), Example(("a", "\ud800"), number=3)])
    assert not list(tmp_path.iterdir())


def test_where_nothing_can_be_written(tmp_path):
    with pytest.raises(UsageError, match="no known ending"):
        write(tmp_path / "x.doc", PAIRS, [])
    (tmp_path / "file").write_text("")
    with pytest.raises(FileProblem):
        write(tmp_path / "file" / "x.csv", PAIRS, [])
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(FileProblem):
        write(tmp_path / "x.csv", PAIRS, TWO)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "x.csv"]


def test_clipboard_scores_are_on_the_scale_of_the_dataset():
    rows = [*TWO, Example(("a", "b"), 0.8)]
    assert to_tsv_text(SCORED, rows) == "a\tb\t2,5\n=1+1\td\t\na\tb\t4"
