"""The answer first: did it get better, by how much, how sure is that, and from what."""

from __future__ import annotations

from core.report.blocks import Block, Cell, Head, Paragraph, Section, Table, Tile, Tiles, Verdict, cells
from core.report.facts import Facts
from core.training.outcome import Outcome
from core.words import count, duration, interval, number, signed

_TITLES = {
    "better": "Better than the base model",
    "worse": "Worse than the base model",
    "unclear": "Not distinguishable from the base model",
    "base": "No better than the base model, which was kept",
    "few": "Too few held-out rows to tell",
    "unmeasured": "Not measured",
}
_TONES = {"better": "positive", "worse": "negative"}
_SAID_TWICE = ("Better. ", "Worse. ", "Not distinguishable from the base model. ")
_STATES = {
    "running": ("The run is still going on", "What stands here is how far it has come."),
    "interrupted": (
        "Interrupted: there is no result",
        "The run ended before it could save a model. Its curves and its rows are kept.",
    ),
    "unreadable": ("This run cannot be read", ""),
}
_MOST_PARTS = 16


def summary(facts: Facts) -> Section:
    blocks: list[Block] = [_verdict(facts), Tiles(_tiles(facts))]
    if facts.run.note.strip():
        blocks.append(Paragraph(f"Note: {facts.run.note.strip()[:2000]}", "secondary"))
    return Section("summary", "Result", tuple(blocks))


def _verdict(facts: Facts) -> Verdict:
    run = facts.run
    if run.failed is not None:
        words = "Discarded: there is no result" if run.failed.discarded else "Failed: there is no result"
        return Verdict(words, f"{run.failed.message} {run.failed.hint}".strip()[:1000], "negative")
    if run.finished is None:
        title, sentence = _STATES.get(run.status, ("There is no result", ""))
        return Verdict(title, " ".join(part for part in (sentence, run.problem) if part))
    found = run.outcome
    sentence = found.verdict
    for words in _SAID_TWICE:
        sentence = sentence.removeprefix(words)
    title = _TITLES.get(found.word, "Finished")
    if run.status == "stopped":
        sentence = f"{sentence} The run was stopped by hand; what it had reached is kept.".strip()
    return Verdict(title, sentence, _TONES.get(found.word, ""))


def _tiles(facts: Facts) -> tuple[Tile, ...]:
    run, found = facts.run, facts.run.outcome
    tiles = []
    base = found.base if found.base is not None else run.base
    kept = found.tuned if found.tuned is not None else run.best
    if run.failed is not None:
        kept = None
    metric = found.title or run.metric_title
    if base is not None:
        tiles.append(Tile("Base model", number(base), metric))
    if kept is not None:
        tiles.append(
            Tile(
                "Kept model" if run.finished else "Best so far",
                number(kept),
                metric,
                _TONES.get(found.word, ""),
            )
        )
    if found.change is not None:
        spread = f"95 %: {interval(*found.interval)}" if found.interval else "no interval: see the verdict"
        tiles.append(Tile("Change", signed(found.change), spread, _TONES.get(found.word, "")))
    rows = found.rows or run.holdout_rows
    tiles.append(Tile("Held out", f"{rows:,}", count(rows, "row").split(" ")[1] if rows else "nothing"))
    tiles.append(
        Tile(
            "Trained on",
            f"{run.rows:,}",
            f"{count(run.rows, 'row').split(' ')[1]}, {count(run.steps, 'step')}",
        )
    )
    if run.seconds:
        tiles.append(Tile("Time", duration(run.seconds), "training and evaluation"))
    return tuple(tiles)


def figures(facts: Facts) -> tuple[Block, ...]:
    """Every metric of the hold-out, and its parts."""
    found = facts.run.outcome
    blocks: list[Block] = []
    if found.metrics:
        blocks.append(_metrics(found))
    if found.parts and facts.texts:
        blocks.append(_parts(found))
    return tuple(blocks)


def _metrics(found: Outcome) -> Table:
    rows = []
    for name, base, tuned in found.metrics:
        change = None if base is None or tuned is None or "threshold" in name else tuned - base
        rows.append(cells(name.replace("_", " "), number(base), number(tuned), signed(change)))
    heads = (Head("Metric", weight=2), Head("Base", True), Head("Kept", True), Head("Change", True))
    return Table("Figures on the hold-out", heads, tuple(rows), named=True)


def _parts(found: Outcome) -> Table:
    rows = tuple(
        (
            Cell(part.name, data=True),
            Cell(part.title),
            Cell(f"{part.rows:,}"),
            Cell(number(part.base)),
            Cell(number(part.tuned)),
        )
        for part in found.parts[:_MOST_PARTS]
    )
    more = len(found.parts) - len(rows)
    heads = (
        Head("Part", weight=2.4),
        Head("Figure", weight=1.4),
        Head("Rows", True),
        Head("Base", True),
        Head("Kept", True),
    )
    note = f"And {count(more, 'more part')}." if more > 0 else ""
    return Table("Parts of the hold-out", heads, rows, note, named=True)
