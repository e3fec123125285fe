"""Files made to break the reader: nothing hangs, fills the memory, is executed or escapes as a foreign error."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tracemalloc
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset.formats import Format, Rejected
from core.dataset.importing import Quoting, Reading, inspect, limits, read
from core.errors import AnchorLabError, FileProblem, ImportProblem


def test_one_enormous_line_is_one_rejected_line(tmp_path, monkeypatch):
    from core.dataset.importing import lines

    monkeypatch.setattr(lines, "MAX_LINE", 100_000)
    path = tmp_path / "x.csv"
    path.write_text("anchor,positive\na,b\n" + "x" * 30_000_000 + "\nc,d\n")
    tracemalloc.start()
    result = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [e.texts for e in result.examples] == [("a", "b"), ("c", "d")]
    assert result.rejected == [Rejected(3, lines.TOO_LONG)]
    assert peak < 40_000_000


@pytest.mark.parametrize("text", ["x" * 3_000_000, "x," * 3_000_000, '"' * 3_000_001, "\n" + "x," * 30_000])
def test_a_file_of_one_enormous_line_says_what_is_wrong(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(ImportProblem, match=r"holds no rows that can be read \(line [12]: "):
        inspect(path)


def test_an_enormous_quoted_cell(tmp_path):
    path = tmp_path / "x.csv"
    long, longest = "x" * limits.MAX_CELL, "x" * (limits.MAX_CELL + 1)
    path.write_text(f'anchor,positive\n"a","{long}"\n"b","{longest}"\n"c","d"\n{longest},e\n')
    result = read(path)
    assert [e.texts for e in result.examples] == [("a", long), ("c", "d")]
    assert [(r.line, "longer than 1,000,000" in r.reason) for r in result.rejected] == [(3, True), (5, True)]


def test_an_unclosed_quotation_mark_before_a_large_file_costs_one_line(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('anchor,positive\n"a, x",b\n"never closed,b\n' + "some words,other words\n" * 100_000)
    result = read(path)
    assert len(result.examples) == 100_001
    assert [r.line for r in result.rejected] == [3]


def _workbook(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def _replace(path, name, change):
    with zipfile.ZipFile(path) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    parts[name] = change(parts[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(part, data)


SHEET = "xl/worksheets/sheet1.xml"


def test_formulas_are_never_calculated(tmp_path):
    path = _workbook(tmp_path / "x.xlsx", [["anchor", "positive"], ["a", "=1+1"], ["b", "c"]])
    result = read(path)
    assert [e.texts for e in result.examples] == [("b", "c")]
    assert result.rejected == [
        Rejected(2, "the positive is empty")
    ]  # nothing was calculated when it was saved
    _replace(path, SHEET, lambda xml: xml.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>").replace(
        b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"))  # fmt: skip
    assert read(path).examples[0].texts == ("a", "2")


@pytest.mark.parametrize("part", [SHEET, "xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_xml_entities_are_refused(tmp_path, part):
    path = _workbook(tmp_path / "x.xlsx", [["anchor", "positive"], ["a", "b"]])
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode()
    _replace(path, part, lambda xml: doctype + xml[xml.find(b"?>") + 2 if xml.startswith(b"<?") else 0 :])
    with pytest.raises(FileProblem, match="XML entities"):
        read(path)


def test_zip_bombs_are_refused_unopened(tmp_path):
    path = _workbook(tmp_path / "x.xlsx", [["anchor", "positive"], ["a", "b"]])
    _replace(path, SHEET, lambda xml: xml.replace(b"<sheetData>", b"<sheetData>" + b" " * (60 << 20)))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(FileProblem, match="unpacks to 60 MB"):
        inspect(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml[: len(xml) // 2],
        lambda xml: b"",
        lambda xml: b"not xml",
        lambda xml: xml.replace(b'r="A2"', b'r="?"'),
        lambda xml: xml.replace(b'r="A2"', b'r="ZZZZZZZZ2"'),
        lambda xml: xml.replace(b'<row r="2"', b'<row r="9999999999"'),
        lambda xml: xml.replace(b'<row r="2"', b'<row r="x"'),
        lambda xml: xml.replace(b't="inlineStr"', b't="s"').replace(b"<is><t>b</t></is>", b"<v>77</v>"),
        lambda xml: xml.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"'),
    ],
)
def test_damaged_workbooks(tmp_path, change):
    path = _workbook(tmp_path / "x.xlsx", [["anchor", "positive"], ["a", "b"]])
    _replace(path, SHEET, change)
    try:
        assert len(read(path).examples) <= 1
    except AnchorLabError as error:
        assert error.hint


@pytest.mark.parametrize("size", [b"A1:A1", b"A1:XFD1048576", b"B2:B2"])
def test_the_declared_size_of_a_sheet_is_not_believed(tmp_path, size):
    path = _workbook(tmp_path / "x.xlsx", [["anchor", "positive"], ["a", "b"]])
    _replace(path, SHEET, lambda xml: xml.replace(b'ref="A1:B2"', b'ref="' + size + b'"'))
    result = read(path)
    assert [e.texts for e in result.examples] == [("a", "b")] and not result.rejected


def test_workbook_with_numbers_dates_blank_rows_and_a_second_sheet(tmp_path):
    import datetime

    book = openpyxl.Workbook()
    rows = [
        [],
        ["sentence1", "sentence2", "score"],
        ["a", 7, 0.5],
        [],
        ["b", True, 1],
        ["c", datetime.date(2026, 1, 2), None],
    ]
    for row in [*rows, ["d", "e", 1, "extra"], ["_x0041_", " f ", "0.25"]]:
        book.active.append(row)
    book.create_sheet("More").append(["x"])
    book.save(tmp_path / "x.xlsx")
    result = read(tmp_path / "x.xlsx")
    assert [(e.texts, e.raw_score) for e in result.examples] == [
        (("a", "7"), "0.5"), (("b", "true"), "1"), (("c", "2026-01-02 00:00:00"), ""), (("A", " f "), "0.25"),
    ]  # fmt: skip
    assert result.rejected == [Rejected(7, "it has 4 columns, expected 3")]
    assert result.notes[0] == 'Only the first sheet, "Sheet", was read; there are 2 with data.'


@settings(max_examples=120)
@given(
    st.binary(max_size=400), st.sampled_from([".csv", ".tsv", ".jsonl", ".json", ".xlsx", ".parquet", ".txt"])
)
def test_any_bytes_read_or_are_refused(tmp_path_factory, data, suffix):
    _read_or_refuse(tmp_path_factory, data, suffix)


@settings(max_examples=150)
@given(
    st.lists(st.text('ab,;\t"\n\r|01. \0é{}[]:', max_size=12), max_size=12),
    st.sampled_from([".csv", ".tsv", ".json"]),
)
def test_any_table_reads_or_is_refused(tmp_path_factory, rows, suffix):
    _read_or_refuse(tmp_path_factory, "\n".join(["anchor,positive", *rows]).encode(), suffix)


def _read_or_refuse(tmp_path_factory, data, suffix):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(data)
    for format in (None, *Format):
        try:
            result = read(path, format=format)
        except AnchorLabError as error:
            assert error.message and error.hint
        else:
            assert all(text.strip() for example in result.examples for text in example.texts)
            assert all(rejected.line >= 1 and rejected.reason for rejected in result.rejected)


# --- archives and JSON that fill the memory ----------------------------------------------------------------------------------


@pytest.fixture
def suspicious(monkeypatch):
    """Limits a small file can reach."""
    from core.dataset.importing import datafile

    monkeypatch.setattr(datafile, "UNPACKED_UNSUSPECTED", 1 << 20)


def zipped(name, content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_text_that_unpacks_out_of_all_proportion(tmp_path, suspicious, kind):
    content = b"a,b\n" * (4 << 20)
    path = tmp_path / f"bomb.csv.{kind}"
    path.write_bytes(gzip.compress(content) if kind == "gz" else zipped("bomb.csv", content))
    for action in (inspect, read):
        with pytest.raises(FileProblem, match="unpacks to more than"):
            action(path)


def test_workbooks_and_tables_inside_archives_are_bounded(tmp_path, monkeypatch):
    from core.dataset.importing import datafile

    monkeypatch.setattr(datafile, "MAX_IN_MEMORY", 1000)
    path = tmp_path / "t.parquet.gz"
    path.write_bytes(gzip.compress(b"PAR1" + bytes(range(256)) * 8))
    with pytest.raises(FileProblem, match="larger than"):
        read(path)


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_archives_that_end_too_soon(tmp_path, cut):
    rows = "anchor,positive\n" + "".join(f"{n * 7919},{n * 104729}\n" for n in range(20_000))
    for name, content in (("t.csv.gz", gzip.compress(rows.encode())), ("t.zip", zipped("t.csv", rows))):
        path = tmp_path / name
        path.write_bytes(content[: int(len(content) * cut)])
        with pytest.raises(FileProblem, match="damaged archive"):
            read(path)


def test_archives_in_archives_and_wrong_checksums(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(gzip.compress(b"anchor,positive\na,b\n")))
    with pytest.raises(FileProblem, match="an archive inside an archive"):
        read(path)
    path.write_bytes(gzip.compress(b"anchor,positive\na,b\n")[:-8] + b"\0" * 8)
    with pytest.raises(FileProblem, match="damaged archive"):
        read(path)
    inner = tmp_path / "outer.zip"
    inner.write_bytes(zipped("inner.zip", zipped("a.csv", "anchor,positive\na,b\n")))
    with pytest.raises(FileProblem, match="an archive inside an archive"):
        read(inner)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[" * 100_000, "nested too deeply"),
        ("[" + '{"a":' * 100_000, "nested too deeply"),
        ('{"a":\n' * 100_000, "holds no JSON objects"),
        (
            "\n".join(json.dumps({f"k{n}-{m}": "v" for m in range(20)}) for n in range(2_000)),
            "different names",
        ),
    ],
)
def test_deep_and_wide_json(tmp_path, content, words):
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises((FileProblem, ImportProblem), match=words):
        inspect(path)


def test_a_single_huge_object_is_refused_unread(tmp_path, monkeypatch):
    from core.dataset.importing import jsontext

    monkeypatch.setattr(jsontext, "MAX_JSON_OBJECT", 1000)
    path = tmp_path / "x.json"
    path.write_text('{"rows":\n' + "[" * 2000)
    with pytest.raises(ImportProblem, match="one JSON object of more than"):
        inspect(path)


def test_a_line_without_end_inside_an_archive(tmp_path, monkeypatch):
    from core.dataset.importing import lines

    monkeypatch.setattr(lines, "MAX_LINE", 10_000)
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"anchor,positive\na,b\n" + b"x" * 200_000 + b"\nc,d\n"))
    result = read(path)
    assert [example.texts for example in result.examples] == [("a", "b"), ("c", "d")]
    assert [item.line for item in result.rejected] == [3]


# --- what is written reads back ------------------------------------------------------------------------------------------------

CELL = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|^"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    packed=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_any_rows_come_back_from_any_dialect(
    tmp_path_factory, rows, delimiter, encoding, newline, packed, quoting
):
    if any("\r" in cell for row in rows for cell in row):
        quoting = csv.QUOTE_ALL  # the standard library's own writer does not enclose a lone \r
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerows([("anchor", "positive", "negative"), *rows])
    content = stream.getvalue().encode(encoding)
    path = tmp_path_factory.mktemp("any") / ("t.csv.gz" if packed else "t.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    result = read(path, reading=Reading(encoding=encoding, delimiter=delimiter, quoting=Quoting.QUOTED))
    assert [example.texts for example in result.examples] == rows and not result.rejected


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400), suffix=st.sampled_from(["csv.gz", "zip", "ods", "json", "arrow", "txt"]))
def test_any_bytes_in_the_newer_forms_read_or_are_refused(tmp_path_factory, data, suffix):
    path = tmp_path_factory.mktemp("any") / f"t.{suffix}"
    if suffix == "csv.gz":
        data = gzip.compress(data)
    elif suffix in ("zip", "ods"):
        data = zipped("content.xml" if suffix == "ods" else "t.csv", data)
    path.write_bytes(data)
    for action in (inspect, read):
        try:
            action(path)
        except AnchorLabError as error:
            assert error.message
