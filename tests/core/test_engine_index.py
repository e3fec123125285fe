"""Searches among more texts than are scored one by one: an index is built in slices, measured, kept, repaired, and never needed."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from core.dataset.formats import Example, Format
from core.engine import indexing, sealed
from core.engine.jobs import Job
from core.errors import Cancelled, UsageError
from core.project import Project
from core.similarity.approximate import ExactBest, Index, recall
from tests.core import tiny_model
from tests.core.engine_here import Here

LIMIT, TEXTS = 200, 600


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return [str(tiny_model.build(folder / name, seed=seed)) for seed, name in enumerate("ab")]


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("ANCHORLAB_HOME", str(tmp_path / "home"))
    words = random.Random(1)
    syllables = ["ka", "lo", "mi", "ne", "ru", "ta", "so", "vi"]
    texts = [
        " ".join("".join(words.choices(syllables, k=2)) for _ in range(4)) + f" {n}" for n in range(TEXTS)
    ]
    with Project.create(tmp_path / "p", "Many") as made:
        rows = [Example((texts[2 * n], texts[2 * n + 1])) for n in range(50)]
        made.create_dataset("pairs", Format.PAIRS, examples=rows)
        made.add_texts(texts[100:], "file")
        yield made


@pytest.fixture
def engine(monkeypatch):
    monkeypatch.setattr(indexing, "_BLOCK", 64)
    monkeypatch.setattr(indexing, "_MOST_BLOCK", 128)
    return Here()


def _ask(engine, project, models, text, **more):
    base = {"project": str(project.folder), "dataset_id": None, "exact_below": LIMIT}
    return engine.request("search", {**base, "models": models, "text": text, "k": 10, **more})


def _index(engine, project, models):
    base = {"project": str(project.folder), "dataset_id": None, "exact_below": LIMIT}
    return [engine.in_slices("index_texts", {**base, "model": model}) for model in models]


def _hits(answer):
    return [[hit["text"] for hit in result["hits"]] for result in answer["results"]]


def test_an_index_is_built_measured_and_finds_what_brute_force_finds(engine, project, models, monkeypatch):
    monkeypatch.setattr(indexing, "SLICE_SECONDS", 0.0)
    anchor = next(iter(project.rows(1))).texts[0]
    before = _ask(engine, project, models, anchor)
    assert [result["index"]["state"] for result in before["results"]] == ["missing", "missing"]
    assert all(result["exact"] for result in before["results"])
    for states, answer in _index(engine, project, models):
        assert list(dict.fromkeys(states)) == ["reading", "adding", "measuring", "writing"]
        assert answer["texts"] == TEXTS and set(answer["recall"]) == set(indexing.MEASURED)
        assert min(answer["recall"].values()) >= 0.95
    questions = [anchor, "kalo mine ruta", *[row.texts[1] for row in project.rows(1)][:20]]
    shares = []
    for text in questions:
        exact = _ask(engine, project, models, text, exact_below=10**6)
        found = _ask(engine, project, models, text)
        assert [result["exact"] for result in found["results"]] == [False, False]
        assert (
            found["results"][0]["index"]["state"] == "ready"
            and found["results"][0]["index"]["recall"] >= 0.95
        )
        for one, other in zip(_hits(found), _hits(exact), strict=True):
            shares.append(len(set(one) & set(other)) / 10)
    assert np.mean(shares) >= 0.97
    known = _ask(engine, project, models, anchor)["known"]
    expected = _ask(engine, project, models, anchor, exact_below=10**6)["known"]
    assert np.allclose(known[0]["scores"], expected[0]["scores"], atol=1e-5)


def test_few_texts_that_pass_a_filter_are_scored_one_by_one(engine, project, models):
    _index(engine, project, models[:1])
    for more in ({"filter": {"place": "anchor"}}, {"relation": "positive"}):
        text = next(iter(project.rows(1))).texts[0]
        found = _ask(engine, project, models[:1], text, **more)
        assert found["results"][0]["exact"]
        exact = _ask(engine, project, models[:1], text, exact_below=10**6, **more)
        assert _hits(found) == _hits(exact)
    assert not _ask(engine, project, models[:1], text, relation="open")["results"][0]["exact"]


def test_new_texts_are_found_before_the_index_has_them(engine, project, models):
    _index(engine, project, models[:1])
    project.add_texts(["brand new words"], "later")
    found = _ask(engine, project, models[:1], "brand new word")
    assert not found["results"][0]["exact"] and _hits(found)[0][0] == "brand new words"
    ((_, answer),) = _index(engine, project, models[:1])
    assert answer["texts"] == TEXTS + 1
    project.undo()
    assert "brand new words" not in _hits(_ask(engine, project, models[:1], "brand new word"))[0]


def test_an_index_is_read_again_and_a_damaged_one_made_anew(engine, project, models, monkeypatch):
    _index(engine, project, models[:1])
    (path,) = project.cache_folder.glob("*/index/index.usearch")
    whole = path.read_bytes()
    adding = []
    add = Index.add
    monkeypatch.setattr(Index, "add", lambda self, *rest: (adding.append(1), add(self, *rest)))
    ((_, answer),) = _index(Here(), project, models[:1])
    assert not adding and answer["texts"] == TEXTS
    other = Here()
    ((_, again),) = _index(other, project, models[:1])
    assert again["recall"] == answer["recall"]
    assert not _ask(other, project, models[:1], "kalo mine")["results"][0]["exact"]
    for damaged in (whole[: len(whole) // 2], b"", whole[:-1] + bytes([whole[-1] ^ 1])):
        path.unlink()
        path.write_bytes(damaged)
        adding.clear()
        ((_, answer),) = _index(Here(), project, models[:1])
        assert adding and answer["texts"] == TEXTS
    facts = path.with_name("facts.json")
    record = json.loads(facts.read_text())
    for content in (
        "",
        "[]",
        json.dumps({**record, "seal": "00" * 32}),
        json.dumps({**record, "mark": "00"}),
    ):
        facts.write_text(content)
        adding.clear()
        _index(Here(), project, models[:1])
        assert adding
    monkeypatch.setenv("ANCHORLAB_HOME", str(project.folder / "another account"))
    adding.clear()
    _index(Here(), project, models[:1])
    assert adding  # a file of somebody else's is not handed to the library


def test_building_can_be_stopped_and_goes_on(engine, project, models, monkeypatch):
    monkeypatch.setattr(indexing, "SLICE_SECONDS", 0.0)
    base = {"project": str(project.folder), "dataset_id": None, "exact_below": LIMIT, "model": models[0]}
    answer = engine.request("index_texts", base)
    while answer["state"] != "adding":
        answer = engine.request("index_texts", {**base, **answer["next"]})
    job = Job({"op": "index_texts"}, engine)
    job.cancel()
    with pytest.raises(Cancelled):
        engine.request("index_texts", base, job)
    _ask(engine, project, models[:1], "kalo")  # meanwhile every text is scored
    states, answer = engine.in_slices("index_texts", base)
    assert "reading" not in states and answer["texts"] == TEXTS


def test_a_cache_that_cannot_be_written_keeps_the_index_in_memory(engine, project, models, monkeypatch):
    def refuse(self, path):
        raise RuntimeError("no room")

    monkeypatch.setattr(Index, "save", refuse)
    _index(engine, project, models[:1])
    assert not _ask(engine, project, models[:1], "kalo")["results"][0]["exact"]
    assert not list(project.cache_folder.glob("*/index/*"))


def test_few_texts_need_no_index(engine, project, models):
    with pytest.raises(UsageError, match="need no index"):
        engine.request(
            "index_texts", {"project": str(project.folder), "dataset_id": None, "model": models[0]}
        )
    (result,) = _ask(engine, project, models[:1], "kalo", exact_below=10**6)["results"]
    assert result["index"] == {"state": "none", "recall": None}


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
def test_the_exact_best_of_many_queries(metric):
    from core.similarity.search import best, scores

    chance = np.random.default_rng(3)
    matrix = chance.standard_normal((500, 16)).astype(np.float32) * chance.uniform(0.5, 2, (500, 1)).astype(
        np.float32
    )
    queries = matrix[:7] + 0.1
    exact = ExactBest(queries, 12, metric)
    for start in range(0, 500, 60):
        exact.look(np.arange(start, min(500, start + 60)), matrix[start : start + 60])
    for query, found in zip(queries, exact.best(), strict=True):
        assert found.tolist() == best(scores(query, matrix, metric), 12).tolist()
    index = Index(16, metric)
    index.add(np.arange(500), matrix)
    assert recall([index.search(query, 60) for query in queries], exact.best(), 60) > 0.15
    assert (
        recall([np.arange(3)], [np.array([2, 1, 9])], 3) == pytest.approx(2 / 3) and recall([], [], 3) == 1.0
    )


def test_a_sealed_file_is_known_by_this_account_only(tmp_path, monkeypatch):
    monkeypatch.setenv("ANCHORLAB_HOME", str(tmp_path / "home"))
    path = tmp_path / "file"
    path.write_bytes(b"index")
    digest = seal(path)
    assert sealed.same(seal(path), digest) and not sealed.same("", "")
    path.write_bytes(b"indey")
    assert not sealed.same(seal(path), digest)
    path.write_bytes(b"index")
    (tmp_path / "home" / "cache.key").write_bytes(b"torn")
    assert not sealed.same(seal(path), digest) and sealed.same(seal(path), seal(path))


def seal(path):
    steps = sealed.sealing(path)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_no_text_finds_itself_when_the_recall_is_measured(engine, project, models, monkeypatch):
    """A search leaves the query's own text out; counted as found it would raise every share."""
    seen = []

    def measured(found, exact, k):
        seen.append((found, exact, k))
        return recall(found, exact, k)

    monkeypatch.setattr(indexing.approximate, "recall", measured)
    _index(engine, project, models[:1])
    assert len(seen) == len(indexing.MEASURED)
    own = np.unique(np.linspace(0, TEXTS - 1, indexing.QUESTIONS).astype(np.int64))
    for found, exact, k in seen:
        for place, one, other in zip(own.tolist(), found, exact, strict=True):
            assert place not in one and place not in other and len(other) >= min(k, TEXTS - 1)
