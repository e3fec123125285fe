"""The lower half of a card: what it was measured on, what it learned from, and exactly how."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.models import card_citations, card_front_matter, card_tables, card_text
from core.models.card_about import fenced
from core.models.card_facts import CardFacts, DatasetFacts, EvaluationFacts

# Settings about the machine, not about the training: folders, names of runs, credentials.
_LOCAL = {
    "output_dir",
    "logging_dir",
    "run_name",
    "project",
    "trackio_space_id",
    "hub_token",
    "push_to_hub_token",
    "resume_from_checkpoint",
}
_DOCS = "https://sbert.net/docs/package_reference/sentence_transformer"

RISKS = """<!--
## Bias, Risks and Limitations

*What are the known or foreseeable issues stemming from this model? You could also flag here known failure cases or weaknesses of the model.*
-->

<!--
### Recommendations

*What are recommendations with respect to the foreseeable issues? For example, filtering explicit content.*
-->
"""

CLOSING = """<!--
## Glossary

*Clearly define terms in order to be accessible across audiences.*
-->

<!--
## Model Card Authors

*Lists the people who create the model card, providing recognition and accountability for the detailed work that goes into its construction.*
-->

<!--
## Model Card Contact

*Provides a way for people who have updates to the Model Card, suggestions, or questions, to contact the Model Card authors.*
-->
"""


def evaluation(facts: CardFacts) -> str:
    """The results, or "" where nothing was held out."""
    if not facts.evaluations:
        return ""
    return "## Evaluation\n\n### Metrics\n\n" + "\n".join(
        _evaluation(found, facts.run.verdict) for found in facts.evaluations
    )


def _evaluation(found: EvaluationFacts, verdict: str) -> str:
    _, heading = card_front_matter.task(found.evaluator)
    lines = [f"#### {card_text.line(heading)}\n"]
    if found.dataset_name:
        lines.append(f"* Dataset: {_name(found.dataset_name)}")
    shown = f"<code>{card_text.line(found.evaluator)}</code>"
    if found.evaluator in card_front_matter.TASKS:  # the library's own; others have no page
        anchor = f"sentence_transformers.sentence_transformer.evaluation.{found.evaluator}"
        shown = f"[{shown}]({_DOCS}/evaluation.html#{anchor})"
    lines.append(f"* Evaluated with {shown} on {found.rows:,} examples")
    if found.interval and found.interval != verdict:  # said once, at the top
        lines.append(f"* {card_text.line(found.interval)}")
    return "\n".join([*lines, "", card_tables.evaluation(found), ""])


def datasets(facts: CardFacts) -> str:
    parts = ["## Training Details\n", "### Training Dataset\n", _dataset(facts, facts.train, "training")]
    if facts.evaluation_set is not None:
        parts += ["### Evaluation Dataset\n", _dataset(facts, facts.evaluation_set, "evaluation")]
    return "\n".join(parts)


def _dataset(facts: CardFacts, dataset: DatasetFacts, kind: str) -> str:
    lines = [
        f"#### {card_text.line(dataset.name) or 'Unnamed Dataset'}\n",
        f"* Size: {dataset.rows:,} {kind} samples",
    ]
    lines.append(
        f"* Columns: {_listed([f'<code>{card_text.line(column.name)}</code>' for column in dataset.columns])}"
    )
    if dataset.columns and dataset.statistics_rows:
        lines.append(f"* Approximate statistics based on the first {dataset.statistics_rows} samples:")
        lines.append(card_tables.statistics(dataset))
    if not facts.include_texts:
        lines.append("* Samples: left out, the texts are private")
    elif dataset.samples:
        lines += ["* Samples:", card_tables.samples(dataset)]
    return "\n".join([*lines, _loss(facts), ""])


def _loss(facts: CardFacts) -> str:
    name = card_text.line(facts.loss.name)
    if facts.loss.module.startswith("sentence_transformers."):
        shown = f"[<code>{name}</code>]({_DOCS}/losses.html#{name.lower()})"
    else:
        shown = f"<code>{name}</code>"
    if not facts.loss.parameters:
        return f"* Loss: {shown}"
    block = fenced(json.dumps(dict(facts.loss.parameters), indent=4, ensure_ascii=False, default=str), "json")
    return f"* Loss: {shown} with these parameters:\n" + "\n".join("  " + line for line in block.split("\n"))


def hyperparameters(facts: CardFacts) -> str:
    return f"""### Training Hyperparameters
#### Non-Default Hyperparameters

{_values(facts.non_default)}
#### All Hyperparameters
<details><summary>Click to expand</summary>

{_values(facts.hyperparameters)}
</details>
"""


def _values(values: Mapping[str, Any]) -> str:
    shown = {name: value for name, value in values.items() if name not in _LOCAL}
    # lists and dictionaries stay as Python prints them, as on the published cards
    texts = {
        name: html.escape(" ".join(str(value).split()), quote=False).replace("`", "'")
        for name, value in shown.items()
    }
    return "".join(f"- `{name}`: {text}\n" for name, text in texts.items())


def logs(facts: CardFacts) -> str:
    """The training log; every row is there, a long one is folded."""
    if not facts.log:
        return ""
    shown = card_tables.log(facts)
    notes = []
    if any(row.step == facts.run.kept_step for row in facts.log):
        notes.append("* The bold row denotes the saved checkpoint.")
    if any(row.step == 0 for row in facts.log):
        notes.append("* Step 0 is the base model before training.")
    shown = "\n".join([shown, "", *notes]) if notes else shown
    if len(facts.log) > card_tables.LONG_LOG:
        shown = f"<details><summary>Click to expand all {len(facts.log):,} rows</summary>\n\n{shown}\n\n</details>"
    return f"### Training Logs\n{shown}\n"


def run(facts: CardFacts) -> str:
    """What really ran, where the settings above are what was asked for."""
    went = facts.run
    lines = []
    if went.device:
        lines.append(f"- **Device:** {card_text.line(went.device)}")
    if went.precision:
        lines.append(f"- **Precision:** {card_text.line(went.precision)}")
    if went.dropout:
        lines.append(f"- **Dropout:** {card_text.line(went.dropout)}")
    if went.steps:
        stopped = ", stopped by hand and kept" if went.stopped else ""
        lines.append(f"- **Steps:** {went.steps:,}{stopped}")
    if went.kept_step is not None:
        kept = "the base model, nothing beat it" if went.kept_step == 0 else f"step {went.kept_step:,}"
        way = "" if went.blend in (0.0, 1.0) else f", {went.blend:g} of the way from the base model to it"
        lines.append(f"- **Kept model:** {kept}{way}")
    if went.learning_rate_peak is not None:
        end = "" if went.learning_rate_end is None else f", {went.learning_rate_end:.3g} at the end"
        lines.append(f"- **Learning rate as used:** {went.learning_rate_peak:.3g} at its peak{end}")
    if went.warmup_steps is not None:
        lines.append(f"- **Warm-up:** {went.warmup_steps:,} steps")
    if went.weight_decay is not None:
        lines.append(f"- **Weight decay:** {went.weight_decay:g}")
    lines += [f"- {card_text.line(note)}" for note in went.notes]
    parts = ["### Training Run\n" + "\n".join(lines) + "\n"] if lines else []
    if went.seconds:
        times = [f"- **Training**: {duration(went.seconds)}"]
        if went.evaluation_seconds is not None:
            times.append(f"- **Evaluation**: {duration(went.evaluation_seconds)}")
            times.append(f"- **Total**: {duration(went.seconds + went.evaluation_seconds)}")
        parts.append("### Training Time\n" + "\n".join(times) + "\n")
    return "\n".join(parts)


def duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} seconds"
    return f"{seconds / 60:.1f} minutes" if seconds < 3600 else f"{seconds / 3600:.1f} hours"


def versions(facts: CardFacts) -> str:
    lines = [
        f"- {card_text.line(name)}: {card_text.line(version)}" for name, version in facts.versions.items()
    ]
    return "### Framework Versions\n" + "\n".join(lines) + "\n"


def citation(facts: CardFacts) -> str:
    parts = ["## Citation\n\n### BibTeX\n"]
    for heading, entries in card_citations.citations(facts.loss):
        blocks = "\n\n".join(fenced(entry, "bibtex") for entry in entries)
        parts.append(f"#### {card_text.line(heading)}\n{blocks}\n")
    return "\n".join(parts)


def _name(name: str) -> str:
    """A name in code type: a code span where that is safe, as the published cards have it."""
    plain = name.replace("_", "").replace("-", "").replace(" ", "")
    return f"`{name}`" if plain.isalnum() else card_text.code(" ".join(name.split()))


def _listed(items: Sequence[str]) -> str:
    if len(items) <= 2:
        return " and ".join(items)
    return ", ".join(items[:-1]) + f", and {items[-1]}"
