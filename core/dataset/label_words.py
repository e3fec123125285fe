"""Scores that are usually meant by the words of a label column. A person confirms them before they are used."""

from __future__ import annotations

from collections.abc import Mapping

from core.dataset.scores import detect_scale, parse_score

_SCORES = {
    "entailment": 1.0, "entails": 1.0, "neutral": 0.5, "contradiction": 0.0, "contradicts": 0.0,
    "yes": 1.0, "no": 0.0, "y": 1.0, "n": 0.0, "true": 1.0, "false": 0.0, "t": 1.0, "f": 0.0,
    "duplicate": 1.0, "duplicates": 1.0, "not duplicate": 0.0, "not_duplicate": 0.0, "non-duplicate": 0.0, "different": 0.0,
    "same": 1.0, "similar": 1.0, "not similar": 0.0, "dissimilar": 0.0, "identical": 1.0, "equivalent": 1.0,
    "paraphrase": 1.0, "not paraphrase": 0.0, "non-paraphrase": 0.0, "match": 1.0, "no match": 0.0, "mismatch": 0.0,
    "related": 1.0, "unrelated": 0.0, "relevant": 1.0, "irrelevant": 0.0, "not relevant": 0.0,
    "highly relevant": 1.0, "partially relevant": 0.5, "somewhat relevant": 0.5,
    "exact": 1.0, "substitute": 0.1, "complement": 0.01, "e": 1.0, "s": 0.1, "c": 0.01, "i": 0.0,
    "positive": 1.0, "negative": 0.0, "pos": 1.0, "neg": 0.0, "good": 1.0, "bad": 0.0,
    "high": 1.0, "medium": 0.5, "low": 0.0, "partial": 0.5, "partly": 0.5, "partially": 0.5,
}  # fmt: skip
_ESCI = {"e", "s", "c", "i"}  # the letters mean this only together


def suggested(words: Mapping[str, int]) -> dict[str, float | None]:
    """A score for every word, given how often it stands there; None (unlabelled) for the words that nobody can guess."""
    plain = {word: word.strip().lower() for word in words}
    letters = {text for text in plain.values() if text in _ESCI}
    known = (
        _SCORES
        if "e" in letters and len(letters) > 1
        else {k: v for k, v in _SCORES.items() if k not in _ESCI}
    )
    return {word: known.get(text) for word, text in plain.items()} | _numbers(words)


def _numbers(words: Mapping[str, int]) -> dict[str, float | None]:
    """The numbers among the words, on the scale that they are evidently on."""
    values = {word: value for word in words if (value := parse_score(word)) is not None}
    scale = detect_scale([value for word, value in values.items() for _ in range(words[word])])
    if scale is None:
        return {}
    units = {word: scale.to_unit(value) for word, value in values.items()}
    return {word: round(unit, 6) if 0 <= unit <= 1 else None for word, unit in units.items()}
