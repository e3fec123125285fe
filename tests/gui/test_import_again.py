"""Files that the project knows already, folders of data sets, and judgements by id, through the wizard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox, QPushButton, QRadioButton

from core.dataset.exporting import ExportChoices, Kind, Metadata, export
from core.dataset.formats import DatasetInfo, Example, Format, Scale
from core.project import Reader
from gui.dialogs.importing import file_page
from tests.gui.import_support import choose, data_hash, heads, looked, stored, wizard
from tests.gui.window_support import child, click, closed, last, make_project, open_window, quiet

HEAD = "sentence1,sentence2,score\n"


@pytest.mark.parametrize(
    ("policy", "count", "rows"),
    [
        ("skip", 1, [("a", "b", 1.0), ("c", "d", 0.0), ("e", "f", 0.5)]),
        ("update", 2, [("a", "b", 1.0), ("c", "d", 1.0), ("e", "f", 0.5)]),
        ("add", 3, [("a", "b", 1.0), ("c", "d", 0.0), ("a", "b", 1.0), ("c", "d", 1.0), ("e", "f", 0.5)]),
    ],
)
def test_rows_that_are_there_already_are_recognised(
    qtbot, tmp_path: Path, policy: str, count: int, rows: list[tuple]
) -> None:
    folder = make_project(tmp_path / "p", rows=[Example(("a", "b"), 1.0, "1"), Example(("c", "d"), 0.0, "0")])
    before = data_hash(folder)
    window = open_window(qtbot, folder)
    file = tmp_path / "Main.csv"
    file.write_text(f"{HEAD}a,b,1\nc,d,1\ne,f,0.5\n")
    box = wizard(qtbot, window, file)
    (main,) = window.context.project.datasets()
    assert box.session.entries[0].destination == str(main.id)  # it is called as the dataset is
    click(box.accept_button)
    qtbot.waitUntil(lambda: box.checking and not box.working, timeout=20_000)
    assert "1 row new, 1 the same, 1 with another score" in box.check.known.counts.text()
    assert child(box, "import.policy.skip", QRadioButton).isChecked()
    child(box, f"import.policy.{policy}", QRadioButton).click()
    assert box.accept_button.text() == f"Import {count} row{'' if count == 1 else 's'}"
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert stored(folder) == {"Main": rows}
    assert f"Imported {count} example" in last(window).text
    window.context.undo()
    assert data_hash(folder) == before


def test_the_same_file_again_leaves_nothing_to_import(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", rows=[Example(("a", "b"), 1.0, "1")])
    window = open_window(qtbot, folder)
    (tmp_path / "main.csv").write_text(f"{HEAD}a,b,1\n")
    box = wizard(qtbot, window, tmp_path / "main.csv")
    click(box.accept_button)
    qtbot.waitUntil(lambda: box.checking and not box.working, timeout=20_000)
    assert box.accept_button.text() == "Nothing to import" and not box.accept_button.isEnabled()
    click(box.back)
    choose(qtbot, box, "import.destination", "new")
    assert box.page.destination.name.text() == "main 2"
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert set(stored(folder)) == {"Main", "main 2"}


def test_files_of_one_name_become_one_dataset_with_splits(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    for name in ("words-train.csv", "words-test.csv"):
        (tmp_path / name).write_text(f"{HEAD}{name},b,1\nx,y,0\n")
    box = wizard(qtbot, window, tmp_path / "words-train.csv", tmp_path / "words-test.csv")
    for row in range(2):
        box.files.setCurrentRow(row)
        box.page.destination.name.setText("words")
        box.page.destination.name.textEdited.emit("words")
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    with Reader(folder) as reader:
        words = reader.datasets()[1]
        assert [row.split for row in reader.rows(words.id)] == ["train", "train", "test", "test"]


def test_an_exported_folder_comes_back_with_its_splits(qtbot, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    rows = [
        Example(("a", "b"), split="train"),
        Example(("c", "d"), split="eval"),
        Example(("e", "f"), split="test"),
    ]
    choices = ExportChoices(Kind.FOLDER, training=True, metadata=Metadata.FILE)
    export(tmp_path / "colours", DatasetInfo(1, "Colours", Format.PAIRS), rows, choices)
    window = open_window(qtbot, folder)
    box = wizard(qtbot, window, tmp_path / "colours")
    assert heads(box)[:2] == ["Anchor ← anchor", "Positive ← positive"]
    assert box.session.entries[0].inspection.members == ()
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    with Reader(folder) as reader:
        found = list(reader.rows(reader.datasets()[1].id))
    assert sorted((row.texts[0], row.split) for row in found) == [
        ("a", "train"),
        ("c", "eval"),
        ("e", "test"),
    ]
    export(tmp_path / "again" / "colours", DatasetInfo(1, "Colours", Format.PAIRS), found, choices)
    for file in (tmp_path / "colours" / "data").iterdir():
        assert file.read_bytes() == (tmp_path / "again" / "colours" / "data" / file.name).read_bytes()


def test_judgements_by_id_ask_for_their_texts(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    qrels = tmp_path / "deep" / "judgements.txt"
    qrels.write_text("q1 0 d1 1\nq1 0 d2 0\nq2 0 d2 1\nq2 0 d1 0\n")
    texts = []
    for name, items in (
        ("queries", {"q1": "red", "q2": "blue"}),
        ("corpus", {"d1": "crimson", "d2": "navy"}),
    ):
        (tmp_path / "texts").mkdir(exist_ok=True)
        path = tmp_path / "texts" / f"{name}.jsonl"
        path.write_text("".join(json.dumps({"_id": id, "text": text}) + "\n" for id, text in items.items()))
        texts.append(str(path))
    folder = make_project(tmp_path / "p")
    window = open_window(qtbot, folder)
    box = wizard(qtbot, window, qrels)
    assert "by id" in box.page.broken.sentence.text()
    monkeypatch.setattr(file_page.QFileDialog, "getOpenFileNames", lambda *_a, **_k: (texts, ""))
    click(child(box, "import.texts", QPushButton))
    looked(qtbot, box)
    assert box.session.entries[0].format is Format.PAIRS
    child(box, "import.zeros", QCheckBox).click()
    looked(qtbot, box)
    assert box.session.entries[0].format is Format.TRIPLETS
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=20_000)
    quiet(qtbot, window)
    assert stored(folder)["judgements"] == [
        ("red", "crimson", "navy", None),
        ("blue", "navy", "crimson", None),
    ]


def test_the_three_files_of_a_benchmark_become_one_dataset(qtbot, tmp_path: Path, data_dir: Path) -> None:
    folder = make_project(tmp_path / "p")
    before = data_hash(folder)
    window = open_window(qtbot, folder)
    files = [data_dir / "stsbenchmark" / f"sts-{part}.csv" for part in ("train", "dev", "test")]
    box = wizard(qtbot, window, *files)
    for entry in box.session.entries:
        box.session.change(entry, name="STS-B")
    click(box.accept_button)
    qtbot.waitUntil(lambda: closed(box), timeout=30_000)
    quiet(qtbot, window)
    assert last(window).text == "Imported 8,628 examples from 3 files."
    with Reader(folder) as reader:
        found = reader.datasets()[1]
        counts = reader.counts(found.id)
    assert (found.name, found.rows, found.scale) == ("STS-B", 8628, Scale(0, 5))
    assert (counts["train"], counts["eval"], counts["test"]) == (5749, 1500, 1379)
    window.context.undo()
    quiet(qtbot, window)
    assert data_hash(folder) == before
