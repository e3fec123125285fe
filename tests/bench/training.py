"""Training speed: the stock SentenceTransformerTrainer and ours in turn, on the same data, arguments and seed.

Every measurement trains a fresh model for a limited number of steps, the first two of which are not counted. Stock and ours alternate,
see the same batches, and each step counts with the median of its time over the repeats, so that a moment in which the computer was
busy with something else does not decide. The final loss is the mean over the last quarter of the steps. Both train without dropout,
as the application does unless told otherwise, so their losses agree; with `--dropout model` both use the model's own, which they
draw differently.
"""

from __future__ import annotations

import csv
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.bench.report import Figure, arguments, tell

ROOT = Path(__file__).resolve().parents[2]
WARM_UP = 2  # steps that are not counted


@dataclass(frozen=True)
class Workload:
    """`columns` are those of the file; without them it has no header and STS-B's layout."""

    name: str
    file: str  # inside the data folder, or, beginning with projects/, inside the repository
    columns: tuple[str, ...]
    format: str
    batch_size: int
    steps: int
    targets: tuple[
        float, float
    ]  # ours / stock in fp32, and with automatic precision on a CPU with bf16; 0 = none
    loss: str = "CosineSimilarityLoss"
    parameters: tuple[tuple[str, Any], ...] = ()


WORKLOADS = (
    Workload(
        "words",
        "words_of_power/seed004_pairs.csv",
        ("sentence_0", "sentence_1", "label"),
        "scored",
        10,
        62,
        (1.3, 1.0),
    ),
    Workload(
        "quotes",
        "quotes/seed002_pairs.csv",
        ("sentence_0", "sentence_1"),
        "pairs",
        16,
        9,
        (2.3, 5.0),
        "MultipleNegativesRankingLoss",
    ),
    Workload(
        "categories",
        "category_rules/seed003_triplets_train_2120.csv",
        ("sentence_0", "sentence_1", "sentence_2"),
        "triplets",
        64,
        18,
        (5.0, 8.0),
        "TripletLoss",
        (("distance_metric", "COSINE"), ("margin", 0.3)),
    ),
    Workload("sts", "stsbenchmark/sts-train.csv", (), "scored", 16, 32, (1.5, 1.0)),
    Workload(
        "outfits",
        "projects/outfit-search/triplets.csv",
        ("anchor", "positive", "negative"),
        "triplets",
        16,
        10,
        (1.0, 1.0),
        "MultipleNegativesRankingLoss",
    ),
)


@dataclass(frozen=True)
class Measured:
    seconds: tuple[float, ...]  # of each step that counts
    loss: float
    precision: str


def rows_of(workload: Workload, data: Path) -> list[Any]:
    from core.dataset.formats import Example

    path = (ROOT if workload.file.startswith("projects/") else data) / workload.file
    with path.open(encoding="utf-8", newline="") as stream:
        if not workload.columns:  # genre, file, year, number, score 0-5, two sentences, and no quoting
            table = [line.rstrip("\n").split("\t") for line in stream]
            if len(table[0]) >= 7:
                return [Example((row[5], row[6]), float(row[4]) / 5) for row in table]
            stream.seek(0)
            return [Example((row[0], row[1]), float(row[2])) for row in list(csv.reader(stream))[1:]]
        found = [tuple(row[name] for name in workload.columns) for row in csv.DictReader(stream)]
    if workload.format == "scored":
        return [Example((first, second), float(score)) for first, second, score in found]
    return [Example(texts) for texts in found]


DROPOUT = ["off"]  # of both sides


def spec_of(workload: Workload, rows: list[Any], folder: Path, model: str, precision: str) -> Any:
    from core.dataset.formats import Format
    from core.training import data
    from core.training.spec import Spec

    data.write(folder, Format(workload.format), 1, rows, [])
    return Spec(
        run_dir=str(folder),
        format=Format(workload.format),
        base_model=model,
        loss=workload.loss,
        loss_parameters=dict(workload.parameters),
        batch_size=workload.batch_size,
        precision=precision,
        dropout=DROPOUT[0],
    )


class Clock:
    """Times the steps and says when there were enough."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.times: list[float] = []
        self.losses: list[float] = []

    def step(self, loss: float) -> bool:
        self.times.append(time.perf_counter())
        self.losses.append(loss)
        return len(self.times) >= self.steps

    def measured(self, precision: str) -> Measured:
        counted = self.times[WARM_UP - 1 :]
        last = self.losses[-max(1, len(self.losses) // 4) :]
        seconds = tuple(after - before for before, after in itertools.pairwise(counted))
        return Measured(seconds, statistics.fmean(last), precision)


def speed(repeats: list[Measured], batch_size: int) -> float:
    """Examples/s."""
    steps = [statistics.median(times) for times in zip(*(item.seconds for item in repeats), strict=True)]
    return len(steps) * batch_size / sum(steps)


def ours(workload: Workload, rows: list[Any], folder: Path, model: str, precision: str) -> Measured:
    from core.training import train
    from core.training.events import Event, NoticeEvent, RecipeEvent, StepEvent

    clock, seen = Clock(workload.steps), {"precision": "", "enough": False}

    def watch(event: Event) -> None:
        if isinstance(event, StepEvent):
            seen["enough"] = clock.step(float(event.loss or 0))
        elif isinstance(event, RecipeEvent):
            seen["precision"] = event.precision
        elif isinstance(event, NoticeEvent) and "by itself" in event.text:
            raise SystemExit(event.text)

    train(spec_of(workload, rows, folder, model, precision), watch, lambda: bool(seen["enough"]))
    return clock.measured(str(seen["precision"]))


def stock(workload: Workload, rows: list[Any], folder: Path, model: str, precision: str) -> Measured:
    """What the plain script does, with the arguments of ours."""
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer
    from transformers import PrinterCallback, TrainerCallback

    from core.dataset.formats import training_columns
    from core.models import loading
    from core.training import batches, build_loss, data, dropout, stepwise
    from core.training.losses import BY_NAME

    spec = spec_of(workload, rows, folder, model, precision)
    loaded = loading.load(model)
    loaded.model_card_data.generate_widget_examples = False  # nothing of a step; it draws progress bars
    dropout.settle(loaded, DROPOUT[0])
    plain = [data.row_of(spec.format, row) for row in rows]
    batching = batches.batching(BY_NAME[spec.loss], plain, spec.batch_size)
    steps = stepwise.total_steps(spec, len(plain), batching)
    settings = stepwise.make_arguments(spec, steps, batching, str(loaded.device), precision)
    clock = Clock(workload.steps)

    class Watch(TrainerCallback):
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            if "loss" in logs and clock.step(logs["loss"]):
                control.should_training_stop = True

    columns = training_columns(spec.format, 1)
    trainer = SentenceTransformerTrainer(
        loaded,
        settings,
        train_dataset=Dataset.from_dict(
            {name: [row[slot] for row in plain] for slot, name in enumerate(columns)}
        ),
        loss=build_loss.build(spec.loss, spec.loss_parameters, loaded),
        callbacks=[Watch()],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    return clock.measured(precision)


def measure(workload: Workload, rows: list[Any], model: str, repeats: int) -> list[Figure]:
    found: dict[str, list[Measured]] = {"stock": [], "fp32": [], "auto": []}
    kinds: list[tuple[str, Callable[..., Measured], str]] = [("stock", stock, "fp32"), ("fp32", ours, "fp32")]
    with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
        for repeat in range(repeats):
            for kind, function, precision in [*kinds, ("auto", ours, "auto")]:
                if kind == "auto" and found["auto"] and found["auto"][0].precision == "fp32":
                    continue  # the automatic precision is the full one here
                folder = Path(name) / f"{kind}-{repeat}"
                folder.mkdir()
                found[kind].append(function(workload, rows, folder, model, precision))
    stock_speed = speed(found["stock"], workload.batch_size)
    figures = [Figure(f"{workload.name}: stock, fp32", round(stock_speed, 2), "ex/s")]
    losses = [Figure(f"{workload.name}: final loss, stock", round(found["stock"][-1].loss, 4), "")]
    for kind, target in zip(("fp32", "auto"), workload.targets, strict=True):
        runs = found[kind]
        precision = runs[0].precision
        if kind == "auto" and precision == "fp32":
            continue
        title = f"{workload.name}: ours, {'auto: ' if kind == 'auto' else ''}{precision}"
        mine = speed(runs, workload.batch_size)
        figures.append(Figure(title, round(mine, 2), "ex/s"))
        ratio = mine / stock_speed
        figures.append(Figure(f"{title} / stock", round(ratio, 3), "×", f"≥ {target:g}", ratio >= target))
        losses.append(Figure(f"{workload.name}: final loss, ours, {precision}", round(runs[-1].loss, 4), ""))
    return figures + losses


def estimate(rows: list[Any], folder: Path, model: str) -> Figure:
    """By how much the time left was wrong after a tenth of the steps of a whole run, with a hold-out and all that follows the steps."""
    from core.training import data, train
    from core.training.events import Event, StepEvent

    workload = WORKLOADS[0]
    spec = replace(spec_of(workload, rows[:800], folder, model, "auto"), eval_steps=20)
    data.write(folder, spec.format, 1, rows[:800], rows[800:1000])
    told: list[tuple[float, float]] = []  # the time of each step, and the time left

    def watch(event: Event) -> None:
        if isinstance(event, StepEvent):
            told.append((time.perf_counter(), float(event.seconds_left or 0)))

    train(spec, watch, lambda: False)
    at, left = told[len(told) // 10 - 1]
    truth = time.perf_counter() - at
    wrong = abs(left - truth) / truth
    return Figure(
        "words: error of the time left after 10 % of a run", round(100 * wrong, 1), "%", "≤ 25", wrong <= 0.25
    )


def main() -> int:
    parser = arguments(__doc__ or "")
    data = os.environ.get("ANCHORLAB_DATA", str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(data), help="the folder with the data files")
    parser.add_argument("--model", default="all-MiniLM-L6-v2", help="a model, or random")
    parser.add_argument("--workload", action="append", choices=[item.name for item in WORKLOADS])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--steps", type=int, default=0, help="steps in each measurement; 0 = the workload's own"
    )
    parser.add_argument("--dropout", choices=("off", "model"), default="off", help="of both sides")
    options = parser.parse_args()
    DROPOUT[0] = options.dropout
    os.environ["HF_HUB_OFFLINE"] = "1"

    import torch

    from core.training import stepwise

    stepwise.quiet()
    torch.set_num_threads(stepwise.default_threads())
    figures: list[Figure] = []
    for workload in WORKLOADS:
        if options.workload and workload.name not in options.workload:
            continue
        if options.steps:
            workload = replace(workload, steps=max(options.steps, WARM_UP + 1))
        try:
            rows = rows_of(workload, options.data)
        except OSError as error:
            print(f"{workload.name} is left out: {error}", file=sys.stderr)
            continue
        print(f"{workload.name} …", file=sys.stderr, flush=True)
        figures += measure(workload, rows, options.model, max(1, options.repeats))
        if workload.name == WORKLOADS[0].name:
            with tempfile.TemporaryDirectory(prefix="anchorlab-bench-") as name:
                figures.append(estimate(rows, Path(name), options.model))
    if not figures:
        print("Nothing to measure: give the folder with the data files, --data DIR.", file=sys.stderr)
        return 2
    return tell(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
