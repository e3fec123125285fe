"""Near-duplicates as the engine finds them, in slices, with a tiny model in this process."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.dataset.formats import Example, Format, texts_of
from core.dataset.normalise import normalise
from core.engine.models import ModelStore
from core.engine.operations import OPERATIONS, Engine
from core.errors import Cancelled, UsageError
from core.project import Project
from tests.core import tiny_model
from tests.core.test_engine_scores import Request

WORDS = ("rose", "oak", "drum", "gear", "sail", "moth")
TEXTS = [" ".join(words) for words in itertools.permutations(WORDS, 3)]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(tiny_model.build(tmp_path_factory.mktemp("models") / "a", seed=1))


def ask(engine, **params):
    slices = 0
    while True:
        answer = OPERATIONS["near_duplicates"](engine, params, Request())
        if not answer.get("more"):
            return answer, slices
        slices += 1
        assert 0 <= answer["done"] <= answer["total"]
        params.update(answer["next"])


@pytest.mark.parametrize("format", [Format.PAIRS, Format.SCORED, Format.CATEGORIES])
def test_rows_that_nearly_repeat_an_earlier_one(tmp_path, model, format):
    from sentence_transformers import SentenceTransformer

    rows = [
        Example((TEXTS[n], "one" if format is Format.CATEGORIES else TEXTS[-1 - n]), 0.5, "0.5")
        if n % 7
        else Example((TEXTS[n], ""))
        for n in range(60)
    ]
    rows.append(Example((TEXTS[1].upper(), rows[1].texts[1]), 0.1, "0.1"))  # a copy, not nearly one
    with Project.create(tmp_path / "p", "P") as project:
        project.create_dataset("Main", format, examples=rows)
        info = project.datasets()[0]
        ids = list(project.ids(info.id))
        answer, _ = ask(
            Engine(ModelStore("cpu")), project=str(project.folder), dataset_id=info.id, model=model
        )
    unit = SentenceTransformer(model, device="cpu").encode([normalise(t) for row in rows for t in row.texts])
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-9)
    vectors = dict(zip((text for row in rows for text in row.texts), unit))
    kept, wanted = [], []
    for id, row in zip(ids, rows):
        if not all(row.texts):
            continue
        own = [vectors[text] for text in texts_of(format, row.texts)]
        orders = [own, own[::-1]] if format is Format.SCORED else [own]
        close = [min(float(a @ b) for a, b in zip(order, other)) for order in orders for other in kept]
        if close and max(close) > 0.99999:
            continue
        if close and max(close) >= 0.95:
            wanted.append(id)
        else:
            kept.append(own)
    assert answer["ids"] == wanted and wanted and not answer["cut"]


def test_nothing_to_compare_cancelled_and_unknown(tmp_path, model):
    engine = Engine(ModelStore("cpu"))
    with Project.create(tmp_path / "p", "P") as project:
        project.create_dataset("Main", Format.PAIRS)
        info = project.datasets()[0]
        params = {"project": str(project.folder), "dataset_id": info.id, "model": model}
        assert ask(engine, **params)[0]["ids"] == []
        project.add_examples(info.id, [Example(("a", "b"))])
        with pytest.raises(Cancelled):
            OPERATIONS["near_duplicates"](engine, params, Request(stop_after=0))
        with pytest.raises(UsageError):
            OPERATIONS["near_duplicates"](engine, {"model": model}, Request())
