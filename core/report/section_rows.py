"""What training did to the labelled rows: fixed, broken, still wrong, still right, training and hold-out apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import Format
from core.report import chart_outcomes
from core.report.blocks import Block, Cell, Figures, Head, Paragraph, Section, Subheading, Table, cells
from core.report.facts import Facts
from core.report.plain import plain
from core.report.section_data import PRIVATE
from core.report.widths import shared
from core.report.words import points
from core.similarity.before_after import Outcome, Tally
from core.similarity.labelled import HELD_OUT, PARTS, TEST, TRAINING, Comparison
from core.words import beside, count, exactly, percent, signed

# How many examples of each outcome are shown, by part; the hold-out tells more than what was learned by heart.
_SHOWN = {
    HELD_OUT: {Outcome.FIXED: 4, Outcome.BROKEN: 4, Outcome.STILL_WRONG: 4, Outcome.STILL_RIGHT: 2},
    TEST: {Outcome.FIXED: 4, Outcome.BROKEN: 4, Outcome.STILL_WRONG: 4, Outcome.STILL_RIGHT: 2},
    TRAINING: {Outcome.FIXED: 3, Outcome.BROKEN: 3, Outcome.STILL_WRONG: 3, Outcome.STILL_RIGHT: 0},
}
_ORDER = (HELD_OUT, TEST, TRAINING)
_LONGEST = 170  # characters of a text in these narrow tables

Values = NDArray[np.float64]


def before_after(facts: Facts) -> Section:
    found = facts.compared.comparison
    if found is None:
        return Section("rows", "Before and after", (Paragraph(facts.compared.missing, "secondary"),))
    tallies = found.tallies()
    decided = [(part, one) for part, one in tallies.items() if one.count]
    blocks: list[Block] = [Paragraph(_rule(found))]
    if facts.compared.changed:
        words = f"{count(facts.compared.changed, 'row')} of the run changed or went since then; the rows stand here as they are now."
        blocks.append(Paragraph(words, "warning"))
    if decided:
        blocks.append(Figures((chart_outcomes.bars([(PARTS[part], one) for part, one in decided]),)))
    blocks.append(_tallies(tallies))
    if HELD_OUT not in tallies:
        blocks.append(
            Paragraph("Nothing was held out: rows that the model has learned from prove little.", "warning")
        )
    if not facts.texts:
        blocks.append(Paragraph(PRIVATE, "secondary"))
    else:
        blocks += _examples(facts, found, dict(decided))
    return Section("rows", "Before and after", tuple(blocks))


def _rule(found: Comparison) -> str:
    if found.rows.format is Format.TRIPLETS:
        return "A triplet is right when the anchor is nearer to its positive than to its nearest negative."
    if found.rows.format is Format.CATEGORIES:
        return "A text is right when it is nearer to the rest of its category than to any other category."
    first, second = found.cuts
    if first != first or second != second:
        return "Right and wrong need similar and dissimilar pairs, and here there is one kind only."
    against = (
        ", first texts with second texts of other rows being the dissimilar ones"
        if found.rows.format is Format.PAIRS
        else ""
    )
    return (
        f"A pair is right when its score is on the side of the threshold that its label says: {exactly(first)} for the base model, "
        f"{exactly(second)} for the tuned one, each the cut with the highest accuracy over all labelled rows{against}."
    )


def _tallies(tallies: dict[int, Tally]) -> Table:
    heads = (
        Head("Part", weight=1.5),
        Head("Rows", True),
        Head("Fixed", True),
        Head("Broken", True),
        Head("Still wrong", True, 1.1),
        Head("Still right", True, 1.1),
        Head("Right before", True, 1.25),
        Head("Right after", True, 1.2),
        Head("Change", True, 1.35),
    )
    rows = []
    undecided = 0
    for part, one in tallies.items():
        undecided += one.undecided
        if not one.count:
            rows.append((*cells(PARTS[part], "0", *["–"] * 6), Cell("not decided", "secondary")))
            continue
        tone = "" if not one.sure else "positive" if one.change > 0 else "negative"
        rows.append(
            (
                *cells(PARTS[part], f"{one.count:,}", f"{one.fixed:,}", f"{one.broken:,}"),
                *cells(
                    f"{one.still_wrong:,}", f"{one.still_right:,}", percent(one.before), percent(one.after)
                ),
                Cell(points(one.change), tone, strong=True),
            )
        )
    note = "Change = (fixed − broken) / rows."
    if any(one.change and not one.sure for one in tallies.values() if one.count):
        note += " What is not coloured may be chance: too few rows changed."
    if undecided:
        note += f" {count(undecided, 'row')} without a verdict left out."
    return Table("Right and wrong, before and after", heads, tuple(rows), note, named=True)


def _examples(facts: Facts, found: Comparison, tallies: dict[int, Tally]) -> list[Block]:
    before, after = distances(found)
    blocks: list[Block] = []
    for part in _ORDER:
        if part not in tallies:
            continue
        tables = []
        for outcome, most in _SHOWN[part].items():
            places = telling(found, before, after, part, outcome)
            if len(places) and most:
                tables.append(_table(facts, found, outcome, places, most))
        if tables:
            blocks += [Subheading(f"{PARTS[part]}: the most telling rows{_against(found)}"), *tables]
    return blocks


def _against(found: Comparison) -> str:
    """A row can change sides because the threshold moved, not the row."""
    first, second = found.cuts
    return "" if found.by_margin or first != first else f", threshold {exactly(first)} → {exactly(second)}"


def distances(found: Comparison) -> tuple[Values, Values]:
    """How far each row is on its right side under either model; below 0 it is wrong."""
    if found.by_margin:
        return found.first.margin, found.second.margin
    sign = np.where(found.rows.similar >= 0.5, 1.0, -1.0)
    first, second = found.cuts
    return sign * (found.first.similarity - first), sign * (found.second.similarity - second)


def telling(
    found: Comparison, before: Values, after: Values, part: int, outcome: Outcome
) -> NDArray[np.int64]:
    """The rows of an outcome, those that tell most first: what moved farthest, or is most wrong still."""
    places = np.flatnonzero((found.outcomes == outcome) & (found.rows.parts == part))
    by = {
        Outcome.FIXED: before - after,
        Outcome.BROKEN: after - before,
        Outcome.STILL_WRONG: after,
        Outcome.STILL_RIGHT: before - after,
    }[outcome]
    return places[np.argsort(by[places], kind="stable")]


def _table(facts: Facts, found: Comparison, outcome: Outcome, places: NDArray[np.int64], most: int) -> Table:
    shown = places[:most].tolist()
    format, margin = found.rows.format, found.by_margin
    values = [model.margin if margin else model.similarity for model in (found.first, found.second)]
    lines = (0.0, 0.0) if margin else found.cuts
    heads = [Head("Row", True, 0.55), *_text_heads(format)]
    if format is Format.SCORED:
        heads.append(Head("Label", weight=1.25))
    kind = "margin" if margin else "score"
    heads += [Head(f"Base {kind}", True, 0.85), Head(f"Tuned {kind}", True, 0.85), Head("Change", True, 0.85)]
    rows = []
    for place in shown:
        one, other = (float(value[place]) for value in values)
        row = [Cell(f"{int(found.rows.numbers[place]):,}", "secondary"), *_texts(found, place)]
        if format is Format.SCORED:
            similar = found.rows.similar[place] >= 0.5
            row.append(
                Cell("similar" if similar else "not\u00a0similar", "positive" if similar else "negative")
            )
        told = [beside(value, line, 2, above=margin) for value, line in zip((one, other), lines, strict=True)]
        row += cells(*told, signed(other - one, 2))
        rows.append(tuple(row))
    caption = f"{outcome.title}: {len(shown)} of {len(places):,}"
    return Table(caption, shared(heads, rows), tuple(rows))


def _text_heads(format: Format) -> list[Head]:
    if format is Format.TRIPLETS:
        return [
            Head("Anchor", weight=2, tone="anchor"),
            Head("＋ Positive", weight=2, tone="positive"),
            Head("− Negative", weight=2, tone="negative"),
        ]
    if format is Format.CATEGORIES:
        return [Head("Text", weight=4), Head("Category", weight=1.6)]
    if format is Format.PAIRS:
        return [Head("Anchor", weight=2.6, tone="anchor"), Head("＋ Positive", weight=2.6, tone="positive")]
    return [Head("Text A", weight=2.6, tone="anchor"), Head("Text B", weight=2.6)]


def _texts(found: Comparison, place: int) -> list[Cell]:
    texts = found.rows.texts[place]
    wanted = 3 if found.rows.format is Format.TRIPLETS else 2
    shown = list(texts[:wanted])
    if len(texts) > wanted:
        shown[-1] = " · ".join(texts[wanted - 1 :])
    return [Cell(plain(text, _LONGEST), data=True) for text in shown]
