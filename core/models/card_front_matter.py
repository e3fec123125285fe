"""The YAML block at the top of a card: what the Hub, and any other reader of model cards, files the model under."""

from __future__ import annotations

import math
import re
from typing import Any

from core.models import card_text
from core.models.card_facts import WIDGETS, CardFacts, EvaluationFacts

# A viewer that does not know front matter shows it as Markdown. Strings with one of these are double-quoted, and the
# character is written as an escape, so that it is markup for nobody.
_ESCAPES = {"<": "\\x3C", ">": "\\x3E", "`": "\\x60"}

TASKS = {
    "TripletEvaluator": ("triplet", "Triplet"),
    "EmbeddingSimilarityEvaluator": ("semantic-similarity", "Semantic Similarity"),
    "BinaryClassificationEvaluator": ("binary-classification", "Binary Classification"),
    "InformationRetrievalEvaluator": ("information-retrieval", "Information Retrieval"),
}


def title(facts: CardFacts) -> str:
    base = card_text.name_of(facts.base_model)
    return facts.title or (f"SentenceTransformer based on {base}" if base else "SentenceTransformer")


def task(evaluator: str) -> tuple[str, str]:
    """(identifier, heading) of what an evaluator measures; made from the class name for one this table does not know."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", evaluator.removesuffix("Evaluator")) or evaluator
    return TASKS.get(evaluator, (words.lower().replace(" ", "-"), words))


def metric_title(name: str) -> str:
    return name.replace("_", " ").title()


def front_matter(facts: CardFacts) -> str:
    """The block with its `---` lines. `yaml.safe_load` of the inside gives the values back."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    def represent(dumper: Any, text: str) -> Any:
        quoted = any(character in text for character in _ESCAPES) or "---" in text
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)

    Dumper.add_representer(str, represent)
    written = yaml.dump(_record(facts), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=math.inf)
    for character, escape in _ESCAPES.items():
        written = written.replace(character, escape)
    return f"---\n{written}---\n"


def _record(facts: CardFacts) -> dict[str, Any]:
    record: dict[str, Any] = {}
    if facts.language:
        record["language"] = list(facts.language)
    if facts.license:
        record["license"] = card_text.clean(facts.license)
    record["tags"] = [
        "sentence-transformers",
        "sentence-similarity",
        "feature-extraction",
        "dense",
        "generated_from_trainer",
        f"dataset_size:{facts.train.rows}",
        f"loss:{facts.loss.name}",
    ]
    if facts.base_model:
        record["base_model"] = card_text.name_of(facts.base_model)
    if facts.include_texts and facts.widgets:
        record["widget"] = [
            {"source_sentence": _text(widget.source), "sentences": [_text(text) for text in widget.sentences]}
            for widget in facts.widgets[:WIDGETS]
        ]
    record["pipeline_tag"] = "sentence-similarity"
    record["library_name"] = "sentence-transformers"
    results = [result for result in map(_result, facts.evaluations) if result["metrics"]]
    if results:
        names = [metric["type"] for result in results for metric in result["metrics"]]
        record["metrics"] = list(dict.fromkeys(names))
        record["model-index"] = [{"name": card_text.clean(title(facts)), "results": results}]
    return record


def _result(evaluation: EvaluationFacts) -> dict[str, Any]:
    kind, heading = task(evaluation.evaluator)
    name = " ".join(card_text.clean(evaluation.dataset_name).split())
    return {
        "task": {"type": kind, "name": heading},
        "dataset": {
            "name": name.replace("_", " ") or "Unknown",
            "type": re.sub(r"[^\w.-]+", "_", name).strip("_") or "unknown",
        },
        "metrics": [
            {"type": metric.name, "value": float(metric.tuned), "name": metric_title(metric.name)}
            for metric in evaluation.metrics
            if metric.tuned is not None and math.isfinite(metric.tuned)
        ],
    }


def _text(text: str) -> str:
    return card_text.shorten(card_text.clean(text))
