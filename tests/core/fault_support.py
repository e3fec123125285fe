"""Kill a run at random moments, resume it, and compare what is left with a run that nobody disturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from core.paths import ROOT
from core.training import checkpoints, runs
from core.training.events import EvaluationEvent, FinishedEvent, NoticeEvent, StepEvent

# Imports once, then forks for every start: what is killed is a process of its own all the same.
_SERVER = """
import os, pathlib, signal, sys, warnings
import torch
torch.set_num_threads(1)
from core.training import job, saving, trainer
saving.SPARE = 1.0
run = pathlib.Path(sys.argv[1])

def tell(event):
    print(event.name, getattr(event, "step", ""), flush=True)

for line in sys.stdin:
    warnings.simplefilter("ignore")
    child = os.fork()
    if not child:
        job.resume_run(run, tell, lambda: False, threads=1)
        os._exit(0)
    print("pid", child, flush=True)
    status = os.waitpid(child, 0)[1]
    print("end", os.waitstatus_to_exitcode(status), flush=True)
"""


@dataclass
class Faults:
    """`resumed`: the step from which each start went on. `at`: the steps told before each kill."""

    kills: int = 0
    at: list[int] = field(default_factory=list)
    resumed: list[int] = field(default_factory=list)


def start_and_kill(folder: Path, kills: int, seed: int, steps: tuple[int, int] = (1, 40)) -> Faults:
    """Start or resume the run in `folder`; kill it `kills` times, each after a random number of new steps and a random
    fraction of a second more, so that it is also hit inside evaluations and checkpoints; then let it finish.

    The run must not end before: give it enough steps.
    """
    draw, found = random.Random(seed), Faults()
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdin is not None and server.stdout is not None and server.stderr is not None
        status = -signal.SIGKILL
        while status == -signal.SIGKILL and len(found.resumed) <= kills:
            newest = checkpoints.listed(folder)
            found.resumed.append(newest[0][0] if newest else 0)
            server.stdin.write("go\n")
            server.stdin.flush()
            wanted = draw.randint(*steps) if found.kills < kills else sys.maxsize
            status = _one(server.stdout, found, draw, wanted)
        server.stdin.close()
        errors = server.stderr.read()
    if status != 0:
        raise AssertionError(f"exit status {status}: {errors}")
    return found


def _one(stream: IO[str], found: Faults, draw: random.Random, wanted: int) -> int:
    """Follow one start until it ends; kill it `wanted` new steps after it has gone on. Returns its exit status."""
    pid = told = step = 0
    fresh = not found.kills  # what a resumed run tells again, up to its notice, is no new step
    for line in stream:
        name, _, number = line.strip().partition(" ")
        if name == "pid":
            pid = int(number)
        elif name == "end":
            return int(number)
        elif name == "notice":
            fresh = True
        elif name == "step":
            step = int(number)
            told += fresh
            if told == wanted:
                time.sleep(draw.random() * 0.03)
                os.kill(pid, signal.SIGKILL)
                found.kills += 1
                found.at.append(step)
    raise AssertionError("the process that starts runs is gone")


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
