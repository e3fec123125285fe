"""Annotations as Prodigy exports them: a task a line, with an answer of accept, reject or ignore."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.dataset.importing.roles import by_name
from core.dataset.importing.unusable import Unusable

_ANSWERS = ("accept", "reject", "ignore")
_INNER = ("answer", "options", "accept", "meta", "spans", "tokens", "html", "image", "config", "label")
_SCORES = {"accept": "1", "reject": "0", "ignore": ""}

Fields = dict[str, Any]


def recognises(objects: Sequence[Fields]) -> bool:
    return bool(objects) and all(item.get("answer") in _ANSWERS for item in objects)


def reader(objects: Sequence[Fields]) -> Callable[[Any], list[Fields]]:
    """What turns a task of the file that begins with these into records: the same options in every task are categories, other
    options are candidates for the text."""
    options = [tuple(_texts(item).values()) for item in objects if "options" in item]
    as_categories = len(options) > 1 and len(set(options)) == 1

    def records(task: Any) -> list[Fields]:
        if not isinstance(task, dict) or task.get("answer") not in _ANSWERS:
            raise Unusable("it has no answer of accept, reject or ignore")
        if "options" in task:
            return _chosen(task, as_categories)
        fields = {key: value for key, value in task.items() if key not in _INNER and key[:1] != "_"}
        if _is_pair(fields):
            return [{"score": _SCORES[task["answer"]], **fields}]
        _refuse_unless_accepted(task)
        return [{**fields, "label": task["label"]}] if "label" in task else [fields]

    return records


def _is_pair(fields: Fields) -> bool:
    found = by_name(list(fields))
    return found.first is not None and found.second is not None


def _chosen(task: Fields, as_categories: bool) -> list[Fields]:
    _refuse_unless_accepted(task)
    options = _texts(task)
    accepted = [str(id) for id in task.get("accept") or [] if str(id) in options]
    if not accepted:
        raise Unusable("none of its options was chosen in Prodigy")
    text = task.get("text")
    if as_categories:
        return [{"text": text, "label": options[id]} for id in accepted]
    return [
        {
            "anchor": text,
            "positive": [options[id] for id in accepted],
            "negative": [words for id, words in options.items() if id not in accepted],
        }
    ]


def _refuse_unless_accepted(task: Fields) -> None:
    if task["answer"] != "accept":
        raise Unusable(f"it was {'rejected' if task['answer'] == 'reject' else 'ignored'} in Prodigy")


def _texts(task: Fields) -> dict[str, str]:
    """The options of a task by their ids."""
    options = task.get("options")
    if not isinstance(options, list):
        return {}
    return {
        str(option.get("id")): str(option.get("text", option.get("id")))
        for option in options
        if isinstance(option, dict)
    }
