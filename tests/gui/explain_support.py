"""Answers of the engine to "why", as it gives them, made of numbers that can be told by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def side(
    pieces: list[str], text: str = "", *, special: bool = True, truncated: bool = False
) -> dict[str, Any]:
    """Words by themselves; "##x" goes on with the word before. With `special`, the first and the last are special tokens."""
    words, spans, at, number = [], [], 0, -1
    for place, piece in enumerate(pieces):
        if special and place in (0, len(pieces) - 1):
            words.append(-1)
            spans.append(None)
            continue
        number += not piece.startswith("##")
        letters = piece.removeprefix("##")
        start = text.index(letters, at)
        at = start + len(letters)
        words.append(number)
        spans.append([start, at])
    return {
        "pieces": [piece.removeprefix("##") for piece in pieces],
        "words": words,
        "spans": spans,
        "truncated": truncated,
    }


def explained(
    folder: Path,
    one: str,
    other: str,
    *,
    seed: int = 0,
    exact: bool = True,
    rows: list[str] | None = None,
    columns: list[str] | None = None,
) -> dict[str, Any]:
    """One result of `explain`: random cells, and a file of its own. The tokens of a text are its words unless they are given."""
    made = []
    for text, pieces in ((one, rows), (other, columns)):
        tokens = pieces or (["[CLS]", *text.split(), "[SEP]"] if exact else text.split())
        made.append(side(tokens, text, special=exact))
    count = len(made[0]["pieces"]), len(made[1]["pieces"])
    cells = np.random.default_rng(seed).normal(0.02, 0.02, count)
    table = np.zeros((count[0] + 1, count[1] + 1))
    table[:-1, :-1], table[:-1, -1], table[-1, :-1] = cells, cells.sum(axis=1), cells.sum(axis=0)
    table[-1, -1] = cells.sum() if exact else 0.5
    path = folder / f"{one[:3]}-{seed}-{exact}.npy"
    np.save(path, table)
    return {
        "model": "m",
        "name": "m",
        "metric": "cosine",
        "device": "CPU",
        "exact": exact,
        "reason": "" if exact else "The model's pooling (cls) is no mean over tokens.",
        "score": float(table[-1, -1]),
        "sum": float(cells.sum()) if exact else None,
        "rows": made[0],
        "columns": made[1],
        "file": str(path),
    }
