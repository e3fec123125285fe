"""The card's tables, aligned in their source as well, so that the file reads well as plain text."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from core.models import card_text
from core.models.card_facts import CardFacts, ColumnFacts, DatasetFacts, EvaluationFacts, LogRow

LONG_LOG = 2_000  # rows; a longer table is folded away, never cut
WIDEST = 120  # a column is not padded beyond this
MOST_LOG_METRICS = 6


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, align: str = "left", indent: str = ""
) -> str:
    """A Markdown table. Cells are Markdown already."""
    widths = [
        max(3, *(len(cell) for cell in column if len(cell) <= WIDEST)) if len(head[slot]) <= WIDEST else 3
        for slot, column in enumerate(zip(head, *rows))
    ]
    mark = ":{}:" if align == "center" else ":{}-"
    rule = [mark.format("-" * width) for width in widths]
    lines = [_row(head, widths), "|" + "|".join(rule) + "|", *(_row(row, widths) for row in rows)]
    return "\n".join(indent + line for line in lines)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |"


def statistics(dataset: DatasetFacts) -> str:
    head = ["", *(card_text.line(column.name) for column in dataset.columns)]
    kinds = ["type", *(column.type for column in dataset.columns)]
    details = ["details", *(_details(column) for column in dataset.columns)]
    return table(head, [kinds, details], indent="  ")


def _details(column: ColumnFacts) -> str:
    if column.type == "string":
        low, mean, high = (
            f"{column.minimum:.0f} tokens",
            f"{round(column.mean, 2)} tokens",
            f"{column.maximum:.0f} tokens",
        )
    else:
        low, mean, high = (str(round(figure, 2)) for figure in (column.minimum, column.mean, column.maximum))
    return f"<ul><li>min: {low}</li><li>mean: {mean}</li><li>max: {high}</li></ul>"


def samples(dataset: DatasetFacts) -> str:
    head = [card_text.line(column.name) for column in dataset.columns]
    rows = [
        [
            card_text.code(
                "" if cell is None else cell if isinstance(cell, str) else str(round(float(cell), 4))
            )
            for cell in sample
        ]
        for sample in dataset.samples
    ]
    return table(head, rows, indent="  ")


def evaluation(facts: EvaluationFacts) -> str:
    """Metric by metric: the tuned model's value, the base model's and the difference."""
    rows = []
    for metric in facts.metrics:
        change = (
            f"{metric.tuned - metric.base:+.4f}"
            if metric.tuned is not None and metric.base is not None
            else "-"
        )
        cells = [card_text.line(metric.name), number(metric.tuned), number(metric.base), change]
        rows.append([f"**{cell}**" if metric.primary else cell for cell in cells])
    return table(["Metric", "Value", "Base model", "Change"], rows)


def number(value: float | None) -> str:
    """Four decimals as the published cards print them; small values keep three figures instead of becoming zero."""
    if value is None:
        return "-"
    if not math.isfinite(value):
        return "not finite"
    if value != 0 and abs(value) < 0.001:
        return f"{value:.3g}"
    return str(round(float(value), 4))


def log(facts: CardFacts) -> str:
    """Every logged step in order, step 0 being the untouched base model. The kept model's row is bold."""
    rows = _merged(facts.log)
    names = _log_metrics(facts, rows)
    prefix = re.sub(r"\s+", "_", facts.evaluation_name.strip())
    head = ["Epoch", "Step"]
    losses = any(row.loss is not None for row in rows)
    rates = any(row.learning_rate is not None for row in rows)
    head += ["Training Loss"] * losses + ["Learning Rate"] * rates
    head += [card_text.line(f"{prefix}_{name}" if prefix else name) for name in names]
    lines = []
    for row in rows:
        cells = [str(round(row.epoch, 4)), str(row.step)]
        if losses:
            cells.append(number(row.loss))
        if rates:
            cells.append("-" if row.learning_rate is None else f"{row.learning_rate:.3g}")
        cells += [number(row.metrics.get(name)) for name in names]
        kept = row.step == facts.run.kept_step
        lines.append([f"**{cell}**" if kept and cell != "-" else cell for cell in cells])
    return table(head, lines, align="center")


def _merged(log: Sequence[LogRow]) -> list[LogRow]:
    """One row a step: an evaluation joins the step it follows."""
    found: dict[int, LogRow] = {}
    for row in log:
        old = found.get(row.step)
        found[row.step] = row if old is None else _joined(old, row)
    return [found[step] for step in sorted(found)]


def _joined(old: LogRow, new: LogRow) -> LogRow:
    loss = old.loss if new.loss is None else new.loss
    rate = old.learning_rate if new.learning_rate is None else new.learning_rate
    return LogRow(max(old.epoch, new.epoch), old.step, loss, rate, {**old.metrics, **new.metrics})


def _log_metrics(facts: CardFacts, rows: Sequence[LogRow]) -> list[str]:
    """The metrics' columns: all of them where they fit, else those that chose the kept model."""
    names = list(dict.fromkeys(name for row in rows for name in row.metrics))
    primary = {metric.name for found in facts.evaluations for metric in found.metrics if metric.primary}
    if len(names) > MOST_LOG_METRICS and primary & set(names):
        return [name for name in names if name in primary]
    return names
