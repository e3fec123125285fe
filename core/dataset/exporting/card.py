"""The card of a dataset folder: README.md with the front matter that `datasets` and the Hugging Face Hub read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from core.dataset.exporting.choices import ExportChoices, Metadata
from core.dataset.exporting.columns import META, column_names
from core.dataset.formats import DatasetInfo, Format
from core.dataset.scores import shown

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LOSS = {
    Format.PAIRS: "MultipleNegativesRankingLoss",
    Format.SCORED: "CosineSimilarityLoss",
    Format.TRIPLETS: "MultipleNegativesRankingLoss",
    Format.CATEGORIES: "BatchAllTripletLoss",
}
_MEANING = {
    "anchor": "the text that is asked about",
    "positive": "a text that belongs to the anchor",
    "negative": "a text that does not belong to the anchor",
    "sentence1": "the first text",
    "sentence2": "the second text",
    "score": "how similar the two are, from 0 to 1",
    "text": "a text",
    "label": "the number of the text's category",
    "category": "the name of the text's category",
    "split": "train, eval, test, or empty where it was left open",
    "status": "accepted, rejected, skipped, or empty where nobody decided",
    "flag": "yes where the row was flagged",
    "note": "what somebody wrote about the row",
    "source": "where the row came from",
}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|])")


def write_card(
    folder: Path,
    folder_name: str,
    info: DatasetInfo,
    choices: ExportChoices,
    counts: Mapping[str, int],
    categories: Mapping[str, int],
) -> None:
    """Write `folder`/README.md. `counts` are the rows of each split that has any."""
    names = column_names(info, choices)
    parts = {part: counts[part] for part in ("train", "validation", "test") if part in counts} or {"train": 0}
    text = "\n".join(
        [*_front_matter(info, names, parts, categories), *_body(folder_name, info, choices, names, parts)]
    )
    # a name may hold anything; half a character cannot be written
    (folder / "README.md").write_bytes(f"{text}\n".encode(errors="replace"))


def _front_matter(
    info: DatasetInfo, names: tuple[str, ...], parts: Mapping[str, int], categories: Mapping[str, int]
) -> list[str]:
    rows = sum(parts.values())
    size = next((word for limit, word in _SIZES if rows < limit), "1M<n<10M")
    lines = [
        "---",
        f"pretty_name: {_quoted(info.name)}",
        "task_categories:",
        "- sentence-similarity",
        "- feature-extraction",
        "tags:",
        "- sentence-transformers",
        "size_categories:",
        f"- {size}",
        "configs:",
        "- config_name: default",
        "  data_files:",
    ]
    for part in parts:
        lines += [f"  - split: {part}", f"    path: data/{part}-*.parquet"]
    lines += ["dataset_info:", "  features:"]
    for name in names:
        lines.append(f"  - name: {name}")
        if name == "label" and categories:
            lines += ["    dtype:", "      class_label:", "        names:"]
            lines += [
                f"          {_quoted(str(number))}: {_quoted(title)}" for title, number in categories.items()
            ]
        else:
            lines.append(
                f"    dtype: {'float64' if name == 'score' else 'int64' if name == 'label' else 'string'}"
            )
    return [*lines, "---", ""]


def _body(
    folder_name: str,
    info: DatasetInfo,
    choices: ExportChoices,
    names: tuple[str, ...],
    parts: Mapping[str, int],
) -> list[str]:
    lines = [f"# {_escaped(info.name)}", "", f"{info.format.title}, labelled with AnchorLab.", ""]
    lines += ["| Split | Rows |", "|---|---:|", *(f"| {part} | {count:,} |" for part, count in parts.items())]
    lines += ["", "| Column | Meaning |", "|---|---|"]
    lines += [f"| {name} | {_MEANING[re.sub(r'_[0-9]+$', '', name)]} |" for name in names]
    if info.format is Format.SCORED and (info.scale.low, info.scale.high) != (0, 1):
        lines += [
            "",
            f"The scores were given on the scale {shown(info.scale)} and are stored here from 0 to 1.",
        ]
    if choices.metadata is Metadata.FILE:
        lines += [
            "",
            f"`metadata/` holds {', '.join(META)} of the rows: `row` 1 is the first row of the split's data.",
        ]
    return [*lines, "", *_use(folder_name, info, choices, parts)]


def _use(folder_name: str, info: DatasetInfo, choices: ExportChoices, parts: Mapping[str, int]) -> list[str]:
    lines = ["## Use", "", "```python", "from datasets import load_dataset"]
    if not choices.training:
        return [*lines, "", f"dataset = load_dataset({_quoted(folder_name)})", "```"]
    loss = _LOSS[info.format]
    evaluated = ', eval_dataset=dataset["validation"]' if "validation" in parts else ""
    return [
        *lines,
        "from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer",
        f"from sentence_transformers.sentence_transformer.losses import {loss}",
        "",
        f"dataset = load_dataset({_quoted(folder_name)})",
        'model = SentenceTransformer("all-MiniLM-L6-v2")',
        "trainer = SentenceTransformerTrainer(",
        f'    model, train_dataset=dataset["train"]{evaluated}, loss={loss}(model)',
        ")",
        "trainer.train()",
        "```",
    ]


def _quoted(text: str) -> str:
    """A text as a string of YAML and of Python alike."""
    return json.dumps(text, ensure_ascii=False)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split())) or "Dataset"
