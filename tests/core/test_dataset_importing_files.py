"""The importer on JSON, on files that hold no data, and on pasted cells."""

from __future__ import annotations

import json
import sys

import pytest

from core.dataset.formats import DatasetInfo, Example, Format, Rejected, Scale
from core.dataset.importing import inspect, read, read_tsv_text
from core.errors import FileProblem, ImportProblem


@pytest.fixture
def put(tmp_path):
    def put(text, name="data.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return put


def texts(result):
    return [example.texts for example in result.examples]


# --- JSON ------------------------------------------------------------------------------------------------------------------


def test_json_lines(put):
    lines = [
        '{"anchor": "NA", "positive": "ü\\n\\u2028", "id": 1}',
        "",
        '{"anchor": "a", "positive": null}',
        '{"anchor": "a"}',
        '{"anchor": "a", "positive": {"x": 1}}',
        '{"anchor": "a", "positive"',
        '["a", "b"]',
        '{"anchor": 0.50, "positive": true}',
        '{"anchor": "\\ud800", "positive": "b"}',
    ]
    result = read(put("\n".join(lines), "x.jsonl"))
    assert texts(result) == [("NA", "ü\n\u2028"), ("0.50", "true")]
    assert [(r.line, r.reason.split("(")[0]) for r in result.rejected] == [
        (3, "the positive is empty"),
        (4, "the positive is empty"),
        (5, '"positive" is not text'),
        (6, "it is not valid JSON "),
        (7, "it is not a JSON object"),
        (9, "it holds bytes that are not text"),
    ]
    assert result.notes == ['Not used: column "id".']


def test_lists_of_positives_and_negatives_become_rows(put):
    record = {"query": "q", "pos": ["p1", "p2"], "neg": ["n1", "n2", "n3"]}
    empty = {"query": "q", "pos": ["p1"], "neg": []}
    result = read(put(json.dumps(record) + "\n" + json.dumps(empty), "x.jsonl"))
    assert result.format is Format.TRIPLETS and len(result.examples) == 6
    assert texts(result)[:4] == [("q", "p1", "n1"), ("q", "p1", "n2"), ("q", "p1", "n3"), ("q", "p2", "n1")]
    assert result.rejected == [Rejected(2, "the negative list is empty")]
    huge = {"query": "q", "pos": ["p"] * 200, "neg": ["n"] * 200}
    result = read(put(json.dumps(record) + "\n" + json.dumps(huge), "x.jsonl"))
    assert result.rejected == [Rejected(2, "its lists make more than 10,000 rows")]


def test_json_array(put):
    objects = [
        {"sentence1": "a", "sentence2": "b", "score": 4.50},
        {"sentence1": "c", "sentence2": "", "score": 1},
    ]
    result = read(put("\n" + json.dumps(objects, indent=1), "x.json"))
    assert result.examples == [Example(("a", "b"), 0.9, "4.5", source="x.json")] and result.scale == Scale(
        0, 5
    )
    assert result.rejected == [Rejected(8, "the second text is empty")]
    broken = read(put('[{"anchor": "a", "positive": "b"},\n{"anchor": "a", "posi', "x.json"))
    assert len(broken.examples) == 1 and broken.rejected[0].line == 2
    lines_in_json = read(put('{"anchor": "a", "positive": "b"}\n' * 3, "x.json"))
    assert len(lines_in_json.examples) == 3


def test_deep_and_huge_json(put):
    deep = "[" * 200_000
    result = read(
        put(
            '{"anchor": "a", "positive": "b"}\n{"anchor": ' + deep + "\n" + '{"n": ' + "9" * 10_000 + "}",
            "x.jsonl",
        )
    )
    assert len(result.examples) == 1
    assert [r.line for r in result.rejected] == [2, 3] and "nested too deeply" in result.rejected[0].reason
    with pytest.raises(ImportProblem, match="holds no JSON objects"):
        read(put(deep, "x.json"))
    assert sys.getrecursionlimit() < 10_000


# --- files that are none ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "x.csv", "is empty"),
        (b"\n\n  \n", "x.csv", "holds no rows"),
        (b"\xef\xbb\xbf", "x.csv", "holds no rows"),
        (b"", "x.xlsx", "is empty"),
        (b"", "x.jsonl", "is empty"),
        (b"anchor,positive\n", "x.csv", "has a header but no rows"),
        (bytes(range(256)) * 40, "x.csv", "is not a text file"),
        (b"\0" * 5000, "x.csv", "is not a text file"),
        (b"PK\x03\x04 rubbish", "x.xlsx", "damaged archive"),
        (b"hello", "x.xlsx", "not an Excel workbook"),
        (b"hello", "x.parquet", "not a Parquet file"),
        (b"PAR1 rubbish PAR1", "x.parquet", "not a sound Parquet file"),
        (b"\x1f\x8b\x08 rubbish", "x.csv", "damaged archive"),
        (b"\xff\xfea", "x.csv", "cannot be decoded"),
        (b"{}\n{}\n", "x.jsonl", "has the columns"),
        (b"3\n4\n", "x.jsonl", "holds no JSON objects"),
    ],
)
def test_files_that_are_no_data(put, content, name, words):
    with pytest.raises((FileProblem, ImportProblem), match=words) as caught:
        read(put(content, name))
    assert caught.value.message.endswith(".") and caught.value.hint.endswith(".")


def test_missing_file_folder_and_unreadable_file(tmp_path, put):
    with pytest.raises(FileProblem, match="There is no file"):
        read(tmp_path / "none.csv")
    with pytest.raises(FileProblem, match="is a folder"):
        inspect(tmp_path)
    path = put("anchor,positive\na,b\n")
    path.chmod(0)
    try:
        path.read_bytes()
    except PermissionError:
        with pytest.raises(FileProblem, match="Permission denied"):
            read(path)
    finally:
        path.chmod(0o600)


# --- pasting ---------------------------------------------------------------------------------------------------------------

SCORED = DatasetInfo(1, "s", Format.SCORED, scale=Scale(0, 5))
PAIRS = DatasetInfo(1, "p", Format.PAIRS)


def test_paste_from_a_spreadsheet():
    pasted = 'Text A\tText B\tScore\r\n"two\nlines"\t"a ""b""\tc"\t2,5\r\n"plain"\tx\t\r\n\r\ny\tz\r\na\tb\t9\r\na\t\t1\r\na\r\n'
    examples, rejected = read_tsv_text(pasted, SCORED)
    assert [(e.texts, e.score, e.raw_score) for e in examples] == [
        (("two\nlines", 'a "b"\tc'), 0.5, "2,5"),
        (('"plain"', "x"), None, ""),
        (("y", "z"), None, ""),
    ]
    assert rejected == [
        Rejected(7, "score 9 is out of range: the scores are on the scale 0–5"),
        Rejected(8, "the text b is empty"),
        Rejected(9, "it has 1 column, expected 3"),
    ]


def test_paste_ignores_stray_quotation_marks_and_line_ends():
    examples, rejected = read_tsv_text('"open\t5" pipe\n"a" b\t""\n', PAIRS)
    assert [e.texts for e in examples] == [('"open', '5" pipe'), ('"a" b', '""')] and not rejected
    assert read_tsv_text("", PAIRS) == ([], [])
    assert len(read_tsv_text("a\tb\t\t\nc\td", PAIRS)[0]) == 2
