"""From a file's columns to a mapping: by name first, by content where the names are silent."""

from __future__ import annotations

from collections.abc import Sequence

from core.dataset.formats import MAX_NEGATIVES, Format
from core.dataset.importing import categories
from core.dataset.importing.choices import Mapping
from core.dataset.importing.content import Profile, profiles, scored_columns
from core.dataset.importing.roles import METADATA, Named, by_name
from core.dataset.importing.source import Source
from core.dataset.scores import parse_score

_NEEDED = {
    Format.PAIRS: "an anchor and a positive",
    Format.SCORED: "two texts and a score",
    Format.TRIPLETS: "an anchor, a positive and a negative",
    Format.CATEGORIES: "a text and its category",
}


def guess(source: Source, format: Format | None = None) -> tuple[Mapping | None, str]:
    """(mapping, ""), or (None, why): for `format`, or for the format that the file holds most evidently."""
    mapping, problem = _texts(source, format)
    return (_with_metadata(mapping, source) if mapping is not None else None), problem


def _with_metadata(mapping: Mapping, source: Source) -> Mapping:
    """With the columns that stand beside the texts, where all of them are there under the names that exports give them."""
    there = [name for name in METADATA if name in source.columns and name not in mapping.columns.values()]
    if len(there) < len(METADATA) or "split" not in mapping.columns or not source.header:
        return mapping
    columns = {key: name for key, name in mapping.columns.items() if key != "split"}
    columns |= {name: name for name in there}
    return Mapping(mapping.format, {**columns, "split": mapping.columns["split"]}, mapping.scale)


def _texts(source: Source, format: Format | None) -> tuple[Mapping | None, str]:
    named = by_name(source.columns) if source.header else Named()
    kinds = profiles(source.sample, len(source.columns))
    if format in (None, Format.CATEGORIES):
        listed = categories.find(source, named, kinds, format is Format.CATEGORIES)
        if listed is not None or format is Format.CATEGORIES:
            return listed, "" if listed else _problem(source, format)
    _complete(named, kinds, source, format)
    chosen = format or _format(named)
    if chosen is None or not _fits(named, chosen):
        return None, _problem(source, format)
    if format is None and (reason := _not_scores(named, chosen, source)):
        return None, reason
    return Mapping(chosen, _columns(named, chosen, source.columns)), ""


def _complete(named: Named, kinds: Sequence[Profile], source: Source, format: Format | None) -> None:
    """Fill in the parts that no name gave. Columns with names of their own kind (ids, split) stay out of it."""
    lists = source.lists
    taken = named.used | set(named.ids)
    rest = [index for index in range(len(kinds)) if index not in taken]
    texts = [index for index in rest if kinds[index].kind == "text" and index not in lists]
    if named.first is None and named.second is None and named.score is None and not named.negatives:
        visible = [kind if index not in taken else Profile("empty") for index, kind in enumerate(kinds)]
        if format in (None, Format.SCORED) and (scored := scored_columns(visible, source.header)):
            named.first, named.second, named.score = scored
            return
    if (named.first is None) != (named.second is None) and len(texts) == 1 and not lists - taken:
        named.first = texts[0] if named.first is None else named.first
        named.second = texts[0] if named.second is None else named.second
    elif named.first is None and named.second is None and not lists - taken:
        if len(texts) == 2 and not named.negatives:
            named.first, named.second = texts
        elif (
            len(texts) >= 3
            and not named.negatives
            and (format is Format.TRIPLETS or _three_texts(kinds, source))
        ):
            named.first, named.second, *named.negatives = texts
    if format is Format.SCORED and named.score is None:
        numbers = [index for index in rest if kinds[index].kind == "number"]
        named.score = numbers[0] if len(numbers) == 1 else None


def _three_texts(kinds: Sequence[Profile], source: Source) -> bool:
    """Three columns of sentences without names are what triplets for retrieval are passed around as."""
    return not source.header and len(kinds) == 3 and all(kind.words >= 2 for kind in kinds)


def _format(named: Named) -> Format | None:
    if named.first is None or named.second is None:
        return None
    if named.negatives:
        return Format.TRIPLETS
    return Format.PAIRS if named.score is None else Format.SCORED


def _fits(named: Named, format: Format) -> bool:
    if named.first is None or named.second is None:
        return False
    if format is Format.TRIPLETS:
        return bool(named.negatives)
    return format is Format.PAIRS or named.score is not None


def _columns(named: Named, format: Format, columns: Sequence[str]) -> dict[str, str]:
    assert named.first is not None and named.second is not None  # `_fits` has seen to that
    a, b = ("text_a", "text_b") if format is Format.SCORED else ("anchor", "positive")
    result = {a: columns[named.first], b: columns[named.second]}
    if format is Format.TRIPLETS:
        negatives = named.negatives[:MAX_NEGATIVES]
        for number, index in enumerate(negatives, start=1):
            result["negative" if len(negatives) == 1 else f"negative_{number}"] = columns[index]
    if format is Format.SCORED and named.score is not None:
        result["score"] = columns[named.score]
    if named.split is not None:
        result["split"] = columns[named.split]
    return result


def _not_scores(named: Named, format: Format, source: Source) -> str:
    """Class labels are no scores: NLI numbers them 0 entailment, 1 neutral, 2 contradiction, which is the wrong way round."""
    if format is not Format.SCORED or named.score is None or not source.header or named.second is None:
        return ""
    cells = {row[named.score].strip() for row in source.sample} - {""}
    nli = source.columns[named.second].strip().casefold() == "hypothesis"
    if nli and cells and {parse_score(cell) for cell in cells} in ({0, 1, 2}, {-1, 0, 1, 2}):
        name = source.columns[named.score]
        return f'Column "{name}" of {source.path.name} holds the classes 0, 1 and 2 of premises and hypotheses, not scores.'
    return ""


def _problem(source: Source, format: Format | None) -> str:
    needed = _NEEDED[format] if format else "; ".join(f"{_NEEDED[f]} for {f.title.lower()}" for f in Format)
    return f"{source.path.name} has the columns {columns_of(source)}, but needed are {needed}."


def columns_of(source: Source) -> str:
    """The columns of a file for a message; without a header, its first row says more than their numbers."""
    if source.header or not source.sample:
        return quoted_list(source.columns)
    return f"{quoted_list(source.columns)} (no header was recognised; the first row is {quoted_list(source.sample[0], 6)})"


def quoted_list(names: Sequence[str], most: int = 12) -> str:
    """ "id", "name" and 3 more"""
    shown = ", ".join(f'"{name[:60]}"' for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
