"""Looking at a data file, and reading it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.dataset.formats import Format
from core.dataset.importing.assembling import Assembler, notes
from core.dataset.importing.columns import settle
from core.dataset.importing.guessing import guess
from core.dataset.importing.limits import PREVIEW
from core.dataset.importing.opening import open_source
from core.dataset.importing.results import ImportResult, Inspection, Mapping, Progress, ShouldStop
from core.dataset.importing.source import Ticker
from core.errors import ImportProblem


def inspect(path: Path) -> Inspection:
    """The shape of a file and a guess of what its columns are, from its beginning.

    Raises:
        FileProblem: missing, a folder, unreadable, empty, or no table.
        ImportProblem: a table without rows.
    """
    source = open_source(Path(path))
    mapping, problem = guess(source)
    return Inspection(
        path=source.path,
        kind=source.kind,
        encoding=source.encoding,
        delimiter=source.delimiter,
        quoted=source.quoted,
        header=source.header,
        columns=source.columns,
        preview=source.sample[:PREVIEW],
        mapping=mapping,
        problem=problem,
    )


def read(
    path: Path,
    mapping: Mapping | None = None,
    format: Format | None = None,
    on_progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> ImportResult:
    """Every row of a file as an example, and every line that is none with its reason.

    Without `mapping` the columns are guessed, for `format` where it is given. A mapping's names decide whether the first row
    is a header ("anchor" = "frage") or data ("anchor" = "column 1"). Texts are kept character for character.

    Raises:
        FileProblem: missing, a folder, unreadable, empty, or no table.
        ImportProblem: the columns do not fit, the score column holds no scores, or there are no rows.
        Cancelled: `should_stop` said so.
    """
    source = open_source(Path(path))
    if mapping is None:
        mapping, problem = guess(source, format)
        if mapping is None:
            raise ImportProblem(problem, "Say which column is which.")
    mapping = settle(replace(mapping, format=format or mapping.format), source)
    assembler = Assembler(mapping, source.path.name)
    picks = [source.columns.index(name) for name in mapping.columns.values()]
    ticker = Ticker(on_progress, should_stop)
    examples, scale = assembler.assemble(source.records(picks, assembler.reject, ticker), source.nested)
    if not examples and not assembler.rejected:
        raise ImportProblem(f"{source.path.name} has a header but no rows.", "Choose a file that holds data.")
    return ImportResult(
        mapping=mapping,
        format=mapping.format,
        negatives=mapping.negatives,
        scale=scale,
        examples=examples,
        rejected=sorted(assembler.rejected, key=lambda rejected: rejected.line),
        notes=[*source.notes, *notes(mapping, source.columns, scale, examples)],
    )
