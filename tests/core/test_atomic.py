"""Files that are written whole: who may read them, and what stays when they cannot be written."""

from __future__ import annotations

import os
import stat

import pytest

from core import atomic
from core.project import Project

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
