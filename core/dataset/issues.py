"""The words for what validation finds."""

from __future__ import annotations

from dataclasses import dataclass

from core.dataset.formats import DatasetInfo, Format


@dataclass(frozen=True)
class Issue:
    """One finding. `ids` are the examples it is about (none: the dataset as a whole); `blocking` ones stop training."""

    kind: str
    title: str
    explanation: str
    ids: tuple[int, ...] = ()
    blocking: bool = False


_BLOCKING = {
    "empty_cell",
    "negative_equals_positive",
    "score_out_of_range",
    "too_few_to_train",
    "few_categories",
}

# kind: (title for one row, title for n rows, what it means and what to do)
_WORDS = {
    "empty_cell": (
        "1 row has an empty cell",
        "{n} rows have an empty cell",
        "Every text of a row is needed. Fill the cells or delete the rows.",
    ),
    "score_out_of_range": (
        "1 score is out of range",
        "{n} scores are out of range",
        "Scores must lie between {low:g} and {high:g}. Correct them or clear them.",
    ),
    "negative_equals_positive": (
        "1 row has the same text as positive and negative",
        "{n} rows have the same text as positive and negative",
        "Such a row asks for the same text to be near and far. Change one of the two or delete the rows.",
    ),
    "too_few_to_train": (
        "Too few rows to train on",
        "Too few rows to train on",
        "At least two complete{labelled} rows are needed.",
    ),
    "conflict": (
        "1 row contradicts another",
        "{n} rows contradict one another",
        "{conflict} Decide which is right.",
    ),
    "duplicate": (
        "1 row is a copy of an earlier one",
        "{n} rows are copies of earlier ones",
        "They differ at most in capitals and spaces. Copies weigh more in training; delete them unless that is meant.",
    ),
    "negative_equals_anchor": (
        "1 row has its anchor as a negative",
        "{n} rows have their anchor as a negative",
        "No model can move a text away from itself. Choose another negative.",
    ),
    "anchor_contains_positive": (
        "1 anchor contains its positive",
        "{n} anchors contain their positive",
        "The model can learn to look for the copied words instead of the meaning.",
    ),
    "lone_text": (
        "1 text is alone in its category",
        "{n} texts are alone in their category",
        "A category teaches what its texts have in common, so it takes two at least. These are left out of training.",
    ),
    "few_categories": (
        "Too few categories",
        "Too few categories",
        "At least two categories with two different texts each are needed.",
    ),
    "unlabelled": (
        "1 row has no score yet",
        "{n} rows have no score yet",
        "They are left out of training until they are labelled.",
    ),
    "one_class": (
        "All scores are the same",
        "All scores are the same",
        "With nothing to tell apart there is nothing to learn. Add pairs with other scores.",
    ),
    "too_few": (
        "Very few rows",
        "Very few rows",
        "Training works, but fewer than ten{labelled} rows rarely change a model for the better, and no result can be trusted.",
    ),
}


def describe_issue(kind: str, ids: tuple[int, ...], info: DatasetInfo) -> Issue:
    """The issue in plain words. `kind` "too_few_to_train" is the blocking form of `too_few`."""
    one, many, explanation = _WORDS[kind]
    scored = info.format is Format.SCORED
    conflict = (
        "The same two texts have different scores."
        if scored
        else "The same text stands in several categories."
        if info.format is Format.CATEGORIES
        else "The same text is a positive of an anchor in one row and a negative of it in another."
    )
    return Issue(
        kind="too_few" if kind == "too_few_to_train" else kind,
        title=one if len(ids) == 1 else many.format(n=f"{len(ids):,}"),
        explanation=explanation.format(
            low=info.scale.low,
            high=info.scale.high,
            labelled=" labelled" if scored else "",
            conflict=conflict,
        ),
        ids=ids,
        blocking=kind in _BLOCKING,
    )
