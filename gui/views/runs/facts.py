"""Small tables of a run in words and figures, for the panel at the side. Every text is plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout

from core.training.events import CrossValidationEvent, Event, NoticeEvent, ProbesEvent, RecipeEvent
from core.training.outcome import Outcome
from core.training.probe_table import REGRESSED, STATES, lines, summary, title, told, wish
from core.training.run_probes import RunProbes
from core.training.runs import Run
from core.training.search_record import Record, Tried
from core.training.search_space import words as search_words
from core.training.soundness import figure
from core.training.used import settings_used
from core.words import duration
from gui.views.train.recipe_row import shown
from gui.widgets.basic import ElidedLabel, brief, label, plain_tip, separator
from gui.widgets.score import number

_MOST = 40  # rows of a table; a hold-out can have thousands of parts


@dataclass(frozen=True)
class Row:
    name: str
    values: Sequence[str]
    tip: str = ""
    strong: bool = False


def table(column: QVBoxLayout, title: str, rows: Sequence[Row], heads: Sequence[str] = ()) -> None:
    """A heading and rows of a name and values; nothing where there are no rows."""
    if not rows:
        return
    column.addWidget(separator())
    if title:
        column.addWidget(label(title, "strong"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(0, 1)
    if heads:
        for place, head in enumerate(("", *heads)):
            grid.addWidget(_value(label(head, "caption")) if place else label(head), 0, place)
    for line, row in enumerate(rows[:_MOST], 1):
        name = ElidedLabel(row.name, "caption")
        name.setMinimumWidth(72)
        grid.addWidget(name, line, 0)
        for place, text in enumerate(row.values, 1):
            grid.addWidget(_cell(text, row), line, place)
            grid.setColumnStretch(place, 0 if heads else 1)
            grid.setColumnMinimumWidth(place, 56 if heads else 48)
    column.addLayout(grid)
    if len(rows) > _MOST:
        column.addWidget(label(f"and {len(rows) - _MOST:,} more", "caption"))


def _value(made: QLabel) -> QLabel:
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made


def _cell(text: str, row: Row) -> QLabel:
    made = ElidedLabel(text, "strong" if row.strong else "")
    made.setMinimumWidth(48)
    if row.tip:
        made.setToolTip(plain_tip(row.tip))
    return _value(made)


def settings(column: QVBoxLayout, run: Run) -> None:
    """Every setting; those that somebody chose are strong, the reason is in the tool tip."""
    if run.spec is None:
        return
    rows = [
        Row(used.title, [shown(used.value)], used.reason, used.source in ("project", "user"))
        for used in settings_used(run.spec)
    ]
    table(column, "Settings", rows)
    if any(row.strong for row in rows):
        column.addWidget(
            label(
                "Strong: set by you. The others were computed or came from the preset.", "caption", wrap=True
            )
        )


def results(column: QVBoxLayout, found: Outcome) -> None:
    rows = [
        Row(name.replace("_", " "), [number(base, 3), number(tuned, 3)])
        for name, base, tuned in found.metrics
    ]
    table(column, "Figures on held-out rows", rows, ("base", "kept"))
    parts = [
        Row(f"{part.name} ({part.rows:,})", [number(part.base, 3), number(part.tuned, 3)], part.title)
        for part in found.parts
    ]
    table(column, "Parts of the held-out rows", parts, ("base", "kept"))
    way = [Row(f"{100 * share:g} % of the way", [number(value, 3)]) for share, value in found.line]
    table(column, "Between the base and the tuned weights", way)


def log(column: QVBoxLayout, events: Sequence[Event], probes: RunProbes | None = None) -> None:
    """What only the log of a run knows: probes, cross-validation, notices."""
    if probes is not None and probes.probes:
        _results_of_probes(column, probes)
    else:
        _probes(column, events)
    for event in events:
        if isinstance(event, CrossValidationEvent):
            _folds(column, event)
    said = list(dict.fromkeys(event.text for event in events if isinstance(event, NoticeEvent)))
    if said:
        column.addWidget(separator())
        column.addWidget(label("What was said", "strong"))
        for text in said[:_MOST]:
            column.addWidget(label(brief(text, 1000), "secondary", wrap=True))
        if len(said) > _MOST:
            column.addWidget(label(f"and {len(said) - _MOST:,} more in events.jsonl", "caption"))


def _results_of_probes(column: QVBoxLayout, found: RunProbes) -> None:
    """What the kept model says, what got worse on top and strong."""
    order = list(STATES)
    shown = sorted(lines(found.probes, found), key=lambda line: order.index(line.state))
    rows = []
    for line in shown:
        sign, words = STATES[line.state]
        tip = f"{words}: {title(line.probe)}\n{wish(line.probe)}"
        values = [told(line.probe, line.first), told(line.probe, line.now)]
        name = brief(f"{sign} {title(line.probe)}", 200)
        rows.append(Row(name, values, tip, line.state == REGRESSED))
    table(column, "Probes", rows, ("base", "kept"))
    column.addWidget(label(f"{summary(found)}.", "caption", wrap=True))
    if len(rows) > _MOST:
        column.addWidget(label(f"and {len(rows) - _MOST:,} more under Explore, Probes", "caption"))


def _probes(column: QVBoxLayout, events: Sequence[Event]) -> None:
    recipes = [event for event in events if isinstance(event, RecipeEvent)]
    pairs = recipes[-1].probes if recipes else []
    scores = [event for event in events if isinstance(event, ProbesEvent)]
    if not pairs or not scores:
        return
    first = scores[0].scores if scores[0].step == 0 else []
    last = scores[-1].scores

    def at(values: Sequence[float], place: int) -> float | None:
        return values[place] if place < len(values) else None

    rows = [
        Row(
            brief(f"{one} ↔ {other}", 200),
            [number(at(first, n), 2), number(at(last, n), 2)],
            f"{one}\n{other}",
        )
        for n, (one, other) in enumerate(pairs)
    ]
    table(column, "Probes", rows, ("base", "last"))


def _folds(column: QVBoxLayout, event: CrossValidationEvent) -> None:
    rows = [Row("Base model", [number(event.base, 3)])]
    for point in event.points:
        epoch, blend = figure(point.get("epoch")), figure(point.get("blend"))
        words = "Base model" if not epoch else f"{epoch:g} epoch{'' if epoch == 1 else 's'}"
        if epoch and blend not in (None, 1):
            words += f" · {100 * (blend or 0):g} %"
        chosen = point.get("chosen") is True
        rows.append(
            Row(f"{words} · chosen" if chosen else words, [number(figure(point.get("value")), 3)], "", chosen)
        )
    table(column, f"Cross-validation: {event.rows:,} rows in {event.folds} parts", rows)


def search(column: QVBoxLayout, found: Record) -> None:
    """What a search tried before the run, best first; the settings it chose are strong."""
    order = sorted(range(len(found.tried)), key=lambda n: -_value_of(found.tried[n]))
    rows = []
    for place in order:
        tried, chosen = found.tried[place], found.done and place == found.winner
        name = search_words(tried.settings)
        said = [number(tried.value, 3) if tried.finished else "given up"]
        rows.append(Row(f"{name} · chosen" if chosen else name, said, name, chosen))
    table(column, f"Search: {len(rows)} settings in {duration(found.seconds)}", rows)


def _value_of(tried: Tried) -> float:
    return tried.value if tried.finished and tried.value is not None else float("-inf")
