"""Presets: named ways to fill in a recipe. No torch, instant.

A preset lies between the computed values and what the person sets: automatic < preset < set in the project < set for one run.
The window and the command line list `available(...)`; `core.training.recipe.recipe_for` reads the one that a project is set to
(`Project.preset`, changed by the undoable `Project.set_preset`) and makes the recipe. Keys:

    automatic        everything computed from the data
    card             the settings that came with the project (`Project.card_recipe`), where they fit the dataset's format
    card:NAME        those of one of the five model cards that the examples are shaped after, for any project of that format
    quick            seconds to about a minute: does it work at all?
    thorough         settings are tried out on the project's own rows first
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.dataset.formats import DatasetInfo, Format
from core.errors import UsageError
from core.training.losses import for_format
from core.training.options import known_keys

if TYPE_CHECKING:
    from core.dataset.stats import DataStats
    from core.training.recipe import Recipe

AUTOMATIC, CARD, QUICK, THOROUGH = "automatic", "card", "quick", "thorough"
SEARCH_MINUTES = 10.0

QUICK_TOKENS = 80_000  # in all steps together: about half a minute of a small model on two cores
QUICK_STEPS = (8, 60)  # at least and at most
QUICK_HELD_OUT = 200
_TOKENS_PER_WORD, _SPECIAL_TOKENS = 1.4, 2


@dataclass(frozen=True)
class Preset:
    """One to choose from. `explanation` is one or two plain sentences."""

    key: str
    title: str
    explanation: str


@dataclass(frozen=True)
class Given:
    """A value that a preset gives. `reason` "": the recipe says which preset it comes from."""

    value: Any
    reason: str = ""


@dataclass(frozen=True)
class _Card:
    name: str
    words: str
    format: Format
    about: str
    settings: dict[str, Any] = field(default_factory=dict)


# What really ran: all five were made with `fit`, whose rate and weight decay these are; the 5e-05 and 0.0 in the cards' lists are
# defaults of another class that took no part. Its warm-up of 10,000 steps, longer than the runs, is not repeated.
_FIT = {"learning_rate": 2e-5, "weight_decay": 0.01, "seed": 42}
_PLAIN = {
    "folds": 0,
    "search_minutes": 0.0,
    "blend": "1",
    "keep": "best",
    "dropout": "model",
    "matryoshka": "",
    "lora": 0,
}

CARDS = (
    _Card(
        "fashion-looks",
        "fashion looks",
        Format.SCORED,
        "Cosine similarity, one pass in batches of 16, as for 31 looks and products.",
        {"loss": "CosineSimilarityLoss", "batch_size": 16, "epochs": 1},
    ),
    _Card(
        "outfit-search",
        "outfit search",
        Format.TRIPLETS,
        "Multiple negatives ranking, ten passes in batches of 16, as for 149 triplets.",
        {
            "loss": "MultipleNegativesRankingLoss",
            "batch_size": 16,
            "epochs": 10,
            "loss.scale": 20.0,
            "loss.similarity_fct": "cos_sim",
        },
    ),
    _Card(
        "quotes",
        "quotes",
        Format.PAIRS,
        "Multiple negatives ranking, one pass in batches of 16, as for 2,508 quotes.",
        {
            "loss": "MultipleNegativesRankingLoss",
            "batch_size": 16,
            "epochs": 1,
            "loss.scale": 20.0,
            "loss.similarity_fct": "cos_sim",
        },
    ),
    _Card(
        "categories",
        "categories",
        Format.TRIPLETS,
        "Triplet loss with a cosine margin of 0.3, four passes in batches of 64, as for 2,120 triplets.",
        {
            "loss": "TripletLoss",
            "batch_size": 64,
            "epochs": 4,
            "loss.distance_metric": "COSINE",
            "loss.margin": 0.3,
        },
    ),
    _Card(
        "words-of-power",
        "words of power",
        Format.SCORED,
        "Cosine similarity, five passes in batches of 10, as for 3,201 pairs of words.",
        {"loss": "CosineSimilarityLoss", "batch_size": 10, "epochs": 5},
    ),
)


def available(info: DatasetInfo, card: Mapping[str, Any] | None = None) -> list[Preset]:
    """The presets for a dataset, in the order to show them. `card`: the settings that came with the project."""
    found = [
        Preset(
            AUTOMATIC,
            "Automatic",
            "Every setting is computed from your data, each with its reason. The best start.",
        )
    ]
    if card and fits(card, info):
        found.append(Preset(CARD, "As in the card", "The settings that came with this project."))
    found += [
        Preset(f"card:{item.name}", f"As in the card: {item.words}", item.about)
        for item in CARDS
        if item.format is info.format
    ]
    found.append(
        Preset(
            QUICK,
            "Quick look",
            "A few steps on part of the rows, seconds to about a minute. It shows whether training works, not how good the "
            "model can get.",
        )
    )
    if info.format is not Format.CATEGORIES:
        found.append(
            Preset(
                THOROUGH,
                "Thorough",
                f"Tries other learning rates and losses on your rows for about {SEARCH_MINUTES:g} minutes, then trains with the "
                "best. The automatic settings are among those tried.",
            )
        )
    return found


def find(key: str, info: DatasetInfo, card: Mapping[str, Any] | None = None) -> Preset:
    """The preset called `key`.

    Raises:
        UsageError: there is none for this dataset; the message lists those there are.
    """
    choices = available(info, card)
    for preset in choices:
        if preset.key == key:
            return preset
    names = ", ".join(preset.key for preset in choices)
    raise UsageError(
        f"There is no preset called {key!r} for {info.format.title.lower()}.", f"Valid: {names}."
    )


def usable(key: str, info: DatasetInfo, card: Mapping[str, Any] | None = None) -> str:
    """`key`, or automatic where it does not fit: a project has one preset and may have datasets of several formats."""
    return key if any(preset.key == key for preset in available(info, card)) else AUTOMATIC


def fits(settings: Mapping[str, Any], info: DatasetInfo) -> bool:
    """Whether the loss that `settings` name, if any, can learn from rows of this format."""
    named = settings.get("loss", "")
    return not named or named in {loss.name for loss in for_format(info.format)}


def given(
    key: str,
    stats: DataStats,
    card: Mapping[str, Any] | None,
    automatic: Callable[[], Recipe],
) -> dict[str, Given]:
    """What the preset `key` gives, by setting. `automatic()` is the recipe without a preset; only some need it."""
    if key == CARD:
        found = {name: Given(value) for name, value in {**_PLAIN, **_FIT, **(card or {})}.items()}
    elif key.startswith(f"{CARD}:"):
        settings = next(item.settings for item in CARDS if key == f"{CARD}:{item.name}")
        found = {name: Given(value) for name, value in {**_PLAIN, **_FIT, **settings}.items()}
    elif key == QUICK:
        found = _quick(stats, automatic())
    elif key == THOROUGH:
        found = {
            "search_minutes": Given(
                SEARCH_MINUTES, "Thorough: settings are tried out for about so long before the run itself."
            )
        }
    else:
        found = {}
    keys = known_keys()
    return {name: value for name, value in found.items() if name in keys or name.startswith("loss.")}


def _quick(stats: DataStats, recipe: Recipe) -> dict[str, Given]:
    rows, batch = recipe.train_rows + recipe.holdout_rows, int(recipe.value("batch_size"))
    share = float(recipe.value("holdout")) or (0.2 if rows >= 20 else 0.0)
    if not stats.marked_eval and rows:
        share = min(share, round(QUICK_HELD_OUT / rows, 4))
    train = recipe.train_rows if stats.marked_eval else max(1, rows - round(rows * share))
    per_text = stats.mean_words * _TOKENS_PER_WORD + _SPECIAL_TOKENS
    per_step = max(1.0, batch * 2 * per_text)
    steps = max(QUICK_STEPS[0], min(QUICK_STEPS[1], round(QUICK_TOKENS / per_step)))
    per_epoch = math.ceil(train / batch)
    epochs = min(float(recipe.value("epochs")), float(f"{steps / per_epoch:.3g}"))
    seen = min(train, round(epochs * train))
    return {
        "epochs": Given(
            int(epochs) if float(epochs).is_integer() else epochs,
            f"A quick look: about {max(1, round(epochs * per_epoch)):,} steps see {seen:,} of {train:,} rows.",
        ),
        "holdout": Given(share, "A quick look measures on a few rows only, so that it stays quick."),
        "eval_steps": Given(0, "A quick look measures at the end."),
        "folds": Given(0, "A quick look does without cross-validation."),
        "search_minutes": Given(0.0, "A quick look tries nothing out."),
    }


def note(key: str) -> str:
    """What a run by this preset should say about itself; "" for most."""
    if key == QUICK:
        return (
            "This run is a quick look: few steps, few held-out rows. Its figures show whether training works, not how good "
            "the model can get."
        )
    return ""
