"""The bytes of one table: a file, or a file inside an archive, unpacked as it is read and never further than it is believed.

Whoever reads may be told to stop at any moment, also while a source still finds out what it is looking at.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

from core.atomic import explained
from core.dataset.importing.limits import (
    MAX_IN_MEMORY,
    MAX_UNPACKED,
    MAX_UNPACKED_RATIO,
    UNPACKED_UNSUSPECTED,
)
from core.dataset.importing.results import ShouldStop
from core.errors import Cancelled, FileProblem

_BUFFER = 1 << 20
_SMALL_BUFFER = 1 << 17  # where what is read grows when it is unpacked
# What comes out of the standard library where an archive is damaged
BROKEN = (
    gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, LookupError,
    OverflowError,
)  # fmt: skip


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class DataFile(ABC):
    """`path` is what the person chose, `name` what the data itself is called. Reading raises Cancelled when `should_stop` says so."""

    def __init__(self, path: Path, name: str, should_stop: ShouldStop | None = None) -> None:
        self.path = path
        self.name = name
        self.should_stop = should_stop

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()

    @property
    @abstractmethod
    def total(self) -> int:
        """What `position` counts up to."""

    @abstractmethod
    def open(self) -> IO[bytes]:
        """The bytes from the beginning."""

    @abstractmethod
    def seekable(self) -> IO[bytes]:
        """The bytes for a reader that jumps about."""

    @abstractmethod
    def position(self, stream: TextIOWrapper) -> int:
        """How much of `total` a stream of `open_text` has taken (its own `tell` is barred while it is iterated)."""

    @abstractmethod
    def unpacked(self, stream: TextIOWrapper) -> int:
        """How many bytes a stream of `open_text` has taken, unpacked."""

    def open_text(self, encoding: str, errors: str) -> TextIOWrapper:
        """The characters, with every line end as it is."""
        return TextIOWrapper(self.open(), encoding, errors, newline="")

    def head(self, size: int) -> bytes:
        with explained(self.path, "read"), self.open() as stream:
            return stream.read(size)


class PlainFile(DataFile):
    def __init__(self, path: Path, should_stop: ShouldStop | None = None) -> None:
        super().__init__(path, path.name, should_stop)

    @property
    def total(self) -> int:
        return self.path.stat().st_size

    def open(self) -> IO[bytes]:
        return io.BufferedReader(_Watched(self.path, self.should_stop), _BUFFER)

    def seekable(self) -> IO[bytes]:
        return io.BufferedReader(_Watched(self.path, self.should_stop), _SMALL_BUFFER)

    def position(self, stream: TextIOWrapper) -> int:
        return self.unpacked(stream)

    def unpacked(self, stream: TextIOWrapper) -> int:
        whole: Any = stream.buffer
        return int(whole.tell())


class _Watched(io.FileIO):
    """A file that stops being read when a person says so."""

    def __init__(self, path: Path, should_stop: ShouldStop | None) -> None:
        super().__init__(path, "rb")
        self._should_stop = should_stop

    def readinto(self, buffer: Any) -> int | None:
        _go_on(self._should_stop)
        return super().readinto(buffer)

    def readall(self) -> bytes:
        _go_on(self._should_stop)
        return super().readall()


def _go_on(should_stop: ShouldStop | None) -> None:
    if should_stop is not None and should_stop():
        raise Cancelled("The import was cancelled.")


class PackedFile(DataFile):
    """A file that is unpacked by `unpack`, which gives the unpacked stream and a function that tells how much packed data it
    has taken."""

    def __init__(
        self,
        path: Path,
        name: str,
        total: int,
        unpack: Callable[[], tuple[_Stream, Callable[[], int]]],
        should_stop: ShouldStop | None = None,
    ) -> None:
        super().__init__(path, name, should_stop)
        self._total = total
        self._unpack = unpack

    @property
    def total(self) -> int:
        return self._total

    def open(self) -> IO[bytes]:
        try:
            stream, taken = self._unpack()
        except BROKEN as error:
            raise damaged(self.path, error) from error
        return io.BufferedReader(_Unpacking(self.path, stream, taken, self.should_stop), _BUFFER)

    def seekable(self) -> IO[bytes]:
        with self.open() as stream:
            content = stream.read(MAX_IN_MEMORY + 1)
        if len(content) > MAX_IN_MEMORY:
            raise FileProblem(
                f"{self.name} in {self.path} is larger than {MAX_IN_MEMORY >> 20} MB.", "Unpack it first."
            )
        return io.BytesIO(content)

    def position(self, stream: TextIOWrapper) -> int:
        buffer: Any = stream.buffer
        return int(buffer.raw.taken())

    def unpacked(self, stream: TextIOWrapper) -> int:
        buffer: Any = stream.buffer
        return int(buffer.raw.given)


class _Unpacking(io.RawIOBase):
    """Reads an unpacked stream, and stops where it has grown out of all proportion."""

    def __init__(
        self, path: Path, stream: _Stream, taken: Callable[[], int], should_stop: ShouldStop | None
    ) -> None:
        self._path = path
        self._should_stop = should_stop
        self._stream = stream
        self.taken = taken
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        _go_on(self._should_stop)
        try:
            chunk = self._stream.read(len(buffer))
        except BROKEN as error:
            raise damaged(self._path, error) from error
        buffer[: len(chunk)] = chunk
        self.given += len(chunk)
        far = self.given > UNPACKED_UNSUSPECTED and self.given > MAX_UNPACKED_RATIO * self.taken()
        if far or self.given > MAX_UNPACKED:
            raise FileProblem(
                f"{self._path} unpacks to more than {self.given >> 20:,} MB, which no table of its size does.",
                "Unpack it yourself if you trust it.",
            )
        return len(chunk)

    def close(self) -> None:
        self._stream.close()
        super().close()


def gzipped(path: Path, should_stop: ShouldStop | None = None) -> PackedFile:
    """A .gz file; words.csv.gz holds words.csv."""

    def unpack() -> tuple[_Stream, Callable[[], int]]:
        raw = path.open("rb")
        return _Gzip(raw), raw.tell

    name = path.name[:-3] if path.suffix.lower() == ".gz" else path.name
    return PackedFile(path, name, path.stat().st_size, unpack, should_stop)


class _Gzip(gzip.GzipFile):
    """Closes the file it was given, too."""

    def __init__(self, raw: IO[bytes]) -> None:
        super().__init__(fileobj=raw, mode="rb")
        self._raw_file = raw

    def close(self) -> None:
        super().close()
        self._raw_file.close()


def zip_members(path: Path) -> list[str]:
    """The files in a zip archive that can hold data.

    Raises:
        FileProblem: it is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [item.filename for item in archive.infolist() if not item.is_dir()]
    except BROKEN as error:
        raise damaged(path, error) from error
    return [
        name for name in names if not name.startswith("__MACOSX/") and PurePosixPath(name).name[:1] != "."
    ]


def zipped(path: Path, member: str, should_stop: ShouldStop | None = None) -> PackedFile:
    """One file of a zip archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(member)
    except BROKEN as error:
        raise damaged(path, error) from error
    if info.flag_bits & 1:
        raise FileProblem(f"{member} in {path} is protected by a password.", "Unpack it first.")
    total = info.compress_size

    def unpack() -> tuple[_Stream, Callable[[], int]]:
        archive = zipfile.ZipFile(path)
        try:
            stream = _Member(archive, member)
        except BaseException:
            archive.close()
            raise
        return stream, stream.packed

    return PackedFile(path, PurePosixPath(member).name, total, unpack, should_stop)


class _Member(io.RawIOBase):
    """A member of an archive, which is closed with it."""

    def __init__(self, archive: zipfile.ZipFile, member: str) -> None:
        self._archive = archive
        self._info = archive.getinfo(member)
        self._stream = archive.open(member)
        self.given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.given += len(chunk)
        return chunk

    def packed(self) -> int:
        """The share of the packed bytes that the share of the unpacked ones stands for."""
        whole = max(self._info.file_size, 1)
        return min(self._info.compress_size, self._info.compress_size * self.given // whole)

    def close(self) -> None:
        self._stream.close()
        self._archive.close()
        super().close()


def damaged(path: Path, error: BaseException) -> FileProblem:
    return FileProblem(f"{path} is a damaged archive.", "Save or download it again.", details=repr(error))
