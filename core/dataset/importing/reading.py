"""Reading a data file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.dataset.formats import Format, Rejected
from core.dataset.importing.assembling import Assembler, notes, text_problem
from core.dataset.importing.choices import Mapping, Reading
from core.dataset.importing.columns import settle
from core.dataset.importing.garbled import note_of
from core.dataset.importing.guessing import columns_of, guess, quoted_list
from core.dataset.importing.opening import open_source
from core.dataset.importing.results import ImportResult, Progress, ShouldStop, TextsResult
from core.dataset.importing.source import Source, Ticker
from core.dataset.mojibake import repaired
from core.errors import ImportProblem


def read(
    path: Path,
    mapping: Mapping | None = None,
    format: Format | None = None,
    on_progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    reading: Reading | None = None,
) -> ImportResult:
    """Every row of a file as an example, and every line that is none with its reason.

    Without a mapping, here or in `reading`, the columns are guessed, for `format` where it is given. A mapping's names decide
    whether the first row is a header ("anchor" = "frage") or data ("anchor" = "column 1"), unless the reading says. Texts are
    kept character for character.

    Raises:
        FileProblem: missing, a folder without data, unreadable, empty, or no table.
        ImportProblem: the columns do not fit, the score column holds no scores, or there are no rows.
        Cancelled: `should_stop` said so.
    """
    reading = reading or Reading()
    source = open_source(Path(path), reading, should_stop)
    mapping = mapping or reading.mapping
    if mapping is None:
        mapping, problem = guess(source, format)
        if mapping is None:
            raise ImportProblem(problem, "Say which column is which.")
    mapping = settle(replace(mapping, format=format or mapping.format), source)
    assembler = Assembler(mapping, source.path.name, reading.repair, reading.labels)
    picks = [source.columns.index(name) for name in mapping.columns.values()]
    ticker = Ticker(on_progress, should_stop)
    rows, scale = assembler.assemble(source.records(picks, assembler.reject, ticker), source.nested)
    if not rows and not assembler.rejected:
        raise ImportProblem(f"{source.name} has a header but no rows.", "Choose a file that holds data.")
    return ImportResult(
        mapping=mapping,
        format=mapping.format,
        negatives=mapping.negatives,
        scale=scale,
        examples=rows,
        rejected=sorted(assembler.rejected, key=lambda rejected: rejected.line),
        notes=[
            *source.notes,
            *notes(mapping, source.columns, scale, rows, assembler.repaired),
            *([] if reading.repair else note_of(_used(source, picks))),
        ],
    )


def _used(source: Source, picks: Sequence[int]) -> list[list[str]]:
    """The sample's cells that become texts, scores or splits."""
    return [[row[pick] for pick in picks] for row in source.sample]


def read_texts(
    path: Path,
    reading: Reading,
    on_progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> TextsResult:
    """The texts of the column `reading.corpus`, and every line without one.

    Raises:
        FileProblem, ImportProblem: as `read`; or there is no such column.
        Cancelled: `should_stop` said so.
    """
    source = open_source(Path(path), reading, should_stop)
    name = reading.corpus or ""
    if not source.use_columns([name]):
        raise ImportProblem(
            f"{source.name} has no column {quoted_list([name])}; its columns are {columns_of(source)}.",
            "Choose among those.",
        )
    rejected: list[Rejected] = []
    texts: list[str] = []
    mended = 0

    def reject(line: int, reason: str) -> None:
        rejected.append(Rejected(line, reason))

    ticker = Ticker(on_progress, should_stop)
    for line, (cell,) in source.records([source.columns.index(name)], reject, ticker):
        for text in cell if isinstance(cell, list) else [cell]:
            if problem := text_problem(text):
                reject(line, problem.format("text"))
                continue
            better = repaired(text) if reading.repair else text
            mended += better != text
            texts.append(better)
    if not texts and not rejected:
        raise ImportProblem(f"{source.name} has a header but no rows.", "Choose a file that holds data.")
    found = list(source.notes)
    if mended:
        found.append(f"Garbled letters were repaired in {mended:,} texts.")
    if not reading.repair:
        found += note_of(_used(source, [source.columns.index(name)]))
    return TextsResult(texts, sorted(rejected, key=lambda item: item.line), found)
