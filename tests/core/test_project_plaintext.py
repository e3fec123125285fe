"""Projects written as text become databases, and hostile ones do not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import AnchorLabError, ProjectLocked, ProjectProblem
from core.locks import FileLock, is_locked
from core.project import Project, Reader, View
from core.project import storage as storage_module

TOML = """
[project]
name = "Looks"
description = "What belongs together"

[[dataset]]
name = "Pairs"
format = "scored"
file = "train.csv"
eval_file = "data/eval.csv"
scale = [0, 4]

[recipe]
loss = "CosineSimilarityLoss"
batch_size = 16
"loss.scale" = 20.0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "looks"
    (folder / "data").mkdir(parents=True)
    (folder / "project.toml").write_text(TOML, encoding="utf-8")
    (folder / "train.csv").write_text(
        "text_a,text_b,score\nsoft girl,cardigan,4\nsoft girl,NA,1\n", encoding="utf-8"
    )
    (folder / "data" / "eval.csv").write_text("text_a,text_b,score\ncottage,linen,1\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("preset", ["card", "automatic"])
def test_a_preset_turns_the_recipe_into_an_offer(folder, preset):
    text = TOML.replace("[project]", f'[project]\npreset = "{preset}"', 1)
    (folder / "project.toml").write_text(text, encoding="utf-8")
    with Project.open(folder) as project:
        assert project.preset() == preset and project.recipe() == {}
        assert project.card_recipe() == {"loss": "CosineSimilarityLoss", "batch_size": 16, "loss.scale": 20.0}
        project.set_preset("quick")
        assert project.preset() == "quick"
        project.undo()
        assert project.preset() == preset


def test_an_unknown_preset_is_refused(folder):
    text = TOML.replace("[project]", '[project]\npreset = "fast"', 1)
    (folder / "project.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectProblem, match="automatic or card"):
        Project.open(folder)


def database_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if "project.db" in path.name)


def test_a_plain_text_project_opens(folder):
    assert Project.is_project(folder)
    with Project.open(folder) as project:
        assert (project.name, project.description) == ("Looks", "What belongs together")
        assert project.recipe() == {"loss": "CosineSimilarityLoss", "batch_size": 16, "loss.scale": 20.0}
        (info,) = project.datasets()
        assert (info.name, info.format, info.scale.high) == ("Pairs", "scored", 4.0)
        rows = list(project.rows(info.id))
        assert [(row.texts, row.score, row.split) for row in rows] == [
            (("soft girl", "cardigan"), 1.0, ""),
            (("soft girl", "NA"), 0.25, ""),
            (
                ("cottage", "linen"),
                0.25,
                "eval",
            ),  # 1 on the project's scale, although the file alone looks like 0–1
        ]
        assert project.undo_label == ""  # what is in the file is the start, not an edit
        project.set_cells([(rows[0].id, "score", "0")])
    (folder / "project.toml").unlink()  # the database is the truth from now on
    with Project.open(folder) as project:
        assert project.examples([1])[0].score == 0.0


def test_reading_prepares_the_project_too(folder):
    with Reader(folder) as reader:
        assert len(reader.ids(1, View(filter="eval"))) == 1
    with Project.open(folder, write=False) as project:
        assert project.read_only


def test_two_windows_do_not_prepare_it_together(folder):
    lock = FileLock(folder / "project.lock")
    assert lock.acquire()
    for attempt in (
        lambda: Project.open(folder),
        lambda: Project.open(folder, write=False),
        lambda: Reader(folder),
    ):
        with pytest.raises(ProjectLocked):
            attempt()
    lock.release()
    Project.open(folder).close()


def test_a_killed_preparation_leaves_nothing_half(folder, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(storage_module, "_fill", killed)
    with pytest.raises(KeyboardInterrupt):
        Project.open(folder)
    assert database_files(folder) == []
    (folder / ".project.db.abc.tmp").write_bytes(b"left by a kill -9")
    monkeypatch.undo()
    with Project.open(folder) as project:
        assert project.counts(1)["all"] == 3
        assert [name for name in database_files(folder) if "tmp" in name] == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"train.csv"', '"../../etc/passwd"', "outside"),
        ('"train.csv"', '"/etc/passwd"', "outside"),
        ('"train.csv"', r"'C:\Windows\win.ini'", "outside"),
        ('"train.csv"', r"'\\server\share\x.csv'", "outside"),
        ('"train.csv"', r"'data\..\..\x.csv'", "outside"),
        ('"data/eval.csv"', '"data/../../x.csv"', "outside"),
        ('"train.csv"', '"linked.csv"', "link to outside"),
        ('"train.csv"', '"linked/passwd"', "link to outside"),
        ('"train.csv"', '"missing.csv"', "not there"),
        ('"train.csv"', '"data"', "not there"),
        ('"train.csv"', '""', "must be text"),
        ('"train.csv"', "5", "must be text"),
        ('"scored"', '"wishes"', "pairs, scored, triplets"),
        ("scale = [0, 4]", "scale = [1, 1]", "two different numbers"),
        ("scale = [0, 4]", "scale = [0, 3]", "outside the scale"),
        ("[[dataset]]", "[dataset]", r"\[\[dataset\]\]"),
        ("batch_size = 16", "batch_size = [16]", "batch_size"),
        ("[recipe]", "[recipe", "not valid TOML"),
        ("[project]", "project = 3\n[other]", "must be a table"),
        ('name = "Looks"', "name = 7", "must be text"),
    ],
)
def test_wrong_and_hostile_descriptions_are_refused(folder, tmp_path, old, new, words):
    (tmp_path / "outside.csv").write_text("text_a,text_b,score\na,b,1\n")
    os.symlink(tmp_path / "outside.csv", folder / "linked.csv")
    os.symlink("/etc", folder / "linked")
    assert old in TOML
    (folder / "project.toml").write_text(TOML.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AnchorLabError, match=words):
        Project.open(folder)
    assert database_files(folder) == []
    assert not is_locked(folder / "project.lock")


def test_lines_that_are_no_rows_are_said(folder):
    (folder / "train.csv").write_text(
        "text_a,text_b,score\nsoft girl,cardigan,4\nsoft girl,NA,many\n", encoding="utf-8"
    )
    with pytest.raises(ProjectProblem, match=r"1 lines? of .*train.csv .* line 3"):
        Project.open(folder)
    (folder / "project.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ProjectProblem, match="not valid TOML"):
        Project.open(folder)
