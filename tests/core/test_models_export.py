from __future__ import annotations

import errno
import os
import shutil

import pytest

from core.errors import DiskFull, FileProblem
from core.models.export import export_model


@pytest.fixture
def run(tmp_path):
    model = tmp_path / "runs" / "0001-a" / "model"
    (model / "1_Pooling").mkdir(parents=True)
    (model / "modules.json").write_text("[]", encoding="utf-8")
    (model / "1_Pooling" / "config.json").write_text("{}", encoding="utf-8")
    return model.parent


def _left_behind(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("exists", [False, True])
def test_a_whole_copy(run, tmp_path, exists):
    out = tmp_path / "deep" / "mine"
    if exists:
        out.mkdir(parents=True)
    assert export_model(run, out) == out
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*")) == [
        "1_Pooling",
        "1_Pooling/config.json",
        "modules.json",
    ]
    assert _left_behind(out.parent) == []
    assert (run / "model" / "modules.json").is_file()


def test_nothing_of_the_users_is_overwritten(run, tmp_path):
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("x", encoding="utf-8")
    with pytest.raises(FileProblem, match="not empty"):
        export_model(run, out)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]
    with pytest.raises(FileProblem, match="not empty"):
        export_model(run, out / "thesis.txt")


def test_a_run_without_a_model(run, tmp_path):
    shutil.rmtree(run / "model")
    with pytest.raises(FileProblem, match="0001-a has no model"):
        export_model(run, tmp_path / "mine")


def test_not_into_itself(run):
    with pytest.raises(FileProblem, match="inside the model"):
        export_model(run, run / "model" / "copy")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("name", ["model/1_Pooling/notes.txt", "model/2_Dense", "model"])
def test_no_link_is_followed(run, tmp_path, name):
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(run / "model", elsewhere)
    if name == "model":
        shutil.rmtree(run / "model")
    (run / name).symlink_to(elsewhere / "modules.json" if name.endswith(".txt") else elsewhere)
    with pytest.raises(FileProblem, match="is a link"):
        export_model(run, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_a_full_disk_leaves_nothing(run, tmp_path, monkeypatch):
    def full(source, target, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    monkeypatch.setattr(shutil.copytree, "__defaults__", (False, None, full, False, False))
    with pytest.raises(DiskFull):
        export_model(run, tmp_path / "mine")
    assert not (tmp_path / "mine").exists() and _left_behind(tmp_path) == []
