"""What to know before a run starts: how long it takes, and what in the data or the recipe will hurt. No torch.

`core.dataset.validation` finds what is wrong with rows as such; this adds what follows from the recipe and the base model.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.dataset.formats import DatasetInfo, Example, Format, texts_of
from core.dataset.issues import Issue
from core.dataset.normalise import normalise
from core.dataset.stats import describe
from core.errors import AnchorLabError, UsageError
from core.models import catalogue
from core.training import fitting, pace
from core.training.losses import BY_NAME
from core.training.recipe import Recipe

FEWEST_STEPS = 20
_AT_ONCE = 1_000  # texts tokenised between two looks at `should_stop`


@dataclass(frozen=True)
class Preflight:
    """`steps` of the run, `seconds` it will take (None: nothing to go by yet), `issues` with the blocking ones first."""

    steps: int
    seconds: float | None
    issues: tuple[Issue, ...]

    @property
    def blocked(self) -> bool:
        return any(issue.blocking for issue in self.issues)


def preflight(
    info: DatasetInfo,
    rows: Sequence[Example],
    recipe: Recipe,
    issues: Iterable[Issue],
    should_stop: Callable[[], bool] = lambda: False,
) -> Preflight:
    """`issues`: what `core.dataset.validation.check` found in `rows`, whose ids the new ones use as well. O(rows)."""
    found = [*issues, *_refused(info, rows, recipe), *_of_recipe(recipe)]
    found += [*_shared(info, rows), *_repeated(info, rows, recipe)]
    found += _truncated(info, rows, str(recipe.value("base_model")), should_stop)
    found.sort(key=lambda issue: not issue.blocking)
    work = pace.work(info, rows) * recipe.train_rows / max(len(rows), 1) * float(recipe.value("epochs"))
    return Preflight(recipe.steps, _seconds(recipe, work), tuple(found))


def _seconds(recipe: Recipe, work: float) -> float | None:
    """How long a run takes whose steps are so much `work`, with its cross-validation or its search."""
    folds = recipe.fold_steps / max(recipe.steps, 1)
    minutes, trials = float(recipe.value("search_minutes")), int(recipe.value("search_trials"))
    if trials:
        work *= 1 + trials * (folds or 1)
    elif not minutes:
        work *= 1 + folds
    seconds = pace.seconds(str(recipe.value("base_model")), work)
    return None if seconds is None else seconds + (0 if trials else minutes * 60)


def _of_recipe(recipe: Recipe) -> list[Issue]:
    found = []
    if recipe.steps < FEWEST_STEPS:
        found.append(
            Issue(
                "few_steps",
                f"Only {recipe.steps:,} step{'' if recipe.steps == 1 else 's'}",
                f"A run of fewer than {FEWEST_STEPS} steps changes little. More epochs, a smaller batch or more rows help.",
            )
        )
    function = str(recipe.values().get("loss.similarity_fct", ""))
    dot = catalogue.similarity(str(recipe.value("base_model"))) == "dot"
    if dot and function.endswith("cos_sim"):
        found.append(
            Issue(
                "other_similarity",
                "The loss and the base model compare differently",
                "The base model compares by dot product, this loss by cosine similarity. Set its similarity to the dot product "
                "and its scale to 1.",
            )
        )
    return found


def _refused(info: DatasetInfo, rows: Sequence[Example], recipe: Recipe) -> list[Issue]:
    """What a run would refuse to start for."""
    try:
        fitting.check(recipe, describe(info, rows), info)
    except UsageError as error:
        return [Issue("setting_refused", error.message.rstrip("."), error.hint, blocking=True)]
    return []


def _shared(info: DatasetInfo, rows: Sequence[Example]) -> list[Issue]:
    """Rows marked eval or test with a text that a row for training has as well."""
    held = [row for row in rows if row.split in ("eval", "test")]
    if not held:
        return []
    known = {
        normalise(text)
        for row in rows
        if row.split not in ("eval", "test")
        for text in texts_of(info.format, row.texts)
    }
    ids = tuple(
        row.id for row in held if any(normalise(text) in known for text in texts_of(info.format, row.texts))
    )
    if not ids:
        return []
    count = "1 held-out row shares" if len(ids) == 1 else f"{len(ids):,} held-out rows share"
    return [
        Issue(
            "shared_texts",
            f"{count} a text with the training rows",
            "What training has seen is no fair test. Clear their split, so that the program draws the hold-out by itself, or "
            "move rows that share a text to one side.",
            ids,
        )
    ]


def _repeated(info: DatasetInfo, rows: Sequence[Example], recipe: Recipe) -> list[Issue]:
    """An anchor in so many rows that batches must hold it twice, where the batch serves as negatives."""
    loss = BY_NAME[str(recipe.value("loss"))]
    if not loss.in_batch or info.format is Format.CATEGORIES:
        return []
    batches = max(recipe.steps_per_epoch, 1)
    counts = Counter(normalise(row.texts[0]) for row in rows if row.texts)
    often = {text for text, count in counts.items() if count > batches}
    if not often:
        return []
    ids = tuple(row.id for row in rows if row.texts and normalise(row.texts[0]) in often)
    which = "1 anchor is" if len(often) == 1 else f"{len(often):,} anchors are"
    return [
        Issue(
            "repeated_anchor",
            f"{which} in more rows than there are batches",
            "This loss takes the other rows of a batch as negatives; with the same anchor twice in a batch some of them are right "
            "answers. A smaller batch or another loss avoids that.",
            ids,
        )
    ]


def _truncated(
    info: DatasetInfo, rows: Sequence[Example], base_model: str, should_stop: Callable[[], bool]
) -> list[Issue]:
    """Rows with a text that is longer than the base model reads."""
    limit, tokenizer = _reader(base_model)
    if tokenizer is None or limit <= 2:
        return []
    # a token is at least one character, so only texts with more characters than tokens fit can be too long
    long = {text for row in rows for text in texts_of(info.format, row.texts) if len(text) > limit - 2}
    cut: set[str] = set()
    texts = sorted(long)
    for start in range(0, len(texts), _AT_ONCE):
        if should_stop():
            return []
        part = texts[start : start + _AT_ONCE]
        encoded = tokenizer.encode_batch(part)
        cut.update(text for text, found in zip(part, encoded, strict=True) if len(found.ids) > limit)
    if not cut:
        return []
    ids = tuple(row.id for row in rows if any(text in cut for text in row.texts))
    count = "1 row has" if len(ids) == 1 else f"{len(ids):,} rows have"
    return [
        Issue(
            "truncated",
            f"{count} a text longer than the model reads",
            f"The base model reads the first {limit:,} tokens, about {limit * 3 // 4:,} words, and passes over the rest.",
            ids,
        )
    ]


def _reader(base_model: str) -> tuple[int, Any]:
    """The most tokens a model reads, and its tokenizer without a limit; (0, None) where its files do not say."""
    try:
        folder = catalogue.resolve(base_model)
    except AnchorLabError:
        return 0, None
    path = Path(folder)
    inner = next(
        (part for part in (path, path / "0_Transformer") if (part / "tokenizer.json").is_file()), None
    )
    if inner is None:
        return 0, None
    from tokenizers import Tokenizer

    try:
        config = json.loads((inner / "sentence_bert_config.json").read_text(encoding="utf-8"))
        limit = int(config.get("max_seq_length") or 0)
        tokenizer = Tokenizer.from_file(str(inner / "tokenizer.json"))
    except Exception:  # noqa: BLE001 - the tokenizers library raises plain Exception; a model we cannot read gives no warning
        return 0, None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return limit, tokenizer
