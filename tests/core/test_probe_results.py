"""Probes of queries and orders: in the project, and what models say about them, against the slow and obvious way."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.dataset.formats import Example, Format
from core.engine.models import ModelStore
from core.engine.operations import OPERATIONS, Engine
from core.errors import Cancelled, DataProblem
from core.project import Project, codec, schema
from core.project.corpus import AddTexts
from core.project.edits import SetMeta
from core.project.probes import THRESHOLD, More, Probe, SetProbe, put, queries_of
from core.similarity import probing
from core.training import runs
from core.training.probe_table import told
from core.training.run_probes import (
    Found,
    RunProbes,
    history,
    judge,
    read_probes,
    regressions,
    save_probes,
)
from core.training.run_threshold import RunThreshold, set_threshold
from core.training.runs import create_run_folder
from core.training.spec import Spec
from tests.core import tiny_model
from tests.core.test_engine_scores import Request

WORDS = ("rose", "oak", "drum", "gear", "sail", "moth", "kiln", "fern", "lamp", "wolf")
TEXTS = [f"{one} {other}" for one in WORDS for other in WORDS if one != other]
HOSTILE = "<b>=1+1</b>\u202e\n'\"; DROP TABLE probes; --"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {
        name: tiny_model.build(folder / name, seed=seed, similarity=metric)
        for seed, (name, metric) in enumerate(
            [("base", "cosine"), ("one", "cosine"), ("two", "dot"), ("far", "euclidean")]
        )
    }


@pytest.fixture
def project(tmp_path, models):
    with Project.create(tmp_path / "p", "P") as made:
        made.create_dataset("d", Format.PAIRS, examples=[Example((text, text[::-1])) for text in TEXTS[:8]])
        made.apply(AddTexts(TEXTS, "list"), "Add")
        made.set_recipe({"base_model": str(models["base"])})
        yield made


def add_run(project, model, base):
    folder = create_run_folder(project.folder, "run")
    Spec(str(folder), Format.PAIRS, str(base), "MultipleNegativesRankingLoss").save()
    shutil.copytree(model, folder / "model")
    return folder


def ask(op, project, **params):
    engine, answer = Engine(ModelStore("cpu")), {"more": True, "next": {}}
    while answer.get("more"):
        params.update(answer["next"])
        answer = OPERATIONS[op](engine, {"project": str(project.folder), **params}, Request())
    return answer


# -- in the project -------------------------------------------------------------------------------------------------------

QUERY = Probe(0, "rose", "", note="n", k=3, expected=("rose oak", "oak rose"), unwanted=(HOSTILE,))
ORDER = Probe(0, "rose", "rose oak", lower=("rose", "gear sail"))


def test_queries_and_orders_are_undone_and_kept(project, tmp_path):
    empty = project.data_hash()
    project.apply(put(QUERY), "Add probe")
    project.apply(put(ORDER), "Add probe")
    first, second = project.probes()
    assert first == replace(QUERY, id=1) and second == replace(ORDER, id=2)
    project.change_probe(replace(first, k=5, unwanted=()))
    assert project.probes()[0].unwanted == () and project.probes()[0].k == 5
    project.delete_probe(2)
    full = project.data_hash()
    for _ in range(4):
        project.undo()
    assert project.data_hash() == empty and project.probes() == []
    for _ in range(4):
        project.redo()
    assert project.data_hash() == full
    project.undo()
    project.close()
    with Project.open(tmp_path / "p") as again:
        assert again.probes()[1] == replace(ORDER, id=2)
        again.undo()
        assert again.probes()[0] == replace(QUERY, id=1)


@pytest.mark.parametrize(
    "probe",
    [
        replace(QUERY, expected=("a", "a")),
        replace(QUERY, expected=("a",), unwanted=("a",)),
        replace(QUERY, expected=(" ",)),
        replace(QUERY, k=0),
        replace(QUERY, other="x"),
        replace(QUERY, expected=tuple(map(str, range(101)))),
        replace(ORDER, lower=("a",)),
        replace(ORDER, lower=(ORDER.text, ORDER.other)),
        replace(ORDER, expectation="similar"),
        replace(ORDER, other=""),
    ],
)
def test_what_cannot_be_told_is_refused(project, probe):
    with pytest.raises(DataProblem):
        project.apply(put(probe), "Add probe")
    assert project.probes() == []


def test_the_history_of_older_versions_is_understood():
    old = SetProbe(3, ("a", "b", "similar", ""))
    assert codec.dumps(old) == '["probe",3,["a","b","similar",""]]'
    for edit in (old, put(replace(QUERY, id=4)), put(ORDER), SetProbe(2, None)):
        assert codec.loads(codec.dumps(edit)) == edit
    for wrong in ('["probe",1,["a","b","",""],3,[],[]]', '["probe",1,["a","b","",""],3,[1],[],[]]'):
        with pytest.raises(ValueError, match="not"):
            codec.loads(wrong)


@pytest.mark.parametrize("version", [1, 3, 4])
def test_probes_of_older_projects_stay(tmp_path, version):
    folder = tmp_path / "old"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "project.db", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
        schema._migrate(connection, schema.MIGRATIONS[:version], 0)
        connection.execute("INSERT INTO probes VALUES (7, 'a', 'b', 'similar', 'look'), (9, 'q', '', '', '')")
        connection.execute("INSERT INTO history VALUES (1, 'Add probe', '[]', '[\"probe\",9,null]')")
        connection.execute("UPDATE counters SET value = 1 WHERE name = 'history'")
    with Project.open(folder) as project:
        assert project.probes() == [Probe(7, "a", "b", "similar", "look"), Probe(9, "q", "")]
        project.apply(put(replace(QUERY, id=9)), "Change probe")
        assert project.probes()[1].expected == QUERY.expected
        project.undo()
        assert project.probes()[1] == Probe(9, "q", "")


def test_a_probe_is_known_again_by_what_it_says():
    again = replace(QUERY, id=5, note="other", expected=QUERY.expected[::-1])
    assert again.key == QUERY.key
    assert replace(QUERY, k=4).key != QUERY.key != replace(QUERY, unwanted=()).key
    assert Probe(1, "a", "b", "similar").key != Probe(1, "a", "b", "different").key


def test_rows_become_queries():
    rows = [Example(("q", "yes", "no")), Example(("q", "too", "yes")), Example(("", "x", "y"))]
    (found,) = queries_of(Format.TRIPLETS, rows)
    assert (found.text, found.expected, found.unwanted) == (
        "q",
        ("too",),
        ("no",),
    )  # "yes" is said to be both
    scored = [Example(("q", "a"), 1.0), Example(("q", "b"), 0.5), Example(("q", "c"), 0.0)]
    (found,) = queries_of(Format.SCORED, scored)
    assert (found.expected, found.unwanted) == (("a",), ("c",))
    assert queries_of(Format.CATEGORIES, [Example(("a", "b"))]) == []


# -- what models say ------------------------------------------------------------------------------------------------------


def slowly(folder, query, texts, hits):
    """Ranks and scores by nothing but sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    among = [text for text in texts if text.strip().casefold() != query.strip().casefold()]
    scores = model.similarity(model.encode([query]), model.encode(among))[0].numpy()
    own = model.similarity(model.encode([query]), model.encode(list(hits)))[0].numpy()
    return [1 + int((scores > score + 1e-6).sum()) for score in own], own


@pytest.mark.parametrize("name", ["base", "two", "far"])
def test_ranks_are_those_of_brute_force(project, models, name, monkeypatch):
    monkeypatch.setattr(probing, "_VALUES_AT_ONCE", 300)  # several blocks
    hits = ("oak rose", "moth kiln", "not one of them")
    for query in ("rose oak", "something else", *WORDS[:5]):
        project.apply(put(Probe(0, query, "", k=4, expected=hits[:1], unwanted=hits[1:])), "Add probe")
    answer = ask("probes", project, models=[str(models[name])])
    found = answer["result"]
    corpus = project.texts()
    assert found["texts"] == len(corpus) and len(found["tuned"]) == 7
    for probe, (passed, ranks, scores) in zip(found["probes"], found["tuned"], strict=True):
        expected, own = slowly(models[name], probe["text"], corpus, hits)
        assert ranks == expected
        assert scores == pytest.approx(own.tolist(), abs=1e-5)
        assert passed == (ranks[0] <= 4 and min(ranks[1:]) > 4)


def test_orders_and_pairs(project, models):
    for probe in (
        ORDER,
        replace(ORDER, text="gear", lower=("rose", "rose")),
        Probe(0, "rose", "rose", "similar"),
        Probe(0, "rose", "rose", "different"),
        Probe(0, "rose", "oak"),
    ):
        project.apply(put(probe), "Add probe")
    found = ask("probes", project, models=[str(models["one"])])["result"]
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(models["one"]), device="cpu")

    def score(one, other):
        return float(model.similarity(model.encode([one]), model.encode([other]))[0, 0])

    high, low = score("rose", "rose oak"), score("rose", "gear sail")
    passed, ranks, scores = found["tuned"][0]
    assert ranks == [] and scores == pytest.approx([high, low], abs=1e-5) and passed == (high > low)
    assert found["tuned"][1][0] is False  # nothing is more alike than a text is to itself
    assert [one[0] for one in found["tuned"][2:]] == [None, None, None]  # nobody said from which score on
    assert found["texts"] == 0  # no query, so no text had to be embedded
    project.apply(SetMeta(THRESHOLD, "0.9"), "Threshold")
    found = ask("probes", project, models=[str(models["one"])])["result"]
    assert [one[0] for one in found["tuned"][2:]] == [True, False, None]


def test_a_run_is_compared_with_its_base_and_the_run_before(project, models):
    for query in WORDS:
        project.apply(
            put(Probe(0, query, "", k=3, expected=(f"{query} oak",) if query != "oak" else ("oak rose",))),
            "A",
        )
    project.apply(put(Probe(0, "rose", "rose", "similar")), "A")
    first = add_run(project, models["one"], models["base"])
    second = add_run(project, models["two"], models["base"])
    set_threshold(second, RunThreshold(-5.0, "rows", 3))
    assert read_probes(second) is None and history(project.folder) == []
    ask("run_probes", project, run=first.name)
    ask("run_probes", project, run="last")
    one, two = history(project.folder)
    assert (one.run, one.previous, one.before) == (first.name, "", ())
    assert (two.run, two.previous) == (second.name, first.name)
    assert two.before == one.tuned and two.base == one.base
    assert two.thresholds == (-5.0, None, None) and two.tuned[-1].passed and two.base[-1].passed is None
    by_hand = {
        place
        for place in range(len(two.probes))
        if two.tuned[place].passed is False and (two.base[place].passed or two.before[place].passed)
    }
    assert {found.place for found in two.regressions} == by_hand
    assert by_hand, "or this test shows nothing"
    assert read_probes(second) == two


def test_a_request_can_be_cancelled_and_answers_in_slices(project, models, monkeypatch):
    from core.engine import probing as operation

    monkeypatch.setattr(operation, "SLICE_SECONDS", 0.001)
    project.apply(put(QUERY), "Add probe")
    engine, params = (
        Engine(ModelStore("cpu")),
        {"project": str(project.folder), "models": [str(models["base"])]},
    )
    answer = OPERATIONS["probes"](engine, params, Request())
    assert answer["more"] and answer["done"] < answer["total"] == len(project.texts())
    with pytest.raises(Cancelled):
        OPERATIONS["probes"](engine, {**params, **answer["next"]}, Request(stop_after=0))
    while answer.get("more"):
        answer = OPERATIONS["probes"](engine, {**params, **answer["next"]}, Request())
    assert len(answer["result"]["tuned"]) == 1


# -- verdicts and files ---------------------------------------------------------------------------------------------------


def test_verdicts():
    query = replace(QUERY, k=3)
    assert judge(query, (1, 3, 4), (0.9, 0.8, 0.7), None).passed is True
    assert judge(query, (1, 4, 5), (0.9, 0.8, 0.7), None).passed is False
    assert judge(query, (1, 2, 3), (0.9, 0.8, 0.7), None).passed is False
    assert judge(Probe(0, "q", ""), (), (), None).passed is None
    assert judge(ORDER, (), (0.5, 0.5), None).passed is False
    assert judge(ORDER, (), (float("nan"), 0.5), None) == Found(False, (), (None, 0.5))
    pair = Probe(0, "a", "b", "different")
    assert [judge(pair, (), (score,), 0.5).passed for score in (0.4, 0.5, float("nan"))] == [
        True,
        False,
        False,
    ]
    yes, no, nothing = Found(True), Found(False), Found(None)
    found = regressions([no, no, no, yes, nothing], [yes, no, nothing, yes, yes], [no, yes, yes])
    assert [(one.place, one.base, one.before) for one in found] == [
        (0, True, False),
        (1, False, True),
        (2, False, True),
    ]


def test_results_survive_hostile_texts_and_hostile_files_do_no_harm(tmp_path):
    folder = tmp_path / "0001-run"
    folder.mkdir()
    probes = (replace(QUERY, id=1), Probe(2, HOSTILE, "b", "similar"), replace(ORDER, id=3))
    tuned = (Found(True, (1, 2, 9), (0.5, 0.4, None)), Found(None, (), (0.1,)), Found(False, (), (0.1, 0.2)))
    made = RunProbes(folder.name, 90, probes, tuned, tuned, (), "", (0.5, None, None), "x")
    save_probes(folder, made)
    assert read_probes(folder) == made
    assert made.passed == 1 and made.failed == 1 and made.fixed == ()
    good = json.loads((folder / "probes.json").read_text())
    for wrong in (
        "",
        "[]",
        "[" * 100_000,
        json.dumps({**good, "version": 99}),
        json.dumps({**good, "tuned": good["tuned"][:2]}),
        json.dumps({**good, "tuned": [[1, [], []]] * 3}),
        json.dumps({**good, "tuned": [[True, [1], [0.5]]] * 3}),
        json.dumps({**good, "probes": [{"id": 1}] * 3}),
        json.dumps({**good, "probes": 3}),
        json.dumps({**good, "texts": 1e400}),
        json.dumps({**good, "texts": -1}),
        json.dumps({**good, "tuned": [[True, [1, 2, 10**400], [0.5, 0.4, None]], *good["tuned"][1:]]}),
        json.dumps({**good, "tuned": [[True, [1, -2, 9], [0.5, 0.4, None]], *good["tuned"][1:]]}),
    ):
        (folder / "probes.json").write_text(wrong)
        assert read_probes(folder) is None, wrong[:80]
    (folder / "probes.json").unlink()
    (folder / "probes.json").symlink_to("/etc/passwd")
    assert read_probes(folder) is None


def test_runs_without_a_model_are_not_the_run_before(project, models, monkeypatch):
    project.apply(put(ORDER), "Add probe")
    add_run(project, models["one"], models["base"])
    create_run_folder(project.folder, "failed")
    last = add_run(project, models["two"], models["base"])
    ask("run_probes", project, run=last.name)
    found = read_probes(last)
    assert found is not None and found.previous == runs.list_runs(project.folder)[-1].name
    assert np.isfinite(found.tuned[0].figure(ORDER))
    assert More() == More(10)


def test_the_command_line_tells_what_got_worse(project, models, capsys):
    from core.cli.app import run as cli

    folder = str(project.folder)
    assert cli(["probes", folder]) == 1 and "no probes" in capsys.readouterr().err
    project.apply(put(replace(ORDER, lower=("rose", HOSTILE))), "Add probe")
    project.apply(put(Probe(0, "rose", "", k=1, expected=("rose oak",))), "Add probe")
    made = add_run(project, models["one"], models["base"])
    assert cli(["probes", folder, "--run", "1"]) == 0
    said = capsys.readouterr().out
    assert made.name in said and "rank" in said and "\u202e" not in said
    assert cli(["probes", folder, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = read_probes(made)
    assert found is not None and told["passed"] == found.passed
    assert [one["passed"] for one in told["probes"]] == [one.passed for one in found.tuned]


def test_a_rounded_score_stays_on_its_side_of_the_threshold(tmp_path: Path) -> None:
    probe = Probe(1, "a", "b", "similar")
    found = judge(probe, (), (0.49962,), 0.5)
    assert found.passed is False and told(probe, found) == "0.4996"
    assert told(ORDER, judge(ORDER, (), (0.5004, 0.5), None)) == "+0.0004"
    save_probes(tmp_path, RunProbes(tmp_path.name, 3, (probe,), (found,), thresholds=(0.5, None, None)))
    read = read_probes(tmp_path)
    assert read is not None and told(probe, read.tuned[0]) == "0.4996"
