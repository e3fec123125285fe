"""The settings of the run, each with the reason for it."""

from __future__ import annotations

from core.models import card_text, catalogue
from core.report.blocks import Block, Cell, Head, Paragraph, Section, Table
from core.report.facts import Facts
from core.report.words import setting
from core.training.events import CrossValidationEvent
from core.training.soundness import figure
from core.training.used import Used, settings_used
from core.words import number

_ELSEWHERE = {"dataset_name", "format", "negatives", "preset"}
_PRESETS = {"automatic": "Automatic", "card": "Card", "quick": "Quick look", "thorough": "Thorough"}


def recipe(facts: Facts) -> Section:
    spec = facts.run.spec
    if spec is None:
        words = facts.run.problem or "The settings of this run cannot be read."
        return Section("recipe", "Recipe", (Paragraph(words, "warning"),))
    used = [one for one in settings_used(spec) if one.key not in _ELSEWHERE]
    reasoned = [one for one in used if one.reason]
    plain = [one for one in used if not one.reason]
    preset = _PRESETS.get(spec.preset, spec.preset.replace("card:", "Card: "))
    blocks: list[Block] = [
        Paragraph(
            f"Preset: {preset}. Values in strong type were set by hand; the others were computed from the data or came from the preset."
        )
    ]
    heads = (
        Head("Setting", weight=1.3),
        Head("Value", weight=1.25),
        Head("Why", weight=4.4),
    )
    if reasoned:
        blocks.append(Table("Settings and reasons", heads, tuple(_row(one) for one in reasoned), named=True))
    if plain:
        words = "; ".join(f"{one.title} {_value(one)}" for one in plain)
        blocks.append(Paragraph(f"Besides: {words}.", "secondary"))
    return Section("recipe", "Recipe", tuple(blocks))


def _row(one: Used) -> tuple[Cell, ...]:
    by_hand = one.source in ("project", "user")
    return Cell(one.title), Cell(_value(one), strong=by_hand), Cell(one.reason)


def _value(one: Used) -> str:
    if one.key == "base_model":  # a path on this machine is cut to its last part
        name = str(one.value)
        return "random weights" if name == catalogue.RANDOM else card_text.name_of(name) or "–"
    return setting(one.value)


def folds(facts: Facts) -> tuple[Table, ...]:
    """What a cross-validation found, where there was one."""
    found = []
    for event in facts.curves.events:
        if isinstance(event, CrossValidationEvent):
            rows: list[tuple[Cell, ...]] = [(Cell("Base model"), Cell(number(event.base)), Cell(""))]
            rows += [_fold(point) for point in event.points]
            heads = (Head("Trained for", weight=2), Head(event.title, True), Head("", weight=1))
            caption = f"Cross-validation: {event.rows:,} rows in {event.folds} parts"
            found.append(Table(caption, heads, tuple(rows), named=True))
    return tuple(found)


def _fold(point: dict[str, object]) -> tuple[Cell, ...]:
    epoch, blend = figure(point.get("epoch")), figure(point.get("blend"))
    words = "Base model" if not epoch else f"{epoch:g} epoch{'' if epoch == 1 else 's'}"
    if epoch and blend not in (None, 1):
        words += f", {100 * (blend or 0):g} % of the way"
    chosen = point.get("chosen") is True
    return (
        Cell(words, strong=chosen),
        Cell(number(figure(point.get("value")))),
        Cell("chosen" if chosen else ""),
    )
