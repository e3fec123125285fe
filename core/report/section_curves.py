"""How training went: the loss, the hold-out metric beside the base model's, and what was measured."""

from __future__ import annotations

from core.report import chart_curves
from core.report.blocks import Block, Cell, Figure, Figures, Head, Paragraph, Section, Table
from core.report.facts import Facts
from core.report.section_recipe import folds
from core.report.section_summary import figures
from core.training.events import BaselineEvent, EvaluationEvent
from core.words import number

_MOST_ROWS = 14


def curves(facts: Facts) -> Section:
    steps = facts.curves.steps
    drawn: list[Figure] = []
    if len(steps):
        drawn.append(chart_curves.loss(steps.column("step"), steps.column("loss")))
    base = next((one for one in facts.curves.events if isinstance(one, BaselineEvent) and one.metric), None)
    measured = [one for one in facts.curves.events if isinstance(one, EvaluationEvent)]
    if measured:
        drawn.append(_evaluation(facts, base, measured))
    blocks: list[Block] = [Figures(tuple(drawn))] if drawn else []
    if not len(steps):
        blocks.append(Paragraph("The run has no step on record.", "secondary"))
    if not measured:
        why = base.note if base is not None and base.note else "Nothing was evaluated while training."
        blocks.append(Paragraph(why, "secondary"))
    blocks += [*figures(facts), *folds(facts)]
    if measured:
        blocks.append(_table(base, measured))
    return Section("curves", "Training and evaluation", tuple(blocks))


def _evaluation(facts: Facts, base: BaselineEvent | None, measured: list[EvaluationEvent]) -> Figure:
    points = [(0.0, base.value)] if base is not None and base.value is not None else []
    points += [(float(one.step), one.value) for one in measured if one.value is not None]
    found = facts.run.outcome
    kept = (float(found.step), found.tuned) if found.tuned is not None and facts.run.finished else None
    way = ""
    if kept is not None and found.blend not in (None, 0.0, 1.0):
        way = f": {100 * (found.blend or 0):g} % of the way from the base model to step {found.step:,}"
    return chart_curves.evaluation(measured[-1].title, points, base.value if base else None, kept, way)


def _table(base: BaselineEvent | None, measured: list[EvaluationEvent]) -> Table:
    """The points of the curve, for those who cannot see it; of very many the best and the last ones."""
    rows = [(0, 0.0, base.value, False)] if base is not None else []
    rows += [(one.step, one.epoch, one.value, one.best) for one in measured]
    shown = rows
    if len(rows) > _MOST_ROWS:
        best = [row for row in rows if row[3]][-3:]
        shown = sorted({*rows[:2], *best, *rows[-(_MOST_ROWS - 5) :]})
    heads = (Head("Step", True), Head("Epoch", True), Head(measured[-1].title, True), Head("", weight=2))
    made = tuple(
        (
            Cell(f"{step:,}"),
            Cell(number(epoch, 2)),
            Cell(number(value)),
            Cell("base model" if not step else "best so far" if best else ""),
        )
        for step, epoch, value, best in shown
    )
    note = f"{len(shown)} of {len(rows):,} measurements." if len(shown) < len(rows) else ""
    return Table("Measured on the way", heads, made, note, named=True)
