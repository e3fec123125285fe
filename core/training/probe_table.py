"""Probes with what models say about them, as lines to show, to sort, and to hand on as CSV or as one page of HTML. No torch."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.project.probe_rows import escaped
from core.project.probes import Probe
from core.training.run_probes import Found, RunProbes
from core.words import beside, count, number, signed

REGRESSED, FAILS, FIXED, PASSES, OPEN = "regressed", "fails", "fixed", "passes", "open"
STATES = {
    REGRESSED: ("−", "Got worse"),
    FAILS: ("×", "Fails"),
    FIXED: ("+", "Fixed"),
    PASSES: ("✓", "Passes"),
    OPEN: ("·", "Not judged"),
}


@dataclass(frozen=True)
class Line:
    """A probe under the model that is looked at, and under two others: the one it is compared with, and one more that it should not
    fall behind. `past`: what the models of earlier runs said, oldest first."""

    probe: Probe
    now: Found | None = None
    first: Found | None = None
    third: Found | None = None
    past: tuple[tuple[str, Found], ...] = ()

    @cached_property
    def state(self) -> str:
        if self.now is None or self.now.passed is None:
            return OPEN
        if self.now.passed:
            return FIXED if self.first is not None and self.first.passed is False else PASSES
        return REGRESSED if self.worse_than else FAILS

    @cached_property
    def worse_than(self) -> tuple[bool, bool]:
        """Whether it passed under the first and under the third model, and fails now; () where neither."""
        if self.now is None or self.now.passed is not False:
            return ()  # type: ignore[return-value]
        sides = tuple(one is not None and one.passed is True for one in (self.first, self.third))
        return sides if any(sides) else ()  # type: ignore[return-value]

    @property
    def change(self) -> float | None:
        """Ranks that a query rose, or by how much the figure grew, against the first model."""
        if self.now is None or self.first is None:
            return None
        if self.probe.kind == "query":
            now, then = self.now.worst(self.probe), self.first.worst(self.probe)
            return None if now is None or then is None else float(then - now)
        after, before = self.now.figure(self.probe), self.first.figure(self.probe)
        return None if after is None or before is None else after - before


def lines(probes: Iterable[Probe], result: RunProbes | None, runs: Sequence[RunProbes] = ()) -> list[Line]:
    """One line for each probe. What was found for a probe that said something else is not used."""
    places = result.places if result is not None else {}
    found = []
    for probe in probes:
        place = places.get(probe.key)
        past = tuple(
            (run.run, run.tuned[at]) for run in runs if (at := run.places.get(probe.key)) is not None
        )
        sides = (result.tuned, result.base, result.before) if result is not None else ((), (), ())
        now, first, third = (_at(side, place) for side in sides)
        found.append(Line(probe, now, first, third, past))
    return found


def _at(side: Sequence[Found], place: int | None) -> Found | None:
    return side[place] if place is not None and place < len(side) else None


# -- words ----------------------------------------------------------------------------------------------------------------


def title(probe: Probe) -> str:
    return f"{probe.text}  ↔  {probe.other}" if probe.other else probe.text


def wish(probe: Probe) -> str:
    """What is expected, in one line."""
    if probe.kind == "order":
        return f"above  {probe.lower[0]}  ↔  {probe.lower[1]}"
    if probe.kind == "pair":
        return {"similar": "similar", "different": "not similar"}.get(probe.expectation, "nothing")
    parts = []
    if probe.expected:
        parts.append(f"first {probe.k}:  {'  ·  '.join(probe.expected)}")
    if probe.unwanted:
        parts.append(f"not in the first {probe.k}:  {'  ·  '.join(probe.unwanted)}")
    return "  —  ".join(parts) or "nothing"


def told(probe: Probe, found: Found | None) -> str:
    """What a model says: the rank that decides, or the score."""
    if found is None:
        return ""
    if probe.kind == "query":
        rank = found.worst(probe)
        return "" if rank is None else f"rank {rank:,}"
    figure = found.figure(probe)
    if figure is None:
        return number(None)
    if probe.kind == "order":
        return ("+" if figure > 0 else "") + beside(figure, 0.0, above=True)
    return number(figure) if found.line is None else beside(figure, found.line)


def change(line: Line) -> str:
    moved = line.change
    if moved is None:
        return ""
    if line.probe.kind == "query":
        return "" if not moved else f"{'▲' if moved > 0 else '▼'} {abs(int(moved)):,}"
    return signed(moved)


def summary(found: RunProbes) -> str:
    """For a message: "9 of 12 probes pass, 2 that passed before fail now"."""
    judged = found.passed + found.failed
    if not judged:
        many = len(found.probes)
        which = "none with" if many != 1 else "without"
        return f"{count(many, 'probe')}, {which} an expectation that can be judged"
    worse = len(found.regressions)
    words = f"{found.passed:,} of {judged:,} {'probe passes' if judged == 1 else 'probes pass'}"
    return words + (
        f", {worse:,} that passed before {'fails' if worse == 1 else 'fail'} now" if worse else ""
    )


# -- handing on -----------------------------------------------------------------------------------------------------------


HEADER = (
    "kind",
    "text",
    "other",
    "expectation",
    "expected",
    "unwanted",
    "k",
    "lower text",
    "lower other",
    "note",
)


def as_table(found: Sequence[Line], titles: Sequence[str]) -> tuple[list[str], list[list[object]]]:
    """A line for each probe; a query with several hits has one for each. What the models say stands behind, so that the table can be
    read in again as probes."""
    figures = [f"{words} {name}" for name in titles for words in ("verdict", "rank", "score")]
    return [*HEADER, "state", *figures], [row for line in found for row in _rows(line, len(titles))]


def _rows(line: Line, models: int) -> Iterable[list[object]]:
    probe = line.probe
    state = STATES[line.state][1]
    lower = probe.lower if len(probe.lower) == 2 else ("", "")
    hits = [(text, "") for text in probe.expected] + [("", text) for text in probe.unwanted]
    for place, (expected, unwanted) in enumerate(hits or [("", "")]):
        k = probe.k if probe.kind == "query" else None
        texts = (probe.text, probe.other, probe.expectation, expected, unwanted)
        row: list[object] = [probe.kind, *map(escaped, texts), k, *map(escaped, lower), escaped(probe.note)]
        row.append(state)
        for side in _sides(line, models):
            if side is None:
                row += [None, None, None]
                continue
            passed = None if side.passed is None else "pass" if side.passed else "fail"
            rank = side.ranks[place] if place < len(side.ranks) else None
            score = side.scores[place] if place < len(side.scores) else None
            row += [passed, rank, side.figure(probe) if probe.kind == "order" else score]
        yield row


def _sides(line: Line, models: int) -> tuple[Found | None, ...]:
    """In the order of the columns: compared with, looked at, one more."""
    return (line.first, line.now, line.third)[:models] if models > 1 else (line.now,)


_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em;color:#1B1F27;background:#fff}
h1{font-size:1.4em;margin-bottom:0}p{color:#5B6472;margin-top:.2em}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.45em .7em;border-bottom:1px solid #E4E7EC;overflow-wrap:anywhere}
th{color:#5B6472;font-weight:600}td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td.s{white-space:nowrap;font-weight:600}.regressed{color:#B94700}.fails{color:#8A5D00}.fixed,.passes{color:#00795A}.open{color:#5B6472}
@media (prefers-color-scheme:dark){body{background:#14161B;color:#E8EAEE}th,p,.open{color:#9AA3B2}th,td{border-color:#2B2F38}
.regressed{color:#F0894E}.fails{color:#D9A441}.fixed,.passes{color:#3DBE95}}"""


def as_html(found: Sequence[Line], titles: Sequence[str], heading: str, about: str) -> str:
    """One page that needs nothing else: no script, no picture, no link. Every text of the data is escaped."""
    counts = {state: sum(line.state == state for line in found) for state in STATES}
    said = [f"{counts[state]:,} {words.lower()}" for state, (_, words) in STATES.items() if counts[state]]
    heads = ["Verdict", "Probe", "Expected", *titles, "Change"]
    rows = "\n".join(_html_row(line, len(titles)) for line in found)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{_safe(heading)}</title><style>{_STYLE}</style></head><body>
<h1>{_safe(heading)}</h1>
<p>{_safe(about)}</p>
<p>{_safe(" · ".join(said) or "No probes")}</p>
<table><thead><tr>{"".join(f"<th>{_safe(head)}</th>" for head in heads)}</tr></thead><tbody>
{rows}
</tbody></table>
</body></html>
"""


def _html_row(line: Line, models: int) -> str:
    sign, words = STATES[line.state]
    sides = _sides(line, models)
    cells = "".join(f'<td class="n">{_safe(told(line.probe, side))}</td>' for side in sides)
    return (
        f'<tr><td class="s {line.state}">{sign} {words}</td><td>{_safe(title(line.probe))}</td>'
        f'<td>{_safe(wish(line.probe))}</td>{cells}<td class="n">{_safe(change(line))}</td></tr>'
    )


def _safe(text: str) -> str:
    return html.escape(
        "".join(sign for sign in text if sign in "\n\t" or sign.isprintable() or sign == "\u00ad")
    )
