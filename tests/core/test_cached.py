"""A cache that came with somebody else's project, or was damaged: nothing is followed, believed, or deleted outside of it."""

from __future__ import annotations

import errno
import io
import os
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core import cached
from core.engine import kept_scores
from core.engine.kept_arrays import KeptArrays
from core.engine.map_store import MapStore
from core.engine.scoring import save_array
from core.errors import DiskFull, FileProblem, ProjectProblem
from core.locks import FileLock
from core.models.cache import EmbeddingCache
from core.project import Project, Reader
from core.similarity.labelled import RANDOM_PAIR

links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


def _head(shape: tuple[int, ...], kind: str = "<f4") -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": kind, "fortran_order": False, "shape": shape})
    return stream.getvalue()


def _stored(array: np.ndarray, **options: bool) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


GOOD = _stored(np.arange(6, dtype=np.float32).reshape(2, 3))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        GOOD[:-1],
        GOOD + b"x",
        _head((10**15,)),
        _head((-1,)),
        _head((2**62, 2**62)),
        _stored(np.array([{"a": 1}], object), allow_pickle=True),
        _stored(np.array(["text"])),
        b"PK\x03\x04 no zip",
        b"<script>alert(1)</script>",
    ],
    ids=range(11),
)
def test_what_is_no_array_of_numbers_counts_as_not_there(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "one.npy"
    path.write_bytes(data)
    assert cached.array(path) is None
    with zipfile.ZipFile(tmp_path / "all.npz", "w") as made:
        made.writestr("one.npy", data)
    assert cached.arrays(tmp_path / "all.npz", 10**6) is None
    (tmp_path / "all.npz").write_bytes(data)
    assert cached.arrays(tmp_path / "all.npz", 10**6) is None


def test_arrays_come_back_and_packed_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    np.savez(path, a=np.arange(3), b=np.ones((2, 0)))
    found = cached.arrays(path, 10**6)
    assert found is not None and found["a"].tolist() == [0, 1, 2] and found["b"].shape == (2, 0)
    np.savez_compressed(path, a=np.zeros(10**6))  # a small file that becomes large
    assert cached.arrays(path, 10**5) is None


@links
def test_a_pipe_is_never_read(tmp_path: Path) -> None:
    """Reading one would not end."""
    cache = EmbeddingCache(tmp_path, "model", 2)
    cache.folder.mkdir()
    for path in (tmp_path / "one.npy", cache.folder / "keys.bin"):
        os.mkfifo(path)
    assert cached.array(tmp_path / "one.npy") is None and cached.text(tmp_path / "one.npy", 100) is None
    assert cache.lookup(["a"])[1] == [0]


@links
@pytest.mark.parametrize("name", ["keys.bin", "vectors.f32", "cache.lock"])
def test_embeddings_are_not_written_through_a_link(tmp_path: Path, name: str) -> None:
    mine = tmp_path / "letter.txt"
    mine.write_text("Dear Ada, " * 10)
    cache = EmbeddingCache(tmp_path / "cache", "model", 2)
    cache.append(["before"], np.ones((1, 2), np.float32))
    (cache.folder / name).unlink()
    (cache.folder / name).symlink_to(mine)
    assert cache.append(["a"], np.ones((1, 2), np.float32))
    assert mine.read_text() == "Dear Ada, " * 10
    again = EmbeddingCache(tmp_path / "cache", "model", 2)
    assert again.matrix(["a"]).tolist() == [[1, 1]]


@links
def test_nothing_is_deleted_where_a_link_leads(tmp_path: Path) -> None:
    project, mine = tmp_path / "project", tmp_path / "mine"
    for number in range(12):
        (mine / f"folder {number}").mkdir(parents=True)
        (mine / f"folder {number}" / "letter.txt").write_text("Dear Ada")
        np.savez(mine / f"data {number}.npz", a=np.arange(2))
        np.save(mine / f"data {number}.npy", np.arange(2))
        os.utime(mine / f"data {number}.npy", (0, 0))
    before = sorted(mine.rglob("*"))
    (project / "cache").mkdir(parents=True)
    for name in ("maps", "scored", "arrays"):
        (project / "cache" / name).symlink_to(mine, target_is_directory=True)
    MapStore.of(project, "texts", ["a", "b"]).save({"pca": np.zeros((2, 1, 2))}, {"k": 1})
    KeptArrays(project, "scored", 2).save("key", {"a": np.arange(2)})
    assert save_array(project, np.arange(2)).exists()
    assert sorted(mine.rglob("*")) == before
    assert not any(path.is_symlink() for path in (project / "cache").iterdir())


@links
def test_a_lock_does_not_empty_the_file_that_a_link_leads_to(tmp_path: Path) -> None:
    mine = tmp_path / "letter.txt"
    mine.write_text("Dear Ada")
    (tmp_path / "run.lock").symlink_to(mine)
    with pytest.raises(FileProblem, match="link"):
        FileLock(tmp_path / "run.lock").acquire()
    assert mine.read_text() == "Dear Ada"


@links
def test_a_project_whose_cache_is_a_link_is_refused(tmp_path: Path) -> None:
    Project.create(tmp_path / "project", "P").close()
    (tmp_path / "mine").mkdir()
    (tmp_path / "project" / "cache").symlink_to(tmp_path / "mine", target_is_directory=True)
    for opened in (Project.open, Reader):
        with pytest.raises(ProjectProblem, match="link to another place"):
            opened(tmp_path / "project")


def test_a_project_that_went_away_does_not_come_back_as_a_cache(tmp_path: Path) -> None:
    """Then its folder could not be put back."""
    away = tmp_path / "project"
    for write in (
        lambda: EmbeddingCache(away / "cache", "model", 2).append(["a"], np.ones((1, 2), np.float32)),
        lambda: MapStore.of(away, "texts", ["a", "b"]).save({"pca": np.zeros((2, 1, 2))}, {"k": 1}),
        lambda: KeptArrays(away, "scored", 2).save("key", {"a": np.arange(2)}),
        lambda: save_array(away, np.arange(2)),
    ):
        with pytest.raises(FileProblem, match="no longer there"):
            write()
    assert not away.exists()


def test_scores_that_cannot_be_are_asked_for_again(tmp_path: Path) -> None:
    some = np.array([0.5, np.nan, -0.5], np.float32)
    random = np.array([(1, 2, 0.25)], RANDOM_PAIR)
    kept_scores.keep(tmp_path, [("key", kept_scores.Told(np.array([1, 2, 4]), some, some, some, random))])
    found = kept_scores.kept(tmp_path, "key")
    assert (
        found is not None and found.ids.tolist() == [1, 2, 4] and found.background.tolist() == [(1, 2, 0.25)]
    )
    store = KeptArrays(tmp_path, "scored", 3)
    good = store.load("key")
    assert good is not None
    for name, wrong in (
        ("ids", np.array([1, 4, 2])),
        ("ids", np.array([1.0, 2.0, 4.0])),
        ("ids", np.array([1, 1, 2])),
        ("similarity", np.array([0.5, np.inf, 0.5])),
        ("similarity", np.array([1, 2, 3])),
        ("nearest", np.array([2, -np.inf, 2])),
        ("margin", np.zeros((3, 1))),
        ("random_similarity", np.array([-np.inf])),
    ):
        store.save("key", {**good, name: wrong})
        assert kept_scores.kept(tmp_path, "key") is None, (name, wrong)


def test_what_a_full_disk_cut_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, _array: object) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(DiskFull):
        save_array(tmp_path, np.arange(2))
    assert list((tmp_path / "cache" / "arrays").iterdir()) == []
