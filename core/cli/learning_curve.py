"""`anchorlab learning-curve DIR`: would more labels help? Ctrl+C stops; the same command goes on."""

from __future__ import annotations

import argparse
from typing import Any

from core.cli.output import Output, plain
from core.cli.reading import chosen_one, project_folder, reading
from core.cli.recipe import overrides
from core.cli.runs import figure
from core.cli.train import quiet_libraries
from core.training.events import Event, LearningCurveEvent, ProgressEvent, as_record
from core.words import duration


def run(args: argparse.Namespace, out: Output) -> int:
    from core.training.curve_job import learning_curve, prepare

    wanted: dict[str, Any] = {"overrides": overrides(args), "preset": args.preset}
    with reading(args.dir) as reader:
        wanted["dataset_id"] = chosen_one(reader, args.dataset).id
    folder = project_folder(args.dir)
    if not out.json:
        prepared = prepare(folder, **wanted)
        time = "" if prepared.seconds is None else f", about {duration(prepared.seconds)}"
        out.line(f"{prepared.left} of {len(prepared.trainings)} small trainings to do{time}")
    with quiet_libraries():
        found = learning_curve(folder, **wanted, on_event=_Shown(out), should_stop=lambda: False)
    if out.json:
        out.result({name: value for name, value in as_record(found).items() if name not in ("event", "key")})
    else:
        _show(out, found)
    return 0


class _Shown:
    """Progress as one line that moves, or a line for each training where the output is no terminal."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def __call__(self, event: Event) -> None:
        if self._out.json:
            return
        if isinstance(event, ProgressEvent) and event.total:
            left = "" if event.seconds_left is None else f", {duration(event.seconds_left)} left"
            self._out.progress(f"{event.text}: {100 * event.done / event.total:.0f} %{left}")
        elif isinstance(event, LearningCurveEvent) and not event.done and not self._out.live:
            self._out.line(f"{event.trainings} of {event.total} trainings")


def _show(out: Output, found: LearningCurveEvent) -> None:
    rows = [["SHARE", "LABELS", "VALUE", "95 % BETWEEN", "TRAININGS"]]
    rows.append(["", "0", figure(found.base), "", "base model"])
    rows += [
        [
            f"{round(100 * point['share'])} %",
            f"{point['labels']:,}",
            figure(point["value"]),
            f"{figure(point['low'])} and {figure(point['high'])}",
            str(point["trainings"]),
        ]
        for point in found.points
    ]
    out.line(f"{plain(found.title)} on {found.rows:,} rows, after {duration(found.seconds)}")
    out.table(rows, right=frozenset({0, 1, 2, 4}))
    out.line(found.sentence)
