"""Views of a dataset that a person keeps under a name: filter, search, order and columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace

from core.errors import DataProblem
from core.project.edits import SetMeta
from core.project.queries import Queries
from core.project.ranges import Ranges

META = "views"
CHOSEN_ROWS = "chosen"  # a view of `rows`, whatever they say
LONGEST_NAME = 80
MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class SavedView:
    """`shown` is a filter of the store or the name of another list of the window, `kind` one of its parts; `columns` are
    the keys of the shown columns, in no order, none for the usual ones; `rows` are the ids of a view of chosen rows."""

    name: str
    dataset_id: int
    shown: str = "all"
    kind: str = ""
    search: str = ""
    sort: str = ""
    descending: bool = False
    columns: tuple[str, ...] = ()
    rows: Ranges = ()


def saved_views(source: Queries) -> list[SavedView]:
    """All of the project's, in the order a person gave them. What cannot be read is left out: it is only a way to look."""
    try:
        found = json.loads(source.meta(META, "[]"))
    except ValueError:
        return []
    if not isinstance(found, list):
        return []
    return [view for view in map(_view, found) if view is not None]


def _view(record: object) -> SavedView | None:
    if not isinstance(record, dict):
        return None
    blank = SavedView("", 0)
    values = {}
    for item in fields(SavedView):
        value = record.get(item.name, getattr(blank, item.name))
        if item.name == "columns" and isinstance(value, list):
            value = tuple(value)
        if item.name == "rows" and isinstance(value, list):
            value = _ranges(value)
        if type(value) is not type(getattr(blank, item.name)):
            return None
        values[item.name] = value
    if not values["name"] or not all(isinstance(key, str) for key in values["columns"]):
        return None
    return SavedView(**values)


def _ranges(value: list[object]) -> Ranges | None:
    found = []
    for pair in value:
        match pair:
            case [int(first), int(last)] if first <= last:
                found.append((first, last))
            case _:
                return None
    return tuple(found) if sum(last - first + 1 for first, last in found) <= MOST_ROWS else None


def store(views: Sequence[SavedView]) -> SetMeta:
    """The edit that makes these the project's views."""
    return SetMeta(META, json.dumps([asdict(view) for view in views], ensure_ascii=False) if views else None)


def added(views: Sequence[SavedView], view: SavedView) -> list[SavedView]:
    """With one more at the end.

    Raises:
        DataProblem: it has no name, or another view of the dataset has the same.
    """
    return [*views, replace(view, name=_free_name(views, view, -1))]


def renamed(views: Sequence[SavedView], place: int, name: str) -> list[SavedView]:
    """Raises: DataProblem, as `added`."""
    wanted = replace(views[place], name=name)
    changed = list(views)
    changed[place] = replace(wanted, name=_free_name(views, wanted, place))
    return changed


def moved(views: Sequence[SavedView], place: int, step: int) -> list[SavedView]:
    """With the view one place further up (-1) or down (1) among those of its dataset."""
    own = [n for n, view in enumerate(views) if view.dataset_id == views[place].dataset_id]
    target = own.index(place) + step
    if not 0 <= target < len(own):
        return list(views)
    changed = list(views)
    other = own[target]
    changed[place], changed[other] = changed[other], changed[place]
    return changed


def _free_name(views: Sequence[SavedView], view: SavedView, own_place: int) -> str:
    name = " ".join(view.name.split())[:LONGEST_NAME]
    if not name:
        raise DataProblem("A view needs a name.", "Type one.")
    for place, other in enumerate(views):
        if place != own_place and (other.dataset_id, other.name.casefold()) == (
            view.dataset_id,
            name.casefold(),
        ):
            raise DataProblem(f"There is already a view “{other.name}”.", "Choose another name.")
    return name
