"""The words for what validation finds."""

from __future__ import annotations

from dataclasses import dataclass

from core.dataset.formats import DatasetInfo, Format


@dataclass(frozen=True)
class Issue:
    """One finding. `ids` are the examples it is about (none: the dataset as a whole); `blocking` ones stop training.

    `groups` counts what the rows belong to where that is what one looks at: pairs with conflicting scores, shared texts; `group_of`
    then has the number of each row's. `of` names for each row the earlier one that it repeats.
    """

    kind: str
    title: str
    explanation: str
    ids: tuple[int, ...] = ()
    blocking: bool = False
    groups: int = 0
    group_of: tuple[int, ...] = ()
    of: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """What a list shows beside the name; 0 for a finding about the dataset as a whole."""
        return self.groups or len(self.ids)


@dataclass(frozen=True)
class Facts:
    """Figures that the words name."""

    yes_no: bool = False  # scored pairs whose labels are nearly all 0 or 1
    share: float = 0.0  # of the smaller side, where one is much smaller
    limit: int = 0  # tokens the model reads
    estimated: bool = False  # the tokens are estimated from the characters


BLOCKING = {
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
        "{same} Copies weigh more in training; delete them unless that is meant.",
    ),
    "variant": (
        "1 row repeats a pair in another spelling or order",
        "{n} rows repeat a pair in another spelling or order",
        "They differ from an earlier row in the order of the two texts, in capitals or in punctuation, and may have another label. "
        "With yes/no labels that can be meant.",
    ),
    "near_duplicate": (
        "1 row nearly repeats an earlier one",
        "{n} rows nearly repeat earlier ones",
        "Every text of such a row is at least 0.95 similar, to the model, to the text in its place in an earlier row.",
    ),
    "negative_equals_anchor": (
        "1 row has its anchor as a negative",
        "{n} rows have their anchor as a negative",
        "No model can move a text away from itself. Choose another negative.",
    ),
    "near_negative": (
        "1 negative nearly equals its positive or anchor",
        "{n} negatives nearly equal their positive or anchor",
        "They differ by a letter, spaces or punctuation only. The model would learn to tell spellings apart, not meanings.",
    ),
    "anchor_contains_positive": (
        "1 anchor contains its positive",
        "{n} anchors contain their positive",
        "The model can learn to look for the copied words instead of the meaning.",
    ),
    "identical_low": (
        "1 pair of identical texts is not scored highest",
        "{n} pairs of identical texts are not scored highest",
        "A text is as similar to itself as can be: every model gives such a pair the highest score, whatever its label.",
    ),
    "mojibake": (
        "1 row has garbled characters",
        "{n} rows have garbled characters",
        "Signs such as “â€™” or “Ã©” are what is left of ’ and é when a file was read in the wrong encoding.",
    ),
    "truncated": (
        "1 row has a text longer than the model reads",
        "{n} rows have a text longer than the model reads",
        "The base model reads the first {limit:,} tokens, about {words:,} words, and passes over the rest.{estimate}",
    ),
    "shared_texts": (
        "1 held-out row shares a text with another split",
        "{n} held-out rows share a text with another split",
        "What training has seen is no fair test. Move the rows of a shared text to one side, or make the splits anew.",
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
    "one_sided": (
        "{sided}",
        "{sided}",
        "{side} A model that always gives the same answer would be right nearly every time. Add rows of the other kind; these are "
        "the ones there are.",
    ),
    "too_few": (
        "Very few rows",
        "Very few rows",
        "Training works, but fewer than ten{labelled} rows rarely change a model for the better, and no result can be trusted.",
    ),
}

# a few words for a narrow list
NAMES = {
    "empty_cell": "Empty cells",
    "score_out_of_range": "Out of range",
    "negative_equals_positive": "Positive = negative",
    "too_few": "Too few rows",
    "conflict": "Contradictions",
    "duplicate": "Duplicates",
    "variant": "Other spelling",
    "near_duplicate": "Near-duplicates",
    "negative_equals_anchor": "Anchor = negative",
    "near_negative": "Negative too near",
    "anchor_contains_positive": "Positive in anchor",
    "identical_low": "Same text, low",
    "mojibake": "Garbled text",
    "truncated": "Too long to read",
    "one_class": "One score only",
    "one_sided": "One-sided",
    "lone_text": "Alone in category",
    "few_categories": "Too few categories",
    "shared_texts": "In two splits",
    "repeated_anchor": "Repeated anchors",
}


def describe_issue(
    kind: str,
    ids: tuple[int, ...],
    info: DatasetInfo,
    facts: Facts = Facts(),
    group_of: tuple[int, ...] = (),
    of: tuple[int, ...] = (),
) -> Issue:
    """The issue in plain words. `kind` "too_few_to_train" is the blocking form of `too_few`."""
    one, many, explanation = _WORDS[kind]
    groups = len(set(group_of))
    scored = info.format is Format.SCORED
    share = f"{facts.share:.1%}" if 0 < facts.share < 0.01 else f"{facts.share:.0%}"
    words = {
        "n": f"{groups if kind == 'lone_text' else len(ids):,}",
        "low": min(info.scale.low, info.scale.high),
        "high": max(info.scale.low, info.scale.high),
        "labelled": " labelled" if scored else "",
        "conflict": _conflict(info.format),
        "same": _same(info.format, facts),
        "limit": facts.limit,
        "words": facts.limit * 3 // 4,
        "estimate": " Its tokens are estimated here, at four characters each." if facts.estimated else "",
        "sided": "Nearly all texts are in one category" if not scored else "The scores are one-sided",
        "side": f"Only {share} of the scores lie on the other side of the middle."
        if scored
        else f"Only {share} of the texts are in other categories.",
    }
    title = (one if (groups if kind == "lone_text" else len(ids)) == 1 else many).format(**words)
    if groups and kind == "conflict" and scored:
        title = f"{'1 pair has' if groups == 1 else f'{groups:,} pairs have'} conflicting scores"
        explanation = f"{len(ids):,} rows are concerned. {explanation}"
    return Issue(
        kind="too_few" if kind == "too_few_to_train" else kind,
        title=title,
        explanation=explanation.format(**words),
        ids=ids,
        blocking=kind in BLOCKING,
        groups=groups,
        group_of=group_of,
        of=of,
    )


def _conflict(format: Format) -> str:
    if format is Format.SCORED:
        return "The same two texts have different scores."
    if format is Format.CATEGORIES:
        return "The same text stands in several categories."
    return "The same text is a positive of an anchor in one row and a negative of it in another."


def _same(format: Format, facts: Facts) -> str:
    if format is not Format.SCORED:
        return "They differ at most in capitals and spaces."
    if facts.yes_no:
        return "Both texts, their order and the label are the same."
    return "The same two texts stand in an earlier row, in either order, whatever their capitals, punctuation and score."
