"""The small files of a run folder, read with care: a folder can be damaged, copied halfway, or made by somebody else.

Nothing outside of the run's folder is read through it: a link that leads out of it counts as missing. What is not a plain file, or
larger than it can be, is not read either. Texts come back as they are; whoever shows them shows plain text.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from core.locks import is_locked
from core.training.soundness import sound
from core.training.spec import Spec

SPEC, LOCK, NOTE, LABEL, CREATED = "spec.json", "run.lock", "note.txt", "name.txt", "created.txt"
LONGEST_LABEL = 80
_MOST_BYTES = {SPEC: 8_000_000, NOTE: 200_000, LABEL: 2_000, CREATED: 200}


def contained(folder: Path, *parts: str) -> Path | None:
    """The plain file at this place inside `folder`; None where there is none, or where a link leads out of the folder."""
    path = folder.joinpath(*parts)
    try:
        inside = path.resolve(strict=True).is_relative_to(folder.resolve(strict=True))
        return path if inside and path.is_file() else None
    except (OSError, RuntimeError):
        return None


def read_text(folder: Path, name: str) -> str | None:
    """A file's text; None where it is missing, "" where it is none. A longer one than it can be is cut."""
    path = contained(folder, name)
    if path is None:
        return None
    try:
        with path.open("rb") as stream:
            found = stream.read(_MOST_BYTES[name])
            return found.decode("utf-8", errors="ignore" if stream.read(1) else "strict")
    except (OSError, ValueError):
        return ""


def read_spec(folder: Path) -> tuple[Spec | None, str]:
    """The settings, or None with the reason in words."""
    path = contained(folder, SPEC)
    if path is None:
        return None, "Its settings (spec.json) are missing."
    try:
        if path.stat().st_size > _MOST_BYTES[SPEC]:
            return None, "Its settings (spec.json) are too large to be settings."
        record = json.loads(read_text(folder, SPEC) or "")
        return Spec(**{**sound(Spec, record), "run_dir": str(folder)}), ""
    except (OSError, ValueError, TypeError, RecursionError):
        return None, "Its settings (spec.json) are damaged."


def held(folder: Path) -> bool:
    """Whether a living process trains in this folder."""
    if contained(folder, LOCK) is None:
        return False
    try:
        return is_locked(folder / LOCK)
    except OSError:  # a disk that cannot be written: nobody trains there
        return False


def one_line(text: str, longest: int = LONGEST_LABEL) -> str:
    """`text` for a place that has one line: no control signs, none that turn the direction of reading, cut where it is long."""
    plain = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else sign
        for sign in text[: 20 * longest]
    )
    line = " ".join(plain.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
