"""What is on the clipboard as files to import: the files themselves, or the text in a file of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PySide6.QtGui import QGuiApplication


class ClipboardFiles:
    """The texts that were taken are kept in files until `close`."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def take(self) -> list[tuple[Path, str]]:
        """(path, title) of what is on the clipboard now; empty where nothing of it can be imported."""
        data = QGuiApplication.clipboard().mimeData()
        if data is None:
            return []
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            return [(path, "") for path in paths]
        text = data.text() if data.hasText() else ""
        if not text.strip():
            return []
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="anchorlab-clipboard-")
        self._count += 1
        number = "" if self._count == 1 else f" {self._count}"
        path = Path(self._folder.name) / f"clipboard{number}{_suffix(text)}"
        # half a character, which some programs put there, becomes bytes that are told as no text
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return [(path, f"Clipboard{number}")]

    def close(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _suffix(text: str) -> str:
    start = text.lstrip()[:1]
    if start in ("{", "["):
        return ".json"
    return ".tsv" if "\t" in text.partition("\n")[0] else ".txt"
