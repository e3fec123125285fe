"""Files of texts with a category each: which column is which."""

from __future__ import annotations

from collections.abc import Sequence

from core.dataset.formats import Format
from core.dataset.importing.choices import Mapping
from core.dataset.importing.content import Profile
from core.dataset.importing.roles import Named, canonical
from core.dataset.importing.source import Source
from core.dataset.scores import parse_score

# The clearest first: where a file has the numbers of classes and their names, the names say more.
_CATEGORY = (
    "category", "category_name", "label_text", "label_name", "class_name", "class", "topic", "intent", "genre", "cluster",
    "label", "labels", "categories", "tag", "group",
)  # fmt: skip
_TEXT = (
    "text",
    "sentence",
    "texts",
    "utterance",
    "content",
    "title",
    "document",
    "query",
    "question",
    "name",
)
_WORDS = 6  # a category is a short name


def find(source: Source, named: Named, kinds: Sequence[Profile], asked: bool) -> Mapping | None:
    """The mapping of a file of texts with categories. Without `asked` only where the names say so and the cells agree."""
    names = [canonical(column) for column in source.columns] if source.header else [""] * len(source.columns)
    category = next((names.index(name) for name in _CATEGORY if name in names), None)
    if not asked and (category is None or not _only_one_text(named, names, kinds, category)):
        return None
    left = [
        index
        for index, kind in enumerate(kinds)
        if index not in (category, named.split, *named.ids) and kind.kind in ("text", "mixed")
    ]
    text = next((names.index(name) for name in _TEXT if name in names and names.index(name) in left), None)
    if category is None and len(left) == 2:
        category = min(left, key=lambda index: (_distinct(source, index), -index))
        left.remove(category)
    if text is None and left:
        text = left[0]
    if text is None or category is None or text == category or {text, category} & source.lists:
        return None
    if not asked and not _repeats(source, category):
        return None
    columns = {"text": source.columns[text], "category": source.columns[category]}
    if named.split is not None:
        columns["split"] = source.columns[named.split]
    return Mapping(Format.CATEGORIES, columns)


def _only_one_text(named: Named, names: Sequence[str], kinds: Sequence[Profile], category: int) -> bool:
    """Whether nothing else in the file could be the second text of a pair, or a score."""
    if named.second is not None or named.negatives:
        return False
    if named.score is not None and names[named.score] not in _CATEGORY:
        return False
    taken = {category, named.split, *named.ids}
    rest = [index for index, kind in enumerate(kinds) if kind.kind == "text" and index not in taken]
    rest = [index for index in rest if names[index] not in _CATEGORY]
    return len(rest) == 1


def _distinct(source: Source, index: int) -> int:
    return len({row[index].strip() for row in source.sample})


def _repeats(source: Source, index: int) -> bool:
    """Whether the cells are the names or whole numbers of classes: short, and some of them in several rows."""
    cells = [row[index].strip() for row in source.sample if row[index].strip()]
    values = [parse_score(cell) for cell in cells]
    if any(value is not None and value != int(value) for value in values):
        return False
    return len(set(cells)) < len(cells) and all(len(cell.split()) <= _WORDS for cell in cells)
