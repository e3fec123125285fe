"""Importing the real files: nothing lost, nothing merged, and nothing but our own errors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.dataset.formats import DatasetInfo, Format, Scale
from core.dataset.importing import Mapping, inspect, read
from core.dataset.mojibake import is_garbled, repaired
from core.dataset.splits import split
from core.dataset.stats import describe
from core.dataset.validation import check
from core.errors import AnchorLabError


@pytest.mark.parametrize(("name", "rows"), [("train", 5749), ("dev", 1500), ("test", 1379)])
def test_sts_benchmark_is_read_whole(data_dir, name, rows):
    path = data_dir / "stsbenchmark" / f"sts-{name}.csv"
    mapping = Mapping(Format.SCORED, {"score": "column 5", "text_a": "column 6", "text_b": "column 7"})
    lines = path.read_text(encoding="utf-8").split("\n")
    for result in (read(path, mapping), read(path)):
        assert (len(result.examples), result.rejected) == (rows, [])
        assert result.scale == Scale(0, 5)
        for example, line in zip(result.examples, lines):
            cells = line.split("\t")
            assert (example.raw_score, *example.texts) == (cells[4], cells[5], cells[6])
            assert example.score == pytest.approx(float(cells[4]) / 5)
    inspection = inspect(path)
    assert (inspection.delimiter, inspection.quoted, inspection.header) == ("\t", False, False)
    assert inspection.kind == "tsv" and len(inspection.preview) == 50


def test_words_of_power(data_dir):
    result = read(data_dir / "words_of_power" / "seed004_pairs.csv")
    assert (result.format, len(result.examples), result.rejected) == (Format.SCORED, 3201, [])
    assert (
        result.examples[0].texts == ("Wood", "Sandpaper") and result.examples[0].source == "seed004_pairs.csv"
    )
    assert sum(example.score for example in result.examples) / 3201 == pytest.approx(0.48, abs=0.02)
    battle = read(data_dir / "words_of_power" / "battle_dataset.csv")
    assert (battle.format, len(battle.examples), battle.rejected) == (Format.SCORED, 100_000, [])


def test_quotes_with_multi_line_cells(data_dir):
    result = read(data_dir / "quotes" / "seed002_pairs.csv")
    assert (result.format, len(result.examples), result.rejected) == (Format.PAIRS, 2508, [])
    info = DatasetInfo(1, "quotes", Format.PAIRS)
    issues = {issue.kind: len(issue.ids) for issue in check(info, result.examples)}
    assert issues["anchor_contains_positive"] == 2508


def test_quotes_as_json_lines_with_a_list_column(data_dir):
    path = data_dir / "quotes" / "english_quotes.jsonl"
    result = read(path, Mapping(Format.PAIRS, {"anchor": "quote", "positive": "author"}))
    assert len(result.examples) + len(result.rejected) == 2508
    assert any('"tags"' in note for note in result.notes)
    tagged = read(path, Mapping(Format.PAIRS, {"anchor": "quote", "positive": "tags"}))
    assert len(tagged.examples) > 2508 and len(tagged.rejected) == 9  # one row a tag; nine quotes have none


@pytest.mark.parametrize(("name", "rows"), [("train_2120", 2120), ("eval_531", 531)])
def test_category_triplets(data_dir, name, rows):
    result = read(data_dir / "category_rules" / f"seed003_triplets_{name}.csv")
    assert (result.format, result.negatives) == (Format.TRIPLETS, 1)
    assert (len(result.examples), result.rejected) == (rows, [])
    assert all(len(example.texts) == 3 for example in result.examples)


def test_hold_out_of_tightly_knit_data_is_grouped_by_anchor(data_dir):
    rows = read(data_dir / "category_rules" / "seed003_triplets_train_2120.csv").examples
    result = split(rows, Format.TRIPLETS, 0.15, 42)
    assert result.grouped_by == "anchor" and "texts are on both sides" in result.notes[0]
    anchors = [{rows[i].texts[0] for i in side} for side in (result.train, result.holdout)]
    assert not anchors[0] & anchors[1]


def test_statistics_of_real_data(data_dir):
    rows = read(data_dir / "category_rules" / "seed003_triplets_train_2120.csv").examples
    stats = describe(DatasetInfo(1, "c", Format.TRIPLETS), rows)
    assert (stats.rows, stats.labelled, stats.distinct_anchors) == (2120, 2120, 13)
    assert stats.repeated_anchor_share == 1.0


def test_every_torture_file_reads_or_says_why_not(data_dir):
    files = [path for path in sorted((data_dir / "csv_torture").rglob("*")) if path.is_file()]
    assert len(files) > 60
    read_well = []
    for path in files:
        for action in (inspect, read, _as_pairs, _positional):
            try:
                action(path)
            except AnchorLabError as error:
                assert error.message.endswith(".") and len(error.message) < 1500, path
            except Exception as error:  # noqa: BLE001 - whatever it is, the file's name belongs beside it
                pytest.fail(f"{action.__name__}({path.name}) raised {error!r}")
            else:
                if action is inspect:
                    read_well.append(path.name)
    assert len(read_well) > 0.8 * len(files)


def _as_pairs(path):
    read(path, format=Format.PAIRS)


def _positional(path):
    """Force a reading of the first two columns, whatever they are."""
    columns = inspect(path).columns
    result = read(path, Mapping(Format.PAIRS, {"anchor": columns[0], "positive": columns[-1]}))
    assert result.examples or result.rejected


def test_encodings_of_torture_files(data_dir):
    folder = data_dir / "csv_torture" / "frictionless"
    assert inspect(folder / "bom.csv").columns == ["id", "name"]
    latin = inspect(folder / "latin1.csv")
    assert latin.encoding == "cp1252" and latin.preview[-1][-1] == "©"
    assert inspect(folder / "table-unicode-headers.csv").columns == ["id", "国人"]
    italian = inspect(folder / "issue-811.csv")
    assert italian.delimiter == ";" and "Unità" in italian.columns[1] and "\n" in italian.columns[1]


@pytest.mark.parametrize(
    ("file", "duplicates", "conflicts"),
    [("stsbenchmark/sts-train.csv", 61, 16), ("words_of_power/seed004_pairs.csv", 10, 13)],
)
def test_copies_and_contradictions_of_real_data(data_dir, file, duplicates, conflicts):
    result = read(data_dir / file)
    info = DatasetInfo(1, "d", result.format, scale=result.scale)
    rows = [replace(example, id=number) for number, example in enumerate(result.examples, start=1)]
    issues = {issue.kind: issue for issue in check(info, rows)}
    assert (len(issues["duplicate"].ids), issues["conflict"].groups) == (duplicates, conflicts)
    assert (issues["duplicate"].count, issues["conflict"].count) == (duplicates, conflicts)


def test_garbled_quotes(data_dir):
    result = read(data_dir / "quotes" / "seed002_pairs.csv")
    bad = [text for example in result.examples for text in example.texts if is_garbled(text)]
    assert len(bad) > 200 and any("don’t" in repaired(text) for text in bad)
    assert not any("â€™" in repaired(text) for text in bad)
