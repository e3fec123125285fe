"""What lies beside an exported graph: the model's card with a section on the export, and the same figures for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from core import atomic, rounding
from core.models import card_about, card_text, card_threshold
from core.models.card_threshold import RunThreshold
from core.models.export_request import Agreement, ExportFormat
from core.models.exported import GRAPHS, SETTINGS

CARD = "README.md"
_FOLDER = 'SentenceTransformer("path/to/this/folder"'
_LIBRARIES = ("torch", "sentence-transformers", "transformers", "onnx", "onnxruntime", "openvino")
_LOADED = {
    ExportFormat.ONNX: """session = onnxruntime.InferenceSession(f"{folder}/onnx/model.onnx")
names = [item.name for item in session.get_inputs()]
embeddings = session.run(["sentence_embedding"], {name: tokens[name] for name in names})[0]""",
    ExportFormat.OPENVINO: """model = openvino.Core().compile_model(f"{folder}/openvino/openvino_model.xml", "CPU")
names = [item.get_any_name() for item in model.inputs]
embeddings = model({name: tokens[name] for name in names})["sentence_embedding"]""",
}
_SIMILARITIES = {
    "cosine": """embeddings = embeddings / numpy.linalg.norm(embeddings, axis=1, keepdims=True)
similarities = embeddings @ embeddings.T""",
    "dot": "similarities = embeddings @ embeddings.T",
    "euclidean": "similarities = -numpy.linalg.norm(embeddings[:, None] - embeddings[None], axis=2)",
    "manhattan": "similarities = -numpy.abs(embeddings[:, None] - embeddings[None]).sum(axis=2)",
}
_REPORTS = {
    ExportFormat.ONNX: "ONNX Runtime reports on its use to its maker; with `ORT_DISABLE_TELEMETRY=1` in the environment it does not.",
    ExportFormat.OPENVINO: "OpenVINO reports on its use to its maker until `opt_in_out --opt_out` was called once.",
}


def write_settings(
    place: Path, model: Any, format: ExportFormat, int8: bool, threshold: RunThreshold | None = None
) -> dict[str, Any]:
    """Write what a program must know to use the graph, and return it."""
    name = model.default_prompt_name
    settings = {
        "format": format.value,
        "graph": GRAPHS[format],
        "int8": int8,
        "max_length": model.max_seq_length,
        "prompt": model.prompts[name] if name else "",
        "similarity": str(model.similarity_fn_name),
        "threshold": threshold.threshold if threshold is not None else None,
        "threshold_of": threshold.of if threshold is not None else None,
        "versions": _versions(),
    }
    _save(place, settings)
    return settings


def write_card(
    place: Path,
    settings: dict[str, Any],
    agreement: Agreement,
    warning: str,
    threshold: RunThreshold | None = None,
) -> None:
    """Add the agreement to the settings, and a section on the export to the card that lies in `place`."""
    _save(place, {**settings, "agreement": asdict(agreement), "warning": warning})
    format = ExportFormat(settings["format"])
    section = _section(format, settings, agreement, warning, threshold)
    card = place / CARD
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    text = text.replace(f"{_FOLDER})", f'{_FOLDER}, backend="{format.value}")')
    before, heading, after = text.partition("\n## ")
    atomic.write_text(card, f"{before.rstrip()}\n\n{section}{heading}{after}".lstrip("\n"))


def _save(place: Path, settings: dict[str, Any]) -> None:
    text = json.dumps(settings, indent=2, ensure_ascii=False, allow_nan=False)
    atomic.write_text(place / SETTINGS, text + "\n")


def _section(
    format: ExportFormat,
    settings: dict[str, Any],
    agreement: Agreement,
    warning: str,
    threshold: RunThreshold | None,
) -> str:
    library = {ExportFormat.ONNX: "onnxruntime", ExportFormat.OPENVINO: "openvino"}[format]
    length = "" if settings["max_length"] is None else f", max_length={settings['max_length']}"
    prompt = card_text.literal(settings["prompt"])
    texts = f"[{prompt} + text for text in texts]" if settings["prompt"] else "texts"
    snippet = f"""import numpy
import {library}
from transformers import AutoTokenizer

folder = "path/to/this/folder"
texts = ["The weather is lovely today.", "It's so sunny outside!"]
tokens = AutoTokenizer.from_pretrained(folder)(
    {texts}, padding=True, truncation=True{length}, return_tensors="np"
)
{_LOADED[format]}
{_compared(settings, threshold)}"""
    stored = "its weights in 8 bits" if settings["int8"] else "its weights in float32"
    said = f"**{card_text.line(warning)}**\n\n" if warning else ""
    return f"""## {format.title}

This folder holds the model as one {format.title} graph, {stored}, from the tokens to the finished embedding. It needs neither
PyTorch nor sentence-transformers:

{card_about.fenced(snippet, "python")}

Where sentence-transformers has its {format.title} backend installed, `SentenceTransformer(folder, backend="{format.value}")` loads it, too.

{_REPORTS[format]}

{said}{_table(agreement)}
"""


def _compared(settings: dict[str, Any], threshold: RunThreshold | None) -> str:
    """Each text with each other one as the model compares them, and which of them are similar."""
    lines = [_SIMILARITIES.get(settings["similarity"], _SIMILARITIES["cosine"])]
    if threshold is not None:
        lines.append(card_threshold.code(threshold))
        if settings["int8"]:
            lines.insert(1, "# The threshold was chosen with the weights in full precision")
    return "\n".join(lines)


def _table(agreement: Agreement) -> str:
    return f"""Compared with the original model on {agreement.texts:,} texts it was trained or measured with:

| | |
|:--|--:|
| cosine distance of a text's two embeddings, mean | {agreement.mean_distance:.2g} |
| the same, largest | {agreement.max_distance:.2g} |
| nearest {agreement.neighbours} texts of each text: the same ones | {rounding.share(agreement.same_neighbours)} |
| nearest text of each text: the same one | {rounding.share(agreement.same_nearest)} |
"""


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name).partition("+")[0]
        except metadata.PackageNotFoundError:
            continue
    return found
