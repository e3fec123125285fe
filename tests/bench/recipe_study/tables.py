"""The results of the comparison of recipes as Markdown."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from core.training.choice import Candidate, choose, usual
from core.training.scores import RowScores

MAIN = {
    "sts": "spearman",
    "words": "ap",
    "categories": "accuracy",
    "tags": "ndcg@10",
    "quotes": "ndcg@10",
}
_PLACES = ("mid", "× 0.25", "× 0.5", "× 0.75", "end", "× 1.25", "× 1.5", "mean")


def _spread(values: Sequence[float]) -> str:
    if not values:
        return ""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return f"{mean:.4f}"
    return f"{mean:.4f} ± {statistics.stdev(values):.4f}"


def main_table(cells: Iterable[Any]) -> str:
    """Base, stock defaults and automatic by data set and size: mean and standard deviation over the draws that all have."""
    found: dict[tuple[str, int], dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    base: dict[str, float] = {}
    names: list[str] = []
    for cell in cells:
        if list(cell.candidates) != [""] or cell.precision != "fp32":
            continue
        value = cell.candidates[""][MAIN[cell.task]]
        if cell.recipe == "base":
            base[cell.task] = value
            continue
        found[cell.task, cell.size][cell.recipe][cell.seed] = value
        if cell.recipe not in names:
            names.append(cell.recipe)
    lines = [
        f"| data, metric | labels | draws | base | {' | '.join(names)} |",
        f"|---|---|---|---|{'---|' * len(names)}",
    ]
    for (task, size), recipes in sorted(found.items(), key=lambda item: list(MAIN).index(item[0][0])):
        seeds = set.intersection(*(set(values) for values in recipes.values()))
        row = [f"{task}, {MAIN[task]}", f"{size:,}", str(len(seeds))]
        row.append(f"{base[task]:.4f}" if task in base else "")
        row += [
            _spread([value for seed, value in recipes[name].items() if seed in seeds])
            if name in recipes
            else ""
            for name in names
        ]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def kept_table(cells: Iterable[Any]) -> str:
    """What each automatic run kept and said, and how far its model really is ahead of the base model on the test rows."""
    lines = [
        "| data | labels | draw | kept | the run's own rows | it says | ahead on the test, 95 % |",
        "|---|---|---|---|---|---|---|",
    ]
    for cell in cells:
        notes = cell.notes
        if "run: kept" not in notes:
            continue
        kept = (
            "base"
            if notes["run: kept"] == "base"
            else f"step {notes['run: best_step']} × {notes['run: blend']:g}"
        )
        own = f"{notes['run: base']:.4f} → {notes['run: tuned']:.4f} of {notes['run: rows']}"
        low, high = notes.get("more than base", (float("nan"), float("nan")))
        row = [cell.task, f"{cell.size:,}", str(cell.seed), kept, own, notes["run: verdict_word"]]
        line = f"| {' | '.join(row)} | {low:+.4f} to {high:+.4f} |"
        lines.append(line.replace(" -", " \N{MINUS SIGN}"))
    return "\n".join(lines)


def grid_table(cells: Iterable[Any]) -> str:
    """Every point of the grid: halfway through its passes, points of the line to its end, beyond it, and the average of the later passes."""
    base: dict[str, float] = {}
    points: dict[tuple[str, int], dict[str, list[dict[str, float]]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        if cell.precision == "fp32" or cell.recipe.startswith("choice"):
            continue
        if cell.recipe == "base":
            base[cell.task] = cell.candidates[""][MAIN[cell.task]]
            continue
        figures = {name: found[MAIN[cell.task]] for name, found in cell.candidates.items()}
        points[cell.task, cell.size][cell.recipe].append(_places(figures))
    lines = [
        f"| data | labels | settings | draws | {' | '.join(_PLACES)} |",
        f"|---|---|---|---|{'---|' * len(_PLACES)}",
    ]
    for (task, size), found in points.items():
        lines.append(
            f"| {task} | {size:,} | base model | | {' | '.join([f'{base[task]:.4f}'] + [''] * (len(_PLACES) - 1))} |"
        )
        for settings, many in found.items():
            row = [
                f"{statistics.fmean(one[place] for one in many):.4f}" if place in many[0] else ""
                for place in _PLACES
            ]
            lines.append(f"| {task} | {size:,} | {settings} | {len(many)} | {' | '.join(row)} |")
    return "\n".join(lines)


def _places(figures: dict[str, float]) -> dict[str, float]:
    """The figures of one run under the names of the table's columns."""
    passes = sorted({int(name.partition("@")[0]) for name in figures if name != "mean"})
    last = passes[-1]
    found = {"mid": figures[str(passes[len(passes) // 2])], "end": figures[str(last)]}
    found |= {f"× {factor:g}": figures[f"{last}@{factor:g}"] for factor in (0.25, 0.5, 0.75, 1.25, 1.5)}
    return found | ({"mean": figures["mean"]} if "mean" in figures else {})


def dropout_table(cells: Iterable[Any]) -> str:
    """The same runs without dropout and with the model's own. Categories by their margin: their accuracy is soon full."""
    pairs: dict[tuple[str, int, str], dict[bool, dict[int, dict[str, float]]]] = defaultdict(
        lambda: {True: {}, False: {}}
    )
    for cell in cells:
        if len(cell.candidates) < 3 or cell.recipe.startswith("choice"):
            continue
        metric = "margin" if cell.task == "categories" else MAIN[cell.task]
        name = cell.recipe.removesuffix(" dropout")
        figures = _places({key: found[metric] for key, found in cell.candidates.items()})
        pairs[cell.task, cell.size, name][name != cell.recipe][cell.seed] = figures
    lines = [
        "| data | labels | settings | draws | × 0.75, off | × 0.75, model's | end, off | end, model's |",
        f"|{'---|' * 8}",
    ]
    for (task, size, name), found in pairs.items():
        seeds = sorted(found[True].keys() & found[False].keys())
        if seeds:
            row = [
                f"{statistics.fmean(found[dropped][seed][place] for seed in seeds):.4f}"
                for place in ("× 0.75", "end")
                for dropped in (False, True)
            ]
            lines.append(f"| {task} | {size:,} | {name} | {len(seeds)} | {' | '.join(row)} |")
    return "\n".join(lines)


def choice_table(cells: Iterable[Any]) -> str:
    """What fixed points of the run are worth, and what the left-out rows would have chosen."""
    found: dict[tuple[str, int, str], list[dict[str, float]]] = defaultdict(list)
    for cell in cells:
        if cell.recipe.startswith("choice"):
            found[cell.task, cell.size, cell.recipe.removeprefix("choice ")].append(_ways(cell))
    names = list(next(iter(found.values()))[0]) if found else []
    lines = [
        f"| data | labels | settings | draws | {' | '.join(names)} |",
        f"|---|---|---|---|{'---|' * len(names)}",
    ]
    for (task, size, settings), many in found.items():
        row = [f"{statistics.fmean(one[name] for one in many):.4f}" for name in names]
        lines.append(f"| {task} | {size:,} | {settings} | {len(many)} | {' | '.join(row)} |")
    return "\n".join(lines)


def _ways(cell: Any) -> dict[str, float]:
    figures = {name: found[MAIN[cell.task]] for name, found in cell.candidates.items()}
    gold = None if cell.notes["gold"] is None else np.asarray(cell.notes["gold"])
    candidates, names = [], []
    for name, values in cell.notes["left_out"].items():
        step, _, factor = name.partition("@")
        scores = RowScores(np.asarray(values), gold)
        candidates.append(
            Candidate(int(step), float(factor), scores) if factor else Candidate(0, 0.0, scores)
        )
        names.append(name)
    last = max(candidate.step for candidate in candidates)
    # as `core.training.fold_scores.points`: the second half of the run
    offered = [index for index, item in enumerate(candidates) if not 0 < item.step < last / 2]
    late = [candidates[index] for index in offered]
    return {
        "base": figures["base"],
        "end × 0.5": figures[f"{last}@0.5"],
        "end × 0.75": figures[f"{last}@0.75"],
        "end": figures[f"{last}@1"],
        "best of the left-out rows": figures[names[choose(candidates)]],
        "as the program chooses": figures[names[offered[choose(late, towards=usual(cell.size))]]],
        "best on the test (unreachable)": max(figures.values()),
    }
