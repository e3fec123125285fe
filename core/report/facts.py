"""Everything a report states, as plain values. Where something is missing, a sentence says why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.formats import Format
from core.models.card_threshold import CATEGORY, TEXTS
from core.report.probes import ProbeFacts
from core.similarity.labelled import Comparison
from core.training.events import Event
from core.training.run_threshold import RunThreshold
from core.training.runs import Run
from core.training.step_table import StepTable

Row = tuple[str | float | None, ...]


@dataclass(frozen=True)
class SetFacts:
    """One part of a run's own copy of its data."""

    title: str  # Training, Hold-out
    rows: int
    texts: int  # distinct ones
    mean_characters: float
    longest: int  # characters
    labels: str  # what its labels are like, in words; "" where there is nothing to say
    columns: tuple[str, ...] = ()
    examples: tuple[Row, ...] = ()  # a few, spread over the rows


@dataclass(frozen=True)
class DataFacts:
    sets: tuple[SetFacts, ...] = ()
    missing: str = ""


@dataclass(frozen=True, eq=False)
class CurveFacts:
    steps: StepTable = field(default_factory=StepTable)
    events: tuple[Event, ...] = ()  # all but the steps


@dataclass(frozen=True, eq=False)
class ComparedFacts:
    """The labelled rows under both models. `changed`: rows of the run that are no longer in the dataset as they were."""

    comparison: Comparison | None = None
    changed: int = 0
    missing: str = ""


@dataclass(frozen=True, eq=False)
class MapFacts:
    """`pictures` (2, n, 2) and `classes` (n,) of the texts that are drawn, of `texts` in all; `names` of the classes 0, 1, …"""

    pictures: NDArray[np.float32] | None = None
    classes: NDArray[np.int64] | None = None
    names: tuple[str, ...] = ()
    by: str = ""  # what the classes are, in words
    texts: int = 0
    overlap: float | None = None  # of the k nearest texts under both models
    k: int = 0
    explained: float | None = None
    missing: str = ""


@dataclass(frozen=True, eq=False)
class Facts:
    run: Run
    project: str
    data: DataFacts = field(default_factory=DataFacts)
    curves: CurveFacts = field(default_factory=CurveFacts)
    compared: ComparedFacts = field(default_factory=ComparedFacts)
    map: MapFacts = field(default_factory=MapFacts)
    threshold: RunThreshold | None = None
    probes: ProbeFacts = field(default_factory=ProbeFacts)
    versions: tuple[tuple[str, str], ...] = ()
    similarity: str = ""  # the model's own: cosine, dot, …

    @property
    def texts(self) -> bool:
        """Whether the report may show texts of the data."""
        return self.run.spec is None or self.run.spec.include_texts

    @property
    def base(self) -> str:
        return "Base model"

    @property
    def tuned(self) -> str:
        return f"Run {self.run.number}"

    def chosen(self) -> RunThreshold | None:
        """The threshold that somebody chose, where it is one of scores like those of the compared rows: of two texts, or of a text and a
        category."""
        found = self.compared.comparison
        of = CATEGORY if found is not None and found.rows.format is Format.CATEGORIES else TEXTS
        alike = found is None or (self.threshold is not None and self.threshold.of == of)
        return self.threshold if alike else None

    def kept(self) -> dict[str, Any]:
        return self.run.finished.metrics if self.run.finished is not None else {}
