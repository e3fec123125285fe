"""Kill a run at random moments and resume it each time: is its log that of a run that nobody disturbed?

    python -m tests.bench.faults [--kills 20] [--seed N] [--json]

The model has some 30,000 weights, so that moments inside checkpoints and evaluations are hit as well as those in steps.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TQDM_DISABLE", "1")

from core.dataset.formats import Format
from core.training import train
from core.training.recording import Recorder, recorded
from tests.bench.report import Figure, arguments, at_most, tell
from tests.core import tiny_model
from tests.core.fault_support import compared, start_and_kill
from tests.core.training_support import examples, spec

EPOCHS = 120


def main() -> int:
    parser = arguments("Kill a run at random moments, resume it, compare its log with an uninterrupted one.")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anchorlab-faults-") as place:
        return _measure(Path(place), options.kills, options.seed, options.json)


def _measure(place: Path, kills: int, seed: int, as_json: bool) -> int:
    model = tiny_model.build(place / "tiny")

    def make(folder: Path):
        rows, held = (
            examples(Format.PAIRS, 40),
            examples(Format.PAIRS, 24, start=900),
        )
        asked = spec(
            folder, model, Format.PAIRS, rows, held, epochs=EPOCHS, eval_steps=7, checkpoint_seconds=0.05
        )
        asked.save()
        return asked

    whole, folder = make(place / "whole"), place / "run"
    with Recorder(Path(whole.run_dir), lambda event: None) as record:
        recorded(Path(whole.run_dir), record, lambda: train(whole, record, lambda: False))
    make(folder)
    began = time.monotonic()
    found = start_and_kill(folder, kills, seed, steps=(1, 70))
    took = time.monotonic() - began
    report = compared(folder, Path(whole.run_dir))
    lost = [at - back for at, back in zip(found.at, found.resumed[1:], strict=False)]
    figures = [
        Figure("seed", seed, ""),
        Figure("kills", found.kills, "", f"= {kills}", found.kills == kills),
        Figure("steps of the run", report.steps, "", f"= {10 * EPOCHS}", report.steps == 10 * EPOCHS),
        at_most("differences in the log", len(report.problems), "", 0),
        at_most("largest difference of a loss", report.largest_difference * 1e6, "1e-6", 10),
        Figure("steps lost to a kill, at most", max(lost, default=0), ""),
        Figure("seconds", round(took, 1), "s"),
    ]
    for problem in report.problems:
        print(problem)
    return tell(figures, as_json)


if __name__ == "__main__":
    raise SystemExit(main())
