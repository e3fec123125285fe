"""Training on texts with categories: batches, the figures of the hold-out, and a whole run of a project."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.dataset.formats import DatasetInfo, Example, Format
from core.dataset.stats import describe
from core.errors import DataProblem, UsageError
from core.training import category_batches
from core.training.batches import batching, prepare
from core.training.groups import groups
from core.training.job import plan, run_project
from core.training.losses import BY_NAME
from core.training.recipe import make_recipe
from tests.core.training_support import Told, examples

INFO = DatasetInfo(1, "Kinds", Format.CATEGORIES)
LOSS = BY_NAME["BatchHardSoftMarginTripletLoss"]


@settings(deadline=None, max_examples=40)
@given(some.lists(some.integers(0, 5), min_size=4, max_size=60), some.sampled_from([4, 6, 8, 16]))
def test_an_epoch_has_as_many_batches_as_the_library_draws(labels, batch_size):
    from datasets import Dataset
    from sentence_transformers.base.sampler import GroupByLabelBatchSampler

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = Dataset.from_dict({"label": labels})
        try:
            drawn = list(GroupByLabelBatchSampler(data, batch_size, False, ["label"]))
        except ValueError:
            assert category_batches.used(labels) < category_batches.LEAST_BATCH
            return
    used = category_batches.used(labels)
    assert category_batches.steps(used, batch_size) == max(1, len(drawn))
    assert used - 2 <= sum(map(len, drawn)) <= used


def test_categories_become_numbers_by_their_names():
    rows, notice = prepare(LOSS, [("a", "Red "), ("b", "blue"), ("c", "red"), ("d", "blue")])
    assert rows == [("a", 1), ("b", 0), ("c", 1), ("d", 0)] and not notice
    made = batching(LOSS, rows, 4)
    assert made.sampler == "group_by_label" and made.steps == 1 and not made.notices
    uneven = batching(LOSS, [(str(number), int(number < 2)) for number in range(20)], 4)
    assert "4 of the 20 rows" in uneven.notices[0]


def test_the_figure_is_the_share_of_all_triplets_that_come_out_right():
    from core.training.category_evaluation import measure

    vectors = np.random.default_rng(3).normal(size=(9, 3)).astype(np.float32)
    labels = ["x", "x", "x", "y", "y", "z", "z", "X ", "alone"]

    class Stub:
        def encode(self, texts):
            return vectors

        def similarity(self, one, other):
            return one @ other.T

    metric, metrics, per_row, note = measure(Stub(), [(str(n), name) for n, name in enumerate(labels)], "dot")
    same = [name.strip().lower() for name in labels]
    shares = []
    for anchor in range(9):
        right = [
            float(vectors[anchor] @ vectors[near] > vectors[anchor] @ vectors[far])
            for near, far in itertools.permutations(range(9), 2)
            if near != anchor != far and same[near] == same[anchor] != same[far]
        ]
        if right:
            shares.append(np.mean(right))
    assert metric == "dot_category_accuracy" and not note
    assert len(per_row.values) == 8 and np.allclose(per_row.values, shares)
    by_name = {
        item["name"]: item for item in groups(Format.CATEGORIES, [("", name) for name in labels], per_row)
    }
    assert list(by_name) == ["x", "y", "z"] and by_name["x"]["rows"] == 4
    assert by_name["y"]["value"] == pytest.approx(np.mean(per_row.values[3:5]))
    assert metrics[metric] == pytest.approx(np.mean(shares)) and 0 <= metrics["dot_nearest_accuracy"] <= 1
    assert measure(Stub(), [(str(n), str(n)) for n in range(9)], "dot")[1]["dot_category_accuracy"] is None


def project_of(folder, rows):
    from core.project import Project

    with Project.create(folder, "Project") as project:
        project.create_dataset("Kinds", Format.CATEGORIES, examples=rows)
    return folder


def test_a_project_of_them_trains_is_measured_and_has_a_card(tmp_path, tiny_model):
    rows = [Example((f"{'red' if n % 2 else 'blue'} {n}", "Red" if n % 2 else "blue")) for n in range(48)]
    rows[0] = Example((rows[0].texts[0], "BLUE"))
    folder = project_of(tmp_path / "project", rows)
    told = Told()
    settings = {"base_model": str(tiny_model), "epochs": 1, "batch_size": 8, "learning_rate": 1e-3}
    finished = run_project(folder, overrides=settings, on_event=told, should_stop=lambda: False, threads=1)
    assert finished.metrics["metric"] == "cosine_category_accuracy" and finished.metrics["rows"] == 10
    assert finished.metrics["verdict_word"] in ("few", "better", "worse", "unclear")
    assert finished.steps == 5 and "slower" not in told.notices
    from sentence_transformers import SentenceTransformer

    assert SentenceTransformer(finished.model, device="cpu").encode(["red 3"]).shape == (1, 32)
    card = (folder / "runs" / finished.run / "model" / "README.md").read_text(encoding="utf-8")
    for words in (
        "<code>text</code> and <code>category</code>",
        "CategoryAccuracy",
        "hermans2017",
        "Category Accuracy",
    ):
        assert words in card
    widgets = card.split("pipeline_tag")[0].split("widget:")[1]
    assert "BLUE" not in widgets and "Red" not in widgets


def test_what_does_not_fit_is_refused_before_anything_is_written(tmp_path):
    folder = project_of(tmp_path / "project", examples(Format.CATEGORIES, 24))

    def start(**overrides):
        run_project(folder, overrides=overrides, on_event=lambda event: None, should_stop=lambda: False)

    with pytest.raises(UsageError, match="even number"):
        start(batch_size=7)
    with pytest.raises(UsageError, match="texts with categories"):
        start(loss="TripletLoss")
    marked = [
        Example(row.texts, split="eval" if number > 3 else "")
        for number, row in enumerate(examples(Format.CATEGORIES, 24))
    ]
    with pytest.raises(DataProblem, match="two texts to train on"):
        run_project(
            project_of(tmp_path / "marked", marked), on_event=lambda event: None, should_stop=lambda: False
        )
    assert not (folder / "runs").exists() or not any((folder / "runs").iterdir())


@pytest.mark.parametrize(
    ("count", "loss"), [(30, "BatchHardSoftMarginTripletLoss"), (300, "BatchSemiHardTripletLoss")]
)
def test_the_recipe_follows_how_many_texts_a_category_has(count, loss):
    recipe = make_recipe(INFO, describe(INFO, examples(Format.CATEGORIES, count)))
    assert recipe.value("loss") == loss and recipe.value("batch_size") % 2 == 0
    strict = make_recipe(
        INFO, describe(INFO, examples(Format.CATEGORIES, count)), {"loss": "BatchAllTripletLoss"}
    )
    assert (strict.value("loss.distance_metric"), strict.value("loss.margin")) == ("cosine_distance", 0.3)


def test_the_plan_of_a_project_is_made_without_torch(tmp_path):
    planned = plan(project_of(tmp_path / "project", examples(Format.CATEGORIES, 40)))
    assert planned.recipe.steps > 0 and planned.stats.categories == 3
