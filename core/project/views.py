"""Which rows of a dataset a table shows, and in what order, as one SQL query."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

from core.dataset.formats import DatasetInfo, Format, Role, slots
from core.errors import DataProblem

FILTERS = ("all", "unlabelled", "flagged", "train", "eval", "test", "accepted", "rejected", "skipped")
_LIKE = "{0} LIKE ? ESCAPE '\\'"
_TRIED_LETTERS = 2
_COMPARED = 256  # characters of a text that order it: sorting has to fit into memory
_LONGEST_PATTERN = 10_000  # characters; SQLite refuses patterns over 50,000 bytes


@dataclass(frozen=True)
class View:
    """What to show: rows of `filter` (one of `FILTERS`) that contain `search`, by `sort` (a column key, "number", "split",
    "flag", "status", or "" for the natural order)."""

    search: str = ""
    filter: str = "all"
    sort: str = ""
    descending: bool = False

    @property
    def natural(self) -> bool:
        return self.sort in ("", "number")


def text_columns(info: DatasetInfo) -> list[str]:
    return [f"t{slot}" for slot in range(slots(info.format, info.negatives))]


def unlabelled(info: DatasetInfo) -> str:
    """SQL that is 1 for a row somebody still has to decide: not rejected, and no score yet or a text other than the anchor not given."""
    if info.format is Format.SCORED:
        return "(score IS NULL AND status <> 'rejected')"
    empty = " OR ".join(f"{name} = ''" for name in text_columns(info)[1:])
    return f"(({empty}) AND status <> 'rejected')"


def condition(info: DatasetInfo, filter: str) -> str:
    """The SQL condition of a filter; "" for all rows.

    Raises:
        DataProblem: an unknown filter.
    """
    conditions = {
        "all": "",
        "unlabelled": unlabelled(info),
        "flagged": "flag = 1",
        "train": "split = 'train'",
        "eval": "split = 'eval'",
        "test": "split = 'test'",
        "accepted": "status = 'accepted'",
        "rejected": "status = 'rejected'",
        "skipped": "status = 'skipped'",
    }
    if filter not in conditions:
        raise DataProblem(f"There is no filter “{filter}”.", f"Use one of {', '.join(FILTERS)}.")
    return conditions[filter]


def order(info: DatasetInfo, view: View) -> str:
    """The ORDER BY terms; rows without a score come last in both directions, equal rows keep their natural order.

    Raises:
        DataProblem: an unknown column.
    """
    way = "DESC" if view.descending else "ASC"
    if view.natural:
        return f"id {way}"
    if view.sort in ("split", "flag", "status"):
        return f"{view.sort} {way}, id"
    for column in info.columns:
        if column.key == view.sort:
            if column.role is Role.SCORE:
                return f"score IS NULL, score {way}, id"
            return f"{_ordered(f't{column.slot}')} {way}, id"
    if view.sort in ("note", "source"):
        return f"{view.sort} = '', {_ordered(view.sort)} {way}, id"
    known = [column.key for column in info.columns]
    raise DataProblem(
        f"There is no column “{view.sort}” to sort by.",
        f"Use one of {', '.join([*known, 'number', 'split', 'flag', 'status', 'note', 'source'])}.",
    )


def _ordered(name: str) -> str:
    """Small letters once per row, compared byte by byte: nearly twice as fast as a collation that folds at each comparison."""
    return f"lower(substr({name}, 1, {_COMPARED}))"


def containing(names: list[str], search: str) -> tuple[str, list[Any]]:
    """SQL and parameters for "one of these columns contains `search`", ignoring case; every character is literal.

    SQLite's LIKE is fast and knows the case of ASCII letters only. Of other letters the first two are tried in each of their cases;
    where there are more, GLOB, which takes both cases of each, has the last word over what LIKE lets through. No call back into
    Python per row, and it can be interrupted.
    """
    if len(search) > _LONGEST_PATTERN:
        return _any(names, "instr(lower({0}), lower(?))"), [search] * len(names)
    spelled = [_cases(letter) for letter in search]
    foreign = [place for place, cases in enumerate(spelled) if len(cases) > 1]
    tried = foreign[:_TRIED_LETTERS]
    patterns = [
        "%" + "".join(_literal(letter, place, tried, foreign) for place, letter in enumerate(word)) + "%"
        for word in product(*(cases if place in tried else cases[:1] for place, cases in enumerate(spelled)))
    ]
    terms, given = ["(" + " OR ".join([_LIKE] * len(patterns)) + ")"], patterns
    mixed = any(letter.isascii() for letter in search)
    if len(patterns) > 1 and mixed:  # one look with any letter in those places rules most rows out
        loose = "".join(_literal(letter, place, [], foreign) for place, letter in enumerate(search))
        terms, given = [_LIKE, *terms], [f"%{loose}%", *given]
    if len(foreign) > len(tried):
        terms = [*terms, "{0} GLOB ?"]
        given = [*given, f"*{''.join(_either_case(letter) for letter in search)}*"]
    return _any(names, f"({' AND '.join(terms)})"), given * len(names)


def _literal(letter: str, place: int, tried: list[int], foreign: list[int]) -> str:
    """A letter in a pattern of LIKE: itself, or any letter where its case is left to GLOB."""
    if place in foreign and place not in tried:
        return "_"
    return "\\" + letter if letter in "\\%_" else letter


def _cases(letter: str) -> list[str]:
    """The cases of a letter that LIKE does not know to be the same."""
    if letter.isascii():
        return [letter]
    return sorted({letter, *(case for case in (letter.lower(), letter.upper()) if len(case) == 1)})


def _any(names: list[str], term: str) -> str:
    return "(" + " OR ".join(term.format(name) for name in names) + ")"


def _either_case(letter: str) -> str:
    if letter in "*?[":
        return f"[{letter}]"
    cases = {letter, *(case for case in (letter.lower(), letter.upper()) if len(case) == 1)}
    return letter if len(cases) == 1 else f"[{''.join(sorted(cases))}]"


def ids_query(info: DatasetInfo, view: View, first: int, last: int) -> tuple[str, list[Any]]:
    """The query for the ids of `view`; `first` and `last` are the smallest and largest id of the dataset."""
    terms = [condition(info, view.filter)]
    parameters: list[Any] = []
    if view.search:
        term, parameters = containing(text_columns(info), view.search)
        terms.append(term)
    terms = [term for term in terms if term]
    if view.natural and not terms:
        way = "DESC" if view.descending else "ASC"
        return f"SELECT id FROM examples WHERE dataset_id = ? ORDER BY number {way}", [
            info.id
        ]  # the index alone answers this
    # Rows of a dataset mostly lie together: reading that stretch in storage order is twice as fast as going through the index.
    if last - first < 4 * info.rows:
        where, scope = "id BETWEEN ? AND ? AND +dataset_id = ?", [first, last, info.id]
    else:
        where, scope = "dataset_id = ?", [info.id]
    return f"SELECT id FROM examples WHERE {' AND '.join([where, *terms])} ORDER BY {order(info, view)}", [
        *scope,
        *parameters,
    ]
