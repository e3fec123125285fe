"""From facts to the report: which sections there are, and in which order."""

from __future__ import annotations

from datetime import datetime

from core.models import card_text, catalogue
from core.report import (
    section_data,
    section_more,
    section_probes,
    section_recipe,
    section_rows,
    section_scores,
)
from core.report.blocks import Report, Section
from core.report.facts import Facts
from core.report.plain import line
from core.report.section_curves import curves
from core.report.section_summary import summary
from core.training.run_files import one_line

_STATES = {"stopped": "stopped by hand, kept"}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def report(facts: Facts) -> Report:
    """Every section that has something to say; the same facts give the same report."""
    run, spec = facts.run, facts.run.spec
    found: list[Section | None] = [
        summary(facts),
        section_data.data(facts),
        section_recipe.recipe(facts),
        curves(facts),
    ]
    if run.model is not None:
        found += [
            section_rows.before_after(facts),
            section_scores.scores(facts),
            section_probes.probes(facts),
            section_more.texts_map(facts),
            section_more.usage(facts),
        ]
    else:
        found.append(section_probes.probes(facts))
    found += [section_more.environment(facts), section_more.limits(facts)]
    name = run.label or one_line(run.name.partition("-")[2])
    base = ""
    if spec is not None:
        base = "random weights" if spec.base_model == catalogue.RANDOM else card_text.name_of(spec.base_model)
    lines = [
        f"Project {line(facts.project, 80)}",
        f"Dataset {line(spec.dataset_name, 80)}" if spec is not None and spec.dataset_name else "",
        f"Base model {line(base, 80)}" if base else "",
        _date(run.created),
        _STATES.get(run.status, run.status),
    ]
    return Report(
        f"Run {run.number}",
        line(name, 100),
        tuple(one for one in lines if one),
        tuple(one for one in found if one is not None),
        f"Made with AnchorLab from {run.folder.name}. Everything on this page is measured or read from the run; nothing was looked up.",
    )


def _date(created: str) -> str:
    try:
        when = datetime.fromisoformat(created)
    except ValueError:
        return ""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}, {when:%H:%M}"
