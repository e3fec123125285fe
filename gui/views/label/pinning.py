"""Rows of the table as probes: pairs whose similarity is shown while every run goes on."""

from __future__ import annotations

from core.project import Change, Project
from core.project.edits import Compound
from core.project.probes import SetProbe, pairs_of
from gui.context import Context
from gui.views.label.selection import Selected

MOST_ROWS = 20  # what a person can keep an eye on


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
    if not new:
        context.messages.note("This is watched already.", "Its similarity is shown under Train, Probes.")
        return

    def pin(project: Project) -> Change:
        edits = [SetProbe(0, (text, other, wish, "")) for text, other, wish in new]
        return project.apply(Compound(tuple(edits)), "Pin as probe", "label")

    if context.edit(pin) is not None:
        words = "1 pair is" if len(new) == 1 else f"{len(new)} pairs are"
        context.messages.note(
            f"{words} pinned as {'a probe' if len(new) == 1 else 'probes'}.",
            "The similarity is shown under Train, Probes, while a run goes on. It is never trained on.",
            action="Undo",
            do=lambda: context.undo() if project.undo_label == "Pin as probe" else None,
        )
