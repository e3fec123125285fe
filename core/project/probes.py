"""Probes: pairs of texts and queries that somebody keeps an eye on, with what is expected of them."""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from core.dataset.formats import Example, Format
from core.errors import DataProblem

if TYPE_CHECKING:
    from core.project.queries import Queries
    from core.project.step import Step

EXPECTATIONS = ("", "similar", "different")
COLUMNS = "text, other, expectation, note, k"
ROLES = ("expected", "unwanted", "lower")
THRESHOLD = "probe_threshold"  # the project's fact: from which score two texts count as similar
_KEEPS_REJECTED = (Format.PAIRS, Format.SCORED)  # their texts are a pair to look at still
FIRST = 10  # hits that a query is usually looked at
MOST_HITS, MOST_TEXTS = 1000, 100


@dataclass(frozen=True)
class More:
    """What a query or an order says besides its texts: how many hits count, which texts are among them and which are not, and the two
    texts of the pair that should have the lower score."""

    k: int = FIRST
    expected: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    lower: tuple[str, ...] = ()


@dataclass(frozen=True)
class Probe:
    """`id` is unique in the project; `other` is "" for a query.

    A query may name texts that should be among the first `k` hits, and texts that should not. A pair may be expected to be similar or
    different, or to score higher than the two texts of `lower`.
    """

    id: int
    text: str
    other: str
    expectation: str = ""
    note: str = ""
    k: int = FIRST
    expected: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    lower: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """query, pair or order"""
        return "query" if not self.other else "order" if self.lower else "pair"

    @cached_property
    def key(self) -> str:
        """The same for probes that say the same, whatever their number and their note: by it a probe is found in older runs."""
        said = [
            self.text,
            self.other,
            self.expectation,
            sorted(self.expected),
            sorted(self.unwanted),
            self.lower,
        ]
        record = json.dumps([*said, self.k if self.kind == "query" else 0], ensure_ascii=True)
        return hashlib.blake2b(record.encode(), digest_size=10).hexdigest()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs whose similarity tells everything: none of a query."""
        found = ((self.text, self.other),) if self.other else ()
        return (*found, (self.lower[0], self.lower[1])) if len(self.lower) == 2 else found

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts that have to be embedded."""
        return tuple(
            text for text in (self.text, self.other, *self.expected, *self.unwanted, *self.lower) if text
        )


def put(probe: Probe) -> SetProbe:
    """The edit that makes a probe what is said here; `id` 0: a new one."""
    more = More(probe.k, probe.expected, probe.unwanted, probe.lower)
    return SetProbe(probe.id, (probe.text, probe.other, probe.expectation, probe.note), more)


@dataclass(frozen=True)
class SetProbe:
    """Give the probe `id` these values (text, other, expectation, note), or take it away with None. `id` 0: a new one."""

    id: int
    values: tuple[str, str, str, str] | None
    more: More = More()

    def apply(self, step: Step) -> SetProbe | None:
        before = _read(step.connection, self.id)
        if before == ((self.values, self.more) if self.values is not None else None):
            return None
        id, connection = self.id, step.connection
        if self.values is None:
            connection.execute("DELETE FROM probes WHERE id = ?", (id,))
        else:
            check(self.values, self.more)
            id = id or connection.execute("SELECT coalesce(max(id), 0) + 1 FROM probes").fetchone()[0]
            connection.execute(
                f"INSERT OR REPLACE INTO probes (id, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
                (id, *self.values, self.more.k),
            )
        connection.execute("DELETE FROM probe_texts WHERE probe_id = ?", (id,))
        if self.values is not None:
            lines = [
                (id, role, place, text)
                for role in ROLES
                for place, text in enumerate(getattr(self.more, role))
            ]
            connection.executemany("INSERT INTO probe_texts VALUES (?, ?, ?, ?)", lines)
        step.touch("probes")
        return SetProbe(id, None) if before is None else SetProbe(id, *before)


def load_probes(connection: sqlite3.Connection) -> list[Probe]:
    """The probes of a project, oldest first."""
    texts: dict[int, dict[str, list[str]]] = {}
    for id, role, text in connection.execute("SELECT probe_id, role, text FROM probe_texts ORDER BY place"):
        texts.setdefault(id, {}).setdefault(role, []).append(text)
    found = []
    for id, text, other, expectation, note, k in connection.execute(
        f"SELECT id, {COLUMNS} FROM probes ORDER BY id"
    ):
        lists = [tuple(texts.get(id, {}).get(role, ())) for role in ROLES]
        found.append(Probe(id, text, other, expectation, note, _hits(k), *lists))
    return found


def _hits(k: object) -> int:
    """A file can say anything."""
    return min(max(k, 1), MOST_HITS) if isinstance(k, int) else FIRST


def _read(connection: sqlite3.Connection, id: int) -> tuple[tuple[str, str, str, str], More] | None:
    found = connection.execute(f"SELECT {COLUMNS} FROM probes WHERE id = ?", (id,)).fetchone()
    if found is None:
        return None
    texts: dict[str, list[str]] = {role: [] for role in ROLES}
    for role, text in connection.execute(
        "SELECT role, text FROM probe_texts WHERE probe_id = ? ORDER BY place", (id,)
    ):
        texts.setdefault(role, []).append(text)
    return tuple(found[:4]), More(found[4], *(tuple(texts[role]) for role in ROLES))


def threshold_of(project: Queries) -> float | None:
    """From which score a pair counts as similar where a model has no threshold of its own; None: nobody said."""
    try:
        found = float(project.meta(THRESHOLD) or "nan")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def check(values: tuple[str, str, str, str], more: More) -> None:
    """Raises: DataProblem when this is no probe."""
    text, other, expectation, _ = values
    if not text.strip():
        raise DataProblem("A probe needs a text.", "Type one.")
    if expectation not in EXPECTATIONS:
        raise DataProblem(
            f"A probe cannot be expected to be “{expectation}”.", "Use similar, different, or nothing."
        )
    hits = (*more.expected, *more.unwanted)
    if other and hits:
        raise DataProblem("A pair has no expected hits.", "Make a query of it, or leave the hits out.")
    if more.lower and not other:
        raise DataProblem("An order needs two pairs of texts.", "Type both texts of both pairs.")
    if more.lower and (expectation or len(more.lower) != 2 or not all(one.strip() for one in more.lower)):
        raise DataProblem(
            "An order needs two pairs of texts and nothing else.", "Type both texts of both pairs."
        )
    if more.lower and (text, other) == more.lower:
        raise DataProblem("A pair cannot score higher than itself.", "Type another pair.")
    if not all(one.strip() for one in hits):
        raise DataProblem("An expected hit has no text.", "Type one, or leave it out.")
    if len(hits) > MOST_TEXTS:
        raise DataProblem(f"A query can name {MOST_TEXTS} hits at most.", "Make several probes.")
    if set(more.expected) & set(more.unwanted):
        raise DataProblem(
            "A text cannot be expected and unwanted at once.", "Leave it out of one of the lists."
        )
    if len(set(hits)) < len(hits):
        raise DataProblem("A hit is named twice.", "Leave one of them out.")
    if not 1 <= more.k <= MOST_HITS:
        raise DataProblem(
            f"A query looks at its first 1 to {MOST_HITS:,} hits.", "Choose a number in between."
        )


def pairs_of(format: Format, rows: Sequence[Example]) -> list[tuple[str, str, str]]:
    """The pairs in examples that are worth an eye: text, other text, what the label says they should be. No pair twice.

    A scored pair should be similar from a score of 0.75 on and different up to 0.25; one of plain pairs that somebody rejected should be
    different. Two texts with categories are a pair. Of other rejected rows nothing is expected.
    """
    rows = [row for row in rows if format in _KEEPS_REJECTED or row.status != "rejected"]
    found: list[tuple[str, str, str]] = []
    if format is Format.CATEGORIES:
        if len(rows) == 2:
            (text, kind), (other, other_kind) = rows[0].texts, rows[1].texts
            found.append((text, other, "similar" if kind == other_kind else "different"))
    elif format is Format.TRIPLETS:
        for row in rows:
            found.append((row.texts[0], row.texts[1], "similar"))
            found += [(row.texts[0], negative, "different") for negative in row.texts[2:]]
    else:
        for row in rows:
            rejected = row.status == "rejected"
            score = float(not rejected) if format is Format.PAIRS else None if rejected else row.score
            wish = (
                "" if score is None else "similar" if score >= 0.75 else "different" if score <= 0.25 else ""
            )
            found.append((row.texts[0], row.texts[1], wish))
    pairs = {(text, other): wish for text, other, wish in found if text.strip() and other.strip()}
    return [(text, other, wish) for (text, other), wish in pairs.items()]


def queries_of(format: Format, rows: Sequence[Example]) -> list[Probe]:
    """The queries in examples: each distinct anchor with the texts that its rows say it should find, and those it should not.

    What a row contradicts another in is left out. A pair that somebody rejected is one that it should not find; other rejected rows say
    nothing. Categories have no anchors.
    """
    if format is Format.CATEGORIES:
        return []
    found: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for row in rows:
        anchor, *others = row.texts
        rejected = row.status == "rejected"
        if not anchor.strip() or (rejected and format is not Format.PAIRS):
            continue
        wanted, unwanted = found.setdefault(anchor, ({}, {}))
        if format is Format.SCORED:
            if row.score is not None and (row.score >= 0.75 or row.score <= 0.25):
                (wanted if row.score >= 0.75 else unwanted)[others[0]] = None
        else:
            (unwanted if rejected else wanted)[others[0]] = None
            unwanted.update(dict.fromkeys(others[1:]))
    made = []
    for anchor, (wanted, unwanted) in found.items():
        good = [text for text in wanted if text.strip() and text not in unwanted]
        bad = [text for text in unwanted if text.strip() and text not in wanted]
        if good or bad:
            made.append(
                Probe(
                    0,
                    anchor,
                    "",
                    expected=tuple(good[:MOST_TEXTS]),
                    unwanted=tuple(bad[: MOST_TEXTS - len(good[:MOST_TEXTS])]),
                )
            )
    return made
