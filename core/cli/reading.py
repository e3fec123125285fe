"""What every command on an existing project needs: opening it for reading and choosing a dataset.

A project that is open in a window can be read beside it. A plain-text project gets its database on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.dataset.formats import DatasetInfo
from core.errors import DataProblem, UsageError

if TYPE_CHECKING:
    from core.project import Reader
    from core.project.queries import Queries


def project_folder(text: str) -> Path:
    """The project's folder, absolute.

    Raises:
        ProjectProblem: nothing there, or no project.
    """
    from core.project import layout

    folder = Path(text).expanduser().absolute()
    layout.check_folder(folder)
    layout.require_project(folder)
    return folder


@contextmanager
def reading(text: str) -> Iterator[Reader]:
    """A read-only connection to the project in the folder `text`.

    Raises:
        ProjectProblem and its kinds.
    """
    from core.project import Reader

    reader = Reader(project_folder(text))
    try:
        yield reader
    finally:
        reader.close()


def chosen(reader: Queries, name: str | None) -> list[DatasetInfo]:
    """The dataset called `name`, or all of them.

    Raises:
        DataProblem: the project has none.
        UsageError: none has that name.
    """
    datasets = reader.datasets()
    if not datasets:
        raise DataProblem("The project has no dataset yet.", "Import a file, or add examples in the window.")
    if name is None:
        return datasets
    found = [dataset for dataset in datasets if dataset.name == name]
    found = found or [dataset for dataset in datasets if dataset.name.casefold() == name.casefold()]
    if not found:
        names = ", ".join(dataset.name for dataset in datasets)
        raise UsageError(f"The project has no dataset called {name!r}.", f"It has: {names}.")
    return found[:1]


def chosen_one(reader: Queries, name: str | None) -> DatasetInfo:
    """As `chosen`, for a command that works on one dataset.

    Raises:
        UsageError: the project has several and `name` is None.
    """
    found = chosen(reader, name)
    if len(found) > 1:
        names = ", ".join(dataset.name for dataset in found)
        raise UsageError(f"The project has {len(found)} datasets.", f"Choose one with --dataset: {names}.")
    return found[0]
