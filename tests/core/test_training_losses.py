"""The table of losses against the library that is installed."""

from __future__ import annotations

import inspect

import pytest

from core.dataset.formats import Format
from core.errors import TrainingProblem
from core.training.loss_parameters import DIRECTIONS
from core.training.losses import BY_NAME, LOSSES, for_format


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_the_table_has_every_parameter_with_the_library_default(loss):
    from sentence_transformers.sentence_transformer import losses as library

    from core.training.build_loss import _object

    theirs = inspect.signature(getattr(library, loss.name).__init__).parameters
    ours = {parameter.name: parameter for parameter in loss.parameters}
    assert set(ours) == set(theirs) - {"self", "model", "show_progress_bar"}
    for name, parameter in ours.items():
        if name == "guide":  # the only one without a default of the library's
            continue
        built, default = _object(loss.name, name, parameter.default), theirs[name].default
        same_class = type(built) is type(default) and name in ("loss_fct", "cos_score_transformation")
        assert same_class or built == default, name
        assert parameter.help.endswith("."), name


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_every_choice_can_be_built(loss, tiny_model):
    from core.models.loading import load
    from core.training.build_loss import build

    model = load(str(tiny_model))
    for parameter in loss.parameters:
        for choice in parameter.choices or (parameter.default,):
            values = loss.defaults() | {parameter.key: choice}
            if parameter.key == "hardness_mode":
                values["hardness_strength"] = 1.0
            values.pop("guide", None)
            built = build(loss.name, values, model, model if loss.parameter("guide") else None)
            assert built.get_config_dict()


def test_what_is_unknown_is_refused_with_the_names_there_are(tiny_model):
    from core.models.loading import load
    from core.training.build_loss import build

    model = load(str(tiny_model))
    with pytest.raises(TrainingProblem, match="TripletLoss"):
        build("MegaLoss", {}, model)
    with pytest.raises(TrainingProblem, match="margin"):
        build("TripletLoss", {"scale": 1.0}, model)


def test_a_parameter_that_an_older_library_lacks_is_left_out_at_its_default(tiny_model, monkeypatch):
    from core.models.loading import load
    from core.training import build_loss

    class Older:
        def __init__(self, model, scale=20.0):
            self.scale = scale

    monkeypatch.setattr(build_loss.library, "MultipleNegativesRankingLoss", Older)
    model, entry = load(str(tiny_model)), BY_NAME["MultipleNegativesRankingLoss"]
    assert build_loss.build(entry.name, entry.defaults() | {"scale": 3.0}, model).scale == 3.0
    with pytest.raises(TrainingProblem, match="partition_mode"):
        build_loss.build(entry.name, entry.defaults() | {"partition_mode": "per_direction"}, model)


def test_formats():
    assert [loss.name for loss in for_format(Format.PAIRS)] == [
        "MultipleNegativesRankingLoss",
        "CachedMultipleNegativesRankingLoss",
        "GISTEmbedLoss",
        "CachedGISTEmbedLoss",
    ]
    assert len(for_format(Format.SCORED)) == len(for_format(Format.TRIPLETS)) == 5
    assert len(set(DIRECTIONS)) == 8
    assert all("query_to_doc" in item for item in DIRECTIONS)
