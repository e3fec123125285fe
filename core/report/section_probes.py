"""Queries and pairs that somebody keeps an eye on: what the base model, the run before and this run say about them."""

from __future__ import annotations

from core.project.probes import Probe
from core.report.blocks import Block, Cell, Head, Paragraph, Section, Table, Tile, Tiles, cells
from core.report.facts import Facts
from core.report.plain import line, plain
from core.report.section_data import PRIVATE
from core.report.widths import shared
from core.training.run_probes import Found, RunProbes
from core.words import NONE, beside, count, exactly, number, signed

_MOST = 24
_LONGEST = 150
_NAME = "Probes"
_WORDS = {"regressed": "negative", "fails": "negative", "fixed": "positive", "passes": "positive"}


def probes(facts: Facts) -> Section | None:
    """None where nobody keeps an eye on anything."""
    found = facts.probes.results
    if found is not None and found.probes:
        return Section("probes", _NAME, _results(facts, found))
    if facts.probes.pairs:
        told = _told(facts) if facts.texts else Paragraph(PRIVATE, "secondary")
        return Section("probes", _NAME, (Paragraph("Pairs that somebody keeps an eye on."), told))
    return None


def _results(facts: Facts, found: RunProbes) -> tuple[Block, ...]:
    tiles = [Tile("Pass", _passed(found.tuned), facts.tuned)]
    if found.base:
        tiles.insert(0, Tile("Pass", _passed(found.base), facts.base))
    worse = len(found.regressions)
    tiles.append(Tile("Regressions", f"{worse}", "passed before, fail now", "negative" if worse else ""))
    tiles.append(Tile("Fixed", f"{len(found.fixed)}", "failed under the base model"))
    words = f"Saved queries look through {count(found.texts, 'text')}; {_judged_by(facts, found)}."
    if found.previous:
        words += f" The run before is {line(found.previous, 60)}."
    blocks: list[Block] = [Paragraph(words), Tiles(tuple(tiles))]
    blocks.append(_table(facts, found) if facts.texts else Paragraph(PRIVATE, "secondary"))
    return tuple(blocks)


def _passed(side: tuple[Found, ...]) -> str:
    """Of those that this model could be judged by: a pair needs a threshold."""
    return f"{sum(one.passed is True for one in side)} of {sum(one.passed is not None for one in side)}"


def _judged_by(facts: Facts, found: RunProbes) -> str:
    names = (facts.tuned, facts.base.lower(), "the run before")
    sides = (found.tuned, found.base, found.before)
    told = [
        f"{exactly(line)} for {name}"
        for name, side, line in zip(names, sides, found.thresholds, strict=True)
        if side and line is not None
    ]
    return (
        f"a pair is similar from its model's threshold on: {', '.join(told)}"
        if told
        else "there is no threshold to tell pairs by"
    )


def _table(facts: Facts, found: RunProbes) -> Table:
    """What got worse first, then what fails, what was fixed, what passes."""
    worse = {one.place for one in found.regressions}
    fixed = set(found.fixed)
    words = []
    for place, one in enumerate(found.tuned):
        word = "fails" if one.passed is False else "passes" if one.passed else NONE
        words.append("regressed" if place in worse else "fixed" if place in fixed else word)
    rank = {word: place for place, word in enumerate((*_WORDS, NONE))}
    order = sorted(range(len(words)), key=lambda place: (rank[words[place]], place))
    rows = []
    for place in order[:_MOST]:
        probe = found.probes[place]
        sides = [_figure(probe, side, place) for side in (found.base, found.before, found.tuned)]
        if not found.before:
            del sides[1]
        rows.append(
            (
                Cell(plain(_asked(probe), 2 * _LONGEST), data=True),
                Cell(plain(_expected(probe), 2 * _LONGEST), data=True),
                *cells(*sides),
                Cell(words[place], _WORDS.get(words[place], "secondary"), strong=words[place] == "regressed"),
            )
        )
    between = (Head("Before", True, 0.9),) if found.before else ()
    heads = (
        Head("Probe", weight=3.2),
        Head("Expected", weight=3),
        Head("Base", True, 0.9),
        *between,
        Head(facts.tuned, True, 0.9),
        Head("Result", weight=1.1),
    )
    more = len(found.probes) - len(rows)
    note = "Of a query the rank that decides, of a pair its score, of an order by how much the first pair scores higher."
    note += f" And {count(more, 'more probe')}." if more > 0 else ""
    return Table("What the models say", shared(heads, rows), tuple(rows), note)


def _asked(probe: Probe) -> str:
    if probe.kind == "query":
        return line(probe.text, _LONGEST)
    return f"{line(probe.text, _LONGEST)} ↔ {line(probe.other, _LONGEST)}"


def _expected(probe: Probe) -> str:
    if probe.kind == "order":
        return "scores higher than " + " ↔ ".join(line(text, _LONGEST) for text in probe.lower)
    if probe.kind == "pair":
        return probe.expectation or NONE
    parts = [f"among the first {probe.k}: {_listed(probe.expected)}"] if probe.expected else []
    parts += [f"not among the first {probe.k}: {_listed(probe.unwanted)}"] if probe.unwanted else []
    return "\n".join(parts) or NONE


def _listed(texts: tuple[str, ...]) -> str:
    shown = "; ".join(line(text, 60) for text in texts[:2])
    return f"{shown} and {len(texts) - 2} more" if len(texts) > 2 else shown


def _figure(probe: Probe, side: tuple[Found, ...], place: int) -> str:
    if place >= len(side):
        return NONE
    if probe.kind == "query":
        worst = side[place].worst(probe)
        return NONE if worst is None else f"rank {worst:,}"
    found = side[place].figure(probe)
    if found is None:
        return NONE
    if probe.kind == "order":
        return ("+" if found > 0 else "") + beside(found, 0.0, 2, above=True)
    line_of = side[place].line
    return number(found, 2) if line_of is None else beside(found, line_of, 2)


def _told(facts: Facts) -> Table:
    """What the run itself said on the way, where nobody asked afterwards."""
    pairs = facts.probes.pairs
    rows = []
    for one in pairs[:_MOST]:
        change = None if one.base is None or one.tuned is None else one.tuned - one.base
        texts = (Cell(plain(one.text, _LONGEST), data=True), Cell(plain(one.other, _LONGEST), data=True))
        rows.append((*texts, *cells(number(one.base, 2), number(one.tuned, 2), signed(change, 2))))
    heads = (
        Head("Text", weight=3, tone="anchor"),
        Head("Other text", weight=3),
        Head("Base", True, 0.7),
        Head("Last", True, 0.7),
        Head("Change", True, 0.8),
    )
    more = len(pairs) - len(rows)
    note = "The kept model can be one of an earlier step."
    note += f" And {count(more, 'more probe')}." if more > 0 else ""
    return Table("Similarity before the first step and when it was last measured", heads, tuple(rows), note)
