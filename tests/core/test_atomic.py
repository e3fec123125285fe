"""Files that are written whole: who may read them, and what stays when they cannot be written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from core import atomic
from core.newest import newest_first
from core.project import Project
from core.settings import Settings
from core.training import runs
from core.training.recording import Recorder, recorded

posix = pytest.mark.skipif(os.name == "nt", reason="needs the rights of POSIX files")


def rights(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o022, 0o002, 0o077])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@posix
def test_a_new_file_may_be_read_by_whoever_may_read_new_files(tmp_path, umask):
    atomic.write_text(tmp_path / "train.py", "print()\n")
    Project.create(tmp_path / "project", "Words").close()
    assert rights(tmp_path / "train.py") == rights(tmp_path / "project" / "project.db") == 0o666 & ~umask


@posix
def test_a_file_that_is_written_again_keeps_its_rights(tmp_path):
    path = tmp_path / "settings.json"
    atomic.write_text(path, "1")
    path.chmod(0o640)
    atomic.write_text(path, "2")
    assert rights(path) == 0o640 and path.read_text() == "2"


def test_a_file_that_cannot_be_replaced_leaves_nothing_beside_it(tmp_path):
    (tmp_path / "taken" / "inside").mkdir(parents=True)
    with pytest.raises(atomic.FileProblem):
        atomic.write_text(tmp_path / "taken", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize("times", [3, 10**9])
def test_a_file_that_somebody_reads_is_replaced_a_moment_later(tmp_path, monkeypatch, times):
    """As on Windows, where a reader keeps a file from being replaced. Who reads for ever is told of."""
    path, refused = tmp_path / "facts.json", []
    replace = Path.replace

    def busy(new, target):
        if len(refused) < times:
            refused.append(target)
            raise PermissionError(13, "The process cannot access the file")
        return replace(new, target)

    atomic.write_text(path, "old")
    monkeypatch.setattr(Path, "replace", busy)
    monkeypatch.setattr(atomic, "_PATIENCE", 0.2)
    if times > 3:
        with pytest.raises(atomic.FileProblem, match="cannot access"):
            atomic.write_text(path, "new")
    else:
        atomic.write_text(path, "new")
    assert path.read_text() == ("old" if times > 3 else "new")
    assert [found.name for found in tmp_path.iterdir()] == ["facts.json"]


def test_a_folder_whose_name_is_no_text_is_remembered(anchorlab_home):
    """Old disks have such names. They reach the settings by opening a project, and the log of a run by an error's words."""
    folder = Path("/media") / os.fsdecode(b"caf\xe9")
    settings = Settings()
    settings.remember(folder)
    settings.save()
    assert Settings.load().recent == [str(folder)]


def test_an_error_about_such_a_folder_is_told_in_the_log(tmp_path):
    message = f"Cannot write {os.fsdecode(b'caf' + bytes([0xE9]))}."

    def fail():
        raise atomic.FileProblem(message)

    with Recorder(tmp_path, lambda event: None) as record, pytest.raises(atomic.FileProblem):
        recorded(tmp_path, record, fail)
    (event,) = runs.read_events(tmp_path)
    assert event.message == message
    with pytest.raises(atomic.FileProblem, match="no model can be saved"):
        runs.create_run_folder(tmp_path / os.fsdecode(b"caf\xe9"), "x")


def test_what_another_deletes_meanwhile_is_not_among_the_newest(tmp_path):
    for number, name in enumerate("abc"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (number, number))
    paths = [tmp_path / name for name in ("b", "gone", "c", "a")]
    assert [path.name for path in newest_first(paths)] == ["c", "b", "a"]
