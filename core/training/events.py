"""What a run tells while it goes on: one typed, frozen record per event.

The same stream goes to `events.jsonl`, to the window over the trainer's pipe and to `anchorlab train --json`; live curves,
history and the model card read nothing else. Units: seconds, examples per second, bytes. `as_record` and `from_record`
convert to and from the JSON object of one line, whose `"event"` names the type.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    name: ClassVar[str] = ""


@dataclass(frozen=True)
class RecipeEvent(Event):
    """The settings this run uses, before anything is computed."""

    name: ClassVar[str] = "recipe"
    run: str  # the run folder's name, e.g. "0001-fashion-aesthetics"
    settings: dict[str, Any]  # key -> {"value": …, "reason": "…"}
    train_rows: int = 0
    holdout_rows: int = 0
    total_steps: int = 0
    total_epochs: float = 0.0
    device: str = ""  # "cpu", "cuda:0", "mps"
    device_name: str = ""  # for people, e.g. "CPU · 2 threads"
    precision: str = ""  # what really runs: fp32, bf16, fp16
    probes: list[list[str]] = field(default_factory=list)  # the pairs of the probes events
    probe_queries: list[dict[str, Any]] = field(default_factory=list)  # their queries
    probe_texts: int = 0  # how many texts the queries are ranked among


@dataclass(frozen=True)
class BaselineEvent(Event):
    """The untouched base model on the hold-out. `value` None: the metric is undefined there (see `note`)."""

    name: ClassVar[str] = "baseline"
    metric: str  # e.g. "spearman_cosine"; "" when there is no hold-out
    title: str  # for people, e.g. "Hold-out Spearman"
    value: float | None
    rows: int
    metrics: dict[str, float | None] = field(default_factory=dict)
    note: str = ""
    step: int = 0
    groups: list[dict[str, Any]] = field(default_factory=list)  # as in EvaluationEvent


@dataclass(frozen=True)
class StepEvent(Event):
    """One optimiser step. `step` counts from 1; `loss` is that step's own loss, never a mean; None: not finite."""

    name: ClassVar[str] = "step"
    step: int
    epoch: float
    loss: float | None
    learning_rate: float
    grad_norm: float | None = None
    examples_per_second: float = 0.0
    memory: int = 0  # resident bytes of the trainer, or allocated bytes of the accelerator
    seconds_left: float | None = None
    elapsed: float = 0.0
    losses: dict[str, float] = field(
        default_factory=dict
    )  # the same loss over the rows of one label type, by its title


@dataclass(frozen=True)
class EvaluationEvent(Event):
    """The tuned model on the hold-out after `step` steps."""

    name: ClassVar[str] = "evaluation"
    step: int
    epoch: float
    metric: str
    title: str
    value: float | None
    rows: int
    metrics: dict[str, float | None] = field(default_factory=dict)
    best: bool = False  # the best so far
    # the same rows by label or anchor: {"name", "title" (of the figure), "value", "rows"}
    groups: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class ProbesEvent(Event):
    """The similarities of the run's probe pairs after `step` steps, in the order of the spec; step 0 is the base model.

    `ranks`: for each query those of its expected and then its unwanted texts among a sample of the texts; empty where nobody looked.
    """

    name: ClassVar[str] = "probes"
    step: int
    scores: list[float]
    ranks: list[list[int]] = field(default_factory=list)


@dataclass(frozen=True)
class ProgressEvent(Event):
    """Work of a run besides its steps, e.g. its cross-validation. `done` of `total` in units of `phase`."""

    name: ClassVar[str] = "progress"
    phase: str  # for people, e.g. "Cross-validation"
    done: float
    total: float
    text: str = ""  # what is being done now
    seconds_left: float | None = None


@dataclass(frozen=True)
class CrossValidationEvent(Event):
    """What the cross-validation of a run found. Each point: {"epoch", "blend", "value", "chosen"}."""

    name: ClassVar[str] = "cross_validation"
    metric: str
    title: str
    rows: int
    folds: int
    base: float | None
    points: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class LearningCurveEvent(Event):
    """How good the model gets with a share of the labels, told anew whenever more is known; the last is `done`.

    Each point: {"share", "labels" (rows trained on), "value", "low", "high", "trainings"}. `gain` and `interval`: what twice as many
    labels would bring. `word`: help, flat, unclear; "" before the end.
    """

    name: ClassVar[str] = "learning_curve"
    title: str  # of the metric, for people
    rows: int  # measured on
    base: float | None
    points: list[dict[str, Any]] = field(default_factory=list)
    word: str = ""
    sentence: str = ""
    gain: float | None = None
    interval: list[float] | None = None
    trainings: int = 0  # finished, of `total`
    total: int = 0
    done: bool = False
    seconds: float = 0.0  # of the computer, over all parts
    key: str = ""  # of the rows and the settings it was drawn with


@dataclass(frozen=True)
class NoticeEvent(Event):
    """Something the person should know; the run goes on. `level`: info or warning."""

    name: ClassVar[str] = "notice"
    text: str
    level: str = "info"


@dataclass(frozen=True)
class CheckpointEvent(Event):
    """`kind` best: the weights of the best evaluation, a model that loads; resume: all that the run needs to go on."""

    name: ClassVar[str] = "checkpoint"
    step: int
    path: str  # relative to the run folder
    kind: str = "best"


@dataclass(frozen=True)
class FinishedEvent(Event):
    """The last event of a run that left a model."""

    name: ClassVar[str] = "finished"
    run: str
    model: str  # absolute path of the model folder
    # metric, title, name (the person's evaluation name), base, tuned, rows (held out), best_step, final_loss, kept (base, best, last),
    # blend (how far from the base model to the weights of best_step), line (points [factor, metric] measured on that way),
    # verdict (a sentence), verdict_word (better, worse, unclear, base, few, unmeasured), interval (of tuned - base, or None),
    # training_seconds, evaluation_seconds, base_metrics, tuned_metrics (every metric by name),
    # groups (parts of the hold-out: name, title, rows, base, tuned), search (trials and seconds, after a search)
    metrics: dict[str, Any]
    steps: int = 0
    stopped: bool = False  # stop-and-keep
    seconds: float = 0.0


@dataclass(frozen=True)
class FailedEvent(Event):
    """The last event of a run that left no model. `discarded`: the person threw it away."""

    name: ClassVar[str] = "failed"
    run: str
    message: str
    hint: str = ""
    details: str = ""
    discarded: bool = False


_TYPES: dict[str, type[Event]] = {
    kind.name: kind
    for kind in (
        RecipeEvent,
        BaselineEvent,
        StepEvent,
        EvaluationEvent,
        ProbesEvent,
        ProgressEvent,
        CrossValidationEvent,
        LearningCurveEvent,
        NoticeEvent,
        CheckpointEvent,
        FinishedEvent,
        FailedEvent,
    )
}


def as_record(event: Event) -> dict[str, Any]:
    """The JSON object of one line."""
    return {"event": event.name, **asdict(event)}  # type: ignore[call-overload]


def kind_of(record: dict[str, Any]) -> type[Event] | None:
    """The type of a line's event; None for a kind this program does not know (a newer one wrote it)."""
    return _TYPES.get(str(record.get("event", "")))


def from_record(record: dict[str, Any]) -> Event | None:
    """The event of a line; None for a kind this program does not know."""
    kind = kind_of(record)
    if kind is None:
        return None
    known = {item.name for item in fields(kind)}  # type: ignore[arg-type]
    return kind(**{key: value for key, value in record.items() if key in known})
