"""Looking at a data file before it is read: what it is, and what its first rows become under a reading."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path

from core.dataset.formats import Example, Format, Rejected, Scale
from core.dataset.importing.assembling import Assembler, text_problem
from core.dataset.importing.choices import Mapping, Reading
from core.dataset.importing.columns import settle
from core.dataset.importing.content import profiles
from core.dataset.importing.garbled import repairs_of
from core.dataset.importing.guessing import guess
from core.dataset.importing.limits import PREVIEW
from core.dataset.importing.opening import open_source
from core.dataset.importing.results import Inspection, ShouldStop
from core.dataset.importing.source import Source, Ticker
from core.dataset.mojibake import repaired
from core.dataset.scores import detect_scale, parse_score
from core.errors import ImportProblem

_LOOKED_AT = 500  # records that the preview is made of
_LABELS = 50  # different words at most


def inspect(path: Path, reading: Reading | None = None, should_stop: ShouldStop | None = None) -> Inspection:
    """The shape of a file, a guess of what its columns are, and its first rows under `reading`.

    A mapping of the reading whose columns are not there, as after another delimiter was chosen, is guessed anew.

    Raises:
        FileProblem: missing, a folder without data, unreadable, empty, or no table.
        ImportProblem: a table without rows, or the reading names an encoding or member that is not there.
        Cancelled: `should_stop` said so.
    """
    reading = reading or Reading()
    source = open_source(Path(path), reading, should_stop)
    mapping, corpus, problem = _parts(source, reading)
    sample = source.sample
    repairs, garbled = repairs_of(sample)
    labels = _labels(source, mapping)
    examples: list[Example] = []
    rejected: list[Rejected] = []
    texts: list[str] = []
    if mapping is not None:
        examples, rejected, problem = _first_rows(source, mapping, reading)
    elif corpus is not None:
        place = source.columns.index(corpus)
        texts = [row[place] for row in sample if not text_problem(row[place])][:PREVIEW]
    preview = sample[:PREVIEW]
    if reading.repair:
        preview = [[repaired(cell) for cell in row] for row in preview]
        texts = list(map(repaired, texts))
    return Inspection(
        path=source.path,
        kind=source.kind,
        encoding=source.encoding,
        delimiter=source.delimiter,
        quoted=source.quoted,
        header=source.header,
        columns=source.columns,
        preview=preview,
        mapping=mapping,
        problem=problem,
        reading=_complete(source, reading, mapping, corpus),
        choices=source.choices,
        found=source.found,
        encodings=source.encodings(),
        confidence=source.confidence,
        members=source.members,
        mojibake=repairs,
        garbled=garbled,
        labels=labels,
        scale=_scale(source, mapping),
        examples=examples,
        rejected=rejected,
        texts=texts,
        notes=list(source.notes),
    )


def _parts(source: Source, reading: Reading) -> tuple[Mapping | None, str | None, str]:
    """(mapping, corpus, problem): what was asked for where it fits, else what the columns look like."""
    if reading.corpus is not None and source.use_columns([reading.corpus]):
        return None, reading.corpus, ""
    if reading.mapping is not None and source.use_columns(list(reading.mapping.columns.values())):
        try:
            return settle(reading.mapping, source), None, ""
        except ImportProblem as error:
            return reading.mapping, None, str(error)
    mapping, problem = guess(source)
    if mapping is None and (corpus := _only_text(source)) is not None:
        return None, corpus, ""
    return mapping, None, problem


def _only_text(source: Source) -> str | None:
    """The column of a file that holds one text a row."""
    if len(source.columns) == 1:
        return source.columns[0]
    kinds = profiles(source.sample, len(source.columns))
    texts = [place for place, kind in enumerate(kinds) if kind.kind in ("text", "mixed")]
    return source.columns[texts[0]] if len(texts) == 1 and texts[0] not in source.lists else None


def _first_rows(
    source: Source, mapping: Mapping, reading: Reading
) -> tuple[list[Example], list[Rejected], str]:
    """(examples, rejected, problem) of the first records."""
    try:
        mapping = settle(mapping, source)
        scale = mapping.scale or (None if reading.labels is not None else _scale(source, mapping))
        mapping = replace(mapping, scale=scale)
        assembler = Assembler(mapping, source.path.name, reading.repair, reading.labels)
        picks = [source.columns.index(name) for name in mapping.columns.values()]
        records = source.records(picks, assembler.reject, Ticker(None, None))
        rows, _ = assembler.assemble(islice(records, _LOOKED_AT), source.nested)
    except ImportProblem as error:
        return [], [], str(error)
    return rows[:PREVIEW], sorted(assembler.rejected, key=lambda item: item.line), ""


def _scores(source: Source, mapping: Mapping | None) -> list[str]:
    """The filled cells of the score column."""
    name = mapping.columns.get("score") if mapping is not None else None
    if name is None or name not in source.columns:
        return []
    place = source.columns.index(name)
    return [cell for row in source.sample if (cell := row[place].strip())]


def _labels(source: Source, mapping: Mapping | None) -> dict[str, int]:
    counts = Counter(_scores(source, mapping))
    if len(counts) > _LABELS or all(parse_score(word) is not None for word in counts):
        return {}
    return dict(counts.most_common())


def _scale(source: Source, mapping: Mapping | None) -> Scale | None:
    if mapping is None or mapping.format is not Format.SCORED:
        return None
    if mapping.scale is not None:
        return mapping.scale
    values = [value for cell in _scores(source, mapping) if (value := parse_score(cell)) is not None]
    return detect_scale(values) if values else None


def _complete(source: Source, reading: Reading, mapping: Mapping | None, corpus: str | None) -> Reading:
    """The reading with everything said that applies to the file."""
    applies = source.choices
    return replace(
        reading,
        encoding=source.encoding if "encoding" in applies else None,
        delimiter=source.delimiter if "delimiter" in applies else None,
        quoting=source.quoting if "quoting" in applies else None,
        skip=source.skip if "skip" in applies else None,
        header=source.header if "header" in applies else None,
        member=source.member if "member" in applies else None,
        mapping=mapping,
        corpus=corpus,
    )
