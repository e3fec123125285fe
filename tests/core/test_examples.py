"""The example projects keep what their READMEs promise: counts, rules, clean text, and rows the program takes without a loss."""

from __future__ import annotations

import csv
import runpy
import shutil
import sqlite3
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core import paths
from core.dataset.formats import Format, columns
from core.dataset.importing import read
from core.dataset.normalise import normalise
from core.dataset.validation import check
from core.project import Project
from core.training.options import validate

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = ROOT / "projects"
ROWS = {
    "fashion-aesthetics": {"pairs.csv": 31},
    "outfit-search": {"triplets.csv": 149},
    "quotes": {"pairs.csv": 320},
    "category-triplets": {"train.csv": 2120, "eval.csv": 531},
    "item-relations": {"pairs.csv": 420},
}
RECIPES: dict[str, dict[str, Any]] = {
    "fashion-aesthetics": {"loss": "CosineSimilarityLoss", "batch_size": 16, "epochs": 1, "dropout": "model"},
    "outfit-search": {
        "loss": "MultipleNegativesRankingLoss",
        "batch_size": 16,
        "epochs": 10,
        "dropout": "model",
        "precision": "auto",
        "loss.scale": 20.0,
        "loss.similarity_fct": "cos_sim",
    },
    "quotes": {"loss": "MultipleNegativesRankingLoss", "batch_size": 16, "epochs": 1, "dropout": "model"},
    "category-triplets": {
        "loss": "TripletLoss",
        "batch_size": 64,
        "epochs": 4,
        "dropout": "model",
        "loss.distance_metric": "COSINE",
        "loss.margin": 0.3,
        "evaluation_name": "category_final_evaluation",
        "eval_steps": 17,
    },
    "item-relations": {"loss": "CosineSimilarityLoss", "batch_size": 10, "epochs": 5, "dropout": "model"},
}
FILES = [(name, file) for name, files in ROWS.items() for file in files]
# What UTF-8 looks like after it was read as Latin-1, Windows-1252 or Mac Roman, and what a lost byte leaves behind.
MOJIBAKE = ("�", "â€", "Ã", "Â", "ðŸ", "‚Ä", "√", "Äô", "\x00")


def rows_of(name: str, file: str) -> list[dict[str, str]]:
    with (PROJECTS / name / file).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, strict=True))


def settings_of(name: str) -> dict[str, Any]:
    return tomllib.loads((PROJECTS / name / "project.toml").read_text(encoding="utf-8"))


def generator() -> dict[str, Any]:
    return runpy.run_path(str(PROJECTS / "category-triplets" / "generate.py"))


def test_these_are_all_the_examples() -> None:
    assert set(ROWS) == set(paths.EXAMPLE_NAMES)
    text = (PROJECTS / "README.md").read_text(encoding="utf-8")
    for name in ROWS:
        assert f"]({name}/README.md)" in text
        assert (PROJECTS / name / "README.md").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("name", ROWS)
def test_project_file(name: str) -> None:
    content = settings_of(name)
    assert set(content) == {"project", "dataset", "recipe"}
    assert content["project"]["name"].strip() and content["project"]["description"].strip()
    (dataset,) = content["dataset"]
    named = [dataset["file"]] + ([dataset["eval_file"]] if "eval_file" in dataset else [])
    assert named == list(ROWS[name])
    for file in named:
        path = (PROJECTS / name / file).resolve()
        assert path.is_file() and path.parent == (PROJECTS / name).resolve()
    assert content["recipe"] == RECIPES[name]
    assert validate(content["recipe"], Format(dataset["format"])) == RECIPES[name], (
        "settings the recipe understands"
    )


@pytest.mark.parametrize(("name", "file"), FILES)
def test_rows_columns_and_cells(name: str, file: str) -> None:
    rows = rows_of(name, file)
    assert len(rows) == ROWS[name][file]
    format = Format(settings_of(name)["dataset"][0]["format"])
    wanted = [column.key for column in columns(format)]
    for row in rows:
        assert list(row) == wanted
        for value in row.values():
            assert value and value == value.strip(), row
            assert "\n" not in value and "  " not in value, row
    assert len({tuple(normalise(value) for value in row.values()) for row in rows}) == len(rows), (
        "a row is there twice"
    )


@pytest.mark.parametrize("name", ROWS)
def test_clean_utf8(name: str) -> None:
    for path in [PROJECTS / "README.md", *sorted((PROJECTS / name).glob("*.*"))]:
        if path.suffix not in {".csv", ".toml", ".md", ".py"}:
            continue
        data = path.read_bytes()
        assert not data.startswith(b"\xef\xbb\xbf"), path
        assert data.endswith(b"\n"), path
        text = data.decode("utf-8")
        assert [sign for sign in MOJIBAKE if sign in text] == [], path


def test_fashion_scores() -> None:
    rows = rows_of("fashion-aesthetics", "pairs.csv")
    assert Counter(row["score"] for row in rows) == {"0.0": 18, "1.0": 10, "0.5": 3}
    assert len({row["text_a"] for row in rows}) == 18
    assert len({row["text_b"] for row in rows}) == 31
    words = [len(row["text_b"].split()) for row in rows]
    assert min(words) >= 28 and max(words) <= 42
    for row in rows:
        for part in (" Tags: ", " Category: ", " Price: "):
            assert row["text_b"].count(part) == 1, row


def test_outfit_triplets() -> None:
    rows = rows_of("outfit-search", "triplets.csv")
    assert len({normalise(row["anchor"]) for row in rows}) == 149
    for row in rows:
        assert len({normalise(value) for value in row.values()}) == 3, row
    # every listing is right for one mood and wrong for another, so none is good or bad by itself
    assert Counter(row["positive"] for row in rows) == Counter(row["negative"] for row in rows)
    words = [len(row["positive"].split()) for row in rows]
    assert min(words) == 5 and max(words) == 57


def test_quotes_have_author_and_tags() -> None:
    rows = rows_of("quotes", "pairs.csv")
    authors = Counter()
    for row in rows:
        head = f"“{row['positive']}” — "
        assert row["anchor"].startswith(head), row
        author, opened, tags = row["anchor"].removeprefix(head).partition(" [")
        assert opened and tags.endswith("]"), row
        names = tags[:-1].split(", ")
        assert len(names) >= 2 and names == sorted(set(names)), row
        authors[author] += 1
    assert len(authors) == 19 and min(authors.values()) >= 15
    words = [len(row["positive"].split()) for row in rows]
    assert min(words) >= 6 and 50 <= max(words) <= 60


def test_item_relations_do_not_contradict() -> None:
    rows = rows_of("item-relations", "pairs.csv")
    seen = Counter(frozenset((normalise(row["text_a"]), normalise(row["text_b"]))) for row in rows)
    assert max(seen.values()) == 1 and all(len(pair) == 2 for pair in seen), "cosine has no direction"
    ones = sum(row["score"] == "1.0" for row in rows)
    assert {row["score"] for row in rows} == {"0.0", "1.0"} and 0.46 <= ones / len(rows) <= 0.50
    for row in rows:
        assert max(len(row["text_a"].split()), len(row["text_b"].split())) <= 4, row
    both = {row["text_b"] for row in rows if row["score"] == "1.0"} & {
        row["text_b"] for row in rows if row["score"] == "0.0"
    }
    assert len(both) >= 60, "an answer to one problem is no answer to another"


def test_category_negatives_are_never_valid() -> None:
    valid = {normalise(name) for name in generator()["CATEGORIES"]}
    for file in ROWS["category-triplets"]:
        for row in rows_of("category-triplets", file):
            assert normalise(row["anchor"]) in valid and normalise(row["positive"]) in valid, row
            assert normalise(row["anchor"]) != normalise(row["positive"]), row
            assert normalise(row["negative"]) not in valid, row


def test_category_evaluation_is_apart() -> None:
    train, evaluation = (
        {tuple(row.values()) for row in rows_of("category-triplets", file)}
        for file in ("train.csv", "eval.csv")
    )
    assert not train & evaluation
    values = generator()
    foreign = {text for domain in values["DOMAINS"] for text in values["domain_values"](domain, True)}
    assert len(foreign) == 20
    assert not foreign & {row[2] for row in train}
    assert foreign & {row[2] for row in evaluation} == foreign


def test_category_rules_all_occur() -> None:
    negatives = [row["negative"] for row in rows_of("category-triplets", "train.csv")]
    share = len(negatives) / 13
    for sign, count in {
        "#": sum(text.startswith("#") for text in negatives),
        "tag": sum(text.startswith("<") and text.endswith(">") for text in negatives),
        "ending": sum(text[-1] in "]})>;," and not text.startswith("<") for text in negatives),
        "case": sum(text[-1] in ".!?" and text[0].islower() for text in negatives),
        "quote": sum('"' in text for text in negatives),
    }.items():
        assert 0.75 * share < count < 1.25 * share, sign


def test_generator_writes_the_same_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generator()["main"]([str(tmp_path)]) == 0
    assert capsys.readouterr().out == "2120 rows in train.csv, 531 rows in eval.csv\n"
    for file in ("train.csv", "eval.csv"):
        # a checkout may have turned the line ends
        here = (PROJECTS / "category-triplets" / file).read_bytes().replace(b"\r\n", b"\n")
        assert (tmp_path / file).read_bytes() == here


@pytest.mark.parametrize(("name", "file"), FILES)
def test_import_takes_every_row_and_finds_the_columns(name: str, file: str) -> None:
    result = read(PROJECTS / name / file)
    assert result.format == settings_of(name)["dataset"][0]["format"]
    assert result.rejected == []
    assert [example.texts for example in result.examples] == [
        tuple(text for key, text in row.items() if key != "score") for row in rows_of(name, file)
    ]


@pytest.mark.parametrize("name", ROWS)
def test_opening_a_copy_makes_the_project(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(
        PROJECTS / name,
        folder,
        ignore=shutil.ignore_patterns("project.db*", "project.lock", "runs", "cache", "backups"),
    )
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with Project.open(folder) as project:
        (info,) = project.datasets()
        assert project.name == settings_of(name)["project"]["name"]
        assert info.rows == sum(ROWS[name].values())
        rows = list(project.rows(info.id))
        assert Counter(row.split for row in rows)["eval"] == ROWS[name].get("eval.csv", 0)
        assert all(row.score is not None for row in rows) == (info.format is Format.SCORED)
        assert (project.preset(), project.card_recipe(), project.recipe()) == ("automatic", RECIPES[name], {})
        assert [issue for issue in check(info, rows) if issue.blocking] == []
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name in before} == before
    connection = sqlite3.connect(folder / "project.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
