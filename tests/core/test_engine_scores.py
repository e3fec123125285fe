"""Scoring rows, what to label next and empty groups, as the engine answers them: in this process, with a tiny model."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core import paths
from core.dataset.formats import Example, Format
from core.dataset.normalise import normalise
from core.engine import scoring_operations, server, under_way
from core.engine.models import ModelStore
from core.engine.operations import OPERATIONS, Engine
from core.engine.scoring import save_array
from core.errors import Cancelled, UsageError
from core.models import encoder
from core.project import Project
from core.project.corpus import AddTexts
from tests.bench.labelling_parts import scores
from tests.core import tiny_model

WORDS = ("rose", "oak", "drum", "gear", "sail", "moth", "kiln", "fern", "lamp", "wolf")


class Request:
    """A job without a pipe."""

    def __init__(self, stop_after: int = 10**9) -> None:
        self.left = stop_after

    def should_stop(self) -> bool:
        self.left -= 1
        return self.left < 0

    def check(self) -> None:
        if self.should_stop():
            raise Cancelled

    def progress(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_model.build(tmp_path_factory.mktemp("models") / "a", seed=1))


@pytest.fixture
def engine() -> Engine:
    return Engine(ModelStore("cpu"))


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that went through a model."""
    seen: list[str] = []
    forward_of = encoder._forward_of

    def counting(model: Any) -> Any:
        forward = forward_of(model)

        def run(texts: list[str]) -> Any:
            seen.extend(texts)
            return forward(texts)

        return run

    monkeypatch.setattr(encoder, "_forward_of", counting)
    return seen


def _project(folder: Path, format: Format, rows: list[Example]) -> Project:
    project = Project.create(folder / "project", "Words")
    negatives = len(rows[0].texts) - 2 if format is Format.TRIPLETS else 1
    project.create_dataset("main", format, negatives=negatives, examples=rows)
    return project


def ask(
    engine: Engine, project: Project, op: str, model: str, job: Request | None = None, **more: Any
) -> dict[str, Any]:
    """Ask until the last slice, as the window does."""
    params = {
        "project": str(project.folder),
        "dataset_id": project.datasets()[0].id,
        "model": model,
        **more,
    }
    while True:
        answer = OPERATIONS[op](engine, params, job or Request())  # type: ignore[arg-type]
        if not answer.get("more"):
            break
        assert 0 <= answer["done"] <= answer["total"]
        params = {**params, **answer["next"]}
    if "file" in answer:
        answer["table"] = np.load(answer["file"], mmap_mode="r")
    return answer


def _scored(count: int = 60) -> list[Example]:
    random = np.random.default_rng(0)
    return [
        Example(
            (f"{WORDS[n % 10]} {n}", f"{WORDS[int(random.integers(10))]} {n % 7}"),
            score=None if n % 10 == 0 else round(float(random.random()), 2),
        )
        for n in range(count)
    ]


def _similarity(model: str, first: list[str], second: list[str]) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    loaded = SentenceTransformer(model, device="cpu")
    found: np.ndarray = loaded.similarity_pairwise(loaded.encode(first), loaded.encode(second)).numpy()
    return found


def test_every_row_gets_the_model_s_similarity(tmp_path, engine, model):
    with _project(tmp_path, Format.SCORED, _scored()) as project:
        answer = ask(engine, project, "score_rows", model)
        rows = list(project.rows(project.datasets()[0].id))
    table = answer["table"]
    assert table["id"].tolist() == [row.id for row in rows]
    expected = _similarity(model, [row.texts[0] for row in rows], [row.texts[1] for row in rows])
    assert np.abs(table["similarity"] - expected).max() < 1e-4
    unscored = np.array([row.score is None for row in rows])
    assert np.isnan(table["disagreement"][unscored]).all() and np.isfinite(table["model"]).all()
    assert answer["calibration"]["labels"] == 54 and answer["rows"] == 60


def test_one_edited_row_encodes_one_text(tmp_path, engine, model, encoded):
    with _project(tmp_path, Format.SCORED, _scored()) as project:
        distinct = len(set(project.texts()))
        first = ask(engine, project, "score_rows", model)
        assert first["encoded"] == len(encoded) == distinct
        encoded.clear()
        ids = first["table"]["id"].tolist()
        project.set_cells([(ids[7], "text_b", "something quite new")])
        again = ask(engine, project, "score_rows", model, changed=[ids[7]])
        assert encoded == ["something quite new"] and again["encoded"] == 1
        before, after = first["table"], again["table"]
        assert (np.flatnonzero(before["similarity"] != after["similarity"]) == [7]).all()
        encoded.clear()
        project.set_cells([(ids[7], "score", "0.9")])
        ask(engine, project, "score_rows", model, changed=[ids[7]])
        assert encoded == []


def test_a_new_engine_encodes_nothing_that_is_stored(tmp_path, model, encoded):
    with _project(tmp_path, Format.SCORED, _scored()) as project:
        first = ask(Engine(ModelStore("cpu")), project, "score_rows", model)["table"]
        encoded.clear()
        again = ask(Engine(ModelStore("cpu")), project, "score_rows", model, token="of another life")["table"]
    assert encoded == []
    assert all(np.array_equal(first[name], again[name], equal_nan=True) for name in first.dtype.names)


def test_a_cancelled_scoring_goes_on_where_it_stopped(tmp_path, engine, model, encoded, monkeypatch):
    monkeypatch.setattr(scoring_operations, "SLICE_SECONDS", 0.0001)
    with _project(tmp_path, Format.SCORED, _scored(400)) as project:
        with pytest.raises(Cancelled):
            ask(engine, project, "score_rows", model, Request(stop_after=3))
        some = len(set(encoded))
        assert 0 < some < len(set(project.texts()))
        answer = ask(engine, project, "score_rows", model, changed=[])
        assert len(encoded) == len(set(encoded)) == len(set(project.texts()))
        assert np.isfinite(answer["table"]["similarity"]).all()


def test_rows_that_come_and_go(tmp_path, engine, model, encoded):
    with _project(tmp_path, Format.SCORED, _scored()) as project:
        dataset = project.datasets()[0].id
        ids = ask(engine, project, "score_rows", model)["table"]["id"].tolist()
        encoded.clear()
        project.delete_examples(ids[:3])
        project.add_examples(dataset, [Example(("a brand new one", "and its other"), 0.5)])
        table = ask(engine, project, "score_rows", model, changed=[])["table"]
        assert table["id"].tolist()[:-1] == ids[3:]
        assert np.isfinite(table["similarity"]).all()
        assert sorted(encoded) == ["a brand new one", "and its other"]


def test_rows_with_an_empty_text_have_no_score(tmp_path, engine, model):
    rows = [Example(("rose", "")), Example(("rose", "oak")), Example(("   ", "oak"))]
    with _project(tmp_path, Format.PAIRS, rows) as project:
        table = ask(engine, project, "score_rows", model)["table"]
    assert np.isfinite(table["similarity"]).tolist() == [False, True, False]
    assert np.isfinite(table["model"]).tolist() == [False, True, False]


def test_triplets_have_the_margin_to_their_best_negative(tmp_path, engine, model):
    rows = [Example(("rose 1", "oak 2", "drum 3", "gear 4")), Example(("sail", "moth", "kiln", "fern"))]
    with Project.create(tmp_path / "project", "Words") as project:
        project.create_dataset("main", Format.TRIPLETS, 2, examples=rows)
        table = ask(engine, project, "score_rows", model)["table"]
    columns = [[row.texts[n] for row in rows] for n in range(4)]
    near, *far = (_similarity(model, columns[0], column) for column in columns[1:])
    assert np.abs(table["margin"] - (near - np.max(far, axis=0))).max() < 1e-4
    assert np.allclose(table["disagreement"], -table["margin"])


def test_categories_follow_every_edit(tmp_path, engine, model, encoded):
    rows = [Example((f"{WORDS[n % 10]} {n}", "even" if n % 2 == 0 else "odd")) for n in range(30)]
    with _project(tmp_path, Format.CATEGORIES, rows) as project:
        first = ask(engine, project, "score_rows", model)["table"]
        assert np.isfinite(first["margin"]).all()
        encoded.clear()
        one = int(first["id"][0])
        project.set_cells([(one, "category", "odd")])
        second = ask(engine, project, "score_rows", model, changed=[one])["table"]
    assert encoded == []
    assert second["margin"][0] == pytest.approx(-first["margin"][0], abs=0.05)
    assert not np.allclose(first["margin"][1:], second["margin"][1:], atol=1e-7)  # the centres moved


def test_what_next_is_unlabelled_and_new(tmp_path, engine, model):
    with _project(tmp_path, Format.SCORED, _scored()) as project:
        answer = ask(engine, project, "what_next", model, what="rows", count=4)
        open_ids = {row.id for row in project.rows(project.datasets()[0].id) if row.score is None}
    assert answer["of"] == len(open_ids) == 6
    ids = [item["id"] for item in answer["items"]]
    assert len(ids) == len(set(ids)) == 4 and set(ids) <= open_ids
    values = [item["value"] for item in answer["items"]]
    assert values == sorted(values, reverse=True)


def test_what_next_of_pairs_is_what_nobody_decided(tmp_path, engine, model):
    rows = [Example((f"rose {n}", f"oak {n}"), status="accepted" if n < 3 else "") for n in range(8)]
    rows.append(Example(("wolf", "lamp"), status="skipped"))
    with _project(tmp_path, Format.PAIRS, rows) as project:
        items = ask(engine, project, "what_next", model, what="rows", count=20)["items"]
        found = [example.status for example in project.examples([item["id"] for item in items])]
    assert found and set(found) == {""}


def test_what_next_of_the_corpus_leaves_out_what_is_used(tmp_path, engine, model):
    with _project(tmp_path, Format.PAIRS, [Example(("rose 1", "oak 2"))]) as project:
        assert ask(engine, project, "what_next", model, what="texts")["items"] == []
        project.apply(AddTexts(("rose 1", "drum", "gear", "sail"), "notes.txt"), "Import")
        answer = ask(engine, project, "what_next", model, what="texts", count=10)
    assert answer["of"] == 3
    assert {item["text"] for item in answer["items"]} <= {"drum", "gear", "sail"}


def test_groups_without_a_label(tmp_path, engine, model):
    rows = [Example((f"zzzz {n}", f"zzzzz {n}"), 0.5) for n in range(6)]
    rows += [Example((f"qqqq qqqq {n}", f"qqqq qqq {n}")) for n in range(6)]
    with _project(tmp_path, Format.SCORED, rows) as project:
        project.apply(AddTexts([f"mmmm mmmm {n}" for n in range(9)], "notes.txt"), "Import")
        answer = ask(engine, project, "empty_groups", model)
        known = {normalise(text) for row in rows[:6] for text in row.texts}
        open_ids = {row.id for row in project.rows(project.datasets()[0].id) if row.score is None}
    assert answer["texts"] == 33 and answer["labelled"] == 12
    assert answer["groups"]
    for group in answer["groups"]:
        assert group["size"] >= 3 and not known & {normalise(text) for text in group["typical"]}
        assert set(group["rows"]) <= open_ids


def test_an_array_that_is_deleted_while_another_is_saved_hinders_nobody(tmp_path, monkeypatch):
    gone = (
        tmp_path / "cache" / "arrays" / "gone.npy"
    )  # seen in the folder, then read and deleted by whoever asked
    monkeypatch.setattr(Path, "glob", lambda folder, pattern: iter([gone]))
    assert np.load(save_array(tmp_path, np.arange(3))).tolist() == [0, 1, 2]


def test_arrays_that_nobody_fetched_go_after_an_hour(tmp_path):
    old, new = save_array(tmp_path, np.arange(3)), save_array(tmp_path, np.arange(3))
    os.utime(old, (old.stat().st_atime, old.stat().st_mtime - 4000))
    save_array(tmp_path, np.arange(3))
    assert not old.exists() and new.exists()


def test_a_request_without_its_parts_is_refused(engine):
    with pytest.raises(UsageError, match="no project"):
        OPERATIONS["score_rows"](engine, {"project": "x"}, Request())  # type: ignore[arg-type]


@pytest.mark.parametrize("exactly", [False, True], ids=["3 points or more", "exactly 3 points"])
def test_flipped_labels_come_first(sts, exactly):
    """50 of 1,000 labels of STS-B changed by 3 points or more: at least 40 are among the first 100 by disagreement, base model."""
    engine, project, originals = sts
    for seed in range(3):
        new = scores.flip(originals, seed, exactly)
        assert all(abs(score - originals[row]) >= 2.999 for row, score in new.items())
        assert scores.found_first(engine, project, originals, new) >= 40


@pytest.fixture(scope="module")
def sts(tmp_path_factory):
    data = Path(os.environ.get("ANCHORLAB_DATA") or paths.ROOT.parent / "shared" / "data")
    if not (data / "stsbenchmark").is_dir():
        pytest.skip("no real data here")
    engine = Engine(ModelStore("cpu"))
    with scores.sts_project(data, tmp_path_factory.mktemp("sts") / "project", 0) as (project, originals):
        yield engine, project, originals


def test_many_questions_at_once_are_all_answered(tmp_path, engine, model, monkeypatch):
    """One after the other gets a slice. None may drive out another, which would begin anew and drive out the next."""
    monkeypatch.setattr(scoring_operations, "SLICE_SECONDS", 1e-6)
    with _project(tmp_path, Format.SCORED, _scored(600)) as project:
        for number in range(3):
            project.create_dataset(f"more {number}", Format.SCORED, examples=_scored(600))
        common = {"project": str(project.folder), "model": model, "count": 5}
        asked = [
            (op, {**common, "dataset_id": info.id, "what": "rows"})
            for op in ("score_rows", "what_next")
            for info in project.datasets()
        ]
        rounds = 0
        while asked:
            rounds += 1
            assert rounds < 100, f"{len(asked)} questions go round in circles"
            waiting = []
            for op, params in asked:
                answer = OPERATIONS[op](engine, params, Request())  # type: ignore[arg-type]
                if answer.get("more"):
                    waiting.append((op, {**params, **answer["next"]}))
            asked = waiting
        assert rounds > 3  # each took more slices than one


def test_where_the_memory_ends_models_are_given_up_whatever_is_under_way(
    tmp_path, engine, model, monkeypatch
):
    monkeypatch.setattr(scoring_operations, "SLICE_SECONDS", 1e-6)
    with _project(tmp_path, Format.SCORED, _scored(400)) as project:
        dataset_id = project.datasets()[0].id
        params = {"project": str(project.folder), "dataset_id": dataset_id, "model": model}
        assert OPERATIONS["score_rows"](engine, params, Request())["more"]  # type: ignore[arg-type]
        held = weakref.ref(engine.models.get(model).model)

        def full() -> None:
            here = engine.models.get(model)
            raise MemoryError(here.name)

        try:
            full()
        except MemoryError as error:
            problem = server._problem(engine, error)
        assert "not enough memory" in problem.message and held() is None
        assert len(ask(engine, project, "score_rows", model)["table"]) == 400


def test_where_the_memory_ends_maps_on_their_way_end(engine):
    ended: list[str] = []
    for token in ("a", "b"):
        mapping = SimpleNamespace(token=token, idle=False, end=lambda token=token: ended.append(token))
        engine.mappings.add(mapping)
    engine.release()
    assert ended == ["a", "b"] and engine.mappings.by_token("a") is None


def test_what_nobody_asks_for_any_more_goes(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(under_way.time, "monotonic", lambda: now[0])
    works: under_way.UnderWay[str] = under_way.UnderWay(2)
    for key in "abc":
        works.add(key, key.upper())
    works.over("b")
    works.add("d", "D")
    assert [works.get(key) for key in "abcd"] == ["A", None, "C", "D"]
    now[0] = 100.0
    works.get("c")
    works.add("e", "E")
    assert [works.get(key) for key in "acde"] == [None, "C", None, "E"]
    for key in range(50):
        works.add(key, "more than can be")
    assert works.get(30) is None and works.get(49)
    works.end(49)
    assert works.get(49) is None
