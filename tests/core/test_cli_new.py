"""`anchorlab new`: from files and examples, and everything that makes it refuse or fail, leaving nothing behind."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from core import paths
from core.project import Project
from tests.core.cli_support import PAIRS, Cli, make_pairs, make_plain_text, write


@pytest.fixture
def cli(capsys):
    return Cli(capsys)


@pytest.fixture
def pairs(tmp_path) -> Path:
    return make_pairs(tmp_path)


@pytest.fixture
def plain_text(tmp_path) -> Path:
    return make_plain_text(tmp_path)


def test_new_from_a_file_reports_rows_and_rejected_lines(cli, tmp_path):
    data = write(tmp_path / "quotes.csv", "anchor,positive\na,b\n,c\nd,e\nNA,null\n")
    result = cli("new", tmp_path / "made", "--from", data, "--json")
    assert result.status == 0 and result.err == ""
    record = result.json
    assert record["rows"] == 3 and record["project"] == str(tmp_path / "made")
    ((line, reason),) = [(item["line"], item["reason"]) for item in record["rejected"]]
    assert line == 3 and reason
    with Project.open(tmp_path / "made", write=False) as project:
        (dataset,) = project.datasets()
        assert (dataset.name, dataset.rows, project.name) == ("quotes", 3, "made")
        assert [row.texts for row in project.rows(dataset.id)][2] == ("NA", "null")


def test_new_from_every_kind_of_source(cli, tmp_path):
    folder = tmp_path / "hub"
    folder.mkdir()
    write(folder / "train.csv", "anchor,positive\na,b\n")
    write(folder / "test.csv", "anchor,positive\nc,d\n")
    packed = tmp_path / "packed.csv.gz"
    packed.write_bytes(gzip.compress(b"anchor,positive\na,b\n"))
    for number, source in enumerate((folder, packed)):
        result = cli("new", tmp_path / f"made{number}", "--from", source, "--json")
        assert result.status == 0 and result.json["rows"] == 2 - number, result.err


def test_new_from_plain_text_keeps_the_texts_unpaired(cli, tmp_path):
    data = write(tmp_path / "catalogue.txt", "linen dress, blue\nNA\nlinen dress, blue\n")
    result = cli("new", tmp_path / "made", "--from", data)
    assert result.status == 0 and "2 different texts, kept unpaired" in result.out
    with Project.open(tmp_path / "made", write=False) as project:
        assert project.datasets() == []
        assert [text.source for text in project.corpus_texts()] == ["catalogue.txt"] * 2


def test_new_tells_of_garbled_letters_and_repairs_them_when_asked(cli, tmp_path):
    data = write(tmp_path / "a.csv", "anchor,positive\nitâ€™s,fine\n")
    assert "1 of the first 1 rows hold garbled letters" in cli("new", tmp_path / "as-is", "--from", data).out
    result = cli("new", tmp_path / "made", "--from", data, "--repair")
    assert "repaired in 1 row" in result.out
    with Project.open(tmp_path / "made", write=False) as project:
        assert next(project.rows(1)).texts == ("it’s", "fine")


def test_new_lists_at_most_twenty_rejected_lines_for_people(cli, tmp_path):
    data = write(tmp_path / "a.csv", "anchor,positive\nx,y\n" + ",only\n" * 30)
    result = cli("new", tmp_path / "made", "--from", data)
    assert result.status == 0
    assert result.out.count("\n  line ") == 20
    assert "30 lines rejected" in result.out and "and 10 more" in result.out and "1 rows" in result.out


def test_new_with_named_columns_and_name(cli, tmp_path):
    data = write(tmp_path / "a.csv", "x,y,z\n1,one,eins\n2,two,zwei\n")
    folder = tmp_path / "deep" / "er" / "made"
    result = cli("new", folder, "--from", data, "--columns", "anchor=z,positive=y", "--name", "Zahlen")
    assert result.status == 0, result.err
    with Project.open(folder, write=False) as project:
        assert project.name == "Zahlen"
        assert [row.texts for row in project.rows(project.datasets()[0].id)] == [
            ("eins", "one"),
            ("zwei", "two"),
        ]


def test_new_from_an_example_into_an_empty_folder(cli, tmp_path, plain_text, monkeypatch):
    write(plain_text / "project.db-wal", "left over")
    (plain_text / "runs").mkdir()
    monkeypatch.setattr(paths, "EXAMPLES", plain_text.parent)
    monkeypatch.setattr(paths, "EXAMPLE_NAMES", ("plain",))
    target = tmp_path / "mine"
    target.mkdir()
    result = cli("new", target, "--example", "plain", "--json")
    assert result.status == 0, result.err
    assert result.json == {"rows": 24, "rejected": [], "project": str(target)}
    assert not (plain_text / "project.db").exists()
    assert cli("runs", target, "--json").json == []


def test_every_example_that_ships_becomes_a_project(cli, tmp_path):
    examples = cli("examples", "--json").json
    assert [item["name"] for item in examples] == list(paths.EXAMPLE_NAMES)
    assert all(item["description"] and item["format"] for item in examples)
    for item in examples:
        result = cli("new", tmp_path / item["name"], "--example", item["name"], "--json")
        assert result.status == 0 and result.json["rejected"] == [], result
        assert cli("check", tmp_path / item["name"], "--json").status == 0
        recipe = cli("recipe", tmp_path / item["name"], "--json").json
        assert all(setting["reason"] for setting in recipe.values())


BAD_FILES = {
    "missing": None,
    "empty": b"",
    "only a header": b"anchor,positive\n",
    "wrong columns": b"name,price,weight\na,1,2\nb,3,4\n",
    "no text": bytes(range(256)) * 8,
}


@pytest.mark.parametrize("case", sorted(BAD_FILES))
def test_a_file_that_is_none_leaves_nothing_behind(cli, tmp_path, case):
    data = tmp_path / "data.csv"
    if BAD_FILES[case] is not None:
        data.write_bytes(BAD_FILES[case])
    before = sorted(tmp_path.rglob("*"))
    sentence = cli.fails(1, "new", tmp_path / "a" / "b" / "made", "--from", data)
    assert "data.csv" in sentence
    assert sorted(tmp_path.rglob("*")) == before


def test_all_lines_rejected_is_a_failure_that_lists_them(cli, tmp_path):
    data = write(tmp_path / "a.csv", "text_a,text_b,score\na,b,often\nc,d,seldom\n")
    result = cli("new", tmp_path / "made", "--from", data, "--format", "scored", "--json")
    assert result.status == 1 and not (tmp_path / "made").exists()
    assert result.json["error"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_an_unreadable_file_is_a_sentence(cli, tmp_path):
    data = write(tmp_path / "a.csv", PAIRS)
    data.chmod(0)
    assert "a.csv" in cli.fails(1, "new", tmp_path / "made", "--from", data)


def test_a_failure_halfway_leaves_nothing_behind(cli, tmp_path, monkeypatch):
    data = write(tmp_path / "a.csv", PAIRS)

    def full(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    monkeypatch.setattr(Project, "create_dataset", full)
    before = sorted(tmp_path.rglob("*"))
    assert "no disk space left" in cli.fails(1, "new", tmp_path / "deep" / "er" / "made", "--from", data)
    assert sorted(tmp_path.rglob("*")) == before


def test_no_room_for_an_example_leaves_nothing_behind(cli, tmp_path, monkeypatch):
    import shutil

    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(shutil, "copyfile", full)
    sentence = cli.fails(1, "new", tmp_path / "made", "--example", "quotes")
    assert f"no disk space left to copy the example to {tmp_path / 'made'}." in sentence
    assert list(tmp_path.iterdir()) == []


def test_new_refuses_what_is_there(cli, tmp_path, pairs):
    data = tmp_path / "pairs.csv"
    (tmp_path / "full").mkdir()
    write(tmp_path / "full" / "diary.txt", "mine")
    assert "is not empty" in cli.fails(1, "new", tmp_path / "full", "--from", data)
    assert "is a file" in cli.fails(1, "new", data, "--from", data)
    assert "is a project already" in cli.fails(1, "new", pairs, "--from", data)
    with Project.open(pairs):
        assert "open elsewhere" in cli.fails(1, "new", pairs, "--from", data)
    assert "There is no example called “nope”" in cli.fails(2, "new", tmp_path / "x", "--example", "nope")
    assert "belong to --from" in cli.fails(
        2, "new", tmp_path / "x", "--example", "quotes", "--format", "pairs"
    )
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("columns", ["anchor", "anchor=nothing,positive=y", "colour=x", "anchor=x"])
def test_wrong_columns_name_what_is_there(cli, tmp_path, columns):
    data = write(tmp_path / "a.csv", "x,y\n1,one\n2,two\n")
    result = cli("new", tmp_path / "made", "--from", data, "--columns", columns)
    assert result.status in (1, 2) and len(result.err.splitlines()) == 1
    assert not (tmp_path / "made").exists()
