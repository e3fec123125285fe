"""What a search answers beside its hits: filters, what rows say of a text, where its positives stand; all against the obvious way."""

from __future__ import annotations

import numpy as np
import pytest

from core.dataset.formats import Example, Format
from core.errors import DataProblem, ModelProblem, UsageError
from core.project import Project
from tests.core import tiny_model
from tests.core.engine_here import Here

LOOKS = [
    Example(("soft girl aesthetic", "pastel cardigan", "tweed blazer"), split="train"),
    Example(("Soft  girl AESTHETIC", "lace camisole", "velour tracksuit"), split="test", flag=True),
    Example(("pastoral vibe", "linen midi dress", "tweed blazer"), split="train"),
    Example(("futuristic style", "metallic trousers", ""), split=""),
]
SCORED = [("moon", "night light", 0.9), ("moon", "day", 0.1), ("sun", "day", None)]
KINDS = [("apple", "fruit"), ("pear", "fruit"), ("hammer", "tool")]
LOOSE = ["a loose text", "moon"]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANCHORLAB_HOME", str(tmp_path_factory.mktemp("home")))
        yield Here()


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return [str(tiny_model.build(folder / name, seed=seed)) for seed, name in enumerate("ab")]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    with Project.create(tmp_path_factory.mktemp("project") / "p", "Wardrobe") as made:
        made.create_dataset("looks", Format.TRIPLETS, examples=LOOKS)
        scored = [Example((a, b), score, "" if score is None else str(score)) for a, b, score in SCORED]
        made.create_dataset("words", Format.SCORED, examples=scored)
        made.create_dataset("kinds", Format.CATEGORIES, examples=[Example(pair) for pair in KINDS])
        made.add_texts(LOOSE, "a file")
        yield made


def _ask(engine, project, models, text="zzz", **more):
    request = {"project": str(project.folder), "models": models, "text": text, "k": 100, **more}
    return engine.request("search", request)


def _found(engine, project, models, text="zzz", **more):
    return {hit["text"] for hit in _ask(engine, project, models[:1], text, **more)["results"][0]["hits"]}


def _texts(*rows):
    return {text for row in rows for text in row.texts if text}


def test_texts_are_filtered_by_where_they_stand(engine, project, models):
    looks = project.datasets()[0].id

    def found(dataset_id=looks, **filter):
        return _found(engine, project, models, dataset_id=dataset_id, filter=filter)

    assert found(place="anchor") == {row.texts[0] for row in LOOKS}
    assert found(place="positive") == {row.texts[1] for row in LOOKS}
    assert found(place="negative") == {"tweed blazer", "velour tracksuit"}
    assert found(split="test") == _texts(LOOKS[1])
    assert found(split="none") == _texts(LOOKS[3])
    assert found(state="flagged") == _texts(LOOKS[1])
    assert found(state="unlabelled") == _texts(LOOKS[3])
    assert found(place="negative", split="train") == {"tweed blazer"}
    assert found(place="negative", state="unlabelled") == set()
    assert found(None, place="positive") == {row.texts[1] for row in LOOKS} | {"night light"}
    assert found(None, place="negative", state="unlabelled") == set()
    assert _found(engine, project, models, dataset_id=None, role="unpaired") == set(LOOSE)
    with pytest.raises(UsageError, match="filtered by “up”"):
        found(place="up")
    with pytest.raises(UsageError, match="a place, a split"):
        found(colour="red")


def test_texts_are_filtered_by_what_is_known_of_them(engine, project, models):
    def found(text, relation):
        return _found(engine, project, models, text, dataset_id=None, relation=relation)

    girl = "SOFT girl aesthetic"
    assert found(girl, "positive") == {"pastel cardigan", "lace camisole"}
    assert found(girl, "negative") == {"tweed blazer", "velour tracksuit"}
    everything = _found(engine, project, models, girl, dataset_id=None)
    assert found(girl, "open") == everything - found(girl, "positive") - found(girl, "negative")
    assert found("moon", "positive") == {"night light"} and found("moon", "negative") == {"day"}
    assert found("apple", "positive") == {"pear"} and found("apple", "negative") == set()
    with pytest.raises(UsageError, match="relation"):
        found(girl, "friend")


def test_hits_say_what_rows_say_of_them(engine, project, models):
    rows = {row.texts: row for info in project.datasets() for row in project.rows(info.id)}
    (result,) = _ask(engine, project, models[:1], "moon", dataset_id=None)["results"]
    said = {hit["text"]: (hit["role"], hit["label"], hit["row"]) for hit in result["hits"]}
    assert said["night light"] == ("positive", 0.9, rows["moon", "night light"].id)
    assert said["day"] == ("negative", 0.1, rows["moon", "day"].id)
    assert said["sun"] == ("", None, 0) and said["pear"] == ("", None, 0)
    (result,) = _ask(engine, project, models[:1], "apple", dataset_id=None)["results"]
    assert {hit["text"]: hit["role"] for hit in result["hits"]}["pear"] == "positive"


def test_known_texts_have_their_ranks_and_scores_under_both_models(engine, project, models):
    from sentence_transformers import SentenceTransformer

    girl = "soft girl aesthetic"
    answer = _ask(engine, project, models, girl, dataset_id=None, k=1)
    everything = [
        hit["text"] for hit in _ask(engine, project, models, girl, dataset_id=None)["results"][0]["hits"]
    ]
    known = {entry["text"]: entry for entry in answer["known"]}
    assert set(known) == {"pastel cardigan", "lace camisole", "tweed blazer", "velour tracksuit"}
    assert answer["of_known"] == 4
    assert {text for text, entry in known.items() if entry["role"] == "positive"} == {
        "pastel cardigan",
        "lace camisole",
    }
    for number, folder in enumerate(models):
        model = SentenceTransformer(folder, device="cpu")
        scores = model.similarity(model.encode([girl]), model.encode(everything))[0].numpy()
        for text, entry in known.items():
            own = scores[everything.index(text)]
            assert abs(entry["scores"][number] - own) < 1e-5
            assert entry["ranks"][number] == 1 + int((scores > own).sum())


def test_the_same_as_semantic_search(engine, project, models):
    from sentence_transformers import SentenceTransformer, util

    texts = sorted(_found(engine, project, models, dataset_id=None))
    for folder in models:
        model = SentenceTransformer(folder, device="cpu")
        (expected,) = util.semantic_search(model.encode(["evening"]), model.encode(texts), top_k=5)
        (result,) = _ask(engine, project, [folder], "evening", dataset_id=None, k=5)["results"]
        assert [hit["text"] for hit in result["hits"]] == [texts[int(hit["corpus_id"])] for hit in expected]
        differences = [
            hit["score"] - other["score"] for hit, other in zip(result["hits"], expected, strict=True)
        ]
        assert np.abs(differences).max() < 1e-5


def test_embeddings_read_from_the_file_give_the_same(engine, project, models):
    for more in ({}, {"filter": {"place": "positive"}}, {"relation": "open"}):
        ask = {"dataset_id": None, "k": 7, **more}
        usual = _ask(engine, project, models, "moon", **ask)
        stored = _ask(engine, project, models, "moon", exact_below=3, **ask)
        assert _rounded(stored) == _rounded(usual)


def test_a_cache_that_goes_while_it_is_in_use_is_made_again(engine, project, models):
    import shutil

    usual = _rounded(_ask(engine, project, models, "sun", dataset_id=None, exact_below=3))
    shutil.rmtree(project.folder / "cache")
    assert _rounded(_ask(engine, project, models, "sun", dataset_id=None, exact_below=3)) == usual


def _rounded(answer):
    for result in answer["results"]:
        result.pop("index")
        for hit in result["hits"]:
            hit["score"] = round(hit["score"], 5)
    for entry in answer["known"]:
        entry["scores"] = [round(score, 5) for score in entry["scores"]]
    return answer


def test_half_a_character_is_no_reason_to_fail(engine, project, models):
    """As a paste can leave one in the line that is typed in."""
    assert _ask(engine, project, models, "moon \ud83d")["results"][0]["hits"]
    assert engine.request(
        "similar", {"project": str(project.folder), "model": models[0], "texts": ["\ud83d x"]}
    )


def test_a_model_that_gives_no_numbers_is_named(engine, project, models, tmp_path):
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(models[0], device="cpu")
    with torch.no_grad():
        for weights in model.parameters():
            weights.fill_(float("nan"))
    model.save(str(tmp_path / "burst"), create_model_card=False)
    with pytest.raises(ModelProblem, match="burst gives something else than numbers"):
        _ask(engine, project, [models[0], str(tmp_path / "burst")])


def test_a_map_of_nothing_is_told(engine, models, tmp_path):
    with Project.create(tmp_path / "empty", "Empty") as made:
        made.create_dataset("none", Format.PAIRS)
    asked = {"project": str(tmp_path / "empty"), "models": models, "method": "pca"}
    with pytest.raises(DataProblem, match="no texts"):
        for _ in range(100):
            asked.update(engine.request("map", asked)["next"])
