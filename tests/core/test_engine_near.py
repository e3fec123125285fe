"""Similar texts and hard negatives through the engine, on a project that changes meanwhile."""

from __future__ import annotations

import numpy as np
import pytest

from core.dataset.formats import Example, Format
from core.errors import UsageError
from core.project import Project
from core.project.verdicts import SetVerdicts, verdict
from tests.core import tiny_model

PAIRS = [("soft girl", "pastel cardigan"), ("pastoral", "linen dress"), ("Soft  Girl", "lace bow")]
TRIPLETS = [("pastoral", "meadow skirt", "tracksuit"), ("boots day", "leather boots", "sandals")]
SCORED = [("soft girl", "ribbon", 0.9), ("soft girl", "anvil", 0.1), ("ribbon", "satin", 0.8)]
UNPAIRED = ["pastel cardigan ", "wool sock", "rubber boots", "silk scarf"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny_model.build(tmp_path_factory.mktemp("models") / "a", seed=1)


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project", "Wardrobe") as made:
        made.create_dataset("pairs", Format.PAIRS, examples=[Example(row) for row in PAIRS])
        made.create_dataset("triplets", Format.TRIPLETS, examples=[Example(row) for row in TRIPLETS])
        rows = [Example((first, second), score, str(score)) for first, second, score in SCORED]
        made.create_dataset("scored", Format.SCORED, examples=rows)
        made.add_texts(UNPAIRED, "texts.txt")
        yield made


@pytest.fixture
def ask(engine, project, model):
    def ask(op, **params):
        return engine.request(op, {"project": str(project.folder), "model": str(model), **params})

    return ask


def _vectors(model, texts):
    from sentence_transformers import SentenceTransformer

    found = SentenceTransformer(str(model), device="cpu").encode(texts)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_nearest_texts_of_the_whole_project_with_what_is_known_about_them(ask, project, model):
    answer = ask("similar", texts=["soft girl"], k=100)
    expected = [text for text in project.texts() if text not in ("soft girl", "Soft  Girl")]
    assert answer["count"] == len(expected) == len(answer["hits"])
    scores = dict(zip(expected, _vectors(model, expected) @ _vectors(model, ["soft girl"])[0], strict=True))
    assert [hit["text"] for hit in answer["hits"]] == sorted(expected, key=lambda text: -scores[text])
    assert max(abs(hit["score"] - scores[hit["text"]]) for hit in answer["hits"]) < 1e-5
    roles = {hit["text"]: (hit["role"], hit["label"]) for hit in answer["hits"]}
    assert roles.pop("ribbon") == ("positive", 0.9) and roles.pop("anvil") == ("negative", 0.1)
    for text in ("pastel cardigan", "pastel cardigan ", "lace bow"):
        assert roles.pop(text) == ("positive", None)
    assert set(roles.values()) == {("", None)}


def test_roles_in_triplets_and_from_the_other_side(ask):
    roles = {hit["text"]: hit["role"] for hit in ask("similar", texts=["Pastoral"], k=100)["hits"]}
    assert (roles["meadow skirt"], roles["tracksuit"], roles["linen dress"]) == (
        "positive",
        "negative",
        "positive",
    )
    roles = {hit["text"]: hit["role"] for hit in ask("similar", texts=["leather boots"], k=100)["hits"]}
    assert roles["boots day"] == "positive" and roles["sandals"] == ""


def test_categories_mark_their_own(ask, project):
    rows = [Example(("oak", "tree")), Example(("fir", "tree")), Example(("cod", "fish"))]
    project.create_dataset("kinds", Format.CATEGORIES, examples=rows)
    roles = {hit["text"]: hit["role"] for hit in ask("similar", texts=["oak"], k=100)["hits"]}
    assert (roles["fir"], roles["cod"]) == ("positive", "")
    assert "tree" not in roles  # the name of a category is no text


@pytest.mark.parametrize("join", ["mean", "max"])
def test_several_texts_together(ask, project, model, join):
    texts = ["soft girl", "wool sock"]
    answer = ask("similar", texts=texts, k=3, join=join)
    others = [text for text in project.texts() if text not in (*texts, "Soft  Girl")]
    each = _vectors(model, others) @ _vectors(model, texts).T
    middle = _vectors(model, texts).mean(axis=0)
    scores = each.max(axis=1) if join == "max" else _vectors(model, others) @ middle / np.linalg.norm(middle)
    expected = [others[index] for index in np.argsort(-scores)[:3]]
    assert [hit["text"] for hit in answer["hits"]] == expected


def test_an_edit_embeds_only_what_is_new(ask, engine, project, model):
    ask("similar", texts=["zzz"], k=1)
    progress = []
    project.add_examples(project.datasets()[0].id, [Example(("soft girl", "wool sock"))])
    request = {"project": str(project.folder), "model": str(model), "texts": ["soft girl"], "k": 100}
    answer = engine.request("similar", request, lambda *at: progress.append(at))
    assert {hit["text"]: hit["role"] for hit in answer["hits"]}["wool sock"] == "positive" and not progress
    project.add_texts(["brand new"], "typed")
    answer = engine.request("similar", request, lambda *at: progress.append(at))
    total = len(project.texts())
    assert progress[0][:2] == (total - 1, total) and "brand new" in {hit["text"] for hit in answer["hits"]}
    again = engine.request("similar", {**request, "texts": ["brand  NEW"]})
    assert "brand new" not in {hit["text"] for hit in again["hits"]}


def _ids(project, name):
    (info,) = [info for info in project.datasets() if info.name == name]
    return list(project.ids(info.id))


WIDE = {"least_gap": -2, "most_gap": 2, "lowest": -1, "highest": 1}


def test_negatives_are_never_positives_of_the_group_nor_decided(ask, project, model):
    ids = _ids(project, "pairs")
    answer = ask("negatives", ids=ids, k=100, bounds=WIDE)
    assert [row["id"] for row in answer["rows"]] == ids
    soft = {one["text"] for one in answer["rows"][0]["proposals"]}
    # the group of soft girl: its positives in every spelling and in every dataset, and the positives of those
    assert not soft & {
        "soft girl",
        "Soft  Girl",
        "pastel cardigan",
        "pastel cardigan ",
        "lace bow",
        "ribbon",
        "satin",
    }
    assert {"wool sock", "linen dress"} <= soft and "anvil" not in soft  # told apart already
    project.apply(SetVerdicts((verdict("SOFT girl", "Wool sock", "skip"),)), "Skip")
    after = ask("negatives", ids=ids[:1], k=100, bounds=WIDE)["rows"][0]
    assert {one["text"] for one in after["proposals"]} == soft - {"wool sock"}
    project.undo()
    again = ask("negatives", ids=ids[:1], k=100, bounds=WIDE)["rows"][0]
    assert {one["text"] for one in again["proposals"]} == soft


def test_bounds_are_relative_to_the_positive(ask, project, model):
    (id, *_) = _ids(project, "triplets")
    free = ask("negatives", ids=[id], k=100, bounds=WIDE)["rows"][0]
    own = _vectors(model, ["pastoral", "meadow skirt"])
    assert free["similarity"] == pytest.approx(float(own[0] @ own[1]), abs=1e-5)
    values = [one["similarity"] for one in free["proposals"]]
    middle = (values[1] + values[2]) / 2
    bounds = {**WIDE, "least_gap": free["similarity"] - middle}
    close = ask("negatives", ids=[id], k=100, bounds=bounds)["rows"][0]
    assert close["proposals"] == free["proposals"][2:] and (close["closer"], close["farther"]) == (2, 0)
    bounds = {**WIDE, "lowest": middle}
    assert ask("negatives", ids=[id], k=1, bounds=bounds)["rows"][0]["proposals"] == free["proposals"][:1]


def test_a_low_score_is_no_positive(ask, project):
    rows = ask("negatives", ids=_ids(project, "scored"), k=1)["rows"]
    assert [row["positive"] for row in rows] == ["ribbon", "", "satin"]
    assert rows[1]["similarity"] is None


def test_anchors_that_are_queries_are_left_out(ask, project):
    answer = ask("similar", texts=["pastoral"], k=100)
    assert answer["among"] == "all"  # ribbon is an anchor and stands beside one
    others = ask("similar", texts=["pastoral"], k=100, among="others")
    gone = {hit["text"] for hit in answer["hits"]} - {hit["text"] for hit in others["hits"]}
    assert gone == {"soft girl", "Soft  Girl", "boots day"} and others["count"] == answer["count"] - 3
    project.delete_examples(_ids(project, "scored")[2:])
    assert ask("similar", texts=["pastoral"], k=100)["among"] == "others"
    again = ask("similar", texts=["pastoral"], k=100, among="all")
    assert again["among"] == "all" and again["count"] == answer["count"] - 1
    mined = ask("negatives", ids=_ids(project, "triplets"), k=100, bounds=WIDE)
    found = {one["text"] for row in mined["rows"] for one in row["proposals"]}
    assert mined["among"] == "others" and not found & gone


def test_rejected_rows_ask_and_say_nothing(ask, project):
    first, *rest = _ids(project, "pairs")
    project.set_cells([(first, "status", "rejected")])
    answer = ask("negatives", ids=[first, *rest], k=1)
    assert [row["id"] for row in answer["rows"]] == rest
    roles = {hit["text"]: hit["role"] for hit in ask("similar", texts=["soft girl"], k=100)["hits"]}
    assert roles["pastel cardigan"] == "" and roles["lace bow"] == "positive"


def test_wrong_requests(ask, project):
    for texts in ([], [" "], "text", [str(n) for n in range(500)]):
        with pytest.raises(UsageError):
            ask("similar", texts=texts)
    with pytest.raises(UsageError, match="mean or max"):
        ask("similar", texts=["a"], join="sum")
    with pytest.raises(UsageError, match="four numbers"):
        ask("negatives", ids=[1], bounds={"lowest": "high"})
    project.create_dataset("kinds", Format.CATEGORIES, examples=[Example(("oak", "tree"))])
    with pytest.raises(UsageError, match="other categories"):
        ask("negatives", ids=_ids(project, "kinds"))
