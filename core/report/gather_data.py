"""What a run learned from, read from its own copy of the rows: it stays true when the project changes. pyarrow is imported inside."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from core.dataset.formats import Example, Format, texts_of, training_columns
from core.errors import TrainingProblem
from core.report.facts import DataFacts, Row, SetFacts
from core.training import data
from core.training.run_files import contained
from core.training.runs import Run
from core.words import count, percent

_EXAMPLES = {"Training": 5, "Hold-out": 3}


def data_facts(run: Run) -> DataFacts:
    """The sets of a run; without its copy, a sentence that says so."""
    spec = run.spec
    if spec is None:
        return DataFacts(missing=run.problem or "The settings of this run cannot be read.")
    sets = []
    for title, name in (("Training", data.TRAIN), ("Hold-out", data.HOLDOUT)):
        path = contained(run.folder, *Path(name).parts)
        if path is None:
            continue
        try:
            sets.append(_set(title, path, spec.format, spec.negatives))
        except TrainingProblem as error:
            return DataFacts(missing=error.message)
    if not sets:
        return DataFacts(missing="The run's copy of its rows is no longer there.")
    return DataFacts(tuple(sets))


def changed_since(run: Run, examples: list[Example]) -> int:
    """How many rows that the run used are not among these, its rows as they are now."""
    assert run.spec is not None
    try:
        train, held = data.read(run.folder, run.spec.format, run.spec.negatives)
    except TrainingProblem:
        return 0
    now = Counter(data.row_of(run.spec.format, row) for row in examples)
    return sum((Counter([*train, *held]) - now).values())


def _set(title: str, path: Path, format: Format, negatives: int) -> SetFacts:
    import pyarrow.compute as compute

    columns = training_columns(format, negatives)
    table = _read(path, columns)
    texts = [name for name in columns if name not in data.LABELS and name != "category"]
    joined = [chunk for name in texts for chunk in table.column(name).chunks]
    whole = _chunked(joined)
    lengths = compute.utf8_length(whole)
    rows = table.num_rows
    wanted = min(rows, _EXAMPLES[title])
    places = [round(place * (rows - 1) / max(wanted - 1, 1)) for place in range(wanted)]
    picked = table.take(places)
    examples: list[Row] = list(
        zip(*(picked.column(name).to_pylist() for name in picked.column_names), strict=True)
    )
    return SetFacts(
        title,
        rows,
        int(compute.count_distinct(whole).as_py() or 0),
        float(compute.mean(lengths).as_py() or 0.0),
        int(compute.max(lengths).as_py() or 0),
        _labels(table, format),
        tuple(picked.column_names),
        tuple(examples),
    )


def _read(path: Path, columns: tuple[str, ...]) -> Any:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise TrainingProblem(
            "The run's copy of its rows cannot be read.", "Start a new run.", details=str(error)
        ) from error
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise TrainingProblem(
            f"The run's copy of its rows lacks the column {missing[0]}.", "Start a new run."
        )
    return table.select(list(columns))


def _chunked(chunks: list[Any]) -> Any:
    import pyarrow

    return pyarrow.chunked_array(chunks, pyarrow.string())


def _labels(table: Any, format: Format) -> str:
    import pyarrow.compute as compute

    if format is Format.SCORED and table.num_rows:
        scores = table.column("score")
        similar = compute.sum(compute.greater_equal(scores, 0.5)).as_py() or 0
        levels = compute.count_distinct(scores).as_py() or 0
        return f"{percent(similar / table.num_rows)} similar (0.5 and more), {count(levels, 'score')} in use"
    if format is Format.CATEGORIES:
        found = compute.count_distinct(table.column("category")).as_py() or 0
        return count(found, "category", "categories")
    return ""


def texts_with(format: Format, examples: list[Example]) -> dict[str, str]:
    """Each text with the name of its category, where rows have one."""
    if format is not Format.CATEGORIES:
        return {}
    return {texts_of(format, row.texts)[0]: row.texts[1] for row in examples}
