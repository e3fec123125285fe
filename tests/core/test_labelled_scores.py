"""What the pairs and scores tabs ask the engine for, beside sentence-transformers itself: scores, margins, random pairs, cuts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import BinaryClassificationEvaluator

from core.dataset.formats import DatasetInfo, Example, Format
from core.engine import scoring
from core.engine.kept_scores import keys_of
from core.engine.models import ModelStore
from core.engine.operations import Engine
from core.models.card_threshold import CATEGORY, RunThreshold, code
from core.models.card_threshold import TEXTS as TEXTS_
from core.similarity import cuts
from core.similarity.cuts import EVERY_PART
from core.similarity.labelled import HELD_OUT, Comparison, Rows, Scored
from tests.core import tiny_model
from tests.core.test_engine_scores import WORDS, _project, ask

TEXTS = [f"{one} {other}" for one in WORDS for other in WORDS[:4]]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    place = tmp_path_factory.mktemp("models")
    return [str(tiny_model.build(place / str(seed), seed=seed)) for seed in (1, 2)]


def _compared(
    folder: Path, format: Format, examples: list[Example], models: list[str], held: Any = None
) -> Comparison:
    engine = Engine(ModelStore("cpu"))
    with _project(folder, format, examples) as project:
        rows = Rows.of(format, list(project.rows(project.datasets()[0].id)), held)
        sides = []
        for model in models:
            answer = ask(
                engine, project, "score_rows", model, background=format is Format.PAIRS, parts=rows.apart()
            )
            table = answer["table"]
            random = np.load(answer["background"]) if "background" in answer else ()
            numbers = {name: np.array(table[name]) for name in ("similarity", "margin", "nearest")}
            sides.append(Scored.of(model, rows, np.array(table["id"]), numbers, random))
    return Comparison(rows, sides[0], sides[1])


def test_triplets_score_as_sentence_transformers_scores_them(tmp_path: Path, models: list[str]) -> None:
    chance = np.random.default_rng(0)
    examples = [Example(tuple(chance.choice(TEXTS, 3, replace=False).tolist())) for _ in range(40)]
    found = _compared(tmp_path, Format.TRIPLETS, examples, models)
    rights = []
    for path, side in zip(models, (found.first, found.second), strict=True):
        model = SentenceTransformer(path, device="cpu")
        anchor, near, far = (
            model.encode([row.texts[slot] for row in examples], convert_to_tensor=True) for slot in range(3)
        )
        similar = model.similarity_pairwise(anchor, near).numpy()
        apart = model.similarity_pairwise(anchor, far).numpy()
        assert side.similarity == pytest.approx(similar, abs=1e-5)
        assert side.margin == pytest.approx(similar - apart, abs=1e-5)
        rights.append(int((similar > apart).sum()))
    counted = found.tallies()[0]
    assert counted.fixed - counted.broken == rights[1] - rights[0]


def test_cuts_are_those_of_the_evaluator(tmp_path: Path, models: list[str]) -> None:
    chance = np.random.default_rng(1)
    examples = [
        Example(tuple(chance.choice(TEXTS, 2, replace=False).tolist()), score=float(n % 2)) for n in range(50)
    ]
    found = _compared(tmp_path, Format.SCORED, examples, models)
    sides = cuts.sides(found, EVERY_PART)
    for path, side in zip(models, (found.first, found.second), strict=True):
        model = SentenceTransformer(path, device="cpu")
        theirs = model.similarity_pairwise(
            *(
                model.encode([row.texts[slot] for row in examples], convert_to_tensor=True)
                for slot in range(2)
            )
        )
        assert np.abs(side.similarity - theirs.numpy()).max() < 1e-5
    evaluator = BinaryClassificationEvaluator(
        [row.texts[0] for row in examples],
        [row.texts[1] for row in examples],
        [int(row.score or 0) for row in examples],
        similarity_fn_names=["cosine"],
        write_csv=False,
    )
    told = evaluator(SentenceTransformer(models[1], device="cpu"))
    best, accurate = sides.second.best(cuts.F1), sides.second.best(cuts.ACCURACY)
    assert best is not None and accurate is not None
    assert best.f1 == pytest.approx(told["cosine_f1"]) and accurate.accuracy == pytest.approx(
        told["cosine_accuracy"]
    )
    assert best.threshold == pytest.approx(told["cosine_f1_threshold"], abs=1e-5)
    assert accurate.threshold == pytest.approx(told["cosine_accuracy_threshold"], abs=1e-5)


def test_pairs_stand_beside_random_ones(tmp_path: Path, models: list[str]) -> None:
    examples = [Example((f"{WORDS[n % 10]} {n}", TEXTS[n])) for n in range(30)]
    found = _compared(tmp_path, Format.PAIRS, examples, models)
    assert len(found.first.background) > 20 and found.tallies()[0].count == 30
    sides = cuts.sides(found, EVERY_PART)
    assert sides.random and sides.second.cuts.positives == 30 and sides.second.cuts.negatives <= 30


def test_random_pairs_of_the_hold_out_are_of_held_out_rows_alone(tmp_path: Path, models: list[str]) -> None:
    examples = [Example((f"{WORDS[n % 10]} {n}", TEXTS[n])) for n in range(40)]
    held = (frozenset(range(1, 33)), frozenset(range(33, 41)))
    found = _compared(tmp_path, Format.PAIRS, examples, models, held)
    model = SentenceTransformer(models[1], device="cpu")
    out = [row.texts for row in examples[32:]]
    every = model.similarity(
        model.encode([one for one, _ in out]), model.encode([two for _, two in out])
    ).numpy()
    apart = np.sort(every[~np.eye(len(out), dtype=bool)])
    scores, truth = found.of_part(found.second, HELD_OUT)
    assert truth.sum() == 8 == (~truth).sum(), "as many as it has rows"
    for score in scores[~truth]:
        assert np.abs(apart - score).min() < 1e-5, "no text that was learned from stands in it"


def _chosen(found: Comparison, of: str) -> RunThreshold:
    side = cuts.sides(found, EVERY_PART).second
    best = side.best(cuts.ACCURACY)
    assert best is not None
    return RunThreshold(side.cuts.short(best.threshold), "every row", best.count, of=of)


def test_the_snippet_of_a_threshold_decides_as_the_page(tmp_path: Path, models: list[str]) -> None:
    chance = np.random.default_rng(2)
    examples = [
        Example(tuple(chance.choice(TEXTS, 2, replace=False).tolist()), float(n % 2)) for n in range(40)
    ]
    found = _compared(tmp_path, Format.SCORED, examples, models)
    chosen = _chosen(found, TEXTS_)
    model = SentenceTransformer(models[1], device="cpu")
    for row, score in zip(examples, found.second.similarity, strict=True):
        embeddings = model.encode(list(row.texts))
        names = {"similarities": model.similarity(embeddings, embeddings)}
        exec(code(chosen), names)  # noqa: S102
        assert bool(names["similar"][0, 1]) == (score >= chosen.threshold)


def test_the_snippet_of_categories_compares_with_the_middle_of_one(tmp_path: Path, models: list[str]) -> None:
    examples = [Example((text, f"kind {n % 3}")) for n, text in enumerate(TEXTS[:24])]
    found = _compared(tmp_path, Format.CATEGORIES, examples, models)
    chosen = _chosen(found, CATEGORY)
    model = SentenceTransformer(models[1], device="cpu")
    for place, row in enumerate(examples):
        others = [one for n, one in enumerate(examples) if n != place]
        for kind in {one.texts[1] for one in examples}:
            mates = [one.texts[0] for one in others if one.texts[1] == kind]
            embeddings = model.encode([*mates, row.texts[0]])
            names = {"embeddings": embeddings}
            exec(code(chosen).replace("embeddings[:2]", "embeddings[:-1]"), names)  # noqa: S102
            score = float(names["cosines"][-1])
            if kind == row.texts[1]:
                assert score == pytest.approx(found.second.similarity[place], abs=1e-5)
            assert names["belongs"][-1] == (score >= chosen.threshold)
    assert "similarities" not in code(chosen)


def test_of_several_negatives_the_margin_is_to_the_nearest(tmp_path: Path, models: list[str]) -> None:
    chance = np.random.default_rng(4)
    examples = [Example(tuple(chance.choice(TEXTS, 4, replace=False).tolist())) for _ in range(20)]
    found = _compared(tmp_path, Format.TRIPLETS, examples, models)
    model = SentenceTransformer(models[1], device="cpu")
    for place, row in enumerate(examples):
        near, *far = model.similarity(model.encode([row.texts[0]]), model.encode(list(row.texts[1:])))[
            0
        ].tolist()
        assert found.second.margin[place] == pytest.approx(near - max(far), abs=1e-5)
        assert found.second.negatives_of(np.array([place])) == [2 + int(np.argmax(far))]


def test_a_rejected_text_is_not_in_the_middle_of_its_category(tmp_path: Path, models: list[str]) -> None:
    examples = [
        Example((text, f"kind {n % 2}"), status="rejected" if n in (4, 5) else "accepted")
        for n, text in enumerate(TEXTS[:12])
    ]
    found = _compared(tmp_path, Format.CATEGORIES, examples, models)
    model = SentenceTransformer(models[1], device="cpu")
    vectors = model.encode([row.texts[0] for row in examples], normalize_embeddings=True)
    places = [n for n in range(12) if n not in (4, 5)]  # the labelled rows
    for row, place in enumerate(places):
        cosines = []
        for kind in (place % 2, 1 - place % 2):
            middle = sum(vectors[n] for n in places if n % 2 == kind and n != place)
            cosines.append(float(vectors[place] @ middle / np.linalg.norm(middle)))
        assert found.second.similarity[row] == pytest.approx(cosines[0], abs=1e-5)
        assert found.second.margin[row] == pytest.approx(cosines[0] - cosines[1], abs=1e-5)


def test_scores_of_categories_are_kept_for_the_texts_that_make_them() -> None:
    rows = [Example((text, "kind"), id=n) for n, text in enumerate(TEXTS[:3], 1)]
    other = [*rows[:2], replace(rows[2], status="rejected")]
    for format, same in ((Format.CATEGORIES, False), (Format.PAIRS, True)):
        info = DatasetInfo(1, "main", format)
        assert (keys_of(info, rows, ["model"]) == keys_of(info, other, ["model"])) is same


def test_a_small_hold_out_of_many_rows_has_random_pairs_of_its_own(
    tmp_path: Path, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "_RANDOM_ROWS", 20)
    monkeypatch.setattr(scoring, "_RANDOM_PAIRS", 20)
    examples = [Example((f"{WORDS[n % 10]} {n}", f"{TEXTS[n % 40]} {n}")) for n in range(200)]
    held = (frozenset(range(1, 195)), frozenset(range(195, 201)))
    found = _compared(tmp_path, Format.PAIRS, examples, models, held)
    _scores, truth = found.of_part(found.second, HELD_OUT)
    assert truth.sum() == 6 == (~truth).sum()
    assert (found.of_part(found.second, EVERY_PART)[1]).sum() == 200
