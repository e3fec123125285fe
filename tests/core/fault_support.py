"""Kill a run at random moments, resume it, and compare what is left with a run that nobody disturbed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from core.paths import ROOT
from core.training import checkpoints, runs
from core.training.events import EvaluationEvent, FinishedEvent, NoticeEvent, StepEvent

_CHILD = """
import sys, pathlib
import torch
import core.training.trainer, core.training.job
from core.training import job, saving
saving.SPARE = 1.0
run = pathlib.Path(sys.argv[1])
for line in sys.stdin:
    break
job.resume_run(run, lambda event: print(event.name, getattr(event, "step", ""), flush=True), lambda: False, threads=1)
"""


@dataclass
class Faults:
    """`resumed`: the step from which each start went on. `at`: the steps told before each kill."""

    kills: int = 0
    at: list[int] = field(default_factory=list)
    resumed: list[int] = field(default_factory=list)


def _child(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def start_and_kill(folder: Path, kills: int, seed: int, steps: tuple[int, int] = (1, 40)) -> Faults:
    """Start or resume the run in `folder`; kill it `kills` times, each after a random number of new steps and a random
    fraction of a second more, so that it is also hit inside evaluations and checkpoints; then let it finish.

    The run must not end before: give it enough steps.
    """
    draw, found = random.Random(seed), Faults()
    standby = _child(folder)  # the next start imports while the current one runs
    for number in range(kills + 1):
        child, standby = standby, (_child(folder) if number < kills else None)
        newest = checkpoints.listed(folder)
        found.resumed.append(newest[0][0] if newest else 0)
        last = number == kills
        ended = _one(child, found, draw, steps, last)
        if ended and not last:
            break
    if standby is not None:
        standby.kill()
        standby.communicate()
    return found


def _one(
    child: subprocess.Popen[str], found: Faults, draw: random.Random, steps: tuple[int, int], last: bool
) -> bool:
    assert child.stdin is not None and child.stdout is not None and child.stderr is not None
    child.stdin.write("go\n")
    child.stdin.close()
    wanted, told, step = draw.randint(*steps), 0, 0
    fresh = False
    with child.stdout as stream:
        for line in stream:
            name, _, number = line.strip().partition(" ")
            fresh = fresh or name == "notice" or (name == "baseline" and not found.kills)
            if name == "step":
                step = int(number)
                told += fresh
            if told >= wanted and not last:
                time.sleep(draw.random() * 0.03)
                child.send_signal(signal.SIGKILL)
                found.kills += 1
                found.at.append(step)
                break
    errors = child.stderr.read()
    child.stderr.close()
    status = child.wait(timeout=60)
    if status not in (0, -signal.SIGKILL):
        raise AssertionError(errors)
    return status == 0


@dataclass
class Comparison:
    problems: list[str]
    largest_difference: float
    steps: int


def compared(resumed: Path, whole: Path) -> Comparison:
    """How the log of a resumed run differs from that of a whole one."""
    ours, theirs = runs.read_events(resumed), runs.read_events(whole)
    problems = []
    steps = [[e for e in log if isinstance(e, StepEvent)] for log in (ours, theirs)]
    if [e.step for e in steps[0]] != [e.step for e in steps[1]]:
        problems.append(f"steps {[e.step for e in steps[0]]}")
    largest = max(
        (abs(a.loss - b.loss) for a, b in zip(*steps, strict=False) if a.loss is not None),
        default=float("inf"),
    )
    measured = [[(e.step, e.best) for e in log if isinstance(e, EvaluationEvent)] for log in (ours, theirs)]
    if measured[0] != measured[1]:
        problems.append(f"evaluations {measured}")
    ends = [[e for e in log if isinstance(e, FinishedEvent)] for log in (ours, theirs)]
    if len(ends[0]) != 1 or ends[0][0].metrics["best_step"] != ends[1][0].metrics["best_step"]:
        problems.append(f"ends {ends}")
    for kind in ("recipe", "baseline"):
        if sum(e.name == kind for e in ours) != 1:
            problems.append(f"{kind} is not there once")
    if any(isinstance(e, NoticeEvent) and "damaged" in e.text for e in ours):
        problems.append("a checkpoint was damaged")
    if not (resumed / "model" / "modules.json").is_file() or (resumed / "checkpoints").exists():
        problems.append("no model, or checkpoints left over")
    return Comparison(problems, largest, len(steps[0]))
