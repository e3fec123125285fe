"""What the run learned from: its own copy of the rows, as they were when it began."""

from __future__ import annotations

from core.report.blocks import Block, Bullets, Cell, Head, Paragraph, Section, Table, cells
from core.report.facts import Facts, Row, SetFacts
from core.report.plain import plain
from core.report.widths import shared
from core.words import count, number, percent

PRIVATE = "The texts are private: this run was made with include_texts off, so none of them is shown."
_ROLES = {
    "anchor": ("Anchor", "anchor"),
    "positive": ("＋ Positive", "positive"),
    "negative": ("− Negative", "negative"),
    "sentence1": ("Text A", "anchor"),
    "sentence2": ("Text B", ""),
    "text": ("Text", ""),
    "category": ("Category", ""),
}


def data(facts: Facts) -> Section:
    spec, found = facts.run.spec, facts.data
    blocks: list[Block] = []
    if spec is not None:
        name = f"“{spec.dataset_name}”" if spec.dataset_name else "A dataset without a name"
        blocks.append(Paragraph(f"{name}: {spec.format.title.lower()}."))
    if found.missing:
        blocks.append(Paragraph(found.missing, "warning"))
    if found.sets:
        blocks.append(_sets(found.sets))
    notes = [note for note in spec.notes if facts.texts or "“" not in note] if spec is not None else []
    if notes:
        blocks.append(Bullets(tuple(notes)))
    if not facts.texts:
        blocks.append(Paragraph(PRIVATE, "secondary"))
    else:
        blocks += [_examples(one) for one in found.sets if one.examples]
    return Section("data", "Data", tuple(blocks))


def _sets(sets: tuple[SetFacts, ...]) -> Table:
    total = sum(one.rows for one in sets)
    rows = tuple(
        cells(
            one.title,
            f"{one.rows:,}",
            percent(one.rows / total) if total else "–",
            f"{one.texts:,}",
            number(one.mean_characters, 0),
            f"{one.longest:,}",
            one.labels or "–",
        )
        for one in sets
    )
    heads = (
        Head("Part", weight=1.2),
        Head("Rows", True, 0.8),
        Head("Share", True, 0.8),
        Head("Distinct texts", True, 1.2),
        Head("Mean length", True, 1.1),
        Head("Longest", True, 0.9),
        Head("Labels", weight=2.4),
    )
    note = "Lengths are in characters."
    if len(sets) == 1:
        note += " Nothing was held out."
    return Table("Rows of the run", heads, rows, note, named=True)


def _examples(one: SetFacts) -> Table:
    heads = tuple(_head(name) for name in one.columns)
    rows = tuple(tuple(_cell(value) for value in row) for row in one.examples)
    caption = f"{one.title}: {len(rows)} of {count(one.rows, 'row')}, spread over the dataset"
    return Table(caption, shared(heads, rows), rows)


def _head(name: str) -> Head:
    if name == "score":
        return Head("Label", True, 0.5)
    title, tone = _ROLES.get(name, ("", ""))
    if not title:  # negative_2 and so on
        title, tone = f"− {name.replace('_', ' ').capitalize()}", "negative"
    return Head(title, weight=2 if name != "category" else 1, tone=tone)


def _cell(value: Row | str | float | None) -> Cell:
    if isinstance(value, float | int):
        return Cell(number(float(value), 2))
    return Cell(plain(str(value)) if value is not None else "–", data=True)
