"""`anchorlab probes DIR`: the project's probes under a run's model, its base model and the run before. A training ends with it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from core.cli.output import Output, plain
from core.cli.reading import project_folder, reading
from core.engine.jobs import Job
from core.errors import AnchorLabError, DataProblem, ModelProblem
from core.training.probe_table import STATES, lines, summary, title, told, wish
from core.training.run_files import one_line
from core.training.run_probes import RunProbes, from_record

if TYPE_CHECKING:
    from core.engine.protocol import Channel

_LONGEST = 72


def run(args: argparse.Namespace, out: Output) -> int:
    from core.training.runs import find_run

    folder = project_folder(args.dir)
    with reading(args.dir) as reader:
        if not reader.probes():
            raise DataProblem("The project has no probes.", "Make some under Explore, Probes.")
    found = find_run(folder, args.run or "last")
    if found.model is None:
        raise ModelProblem(f"Run {found.name} ({found.status}) has no model.", "Choose a run that finished.")
    _show(run_on(folder, found.name, out), out)
    return 0


def after_training(folder: Path, run: str, out: Output) -> None:
    """The run has its model already: what goes wrong here is told, and nothing else."""
    try:
        with reading(str(folder)) as reader:
            if not reader.probes():
                return
        found = run_on(folder, run, out)
    except AnchorLabError as error:
        if not out.json:
            out.line(f"The probes could not be run: {error.message}")
        return
    if out.json:
        out.record({"event": "probes_run", **_record(found)})
        return
    out.line(f"{summary(found)[:1].upper()}{summary(found)[1:]}.")
    for worse in found.regressions:
        out.line(f"  got worse: {one_line(title(found.probes[worse.place]), _LONGEST)}")


def run_on(folder: Path, run: str, out: Output) -> RunProbes:
    """Raises: AnchorLabError"""
    from core.cli.train import quiet_libraries
    from core.engine.models import ModelStore
    from core.engine.operations import OPERATIONS, Engine

    engine, params = Engine(ModelStore()), {"project": str(folder), "run": run}
    answer: dict[str, Any] = {"more": True, "next": {}}
    with quiet_libraries():
        while answer.get("more"):
            answer = OPERATIONS["run_probes"](engine, {**params, **answer["next"]}, _Here())
            if answer.get("total"):
                out.progress(f"Probes: {answer['done']:,} of {answer['total']:,} texts")
    return from_record(answer["result"])


class _Here(Job):
    """A request of this process: nobody listens to its progress."""

    def __init__(self) -> None:
        super().__init__({}, cast("Channel", None))

    def progress(self, done: int, total: int, seconds_left: float | None) -> None:
        return


def _record(found: RunProbes) -> dict[str, Any]:
    worse = {one.place for one in found.regressions}
    return {
        "run": found.run,
        "previous": found.previous,
        "texts": found.texts,
        "passed": found.passed,
        "failed": found.failed,
        "probes": [
            {
                "kind": probe.kind,
                "text": probe.text,
                "other": probe.other,
                "passed": now.passed,
                "got_worse": place in worse,
                "ranks": list(now.ranks),
                "scores": list(now.scores),
            }
            for place, (probe, now) in enumerate(zip(found.probes, found.tuned, strict=True))
        ],
    }


def _show(found: RunProbes, out: Output) -> None:
    if out.json:
        out.result(_record(found))
        return
    order = list(STATES)
    shown = sorted(lines(found.probes, found), key=lambda line: order.index(line.state))
    out.line(f"{plain(found.run)}: {summary(found)}")
    out.line()
    rows = [
        [
            STATES[line.state][1],
            told(line.probe, line.first),
            told(line.probe, line.now),
            f"{one_line(title(line.probe), _LONGEST)}  ({one_line(wish(line.probe), _LONGEST)})",
        ]
        for line in shown
    ]
    out.table([["", "base", "now", ""], *rows], right=frozenset({1, 2}), indent="  ")
