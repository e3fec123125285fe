from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import DiskFull
from core.locks import FileLock
from core.models import cache as module
from core.models.cache import EmbeddingCache
from core.paths import ROOT

DIMENSION = 4


def _vectors(texts):
    rows = [[len(text), ord(text[0]) if text else 0, 1, hash(text) % 97] for text in texts]
    return np.array(rows, dtype=np.float32).reshape(-1, DIMENSION)


@pytest.fixture
def cache(tmp_path):
    return EmbeddingCache(tmp_path, "model", DIMENSION)


def test_what_is_appended_is_found_by_any_process(cache, tmp_path):
    texts = ["one", "two\nlines", "drei – ünïcode 🦊", "", "\ud800 lone"]
    assert cache.append(texts, _vectors(texts))
    for reader in (cache, EmbeddingCache(tmp_path, "model", DIMENSION)):
        assert np.array_equal(reader.matrix(texts[::-1]), _vectors(texts[::-1]))
        rows, missing = reader.lookup(["two\nlines", "absent"])
        assert rows.tolist() == [1, -1] and missing == [1]
        with pytest.raises(KeyError, match="absent"):
            reader.matrix(["one", "absent"])


def test_a_text_is_stored_once(cache):
    cache.append(["a", "b", "a"], _vectors(["a", "b", "a"]))
    cache.append(["b", "c"], np.zeros((2, DIMENSION), dtype=np.float32))
    assert cache._vectors_path.stat().st_size == 3 * 4 * DIMENSION
    assert np.array_equal(cache.matrix(["a", "b"]), _vectors(["a", "b"]))
    assert not cache.matrix(["c"]).any()


@given(
    st.lists(st.lists(st.text(max_size=3), max_size=5), min_size=1, max_size=4),
    st.integers(0, 200),
    st.integers(0, 200),
    st.booleans(),
)
@example(batches=[["", "0", "1"]], cut_keys=48, cut_vectors=0, known=False)
@example(batches=[["", "0", "1"]], cut_keys=48, cut_vectors=48, known=True)
def test_a_torn_tail_loses_rows_but_never_mixes_them_up(
    tmp_path_factory, batches, cut_keys, cut_vectors, known
):
    folder = tmp_path_factory.mktemp("cache")
    reader = EmbeddingCache(folder, "model", DIMENSION)
    writer = EmbeddingCache(folder, "model", DIMENSION)
    for batch in batches:
        writer.append(batch, _vectors(batch))
    texts = list(dict.fromkeys(text for batch in batches for text in batch))
    if known:
        reader.lookup(texts)
    for path, cut in ((writer._keys_path, cut_keys), (writer._vectors_path, cut_vectors)):
        with path.open("r+b") as stream:
            stream.truncate(max(0, path.stat().st_size - cut))
    for opened in (reader, EmbeddingCache(folder, "model", DIMENSION)):
        found, missing = opened.fetch(texts)
        there = [index for index in range(len(texts)) if index not in missing]
        assert np.array_equal(found[there], _vectors([texts[index] for index in there]))
    fresh = EmbeddingCache(folder, "model", DIMENSION)
    fresh.append([*texts[::-1], "more"], _vectors([*texts[::-1], "more"]))
    for opened in (reader, writer, fresh):
        assert np.array_equal(opened.matrix([*texts, "more"]), _vectors([*texts, "more"]))
    shutil.rmtree(folder)


def test_deleted_at_any_moment(cache, tmp_path):
    other = EmbeddingCache(tmp_path, "model", DIMENSION)
    cache.append(["a", "b"], _vectors(["a", "b"]))
    assert other.lookup(["a"])[1] == []
    shutil.rmtree(tmp_path / "model")
    assert other.fetch(["a", "b"])[1] == [0, 1]
    # as many rows as before, other texts: whoever knew the old rows must not read these for them
    cache.append(["x", "y", "z"], _vectors(["x", "y", "z"]))
    assert other.fetch(["a", "b"])[1] == [0, 1]
    assert np.array_equal(other.matrix(["z"]), _vectors(["z"]))
    for name in ("keys.bin", "vectors.f32"):
        (tmp_path / "model" / name).unlink()
        cache.append(["p", "q", "r", "s"], _vectors(["p", "q", "r", "s"]))
        assert other.fetch(["x", "z"])[1] == [0, 1]
        assert np.array_equal(other.matrix(["s", "p"]), _vectors(["s", "p"]))


def test_garbage_and_another_width_start_anew(cache, tmp_path):
    cache.folder.mkdir()
    cache._keys_path.write_bytes(b"nonsense" * 100)
    cache._vectors_path.write_bytes(b"nonsense" * 100)
    assert cache.fetch(["a"])[1] == [0]
    cache.append(["a"], _vectors(["a"]))
    assert np.array_equal(cache.matrix(["a"]), _vectors(["a"]))
    wider = EmbeddingCache(tmp_path, "model", 6)
    assert wider.fetch(["a"])[1] == [0]
    wider.append(["b"], np.ones((1, 6), dtype=np.float32))
    assert cache.fetch(["a", "b"])[1] == [0, 1]


def test_while_another_writes_nothing_is_written(cache, monkeypatch):
    monkeypatch.setattr(module, "_LOCK_SECONDS", 0.05)
    lock = FileLock(cache.folder / "cache.lock")
    assert lock.acquire()
    assert cache.append(["a"], _vectors(["a"])) is False
    lock.release()
    assert cache.append(["a"], _vectors(["a"])) is True


def test_two_processes_and_a_reader_at_once(cache, tmp_path):
    code = (
        "import sys, numpy as np; from pathlib import Path; from core.models.cache import EmbeddingCache\n"
        "cache = EmbeddingCache(Path(sys.argv[1]), 'model', 4)\n"
        "for n in range(40):\n"
        "    texts = [f'{sys.argv[2]} {n} {i}' for i in range(5)] + [f'both {n}']\n"
        "    assert cache.append(texts, np.array([[len(t), n, 1, 2] for t in texts], dtype='f4'))\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name], cwd=ROOT)
        for name in ("left", "right")
    ]
    wrong = []

    def read():
        while any(writer.poll() is None for writer in writers):
            texts = [f"{name} {n} 3" for name in ("left", "right") for n in range(40)]
            found, missing = cache.fetch(texts)
            for index in set(range(len(texts))) - set(missing):
                if found[index].tolist() != [len(texts[index]), index % 40, 1, 2]:
                    wrong.append(texts[index])

    thread = threading.Thread(target=read)
    thread.start()
    assert [writer.wait(60) for writer in writers] == [0, 0]
    thread.join()
    assert not wrong
    assert cache._vectors_path.stat().st_size == (2 * 40 * 5 + 40) * 4 * DIMENSION


def test_a_full_disk_loses_nothing(cache, monkeypatch):
    import errno
    import os

    cache.append(["a"], _vectors(["a"]))
    real, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        cache.append(["b"], _vectors(["b"]))
    monkeypatch.setattr(os, "fsync", real)
    assert calls
    assert np.array_equal(cache.matrix(["a"]), _vectors(["a"]))
    cache.append(["b"], _vectors(["b"]))
    assert np.array_equal(cache.matrix(["a", "b"]), _vectors(["a", "b"]))


def test_the_wrong_shape_is_refused(cache):
    with pytest.raises(ValueError, match="shape"):
        cache.append(["a"], np.zeros((1, 3), dtype=np.float32))


def test_the_models_that_were_used_least_recently_go_when_a_new_one_comes(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_KEPT", 3)
    (tmp_path / "maps" / "one").mkdir(parents=True)
    caches = {name: EmbeddingCache(tmp_path, name, DIMENSION) for name in "abcd"}
    for number, name in enumerate("abc"):
        assert caches[name].append(["text"], _vectors(["text"]))
        os.utime(tmp_path / name, (number, number))
    caches["a"].fetch(["text"])  # so it is in use
    writing = FileLock(tmp_path / "b" / "cache.lock")
    assert writing.acquire()
    caches["d"].append(["text"], _vectors(["text"]))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c", "d", "maps"]
    writing.release()
    shutil.rmtree(tmp_path / "d")
    caches["d"].append(["text"], _vectors(["text"]))
    caches["d"].append(["more"], _vectors(["more"]))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "c", "d", "maps"]
    assert caches["b"].fetch(["text"])[1] == [0] and caches["b"].append(["text"], _vectors(["text"]))
