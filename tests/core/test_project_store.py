"""The project store as the window uses it: datasets, views, edits, undo."""

from __future__ import annotations

import json
import sqlite3
from array import array
from pathlib import Path

import pytest

from core.dataset.formats import Example, Format, Scale
from core.errors import DataProblem, ProjectProblem
from core.project import Project, View
from core.project.edits import Compound, CreateDataset, DeleteDataset, DeleteExamples, RenameDataset, SetMeta
from core.project.ranges import to_ranges
from core.project.step import MAX_IDS
from core.project.views import FILTERS


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p", "Shop", "Words") as project:
        yield project


def scored(project: Project, *rows: tuple[str, str, float | None], scale: Scale | None = None) -> list[int]:
    examples = [Example((a, b), score, "" if score is None else str(score)) for a, b, score in rows]
    change = project.create_dataset("Scored", Format.SCORED, scale=scale, examples=examples)
    return list(project.ids(*change.dataset_ids))


def raw(project: Project, sql: str) -> list[tuple]:
    return project._connection.execute(sql).fetchall()


def recount(project: Project, dataset_id: int) -> dict[str, int]:
    return {name: len(project.ids(dataset_id, View(filter=name))) for name in FILTERS}


def test_a_new_project_is_empty_and_remembers_its_name(project, tmp_path):
    assert (project.name, project.description, project.read_only) == ("Shop", "Words", False)
    assert project.datasets() == [] and project.texts() == []
    assert project.undo() is None and project.redo() is None and project.undo_label == ""
    assert project.runs_folder == tmp_path / "p" / "runs" and project.cache_folder == tmp_path / "p" / "cache"
    assert Project.is_project(tmp_path / "p") and not Project.is_project(tmp_path)


def test_creating_over_a_project_is_refused(project, tmp_path):
    with pytest.raises(ProjectProblem, match="already a project"):
        Project.create(tmp_path / "p", "again")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ProjectProblem, match="Cannot make the folder"):
        Project.create(tmp_path / "file" / "p", "x")


def test_every_format_gives_back_what_it_was_given(project):
    full = Example(("a", "p\n“q”\t<b>", "n1", " NA "), None, "", "eval", True, "note", "file.csv")
    change = project.create_dataset(
        "T", Format.TRIPLETS, negatives=2, examples=[full, Example(("", "", "", ""))]
    )
    (dataset_id,) = change.dataset_ids
    assert change.kinds == {"datasets", "rows"} and change.ids == (1, 2)
    first, second = project.examples(change.ids)
    assert first == Example(full.texts, None, "", "eval", True, "note", "file.csv", id=1, number=1)
    assert second.number == 2 and second.texts == ("", "", "", "")
    pair = project.create_dataset("P", Format.PAIRS, examples=[Example(("é\0x", "𝄞"))])
    assert project.examples(pair.ids)[0].texts == ("é\0x", "𝄞")
    assert project.examples((*pair.ids, 99, 1, 1))[1:] == [first, first]
    assert [info.name for info in project.datasets()] == ["T", "P"]
    assert project.dataset(dataset_id).negatives == 2 and project.dataset(dataset_id).rows == 2
    assert list(project.rows(dataset_id)) == [first, second]
    assert project.texts() == [*full.texts, "é\0x", "𝄞"]
    assert project.texts(*pair.dataset_ids) == ["é\0x", "𝄞"]


def test_filters_and_counts_agree(project):
    ids = scored(project, ("a", "b", 0.5), ("c", "d", None), ("e", "f", 1.0), ("g", "h", None))
    project.set_cells(
        [
            (ids[0], "split", "train"),
            (ids[1], "split", "eval"),
            (ids[2], "split", "test"),
            (ids[3], "flag", True),
        ]
    )
    expected = {"all": 4, "unlabelled": 2, "flagged": 1, "train": 1, "eval": 1, "test": 1}
    assert project.counts(1) == expected | dict.fromkeys(FILTERS[6:], 0) == recount(project, 1)
    assert project.ids(1, View(filter="unlabelled")) == array("q", [ids[1], ids[3]])
    assert project.ids(1, View(filter="flagged", search="G")) == array("q", [ids[3]])
    project.set_cells([(ids[1], "score", 0), (ids[0], "score", "")])
    assert project.counts(1)["unlabelled"] == 2 and project.ids(1, View(filter="unlabelled"))[0] == ids[0]
    with pytest.raises(DataProblem, match="no filter"):
        project.ids(1, View(filter="nonsense"))


def test_unlabelled_triplets_miss_a_text(project):
    project.create_dataset(
        "T",
        Format.TRIPLETS,
        examples=[Example(("a", "b", "c")), Example(("a", "", "c")), Example(("", "b", "c"))],
    )
    assert list(project.ids(1, View(filter="unlabelled"))) == [2]
    project.set_cells([(1, "negative", ""), (2, "positive", "x")])
    assert list(project.ids(1, View(filter="unlabelled"))) == [1] and project.counts(1) == recount(project, 1)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("SOFT", [1]),
        ("100%", [2]),
        ("0%", [2]),
        ("a_b", [3]),
        ("_", [3]),
        ("\\", [4]),
        ("*", [5]),
        ("é[?", [5]),
        ("größe", [6]),
        ("GRÖße", [6]),
        ("ПРИВЕТ", [7]),
        ("привет м", [7]),
        ("'; DROP TABLE examples; --", []),
        ("x" * 20_000, [8]),
        ("é" * 20_000, []),
    ],
)
def test_search_is_literal_and_ignores_case(project, search, found):
    texts = [
        "soft girl",
        "100% wool",
        "a_b",
        "back\\slash",
        "é[?*] x",
        "Größe M",
        "Привет мир",
        "X" * 20_001,
        "plain aab",
    ]
    project.create_dataset("P", Format.PAIRS, examples=[Example(("q", text)) for text in texts])
    assert list(project.ids(1, View(search=search))) == found


def test_sorting(project):
    scored(project, ("b", "x", 0.5), ("A", "z", None), ("c", "y", 0.1), ("a", "x", 1.0))
    ids = lambda **view: list(project.ids(1, View(**view)))  # noqa: E731
    assert ids() == [1, 2, 3, 4] and ids(descending=True) == [4, 3, 2, 1] == ids(
        sort="number", descending=True
    )
    assert ids(sort="text_a") == [2, 4, 1, 3] and ids(sort="text_b", descending=True) == [2, 3, 1, 4]
    assert ids(sort="score") == [3, 1, 4, 2] and ids(sort="score", descending=True) == [4, 1, 3, 2]
    project.set_cells([(3, "flag", True), (1, "split", "train")])
    assert ids(sort="flag", descending=True)[0] == 3 and ids(sort="split", descending=True)[0] == 1
    with pytest.raises(DataProblem, match="no column “t0; --”"):
        ids(sort="t0; --")


def test_ids_of_scattered_datasets(project):
    """Rows of one dataset with many of another between them are found by another road than rows that lie together."""
    a, b = (next(iter(project.create_dataset(name, Format.PAIRS).dataset_ids)) for name in "ab")
    project.add_examples(a, [Example(("x1", "y"))])
    project.add_examples(b, [Example((f"x{n}", "z")) for n in range(50)])
    project.add_examples(a, [Example(("X2", "y"))])
    assert list(project.ids(a, View(search="x"))) == [1, 52] == list(project.ids(a))
    assert list(project.ids(a, View(search="x", descending=True))) == [52, 1]
    assert len(project.ids(b, View(search="x"))) == 50


@pytest.mark.parametrize(
    ("typed", "score", "kept"),
    [
        ("0,5", 0.5, "0,5"),
        (" 1 ", 1.0, "1"),
        ("", None, ""),
        (0.25, 0.25, "0.25"),
        (1, 1.0, "1"),
        (None, None, ""),
    ],
)
def test_scores_as_people_type_them(project, typed, score, kept):
    (id,) = scored(project, ("a", "b", 0.75))
    project.set_cells([(id, "score", typed)])
    example = project.examples([id])[0]
    assert (example.score, example.raw_score) == (score, kept)
    project.undo()
    assert (project.examples([id])[0].score, project.examples([id])[0].raw_score) == (0.75, "0.75")


def test_scores_on_another_scale(project):
    (id,) = scored(project, ("a", "b", None), scale=Scale(1, 5))
    project.set_cells([(id, "score", "4")])
    assert project.examples([id])[0].score == 0.75
    with pytest.raises(DataProblem, match="Row 1: the score 6 is outside the scale of 1 to 5"):
        project.set_cells([(id, "score", "6")])


@pytest.mark.parametrize("typed", ["abc", "nan", "inf", "1.5", "-0.1", "1_0", "0,1,2", float("nan"), "٣٣"])
def test_scores_that_are_none_are_refused(project, typed):
    ids = scored(project, ("a", "b", 0.75), ("c", "d", 0.5))
    before = project.data_hash()
    with pytest.raises(DataProblem, match=r"Row 2: the score .*(number|scale)"):
        project.set_cells([(ids[0], "text_a", "changed"), (ids[1], "score", typed)])
    assert project.data_hash() == before and project.undo_label == "Create Scored"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ((1, "positive", "x"), "no column “positive”"),
        ((1, "t0 = 1; --", "x"), "no column"),
        ((1, "split", "nowhere"), "no split"),
        ((1, "flag", "yes"), "on or off"),
        ((1, "text_a", None), "takes text"),
        ((1, "note", 3), "takes text"),
        ((77, "text_a", "x"), "no longer"),
        ((1, "text_a", "\ud800"), "half a character"),
    ],
)
def test_cells_that_do_not_fit_are_refused_as_a_whole(project, cell, words):
    scored(project, ("a", "b", 0.75))
    before = project.data_hash()
    with pytest.raises(DataProblem, match=words):
        project.set_cells([(1, "note", "first"), cell])
    assert project.data_hash() == before
    project.set_cells([(1, "note", "still works")])


def test_set_cells_is_one_step_with_a_name(project):
    ids = scored(project, ("a", "b", 0.5), ("c", "d", 1.0))
    before = project.data_hash()
    change = project.set_cells(
        [(ids[0], "text_a", "x"), (ids[1], "score", "0"), (ids[0], "text_a", "y")], origin="table"
    )
    assert (change.kinds, change.dataset_ids, change.ids) == ({"cells"}, {1}, (1, 2))
    assert (change.label, change.origin, project.undo_label) == ("Edit 3 cells", "table", "Edit 3 cells")
    assert project.examples(ids)[0].texts[0] == "y"
    undone = project.undo(origin="menu")
    assert (undone.label, undone.origin, undone.ids) == ("Edit 3 cells", "menu", (1, 2))
    assert project.data_hash() == before and (project.undo_label, project.redo_label) == (
        "Create Scored",
        "Edit 3 cells",
    )


def test_an_edit_that_changes_nothing_is_no_step(project):
    (id,) = scored(project, ("a", "b", 0.5))
    project.set_cells([(id, "text_a", "x")])
    project.undo()
    for change in (
        project.set_cells([(id, "text_a", "a")]),
        project.delete_examples([99]),
        project.add_examples(1, []),
    ):
        assert change.kinds == frozenset() and change.ids == ()
    assert project.redo_label == "Edit cell" and project.redo() is not None


def test_numbers_stay_and_are_never_given_twice(project):
    ids = scored(project, *((str(n), "b", None) for n in range(5)))
    project.delete_examples([ids[4], ids[1]])
    assert [example.number for example in project.rows(1)] == [1, 3, 4]
    added = project.add_examples(1, [Example(("new", "b"))])
    assert project.examples(added.ids)[0].number == 6
    project.undo()
    again = project.add_examples(1, [Example(("newer", "b"))])
    assert project.examples(again.ids)[0].number == 7 and again.ids != added.ids
    project.undo()
    project.undo()
    assert [(row.id, row.number) for row in project.rows(1)] == [(n, n) for n in range(1, 6)]


def test_rows_that_do_not_fit_are_refused(project):
    scored(project, ("a", "b", 0.5))
    for example, words in (
        (Example(("one",)), "1 texts"),
        (Example(("a", "b"), split="x"), "split"),
        (Example(("a", "b"), float("inf")), "score inf"),
    ):
        with pytest.raises(DataProblem, match=words):
            project.add_examples(1, [Example(("fine", "row")), example])
    assert project.counts(1)["all"] == 1 and len(project.ids(1)) == 1


def test_changes_name_up_to_ten_thousand_rows(project):
    project.create_dataset("P", Format.PAIRS)
    change = project.add_examples(1, (Example(("a", str(n))) for n in range(MAX_IDS)))
    assert change.ids == tuple(range(1, MAX_IDS + 1))
    assert project.delete_examples(range(1, MAX_IDS + 1)).ids == change.ids
    project.undo()
    assert project.add_examples(1, (Example(("a", str(n))) for n in range(MAX_IDS + 1))).ids == ()
    assert project.undo().ids == () and project.counts(1)["all"] == MAX_IDS


def test_a_dataset_comes_and_goes_as_one_step(project):
    empty = project.data_hash()
    scored(project, ("a", "b", None), ("c", "d", 1.0))
    full = project.data_hash()
    change = project.apply(DeleteDataset(1), "Delete Scored")
    assert change.kinds == {"datasets", "rows"} and project.datasets() == [] and project.data_hash() == empty
    with pytest.raises(DataProblem, match="no longer"):
        project.ids(1)
    project.undo()
    assert project.data_hash() == full and project.counts(1)["unlabelled"] == 1
    project.undo()
    assert project.data_hash() == empty
    project.redo()
    assert project.data_hash() == full
    project.undo()
    assert next(iter(project.create_dataset("Other", Format.PAIRS).dataset_ids)) == 2


def test_dataset_names(project):
    project.create_dataset("Quotes", Format.PAIRS)
    assert project.create_dataset(" quotes ", Format.PAIRS).label == "Create quotes 2"
    with pytest.raises(DataProblem, match="already a dataset “Quotes”"):
        project.apply(RenameDataset(2, "QUOTES"), "Rename")
    with pytest.raises(DataProblem, match="needs a name"):
        project.create_dataset(" ", Format.PAIRS)
    project.apply(RenameDataset(2, "Lines"), "Rename")
    project.undo()
    assert [info.name for info in project.datasets()] == ["Quotes", "quotes 2"]
    for bad in (
        CreateDataset("x", Format.TRIPLETS, 17),
        CreateDataset("x", Format.SCORED, 1, Scale(1, 1)),
        CreateDataset("x", Format.SCORED, 1, Scale(0, float("inf"))),
    ):
        with pytest.raises(DataProblem):
            project.apply(bad, "x")


def test_facts_and_recipe_are_undoable(project):
    assert project.recipe() == {} and project.meta("k", "d") == "d"
    project.set_recipe({"batch_size": 16, "loss.scale": 20.0})
    change = project.apply(SetMeta("name", "Other"), "Rename project")
    assert (
        change.kinds == {"meta"}
        and project.name == "Other"
        and project.recipe() == {"batch_size": 16, "loss.scale": 20.0}
    )
    project.undo()
    project.undo()
    assert project.name == "Shop" and project.recipe() == {}
    project.apply(SetMeta("recipe", "[1"), "x")
    with pytest.raises(DataProblem, match=r"recipe settings .* are damaged"):
        project.recipe()
    project.set_recipe({})
    assert project.recipe() == {}


def test_compound_edits_are_undone_backwards(project):
    scored(project, ("a", "b", 0.5), ("c", "d", 0.5))
    before = project.data_hash()
    change = project.apply(
        Compound((RenameDataset(1, "X"), RenameDataset(1, "Y"), DeleteExamples((1, 2)), SetMeta("k", "v"))),
        "All",
    )
    assert change.kinds == {"datasets", "rows", "meta"}
    after = project.data_hash()
    project.undo()
    assert project.data_hash() == before
    project.redo()
    assert project.data_hash() == after


def test_history_survives_closing(project):
    folder = project.folder
    ids = scored(project, ("a", "b", 0.5))
    hashes = [project.data_hash()]
    for value in ("x", "y", "z"):
        project.set_cells([(ids[0], "text_a", value)], label=f"Type {value}")
        hashes.append(project.data_hash())
    project.undo()
    project.close()
    project.close()
    with Project.open(folder) as again:
        assert (again.undo_label, again.redo_label) == ("Type y", "Type z")
        again.redo()
        assert again.data_hash() == hashes[3]
        for expected in reversed(hashes[:3]):
            again.undo()
            assert again.data_hash() == expected


def test_a_new_edit_gives_up_what_was_undone(project):
    project.create_dataset("P", Format.PAIRS)
    project.add_examples(1, [Example(("a", str(n))) for n in range(20)])
    project.undo()
    project.undo()
    assert raw(project, "SELECT count(*) FROM trash") == [(20,)]
    project.create_dataset("Q", Format.PAIRS)
    assert project.redo() is None and raw(project, "SELECT count(*) FROM trash") == [(0,)]
    assert raw(project, "SELECT id FROM datasets") == [(2,)]


def test_many_given_up_rows_wait_for_tidy(project):
    project.create_dataset("P", Format.PAIRS, examples=[Example(("a", str(n))) for n in range(12_000)])
    project.undo()
    project.create_dataset("Q", Format.PAIRS)
    assert raw(project, "SELECT count(*) FROM trash") == [(12_000,)]
    project.tidy()
    assert (
        raw(project, "SELECT count(*) FROM trash") == [(0,)] == raw(project, "SELECT count(*) FROM discarded")
    )
    assert raw(project, "SELECT id FROM datasets") == [(2,)] and project.undo() is not None


def test_rows_may_be_edited_while_they_are_read(project):
    project.create_dataset("P", Format.PAIRS, examples=[Example(("a", str(n))) for n in range(3000)])
    seen = []
    for row in project.rows(1):
        if row.number == 1:
            project.delete_examples(range(1000, 3001))
            project.add_examples(1, [Example(("x", "y"))])
        seen.append(row.number)
    assert seen == list(range(1, 3001))


def test_a_tampered_history_is_only_data(project):
    scored(project, ("a", "b", 0.5))
    before = project.data_hash()
    for payload in (
        ["cells", [["t0 = (SELECT 1), t1", [1], ["x"]]]],
        ["cells", [["t0", [999], ["x"]]]],
        ["cells", [["t0", [1], []]]],
        ["cells", [["note", [1], [None]]]],
        ["cells", 5],
        ["restore", 99, []],
        ["restore dataset", 1, 77, 8],
        ["trash", [[1, 10**40]]],
        ["__import__", "os"],
        {},
    ):
        project._connection.execute("UPDATE history SET payload = ?", (json.dumps(payload),))
        if payload[0:1] == ["restore"] if isinstance(payload, list) else False:
            project.undo()  # a batch that is empty brings nothing back
            project._connection.execute("UPDATE counters SET value = 1 WHERE name = 'history'")
        else:
            with pytest.raises(ProjectProblem, match="history"):
                project.undo()
        assert project.data_hash() == before
    project.set_cells([(1, "text_a", "still works")])


def test_ranges():
    assert to_ranges([5, 3, 4, 4, 9, 1]) == ((1, 1), (3, 5), (9, 9))
    assert (
        to_ranges([]) == ()
        and to_ranges([7]) == ((7, 7),)
        and to_ranges(range(1, 10**5)) == ((1, 10**5 - 1),)
    )


def test_single_edits_do_not_walk_the_dataset(project):
    """An edit of one row must cost the same in a thousand rows and in a million: no full scan in any of its queries."""
    project.create_dataset(
        "T", Format.TRIPLETS, examples=[Example(("a", str(n), "c")) for n in range(20_000)]
    )
    work = 0

    def count() -> None:
        nonlocal work
        work += 1

    project._connection.set_progress_handler(count, 100)  # called every 100 instructions of SQLite's machine
    project.set_cells([(10_000, "positive", "")])
    project.add_examples(1, [Example(("a", "b", "c"))])
    project.delete_examples([500])
    project.undo()
    project.examples(range(1, 61))
    project.counts(1)
    project._connection.set_progress_handler(None, 0)
    assert work < 200


def test_strange_values_reach_sqlite_as_values(project):
    ids = scored(project, ("'); DROP TABLE examples; --", "x", 0.5))
    assert project.examples(ids)[0].texts[0] == "'); DROP TABLE examples; --"
    with pytest.raises(sqlite3.OperationalError):
        project._connection.execute("SELECT load_extension('x')")
