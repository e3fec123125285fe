"""What a finished run tells its model card: only what the spec, the events and the model itself say.

Only child processes import this module.
"""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from sentence_transformers import SentenceTransformer, SentenceTransformerTrainingArguments

from core.dataset.formats import Format, training_columns
from core.models import catalogue
from core.models.card import write_card
from core.models.card_facts import (
    STATISTICS_ROWS,
    WIDGETS,
    CardFacts,
    DatasetFacts,
    EvaluationFacts,
    LogRow,
    LossFacts,
    MetricFacts,
    RunFacts,
    UsageExample,
    WidgetExample,
    dataset_facts,
)
from core.training import data
from core.training.events import (
    BaselineEvent,
    EvaluationEvent,
    Event,
    FinishedEvent,
    NoticeEvent,
    RecipeEvent,
    StepEvent,
)
from core.training.run_threshold import read_threshold
from core.training.spec import Spec

LIBRARIES = {
    "Sentence Transformers": "sentence-transformers",
    "Transformers": "transformers",
    "PyTorch": "torch",
    "Accelerate": "accelerate",
    "Datasets": "datasets",
    "Tokenizers": "tokenizers",
}
# Where files lie on this machine and what a hub login is called is nobody's business.
PRIVATE = ("output_dir", "logging_dir", "run_name", "hub_token", "push_to_hub_token", "hub_model_id")

# How this program drives the trainer, and values that sentence-transformers works out itself: nobody chose them for the run.
OURS = {
    "disable_tqdm",
    "logging_steps",
    "logging_nan_inf_filter",
    "report_to",
    "dataloader_pin_memory",
    "save_strategy",
    "use_cpu",
}
DERIVED = {
    "accelerator_config",
    "activation_checkpointing",
    "gradient_checkpointing",
    "ddp_broadcast_buffers",
    "debug",
    "prediction_loss_only",
}


def write_run_card(
    model_dir: Path,
    spec: Spec,
    events: Sequence[Event],
    model: SentenceTransformer,
    arguments: dict[str, Any],
    loss_config: dict[str, Any],
) -> None:
    """Write the card of a run into its model folder, with the threshold that somebody chose for the run before.

    `events` are all of the run's, the finished one last; `arguments` the trainer's own, `loss_config` the loss's own words.
    """
    threshold = read_threshold(Path(spec.run_dir))
    write_card(model_dir, facts(spec, events, model, arguments, loss_config), threshold)


def facts(
    spec: Spec,
    events: Sequence[Event],
    model: SentenceTransformer,
    arguments: dict[str, Any],
    loss_config: dict[str, Any],
) -> CardFacts:
    train, holdout = data.read(Path(spec.run_dir), spec.format, spec.negatives)
    shown = _neighbours(train) if spec.format is Format.CATEGORIES else train
    base = next((event for event in events if isinstance(event, BaselineEvent)), None)
    used = truly_used(spec, arguments, base.metric if base else "")
    return CardFacts(
        base_model=catalogue.hub_id(spec.base_model),
        base_model_on_hub=not Path(spec.base_model).expanduser().is_dir()
        and spec.base_model != catalogue.RANDOM,
        architecture=str(model),
        max_sequence_length=model.max_seq_length,
        output_dimension=int(model.get_embedding_dimension() or 0),
        similarity=str(model.similarity_fn_name),
        train=_dataset(spec.dataset_name, spec, train, model),
        evaluation_set=_dataset(spec.evaluation_name, spec, holdout, model) if holdout else None,
        loss=LossFacts("MatryoshkaLoss" if spec.matryoshka else spec.loss, loss_config),
        versions={"Python": platform.python_version(), **_versions()},
        run=_run(spec, events, used),
        usage=_usage(model, shown),
        widgets=_widgets(shown),
        evaluations=_evaluations(spec, events),
        hyperparameters=used,
        non_default=_non_default(used),
        log=log_rows(events),
        evaluation_name=spec.evaluation_name,
        project=spec.project_name,
        include_texts=spec.include_texts,
    )


def _versions() -> dict[str, str]:
    return {title: metadata.version(name) for title, name in LIBRARIES.items()}


def _dataset(name: str, spec: Spec, rows: list[tuple[Any, ...]], model: SentenceTransformer) -> DatasetFacts:
    def tokens(texts: list[str]) -> list[int]:
        mask = model.preprocess(texts)["attention_mask"]
        counts: list[int] = mask.sum(dim=1).tolist()
        return counts

    columns = training_columns(spec.format, spec.negatives)
    return dataset_facts(name, columns, rows[:STATISTICS_ROWS], tokens, total=len(rows))


def truly_used(spec: Spec, arguments: dict[str, Any], metric: str) -> dict[str, Any]:
    """The trainer's arguments as they took effect. Evaluation and keeping the best are this program's own, so they are put in."""
    used = {key: value for key, value in arguments.items() if key not in PRIVATE and not key.startswith("_")}
    if metric:
        used["eval_strategy"] = "steps" if spec.eval_steps else "epoch"
        used["eval_steps"] = spec.eval_steps or None
        used["load_best_model_at_end"] = True
        used["metric_for_best_model"] = metric
        used["greater_is_better"] = True
    return used


def _non_default(used: dict[str, Any]) -> dict[str, Any]:
    """Arguments that differ from the library's defaults. No arguments object is made: that would reset the accelerator."""
    defaults = {
        field.name: field.default
        for field in dataclasses.fields(SentenceTransformerTrainingArguments)
        if field.default is not dataclasses.MISSING
    }
    unchosen = OURS | DERIVED
    return {
        key: value
        for key, value in used.items()
        if key in defaults
        and key not in unchosen
        and str(getattr(defaults[key], "value", defaults[key])) != str(value)
    }


def log_rows(events: Sequence[Event]) -> tuple[LogRow, ...]:
    """One row per step, the baseline first; an evaluation joins the row of its step."""
    rows: dict[int, LogRow] = {}
    for event in events:
        if isinstance(event, BaselineEvent) and event.metric:
            rows[0] = LogRow(0.0, 0, metrics=_primary(event.metric, event.value))
        elif isinstance(event, StepEvent):
            rows[event.step] = LogRow(event.epoch, event.step, event.loss, event.learning_rate)
        elif isinstance(event, EvaluationEvent) and event.step in rows:
            rows[event.step] = dataclasses.replace(
                rows[event.step], metrics=_primary(event.metric, event.value)
            )
    return tuple(rows.values())


def _primary(metric: str, value: float | None) -> dict[str, float | None]:
    return {metric: value}


def _evaluations(spec: Spec, events: Sequence[Event]) -> tuple[EvaluationFacts, ...]:
    base = next((event for event in events if isinstance(event, BaselineEvent) and event.metric), None)
    best = [event for event in events if isinstance(event, EvaluationEvent) and event.best]
    if base is None:
        return ()
    finished = events[-1]
    interval = finished.metrics.get("verdict", "") if isinstance(finished, FinishedEvent) and best else ""
    tuned = best[-1].metrics if best else {}
    if isinstance(finished, FinishedEvent) and finished.metrics.get("folds"):
        tuned, interval = finished.metrics["tuned_metrics"], str(finished.metrics["verdict"])
    groups: dict[str, list[MetricFacts]] = {}
    for name in dict.fromkeys((*base.metrics, *tuned)):
        fact = MetricFacts(name, base.metrics.get(name), tuned.get(name), primary=name == base.metric)
        groups.setdefault(_evaluator(spec.format, name), []).append(fact)
    return tuple(
        EvaluationFacts(
            name,
            spec.evaluation_name,
            tuple(found),
            base.rows,
            interval if any(item.primary for item in found) else "",
        )
        for name, found in groups.items()
    )


def _evaluator(format: Format, metric: str) -> str:
    if format is Format.CATEGORIES:
        return "CategoryAccuracy"
    if format is Format.TRIPLETS:
        return "TripletEvaluator"
    if format is Format.PAIRS:
        return "PairedAccuracy" if metric.endswith("paired_accuracy") else "InformationRetrievalEvaluator"
    return (
        "EmbeddingSimilarityEvaluator"
        if metric.startswith(("pearson_", "spearman_"))
        else "BinaryClassificationEvaluator"
    )


def _run(spec: Spec, events: Sequence[Event], used: dict[str, Any]) -> RunFacts:
    # the last: a search announces the recipe it begins with as well
    recipe = [event for event in events if isinstance(event, RecipeEvent)][-1]
    steps = [event for event in events if isinstance(event, StepEvent)]
    finished = events[-1]
    if not isinstance(finished, FinishedEvent):
        raise TypeError("the last event of a run with a model is the finished one")
    return RunFacts(
        device=recipe.device_name,
        precision=recipe.precision,
        dropout="off" if spec.dropout == "off" else "",
        seconds=float(finished.metrics["training_seconds"]),
        evaluation_seconds=float(finished.metrics["evaluation_seconds"])
        if finished.metrics["metric"]
        else None,
        steps=finished.steps,
        kept_step=finished.metrics["best_step"],
        blend=float(finished.metrics.get("blend", 1.0)),
        stopped=finished.stopped,
        learning_rate_peak=max((step.learning_rate for step in steps), default=None),
        learning_rate_end=steps[-1].learning_rate if steps else None,
        warmup_steps=int(used["warmup_steps"]),
        weight_decay=float(used["weight_decay"]),
        verdict=str(finished.metrics["verdict"]),
        notes=_notes(spec, events),
    )


def _neighbours(train: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Each text with that of the next row, where rows are single texts and their categories."""
    return [(row[0], train[(place + 1) % len(train)][0]) for place, row in enumerate(train)]


def _notes(spec: Spec, events: Sequence[Event]) -> tuple[str, ...]:
    """What the run said; without what quotes a text of the data, where the card may show none."""
    said = [event.text for event in events if isinstance(event, NoticeEvent)]
    return tuple(text for text in said if spec.include_texts or "“" not in text)


def _usage(model: SentenceTransformer, train: list[tuple[Any, ...]]) -> UsageExample | None:
    """Three texts of the data and what the tuned model says about them."""
    texts: list[str] = []
    for row in train:
        texts += [cell for cell in row if isinstance(cell, str) and cell not in texts]
        if len(texts) >= 3:
            break
    if len(texts) < 2:
        return None
    texts = texts[:3]
    matrix = model.similarity(*(2 * [model.encode(texts, show_progress_bar=False)]))
    return UsageExample(tuple(texts), tuple(tuple(float(value) for value in row) for row in matrix))


def _widgets(train: list[tuple[Any, ...]]) -> tuple[WidgetExample, ...]:
    """A few anchors, spread over the data, each with its own other text and two of other rows."""
    seconds = [row[1] for row in train]
    stride = max(1, len(train) // WIDGETS)
    made: dict[str, WidgetExample] = {}
    for start in range(0, len(train), stride):
        source = train[start][0]
        others = dict.fromkeys(
            text for text in (*seconds[start : start + 12], *seconds[:12]) if text != source
        )
        if source not in made and others:
            made[source] = WidgetExample(source, tuple(others)[:3])
        if len(made) == WIDGETS:
            break
    return tuple(made.values())
