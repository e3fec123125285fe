"""What a command prints: calm aligned text for people, JSON for programs, errors as one sentence."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from core import jsonlines
from core.errors import AnchorLabError

_LEAST_ROOM = 24  # columns; a narrower last column is left to the terminal


class Output:
    """`json` decides between the two forms. Printing goes to the standard output as it was when the command started, so
    that a library that prints meanwhile can be led elsewhere."""

    def __init__(self, as_json: bool) -> None:
        self.json = as_json
        self.stream: TextIO = sys.stdout
        self.live = not as_json and self.stream.isatty()
        self._pending = False  # a progress line stands on the terminal

    def result(self, value: Any) -> None:
        """A single-shot command's answer."""
        text = json.dumps(jsonlines.finite(value), ensure_ascii=False, indent=2, allow_nan=False)
        self._write(text + "\n")

    def record(self, value: dict[str, Any]) -> None:
        """One line of a stream of JSON objects."""
        self._write(jsonlines.dumps(value) + "\n")

    def line(self, text: str = "") -> None:
        self._clear()
        self._write(text + "\n")

    def progress(self, text: str) -> None:
        """A line that the next one replaces; nothing where the output is not a terminal."""
        if self.live:
            width = max(20, shutil.get_terminal_size().columns - 1)
            self._write("\r" + elided(text, width).ljust(width))
            self._pending = True

    def table(
        self, rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset(), indent: str = ""
    ) -> None:
        """Aligned columns; `right` names the columns of numbers. On a terminal a long last cell goes on below itself."""
        widths = (
            [max(display_width(row[slot]) for row in rows) for slot in range(len(rows[0]))] if rows else []
        )
        before = display_width(indent) + sum(widths[:-1]) + 2 * max(0, len(widths) - 1)
        room = shutil.get_terminal_size().columns - before if self.live else 0
        for row in rows:
            cells = [
                padded(cell, width, slot in right) for slot, (cell, width) in enumerate(zip(row, widths))
            ]
            last = cells[-1] if len(row) - 1 in right else row[-1]
            first, *more = (textwrap.wrap(last, room) if room >= _LEAST_ROOM else []) or [last]
            self.line((indent + "  ".join([*cells[:-1], first])).rstrip())
            for rest in more:
                self.line(" " * before + rest)

    def error(
        self, error: AnchorLabError, extra: Mapping[str, Any] | None = None, *, quiet: bool = False
    ) -> None:
        """The sentence on standard error, and for programs the same as an object on standard output (unless `quiet`)."""
        self._clear()
        print(f"anchorlab: {plain(str(error))}", file=sys.stderr, flush=True)
        if self.json and not quiet:
            self.result({"error": error.message, "hint": error.hint, **(extra or {})})

    def _clear(self) -> None:
        if self._pending:
            width = max(20, shutil.get_terminal_size().columns - 1)
            self._write("\r" + " " * width + "\r")
            self._pending = False

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()


def abandon(stream: TextIO) -> None:
    """Whoever read `stream` has gone: what is still buffered must not raise again when the interpreter ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return


def prepare_streams() -> None:
    """Any text can be printed, whatever the terminal's encoding."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            if not stream.isatty() and (stream.encoding or "").lower().replace("-", "") != "utf8":
                reconfigure(encoding="utf-8")
            reconfigure(errors="backslashreplace")


def plain(text: str) -> str:
    """Text from data on one line: nothing in it can move the cursor or change the terminal."""
    words = " ".join(text.split())
    return "".join(
        character
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs") or character in "\u200d\u200c"
        else "\ufffd"
        for character in words
    )


def display_width(text: str) -> int:
    """Columns on a terminal: wide East Asian characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def padded(text: str, width: int, right: bool = False) -> str:
    space = " " * max(0, width - display_width(text))
    return space + text if right else text + space


def elided(text: str, width: int) -> str:
    if display_width(text) <= width:
        return text
    while text and display_width(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"
