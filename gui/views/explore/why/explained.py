"""What the engine says about a pair of texts under one model, and the ways to look at it: by token, by word, special tokens folded,
two models' difference. Nothing here draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Span = tuple[int, int]

SPECIAL = -1
FOLDED = "special"
_SHARE = 99.0  # percent of the cells that are not special lie within the colours


@dataclass(frozen=True)
class Side:
    """One of the two texts in pieces. `words` has the same number for tokens of one word, `SPECIAL` for tokens that no letter stands for."""

    pieces: tuple[str, ...]
    words: tuple[int, ...]
    spans: tuple[Span | None, ...]
    truncated: bool = False

    @property
    def special(self) -> frozenset[int]:
        return frozenset(place for place, word in enumerate(self.words) if word == SPECIAL)

    def joined(self, groups: Sequence[Sequence[int]], names: dict[int, str]) -> Side:
        """Pieces taken together; `names` for groups whose pieces have no name together."""
        pieces, words, spans = [], [], []
        for place, group in enumerate(groups):
            known = [span for span in (self.spans[one] for one in group) if span is not None]
            pieces.append(names.get(place) or "".join(self.pieces[one] for one in group))
            words.append(self.words[group[0]])
            spans.append((known[0][0], known[-1][1]) if known else None)
        return Side(tuple(pieces), tuple(words), tuple(spans), self.truncated)


@dataclass(frozen=True)
class Explained:
    """`cells` has shape (rows, columns). Where `exact`, they add up to the score; else `of_rows` and `of_columns` tell what the score
    loses without a word, the cells what only two words together explain, and `reason` why it is so."""

    title: str
    exact: bool
    reason: str
    score: float
    rows: Side
    columns: Side
    cells: Floats
    of_rows: Floats
    of_columns: Floats
    difference: bool = False

    @property
    def total(self) -> float:
        return float(self.cells.sum())

    @property
    def limit(self) -> float:
        """The value that gets the full colour: nearly the largest, special tokens apart."""
        plain = np.ones(self.cells.shape, dtype=bool)
        plain[list(self.rows.special)] = False
        plain[:, list(self.columns.special)] = False
        values = np.abs(self.cells[plain] if plain.any() else self.cells)
        return max(float(np.percentile(values, _SHARE)) if values.size else 0.0, 1e-6)

    def by_words(self) -> Explained:
        """The tokens of each word together."""
        return self._grouped(_word_groups(self.rows), _word_groups(self.columns))

    def folded(self) -> Explained:
        """All special tokens of a text in one row, or column, at the end: the sum stays what it was."""
        return self._grouped(_folded_groups(self.rows), _folded_groups(self.columns))

    def _grouped(self, rows: list[list[int]], columns: list[list[int]]) -> Explained:
        cells = np.array([self.cells[group].sum(axis=0) for group in rows]).reshape(
            len(rows), self.cells.shape[1]
        )
        cells = (
            np.array([cells[:, group].sum(axis=1) for group in columns]).reshape(len(columns), len(rows)).T
        )
        return replace(
            self,
            rows=self.rows.joined(rows, _folded_names(self.rows, rows)),
            columns=self.columns.joined(columns, _folded_names(self.columns, columns)),
            cells=cells,
            of_rows=np.array([self.of_rows[group].sum() for group in rows]),
            of_columns=np.array([self.of_columns[group].sum() for group in columns]),
        )


def read(result: dict[str, Any], title: str) -> Explained:
    """One result of the engine's `explain`; its file is read and deleted.

    Raises:
        OSError, ValueError: the file is gone or no array.
    """
    path = Path(str(result["file"]))
    table: Floats = np.load(path)
    path.unlink(missing_ok=True)
    return Explained(
        title,
        bool(result["exact"]),
        str(result["reason"]),
        float(result["score"]),
        _side(result["rows"]),
        _side(result["columns"]),
        table[:-1, :-1],
        table[:-1, -1],
        table[-1, :-1],
    )


def change(before: Explained, after: Explained) -> Explained | None:
    """What `after` has more in each cell; None where the two do not have the same words, or not the same kind of cells."""
    if before.exact != after.exact:
        return None
    if before.rows.pieces != after.rows.pieces or before.columns.pieces != after.columns.pieces:
        return None
    return replace(
        after,
        title=f"{after.title} − {before.title}",
        score=after.score - before.score,
        cells=after.cells - before.cells,
        of_rows=after.of_rows - before.of_rows,
        of_columns=after.of_columns - before.of_columns,
        difference=True,
    )


def _side(record: dict[str, Any]) -> Side:
    return Side(
        tuple(str(piece) for piece in record["pieces"]),
        tuple(int(word) for word in record["words"]),
        tuple((int(span[0]), int(span[1])) if span is not None else None for span in record["spans"]),
        bool(record["truncated"]),
    )


def _word_groups(side: Side) -> list[list[int]]:
    groups: list[list[int]] = []
    for place, word in enumerate(side.words):
        if groups and word != SPECIAL and side.words[groups[-1][-1]] == word:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _folded_groups(side: Side) -> list[list[int]]:
    special = sorted(side.special)
    plain = [[place] for place in range(len(side.pieces)) if place not in side.special]
    return [*plain, special] if special else plain


def _folded_names(side: Side, groups: list[list[int]]) -> dict[int, str]:
    return {
        place: FOLDED
        for place, group in enumerate(groups)
        if len(group) > 1 and side.words[group[0]] == SPECIAL
    }
