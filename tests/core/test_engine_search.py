"""Searching a project through the engine, against the slow and obvious way."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from core.dataset.formats import Example, Format
from core.errors import DataProblem, ModelProblem, ProjectProblem, UsageError
from core.project import Project
from tests.core import tiny_model
from tests.core.engine_here import Here

TRIPLETS = [
    ("soft girl aesthetic", "pastel cardigan", "tweed blazer"),
    ("Soft  girl AESTHETIC", "lace camisole\nwith bows", "velour tracksuit"),
    ("pastoral vibe", "linen midi dress, button front", "tweed blazer"),
    ("futuristic style", "ünïcödé jacket 🦊", "   "),
    ("", "pastel cardigan", "metallic trousers"),
]
SCORED = [("moon", "night light", 0.9), ("sun", "day", 0.8)]
ALL = list(dict.fromkeys(text for row in TRIPLETS for text in row if text.strip()))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {
        "a": tiny_model.build(folder / "a", seed=1),
        "b": tiny_model.build(folder / "b", seed=2),
        "dot": tiny_model.build(folder / "dot", seed=3, similarity="dot"),
    }


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project", "Wardrobe") as made:
        triplets = [Example(row) for row in TRIPLETS]
        made.create_dataset("looks", Format.TRIPLETS, examples=triplets)
        scored = [Example((first, second), score, str(score)) for first, second, score in SCORED]
        made.create_dataset("words", Format.SCORED, examples=scored)
        yield made


def _search(engine, project, text="soft girl aesthetic", k=3, **params):
    dataset = project.datasets()[0].id
    request = {"project": str(project.folder), "dataset_id": dataset, "text": text, "k": k, **params}
    return engine.request("search", request)["results"]


def _slow(folder, query, texts, k):
    """Brute force with nothing but sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    scores = model.similarity(model.encode([query]), model.encode(texts))[0].numpy()
    order = np.argsort(-scores, kind="stable")
    return [(texts[index], float(scores[index])) for index in order[:k]], [texts[index] for index in order]


def _same(hits, expected):
    assert [hit["text"] for hit in hits] == [text for text, _ in expected]
    assert [hit["rank"] for hit in hits] == list(range(1, len(hits) + 1))
    assert np.abs(np.array([hit["score"] for hit in hits]) - [score for _, score in expected]).max() < 1e-5


@pytest.mark.parametrize("name", ["a", "dot"])
def test_the_same_as_brute_force(engine, project, models, name):
    query = "something warm for the evening"
    (result,) = _search(engine, project, query, 4, models=[str(models[name])])
    _same(result["hits"], _slow(models[name], query, ALL, 4)[0])
    assert (result["count"], result["metric"]) == (len(ALL), "dot" if name == "dot" else "cosine")


def test_the_embedded_model_too(engine, project):
    from core.models.catalogue import embedded_path

    query = "clothes for the meadow"
    expected = _slow(embedded_path(), query, ALL, 50)[0]
    (result,) = _search(engine, project, query, 50, models=["base"])
    _same(result["hits"], expected)
    (stored,) = (project.folder / "cache").glob("*/vectors.f32")
    assert stored.stat().st_size == len(ALL) * 384 * 4
    project.set_recipe(
        {"seed": 7}
    )  # the project changed, so that its texts are read again, and their vectors from the disk
    progress = []
    request = {"project": str(project.folder), "text": query, "k": 50, "models": ["base"]}
    request["dataset_id"] = project.datasets()[0].id
    again = engine.request("search", request, lambda *figures: progress.append(figures))["results"]
    assert again == [result] and not progress


def test_before_and_after_in_one_answer(engine, project, models):
    query, refs = "evening", [str(models["a"]), f"base:{models['b']}"]
    base, tuned = _search(engine, project, query, 3, models=refs)
    orders = [_slow(models[name], query, ALL, 0)[1] for name in "ab"]
    for result, other in ((base, orders[1]), (tuned, orders[0])):
        assert [hit["other_rank"] for hit in result["hits"]] == [
            1 + other.index(hit["text"]) for hit in result["hits"]
        ]
    assert [base["model"], tuned["model"]] == refs


def test_the_query_itself_in_any_spelling_is_no_neighbour(engine, project, models):
    (result,) = _search(engine, project, " SOFT girl aesthetic", 100, models=[str(models["a"])])
    assert result["count"] == len(result["hits"]) == len(ALL) - 2
    assert not [hit for hit in result["hits"] if "girl" in hit["text"].lower()]


def test_roles_and_datasets(engine, project, models):
    def found(**params):
        (result,) = _search(engine, project, "zzz", 100, models=[str(models["a"])], **params)
        return {hit["text"] for hit in result["hits"]}

    anchors = {row[0] for row in TRIPLETS} - {""}
    assert found(role="anchor") == anchors
    assert found(role="other") == {text for row in TRIPLETS for text in row[1:] if text.strip()}
    assert found(dataset_id=project.datasets()[1].id) == {"moon", "night light", "sun", "day"}
    assert found(dataset_id=None, role="anchor") == anchors | {"moon", "sun"}
    assert found(dataset_id=None) == {*ALL, "moon", "night light", "sun", "day"}
    with pytest.raises(UsageError, match="all, anchor, other"):
        found(role="negative")


def test_an_edit_is_found_at_once(engine, project, models):
    def texts():
        (result,) = _search(engine, project, "zzz", 100, models=[str(models["a"])])
        return {hit["text"] for hit in result["hits"]}

    before = texts()
    dataset = project.datasets()[0].id
    project.add_examples(dataset, [Example(("brand new anchor", "pastel cardigan", "tweed blazer"))])
    assert texts() == before | {"brand new anchor"}
    project.undo()
    assert texts() == before


def test_progress_counts_both_models_and_the_cache_saves_the_second_time(engine, project, models, tmp_path):
    progress = []
    request = {
        "project": str(project.folder),
        "dataset_id": None,
        "text": "zzz",
        "k": 1,
        "models": [str(models["a"]), str(models["b"])],
    }
    engine.request("search", request, lambda *figures: progress.append(figures))
    total = 2 * (len(ALL) + 4)
    assert progress[0][0] == 0 and progress[-1] == (total, total, 0.0)
    assert {figures[1] for figures in progress} == {total}
    assert [figures[0] for figures in progress] == sorted(figures[0] for figures in progress)
    progress.clear()
    shutil.rmtree(project.folder / "cache")
    engine.request("search", request, lambda *figures: progress.append(figures))
    assert not progress  # still in memory


def test_nothing_to_search_in(engine, tmp_path, models):
    with Project.create(tmp_path / "empty", "Empty") as empty:
        request = {"project": str(empty.folder), "text": "a", "models": [str(models["a"])], "k": 5}
        (result,) = engine.request("search", request)["results"]
        assert (result["count"], result["hits"]) == (0, [])


def test_a_cache_folder_that_cannot_be_written_does_not_stop_a_search(engine, project, models):
    (project.folder / "cache").write_text("in the way", encoding="utf-8")
    (result,) = _search(engine, project, "zzz", 2, models=[str(models["a"])])
    assert len(result["hits"]) == 2


def test_runs_by_name_number_and_folder(engine, project, models):
    run = project.folder / "runs" / "0007-looks"
    run.mkdir(parents=True)
    for ref in ("7", "0007-looks"):
        with pytest.raises(ModelProblem, match="0007-looks has no model"):
            _search(engine, project, models=[ref])
    shutil.copytree(models["b"], run / "model")
    expected = _search(engine, project, models=[str(models["b"])])[0]["hits"]
    for ref in ("7", "0007", "0007-looks", "last", str(run / "model")):
        assert _search(engine, project, models=[ref])[0]["hits"] == expected
    with pytest.raises(ModelProblem, match=r"no run “8”.*0007-looks"):
        _search(engine, project, models=["8"])


def test_the_projects_own_base_model(engine, project, models):
    project.set_recipe({"base_model": str(models["b"])})
    assert (
        _search(engine, project, models=["base"])[0]["hits"]
        == _search(engine, project, models=[str(models["b"])])[0]["hits"]
    )


def test_a_model_that_changed_on_disk_is_loaded_anew(engine, project, models, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(models["a"], folder)
    before = _search(engine, project, models=[str(folder)])[0]["hits"]
    shutil.copy2(models["b"] / "model.safetensors", folder / "model.safetensors")
    after = _search(engine, project, models=[str(folder)])[0]["hits"]
    assert after == _search(engine, project, models=[str(models["b"])])[0]["hits"] != before


def test_wrong_requests(engine, project, models, tmp_path):
    with pytest.raises(UsageError, match="nothing to search"):
        _search(engine, project, " \n", models=["base"])
    with pytest.raises(UsageError, match="results above 0"):
        _search(engine, project, k=0, models=["base"])
    with pytest.raises(UsageError, match="at least one model"):
        _search(engine, project, models=[])
    with pytest.raises(DataProblem):
        _search(engine, project, models=["base"], dataset_id=99)
    with pytest.raises(ProjectProblem, match="absent"):
        engine.request("search", {"project": str(tmp_path / "absent"), "text": "a", "models": ["base"]})
    assert engine.request("ping")


def test_without_room_for_two_models_the_answers_are_the_same(engine, project, models):
    small = Here()
    small.engine.budget.limit = 1
    both = [str(models["a"]), str(models["b"])]
    for text in ("soft girl aesthetic", "something warm"):
        wanted = _search(engine, project, text, models=both)
        found = _search(small, project, text, models=both)
        assert [[hit["text"] for hit in one["hits"]] for one in found] == [
            [hit["text"] for hit in one["hits"]] for one in wanted
        ]
    assert len(small.engine.budget._held) == 1
