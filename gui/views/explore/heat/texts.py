"""Which texts a heat map compares: the first of a dataset or a view, unpaired ones, typed ones, or some that another tab chose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.dataset.formats import Example, texts_of
from core.errors import Cancelled
from core.project import Project, Reader
from core.project.saved_views import saved_views
from core.project.views import FILTERS, View

TYPED, CHOSEN, UNPAIRED = "typed", "chosen", "unpaired"
_FILTERS = {"flagged": "Flagged rows", "train": "Train rows", "eval": "Eval rows", "test": "Test rows"}
_PORTION = 500


@dataclass(frozen=True)
class Source:
    """`view` is None where the texts are no rows of the dataset."""

    key: str
    title: str
    view: View | None = None


def sources(project: Project, dataset_id: int | None) -> list[Source]:
    """What the project offers; rows of the dataset first."""
    found: list[Source] = []
    if dataset_id is not None:
        counts = project.counts(dataset_id)
        found.append(Source("all", "Rows of the dataset", View()))
        found += [
            Source(key, title, View(filter=key)) for key, title in _FILTERS.items() if counts.get(key, 0)
        ]
        found += [
            Source(
                f"view {view.name}",
                f"View: {view.name}",
                View(view.search, view.shown, view.sort, view.descending),
            )
            for view in saved_views(project)
            if view.dataset_id == dataset_id and view.shown in FILTERS
        ]
    if project.corpus_count():
        found.append(Source(UNPAIRED, "Unpaired texts"))
    return [*found, Source(TYPED, "Typed texts")]


def first_texts(
    folder: Path, dataset_id: int | None, source: Source, count: int, should_stop: Callable[[], bool]
) -> list[str]:
    """The first `count` distinct texts of a source, blank ones left out.

    Raises:
        Cancelled: `should_stop` said so.
        ProjectProblem, DataProblem: the project or the dataset cannot be read.
    """
    with Reader(folder) as reader:
        if source.key == UNPAIRED:
            return _distinct((one.text for one in reader.corpus_texts()), count, should_stop)
        if dataset_id is None or source.view is None:
            return []
        format = reader.dataset(dataset_id).format
        rows = reader.rows(dataset_id) if source.view == View() else _viewed(reader, dataset_id, source.view)
        texts = (text for row in rows for text in texts_of(format, row.texts))
        return _distinct(texts, count, should_stop)


def typed_texts(written: str, count: int) -> list[str]:
    """One text a line."""
    return _distinct((line.strip() for line in written.splitlines()), count, lambda: False)


def _viewed(reader: Reader, dataset_id: int, view: View) -> Iterator[Example]:
    ids = reader.ids(dataset_id, view)
    for start in range(0, len(ids), _PORTION):
        yield from reader.examples(ids[start : start + _PORTION])


def _distinct(texts: Iterable[str], count: int, should_stop: Callable[[], bool]) -> list[str]:
    found: dict[str, None] = {}
    for number, text in enumerate(texts):
        if number % 200 == 0 and should_stop():
            raise Cancelled
        if text.strip():
            found[text] = None
        if len(found) >= count:
            break
    return list(found)
