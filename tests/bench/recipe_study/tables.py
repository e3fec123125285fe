"""The results of the comparison of recipes as Markdown."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

MAIN = {
    "sts": "spearman",
    "words": "spearman",
    "categories": "accuracy",
    "tags": "ndcg@10",
    "quotes": "ndcg@10",
}
_BEST = 3  # points of the grid shown by data set and size


def _spread(values: Sequence[float]) -> str:
    mean = statistics.fmean(values)
    if len(values) < 2:
        return f"{mean:.4f}"
    return f"{mean:.4f} ± {statistics.stdev(values):.4f}"


def main_table(cells: Iterable[Any]) -> str:
    """Base, stock defaults and automatic by data set and size: mean and standard deviation over the draws of the labels."""
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
    for (task, size), recipes in found.items():
        row = [f"{task}, {MAIN[task]}", f"{size:,}", str(max(len(seeds) for seeds in recipes.values()))]
        row.append(f"{base[task]:.4f}" if task in base else "")
        row += [_spread(list(recipes[name].values())) if name in recipes else "" for name in names]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def grid_table(cells: Iterable[Any]) -> str:
    """By data set and size the best points of the grid, with the best number of passes for each and what blending adds."""
    base: dict[str, float] = {}
    points: dict[tuple[str, int], dict[tuple[str, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        if cell.precision == "fp32":
            continue
        if cell.recipe == "base":
            base[cell.task] = cell.candidates[""][MAIN[cell.task]]
            continue
        for candidate, figures in cell.candidates.items():
            points[cell.task, cell.size][cell.recipe, candidate].append(figures[MAIN[cell.task]])
    lines = [
        "| data | labels | settings | candidate | draws | metric | base |",
        "|---|---|---|---|---|---|---|",
    ]
    for (task, size), found in points.items():
        most = max(len(values) for values in found.values())
        full = {key: values for key, values in found.items() if len(values) == most}
        ranked = sorted(full, key=lambda key: -statistics.fmean(full[key]))
        for recipe, candidate in ranked[:_BEST]:
            values = full[recipe, candidate]
            lines.append(
                f"| {task} | {size:,} | {recipe} | {candidate} | {len(values)} | {_spread(values)} | {base[task]:.4f} |"
            )
    return "\n".join(lines)
