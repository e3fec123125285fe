"""The recipe: sensible for the shapes of the five cards, every choice with a reason, overrides that say where they came from."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.formats import DatasetInfo, Format
from core.dataset.stats import DataStats
from core.errors import UsageError
from core.training.losses import BY_NAME, for_format
from core.training.recipe import make_recipe, parse_set, to_spec, validate

KEYS = [
    "loss",
    "batch_size",
    "epochs",
    "learning_rate",
    "warmup_steps",
    "weight_decay",
    "seed",
    "holdout",
    "folds",
    "precision",
    "dropout",
    "matryoshka",
    "lora",
    "base_model",
]


def info(format: Format) -> DatasetInfo:
    return DatasetInfo(1, "data", format)


def stats(rows: int, distinct: int, levels: int = 0, binary: bool = False, **more: int) -> DataStats:
    return DataStats(
        rows=rows, labelled=rows, distinct_texts=distinct, score_levels=levels, binary=binary, **more
    )


CARDS = {
    "fashion": (Format.SCORED, stats(31, 45, 2, True), "CosineSimilarityLoss"),
    "outfits": (Format.TRIPLETS, stats(149, 420), "MultipleNegativesRankingLoss"),
    "quotes": (Format.PAIRS, stats(2_508, 5_015), "MultipleNegativesRankingLoss"),
    "categories": (Format.TRIPLETS, stats(2_120, 271), "TripletLoss"),
    "words": (Format.SCORED, stats(3_201, 900, 3), "CosineSimilarityLoss"),
}


@pytest.mark.parametrize("card", CARDS)
def test_each_card_shape_gets_a_sensible_recipe_with_reasons(card):
    format, found, loss = CARDS[card]
    recipe = make_recipe(info(format), found)
    values = recipe.values()
    assert values["loss"] == loss
    assert list(recipe.settings)[: len(KEYS)] == KEYS
    assert [key for key in recipe.settings if key.startswith("loss.")] == [
        f"loss.{parameter.key}" for parameter in BY_NAME[loss].parameters
    ]
    for setting in recipe.settings.values():
        assert setting.reason.endswith("."), setting
        assert setting.reason.count(". ") == 0, f"one sentence: {setting.reason}"
        assert setting.source == "automatic"
        assert setting.title
    assert 1 <= values["epochs"] <= 10
    assert 20 <= recipe.steps <= 2_000
    assert values["warmup_steps"] < recipe.steps
    assert values["batch_size"] >= 2
    assert recipe.train_rows + recipe.holdout_rows == found.rows
    assert recipe.holdout_rows >= 5


def test_few_texts_in_triplets_choose_cosine_distance_with_a_small_margin():
    values = make_recipe(info(Format.TRIPLETS), stats(2_120, 271)).values()
    assert (values["loss.distance_metric"], values["loss.margin"]) == ("COSINE", 0.3)


def test_many_score_levels_choose_the_loss_that_orders():
    assert make_recipe(info(Format.SCORED), stats(5_749, 10_000, 200)).value("loss") == "CoSENTLoss"


def test_the_fewer_rows_the_further_each_step_goes():
    def values(rows: int, **chosen: str) -> dict:
        found = DataStats(rows, rows, 2 * rows, score_levels=6, groups=rows, mean_words=8.0)
        return make_recipe(info(Format.SCORED), found, chosen).values()

    found = [(rows, values(rows)) for rows in (30, 150, 1_000, 6_000)]
    assert [(rows, one["learning_rate"], one["batch_size"]) for rows, one in found] == [
        (30, 1e-4, 8),
        (150, 1e-4, 16),
        (1_000, 5e-5, 8),
        (6_000, 2e-5, 16),
    ]
    assert [one["folds"] for _, one in found] == [5, 5, 3, 0]
    large = values(150, base_model="all-mpnet-base-v2")  # a larger model does not bear such steps
    assert (large["learning_rate"], large["batch_size"]) == (5e-5, 8)


def test_rows_marked_eval_are_the_hold_out():
    recipe = make_recipe(info(Format.PAIRS), stats(100, 200, marked_eval=30))
    assert (recipe.holdout_rows, recipe.train_rows) == (30, 70)
    assert "marked eval" in recipe.settings["holdout"].reason


def test_a_base_model_that_compares_by_dot_product_is_trained_by_it(tmp_path):
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps({"similarity_fn_name": "dot"}))
    recipe = make_recipe(info(Format.PAIRS), stats(500, 1_000), {"base_model": str(tmp_path)})
    assert (recipe.value("loss.similarity_fct"), recipe.value("loss.scale")) == ("dot_score", 1.0)


def test_overrides_are_typed_and_say_where_they_came_from():
    recipe = make_recipe(
        info(Format.TRIPLETS),
        stats(149, 420),
        {"batch_size": "8", "loss.scale": "30"},
        project={"epochs": 4, "batch_size": 32, "seed": 42},
    )
    assert (recipe.value("batch_size"), recipe.value("loss.scale"), recipe.value("epochs")) == (8, 30.0, 4)
    assert recipe.settings["batch_size"].source == "user"
    assert recipe.settings["batch_size"].reason == "Set for this run; automatic would be 16."
    assert recipe.settings["epochs"].reason.startswith("Set in this project; automatic would be ")
    assert recipe.settings["seed"].reason == "Set in this project; the automatic value is the same."
    assert recipe.settings["learning_rate"].source == "automatic"
    assert recipe.steps == 4 * -(-recipe.train_rows // 8)


def test_what_a_project_sets_for_another_loss_is_passed_over():
    project = {"loss": "MultipleNegativesRankingLoss", "loss.scale": 20.0, "batch_size": 16}
    recipe = make_recipe(info(Format.TRIPLETS), stats(149, 420), {"loss": "TripletLoss"}, project=project)
    assert "loss.scale" not in recipe.settings
    assert recipe.settings["batch_size"].source == "project"
    scored = make_recipe(info(Format.SCORED), stats(31, 45, 2, True), project=project)
    assert scored.value("loss") == "CosineSimilarityLoss"
    assert scored.settings["loss"].source == "automatic"


@pytest.mark.parametrize(
    ("overrides", "mentions"),
    [
        ({"bach_size": "8"}, ["bach_size", "Did you mean batch_size?", "learning_rate", "loss.scale"]),
        ({"loss": "TripletLoss"}, ["TripletLoss", "MultipleNegativesRankingLoss"]),
        ({"precision": "fp8"}, ["fp8", "auto | fp32 | tf32 | bf16 | fp16"]),
        ({"batch_size": "0"}, ["batch_size", "from 1"]),
        ({"batch_size": "2.5"}, ["a whole number"]),
        ({"batch_size": True}, ["a whole number"]),
        ({"epochs": "0"}, ["above 0"]),
        ({"learning_rate": "nan"}, ["learning_rate", "above 0 to 1"]),
        ({"holdout": "1"}, ["from 0 to 0.9"]),
        ({"warmup_steps": "-1"}, ["from 0"]),
        ({"loss.scale": "0"}, ["above 0"]),
        ({"loss.margin": "1"}, ["loss.margin", "loss.scale"]),
        ({"loss.similarity_fct": "cosine"}, ["cos_sim | dot_score"]),
        ({"loss.directions": "query_to_query"}, ["query_to_doc,query_to_query"]),
        (
            {"loss.partition_mode": "per_direction", "loss.directions": "query_to_doc,doc_to_doc"},
            ["per_direction"],
        ),
        ({"evaluation_name": "two words"}, ["without spaces"]),
    ],
)
def test_an_unknown_key_or_value_lists_the_valid_ones(overrides, mentions):
    with pytest.raises(UsageError) as caught:
        make_recipe(info(Format.PAIRS), stats(500, 1_000), overrides)
    for words in mentions:
        assert words in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_parameter_of_a_loss_that_is_not_in_use_is_refused():
    with pytest.raises(UsageError, match=r"loss\.margin"):
        make_recipe(info(Format.TRIPLETS), stats(149, 420), {"loss.margin": "0.3"})


def test_names_and_values_are_read_generously():
    given_values = {
        "loss": "TripletLoss",
        "loss.triplet_margin": "0.25",
        "loss.distance_metric": "cosine",
        "epochs": "4.0",
        "learning_rate": "2e-5",
    }
    typed = validate(given_values, Format.TRIPLETS)
    assert typed == {
        "loss": "TripletLoss",
        "loss.margin": 0.25,
        "loss.distance_metric": "COSINE",
        "epochs": 4,
        "learning_rate": 2e-5,
    }
    assert isinstance(typed["epochs"], int)
    more = {"loss.directions": ["doc_to_query", "query_to_doc"], "loss.gather_across_devices": "false"}
    assert validate(more, Format.PAIRS) == {
        "loss.directions": "query_to_doc,doc_to_query",
        "loss.gather_across_devices": False,
    }
    assert validate({"loss": "CoSENTLoss", "loss.similarity_fct": "cos_sim"}, Format.SCORED)[
        "loss.similarity_fct"
    ] == ("pairwise_cos_sim")


def test_parse_set():
    assert parse_set(["a=1", "loss.x = y=z "]) == {"a": "1", "loss.x": "y=z"}
    for wrong in ("batch_size", "=3"):
        with pytest.raises(UsageError, match="KEY=VALUE"):
            parse_set([wrong])


@given(
    rows=st.integers(2, 200_000),
    distinct=st.integers(1, 400_000),
    format=st.sampled_from(list(Format)),
    levels=st.integers(1, 50),
    epochs=st.one_of(st.none(), st.floats(0.1, 20)),
)
def test_any_data_gets_a_recipe_that_can_run(rows, distinct, format, levels, epochs, tmp_path_factory):
    recipe = make_recipe(
        info(format), stats(rows, distinct, levels), {} if epochs is None else {"epochs": epochs}
    )
    values = recipe.values()
    assert 0 <= values["warmup_steps"] <= recipe.steps
    assert recipe.train_rows >= 1
    assert values["loss"] in {loss.name for loss in for_format(format)}
    assert validate(values, format) == values
    for train_rows in (1, recipe.train_rows, 3 * rows):
        spec = to_spec(recipe, tmp_path_factory.getbasetemp(), info(format), train_rows=train_rows)
        assert spec.warmup_steps <= -(-train_rows // spec.batch_size) * spec.epochs
        assert set(spec.loss_parameters) == {parameter.name for parameter in BY_NAME[spec.loss].parameters}
