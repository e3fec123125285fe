"""Every file of the torture collection: the rows it must give, or the one refusal."""

from __future__ import annotations

import json

import pytest

from core.dataset.importing import Reading, inspect
from core.dataset.importing.opening import open_source
from core.dataset.importing.source import Ticker
from core.errors import FileProblem, ImportProblem

ABOVE = "it stands above the table"
ENGLISH = [["1", "english"], ["2", "中国人"]]
NAMES = ["id", "name"]
PEOPLE = (["id", "name", "age"], [["1101", "John", "30"], ["1102", "Julie", "26"]])

# file -> (columns, rows, rejected lines); whole tables
WHOLE = {
    "ascii-notvalid.csv": (["A", "B", "C"], [["1", "ssµ", "ab€"]], []),
    "blank-cells.csv": (NAMES, [["1", "Paul"], ["2", "John"], ["3", "George"], ["4", "Ringo"], ["5", ""]], []),
    "blank-headers.csv": (["id", "column 2", "age"], PEOPLE[1], []),
    "blank-rows.csv": (PEOPLE[0], [*PEOPLE[1], [""] * 3], []),
    "blank-rows-multiple.csv": (PEOPLE[0], [*PEOPLE[1], *([[""] * 3] * 11)], []),
    "bom.csv": (NAMES, ENGLISH, []),
    "countries.csv": (
        ["id", "neighbor_id", "name", "population"],
        [["1", "Ireland", "Britain", "67"], ["3", "22", "Germany", "83"], ["4", "", "Italy", "60"]],
        [(1, ABOVE), (4, "it has 5 columns, expected 4"), (7, "it has 1 column, expected 4")],
    ),
    "defective-rows.csv": (
        PEOPLE[0],
        [],
        [(2, "it has 2 columns, expected 3"), (3, "it has 4 columns, expected 3")],
    ),
    "delimiter.csv": (NAMES, ENGLISH, []),
    "duplicate-column.csv": ([f"column {n}" for n in range(1, 5)], [list("ABBC"), list("abCc")], []),
    "duplicate-headers.csv": (
        ["id", "name", "id (2)", "age", "id (3)"],
        [["1101", "John", "0", "30", "001101"], ["1102", "Julie", "0", "26", "001102"]],
        [],
    ),
    "duplicate-rows.csv": (PEOPLE[0], [*PEOPLE[1], PEOPLE[1][0]], []),
    "escaping.csv": (
        ["ID", "Test"],
        [["1", "Test line 1"], ["2", 'Test " line 2'], ["3", 'Test " line 3']],
        [],
    ),
    "invalid.csv": (
        ["id", "name", "column 3", "name (2)"],
        [],
        [(2, "it has 2 columns, expected 4"), (3, "it has 2 columns, expected 4"), (5, "it has 5 columns, expected 4")],
    ),
    "issue-1009-comma.csv": (["fieldNameA", "fieldNameB"], [["0123", "c"]], []),
    "issue-1009-semicolon.csv": (["fieldNameA", "fieldNameB"], [["0123", "c"]], []),
    "issue-844.csv": (["nome", "età"], [["andy", "47"], ["tom", "67"]], []),
    "latin1.csv": (NAMES, [["1", "english"], ["2", "©"]], []),
    "leading-zeros.csv": (["value"], [["01"], ["002"], ["00003"]], []),
    "number-format-multicode.xlsx": (["col1"], [["4.51119775197299"], ["-9.03233986479077"], ["15.7929464439101"]], []),
    "sheets.xlsx": (NAMES, [["1", "london"]], []),
    "skip-rows.csv": (NAMES, ENGLISH, [(1, ABOVE), (4, "it has 1 column, expected 2")]),
    "skip-rows.xlsx": (["A", "B"], [["8", "9"], ["", "TOTAL"]], [(1, ABOVE)]),
    "skip-rows-before-headers.csv": (NAMES, ENGLISH, [(1, ABOVE)]),
    "structure-errors.csv": (PEOPLE[0], [*PEOPLE[1], [""] * 3], [(5, "it has 6 columns, expected 3")]),
    "table.csv.gz": (NAMES, ENGLISH, []),
    "table.csv.zip": (NAMES, ENGLISH, []),
    "table.jsonl": (NAMES, ENGLISH, []),
    "table.ndjson": (NAMES, ENGLISH, []),
    "table.ods": (NAMES, ENGLISH, []),
    "table.tsv": (NAMES, [*ENGLISH, ["3", "\\N"]], []),
    "table.xlsx": (NAMES, ENGLISH, []),
    "table-infer-boolean.xlsx": (["number", "string", "boolean"], [["1", "two", "true"], ["3", "four", "false"]], []),
    "table-infer-iso-8859-7.csv": (
        ["id", "age", "name"],
        [["1", "39", "Λεωνιδας"], ["2", "23", "Αλεξανδρος"], ["3", "36", "Μυρων"], ["4", "28", "Ευστοργιος"]],
        [],
    ),
    "table-infer-missing-values.csv": (
        ["id", "age", "name"],
        [["1", "39", "Paul"], ["-", "25", "Test"], ["2", "23", "Jimmy"], ["-", "25", "Test"], ["3", "36", "Jane"],
         ["-", "25", "Test"], ["4", "28", "Judy"]],
        [],
    ),
    "table-unicode-headers.csv": (["id", "国人"], ENGLISH, []),
    "vix.csv": (
        ["Date", "VIXClose", "VIXHigh", "VIXLow", "VIXOpen"],
        [["2004-01-05T00:00:00Z", "17.49", "18.49", "17.44", "18.45"],
         ["2004-01-06T00:00:00Z", "16.73", "17.67", "16.19", "17.66"]],
        [],
    ),
    "without-headers.csv": (["column 1", "column 2"], [*ENGLISH, ["3", "german"]], []),
    "without-headers-extra.csv": (["column 1", "column 2"], ENGLISH, [(3, "it has 3 columns, expected 2")]),
}  # fmt: skip

# file -> (number of columns, number of rows, a cell by column name -> text in the first row); too large to write down
LARGE = {
    "LICENSE.md": (1, 17, {"column 1": "# The MIT License (MIT)"}),
    "accent.csv": (17, 2, {"accessibilité": "24h/24", "type_prise": "T2 - E/F", "code_insee": "06090"}),
    "doublequote.csv": (17, 5, {"AÑO": "2019", "NOMBREAP": "EDUCACIÓN", "NOMBREUE": "Consejo de Educación Secundaria"}),
    "issue-1024.xlsx": (55, 48, {"Country": "Afghanistan: Acute Food Insecurity October 2021", "Area": ""}),
    "issue-1341.csv": (51, 99, {"location": "Papua New Guinea", "c1980": ""}),
    "issue-320.xlsx": (54, 48, {"Country": "Afghanistan: Acute Food Insecurity April 2020"}),
    "issue-647.csv.txt": (17, 882, {"accessibilité": "24/24 7/7 jours", "ad_station": "Allée du Ninu 20600 Bastia"}),
    "issue-811.csv": (26, 7904, {"Denominazione in italiano": "Agliè", "Codice Regione": "01"}),
    "multiline-headers.xlsx": (4, 4, {"column 1": "Region", "column 4": ""}),
    "numeric-labels.csv": (10, 3, {"id": "id1", "100047": "FALSE"}),
    "preserve-formatting.xlsx": (11, 2, {"column 2": "0", "column 3": "0.00"}),
    "table-with-accents.csv": (8, 638, {"Année": "2013", "Occupancy rate": "0,611553068"}),
    "wide.csv": (9074, 3, {"id": "id1", "100047": "FALSE"}),
}  # fmt: skip

REFUSED = {
    "empty.csv": (FileProblem, "is empty"),
    "merged-cells.xls": (FileProblem, r"old Excel workbook \(.xls\).* Save it as .xlsx or CSV"),
    "table-with-ints-floats-dates.xls": (FileProblem, r"old Excel workbook \(.xls\)"),
    "table.xls": (FileProblem, r"old Excel workbook \(.xls\)"),
}

NO_ROWS = {"merged-cells.xlsx": ["data"], "without-rows.csv": NAMES}


def table(path):
    """(columns, rows, rejected) of everything in a file."""
    rejected = []
    source = open_source(path)
    picks = range(len(source.columns))
    records = source.records(picks, lambda line, reason: rejected.append((line, reason)), Ticker(None, None))
    return source.columns, [list(cells) for _, cells in records], rejected


@pytest.fixture
def frictionless(data_dir):
    return data_dir / "csv_torture" / "frictionless"


def test_every_file_of_the_collection_has_an_expected_outcome(frictionless):
    expected = {*WHOLE, *LARGE, *REFUSED, *NO_ROWS}
    assert {path.name for path in frictionless.iterdir()} == expected


@pytest.mark.parametrize("name", WHOLE)
def test_tables(frictionless, name):
    assert table(frictionless / name) == WHOLE[name]


@pytest.mark.parametrize("name", LARGE)
def test_large_tables(frictionless, name):
    columns, rows, rejected = table(frictionless / name)
    width, count, cells = LARGE[name]
    assert (len(columns), len(rows)) == (width, count)
    assert not rejected or (name.endswith(".xlsx") and {reason for _, reason in rejected} == {ABOVE})
    assert {column: rows[0][columns.index(column)] for column in cells} == cells


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(frictionless, name):
    error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        inspect(frictionless / name)


@pytest.mark.parametrize("name", NO_ROWS)
def test_column_names_without_rows(frictionless, name):
    from core.dataset.importing import read_texts

    columns, rows, rejected = table(frictionless / name)
    assert (columns, rows, rejected) == (NO_ROWS[name], [], [])
    with pytest.raises(ImportProblem, match="no rows"):
        read_texts(frictionless / name, Reading(corpus=columns[-1]))


SPECTRUM = (
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "location_coordinates", "newlines", "newlines_crlf",
    "quotes_and_newlines", "simple", "simple_crlf", "utf8",
)  # fmt: skip


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum(data_dir, tmp_path, name):
    folder = data_dir / "csv_torture" / "csv-spectrum"
    path = folder / "csvs" / f"{name}.csv"
    if name.endswith("_crlf"):  # the copies of these files have lost the line ends that they are about
        path = tmp_path / path.name
        path.write_bytes(
            (folder / "csvs" / path.name).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        )
    columns, rows, rejected = table(path)
    assert rejected == []
    content = json.loads((folder / "json" / f"{name}.json").read_bytes())
    expected = content if isinstance(content, list) else [content]
    # the collection's own answer has another telephone number than its table
    if name == "location_coordinates":
        expected[0]["Contact Phone Number"] = "2095257564"
    assert [dict(zip(columns, row, strict=True)) for row in rows] == expected
    as_json = table(folder / "json" / f"{name}.json")
    if name != "location_coordinates":
        assert as_json == (columns, rows, [])


def test_every_file_of_csv_spectrum_has_an_expected_outcome(data_dir):
    folder = data_dir / "csv_torture" / "csv-spectrum"
    assert {path.stem for path in (folder / "csvs").iterdir()} == set(SPECTRUM)
    assert {path.stem for path in (folder / "json").iterdir()} == set(SPECTRUM)
