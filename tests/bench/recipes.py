"""Which recipe gives the better model: base, the stock script's defaults, the automatic recipe, and a grid of others.

From each data set `size` labels are drawn; the program sees only these, and the model is judged on fixed test rows. Every finished
cell is appended to the file of --results, so that nothing is measured twice and an interrupted comparison goes on. `--table`
measures nothing and prints what the file holds.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.models.catalogue import EMBEDDED
from tests.bench.recipe_study import tables
from tests.bench.recipe_study.data import TASKS, Task
from tests.bench.report import arguments, commit

ROOT = Path(__file__).resolve().parents[2]
SIZES = (30, 150, 1_000)
RECIPES = ("base", "stock", "automatic", "grid", "choice", "dropout")
FEW_ROWS = 500  # test rows on which the grid is judged; the other recipes are judged on all


@dataclass(frozen=True)
class Cell:
    """One line of the results. `candidates`: figures by candidate, see `recipe_study.trajectory.worth`; "" is the finished model."""

    task: str
    size: int
    seed: int
    recipe: str  # base, stock, automatic or the settings of a point of the grid
    rows: int  # test rows
    precision: str  # of the judge
    candidates: dict[str, dict[str, float]] = field(default_factory=dict)
    seconds: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, int, int, str, int]:
        return (self.task, self.size, self.seed, self.recipe, self.rows)


def read(path: Path) -> list[Cell]:
    if not path.exists():
        return []
    return [Cell(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


class Bench:
    """Measures what the results lack."""

    def __init__(self, results: Path, model: str) -> None:
        self.results = results
        self.name = model
        self.known = {cell.key for cell in read(results)}
        self.commit = commit()
        self._models: dict[str, Any] = {}  # by dropout
        self._base: Any = None
        self._untouched: dict[str, Any] = {}  # row scores of the base model on the test, by task

    def model(self, choice: str = "model") -> tuple[Any, Any]:
        """A model that trains with this dropout, and the base model's weights."""
        from core.models import loading
        from core.training import dropout
        from tests.bench.recipe_study.trajectory import weights_of

        if choice not in self._models:
            self._models[choice] = loading.load(self.name)
            self._base = self._base or weights_of(self._models[choice])
            dropout.settle(self._models[choice], choice)
        return self._models[choice], self._base

    def _tell(self, cell: Cell) -> None:
        cell.notes["commit"] = self.commit
        self.known.add(cell.key)
        with self.results.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(cell), ensure_ascii=False) + "\n")
        best = max(cell.candidates.items(), key=lambda item: next(iter(item[1].values())))
        print(f"{cell.task} {cell.size} seed {cell.seed} {cell.recipe}: {best}", file=sys.stderr, flush=True)

    def base(self, task: Task, most: int = 0) -> None:
        """The untouched model, on all test rows or on those of the grid."""
        from tests.bench.recipe_study.judge import Judge

        precision = "bf16" if most else "fp32"
        rows = min(most or len(task.test), len(task.test))
        if (task.name, 0, 0, "base", rows) in self.known:
            return
        model, weights = self.model()
        model.load_state_dict(weights)
        judge = Judge(model, task.format, task.test, precision, most)
        self._tell(Cell(task.name, 0, 0, "base", rows, precision, {"": judge.score()}))

    def trained(self, task: Task, size: int, seed: int, setup: Any, name: str, most: int = 0) -> None:
        """A trajectory: with `most`, all its candidates on so many rows; without, its end on all rows."""
        from tests.bench.recipe_study.judge import Judge
        from tests.bench.recipe_study.trajectory import trajectory, worth

        rows = min(most or len(task.test), len(task.test))
        if (task.name, size, seed, name, rows) in self.known:
            return
        model, weights = self.model(setup.dropout)
        precision = "bf16" if most else "fp32"
        taken, seconds = trajectory(model, weights, task.format, task.draw(size, seed), setup, seed)
        judge = Judge(model, task.format, task.test, precision, most)
        found = worth(model, weights, taken, judge.score) if most else {"": judge.score()}
        self._tell(Cell(task.name, size, seed, name, rows, precision, found, round(seconds, 2)))

    def choice(self, task: Task, size: int, seed: int, setup: Any) -> None:
        """What folds would choose, to be replayed."""
        from tests.bench.recipe_study.choosing import replay
        from tests.bench.recipe_study.judge import Judge

        rows, name = min(FEW_ROWS, len(task.test)), f"choice {setup.key()}"
        if (task.name, size, seed, name, rows) in self.known:
            return
        model, weights = self.model(setup.dropout)
        judge = Judge(model, task.format, task.test, "bf16", FEW_ROWS)
        began = time.perf_counter()
        found = replay(model, weights, task.format, task.draw(size, seed), setup, seed, judge)
        seconds = round(time.perf_counter() - began, 2)
        self._tell(
            Cell(
                task.name, size, seed, name, rows, "bf16", found.test, seconds, asdict(found) | {"test": None}
            )
        )

    def automatic(self, task: Task, size: int, seed: int, name: str, overrides: dict[str, str]) -> None:
        """The real thing: a project with these labels, trained as by the button. Notes the 95 % interval of its lead over the base."""
        from core.training.verdict import compare
        from tests.bench.recipe_study.judge import Judge
        from tests.bench.recipe_study.project import run

        if (task.name, size, seed, name, len(task.test)) in self.known:
            return
        began = time.perf_counter()
        asked = overrides if self.name == EMBEDDED else {"base_model": self.name, **overrides}
        weights, notes = run(task, task.draw(size, seed), asked)
        seconds = time.perf_counter() - began
        model, base = self.model()
        judge = Judge(model, task.format, task.test, corpus=task.test)
        if task.name not in self._untouched:
            model.load_state_dict(base)
            self._untouched[task.name] = judge.compared(judge.embed())
        model.load_state_dict(weights)
        found = judge.embed()
        notes["more than base"] = compare(self._untouched[task.name], judge.compared(found))
        figures, rows = {"": judge.score(found)}, len(task.test)
        self._tell(Cell(task.name, size, seed, name, rows, "fp32", figures, round(seconds, 2), notes))


def measure(bench: Bench, task: Task, sizes: list[int], seeds: int, recipe: str, options: Any) -> None:
    from tests.bench.recipe_study import grid

    if recipe == "base":
        bench.base(task)
        return
    for size in sizes:
        for seed in range(seeds):
            if recipe == "stock":
                bench.trained(task, size, seed, grid.stock(task.format), "stock")
            elif recipe == "automatic":
                bench.automatic(task, size, seed, options.name, dict(_assignments(options.set)))
            elif recipe == "choice":
                bench.choice(task, size, seed, grid.candidate(task.name, task.format, size))
            else:
                bench.base(task, FEW_ROWS)
                compared = grid.dropout if recipe == "dropout" else grid.grid
                for setup in compared(task.name, task.format, size):
                    bench.trained(task, size, seed, setup, setup.key(), FEW_ROWS)


def _measure_all(bench: Bench, options: Any) -> None:
    import torch

    from core.training import stepwise

    stepwise.quiet()
    torch.set_num_threads(stepwise.default_threads())
    for name in options.dataset or list(TASKS):
        try:
            task = TASKS[name](options.data)
        except OSError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
            continue
        for recipe in options.recipe or RECIPES[:3]:
            measure(bench, task, options.size or list(SIZES), options.seeds, recipe, options)


def _cut(name: str, tokens: int, place: Path) -> str:
    """The folder of a copy of the model that reads no more than so many tokens of a text."""
    from core.models import loading

    model = loading.load(name)
    model.max_seq_length = tokens
    model.save(str(place / f"{tokens}-tokens"))
    return str(place / f"{tokens}-tokens")


def _assignments(items: list[str]) -> Iterator[tuple[str, str]]:
    for item in items:
        key, _, value = item.partition("=")
        yield key, value


def main() -> int:
    parser = arguments(__doc__ or "")
    data = os.environ.get("ANCHORLAB_DATA", str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(data), help="the folder with the data files")
    parser.add_argument("--model", default=EMBEDDED, help="the base model")
    parser.add_argument("--tokens", type=int, default=0, help="cut texts after so many tokens")
    parser.add_argument("--dataset", action="append", choices=list(TASKS), help="all by default")
    parser.add_argument("--size", action="append", type=int, help="labels; 30, 150 and 1000 by default")
    parser.add_argument("--seeds", type=int, default=2, help="how many draws of the labels")
    parser.add_argument("--recipe", action="append", choices=RECIPES)
    parser.add_argument(
        "--name", default="automatic", help="what the results call the automatic recipe of now"
    )
    parser.add_argument("--set", action="append", default=[], help="KEY=VALUE for the automatic recipe")
    parser.add_argument("--results", type=Path, default=Path("recipes.jsonl"))
    parser.add_argument("--table", action="store_true", help="print the results as Markdown; measure nothing")
    options = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    if not options.table:
        with tempfile.TemporaryDirectory(prefix="anchorlab-recipes-") as place:
            name = _cut(options.model, options.tokens, Path(place)) if options.tokens else options.model
            _measure_all(Bench(options.results, name), options)
    cells = read(options.results)
    if not cells:
        print("Nothing is measured yet: give the folder with the data files, --data DIR.", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps([asdict(cell) for cell in cells], ensure_ascii=False))
    else:
        every = (
            tables.main_table,
            tables.kept_table,
            tables.choice_table,
            tables.dropout_table,
            tables.grid_table,
        )
        for text in (table(cells) for table in every):
            if text.count("\n") > 1:
                print(text, end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
