"""`anchorlab new DIR`: a project from an example or from a data file. It is made beside DIR and moved into place when it
is whole, so that a failure leaves nothing behind."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.atomic import explained, put
from core.cli.output import Output, plain
from core.errors import AnchorLabError, FileProblem, ImportProblem, ProjectLocked, UsageError

if TYPE_CHECKING:
    from core.dataset.formats import Rejected
    from core.dataset.importing import ImportResult, Mapping, Reading, TextsResult

_SHOWN = 20  # rejected lines in the human form


def run(args: argparse.Namespace, out: Output) -> int:
    folder = Path(args.dir).expanduser().absolute()
    name = (args.name or folder.name).strip()
    if not name:
        raise UsageError("The project's name is empty.", "Give --name a name.")
    _refuse_occupied(folder)
    if args.example is not None:
        if args.format or args.columns or args.repair:
            raise UsageError("--format, --columns and --repair belong to --from, not to --example.")
        return _finish(out, folder, _from_example(folder, args.example, args.name), [], [])
    return _from_file(args, out, folder, name)


def _from_file(args: argparse.Namespace, out: Output, folder: Path, name: str) -> int:
    from core.dataset.importing import Reading, TextsResult
    from core.project import Project

    result = read_file(Path(args.file).expanduser(), args.format, args.columns, Reading(repair=args.repair))
    rejected = [{"line": item.line, "reason": item.reason} for item in result.rejected]
    rows = len(result.texts) if isinstance(result, TextsResult) else len(result.examples)
    if not rows:
        error = ImportProblem(
            f"No row of {args.file} could be used: {_rejected(result.rejected[0])}"
            if rejected
            else f"{args.file} holds no rows.",
            "Check the file, or name its columns with --columns." if rejected else "Choose a file with data.",
        )
        out.error(error, {"rejected": rejected})
        return error.exit_code
    with under_construction(folder) as place, Project.create(place, name) as project:
        if isinstance(result, TextsResult):
            project.add_texts(result.texts, Path(args.file).name, "Import")
            rows = project.corpus_count()
        else:
            project.create_dataset(
                _title(Path(args.file)),
                result.format,
                result.negatives,
                result.scale,
                result.examples,
                label="Import",
            )
    notes = list(result.notes)
    if isinstance(result, TextsResult):
        notes.append(f"The file holds one text a line: {rows:,} different texts, kept unpaired.")
    return _finish(out, folder, rows, rejected, notes)


def _title(path: Path) -> str:
    """ "words" for words.csv.gz; a folder's name may have dots of its own"""
    if path.is_dir():
        return path.name
    name = path.stem if path.suffix.lower() in (".gz", ".zip") else path.name
    return Path(name).stem


def read_file(
    path: Path, format: str | None, columns: str | None, reading: Reading
) -> ImportResult | TextsResult:
    """The examples of a data file, or the texts of one that has nothing but texts.

    Raises:
        FileProblem, ImportProblem, UsageError
    """
    from core.dataset.formats import Format
    from core.dataset.importing import inspect, read, read_texts

    wanted = Format(format) if format else None
    if not format and not columns:
        seen = inspect(path, reading)
        if seen.reading.corpus is not None and len(seen.columns) == 1:
            return read_texts(path, seen.reading)
    return read(path, _mapping(columns, wanted) if columns else None, wanted, reading=reading)


def _mapping(columns: str, format: Any) -> Mapping:
    from core.dataset.importing import Mapping, parse_columns
    from core.dataset.importing.columns import format_of

    roles = parse_columns(columns)
    return Mapping(format or format_of(roles), roles)


def _from_example(folder: Path, example: str, name: str | None) -> int:
    """Copy the example's files, make its database and return its rows."""
    from core.project import Project
    from core.project.edits import SetMeta
    from core.project.examples import copy_example

    with under_construction(folder) as place:
        copy_example(example, place)
        with Project.open(place) as project:
            if name:
                project.apply(SetMeta("name", name), "Name the project")
            return sum(dataset.rows for dataset in project.datasets())


def _refuse_occupied(folder: Path) -> None:
    """Raises: FileProblem or ProjectLocked where DIR is anything but missing or empty."""
    from core.locks import is_locked
    from core.project import Project

    if not folder.exists():
        if folder.is_symlink():
            raise FileProblem(f"{folder} is a link that leads nowhere.", "Choose another folder.")
        return
    if not folder.is_dir():
        raise FileProblem(f"{folder} is a file.", "Choose a folder that does not exist yet.")
    with explained(folder, "read"):
        empty = not any(folder.iterdir())
    if empty:
        return
    if Project.is_project(folder):
        if is_locked(folder / "project.lock"):
            raise ProjectLocked(f"{folder} is a project that is open elsewhere.", "Choose another folder.")
        raise FileProblem(f"{folder} is a project already.", "Choose another folder.")
    raise FileProblem(f"{folder} is not empty.", "Choose a new folder or an empty one.")


@contextmanager
def under_construction(folder: Path) -> Iterator[Path]:
    """A path to make a project at; it becomes `folder` at the end, and nothing of it is left after a failure.

    Raises:
        DiskFull, FileProblem
    """
    missing = [parent for parent in folder.parents if not parent.exists()]
    with explained(folder, "create"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".new", dir=folder.parent))
    try:
        yield beside / "project"
        with explained(folder, "create"):
            if folder.exists():
                folder.rmdir()
            put(beside / "project", folder)
        missing = []
    except AnchorLabError as error:
        # people know the folder they named, not the one beside it
        error.message = error.message.replace(str(beside / "project"), str(folder))
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        for parent in missing:
            try:
                parent.rmdir()
            except OSError:
                break  # someone else put something there meanwhile


def _finish(out: Output, folder: Path, rows: int, rejected: list[dict[str, Any]], notes: list[str]) -> int:
    if out.json:
        out.result({"rows": rows, "rejected": rejected, "project": str(folder)})
        return 0
    for note in notes:
        out.line(plain(note))
    if rejected:
        out.line(f"{len(rejected):,} line{'' if len(rejected) == 1 else 's'} rejected:")
        shown = [[str(item["line"]), plain(item["reason"])] for item in rejected[:_SHOWN]]
        out.table(shown, right=frozenset({0}), indent="  line ")
        if len(rejected) > _SHOWN:
            out.line(f"  and {len(rejected) - _SHOWN:,} more")
    out.line(f"{rows:,} rows in the new project {folder}")
    return 0


def _rejected(item: Rejected) -> str:
    return f"line {item.line}, {item.reason.rstrip('.')}."
