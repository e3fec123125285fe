"""What is chosen while exploring becomes labels: rows of a dataset that has the format for them, flags, or a saved view.

`send` is one step of the history. Nothing is lost in silence: of everything chosen it tells what was added, changed, there already, or
left out and why. A row that is there, letter for letter, is never made a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.dataset.formats import DatasetInfo, Example, Format, Role
from core.dataset.normalise import normalise
from core.project.cells import Cell, SetCells
from core.project.chosen import Chosen, Kind, Sending
from core.project.edits import Compound, CreateDataset, Edit, InsertExamples
from core.project.holding import Held
from core.project.project import Project
from core.project.queries import Queries
from core.project.ranges import to_ranges
from core.project.reshaping import free_names
from core.project.saved_views import CHOSEN_ROWS, SavedView, added, saved_views, store
from core.project.step import Change
from core.project.triplets import known_positives, made_of

ORIGIN = "explore.send"
OWN_TEXT = "the anchor itself"
BLANK = "blank"
IN_NO_ROW = "in no labelled row"
_TEXTS = (Role.ANCHOR, Role.POSITIVE, Role.NEGATIVE, Role.TEXT)


@dataclass(frozen=True)
class Sent:
    """What became of it. `ids` are the rows added or changed, or those that were there where none was; `datasets` where they are."""

    kind: Kind
    added: int = 0
    changed: int = 0
    there: int = 0
    left: dict[str, int] = field(default_factory=dict)  # why → how many
    name: str = ""  # of the dataset, or of the view
    made: bool = False  # the dataset is new
    ids: tuple[int, ...] = ()
    datasets: tuple[int, ...] = ()
    change: Change | None = None


@dataclass
class _Plan:
    rows: list[Example] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    there: list[int] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)

    def leave(self, why: str, count: int = 1) -> None:
        if count:
            self.left[why] = self.left.get(why, 0) + count


def send(project: Project, chosen: Chosen, sending: Sending) -> Sent:
    """Carry it out, as one step; no step where everything is there already.

    Raises:
        DataProblem: a dataset is gone, or a frozen test set would change. Nothing was changed then.
    """
    if sending.kind is Kind.FLAG:
        return _flag(project, chosen)
    if sending.kind is Kind.VIEW:
        return _view(project, chosen)
    info = project.dataset(sending.dataset_id) if sending.dataset_id else _new(project, sending)
    plan = _planned(project, info, chosen, sending)
    edits: list[Edit] = [SetCells(tuple(plan.cells))] if plan.cells else []
    if plan.rows:
        edits.append(_insert(info, plan.rows))
    first = project.next_example_id()
    change = _apply(project, edits, _label(sending, len(plan.rows) + len(plan.changed), chosen.source))
    made = bool(plan.rows) and not info.id
    dataset_id = info.id or (max(change.dataset_ids) if change is not None else 0)
    new = tuple(range(first, first + len(plan.rows)))
    concerned = (*plan.changed, *new) or tuple(plan.there)
    return Sent(
        sending.kind,
        len(plan.rows),
        len(plan.changed),
        len(plan.there),
        plan.left,
        info.name,
        made,
        concerned,
        (dataset_id,) if dataset_id else (),
        change,
    )


def _new(project: Queries, sending: Sending) -> DatasetInfo:
    return DatasetInfo(0, free_names(project, [sending.format.title])[0], sending.format)


def _insert(info: DatasetInfo, rows: Sequence[Example]) -> Edit:
    if info.id:
        return InsertExamples(info.id, tuple(rows))
    return CreateDataset(info.name, info.format, info.negatives, info.scale, tuple(rows))


def _apply(project: Project, edits: Sequence[Edit], label: str) -> Change | None:
    if not edits:
        return None
    return project.apply(edits[0] if len(edits) == 1 else Compound(tuple(edits)), label, ORIGIN)


_WORDS = {
    Kind.POSITIVES: ("positive", "positives"),
    Kind.NEGATIVES: ("negative", "negatives"),
    Kind.SCORES: ("scored row", "scored rows"),
    Kind.TRIPLETS: ("triplet", "triplets"),
}


def counted(count: int, kind: Kind) -> str:
    """ "1 positive", "12 triplets"."""
    one, many = _WORDS.get(kind, ("row", "rows"))
    return f"{count:,} {one if count == 1 else many}"


def _label(sending: Sending, count: int, source: str) -> str:
    return f"Add {counted(count, sending.kind)} ({source})"


# -- rows ---------------------------------------------------------------------------------------------------------------


def _planned(project: Queries, info: DatasetInfo, chosen: Chosen, sending: Sending) -> _Plan:
    plan = _Plan()
    if sending.kind is Kind.TRIPLETS:
        _kept(project, info, chosen, sending, plan)
        return plan
    pairs = chosen.together() if sending.together else chosen.labels()
    if not sending.together:
        given = chosen.candidates()
        blank = sum(not (one.strip() and other.strip()) for one, other in given)
        plan.leave(BLANK, blank)
        plan.leave(OWN_TEXT, len(given) - blank - len(pairs))
    if info.format is Format.SCORED:
        high, low = f"{info.scale.high:.6g}", f"{info.scale.low:.6g}"
        raw = {Kind.POSITIVES: high, Kind.NEGATIVES: low}.get(sending.kind, sending.score)
        _scored(project, info, pairs, raw, chosen.source, plan)
    elif info.format is Format.TRIPLETS:
        _negatives(project, info, pairs, chosen, plan)
    elif info.format is Format.CATEGORIES:
        _categories(project, info, pairs, chosen.source, plan)
    else:
        _positives(project, info, pairs, chosen.source, plan)
    return plan


def _positives(
    project: Queries, info: DatasetInfo, pairs: Sequence[tuple[str, str]], source: str, plan: _Plan
) -> None:
    there = {row.texts: row for row in reversed(_rows(project, info, {one for one, _ in pairs}, (0,)))}
    for pair in pairs:
        row = there.get(pair)
        if row is None:
            plan.rows.append(Example(pair, source=source))
        elif row.status == "rejected":  # somebody said no; now it is yes
            plan.cells.append((row.id, "status", "accepted"))
            plan.changed.append(row.id)
        else:
            plan.there.append(row.id)


def _categories(
    project: Queries, info: DatasetInfo, pairs: Sequence[tuple[str, str]], source: str, plan: _Plan
) -> None:
    """Into the category of the anchor; a text that stands in another one stays there."""
    held = _rows(project, info, {text for pair in pairs for text in pair}, (0,))
    kept = [row for row in reversed(held) if row.status != "rejected"]
    there = {row.texts[0]: row for row in kept if row.texts[1].strip()}
    open_ = {row.texts[0]: row for row in kept if not row.texts[1].strip()}
    made: dict[str, str] = {}
    for anchor, text in pairs:
        category = there[anchor].texts[1] if anchor in there else ""
        known = there[text].texts[1] if text in there else made.get(text, "")
        if not category:
            plan.leave("of an anchor without a category")
        elif not known and text in open_:
            made[text] = category
            plan.cells.append((open_[text].id, "category", category))
            plan.changed.append(open_[text].id)
        elif not known:
            made[text] = category
            plan.rows.append(Example((text, category), source=source))
        elif normalise(known) == normalise(category) and text in there:
            plan.there.append(there[text].id)
        else:
            plan.leave("twice" if known == category else "in another category")


def _scored(
    project: Queries,
    info: DatasetInfo,
    pairs: Sequence[tuple[str, str]],
    raw: str,
    source: str,
    plan: _Plan,
) -> None:
    """Of a pair that is there, either way round, the score changes; without one it is left as it is."""
    score = info.scale.to_unit(float(raw)) if raw else None
    held = _rows(project, info, {text for pair in pairs for text in pair}, (0, 1))
    there = {_either(row.texts): row for row in reversed(held)}
    seen: set[tuple[str, str]] = set()
    for pair in pairs:
        key = _either(pair)
        row = there.get(key)
        if key in seen:  # chosen both ways round
            plan.leave("the other way round")
            continue
        seen.add(key)
        if row is None:
            plan.rows.append(Example(pair, score, raw, source=source))
        elif score is None or (row.score == score and row.status != "rejected"):
            plan.there.append(row.id)
        else:
            plan.cells.append((row.id, "score", raw))
            if row.status == "rejected":
                plan.cells.append((row.id, "status", "accepted"))
            plan.changed.append(row.id)


def _either(texts: Sequence[str]) -> tuple[str, str]:
    one, other = sorted(texts[:2])
    return one, other


def _negatives(
    project: Queries, info: DatasetInfo, pairs: Sequence[tuple[str, str]], chosen: Chosen, plan: _Plan
) -> None:
    """Each beside a positive that its anchor is known to have. What is itself a known positive of the anchor is no negative."""
    known = known_positives(project, {one for one, _ in pairs}, frozenset(chosen.ids))
    by_anchor: dict[str, list[str]] = {}
    for anchor, text in pairs:
        by_anchor.setdefault(anchor, []).append(text)
    for anchor, texts in by_anchor.items():
        positives = known.get(anchor, [])
        if not positives:
            plan.leave("of an anchor without a known positive", len(texts))
            continue
        same = {normalise(text) for text in positives}
        usable = [text for text in texts if normalise(text) not in same]
        plan.leave("known as positive", len(texts) - len(usable))
        _triplets(project, info, anchor, positives[: len(usable)], usable, chosen.source, plan)


def _kept(project: Queries, info: DatasetInfo, chosen: Chosen, sending: Sending, plan: _Plan) -> None:
    """The kept positives with the chosen texts as negatives."""
    anchor = normalise(sending.anchor)
    same = {normalise(text) for text in sending.positives}
    texts = chosen.every_text()
    own = [text for text in texts if normalise(text) == anchor]
    usable = [text for text in texts if normalise(text) not in same and normalise(text) != anchor]
    plan.leave(OWN_TEXT, len(own))
    plan.leave("kept as positive", len(texts) - len(own) - len(usable))
    positives = [text for text in sending.positives if normalise(text) != anchor]
    _triplets(project, info, sending.anchor, positives, usable, chosen.source, plan)


def _triplets(
    project: Queries,
    info: DatasetInfo,
    anchor: str,
    positives: Sequence[str],
    negatives: Sequence[str],
    source: str,
    plan: _Plan,
) -> None:
    made = made_of(anchor, positives, negatives, info.negatives)
    if negatives and not made:
        plan.leave(f"fewer than the {info.negatives} negatives of a row", len(negatives))
        return
    there = {row.texts: row for row in reversed(_rows(project, info, {anchor}, (0,)))}
    for texts in made:
        row = there.get(texts)
        if row is None:
            plan.rows.append(Example(texts, source=source))
        elif row.status == "rejected":
            plan.cells.append((row.id, "status", "accepted"))
            plan.changed.append(row.id)
        else:
            plan.there.append(row.id)


def _rows(project: Queries, info: DatasetInfo, texts: Iterable[str], slots: Sequence[int]) -> list[Held]:
    return project.rows_with(info.id, list(texts), slots) if info.id else []


# -- flags and views ----------------------------------------------------------------------------------------------------


def rows_of(project: Queries, chosen: Chosen) -> tuple[dict[int, list[int]], int]:
    """The labelled rows that the choice concerns, by dataset, and how many of the chosen texts or pairs are in none.

    The chosen rows themselves; else those that have both texts of a chosen pair, or one of the chosen texts.
    """
    if chosen.ids:
        return project.by_dataset(chosen.ids), 0
    texts = chosen.every_text()
    single = set(texts)
    wanted = {_either(pair) for pair in chosen.pairs}
    found: dict[int, list[int]] = {}
    missing: set[object] = set(wanted or texts)
    for info in project.datasets():
        slots = [column.slot for column in info.columns if column.role in _TEXTS]
        for row in project.rows_with(info.id, texts, slots):
            held = {row.texts[slot] for slot in slots}
            hits = {pair for pair in wanted if held.issuperset(pair)} if wanted else held & single
            if hits:
                found.setdefault(info.id, []).append(row.id)
                missing -= hits
    return found, len(missing)


def _flag(project: Project, chosen: Chosen) -> Sent:
    found, missing = rows_of(project, chosen)
    every = [id for ids in found.values() for id in ids]
    new = [row.id for row in project.examples(every) if not row.flag]
    cells = tuple((id, "flag", True) for id in new)
    words = f"Flag {len(new):,} row{'' if len(new) == 1 else 's'} ({chosen.source})"
    change = _apply(project, [SetCells(cells)] if cells else [], words)
    left = {IN_NO_ROW: missing} if missing else {}
    return Sent(
        Kind.FLAG,
        0,
        len(new),
        len(every) - len(new),
        left,
        ids=tuple(new or every),
        datasets=tuple(found),
        change=change,
    )


def _view(project: Project, chosen: Chosen) -> Sent:
    """A view of exactly these rows; one a dataset, as a view shows rows of one."""
    found, missing = rows_of(project, chosen)
    left = {IN_NO_ROW: missing} if missing else {}
    if not found:
        return Sent(Kind.VIEW, left=left)
    views = saved_views(project)
    name = free_name([view.name for view in views], chosen.source)
    for dataset_id, ids in found.items():
        view = SavedView(name, dataset_id, CHOSEN_ROWS, rows=to_ranges(ids))
        views = added(views, view)
    change = _apply(project, [store(views)], f"Save the view “{name}”")
    every = tuple(id for ids in found.values() for id in ids)
    return Sent(Kind.VIEW, len(every), left=left, name=name, ids=every, datasets=tuple(found), change=change)


def free_name(taken: Iterable[str], source: str) -> str:
    """ "Map 3" from "explorer: map", with the next free number."""
    word = source.rpartition(":")[2].strip() or source
    word = word[:1].upper() + word[1:60]
    known = {name.casefold() for name in taken}
    return next(name for n in range(1, len(known) + 2) if (name := f"{word} {n}").casefold() not in known)
