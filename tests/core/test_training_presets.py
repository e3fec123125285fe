"""Presets: which a dataset has, what each gives, and that what the person sets still wins."""

from __future__ import annotations

import pytest

from core.dataset.formats import DatasetInfo, Format
from core.dataset.stats import DataStats
from core.errors import UsageError
from core.training import presets
from core.training.recipe import make_recipe, to_spec

CARD = {"loss": "CosineSimilarityLoss", "batch_size": 10, "epochs": 5}


def info(format: Format = Format.SCORED) -> DatasetInfo:
    return DatasetInfo(1, "data", format)


def stats(rows: int = 400, words: float = 2.0, **more: int) -> DataStats:
    return DataStats(
        rows=rows,
        labelled=rows,
        distinct_texts=2 * rows,
        score_levels=2,
        binary=True,
        mean_words=words,
        **more,
    )


def keys(format: Format, card: dict | None = None) -> list[str]:
    return [preset.key for preset in presets.available(info(format), card)]


def test_each_format_has_its_cards_and_a_project_its_own():
    assert keys(Format.PAIRS)[:2] == ["automatic", "card:quotes"]
    assert keys(Format.SCORED, CARD)[:2] == ["automatic", "card"]
    assert {"card:fashion-looks", "card:words-of-power"} <= set(keys(Format.SCORED))
    assert {"card:outfit-search", "card:categories"} <= set(keys(Format.TRIPLETS, CARD))
    assert "card" not in keys(Format.TRIPLETS, CARD), "its loss does not fit triplets"
    for format in Format:
        offered = presets.available(info(format))
        assert "quick" in [preset.key for preset in offered]
        assert all(preset.title and preset.explanation.endswith(".") for preset in offered)


def test_thorough_asks_for_a_search_where_there_is_one():
    recipe = make_recipe(info(), stats(), preset="thorough")
    minutes = recipe.settings["search_minutes"]
    assert minutes.value == presets.SEARCH_MINUTES and minutes.source == "preset"
    assert make_recipe(info(), stats()).value("search_minutes") == 0
    assert all(("thorough" in keys(format)) == (format is not Format.CATEGORIES) for format in Format)


def test_the_projects_card_gives_its_settings_and_says_so():
    recipe = make_recipe(info(), stats(), preset="card", card=CARD)
    assert recipe.preset == "card"
    for key, value in CARD.items():
        assert recipe.value(key) == value and recipe.settings[key].source == "preset"
        assert recipe.settings[key].reason.startswith("As in the card; ")
    automatic = make_recipe(info(), stats(), card=CARD)
    assert automatic.value("batch_size") != 10 and automatic.preset == "automatic"
    assert {setting.source for setting in automatic.settings.values()} == {"automatic"}


@pytest.mark.parametrize("card", presets.CARDS, ids=lambda card: card.name)
def test_the_five_cards_fit_any_project_of_their_format(card):
    recipe = make_recipe(info(card.format), stats(), preset=f"card:{card.name}")
    assert {key: recipe.value(key) for key in card.settings} == card.settings
    assert recipe.value("learning_rate") == 2e-5


def test_what_the_person_sets_wins_over_a_preset():
    recipe = make_recipe(
        info(), stats(), {"epochs": "3"}, project={"batch_size": 32}, preset="card", card=CARD
    )
    assert (recipe.value("epochs"), recipe.value("batch_size")) == (3, 32)
    assert recipe.settings["epochs"].source == "user" and recipe.settings["batch_size"].source == "project"
    assert recipe.settings["batch_size"].automatic == 10, "what a reset goes back to"


def test_another_loss_takes_the_presets_parameters_away():
    recipe = make_recipe(info(Format.TRIPLETS), stats(), {"loss": "TripletLoss"}, preset="card:outfit-search")
    assert recipe.value("loss") == "TripletLoss" and "loss.scale" not in recipe.settings
    assert recipe.value("batch_size") == 16


@pytest.mark.parametrize("rows", [6, 31, 400, 6_000, 1_000_000])
@pytest.mark.parametrize("words", [1.0, 200.0])
def test_a_quick_look_is_short_on_any_data(rows, words):
    recipe = make_recipe(info(), stats(rows, words), preset="quick")
    assert recipe.steps <= presets.QUICK_STEPS[1] + 1
    assert recipe.holdout_rows <= presets.QUICK_HELD_OUT + 2 and recipe.train_rows >= 1
    assert recipe.value("epochs") <= make_recipe(info(), stats(rows, words)).value("epochs")
    assert "quick look" in recipe.settings["epochs"].reason and "quick look" in presets.note("quick")


def test_a_quick_look_at_marked_rows_keeps_to_the_training_rows():
    recipe = make_recipe(info(), stats(3_000, 2.0, marked_eval=500), preset="quick")
    assert recipe.train_rows == 2_500 and recipe.steps <= presets.QUICK_STEPS[1] + 1


def test_an_unknown_preset_lists_the_valid_ones():
    with pytest.raises(UsageError, match="'carrd'") as caught:
        make_recipe(info(), stats(), preset="carrd", card=CARD)
    assert "quick" in caught.value.hint and "card:words-of-power" in caught.value.hint
    assert presets.usable("card:quotes", info()) == "automatic"


def test_the_spec_names_the_preset(tmp_path):
    recipe = make_recipe(info(), stats(), preset="quick")
    assert to_spec(recipe, tmp_path, info(), train_rows=100).preset == "quick"
