"""What a person can choose about an export, and that the files train as they are."""

from __future__ import annotations

import csv
import json
import logging
import tempfile
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset.exporting import (
    ExportChoices,
    Kind,
    Metadata,
    export,
    kind_of,
    possible_files,
    survey,
)
from core.dataset.formats import DatasetInfo, Example, Format, Scale
from core.dataset.importing import read
from core.errors import Cancelled, FileProblem, UsageError
from tests.core import tiny_model

PAIRS = DatasetInfo(1, "Shop: “new” pairs", Format.PAIRS)
SCORED = DatasetInfo(1, "Scored", Format.SCORED, scale=Scale(0, 5))
TRIPLETS = DatasetInfo(1, "Triplets", Format.TRIPLETS, negatives=2)
CATEGORIES = DatasetInfo(1, "Goods", Format.CATEGORIES)
FILES = [kind for kind in Kind if kind is not Kind.FOLDER]

_words = ["NA", "=1+1", '"', "a,b", "x\ty", "one\ntwo", "\r\n x", " y ", "1.0", "é", "𝒳", "_x0041_"]
_text = st.one_of(st.text(min_size=1, max_size=12), st.sampled_from(_words)).filter(
    lambda text: text.strip() and "\0" not in text
)


def rows_of(format: Format) -> list[Example]:
    """Twelve sound rows of two splits."""
    splits = ["", "train", "eval", "test"]
    made = []
    for n in range(12):
        texts = {
            Format.PAIRS: (f"red {n}", f"crimson {n}"),
            Format.SCORED: (f"red {n}", f"crimson {n}"),
            Format.TRIPLETS: (f"red {n}", f"crimson {n}", f"blue {n}", f"navy {n}"),
            Format.CATEGORIES: (f"red {n}", f"colour: {n % 3}"),
        }[format]
        score = (n % 3) / 2 if format is Format.SCORED else None
        made.append(Example(texts, score, split=splits[n % 4], number=n + 1))
    return made


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=15)
@given(st.data())
def test_exported_imported_and_exported_again_is_the_same_file(kind, data):
    info = data.draw(st.sampled_from([PAIRS, SCORED, TRIPLETS]))
    width = {Format.PAIRS: 2, Format.SCORED: 2, Format.TRIPLETS: 4}[info.format]
    texts = st.tuples(*[_text] * width)
    score = st.floats(0, 1) if info is SCORED else st.none()
    rows = data.draw(st.lists(st.builds(Example, texts, score), min_size=1, max_size=8))
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / f"a{kind.suffix}", Path(folder) / "again" / f"a{kind.suffix}"
        export(first, info, rows, ExportChoices(kind, training=True))
        result = read(first, format=info.format)
        assert result.rejected == []
        export(second, info, result.examples, ExportChoices(kind, training=True))
        assert first.read_bytes() == second.read_bytes()


_meta = st.builds(
    Example,
    st.tuples(_text, _text),
    st.one_of(st.none(), st.floats(0, 1)),
    split=st.sampled_from(["", "train", "eval", "test"]),
    flag=st.booleans(),
    note=st.one_of(st.just(""), _text),
    source=_text,
    status=st.sampled_from(["", "accepted", "rejected", "skipped"]),
)


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=15)
@given(rows=st.lists(_meta, min_size=1, max_size=6))
def test_everything_with_its_metadata_comes_back_and_is_the_same_file_again(kind, rows):
    choices = ExportChoices(kind, metadata=Metadata.COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / f"a{kind.suffix}", Path(folder) / "again" / f"a{kind.suffix}"
        export(first, SCORED, rows, choices)
        result = read(first)
        assert result.rejected == []
        assert [(r.status, r.flag, r.note, r.split, r.source) for r in result.examples] == [
            (r.status, r.flag, r.note, r.split, r.source) for r in rows
        ]
        export(second, SCORED, result.examples, choices)
        assert first.read_bytes() == second.read_bytes()


def test_a_file_for_training_leaves_out_what_cannot_train(tmp_path):
    rows = [
        Example(("a", "b"), 1.0, number=1),
        Example(("c", "d"), None, number=2),
        Example(("e", "f"), 0.0, status="rejected", number=3),
        Example(("g", " "), 0.5, number=4),
        Example(("h", "NA"), 0.25, status="skipped", number=5),
    ]
    made = export(tmp_path / "a.csv", SCORED, rows, ExportChoices(Kind.CSV, training=True))
    assert made.rows == 2 and made.files == (tmp_path / "a.csv",)
    assert made.left_out == {"without a score": 1, "rejected": 1, "with an empty text": 1}
    found = survey(SCORED, rows, training=True)
    assert (found.rows, found.left_out, found.like_missing) == (2, made.left_out, 1)
    assert export(tmp_path / "b.csv", SCORED, rows, ExportChoices(Kind.CSV)).rows == 5


@pytest.mark.parametrize("before", ["", "old"], ids=["nothing there", "files there"])
def test_of_several_files_all_are_written_or_none(tmp_path, before):
    """The second one cannot be replaced, as where it is open in Excel: here a folder has its name."""
    target = tmp_path / "out"
    (target / "t-validation.csv" / "in the way").mkdir(parents=True)
    for name in ("t-test.csv", "t-train.csv") if before else ():
        (target / name).write_text(before)
    rows = [Example(("a", "b"), split=split) for split in ("train", "eval", "test")]
    with pytest.raises(FileProblem):
        export(target / "t.csv", PAIRS, rows, ExportChoices(Kind.CSV, by_split=True))
    found = {path.name: path.read_text() for path in target.iterdir() if path.is_file()}
    assert found == ({"t-test.csv": "old", "t-train.csv": "old"} if before else {})
    assert len(list(target.iterdir())) == 1 + len(found)


def test_metadata_as_columns_or_beside_the_data(tmp_path):
    rows = [
        Example(("a", "b"), split="test", note="two\nlines", source="x.csv", status="accepted"),
        Example(("c", "d"), flag=True),
    ]
    export(tmp_path / "a.csv", PAIRS, rows, ExportChoices(Kind.CSV, metadata=Metadata.COLUMNS, bom=True))
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["anchor", "positive", "split", "status", "flag", "note", "source"],
            ["a", "b", "test", "accepted", "", "two\nlines", "x.csv"],
            ["c", "d", "", "", "yes", "", ""],
        ]
    choices = ExportChoices(Kind.JSONL, training=True, metadata=Metadata.FILE, by_split=True)
    made = export(tmp_path / "b.jsonl", PAIRS, rows, choices)
    names = {"b-test.jsonl", "b-test.metadata.csv", "b-train.jsonl", "b-train.metadata.csv"}
    assert {file.name for file in made.files} == names
    assert set(made.files) <= set(possible_files(tmp_path / "b.jsonl", choices))
    assert json.loads((tmp_path / "b-train.jsonl").read_text()) == {"anchor": "c", "positive": "d"}
    beside = (tmp_path / "b-test.metadata.csv").read_text()
    assert beside == 'row,split,status,flag,note,source\n1,test,accepted,"","two\nlines",x.csv\n'
    with pytest.raises(UsageError, match="every text column"):
        ExportChoices(Kind.CSV, training=True, metadata=Metadata.COLUMNS)


@pytest.mark.parametrize("kind", [Kind.CSV, Kind.TSV, Kind.JSONL, Kind.JSON])
def test_compressed_files_come_back_and_are_the_same_again(tmp_path, kind):
    path = tmp_path / f"words{kind.suffix}.gz"
    choices = ExportChoices(kind, training=True, metadata=Metadata.FILE, by_split=True, bom=True)
    made = export(path, TRIPLETS, rows_of(Format.TRIPLETS), choices)
    assert f"words-test{kind.suffix}.gz" in {file.name for file in made.files}
    assert "words-test.metadata.csv" in {file.name for file in made.files}
    export(path, PAIRS, rows_of(Format.PAIRS), ExportChoices(kind, training=True))
    result = read(path)
    export(tmp_path / f"again{kind.suffix}.gz", PAIRS, result.examples, ExportChoices(kind, training=True))
    assert path.read_bytes() == (tmp_path / f"again{kind.suffix}.gz").read_bytes()
    assert path.read_bytes()[:2] == b"\x1f\x8b" and kind_of(path) is kind
    with pytest.raises(UsageError):
        kind_of(Path("x.parquet.gz"))


def test_a_cancelled_export_leaves_the_file_as_it_was(tmp_path):
    (tmp_path / "a.csv").write_text("before")
    many = (Example((f"a{n}", f"b{n}")) for n in range(20_000))
    told = []
    with pytest.raises(Cancelled):
        export(
            tmp_path / "a.csv",
            PAIRS,
            many,
            ExportChoices(Kind.CSV),
            total=20_000,
            on_progress=lambda done, total: told.append((done, total)),
            should_stop=lambda: len(told) > 2,
        )
    assert told == [(2000, 20_000), (4000, 20_000), (6000, 20_000)]
    assert (tmp_path / "a.csv").read_text() == "before" and len(list(tmp_path.iterdir())) == 1
    with pytest.raises(Cancelled):
        export(
            tmp_path / "f", PAIRS, [Example(("a", "b"))], ExportChoices(Kind.FOLDER), should_stop=lambda: True
        )
    assert not (tmp_path / "f").exists()


def test_a_folder_that_holds_something_is_not_touched(tmp_path):
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "mine.txt").write_text("x")
    with pytest.raises(FileProblem, match="not empty"):
        export(tmp_path / "f", PAIRS, [Example(("a", "b"))], ExportChoices(Kind.FOLDER))
    assert [path.name for path in (tmp_path / "f").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("info", [PAIRS, SCORED, TRIPLETS, CATEGORIES], ids=lambda info: info.format.value)
def test_a_dataset_folder_loads_with_its_splits_and_columns(tmp_path, info):
    from datasets import load_dataset

    rows = rows_of(info.format)
    folder = tmp_path / "folder"
    choices = ExportChoices(Kind.FOLDER, training=True, metadata=Metadata.FILE)
    assert export(folder, info, rows, choices).rows == 12
    loaded = load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {part: len(loaded[part]) for part in loaded} == {"train": 6, "validation": 3, "test": 3}
    expected = {
        Format.PAIRS: ["anchor", "positive"],
        Format.SCORED: ["sentence1", "sentence2", "score"],
        Format.TRIPLETS: ["anchor", "positive", "negative_1", "negative_2"],
        Format.CATEGORIES: ["text", "label"],
    }[info.format]
    assert loaded["train"].column_names == expected
    assert loaded["train"][0][expected[0]] == "red 0"
    if info is CATEGORIES:
        assert loaded["train"].features["label"].names == ["colour: 0", "colour: 1", "colour: 2"]
    again = tmp_path / "again" / "folder"
    export(again, info, rows, choices)
    for file in (path for path in folder.rglob("*") if path.is_file()):
        assert file.read_bytes() == (again / file.relative_to(folder)).read_bytes()


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory) -> Path:
    return tiny_model.build(tmp_path_factory.mktemp("model") / "tiny")


# Every kind of file once, and every format as text and as a folder.
_TRAINED = [
    *[(SCORED, kind) for kind in (Kind.CSV, Kind.TSV, Kind.JSONL, Kind.JSON, Kind.PARQUET, Kind.FOLDER)],
    *[(info, kind) for info in (CATEGORIES, TRIPLETS) for kind in (Kind.CSV, Kind.FOLDER)],
]


@pytest.mark.parametrize(
    ("info", "kind"), _TRAINED, ids=lambda part: part.value if isinstance(part, Kind) else part.format.value
)
def test_the_trainer_takes_the_files_without_a_warning(tmp_path, model_folder, info, kind, caplog):
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        _train(tmp_path, model_folder, info, kind)
    assert [record.getMessage() for record in caplog.records] == []


def _train(tmp_path: Path, model_folder: Path, info: DatasetInfo, kind: Kind) -> None:
    from datasets import load_dataset
    from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
    from sentence_transformers import SentenceTransformerTrainingArguments as Arguments
    from sentence_transformers.sentence_transformer import losses

    path = tmp_path / f"data{kind.suffix}"
    export(path, info, rows_of(info.format), ExportChoices(kind, training=True))
    cache = str(tmp_path / "cache")
    if kind is Kind.FOLDER:
        data = load_dataset(str(path), split="train", cache_dir=cache)
    elif kind is Kind.TSV:
        data = load_dataset("csv", data_files=str(path), split="train", cache_dir=cache, sep="\t")
    else:
        reader = {Kind.JSONL: "json", Kind.JSON: "json"}.get(kind, kind.value)
        data = load_dataset(reader, data_files=str(path), split="train", cache_dir=cache)
    model = SentenceTransformer(str(model_folder), device="cpu")
    loss = {
        Format.SCORED: losses.CosineSimilarityLoss,
        Format.TRIPLETS: losses.MultipleNegativesRankingLoss,
        Format.CATEGORIES: losses.BatchAllTripletLoss,
    }[info.format](model)
    arguments = Arguments(
        str(tmp_path / "out"),
        max_steps=1,
        per_device_train_batch_size=6,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
    trainer = SentenceTransformerTrainer(model, args=arguments, train_dataset=data, loss=loss)
    assert trainer.train().global_step == 1
