"""Which column plays which part when another format is chosen: what is known is kept, the rest is taken in order."""

from __future__ import annotations

from core.dataset.formats import MAX_NEGATIVES, Column, Format, columns
from core.dataset.importing import Mapping
from core.dataset.importing.roles import METADATA

_ALIKE = {
    "anchor": ("anchor", "text_a", "text"),
    "text_a": ("text_a", "anchor", "text"),
    "text": ("text", "anchor", "text_a"),
    "positive": ("positive", "text_b"),
    "text_b": ("text_b", "positive"),
    "category": ("category",),
    "score": ("score",),
}


def role_columns(format: Format, negatives: int) -> tuple[Column, ...]:
    return columns(format, max(1, min(negatives, MAX_NEGATIVES)))


def suggest(format: Format, names: list[str], before: Mapping | None) -> Mapping:
    """A mapping of `format` for a file with these columns."""
    old = before.columns if before is not None else {}
    negatives = before.negatives if before is not None and before.format is Format.TRIPLETS else 1
    chosen: dict[str, str] = {}
    wanted = [column.key for column in role_columns(format, negatives)]
    for key in wanted:
        same = next((old[known] for known in _ALIKE.get(key, (key,)) if known in old), "")
        if same and same in names and same not in chosen.values():
            chosen[key] = same
    beside = {old[key] for key in (*METADATA, "split") if key in old}
    left = [name for name in names if name not in chosen.values() and name not in beside]
    for key in wanted:
        if key not in chosen and left:
            chosen[key] = left.pop(0)
    mapping = {key: chosen[key] for key in wanted if key in chosen}
    for key in (*METADATA, "split"):
        if key in old and old[key] in names and old[key] not in mapping.values():
            mapping[key] = old[key]
    same_score = before is not None and old.get("score") == mapping.get("score")
    return Mapping(format, mapping, before.scale if before is not None and same_score else None)
