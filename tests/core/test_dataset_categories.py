"""Texts with categories in the data layer: files, what is wrong, the hold-out, the numbers about them, and the project."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.dataset import exporting
from core.dataset.formats import DatasetInfo, Example, Format
from core.dataset.importing import inspect, parse_columns, read
from core.dataset.importing.clipboard import read_tsv_text
from core.dataset.importing.columns import format_of
from core.dataset.normalise import normalise
from core.dataset.splits import split
from core.dataset.stats import describe
from core.dataset.validation import check
from core.errors import ImportProblem

INFO = DatasetInfo(1, "Kinds", Format.CATEGORIES)


def rows(*cells, splits=""):
    return [Example(pair, split=splits, id=number, number=number) for number, pair in enumerate(cells, 1)]


def write(folder, text, name="data.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("text,category\na b,x\nc d,x\ne f,y\n", {"text": "text", "category": "category"}),
        ("sentence,label\na b,0\nc d,1\ne f,0\n", {"text": "sentence", "category": "label"}),
        (
            "text,label,label_text\na b,0,no\nc d,1,yes\ne f,0,no\n",
            {"text": "text", "category": "label_text"},
        ),
        (
            "id,Utterance,Intent,split\n1,a b,buy,train\n2,c d,buy,test\n3,e f,sell,train\n",
            {"text": "Utterance", "category": "Intent", "split": "split"},
        ),
        ("question,topic\nwhy so,x\nhow so,x\n", {"text": "question", "category": "topic"}),
    ],
)
def test_files_of_texts_with_categories_are_recognised(tmp_path, text, columns):
    found = inspect(write(tmp_path, text)).mapping
    assert found is not None and found.format is Format.CATEGORIES and found.columns == columns


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("anchor,positive\na b,x\nc d,x\n", Format.PAIRS),
        ("text_a,text_b,label\na b,x,1\nc d,x,0\n", Format.SCORED),
        ("anchor,positive,negative,category\na,b,c,x\nd,e,f,x\n", Format.TRIPLETS),
        ("sentence1,sentence2,label\na b,x,1\nc d,x,0\n", Format.SCORED),
        ("title,category\none long title,a whole sentence that is no name of anything\nb,c\n", Format.PAIRS),
    ],
)
def test_other_files_stay_what_they_are(tmp_path, text, format):
    found = inspect(write(tmp_path, text)).mapping
    assert found is not None and found.format is format


def test_asked_for_them_two_columns_are_enough(tmp_path):
    path = write(
        tmp_path, "red dress,clothes\nblue coat,clothes\noak table,furniture\npine chair,furniture\n"
    )
    result = read(path, format=Format.CATEGORIES)
    assert result.examples[0].texts == ("red dress", "clothes")
    assert len(result.examples) == 4 and result.examples[0].score is None
    with pytest.raises(ImportProblem, match="a text and its category"):
        read(write(tmp_path, "text\na\nb\n", "one.csv"), format=Format.CATEGORIES)


def test_roles_on_the_command_line():
    assert format_of(parse_columns("text=a,category=b")) is Format.CATEGORIES


@pytest.mark.parametrize("suffix", exporting.SUFFIXES)
def test_a_file_that_was_written_reads_back(tmp_path, suffix):
    given_rows = rows(("a, b", "x"), ("c\nd", "x y"), ("=e", "z"), ("f", "z"))
    path = tmp_path / f"out{suffix}"
    assert exporting.write(path, INFO, given_rows) == 4
    result = read(path)
    assert result.format is Format.CATEGORIES
    assert [row.texts for row in result.examples] == [row.texts for row in given_rows]


def test_cells_of_a_spreadsheet():
    pasted = exporting.to_tsv_text(INFO, rows(("a", "x"), ("b", "y")))
    examples, rejected = read_tsv_text("Text\tCategory\n" + pasted, INFO)
    assert [row.texts for row in examples] == [("a", "x"), ("b", "y")] and not rejected
    assert "category is empty" in read_tsv_text("a\t \n", INFO)[1][0].reason


def kinds(found):
    return {issue.kind: issue for issue in found}


def test_what_is_wrong_with_them():
    found = kinds(
        check(
            INFO,
            rows(
                ("a", "x"), ("A ", "X"), ("a", "y"), ("b", "y"), ("c", "x"), ("d", "z"), ("", "x"), ("e", "")
            ),
        )
    )
    assert found["duplicate"].ids == (2,)
    assert set(found["conflict"].ids) == {1, 2, 3} and "categories" in found["conflict"].explanation
    assert found["lone_text"].ids == (6,) and not found["lone_text"].blocking
    assert found["empty_cell"].ids == (7, 8) and found["empty_cell"].blocking
    assert "few_categories" not in found and "anchor_contains_positive" not in found


def test_one_category_alone_blocks():
    found = kinds(check(INFO, rows(("a", "x"), ("b", "x"), ("c", "x"), ("d", "y"), ("d", "y"))))
    assert found["few_categories"].blocking


@given(
    some.lists(
        some.tuples(some.integers(0, 60).map(lambda number: f"text {number}"), some.sampled_from("abcdef")),
        min_size=8,
        max_size=120,
    ),
    some.sampled_from([0.1, 0.2, 0.4]),
    some.integers(0, 3),
)
def test_the_holdout_shares_no_text_and_leaves_every_category_to_train_on(cells, share, seed):
    given_rows = rows(*cells)
    found = split(given_rows, Format.CATEGORIES, share, seed)
    assert sorted([*found.train, *found.holdout]) == list(range(len(cells)))
    held = {normalise(cells[index][0]) for index in found.holdout}
    assert not held & {normalise(cells[index][0]) for index in found.train}
    clear = len({text for text, _ in cells}) == len(set(cells))  # no text in two categories
    if clear:
        measured = Counter(category for _, category in {cells[index] for index in found.holdout})
        trained = Counter(category for _, category in {cells[index] for index in found.train})
        assert all(count >= 2 and trained[category] >= 2 for category, count in measured.items())
    assert found == split(given_rows, Format.CATEGORIES, share, seed)
    assert found.holdout or "Nothing is held out" in found.notes[0]


def test_large_categories_are_all_on_both_sides_in_about_the_same_share():
    cells = [(f"text {number}", "abcd"[number % 4] if number % 10 else "big") for number in range(400)]
    found = split(rows(*cells), Format.CATEGORIES, 0.2, 7)
    per = Counter(cells[index][1] for index in found.holdout)
    whole = Counter(category for _, category in cells)
    assert all(abs(per[name] / whole[name] - 0.2) < 0.02 for name in whole) and not found.notes
    marked = rows(*cells[:8])
    marked[0] = Example(marked[0].texts, split="eval")
    assert split(marked, Format.CATEGORIES, 0.2, 7).holdout == [0]


def test_many_tiny_categories_do_not_take_half_of_the_rows():
    cells = [(f"text {number}", f"kind {number // 4}") for number in range(200)]
    found = split(rows(*cells), Format.CATEGORIES, 0.15, 1)
    assert 0.1 < len(found.holdout) / 200 < 0.2
    assert "too small to be measured" in found.notes[0]


def test_numbers_about_them():
    stats = describe(INFO, rows(("a b", "x"), ("c", "X "), ("d", "y"), ("e", "y"), ("f", "y"), ("g", "z")))
    assert (stats.categories, stats.smallest_category, stats.largest_category) == (2, 2, 3)
    assert stats.distinct_texts == 6 and stats.max_words == 2 and stats.labelled == 6


def test_in_a_project_the_names_are_no_texts(tmp_path):
    from core.engine.corpus import Corpora
    from core.project import Project, View

    with Project.create(tmp_path / "project", "Project") as project:
        project.create_dataset("Kinds", Format.CATEGORIES, examples=rows(("a", "x"), ("b", "x"), ("c", "")))
        (info,) = project.datasets()
        assert [column.key for column in info.columns] == ["text", "category"]
        assert project.texts() == ["a", "b", "c"]
        third = project.ids(info.id)[2]
        assert list(project.ids(info.id, View(filter="unlabelled"))) == [third]
        project.set_cells([(third, "category", "y")])
        assert project.ids(info.id, View(sort="category", descending=True))[0] == third
        assert list(project.ids(info.id, View(search="y"))) == [third]
    with Project.open(tmp_path / "project") as project:
        assert [row.texts for row in project.rows(info.id)] == [("a", "x"), ("b", "x"), ("c", "y")]
    for role, texts in (("all", ["a", "b", "c"]), ("anchor", ["a", "b", "c"]), ("other", [])):
        assert Corpora().get(tmp_path / "project", info.id, role, lambda: False).texts == texts
