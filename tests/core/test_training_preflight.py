"""Preflight finds every planted trouble, names its rows, and nothing else."""

from __future__ import annotations

import json

import pytest

from core.cli import main
from core.dataset.formats import DatasetInfo, Example, Format
from core.dataset.stats import describe
from core.dataset.validation import check
from core.models.text_limit import limit_of
from core.training import pace
from core.training.preflight import preflight
from core.training.recipe import make_recipe


def found(format, rows, **settings):
    info = DatasetInfo(1, "data", format, rows=len(rows))
    rows = [
        Example(row.texts, row.score, row.raw_score, row.split, id=number + 1, number=number + 1)
        for number, row in enumerate(rows)
    ]
    recipe = make_recipe(info, describe(info, rows), settings)
    limit = limit_of(str(recipe.value("base_model")))
    return preflight(info, rows, recipe, check(info, rows, limit))


def kinds(result):
    return {issue.kind: issue.ids for issue in result.issues}


def pairs(count, start=0):
    return [Example((f"question {n} about it", f"answer {n} to that")) for n in range(start, start + count)]


def test_a_clean_set_has_nothing_to_say():
    result = found(Format.PAIRS, pairs(400), epochs=5)
    assert kinds(result) == {}
    assert not result.blocked
    assert result.steps > 20


def test_few_steps():
    assert "few_steps" in kinds(found(Format.PAIRS, pairs(40), epochs=1, batch_size=32))


def test_texts_on_both_sides_of_a_given_hold_out():
    rows = pairs(300)
    rows[7] = Example(rows[7].texts, split="eval")
    rows[8] = Example(("Question 7 ABOUT it", "another"), split="train")
    rows[9] = Example(rows[9].texts, split="test")
    assert kinds(found(Format.PAIRS, rows, epochs=5))["shared_texts"] == (8,)


def test_a_repeated_anchor_where_the_batch_serves_as_negatives():
    rows = pairs(60) + [Example(("The  anchor", f"other answer {n}")) for n in range(30)]
    result = kinds(found(Format.PAIRS, rows, batch_size=16))
    assert result["repeated_anchor"] == tuple(range(61, 91))


def test_texts_longer_than_the_model_reads():
    rows = pairs(300)
    rows[3] = Example((rows[3].texts[0], "word " * 300))
    rows[4] = Example(("a" * 3_000, rows[4].texts[1]))  # one long word is no token at all
    result = found(Format.PAIRS, rows, epochs=5)
    assert kinds(result)["truncated"] == (4,)
    assert "256 tokens" in next(issue.explanation for issue in result.issues if issue.kind == "truncated")


def test_what_validation_finds_comes_along_and_blocks():
    rows = pairs(300)
    rows[5] = Example(("", "x"))
    result = found(Format.PAIRS, rows, epochs=5)
    assert result.blocked
    assert result.issues[0].kind == "empty_cell"
    assert result.where == {"empty_cell": "Row 6"}
    rows[8:20] = [Example(("", "y"))] * 12
    assert found(Format.PAIRS, rows, epochs=5).where["empty_cell"] == "Rows 6, 9, 10, 11, 12, 13 and 7 more"


def test_constant_scores_and_contradictions():
    rows = [Example((f"text {n} here", f"other {n} there"), 1.0) for n in range(120)]
    assert "one_class" in kinds(found(Format.SCORED, rows))
    rows[1] = Example(rows[0].texts, 0.0)
    assert set(kinds(found(Format.SCORED, rows))["conflict"]) == {1, 2}


def test_a_cosine_loss_on_a_dot_product_model(tmp_path):
    from tests.core import tiny_model

    model = tiny_model.build(tmp_path / "dot", similarity="dot")
    settings = {"base_model": str(model), "epochs": 5}
    assert "other_similarity" not in kinds(found(Format.PAIRS, pairs(300), **settings))
    settings["loss.similarity_fct"] = "cos_sim"
    assert "other_similarity" in kinds(found(Format.PAIRS, pairs(300), **settings))


def test_the_time_follows_the_runs_before():
    rows = pairs(300)
    assert found(Format.PAIRS, rows, epochs=5).seconds is None
    info = DatasetInfo(1, "data", Format.PAIRS)
    tokens = pace.work(info, rows)
    for seconds in (1e9, 10.0, 20.0, 1.0):
        pace.note("all-MiniLM-L6-v2", tokens, seconds)
    assert pace.seconds("all-MiniLM-L6-v2", tokens) == pytest.approx(pace.START + 15, rel=0.4)
    result = found(Format.PAIRS, rows, epochs=5, holdout=0)
    assert result.seconds == pytest.approx(pace.START + 5 * (pace.seconds("all-MiniLM-L6-v2", tokens) - 3))
    searched = found(Format.PAIRS, rows, epochs=5, holdout=0, search_minutes=2)
    assert searched.seconds == pytest.approx(result.seconds + 120)
    tried = found(Format.PAIRS, rows, epochs=5, holdout=0, search_trials=3)
    assert tried.seconds == pytest.approx(4 * (result.seconds - pace.START) + pace.START)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"m": "x"}', '{"m": [null, -1, true, "a"]}', "[" * 100_000, '{"m": [1e999]}']
)
def test_a_damaged_record_of_paces_is_no_record(text):
    from core import paths

    paths.home().mkdir(parents=True, exist_ok=True)
    (paths.home() / "pace.json").write_text(text)
    assert pace.seconds("m", 10) is None
    pace.note("m", 10, 1)
    assert pace.seconds("m", 10) == pace.START + 1


def test_the_command_line_tells_it_and_writes_nothing(tmp_path, capsys):
    data = tmp_path / "d.csv"
    data.write_text("anchor,positive\n" + "\n".join(f"a {n} b,c {n} d" for n in range(30)) + "\n,x\n")
    folder = tmp_path / "p"
    assert main(["new", str(folder), "--from", str(data)]) == 0
    capsys.readouterr()
    status = main(["train", str(folder), "--dry-run", "--json"])
    record = json.loads(capsys.readouterr().out)
    assert record["settings"]["loss"] == "MultipleNegativesRankingLoss"
    assert {"few_steps"} <= {issue["kind"] for issue in record["issues"]} or record["steps"] >= 20
    assert status == int(record["blocked"])
    assert not list((folder / "runs").glob("0*"))
    assert main(["train", str(folder), "--dry-run"]) == status
    assert "steps; time: unknown yet" in capsys.readouterr().out


def test_what_a_run_would_refuse_to_start_for():
    rows = [Example((f"one {n}", f"other {n}"), n / 40) for n in range(41)]
    (issue,) = [
        issue
        for issue in found(Format.SCORED, rows, loss="OnlineContrastiveLoss", epochs=9).issues
        if issue.kind == "setting_refused"
    ]
    assert issue.blocking and "0 or 1" in issue.title and "CosineSimilarityLoss" in issue.explanation
    (first, *_) = found(Format.PAIRS, pairs(400), matryoshka="500", epochs=5).issues
    assert first.blocking and "500: the model's embeddings have 384" in first.title


def test_the_name_of_a_category_is_no_shared_text():
    rows = [Example((f"text {n}", f"kind {n % 3}"), split="eval" if n < 30 else "") for n in range(300)]
    assert "shared_texts" not in kinds(found(Format.CATEGORIES, rows, epochs=9))
    rows[4] = Example(("text 77", "kind 1"), split="eval")
    assert kinds(found(Format.CATEGORIES, rows, epochs=9))["shared_texts"] == (5,)
