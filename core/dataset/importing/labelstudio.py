"""Tasks as Label Studio exports them, in full (JSON) or in short (JSON-MIN)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from core.dataset.importing.roles import by_name
from core.dataset.importing.unusable import Unusable

Fields = dict[str, Any]

_SHORT = ("annotation_id", "annotator", "annotations", "created_at", "updated_at", "lead_time")


def recognises(objects: Sequence[Fields]) -> bool:
    """Whether these are tasks in full, or flat ones with the marks of the short form."""
    in_full = all(isinstance(item.get("data"), dict) and _annotations(item) is not None for item in objects)
    in_short = all({"annotation_id", "annotator"} <= item.keys() for item in objects)
    return bool(objects) and (in_full or in_short)


def records(task: Any) -> list[Fields]:
    """One record for every annotation of a task; the task's own fields alone where nobody has annotated it."""
    if not isinstance(task, dict):
        raise Unusable("it is not a task")
    if not isinstance(task.get("data"), dict):
        return [{key: _short(value) for key, value in task.items() if key not in _SHORT}]
    fields = {key: value for key, value in task["data"].items() if isinstance(value, (str, int, float))}
    found = _annotations(task) or []
    done = [item for item in found if isinstance(item, dict) and not item.get("was_cancelled")]
    if found and not done:
        raise Unusable("it was skipped in Label Studio")
    return [_annotated(fields, item) for item in done] or [fields]


def _annotations(task: Fields) -> list[Any] | None:
    found = task.get("annotations", task.get("completions"))
    return found if isinstance(found, list) else None


def _annotated(fields: Fields, annotation: Fields) -> Fields:
    values = dict(fields)
    for part in annotation.get("result") or []:
        if not isinstance(part, dict) or not isinstance(part.get("value"), dict):
            continue
        if part.get("type") == "pairwise":
            return _compared(fields, part["value"].get("selected"))
        values[str(part.get("from_name", "label"))] = _value(part["value"])
    return values


def _compared(fields: Fields, selected: Any) -> Fields:
    """Two answers of which one was chosen, and the text that they answer: a triplet."""
    texts = {key: value for key, value in fields.items() if isinstance(value, str)}
    if len(texts) != 3 or selected not in ("left", "right"):
        raise Unusable("it compares two texts, but there is not one text that they are compared for")
    names = list(texts)
    first = by_name(names).first
    anchor = names.pop(first if first is not None else 0)
    left, right = names if selected == "left" else reversed(names)
    return {"anchor": texts[anchor], "positive": texts[left], "negative": texts[right]}


def _value(value: Fields) -> Any:
    for key in ("choices", "text"):
        found = value.get(key)
        if isinstance(found, list):
            return found[0] if len(found) == 1 else found
        if isinstance(found, str):
            return found
    for key in ("rating", "number"):
        if key in value:
            return value[key]
    return json.dumps(value, ensure_ascii=False)


def _short(value: Any) -> Any:
    return _value(value) if isinstance(value, dict) else value
