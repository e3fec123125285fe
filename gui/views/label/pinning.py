"""Rows of the table as probes: pairs and queries that every run is measured by."""

from __future__ import annotations

from core.project import Change, Project
from core.project.edits import Compound
from core.project.probes import SetProbe, pairs_of, put, queries_of
from gui.actions.taking_back import take_back
from gui.context import Context
from gui.views.label.selection import Selected

MOST_ROWS = 20  # what a person can keep an eye on
MOST_QUERIES = 500


def pin_as_probes(context: Context, chosen: Selected) -> None:
    """One undo step; a pair that is watched already stays as it is."""
    project, info = context.project, context.dataset
    if project is None or info is None or not chosen.count:
        return
    if chosen.count > MOST_ROWS:
        context.messages.warn(
            f"{chosen.count:,} rows are too many to keep an eye on.", f"Select at most {MOST_ROWS}."
        )
        return
    pairs = pairs_of(info.format, project.examples(chosen.ids()))
    if not pairs:
        context.messages.note(
            "A probe is a pair of texts, and there is none in this selection.", "Select two rows with texts."
        )
        return
    known = {(probe.text, probe.other) for probe in project.probes()}
    new = [(text, other, wish) for text, other, wish in pairs if (text, other) not in known]
    words = "1 pair is" if len(new) == 1 else f"{len(new)} pairs are"
    _pin(context, [SetProbe(0, (text, other, wish, "")) for text, other, wish in new], words)


def pin_as_queries(context: Context, chosen: Selected) -> None:
    """The anchors as queries that should find the texts beside them; one undo step."""
    project, info = context.project, context.dataset
    if project is None or info is None or not chosen.count:
        return
    if chosen.count > MOST_QUERIES:
        context.messages.warn(
            f"{chosen.count:,} rows are too many for probes.", f"Select at most {MOST_QUERIES}."
        )
        return
    probes = queries_of(info.format, project.examples(chosen.ids()))
    if not probes:
        context.messages.note(
            "There is no anchor here with a text that it should find.", "Select rows with a label."
        )
        return
    known = {probe.key for probe in project.probes()}
    new = [put(probe) for probe in probes if probe.key not in known]
    _pin(context, new, "1 query is" if len(new) == 1 else f"{len(new)} queries are")


def _pin(context: Context, edits: list[SetProbe], words: str) -> None:
    if not edits:
        context.messages.note("This is watched already.", "It is listed under Explore, Probes.")
        return

    def pin(project: Project) -> Change:
        return project.apply(Compound(tuple(edits)), "Pin as probe", "label")

    change = context.edit(pin)
    if change is not None:
        context.messages.note(
            f"{words} pinned as {'a probe' if len(edits) == 1 else 'probes'}.",
            "What the models say is shown under Explore, Probes, and while a run goes on. It is never trained on.",
            action="Undo",
            do=take_back(context, change),
        )
