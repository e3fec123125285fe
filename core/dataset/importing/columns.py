"""Mappings that a person wrote: `--columns anchor=query,positive=answer`."""

from __future__ import annotations

import re
from collections.abc import Mapping as AnyMapping

from core.dataset.formats import MAX_NEGATIVES, Format
from core.dataset.importing.choices import Mapping
from core.dataset.importing.guessing import columns_of, quoted_list
from core.dataset.importing.roles import METADATA
from core.dataset.importing.source import Source
from core.errors import ImportProblem, UsageError

_NEGATIVE = re.compile(r"negative(_(?:[1-9]|1[0-6]))?")
_TEXTS = {
    Format.PAIRS: ("anchor", "positive"),
    Format.SCORED: ("text_a", "text_b"),
    Format.TRIPLETS: ("anchor", "positive"),
    Format.CATEGORIES: ("text", "category"),
}
_OTHER_WORDS = {"sentence1": "text_a", "sentence2": "text_b", "label": "score"}
ROLES = "anchor, positive, negative, negative_1 … negative_16, text_a, text_b, score, text, category, split"


def parse_columns(text: str) -> dict[str, str]:
    """ "anchor=q,positive=p" as {"anchor": "q", "positive": "p"}; a comma in a column's name is written as "\\,".

    Raises:
        UsageError: a part is not ROLE=COLUMN, or the role is unknown or given twice.
    """
    result: dict[str, str] = {}
    for part in re.split(r"(?<!\\),", text):
        role, equals, column = part.replace("\\,", ",").partition("=")
        key = role.strip().lower()
        key = _OTHER_WORDS.get(key, key)
        if not equals or not column.strip() or not _is_role(key):
            raise UsageError(f'"{part}" is not ROLE=COLUMN.', f"Roles are {ROLES}.")
        if key in result:
            raise UsageError(f'The role "{key}" is given twice.', "Give every role one column.")
        result[key] = column.strip()
    return result


def format_of(columns: AnyMapping[str, str]) -> Format:
    """The format that the roles belong to."""
    if any(_NEGATIVE.fullmatch(key) for key in columns):
        return Format.TRIPLETS
    if {"text", "category"} & set(columns):
        return Format.CATEGORIES
    return Format.SCORED if {"text_a", "text_b", "score"} & set(columns) else Format.PAIRS


def settle(mapping: Mapping, source: Source) -> Mapping:
    """The mapping with its keys in storage order and the words of its format, checked against the file.

    Raises:
        ImportProblem: a role is missing or has no place in the format, or a column is not in the file; lists both sides.
    """
    format = mapping.format
    given = dict(mapping.columns)
    if not source.use_columns(list(given.values())):
        missing = [name for name in given.values() if name not in source.columns]
        raise ImportProblem(
            f"{source.path.name} has no column {quoted_list(missing)}; its columns are {columns_of(source)}.",
            "Choose among those.",
        )
    # the two texts of a pair are found under either format's words
    for ours, other in zip(
        _TEXTS[format], ("anchor", "positive") if format is Format.SCORED else ("text_a", "text_b")
    ):
        if ours not in given and other in given and format is not Format.CATEGORIES:
            given[ours] = given.pop(other)
    negatives = sorted(
        (k for k in given if _NEGATIVE.fullmatch(k)),
        key=lambda k: int(k.rpartition("_")[2]) if "_" in k else 0,
    )
    wanted = list(_TEXTS[format])
    result = {key: given.pop(key) for key in wanted if key in given}
    if format is Format.TRIPLETS:
        wanted += negatives or ["negative"]
        for number, key in enumerate(negatives[:MAX_NEGATIVES], start=1):
            result["negative" if len(negatives) == 1 else f"negative_{number}"] = given.pop(key)
    absent = [key for key in wanted if key not in result and not _NEGATIVE.fullmatch(key)]
    if absent or (format is Format.TRIPLETS and not negatives):
        absent = absent or ["negative"]
        raise ImportProblem(
            f"{format.title} need {', '.join(wanted)}, but no column was named for {', '.join(absent)}.",
            f"The columns of {source.path.name} are {columns_of(source)}.",
        )
    for key in ("score", *METADATA, "split"):
        if key in given and (key != "score" or format is Format.SCORED):
            result[key] = given.pop(key)
    if given:
        raise ImportProblem(
            f"{format.title} have no {quoted_list(list(given))}.",
            f"Their columns are {', '.join([*wanted, 'split'])}.",
        )
    return Mapping(format, result, mapping.scale)


def _is_role(key: str) -> bool:
    return key in ("anchor", "positive", "text_a", "text_b", "score", "text", "category", "split") or bool(
        _NEGATIVE.fullmatch(key)
    )
