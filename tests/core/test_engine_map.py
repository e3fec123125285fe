"""The map through the engine: pictures on the way, what is kept, stopping, and finding it again without the engine."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from core.dataset.formats import Example, Format
from core.engine import kept_map
from core.engine.map_store import MapStore, mark_of, read_texts
from core.errors import Cancelled, UsageError
from core.project import Project
from tests.core import tiny_model

WORDS = ["coat", "scarf", "boots", "river", "stone", "forest", "piano", "violin", "drum"]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return [str(tiny_model.build(folder / str(seed), seed=seed)) for seed in (1, 2)]


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project", "Wardrobe") as made:
        rows = [
            Example((f"{word} {n}", f"{other} {n}"), 0.5)
            for n, (word, other) in enumerate([(a, b) for a in WORDS for b in WORDS if a != b])
        ]
        made.create_dataset("main", Format.SCORED, examples=[*rows, rows[0], Example((" ", "coat 0"))])
        made.add_texts(["unpaired one", "unpaired two"], "texts.txt")
        yield made


def test_groups_come_before_the_neighbours(engine, project, models, monkeypatch):
    """Those of many texts take minutes."""
    asked = {"project": str(project.folder), "dataset_id": None, "models": models, "method": "pca"}
    stages = []
    while not (answer := engine.request("map", asked))["described"]:
        stages.append(answer["stage"])
        asked.update(answer["next"])
        if answer["picture"]:
            Path(answer["picture"]).unlink()
    store = MapStore(Path(answer["described"]))
    assert store.array("group") is not None and len(store.facts()["groups"]) > 1
    assert not {"near", "neighbours", "quality"} & set(stages)
    if answer["picture"]:
        Path(answer["picture"]).unlink()
    made(engine, project, models, **answer["next"])


def made(engine, project, models, method="pca", should_stop=None, **params):
    """The last answer, and the pictures and stages on the way."""
    asked = {"project": str(project.folder), "dataset_id": None, "models": models, "method": method, **params}
    pictures, stages = [], []
    while True:
        answer = engine.request("map", asked, should_stop=should_stop)
        if not answer.get("more"):
            return answer, pictures, stages
        stages.append(answer["stage"])
        if answer["picture"]:
            pictures.append(np.load(answer["picture"]))
            Path(answer["picture"]).unlink()
        asked.update(answer["next"])


def test_a_map_by_components_and_what_is_said_about_it(engine, project, models):
    answer, pictures, _ = made(engine, project, models)
    texts = read_texts(project.folder, None, lambda: False)
    assert answer["key"] == texts.key and len(texts.texts) == len(set(texts.texts)) == 146
    store = MapStore(Path(answer["folder"]))
    points, facts = store.array("pca"), store.facts()
    assert points.shape == (2, 146, 2) and np.array_equal(pictures[0], points)
    assert len(facts["trust_pca"]) == 2 and all(0.4 < value <= 1 for value in facts["trust_pca"])
    assert sum(group["size"] for group in facts["groups"]) == 146
    assert sum(group["labelled"] for group in facts["groups"]) == facts["labelled"] == 144
    overlap = store.array("overlap")
    assert facts["asked"] == 146 and facts["overlap"] == pytest.approx(overlap.mean(), abs=1e-6)
    first, second = _embedded(models, texts.texts)
    assert facts["overlap"] == pytest.approx(_overlap([first, second]), abs=0.02)
    assert store.array("moved") == pytest.approx(1 - (first * second).sum(axis=1), abs=1e-5)


def _embedded(models, texts):
    from sentence_transformers import SentenceTransformer

    return [
        SentenceTransformer(model, device="cpu").encode(texts, normalize_embeddings=True) for model in models
    ]


def _overlap(matrices):
    sets = []
    for found in matrices:
        scores = found @ found.T
        np.fill_diagonal(scores, -2)
        sets.append([set(row[:10]) for row in np.argsort(-scores, axis=1).tolist()])
    return np.mean([len(a & b) / 10 for a, b in zip(*sets, strict=True)])


def test_the_same_model_twice_moves_nothing(engine, project, models):
    answer, _, _ = made(engine, project, [models[0], models[0]], "tsne")
    store = MapStore(Path(answer["folder"]))
    assert store.array("moved").max() < 1e-5 and store.array("overlap").min() == 1
    points = store.array("tsne")
    assert np.allclose(points[0], points[1], atol=1e-4)
    assert store.facts()["trust_tsne"][0] > 0.8


def test_neighbourhoods_are_shown_while_they_grow_and_found_again(engine, project, models):
    answer, pictures, stages = made(engine, project, models, "tsne")
    assert len(pictures) >= 2 and {"map", "quality"} & set(stages)
    marks = [mark_of(model, project.folder) for model in models]
    store = MapStore.of(project.folder, answer["key"], marks)
    assert str(store.folder) == answer["folder"]
    assert np.array_equal(store.array("tsne"), pictures[-1])
    project.set_cells([(1, "text_a", "changed")])
    texts = read_texts(project.folder, None, lambda: False)
    assert not MapStore.of(project.folder, texts.key, marks).facts()


def test_it_stops_soon_and_starts_again(engine, project, models):
    asked, when = [], [0.0]

    def should_stop():
        asked.append(1)
        if len(asked) > 3:
            when[0] = when[0] or time.monotonic()
            return True
        return False

    with pytest.raises(Cancelled):
        made(engine, project, models, "tsne", should_stop)
    assert time.monotonic() - when[0] < 0.5
    assert made(engine, project, models, "tsne")[0]["folder"]


def test_one_model_and_one_dataset(engine, project, models):
    answer, _, _ = made(engine, project, models[:1], dataset_id=project.datasets()[0].id)
    store = MapStore(Path(answer["folder"]))
    assert store.array("pca").shape == (1, 144, 2) and store.facts()["overlap"] is None
    with pytest.raises(UsageError):
        made(engine, project, models, "umap")


def test_only_the_last_maps_are_kept(tmp_path):
    stores = [MapStore.of(tmp_path, str(n), ["a"]) for n in range(10)]
    for store in stores:
        store.save({"pca": np.zeros((1, 3, 2))}, {"trust_pca": [1.0]})
    assert len(list((tmp_path / "cache" / "maps").iterdir())) == 8
    assert stores[-1].facts() and stores[-1].array("pca") is not None
    (stores[-1].folder / "facts.json").write_text("no json")
    assert stores[-1].facts() == {}


def _array(store, name, change):
    np.save(store.folder / f"{name}.npy", change(store.array(name)))


def _facts(store, **new):
    (store.folder / "facts.json").write_text(json.dumps({**store.facts(), **new}))


DAMAGE = {
    "empty": lambda store: (store.folder / "group.npy").write_bytes(b""),
    "cut": lambda store: (store.folder / "moved.npy").write_bytes(
        (store.folder / "moved.npy").read_bytes()[:-3]
    ),
    "wide": lambda store: _array(store, "overlap", lambda found: np.stack([found, found])),
    "pickled": lambda store: np.save(
        store.folder / "apart.npy", np.array([{}] * 146, object), allow_pickle=True
    ),
    "no number": lambda store: _array(store, "pca", lambda found: found * np.nan),
    "huge": lambda store: _array(store, "pca", lambda found: found.astype(float) * 1e300),
    "no such group": lambda store: _array(store, "group", lambda found: found + 100),
    "other groups": lambda store: _array(store, "group", lambda found: np.roll(found, 1) * 0),
    "impossible": lambda store: _array(store, "overlap", lambda found: found + 3),
    "no facts": lambda store: (store.folder / "facts.json").write_text("[" * 100_000),
    "no list": lambda store: _facts(store, groups=7),
    "no names": lambda store: _facts(store, groups=[{}]),
    "no trust": lambda store: _facts(store, trust_pca=["a", None]),
    "more than all": lambda store: _facts(store, overlap=7.5),
    "no count": lambda store: _facts(store, k="<b>", asked=None),
}


def test_a_damaged_map_is_made_anew_not_shown(engine, project, models):
    def whole():
        facts = kept_map.described(store, 146)
        trusted = facts is not None and kept_map.trust(facts.facts, "pca", 2) is not None
        return trusted and kept_map.picture(store, "pca", 2, 146) is not None

    answer, _, _ = made(engine, project, models)
    store = MapStore(Path(answer["folder"]))
    assert whole()
    for name, damage in DAMAGE.items():
        damage(store)
        assert not whole(), name
        made(engine, project, models)
        assert whole(), f"{name}: not made anew"


def test_models_of_other_widths_have_no_cosine_between_them(engine, project, models, tmp_path):
    narrow = str(tiny_model.build(tmp_path / "narrow", hidden=16))
    for pair, cosines in ((models, True), ([models[0], narrow], False)):
        answer, *_ = made(engine, project, pair)
        facts = MapStore(Path(answer["folder"])).facts()
        assert facts["cosines"] is cosines
