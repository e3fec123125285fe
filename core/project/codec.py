"""Edits that lie in the history, as JSON and back. A project from a stranger is only data: kinds and fields are checked."""

from __future__ import annotations

import json
from typing import Any

from core.project import passes
from core.project.corpus import RestoreTexts, TrashTexts
from core.project.edits import (
    Compound,
    DeleteDataset,
    Edit,
    PutCells,
    RenameDataset,
    RestoreDataset,
    RestoreExamples,
    SetMeta,
    TrashRows,
)
from core.project.passes import DropPass, Judge, PutPass
from core.project.probes import ROLES, More, SetProbe
from core.project.swap import SwapColumns
from core.project.verdicts import SetVerdicts

_AT_ONCE = 5000


def dumps(edit: Edit) -> str:
    return _text(_record(edit))


def _text(record: Any) -> str:
    """As JSON. Long lists are written in parts: no single call may keep Python's other threads waiting."""
    if not isinstance(record, (list, tuple)):
        return _json(record)
    if len(record) <= _AT_ONCE:
        return f"[{','.join(map(_text, record))}]" if _nested(record) else _json(record)
    parts = (_json(record[start : start + _AT_ONCE])[1:-1] for start in range(0, len(record), _AT_ONCE))
    return f"[{','.join(parts)}]"


def _nested(record: Any) -> bool:
    return any(isinstance(part, (list, tuple)) for part in record)


def _json(record: Any) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def loads(text: str) -> Edit:
    """Raises: ValueError when the text is not an edit of the history."""
    try:
        return _edit(json.loads(text))
    except (LookupError, TypeError, RecursionError) as error:
        raise ValueError(f"not an edit: {error}") from error


def batches(edit: Edit) -> list[int]:
    """The batches of deleted rows that the edit can bring back."""
    match edit:
        case RestoreExamples() | RestoreDataset() | RestoreTexts():
            return [edit.batch]
        case Compound():
            return [batch for part in edit.edits for batch in batches(part)]
    return []


def _record(edit: Edit) -> list[Any]:
    match edit:
        case PutCells():
            return ["cells", edit.groups]
        case TrashRows():
            return ["trash", edit.ranges]
        case RestoreExamples():
            return ["restore", edit.batch, edit.ranges]
        case DeleteDataset():
            return ["delete dataset", edit.dataset_id]
        case RestoreDataset():
            return ["restore dataset", edit.dataset_id, edit.batch]
        case SwapColumns():
            return ["swap", edit.dataset_id, edit.first, edit.second]
        case RenameDataset():
            return ["rename dataset", edit.dataset_id, edit.name]
        case SetMeta():
            return ["meta", edit.key, edit.value]
        case TrashTexts():
            return ["trash texts", edit.ranges]
        case RestoreTexts():
            return ["restore texts", edit.batch, edit.ranges]
        case SetProbe():
            return ["probe", edit.id, edit.values, *_more(edit.more)]
        case PutPass() | DropPass() | Judge():
            return passes.record(edit)
        case SetVerdicts():
            return ["verdicts", edit.verdicts]
        case Compound():
            return ["compound", [_record(part) for part in edit.edits]]
    raise TypeError(f"{type(edit).__name__} is never an inverse")


def _edit(record: Any) -> Edit:
    match record:
        case ["cells", [*groups]]:
            return PutCells(tuple((column, ids, values) for column, ids, values in groups))
        case ["trash", [*ranges]]:
            return TrashRows(_ranges(ranges))
        case ["restore", int(batch), [*ranges]]:
            return RestoreExamples(batch, _ranges(ranges))
        case ["delete dataset", int(id)]:
            return DeleteDataset(id)
        case ["restore dataset", int(id), int(batch)]:
            return RestoreDataset(id, batch)
        case ["swap", int(id), int(first), int(second)]:
            return SwapColumns(id, first, second)
        case ["rename dataset", int(id), str(name)]:
            return RenameDataset(id, name)
        case ["meta", str(key), str() | None as value]:
            return SetMeta(key, value)
        case ["probe", int(id), None]:
            return SetProbe(id, None)
        case ["probe", int(id), [str(text), str(other), str(expectation), str(note)]]:
            return SetProbe(id, (text, other, expectation, note))
        case ["probe", int(id), [str(text), str(other), str(expectation), str(note)], int(k), *lists]:
            return SetProbe(id, (text, other, expectation, note), _hits(k, lists))
        case ["verdicts", [*verdicts]]:
            return SetVerdicts(tuple(_verdict(entry) for entry in verdicts))
        case ["trash texts", [*ranges]]:
            return TrashTexts(_ranges(ranges))
        case ["restore texts", int(batch), [*ranges]]:
            return RestoreTexts(batch, _ranges(ranges))
        case ["compound", [*parts]]:
            return Compound(tuple(_edit(part) for part in parts))
        case [*_] if (edit := passes.from_record(record)) is not None:
            return edit
    raise ValueError("not an edit")


def _more(more: More) -> list[Any]:
    """What pairs and bare queries do not have: entries of older histories look like theirs."""
    return [] if more == More() else [more.k, *(getattr(more, role) for role in ROLES)]


def _hits(k: int, lists: list[Any]) -> More:
    if len(lists) != len(ROLES) or any(
        not isinstance(one, list) or any(not isinstance(text, str) for text in one) for one in lists
    ):
        raise ValueError("not the texts of a probe")
    return More(k, *(tuple(one) for one in lists))


def _ranges(ranges: list[Any]) -> tuple[tuple[int, int], ...]:
    return tuple((int(first), int(last)) for first, last in ranges)


def _verdict(entry: list[Any]) -> tuple[str, str, str | None]:
    match entry:
        case [str(anchor), str(text), str() | None as kind]:
            return anchor, text, kind
    raise ValueError("not a verdict")
