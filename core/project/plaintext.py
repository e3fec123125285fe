"""Projects written as text: `project.toml` and data files beside it, turned into a database when first opened.

    [project]            name, description, preset
    [[dataset]]          name, format, file, eval_file (its rows get the split "eval"), negatives, scale = [low, high]
    [[probe]]            text, and for a pair other with expectation = "similar" or "different", or lower = [text, other]; for a query
                         expected = […], unwanted = […], k; note
    [recipe]             settings with the keys of `--set`, e.g. loss = "…", "loss.scale" = 20.0

The settings are fixed in the project, unless it names a preset: then they are what the preset "card" gives, and the project starts
with the preset named, "card" or "automatic".

Such a folder may come from a stranger: only files inside it are read.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from core.dataset.formats import Example, Format, Scale
from core.errors import DataProblem, FileProblem, ProjectLocked, ProjectProblem
from core.locks import FileLock
from core.project import layout
from core.project.edits import CreateDataset, Edit, SetMeta
from core.project.probes import FIRST, ROLES, More, SetProbe, check
from core.project.values import parse_score

if TYPE_CHECKING:
    from core.dataset.importing import ImportResult


def materialise_if_needed(folder: Path) -> None:
    """Make the database of a plain-text project that has none yet, under the project's lock.

    Raises:
        ProjectLocked: another window is making it right now.
        ProjectProblem, ImportProblem, DataProblem, DiskFull: the text is wrong; nothing is left behind.
    """
    if not is_plain(folder):
        return
    lock = FileLock(folder / layout.LOCK)
    try:
        if not lock.acquire():
            raise ProjectLocked(
                f"The project in {folder} is being opened in another window.", "Try again in a moment."
            )
    except FileProblem as error:
        raise ProjectProblem(
            f"The project in {folder} has to be prepared once, and the folder cannot be written.",
            "Copy it to a folder of your own first.",
        ) from error
    try:
        if is_plain(folder):
            materialise(folder)
    finally:
        lock.release()


def is_plain(folder: Path) -> bool:
    """Whether the database is still to be made. One that had backups is missing, not new."""
    return (
        (folder / layout.PLAIN_TEXT).is_file()
        and not (folder / layout.DATABASE).exists()
        and not layout.backups(folder)
    )


def materialise(folder: Path) -> None:
    """Make `project.db` from `project.toml`, completely or not at all. The caller holds the lock."""
    path = folder / layout.PLAIN_TEXT
    description = _load(path)
    project = _table(description, "project", path)
    edits: list[Edit] = [
        SetMeta("name", _string(project, "name", path, folder.name)),
        SetMeta("description", _string(project, "description", path, "")),
    ]
    recipe = _table(description, "recipe", path)
    for key, value in recipe.items():
        if not isinstance(value, (str, int, float, bool)):
            raise _wrong(path, f"the recipe setting “{key}” must be a number, a word or true/false")
    preset = _string(project, "preset", path, "")
    if preset not in ("", "automatic", "card"):
        raise _wrong(path, "the preset is automatic or card")
    if preset:
        edits.append(SetMeta("preset", preset))
    if recipe:
        edits.append(SetMeta("card_recipe" if preset else "recipe", json.dumps(recipe, ensure_ascii=False)))
    datasets = description.get("dataset", [])
    if not isinstance(datasets, list) or not all(isinstance(entry, dict) for entry in datasets):
        raise _wrong(path, "each dataset starts with [[dataset]]")
    edits += [_dataset(folder, path, entry) for entry in datasets]
    probes = description.get("probe", [])
    if not isinstance(probes, list) or not all(isinstance(entry, dict) for entry in probes):
        raise _wrong(path, "each probe starts with [[probe]]")
    edits += [_probe(path, entry) for entry in probes]
    from core.project import storage

    storage.create(folder, edits)


def _dataset(folder: Path, path: Path, entry: dict[str, Any]) -> CreateDataset:
    file = _inside(folder, path, _string(entry, "file", path))
    try:
        format = Format(_string(entry, "format", path))
    except ValueError as error:
        raise _wrong(path, f"the format of a dataset is one of {', '.join(Format)}") from error
    train = _read(file, format)
    negatives = entry.get("negatives", train.negatives)
    if format is Format.TRIPLETS and negatives != train.negatives:
        raise _wrong(path, f"{file.name} has {train.negatives} negative columns, not {negatives}")
    scale = _scale(path, entry["scale"]) if "scale" in entry else train.scale
    examples = _on_scale(train, scale, file)
    if "eval_file" in entry:
        eval_path = _inside(folder, path, _string(entry, "eval_file", path))
        held = _read(eval_path, format)
        if held.negatives != train.negatives:
            raise _wrong(path, f"{eval_path.name} does not have the columns of {file.name}")
        examples += [replace(example, split="eval") for example in _on_scale(held, scale, eval_path)]
    return CreateDataset(
        _string(entry, "name", path, file.stem), format, max(train.negatives, 1), scale, examples
    )


def _probe(path: Path, entry: dict[str, Any]) -> SetProbe:
    lists = {key: entry.get(key, []) for key in ROLES}
    for key, texts in lists.items():
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise _wrong(path, f"“{key}” of a probe is a list of texts")
    k = entry.get("k", FIRST)
    if type(k) is not int:
        raise _wrong(path, "“k” of a probe is a whole number")
    words = [_string(entry, key, path, "") for key in ("other", "expectation", "note")]
    other, expectation, note = words
    values = (_string(entry, "text", path), other, expectation, note)
    more = More(k, *(tuple(lists[key]) for key in ROLES))
    try:
        check(values, more)
    except DataProblem as error:
        raise ProjectProblem(f"{path}: {error.message}", error.hint) from error
    return SetProbe(0, values, more)


def _read(file: Path, format: Format) -> ImportResult:
    from core.dataset.importing import read

    result = read(file, format=format)
    if result.rejected:
        first = result.rejected[0]
        raise ProjectProblem(
            f"{len(result.rejected)} lines of {file} cannot be read; the first is line {first.line}: {first.reason}",
            "Correct the file and open the project again.",
        )
    return result


def _on_scale(result: ImportResult, scale: Scale, file: Path) -> list[Example]:
    """The examples with their scores read on the project's scale rather than the one guessed from this file."""
    if result.format is not Format.SCORED or result.scale == scale:
        return list(result.examples)
    found = []
    for number, example in enumerate(result.examples, 1):
        score, raw = parse_score(example.raw_score, scale, f"{file.name}, example {number}")
        found.append(replace(example, score=score, raw_score=raw))
    return found


def _load(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectProblem(f"{path} is not valid TOML: {error}.", "Correct the file.") from error
    except OSError as error:
        raise ProjectProblem(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error


def _inside(folder: Path, path: Path, name: str) -> Path:
    """The data file called `name`, which must lie inside the project's folder, links resolved."""
    parts = PureWindowsPath(name)  # its rules cover both kinds of separators and drives
    if PurePosixPath(name).is_absolute() or parts.anchor or ".." in parts.parts or "\0" in name:
        raise _wrong(path, f"the file “{name}” lies outside the project's folder")
    file = folder.joinpath(*parts.parts)
    if not file.resolve().is_relative_to(folder.resolve()):
        raise _wrong(path, f"the file “{name}” is a link to outside the project's folder")
    if not file.is_file():
        raise ProjectProblem(
            f"{path} names the file “{name}”, which is not there.",
            "Put the file beside it, or correct the name.",
        )
    return file


def _table(description: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
    found = description.get(key, {})
    if not isinstance(found, dict):
        raise _wrong(path, f"“{key}” must be a table, [{key}]")
    return found


def _string(table: dict[str, Any], key: str, path: Path, default: str | None = None) -> str:
    found = table.get(key, default)
    if not isinstance(found, str) or (default is None and not found.strip()):
        raise _wrong(path, f"“{key}” is missing" if found is None else f"“{key}” must be text")
    return found


def _scale(path: Path, found: Any) -> Scale:
    match found:
        case [int() | float() as low, int() | float() as high] if low != high:
            return Scale(float(low), float(high))
    raise _wrong(path, "the scale is two different numbers, as in scale = [0, 1]")


def _wrong(path: Path, what: str) -> ProjectProblem:
    return ProjectProblem(f"{path}: {what}.", "Correct the file.")
