"""What a model's scores mean, in words: where they come from, and which disagreement counts as large."""

from __future__ import annotations

from core.dataset.formats import DatasetInfo, Format
from core.similarity.calibration import ENOUGH
from core.similarity.disagreement import LEAST, TIMES
from gui.models import score_text
from gui.models.score_table import ScoreTable


def begun(model: str) -> str:
    """A model's name at the start of a sentence: "Run 7", but never "All-MiniLM"."""
    return f"R{model[1:]}" if model.startswith("run ") else model


def source(info: DatasetInfo, table: ScoreTable, model: str) -> str:
    """One sentence about what the column "Model" shows."""
    match info.format:
        case Format.SCORED if table.labels:
            return f"Scores of {model}, brought to your scale by {table.labels:,} labels."
        case Format.SCORED:
            return f"Plain similarities of {model}; with {ENOUGH} labels they are brought to your scale."
        case Format.PAIRS if table.labels:
            return f"How likely {model} finds the pair, by your {table.labels:,} decisions."
        case Format.PAIRS:
            return f"The share of random pairs that {model} finds less similar."
        case Format.TRIPLETS:
            return f"Similarity of anchor and positive by {model}."
        case Format.CATEGORIES:
            return f"Similarity to the rest of the own category by {model}."


def large(info: DatasetInfo, table: ScoreTable, model: str) -> str:
    """What it takes for a row to be among those that disagree."""
    match info.format:
        case Format.SCORED:
            span = abs(info.scale.high - info.scale.low)
            least = f"Label and {model} lie more than {table.large * span:.2f} apart"
            how = "a fifth of the scale" if table.large <= LEAST else f"{TIMES:g} times the typical distance"
            return f"{least} on {score_text.span(info.scale)}: {how}."
        case Format.PAIRS if table.labels:
            return f"{begun(model)} finds the other decision more likely."
        case Format.PAIRS:
            return f"At least {round(table.large * 100)} in 100 random pairs of this dataset are as similar for {model}."
        case Format.TRIPLETS:
            return f"For {model} a negative is nearer to the anchor than its positive."
        case Format.CATEGORIES:
            return f"For {model} the text is nearer to another category than to its own."


def seen(model: str) -> str:
    """What to know about the scores of a run."""
    return f"Rows that {model} was trained on hardly disagree with it: the base model is the stricter judge."


def margin(info: DatasetInfo, value: float, model: str) -> str:
    """What a margin says about a row of triplets or categories."""
    if info.format is Format.CATEGORIES:
        near, far = "the rest of its category", "the nearest other category"
    else:
        near, far = "the positive", "the nearest negative"
    if value != value:
        return f"{begun(model)} has nothing to compare this row with."
    if value < 0:
        return f"For {model}, {far} is nearer than {near}."
    return f"For {model}, {near} is nearer than {far}."
