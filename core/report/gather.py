"""All facts of a run's report: from its folder at once, from the models through the engine."""

from __future__ import annotations

import json
import re
from pathlib import Path

from core.project import Reader
from core.report import gather_data, gather_map, gather_rows, probes
from core.report.asking import Asking
from core.report.facts import CurveFacts, Facts
from core.training.run_files import contained
from core.training.run_threshold import read_threshold
from core.training.runs import Run
from core.training.step_table import read_log

_MOST_BYTES = 4_000_000
_VERSION = re.compile(r"- ([^:\n]{1,40}): ([^\n]{1,60})")


def facts(project: Path, run: Run, asking: Asking) -> Facts:
    """Everything a report of `run` says.

    Raises:
        Cancelled
        EngineProblem: the engine cannot be asked.
        ProjectProblem: the project cannot be read.
    """
    asking.tell("Reading the run")
    with Reader(project) as reader:
        name = reader.name
    steps, events = read_log(run.folder, asking.should_stop)
    asking.tell("Reading the rows")
    known = gather_data.data_facts(run)
    source = gather_rows.source_of(project, run, asking)
    return Facts(
        run,
        name,
        known,
        CurveFacts(steps, tuple(events)),
        gather_rows.compared(project, run, source, asking),
        gather_map.map_facts(project, run, source, asking),
        read_threshold(run.folder),
        probes.probe_facts(run.folder, events),
        _versions(run),
        _similarity(run),
    )


def _versions(run: Run) -> tuple[tuple[str, str], ...]:
    """The libraries of the run, from its model card."""
    _, found, rest = _text(run, "README.md").partition("### Framework Versions\n")
    if not found:
        return ()
    return tuple(_VERSION.findall(rest.partition("\n\n")[0]))


def _similarity(run: Run) -> str:
    try:
        told = json.loads(_text(run, "config_sentence_transformers.json") or "{}")
    except (ValueError, RecursionError):
        return ""
    return str(told.get("similarity_fn_name") or "") if isinstance(told, dict) else ""


def _text(run: Run, name: str) -> str:
    path = contained(run.folder, "model", name)
    if path is None or path.stat().st_size > _MOST_BYTES:
        return ""
    return path.read_text(encoding="utf-8", errors="replace")
