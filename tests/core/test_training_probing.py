"""What a run tells on the way besides its loss: the similarities of chosen pairs, and the loss by kind of score."""

from __future__ import annotations

import pytest
from sentence_transformers import SentenceTransformer

from core.dataset.formats import Example, Format
from core.project import Project
from core.project.corpus import AddTexts
from core.project.probes import Probe, put
from core.training import probing
from core.training.events import BaselineEvent, EvaluationEvent, ProbesEvent, StepEvent
from core.training.packed import HIGH, LOW
from core.training.watched import MOST_TEXTS, SAMPLE, watched
from tests.core import tiny_model
from tests.core.training_support import examples, run, spec

PAIRS = [["red dress", "blue coat"], ["silk", "silk"]]


@pytest.fixture
def model(tmp_path):
    return tiny_model.build(tmp_path / "model")


def similarities(model):
    loaded = SentenceTransformer(str(model), device="cpu")
    first, second = (loaded.encode([pair[side] for pair in PAIRS]) for side in (0, 1))
    return loaded.similarity_pairwise(first, second).tolist()


def test_probes_are_told_from_the_base_model_to_the_last_step(tmp_path, model, monkeypatch):
    monkeypatch.setattr(probing, "SHARE", 0.0)  # only with measurements
    (tmp_path / "run").mkdir()
    rows, held = examples(Format.SCORED, 16), examples(Format.SCORED, 12, start=400)
    asked = spec(tmp_path / "run", model, Format.SCORED, rows, held, epochs=2, probes=PAIRS, keep="last")
    finished, told = run(asked)
    probes = told.of(ProbesEvent)
    assert [event.step for event in probes] == [0, *(event.step for event in told.of(EvaluationEvent))]
    assert probes[0].scores == pytest.approx(similarities(model), abs=1e-5)
    assert probes[-1].scores == pytest.approx(similarities(finished.model), abs=1e-5)
    assert probes[-1].scores[1] == pytest.approx(1, abs=1e-5)
    assert probes[0].scores[0] != probes[-1].scores[0]
    assert told.names.index("probes") > told.names.index(BaselineEvent.name)


def test_probes_change_nothing_in_the_run_they_look_at(tmp_path, model, monkeypatch):
    monkeypatch.setattr(probing, "SHARE", 1e9)  # after every step
    losses = []
    for number, probes in enumerate(([], PAIRS)):
        folder = tmp_path / f"run{number}"
        folder.mkdir()
        _, told = run(spec(folder, model, Format.PAIRS, examples(Format.PAIRS, 16), probes=probes))
        losses.append([event.loss for event in told.of(StepEvent)])
        assert len(told.of(ProbesEvent)) == (len(losses[0]) + 1) * number
    assert losses[0] == losses[1]


def test_the_loss_is_told_for_high_and_for_low_scores(tmp_path, model):
    (tmp_path / "run").mkdir()
    rows = [Example((f"red {n}", f"coat {n}"), [0.0, 0.2, 1.0, 0.8][n % 4]) for n in range(16)]
    rows[0:4] = [Example((f"hat {n}", f"shoe {n}"), 1.0) for n in range(4)]
    _, told = run(spec(tmp_path / "run", model, Format.SCORED, rows, batch_size=16, epochs=3))
    for event in told.of(StepEvent):
        high = sum(row.score >= 0.5 for row in rows)
        whole = (event.losses[HIGH] * high + event.losses[LOW] * (16 - high)) / 16
        assert whole == pytest.approx(event.loss, rel=1e-4)
    (tmp_path / "other").mkdir()
    _, told = run(spec(tmp_path / "other", model, Format.SCORED, rows, loss="CoSENTLoss"))
    assert all(event.losses == {} for event in told.of(StepEvent))


def test_queries_are_ranked_among_a_sample(tmp_path, model, monkeypatch):
    monkeypatch.setattr(probing, "SHARE", 1e9)  # after every step
    queries = [
        {"text": "red dress", "expected": ["blue coat"], "unwanted": ["silk"], "k": 2},
        {"text": "silk", "expected": ["silk lace"], "unwanted": [], "k": 1},
    ]
    sample = ["red dress", "wool hat", "linen shirt", "blue coat"]
    (tmp_path / "run").mkdir()
    rows = examples(Format.PAIRS, 16)
    asked = spec(
        tmp_path / "run", model, Format.PAIRS, rows, keep="last", probe_queries=queries, probe_sample=sample
    )
    finished, told = run(asked)
    probes = told.of(ProbesEvent)
    assert probes[0].step == 0 and all(event.scores == [] for event in probes)
    for event, folder in ((probes[0], model), (probes[-1], finished.model)):
        assert event.ranks == ranked(folder, queries, [*sample, "silk", "silk lace"])


def ranked(folder, queries, texts):
    loaded = SentenceTransformer(str(folder), device="cpu")
    found = []
    for query in queries:
        among = [text for text in texts if text != query["text"]]
        scores = loaded.similarity(loaded.encode([query["text"]]), loaded.encode(among))[0].tolist()
        order = sorted(among, key=lambda text: -scores[among.index(text)])
        found.append([1 + order.index(text) for text in (*query["expected"], *query["unwanted"])])
    return found


def test_what_is_watched_is_small(tmp_path):
    with Project.create(tmp_path / "p", "P") as project:
        project.apply(AddTexts([f"text {n}" for n in range(500)], "list"), "Add")
        for n in range(100):
            project.apply(put(Probe(0, f"text {n}", "", expected=(f"text {n + 1}",))), "Add probe")
        project.apply(put(Probe(0, "a", "b", lower=("a", "c"))), "Add probe")
        with project.reader() as reader:
            found = watched(reader)
    assert found.pairs == (("a", "b"), ("a", "c"))
    assert len(found.sample) == SAMPLE and len(found.queries) == (MOST_TEXTS - SAMPLE) // 2
