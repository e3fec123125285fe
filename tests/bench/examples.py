"""The five examples under *Automatic* and *As in the card*: what each run makes of the base model, on rows it did not learn from.

Every finished run is appended to the file of --results and not trained again; without it nothing is kept.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.report import arguments, commit

PRESETS = {"automatic": "Automatic", "card": "As in the card"}
_SETTINGS = ("loss", "batch_size", "epochs", "learning_rate", "folds", "blend")


@dataclass(frozen=True)
class Trained:
    """`rows` were measured, `kept` is base, best or last, `blend` how far towards the trained weights; see the finished event."""

    example: str
    preset: str
    title: str
    base: float | None
    tuned: float | None
    rows: int
    verdict: str
    kept: str
    blend: float
    interval: list[float] | None
    seconds: float
    settings: dict[str, Any]
    commit: str


def train(example: str, preset: str) -> Trained:
    from core import paths
    from core.training.events import Event, RecipeEvent
    from core.training.job import run_project

    events: list[Event] = []
    with tempfile.TemporaryDirectory(prefix="anchorlab-examples-") as name:
        folder = Path(name) / example
        shutil.copytree(
            paths.EXAMPLES / example,
            folder,
            ignore=shutil.ignore_patterns("project.db*", "*.lock", "runs", "cache"),
        )
        finished = run_project(folder, preset=preset, on_event=events.append, should_stop=lambda: False)
    recipe = next(event.settings for event in events if isinstance(event, RecipeEvent))
    found = finished.metrics
    return Trained(
        example,
        preset,
        found["title"],
        found["base"],
        found["tuned"],
        found["rows"],
        found["verdict_word"],
        found["kept"],
        found["blend"],
        found["interval"],
        round(finished.seconds, 1),
        {key: recipe[key]["value"] for key in _SETTINGS if key in recipe},
        commit(),
    )


def table(many: Iterable[Trained]) -> str:
    lines = [
        "| example | preset | measured by | rows | base | tuned | verdict | kept | s |",
        f"|{'---|' * 9}",
    ]
    for one in many:
        kept = one.kept if one.kept == "base" else f"{one.kept} × {one.blend:g}"
        cells = [
            one.example,
            PRESETS[one.preset],
            one.title,
            f"{one.rows:,}",
            _plain(one.base),
            _plain(one.tuned),
        ]
        lines.append(f"| {' | '.join([*cells, one.verdict, kept, f'{one.seconds:.0f}'])} |")
    return "\n".join(lines)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--example", action="append", help="all by default")
    parser.add_argument("--preset", action="append", choices=list(PRESETS))
    parser.add_argument("--results", type=Path, help="keep what is measured in this file")
    parser.add_argument("--table", action="store_true", help="print the results as Markdown; train nothing")
    options = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    known: list[Trained] = []
    if options.results is not None and options.results.exists():
        lines = options.results.read_text(encoding="utf-8").splitlines()
        known = [Trained(**json.loads(line)) for line in lines]
    if not options.table:
        import torch

        from core.cli.examples import names
        from core.training import stepwise

        stepwise.quiet()
        torch.set_num_threads(stepwise.default_threads())
        done = {(one.example, one.preset) for one in known}
        for example in options.example or names():
            for preset in options.preset or PRESETS:
                if (example, preset) in done:
                    continue
                known.append(train(example, preset))
                print(table(known[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
                if options.results is not None:
                    with options.results.open("a", encoding="utf-8") as stream:
                        stream.write(json.dumps(asdict(known[-1]), ensure_ascii=False) + "\n")
    print(json.dumps([asdict(one) for one in known], ensure_ascii=False) if options.json else table(known))
    return 0


if __name__ == "__main__":
    sys.exit(main())
