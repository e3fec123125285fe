"""Embeddings on disk, keyed by the text: computed once, shared by every process, safe to delete at any moment.

A model's folder holds two files that only grow: `vectors.f32` (one float32 row per text) and `keys.bin` (a header of 16 bytes, then
16 bytes per row: BLAKE2b of the text). An append writes and flushes the vectors first and the keys after them, under a lock; so a key
on disk always has its vector, and a tail torn by a crash is cut off by the next append. Readers take no lock: the header holds
a random mark that changes whenever the files start anew, which tells a reader that what it knew is gone.

Every model that was looked through once has such a folder, and a run is soon forgotten: those that were used least recently go when
a new one comes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core import cached
from core.atomic import explained
from core.locks import FileLock, is_locked
from core.newest import newest_first

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_KEYS, _VECTORS, _LOCK = "keys.bin", "vectors.f32", "cache.lock"
_KEY = 16
_MAGIC = b"ALE1"
_LOCK_SECONDS = 2.0
_KEPT = 12  # models of a project


class EmbeddingCache:
    """The embeddings of one model (`fingerprint`, `dimension`) below `folder`, usually `<project>/cache`."""

    def __init__(self, folder: Path, fingerprint: str, dimension: int) -> None:
        self.folder = folder / fingerprint
        self.dimension = dimension
        self._keys_path = self.folder / _KEYS
        self._vectors_path = self.folder / _VECTORS
        self._header = b""
        self._rows = 0
        self._all: NDArray[np.uint64] = np.empty((0, 2), dtype=np.uint64)
        self._order: Integers = np.empty(0, dtype=np.int64)
        self._sorted: NDArray[np.uint64] = np.empty(0, dtype=np.uint64)

    def lookup(self, texts: Sequence[str]) -> tuple[Integers, list[int]]:
        """The row of each text, -1 where it is not stored, and the positions of those that are not."""
        self._refresh()
        rows = self._find(_keys(texts))
        return rows, np.flatnonzero(rows < 0).tolist()

    def fetch(self, texts: Sequence[str]) -> tuple[Floats, list[int]]:
        """The embeddings of `texts`, shape (n, d), zero where missing, and the positions of the missing ones."""
        with suppress(OSError):
            os.utime(self.folder)  # it is in use
        while True:
            rows, missing = self.lookup(texts)
            mark, found = self._header, np.zeros((len(texts), self.dimension), dtype=np.float32)
            there = np.flatnonzero(rows >= 0)
            if not len(there):
                return found, missing
            try:
                stored = np.memmap(
                    self._vectors_path, dtype=np.float32, mode="r", shape=(self._rows, self.dimension)
                )
            except (OSError, ValueError):  # deleted or cut since the look-up
                return found, list(range(len(texts)))
            found[there] = stored[rows[there]]
            if self._read_header() != mark:
                continue
            if self._holds(rows[there], _keys([texts[index] for index in there.tolist()])):
                return found, missing
            self._forget()  # the files were cut and grew again under us, e.g. after a copy of an older state

    def _holds(self, rows: Integers, keys: NDArray[np.uint64]) -> bool:
        """Whether the file still has these keys in these rows."""
        try:
            stored = np.memmap(self._keys_path, dtype="<u8", mode="r", offset=_KEY, shape=(self._rows, 2))
        except (OSError, ValueError):
            return False
        return bool((stored[rows] == keys).all())

    def matrix(self, texts: Sequence[str]) -> Floats:
        """The embeddings of `texts`, shape (n, d), all of which are stored.

        Raises:
            KeyError: one of them is not.
        """
        found, missing = self.fetch(texts)
        if missing:
            raise KeyError(texts[missing[0]])
        return found

    def start_anew(self) -> None:
        """What is stored is damaged: everything of this model goes. What cannot be deleted stays."""
        with suppress(OSError):
            self._keys_path.unlink(missing_ok=True)
        self._forget()

    @property
    def mark(self) -> bytes:
        """Of the files as they were at the last look; other files have another mark."""
        return self._header

    def mapped(self, mark: bytes) -> Floats | None:
        """The stored rows as they lie in the file, for a moment's reading; None when the files with this mark are gone."""
        if not mark or self._read_header() != mark:
            return None
        rows = self._rows_on_disk()
        if not rows:
            return np.empty((0, self.dimension), dtype=np.float32)
        try:
            return np.memmap(self._vectors_path, dtype=np.float32, mode="r", shape=(rows, self.dimension))
        except (OSError, ValueError):
            return None

    def append(self, texts: Sequence[str], vectors: Floats) -> bool:
        """Store the embeddings `vectors` (n, d) of `texts`; those already there stay. False: another process is writing.

        Raises:
            DiskFull, FileProblem: nothing that was stored before is lost.
        """
        if vectors.shape != (len(texts), self.dimension):
            raise ValueError(
                f"{vectors.shape} is not the shape of {len(texts)} embeddings of {self.dimension} values"
            )
        for name in (_KEYS, _VECTORS, _LOCK):
            cached.own(self.folder.parent, self.folder.name, name)
        lock = FileLock(self.folder / _LOCK)
        deadline = time.monotonic() + _LOCK_SECONDS
        while not lock.acquire():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        try:
            with explained(self.folder, "write the embeddings in"):
                self._append(texts, np.ascontiguousarray(vectors, dtype="<f4"))
        finally:
            lock.release()
        return True

    def _append(self, texts: Sequence[str], vectors: Floats) -> None:
        self._refresh()
        keys = _keys(texts)
        _, first = np.unique(keys, axis=0, return_index=True)
        new = np.sort(first[self._find(keys[first]) < 0])
        if not self._header:
            self._vectors_path.unlink(missing_ok=True)  # not emptied: another process may have it mapped
            self._forget_old()
        with _open(self._keys_path) as key_stream, _open(self._vectors_path) as vector_stream:
            if not self._header or key_stream.seek(0, os.SEEK_END) > _KEY * (1 + self._rows):
                # nothing usable, or keys without vectors: cut them before a vector takes their place, and
                # let whoever knew the old files look again
                self._header = _MAGIC + struct.pack("<I", self.dimension) + os.urandom(8)
                kept = self._all.astype("<u8").tobytes()
                _write_at(key_stream, 0, self._header + kept)
            _write_at(vector_stream, 4 * self.dimension * self._rows, vectors[new].tobytes())
            _write_at(key_stream, _KEY * (1 + self._rows), keys[new].tobytes())
        self._learn(keys[new])

    def _forget_old(self) -> None:
        """Make room for this model's embeddings: of the others' only those used last stay, and those being written."""
        others = (folder for folder in self.folder.parent.iterdir() if folder != self.folder)
        used = newest_first(folder for folder in others if (folder / _KEYS).is_file())
        for folder in used[_KEPT - 1 :]:
            with suppress(OSError):
                if not is_locked(folder / _LOCK):
                    shutil.rmtree(folder, ignore_errors=True)

    def _refresh(self) -> None:
        """Learn what other processes appended since the last look, or that the files are gone or new."""
        header = self._read_header()
        rows = self._rows_on_disk() if header else 0
        if header != self._header or rows < self._rows:
            self._forget()
            self._header = header
        if rows > self._rows:
            try:
                with self._keys_path.open("rb") as stream:
                    stream.seek(_KEY * (1 + self._rows))
                    data = stream.read(_KEY * (rows - self._rows))
            except OSError:
                return
            whole = len(data) // _KEY
            self._learn(np.frombuffer(data[: whole * _KEY], dtype="<u8").reshape(-1, 2))

    def _read_header(self) -> bytes:
        if not cached.plain(self._keys_path):
            return b""
        try:
            with self._keys_path.open("rb") as stream:
                header = stream.read(_KEY)
        except OSError:
            return b""
        expected = _MAGIC + struct.pack("<I", self.dimension)
        return header if len(header) == _KEY and header.startswith(expected) else b""

    def _rows_on_disk(self) -> int:
        if not cached.plain(self._vectors_path):
            return 0
        try:
            keys = self._keys_path.stat().st_size // _KEY - 1
            return max(0, min(keys, self._vectors_path.stat().st_size // (4 * self.dimension)))
        except OSError:
            return 0

    def _forget(self) -> None:
        self._header = b""
        self._rows = 0
        self._all = np.empty((0, 2), dtype=np.uint64)
        self._order = np.empty(0, dtype=np.int64)
        self._sorted = np.empty(0, dtype=np.uint64)

    def _learn(self, keys: NDArray[np.uint64]) -> None:
        # sorted arrays, not a dict: 32 bytes a text instead of about 200
        self._all = np.concatenate([self._all, keys])
        self._rows = len(self._all)
        self._order = np.argsort(self._all[:, 0], kind="stable")
        self._sorted = self._all[self._order, 0]

    def _find(self, keys: NDArray[np.uint64]) -> Integers:
        if not self._rows or not len(keys):
            return np.full(len(keys), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self._sorted, keys[:, 0]), self._rows - 1)
        rows = self._order[place]
        return np.where((self._all[rows] == keys).all(axis=1), rows, -1)


def _keys(texts: Sequence[str]) -> NDArray[np.uint64]:
    digests = (
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY).digest() for text in texts
    )
    return np.frombuffer(b"".join(digests), dtype="<u8").reshape(-1, 2)


def _open(path: Path) -> BinaryIO:
    """For writing anywhere, made when missing, never emptied."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644), "r+b")


def _write_at(stream: BinaryIO, offset: int, data: bytes) -> None:
    """Cut what lies behind `offset` (the torn tail of a crash), write `data` there and flush it to the disk."""
    stream.truncate(offset)
    stream.seek(offset)
    stream.write(data)
    stream.flush()
    os.fsync(stream.fileno())
