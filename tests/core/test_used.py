"""The settings of past runs: all of them, what differs, and the same recipe again."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from core.dataset.formats import DatasetInfo, Example, Format, Scale
from core.dataset.stats import describe
from core.errors import UsageError
from core.training.recipe import make_recipe, to_spec
from core.training.spec import Spec
from core.training.used import again, difference, settings_used, side_by_side

INFO = DatasetInfo(1, "Main", Format.SCORED, 1, Scale(), 60)
ROWS = [Example((f"text {n}", f"other {n % 7}"), score=float(n % 2), raw_score=str(n % 2)) for n in range(60)]


def spec_of(tmp_path: Path, preset: str = "automatic", **own: object) -> Spec:
    values = {key.replace("__", "."): value for key, value in own.items()}
    recipe = make_recipe(INFO, describe(INFO, ROWS), project=values, preset=preset)
    return to_spec(recipe, tmp_path, INFO, train_rows=51)


def test_every_field_of_a_spec_is_shown_once_but_for_what_is_no_setting(tmp_path: Path) -> None:
    used = settings_used(spec_of(tmp_path))
    keys = [item.key for item in used]
    hidden = {
        "run_dir",
        "loss_parameters",
        "reasons",
        "sources",
        "notes",
        "probes",
        "probe_queries",
        "probe_sample",
        "project_name",
        "negatives",
    }
    assert len(keys) == len(set(keys))
    assert {item.name for item in fields(Spec)} - hidden <= set(keys)
    assert {"keep", "blend", "folds", "dropout", "matryoshka", "lora", "include_texts"} <= set(keys)
    assert all(item.title and item.title[0].isupper() for item in used if not item.key.startswith("loss."))
    assert next(item for item in used if item.key == "epochs").reason


def test_only_what_differs_is_told(tmp_path: Path) -> None:
    first = spec_of(tmp_path, loss="CoSENTLoss", epochs=2)
    second = replace(first, epochs=3, loss_parameters={**first.loss_parameters, "scale": 5.0})
    assert difference([first, first]) == []
    assert [title for title, _ in difference([first, second])] == ["Scale", "Epochs"]
    assert dict(difference([first, None, second]))["Epochs"] == [2, None, 3]
    assert len(side_by_side([first, second])) > 15
    assert difference([]) == []


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"epochs": 7, "batch_size": 4},
        {"loss": "CoSENTLoss", "loss__scale": 3.0, "learning_rate": 1e-4},
        {"keep": "last", "blend": "0.5", "lora": 4, "folds": 3, "holdout": 0, "include_texts": False},
    ],
)
def test_the_recipe_again_is_the_same_recipe(tmp_path: Path, own: dict[str, object]) -> None:
    stats = describe(INFO, ROWS)
    spec = spec_of(tmp_path, **own)
    preset, fixed = again(spec, INFO, stats)
    assert preset == "automatic" and set(fixed) == {key.replace("__", ".") for key in own}
    repeated = to_spec(make_recipe(INFO, stats, project=fixed, preset=preset), tmp_path, INFO, train_rows=51)
    assert replace(repeated, reasons={}) == replace(spec, reasons={})


def test_other_data_or_another_preset_do_not_change_what_is_used_again(tmp_path: Path) -> None:
    few = DatasetInfo(1, "Main", Format.SCORED, 1, Scale(), 6)
    spec = spec_of(tmp_path, "quick")
    preset, fixed = again(spec, few, describe(few, ROWS[:6]))
    assert preset == "quick"
    recipe = make_recipe(few, describe(few, ROWS[:6]), project=fixed, preset=preset)
    for key in ("loss", "epochs", "batch_size", "learning_rate", "holdout", "keep", "folds"):
        assert recipe.value(key) == getattr(spec, key), key


def test_a_loss_for_another_format_is_refused_in_words(tmp_path: Path) -> None:
    pairs = DatasetInfo(2, "Others", Format.PAIRS, 1, Scale(), 4)
    rows = [Example((f"a {n}", f"b {n}")) for n in range(4)]
    with pytest.raises(UsageError, match="do not fit Others"):
        again(spec_of(tmp_path, loss="CoSENTLoss"), pairs, describe(pairs, rows))
