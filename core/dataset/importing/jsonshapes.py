"""What the values of a JSON file are: flat objects, or one of the nested forms that data sets and labelling tools write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from core.dataset.importing import labelstudio, prodigy
from core.dataset.importing.limits import MAX_ROWS_PER_RECORD
from core.dataset.importing.unusable import Unusable

Fields = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """`records` turns one value of the file into flat records.

    It raises Unusable where the value holds none.
    """

    found: str
    records: Callable[[Any], list[Fields]]
    header: bool = True


def recognise(values: Sequence[Any], whole: bool) -> Shape:
    """The shape of a file whose first values are these; `whole` files are one JSON value, not one a line."""
    objects = [value for value in values if isinstance(value, dict)]
    lists = [value for value in values if isinstance(value, list)]
    if whole and 2 * sum(isinstance(value, str) for value in values) > len(values):
        return Shape("JSON texts", _from_text, header=False)
    if whole and len(values) == 1 and objects and _columns_of(objects[0]):
        return Shape("JSON table by columns", _from_columns)
    if lists and not objects:
        return Shape("JSON lists", _from_list, header=False)
    if objects and all(isinstance(item.get("set"), list) for item in objects):
        return Shape("JSON sets of equal texts", _from_set)
    if objects and all(isinstance(item.get("texts"), list) for item in objects):
        return Shape("JSON texts with labels", _from_texts)
    if labelstudio.recognises(objects):
        return Shape("Label Studio annotations", labelstudio.records)
    if prodigy.recognises(objects):
        return Shape("Prodigy annotations", prodigy.reader(objects))
    return Shape("", _flat)


def _flat(value: Any) -> list[Fields]:
    if not isinstance(value, dict):
        raise Unusable("it is not a JSON object")
    return [value]


def _from_text(value: Any) -> list[Fields]:
    if not isinstance(value, str):
        raise Unusable("it is not a text")
    return [{"column 1": value}]


def _columns_of(value: Fields) -> dict[str, list[Any]] | None:
    """{"anchor": ["a", "b"], "positive": ["c", "d"]}, or as pandas writes it: {"anchor": {"0": "a", "1": "b"}, …}"""
    columns = list(value.values())
    if all(isinstance(column, dict) for column in columns):
        if any(column.keys() != columns[0].keys() for column in columns):
            return None
        return {name: list(column.values()) for name, column in value.items()}
    same = all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns)
    return dict(value) if same and len(columns) > 1 else None


def _from_columns(value: Any) -> list[Fields]:
    columns = _columns_of(value) if isinstance(value, dict) else None
    if columns is None:
        raise Unusable("it is not a table by columns")
    return [dict(zip(columns, cells)) for cells in zip(*columns.values())]


def _from_list(value: Any) -> list[Fields]:
    """["anchor", "positive", "negative"]"""
    if not isinstance(value, list):
        raise Unusable("it is not a list")
    return [{f"column {place}": cell for place, cell in enumerate(value, start=1)}]


def _from_set(value: Any) -> list[Fields]:
    """{"set": ["a", "b", "c"]}: each text is the positive of each other."""
    texts = value.get("set") if isinstance(value, dict) else None
    if not isinstance(texts, list) or len(texts) < 2:
        raise Unusable('it has no "set" of two texts or more')
    if len(texts) * (len(texts) - 1) // 2 > MAX_ROWS_PER_RECORD:
        raise Unusable(f"its set makes more than {MAX_ROWS_PER_RECORD:,} rows")
    return [{"anchor": a, "positive": b} for a, b in combinations(texts, 2)]


def _from_texts(value: Any) -> list[Fields]:
    """{"texts": ["a", "b"], "label": 0.5}"""
    texts = value.get("texts") if isinstance(value, dict) else None
    if not isinstance(texts, list):
        raise Unusable('it has no list of "texts"')
    fields = {f"sentence_{place}": text for place, text in enumerate(texts)}
    return [{**fields, **{key: item for key, item in value.items() if key != "texts"}}]
