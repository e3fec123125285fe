"""Folders that are one data set: a Hugging Face dataset (saved to disk, or as it lies on the Hub), or a BEIR task."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.dataset.importing.arrow import StreamSource
from core.dataset.importing.choices import Reading
from core.dataset.importing.datafile import PlainFile
from core.dataset.importing.parts import PartsSource
from core.dataset.importing.qrels import QrelsSource
from core.dataset.importing.roles import SPLITS
from core.dataset.importing.source import Source, chosen_member
from core.errors import FileProblem

Open = Callable[[Path, Reading], Source]

_DATA = (".parquet", ".csv", ".tsv", ".jsonl", ".json", ".ndjson", ".arrow", ".xlsx", ".ods", ".gz", ".zip")
_MOST_FILES = 10_000
_DEPTH = 3  # folders inside the folder
_WORD = re.compile(r"[a-z]+")
_MARKS = ("dataset_dict.json", "dataset_info.json", "dataset_infos.json", "state.json")
_HUB = "Hugging Face dataset"


def open_folder(folder: Path, reading: Reading, open_file: Open) -> Source:
    """
    Raises:
        FileProblem: the folder holds no data set that is known.
    """
    if (qrels := _judgements(folder)) and _named(folder, "corpus") and _named(folder, "queries"):
        companions = (_named(folder, "queries")[0], _named(folder, "corpus")[0])
        parts = [(SPLITS.get(path.stem.split(".")[0].lower(), ""), PlainFile(path)) for path in qrels]
        return QrelsSource(folder, "BEIR folder", parts, companions, reading, open_file)
    if (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file():
        return PartsSource(folder, f"{_HUB}, saved to disk", _saved(folder))
    return _repository(folder, reading, open_file)


def _judgements(folder: Path) -> list[Path]:
    inside = folder / "qrels"
    return sorted([*inside.glob("*.tsv"), *inside.glob("*.txt")]) if inside.is_dir() else []


def _named(folder: Path, stem: str) -> list[Path]:
    return sorted(path for path in folder.glob(f"{stem}.*") if path.is_file() and _is_data(path))


def _is_data(path: Path) -> bool:
    return path.suffix.lower() in _DATA and path.name not in _MARKS and not path.name.startswith((".", "~"))


def _saved(folder: Path) -> list[tuple[str, Source]]:
    """What `save_to_disk` wrote: one folder for each split, or the folder itself."""
    folders = [(name, folder / name) for name in _strings(folder / "dataset_dict.json", "splits")]
    parts: list[tuple[str, Source]] = []
    for split, place in folders or [("", folder)]:
        names = _strings(place / "state.json", "_data_files", "filename")
        for path in [place / name for name in names] or sorted(place.glob("*.arrow")):
            _inside(path, folder)
            parts.append((SPLITS.get(split.lower(), ""), StreamSource(PlainFile(path))))
    if not parts:
        raise FileProblem(f"{folder} names a saved dataset, but its data is missing.", "Save it again.")
    return parts


def _strings(path: Path, key: str, inner: str = "") -> list[str]:
    """A list of names in a small JSON file; empty where there is none."""
    if not path.is_file() or path.stat().st_size > 1 << 20:
        return []
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return []
    found = content.get(key) if isinstance(content, dict) else None
    items = [item.get(inner) if inner and isinstance(item, dict) else item for item in found or []]
    return [item for item in items if isinstance(item, str)]


def _inside(path: Path, folder: Path) -> None:
    """Refuse a data set whose files lie elsewhere: it may come from a stranger."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise FileProblem(f"{folder} names the file {path.name}, which lies outside it.", "Choose another.")


def _repository(folder: Path, reading: Reading, open_file: Open) -> Source:
    """A folder as it lies on the Hub: files that are named after their splits, in sub-folders for its configurations."""
    files = _data_files(folder)
    by_configuration: dict[str, list[tuple[str, Path]]] = {}
    for path in files:
        inside = path.relative_to(folder)
        split = _split_of(inside)
        if split is not None or len(files) == 1:
            by_configuration.setdefault(_configuration(inside), []).append((split or "", path))
    if not by_configuration:
        raise FileProblem(
            f"{folder} is a folder that holds no data set: no files for train, dev or test, and no BEIR task.",
            "Choose the data files themselves.",
        )
    members = sorted(by_configuration)
    member = chosen_member(folder.name, members, reading.member, "configuration")
    for _, path in by_configuration[member]:
        _inside(path, folder)
    parts = [
        (split, open_file(path, replace(reading, member=None))) for split, path in by_configuration[member]
    ]
    source = PartsSource(folder, _HUB, parts)
    if len(members) > 1:
        source.members, source.member = tuple(members), member
        source.choices |= {"member"}
        if reading.member is None:
            source.notes.append(
                f'Only the configuration "{member}" was read; there are {len(members)} of them.'
            )
    return source


def _may_hold_data(name: str) -> bool:
    """Whether a folder inside a data set is looked into; "metadata" is where exports put what stands beside the rows."""
    return name[:1] != "." and name != "metadata"


def _data_files(folder: Path) -> list[Path]:
    """The data files in a folder and the folders in it, by name. A large folder is not searched to its end."""
    found: list[Path] = []
    seen = 0
    for place, folders, names in os.walk(folder):
        inside = Path(place).relative_to(folder)
        folders[:] = [name for name in sorted(folders) if _may_hold_data(name) and len(inside.parts) < _DEPTH]
        found += [path for name in names if _is_data(path := Path(place, name)) and path.is_file()]
        seen += len(names) + len(folders)
        if seen > _MOST_FILES:
            break
    return sorted(found)


def _split_of(inside: Path) -> str | None:
    """The split that a file's name or its folder's speaks of."""
    for part in (inside.name, *reversed(inside.parts[:-1])):
        for word in _WORD.findall(part.lower()):
            if word and SPLITS.get(word):
                return SPLITS[word]
    return None


def _configuration(inside: Path) -> str:
    """The sub-folder that a file lies in, unless that is only called data, or after a split."""
    names = [part for part in inside.parts[:-1] if part != "data" and part.lower() not in SPLITS]
    return "/".join(names) or "default"
