"""Everything a model card states, as plain values: no torch, no files, no network.

The trainer fills `CardFacts` from what really happened; `core.models.card.write_card` only words it. Texts are carried as
they are in the data; the card escapes them. With `include_texts=False` the card shows none of them, wherever they are carried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STATISTICS_ROWS = 1_000  # token statistics look at the first so many rows
SAMPLES = 3
WIDGETS = 5

Cell = str | float | None


@dataclass(frozen=True)
class ColumnFacts:
    """One training column. The three figures are tokens for `type` "string" (after truncation) and values for "float"."""

    name: str
    type: str
    minimum: float
    mean: float
    maximum: float


@dataclass(frozen=True)
class DatasetFacts:
    """A training or evaluation set: its size, its columns in order and its first rows."""

    name: str  # "": the card says "Unnamed Dataset"
    rows: int
    columns: tuple[ColumnFacts, ...]
    statistics_rows: int  # the statistics use the first so many rows
    samples: tuple[tuple[Cell, ...], ...] = ()  # the first rows, one cell per column


@dataclass(frozen=True)
class UsageExample:
    """Three real texts and the tuned model's own similarity matrix over them."""

    texts: tuple[str, ...]
    similarities: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class WidgetExample:
    """A source text and the texts to compare it with, for the model page's try-it box."""

    source: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class LossFacts:
    """The loss as it ran. `module` starts with "sentence_transformers." for the library's own losses, which get a link."""

    name: str  # class name
    parameters: Mapping[str, Any] = field(default_factory=dict)  # JSON values
    module: str = "sentence_transformers.sentence_transformer.losses"
    citation: str = ""  # a key of `card_citations.BIBTEX`; "": the loss's usual one, if it has one


@dataclass(frozen=True)
class LogRow:
    """One logged step. Step 0 is the untouched base model. Metric names carry no prefix, e.g. "cosine_accuracy"."""

    epoch: float
    step: int
    loss: float | None = None
    learning_rate: float | None = None
    metrics: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class MetricFacts:
    name: str  # e.g. "cosine_accuracy"
    base: float | None
    tuned: float | None
    primary: bool = False  # the one that chose the kept model; shown in bold


@dataclass(frozen=True)
class EvaluationFacts:
    """What one evaluator found for the base model and for the kept one."""

    evaluator: str  # class name, e.g. "TripletEvaluator"
    dataset_name: str  # as in "category_final_evaluation"; may be ""
    metrics: tuple[MetricFacts, ...]
    rows: int  # n
    interval: str = ""  # a sentence on the confidence interval, when known


@dataclass(frozen=True)
class RunFacts:
    """How the run really went: not what was asked for."""

    device: str = ""  # for people, e.g. "CPU · 2 threads"
    precision: str = ""  # fp32, bf16, fp16: what ran
    dropout: str = ""  # off, or "" where the model's own was used
    seconds: float = 0.0  # training alone, or all when evaluation is not measured apart
    evaluation_seconds: float | None = None
    steps: int = 0
    kept_step: int | None = None  # the step of the kept model, 0: the base model
    blend: float = 1.0  # how far the kept weights lie from the base model's to those of `kept_step`
    stopped: bool = False  # the person stopped it and kept the model
    learning_rate_peak: float | None = None
    learning_rate_end: float | None = None
    warmup_steps: int | None = None
    weight_decay: float | None = None
    verdict: str = ""  # one or two sentences: better, worse or not distinguishable
    notes: tuple[str, ...] = ()  # what else a reader should know (hold-out grouping, packed forward …)


@dataclass(frozen=True)
class CardFacts:
    """All of a card. Everything optional is left out of the card when it is empty."""

    base_model: (
        str  # as the card names it, e.g. "sentence-transformers/all-MiniLM-L6-v2"; "": trained from nothing
    )
    architecture: str  # str(model)
    max_sequence_length: int | None  # tokens
    output_dimension: int
    similarity: str  # "cosine", "dot", "euclidean", "manhattan"
    train: DatasetFacts
    loss: LossFacts
    versions: Mapping[
        str, str
    ]  # "Python", "Sentence Transformers", "Transformers", "PyTorch", … in display order
    run: RunFacts = field(default_factory=RunFacts)
    title: str = ""  # "": "SentenceTransformer based on …"
    base_model_on_hub: bool = True  # link it; False for a local folder
    base_model_revision: str = ""  # commit on the Hub
    base_model_fingerprint: str = ""  # where no revision is known
    language: tuple[str, ...] = ()
    license: str = ""
    usage: UsageExample | None = None
    widgets: tuple[WidgetExample, ...] = ()
    evaluation_set: DatasetFacts | None = None  # None: no hold-out
    evaluations: tuple[EvaluationFacts, ...] = ()
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)  # all, as truly used
    non_default: Mapping[str, Any] = field(default_factory=dict)
    log: tuple[LogRow, ...] = ()  # every logged step, baseline first
    evaluation_name: str = (
        ""  # prefix of the metrics' column names in the log, as in "category_final_evaluation"
    )
    project: str = ""
    include_texts: bool = True  # False: no text of the data anywhere in the card


def dataset_facts(
    name: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    count_tokens: Callable[[list[str]], list[int]],
    *,
    total: int | None = None,
) -> DatasetFacts:
    """Statistics and samples of a set.

    `rows` may be only the first rows of it (at least min(total, STATISTICS_ROWS)); `total` is the whole count, len(rows)
    where it is left out. `count_tokens` gives each text's tokens as the model sees it, special tokens included, truncated.
    A column is a score when its first value that is not None is a number.
    """
    used = rows[:STATISTICS_ROWS]
    facts = tuple(
        _column_facts(column, [row[slot] for row in used if row[slot] is not None], count_tokens)
        for slot, column in enumerate(columns)
    )
    samples = tuple(tuple(row) for row in rows[:SAMPLES])
    return DatasetFacts(name, len(rows) if total is None else total, facts, len(used), samples)


def _column_facts(
    name: str, values: list[Any], count_tokens: Callable[[list[str]], list[int]]
) -> ColumnFacts:
    text = not values or isinstance(values[0], str)
    figures = [float(figure) for figure in (count_tokens(values) if text else values)] or [0.0]
    return ColumnFacts(
        name,
        "string" if text else "float",
        min(figures),
        sum(figures) / len(figures),
        max(figures),
    )
