"""Which score means "similar": histograms, the threshold, and what it does."""

from __future__ import annotations

from core.report import chart_scores
from core.report.blocks import Block, Cell, Figures, Head, Legend, Paragraph, Section, Table
from core.report.facts import Facts
from core.similarity import cuts
from core.similarity.cuts import EVERY_PART, Side, Sides
from core.similarity.labelled import HELD_OUT, PARTS, TEST, TRAINING, Comparison
from core.similarity.thresholds import Cut
from core.words import count, exactly, fraction, percent

NAME = "Scores and threshold"
_DISSIMILAR = {
    "not similar": "dissimilar ones",
    "nearest negatives": "of an anchor with its nearest negative",
    "at random": "pairs of texts taken at random",
    "rejected or at random": "that somebody rejected or that were taken at random",
}


def scores(facts: Facts) -> Section:
    found = facts.compared.comparison
    if found is None:
        return Section("scores", NAME, (Paragraph(facts.compared.missing, "secondary"),))
    sides = measured(found)
    if sides is None:
        words = "A threshold needs similar and dissimilar pairs, and here there is one kind only."
        return Section("scores", NAME, (Paragraph(words, "secondary"),))
    chosen = facts.chosen()
    best = sides.second.best(cuts.F1)
    line = chosen.threshold if chosen is not None else best.threshold if best else float("nan")
    line = sides.second.cuts.short(line) if chosen is None else line
    first = sides.first.best(cuts.F1)
    other = sides.first.cuts.short(first.threshold) if first else float("nan")
    names = facts.base, facts.tuned
    drawn = chart_scores.histograms(sides, (other, line), names)
    blocks: list[Block] = [
        Paragraph(_measured_on(sides)),
        _legend(sides),
        Figures((drawn,)),
        _table(facts, sides),
    ]
    if chosen is not None:
        words = f"Somebody chose {exactly(chosen.threshold, 4)} for this model, on {count(chosen.pairs, 'comparison')} ({chosen.measured_on}). It stands in the model card, too."
    elif facts.threshold is not None:
        words = f"Somebody chose {exactly(facts.threshold.threshold, 4)}, but for scores of another kind; the line of the tuned model is the cut with the best F1."
    else:
        words = "Nobody chose a threshold for this model; the line of the tuned model is the cut with the best F1."
    blocks.append(Paragraph(words))
    return Section("scores", NAME, tuple(blocks))


def measured(found: Comparison) -> Sides | None:
    """Both models over the first part that has both kinds of pairs: the hold-out, else what there is."""
    parts = set(found.rows.parts.tolist())
    for part in (*(part for part in (HELD_OUT, TEST, TRAINING) if part in parts), EVERY_PART):
        made = cuts.sides(found, part)
        if made.decided:
            return made
    return None


def part_words(sides: Sides) -> str:
    return "every labelled row" if sides.part == EVERY_PART else PARTS[sides.part].lower()


def _measured_on(sides: Sides) -> str:
    side, (similar, other) = sides.second.cuts, sides.kinds
    known = f"{count(side.positives, 'similar pair')} and {side.negatives:,} {_DISSIMILAR.get(other)}"
    if other not in _DISSIMILAR:  # texts with the middles of categories
        known = f"{count(side.positives, 'comparison')} {similar} and {side.negatives:,} {other}"
    words = f"Measured on {part_words(sides)}: {known}."
    if sides.part == TRAINING:
        words += " The model has learned from these rows, so it looks better here than it is."
    return words


def _legend(sides: Sides) -> Legend:
    return Legend((("positive", sides.kinds[0]), ("negative", sides.kinds[1])))


def _table(facts: Facts, sides: Sides) -> Table:
    rows = []
    for name, side in zip((facts.base, facts.tuned), (sides.first, sides.second), strict=True):
        cut = side.best(cuts.F1)
        if cut is not None:
            rows.append(_row(f"{name}, best F1", side, cut))
    if (given := facts.chosen()) is not None:
        chosen = sides.second.cuts.at(given.threshold)
        rows.append(_row(f"{facts.tuned}, chosen", sides.second, chosen, strong=True))
    heads = (
        Head("Threshold of", weight=2.2),
        *(
            Head(title, True, weight)
            for title, weight in (("Threshold", 1.2), ("Precision", 1.15), ("Recall", 1.0))
        ),
        *(Head(title, True, weight) for title, weight in (("F1", 0.8), ("Accuracy", 1.1), ("AUC", 0.8))),
        *(
            Head(title, True, weight)
            for title, weight in (("Found", 0.9), ("False match", 1.0), ("Missed", 0.9))
        ),
    )
    note = "Found: similar pairs that score at least the threshold. AUC: the chance that a similar pair scores higher than a dissimilar one."
    return Table("What the thresholds do", heads, tuple(rows), note, named=True)


def _row(name: str, side: Side, cut: Cut, *, strong: bool = False) -> tuple[Cell, ...]:
    texts = (
        name,
        exactly(side.cuts.short(cut.threshold)),
        percent(cut.precision),
        percent(cut.recall),
        fraction(cut.f1),
        percent(cut.accuracy),
        fraction(side.auc),
        f"{cut.true_positives:,}",
        f"{cut.false_positives:,}",
        f"{cut.false_negatives:,}",
    )
    return tuple(Cell(text, strong=strong) for text in texts)
