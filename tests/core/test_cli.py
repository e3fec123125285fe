"""The command line without training: projects, checks, recipes, exports, and every wrong input it can meet."""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from pathlib import Path

import pytest

from core import paths
from core.cli import crash, main
from core.cli.output import display_width, elided, plain
from core.dataset.formats import Example, Format
from core.locks import FileLock
from core.project import Project
from tests.core.cli_support import Cli, in_process, make_pairs, make_plain_text, write


@pytest.fixture
def cli(capsys):
    return Cli(capsys)


@pytest.fixture
def pairs(tmp_path) -> Path:
    return make_pairs(tmp_path)


@pytest.fixture
def plain_text(tmp_path) -> Path:
    return make_plain_text(tmp_path)


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["trian"],
        ["new"],
        ["new", "x"],
        ["query", "x"],
        ["query", "x", "y", "-k", "0"],
        ["query", "x", "y", "-k", "ten"],
        ["new", "x", "--from", "a", "--example", "b"],
        ["new", "x", "--from", "a", "--format", "cubes"],
        ["runs", "x", "--nonsense"],
    ],
)
def test_wrong_words_are_two_and_one_sentence(cli, words):
    plain = cli(*words)
    assert plain.status == 2 and plain.out == ""
    assert len(plain.err.splitlines()) == 1 and plain.err.startswith("anchorlab: ")
    as_json = cli(*words, "--json")
    assert as_json.status == 2
    assert set(as_json.json) == {"error", "hint"}


@pytest.mark.parametrize(
    "command",
    ["", "gui", "new", "check", "recipe", "train", "learning-curve", "runs", "query", "export-data"],
)
def test_help_is_zero(cli, command):
    result = cli(*command.split(), "--help")
    assert result.status == 0 and "usage: anchorlab" in result.out


def test_help_and_errors_load_nothing_heavy(tmp_path):
    import subprocess
    import sys

    code = (
        "import sys; from core.cli import main; main(['--help']); main(['train', '--help']); main(['runs', 'x']);"
        "main(['recipe', 'x']);"
        "heavy = {'torch', 'numpy', 'pandas', 'transformers', 'PySide6', 'gui'} & set(sys.modules); sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(paths.ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_version(cli):
    assert cli("--version").out.startswith("anchorlab ")


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the window is a child")
def test_gui_becomes_the_window(monkeypatch, tmp_path):
    class Replaced(BaseException):
        """What the real call does: it never comes back."""

    def execve(*args: object) -> None:
        raise Replaced(*args)

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Replaced) as replaced:
        main(["gui", "some-project"])
    program, command, environment = replaced.value.args
    assert [program, "-m", "gui", str(tmp_path / "some-project")] == command
    assert environment["PYTHONPATH"].split(os.pathsep)[0] == str(paths.ROOT)


# --- looking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["recipe"],
        ["train"],
        ["learning-curve"],
        ["runs"],
        ["query", "text"],
        ["export-data", "a.csv"],
    ],
)
def test_a_folder_that_is_no_project(cli, tmp_path, words):
    command, *rest = words
    assert "There is no folder" in cli.fails(1, command, tmp_path / "nowhere", *rest)
    assert "holds no AnchorLab project" in cli.fails(1, command, tmp_path, *rest)
    assert "is a file" in cli.fails(1, command, write(tmp_path / "file", ""), *rest)


def test_check_numbers_the_rows(cli, tmp_path):
    text = "anchor,positive,negative\na,b,c\na,b,c\nd,e,e\n" + "".join(f"q{n},p{n},n{n}\n" for n in range(20))
    folder = tmp_path / "made"
    cli("new", folder, "--from", write(tmp_path / "a.csv", text))
    result = cli("check", folder, "--json")
    found = {issue["kind"]: issue for issue in result.json["issues"]}
    assert found["duplicate"]["rows"] == [2] and not found["duplicate"]["blocking"]
    assert found["negative_equals_positive"]["rows"] == [3] and found["negative_equals_positive"]["blocking"]
    assert result.status == 1 and result.json["blocking"] is True and result.json["rows"] == 23
    with Project.open(folder) as project:  # ids go on, row numbers begin anew
        rows = [Example((f"a{n % 11}", f"b{n % 11}")) for n in range(12)]
        project.create_dataset("Second", Format.PAIRS, examples=rows)
    (issue,) = cli("check", folder, "--dataset", "Second", "--json").json["issues"]
    assert (issue["kind"], issue["rows"], issue["dataset"]) == ("duplicate", [12], "Second")
    human = cli("check", folder)
    assert human.status == 1 and "must be fixed" in human.out and "Row 3" in human.out


def test_check_passes_with_warnings(cli, pairs):
    result = cli("check", pairs)
    assert result.status == 0 and "36 rows" in result.out


def test_recipe_gives_value_reason_and_source(cli, pairs):
    recipe = cli("recipe", pairs, "--set", "batch_size=4", "--set", "loss.scale=10", "--json").json
    assert {"loss", "batch_size", "epochs", "learning_rate", "warmup_steps", "weight_decay", "seed"} <= set(
        recipe
    )
    assert {"holdout", "precision", "base_model", "loss.scale"} <= set(recipe)
    assert recipe["batch_size"]["value"] == 4 and recipe["batch_size"]["source"] == "user"
    assert recipe["loss.scale"]["value"] == 10
    assert recipe["seed"]["source"] == "automatic" and recipe["seed"]["reason"]
    assert "batch_size" in cli("recipe", pairs).out


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("batchsize=4", "batch_size"),
        ("batch_size=many", "batch_size"),
        ("batch_size=0", "batch_size"),
        ("loss=NoSuchLoss", "MultipleNegativesRankingLoss"),
        ("precision=int8", "bf16"),
        ("holdout=2", "holdout"),
        ("batch_size", "KEY=VALUE"),
    ],
)
@pytest.mark.parametrize("command", ["recipe", "train"])
def test_wrong_settings_list_the_valid_ones(cli, pairs, command, setting, words):
    assert words in cli.fails(2, command, pairs, "--set", setting)


def test_two_base_models_are_one_too_many(cli, pairs):
    assert "given twice" in cli.fails(2, "recipe", pairs, "--model", "a", "--set", "base_model=b")


def test_a_plain_text_project_works_for_every_command(cli, plain_text, tmp_path):
    assert cli("recipe", plain_text, "--json").json["epochs"] == {
        "value": 2,
        "reason": cli("recipe", plain_text, "--json").json["epochs"]["reason"],
        "source": "project",
    }
    assert cli("check", plain_text, "--json").json["rows"] == 24
    assert cli("runs", plain_text).out.startswith("No runs yet")
    assert cli("export-data", plain_text, tmp_path / "out.jsonl").status == 0


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".json", ".parquet", ".xlsx"])
def test_export_comes_back(cli, pairs, tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    result = cli("export-data", pairs, target, "--json")
    assert result.status == 0, result.err
    assert result.json == {"rows": 36, "file": str(target), "files": [str(target)], "left_out": {}}
    assert cli("new", tmp_path / "again", "--from", target, "--json").json["rows"] == 36


def test_export_has_the_order_that_training_wants(cli, plain_text, tmp_path):
    cli("export-data", plain_text, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream)) == ["sentence1", "sentence2", "score"]


def test_export_of_a_filter_for_training_with_its_metadata(cli, pairs, tmp_path):
    with Project.open(pairs) as project:
        (dataset,) = project.datasets()
        ids = list(project.ids(dataset.id))
        project.set_cells([(ids[0], "status", "rejected"), (ids[1], "flag", True), (ids[2], "flag", True)])
        project.set_cells([(ids[0], "flag", True), (ids[2], "split", "test")])
    words = ("--filter", "flagged", "--training", "--by-split", "--metadata", "file", "--bom")
    result = cli("export-data", pairs, tmp_path / "out.csv", *words, "--json").json
    assert result["rows"] == 2 and result["left_out"] == {"rejected": 1}
    assert sorted(Path(file).name for file in result["files"]) == [
        "out-test.csv",
        "out-test.metadata.csv",
        "out-train.csv",
        "out-train.metadata.csv",
    ]
    assert (tmp_path / "out-train.csv").read_bytes().startswith(b"\xef\xbb\xbfanchor,positive\n")
    assert cli("export-data", pairs, tmp_path / "f", "--folder", "--json").json["rows"] == 36
    assert "not empty" in cli.fails(1, "export-data", pairs, tmp_path / "f", "--folder")
    assert "every text column" in cli.fails(
        2, "export-data", pairs, tmp_path / "x.csv", "--training", "--metadata", "columns"
    )
    assert "no filter" in cli.fails(1, "export-data", pairs, tmp_path / "x.csv", "--filter", "odd")


def test_export_to_nowhere(cli, pairs, tmp_path):
    assert "out.doc" in cli.fails(2, "export-data", pairs, tmp_path / "out.doc")
    assert "There is no run" in cli.fails(1, "export-model", pairs, "7", tmp_path / "model")


def test_several_datasets_are_told_apart_by_name(cli, pairs, tmp_path):
    with Project.open(pairs) as project:
        rows = [Example((f"a{n}", f"b{n}"), 0.5 * (n % 3), str(0.5 * (n % 3))) for n in range(12)]
        project.create_dataset("Second", Format.SCORED, examples=rows)
    for command in (["recipe", pairs], ["train", pairs], ["export-data", pairs, tmp_path / "a.csv"]):
        assert "Choose one with --dataset: pairs, Second" in cli.fails(2, *command)
    assert "no dataset called 'third'" in cli.fails(2, "recipe", pairs, "--dataset", "third")
    assert cli("export-data", pairs, tmp_path / "a.csv", "--dataset", "second", "--json").json["rows"] == 12
    assert cli("check", pairs, "--json").json["rows"] == 48


def test_reading_beside_an_open_window(cli, pairs, tmp_path):
    with Project.open(pairs) as project:
        (dataset,) = project.datasets()
        project.set_cells([(project.ids(dataset.id)[0], "anchor", "edited just now")], label="Edit")
        assert cli("check", pairs).status == 0
        assert cli("recipe", pairs).status == 0
        assert cli("runs", pairs).status == 0
        assert cli("export-data", pairs, tmp_path / "out.csv").status == 0
    assert "edited just now" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_a_newer_project_is_refused(cli, pairs):
    connection = sqlite3.connect(pairs / "project.db")
    connection.execute("PRAGMA user_version = 9999")
    connection.commit()
    connection.close()
    for words in (["check"], ["recipe"], ["query", "x"], ["train"]):
        assert "newer" in cli.fails(1, words[0], pairs, *words[1:])


def test_a_damaged_project_is_refused(cli, pairs):
    for item in pairs.glob("project.db-*"):
        item.unlink()
    (pairs / "project.db").write_bytes(b"this is no database " * 500)
    assert "project.db" in cli.fails(1, "check", pairs) or "damaged" in cli.fails(1, "check", pairs)


def test_an_empty_project_says_what_to_do(cli, tmp_path):
    Project.create(tmp_path / "empty", "Empty").close()
    assert "no dataset" in cli.fails(1, "recipe", tmp_path / "empty")
    assert "no dataset" in cli.fails(1, "query", tmp_path / "empty", "text")


def test_query_needs_a_text_and_a_run_that_exists(cli, pairs):
    assert "empty" in cli.fails(2, "query", pairs, "  ")
    assert "none yet" in cli.fails(1, "query", pairs, "text", "--model", "3")


# --- what goes wrong unforeseen ----------------------------------------------------------------------------------------


def test_the_unforeseen_is_a_sentence_and_a_log(cli, pairs, monkeypatch):
    from core.cli import check

    def broken(*args: object) -> None:
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr(check, "issues", broken)
    sentence = cli.fails(1, "check", pairs)
    assert "a wheel came off" in sentence and str(crash.log_path()) in sentence
    assert "RuntimeError: a wheel came off" in crash.log_path().read_text(encoding="utf-8")


def test_the_log_is_bounded(anchorlab_home):
    crash.log_path().parent.mkdir(parents=True)
    crash.log_path().write_text("x" * 1_100_000)
    crash.unexpected(ValueError("y"))
    assert crash.log_path().stat().st_size < 10_000


def test_a_reader_that_goes_away_is_no_error(pairs):
    import subprocess

    from tests.core.cli_support import command

    line, environment = command("recipe", pairs, "--json")
    process = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    process.wait(60)
    assert errors == b""


def test_a_process_of_its_own(pairs, tmp_path):
    result = in_process("check", "pairs", "--json", cwd=tmp_path)
    assert result.status == 0 and result.err == "" and json.loads(result.out)["rows"] == 36
    assert in_process("nonsense").status == 2


def test_a_held_lock_stops_no_reading(cli, pairs):
    lock = FileLock(pairs / "project.lock")
    assert lock.acquire()
    try:
        assert cli("check", pairs).status == 0
    finally:
        lock.release()


def test_a_full_disk_does_not_keep_a_lock_from_holding(tmp_path, monkeypatch):
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    one, other = FileLock(tmp_path / "a.lock"), FileLock(tmp_path / "a.lock")
    assert one.acquire() and not other.acquire()
    one.release()
    assert other.acquire()
    other.release()


# --- text on a terminal ------------------------------------------------------------------------------------------------


def test_text_from_data_cannot_move_the_cursor():
    assert plain("a\x1b[2Jb\r\nc\u202ed") == "a\ufffd[2Jb c\ufffdd"


def test_widths_count_columns():
    assert display_width("日本e\u0301") == 5
    assert elided("日本語", 4) == "日…"
    assert elided("abc", 3) == "abc"


def test_recipe_shows_and_takes_a_preset(cli, tmp_path):
    folder = make_plain_text(tmp_path)
    toml = folder / "project.toml"
    toml.write_text(toml.read_text().replace("[project]", '[project]\npreset = "card"'))
    found = cli("recipe", folder, "--json").json
    assert found["preset"]["value"] == "card" and found["epochs"]["source"] == "preset"
    assert found["epochs"]["value"] == 2
    quick = cli("recipe", folder, "--preset", "quick").out
    assert "Preset: quick, of automatic, card" in quick and "quick look" in quick
    assert cli("recipe", folder, "--preset", "automatic", "--json").json["epochs"]["source"] == "automatic"
    assert "'slow'" in cli.fails(2, "recipe", folder, "--preset", "slow")
