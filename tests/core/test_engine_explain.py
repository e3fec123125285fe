"""Why two texts are alike, and how alike many are, as the engine answers it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.explaining import MOST_TEXTS
from core.engine.models import ModelStore
from core.engine.operations import OPERATIONS, Engine
from core.errors import Cancelled, UsageError
from core.models import loading
from core.models.catalogue import embedded_path
from core.models.encoder import encode
from core.similarity import token_vectors
from core.similarity.ordering import clustered
from tests.core import tiny_model

TEXTS = ["a red coat", "red coats", "blue shoes", "shoes of blue", "a hat"]


texts = st.text(st.characters(exclude_characters="\0"), max_size=60)


class Request:
    """What an operation wants to know of a request."""

    def __init__(self, stop: bool = False) -> None:
        self.stop = stop
        self.told: list[tuple[int, int]] = []

    def should_stop(self) -> bool:
        return self.stop

    def check(self) -> None:
        if self.stop:
            raise Cancelled

    def progress(self, done: int, total: int, left: float | None) -> None:
        self.told.append((done, total))


@lru_cache
def engine() -> Engine:
    return Engine(ModelStore(device="cpu"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("explain")


@pytest.fixture(scope="module")
def models(folder) -> list[str]:
    return [
        str(tiny_model.build(folder / "a", seed=1)),
        str(tiny_model.build(folder / "b", seed=2, similarity="dot")),
    ]


@lru_cache
def loaded(model: str) -> Any:
    return loading.load(model, device="cpu")


def ask(op: str, folder: Path, request: Request | None = None, **params: Any) -> dict[str, Any]:
    return OPERATIONS[op](engine(), {"project": str(folder), **params}, request or Request())  # type: ignore[arg-type]


def table(result: dict[str, Any]) -> Any:
    path = Path(result["file"])
    found = np.load(path)
    path.unlink()
    return found


@given(texts, texts)
@settings(max_examples=25, deadline=None)
def test_the_cells_add_up_to_the_score_of_a_search(folder, models, one, other) -> None:
    answer = ask("explain", folder, one=one, other=other, models=models)
    for name, result in zip(models, answer["results"], strict=True):
        cells = table(result)
        vectors = encode(loaded(name), [one, other]).astype(float)
        product = float(vectors[0] @ vectors[1])
        lengths = float(np.prod(np.linalg.norm(vectors, axis=1)))
        score = product / lengths if result["metric"] == "cosine" else product
        assert result["exact"] and result["reason"] == ""
        assert result["score"] == cells[-1, -1] == pytest.approx(score, rel=1e-5, abs=1e-5)
        assert cells[:-1, :-1].sum() == pytest.approx(result["sum"])
        assert result["sum"] == pytest.approx(score, rel=1e-4, abs=1e-4)
        assert cells[:-1, -1].sum() == pytest.approx(result["sum"])
        for side, count in ((result["rows"], len(cells) - 1), (result["columns"], cells.shape[1] - 1)):
            assert len(side["pieces"]) == len(side["words"]) == len(side["spans"]) == count


@pytest.fixture(scope="module")
def headed(folder, models) -> str:
    """Mean pooling and a linear layer behind it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense

    torch.manual_seed(5)
    head = Dense(32, 24, activation_function=torch.nn.Identity())
    made = SentenceTransformer(modules=[*loaded(models[0]), head], device="cpu")
    made.save(str(folder / "headed"), create_model_card=False)
    return str(folder / "headed")


@given(texts, texts)
@settings(max_examples=10, deadline=None)
def test_they_do_so_for_the_base_model_and_behind_a_linear_layer(folder, headed, one, other) -> None:
    models = [str(embedded_path()), headed]
    answer = ask("explain", folder, one=one, other=other, models=models)
    for name, result in zip(models, answer["results"], strict=True):
        vectors = encode(loaded(name), [one, other]).astype(float)
        score = float(vectors[0] @ vectors[1] / np.prod(np.linalg.norm(vectors, axis=1)))
        assert result["exact"] and table(result)[:-1, :-1].sum() == pytest.approx(score, abs=1e-4)


def test_pieces_say_where_they_stand(folder, models) -> None:
    answer = ask("explain", folder, one="  Red\ncoat!", other="漢字 é", models=models[:1])
    (result,) = answer["results"]
    table(result)
    for side, text in ((result["rows"], "  Red\ncoat!"), (result["columns"], "漢字 é")):
        for piece, word, span in zip(side["pieces"], side["words"], side["spans"], strict=True):
            assert (span is None) == (word == token_vectors.SPECIAL)
            assert span is None or text[span[0] : span[1]] == piece


def test_a_prompt_stands_nowhere_in_the_text(folder, models) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(
        modules=list(loaded(models[0])), prompts={"q": "find: "}, default_prompt_name="q", device="cpu"
    )
    (found,) = token_vectors.decompose(model, ["ab c"])
    spans = [span for span in found.spans if span is not None]
    assert spans == [(0, 1), (1, 2), (3, 4)] and len(found.spans) == len(found.pieces) > 5
    assert [span for span in found.by_word().spans if span is not None] == [(0, 2), (3, 4)]


def test_leaving_words_out(folder, models) -> None:
    answer = ask(
        "explain", folder, one="a red coat", other="red shoes", models=models[:1], method="occlusion"
    )
    (result,) = answer["results"]
    cells = table(result)
    vectors = encode(loaded(models[0]), ["a red coat", "a coat", "red shoes"]).astype(float)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert not result["exact"] and result["sum"] is None and result["reason"]
    assert result["rows"]["pieces"] == ["a", "red", "coat"]
    assert cells[1, -1] == pytest.approx((vectors[0] - vectors[1]) @ vectors[2], abs=1e-5)


def test_a_model_without_a_sum_is_explained_by_occlusion_and_says_why(folder, models) -> None:
    bent = str(tiny_model.build(folder / "bent", dense=8))
    far = str(tiny_model.build(folder / "far", similarity="euclidean"))
    answer = ask("explain", folder, one="a b", other="c d", models=[models[0], bent, far])
    exact, second, third = answer["results"]
    for result in answer["results"]:
        assert np.isfinite(table(result)).all()
    assert exact["exact"] and not second["exact"] and not third["exact"]
    assert "not linear" in second["reason"] and "distance" in third["reason"]


def test_a_text_is_taken_apart_once(folder, models, monkeypatch) -> None:
    apart: list[str] = []
    real = token_vectors.decompose
    monkeypatch.setattr(
        token_vectors, "decompose", lambda model, texts: apart.extend(texts) or real(model, texts)
    )
    for other in ("second text", "third text", "second text"):
        for result in ask("explain", folder, one="first text", other=other, models=models[:1])["results"]:
            table(result)
    assert apart == ["first text", "second text", "third text"]


def test_every_text_with_every_other(folder, models) -> None:
    request = Request()
    answer = ask("alike", folder, request, texts=TEXTS, models=models)
    scores = table(answer)
    assert scores.shape == (2, 5, 5) and request.told[-1] == (10, 10)
    for number, name in enumerate(models):
        vectors = encode(loaded(name), TEXTS).astype(float)
        if number == 0:
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        assert scores[number] == pytest.approx(vectors @ vectors.T, rel=1e-4, abs=1e-4)
        assert sorted(answer["orders"][number]) == list(range(5))


def test_alike_texts_stand_together() -> None:
    random = np.random.default_rng(4)
    middles = random.standard_normal((6, 12))
    group = random.permutation(np.repeat(np.arange(6), 15))
    vectors = middles[group] + 0.05 * random.standard_normal((90, 12))
    order = clustered(vectors @ vectors.T / np.outer(*[np.linalg.norm(vectors, axis=1)] * 2))
    assert sorted(order.tolist()) == list(range(90))
    assert int((np.diff(group[order]) != 0).sum()) == 5, "six groups, five seams"
    line = np.linspace(0, 3, 40)[random.permutation(40)]
    order = clustered(-np.abs(line[:, None] - line[None]))
    steps = np.diff(line[order])
    assert (steps > 0).all() or (steps < 0).all(), "texts along a line come out in its order"
    assert clustered(np.zeros((0, 0))).tolist() == [] and clustered(np.ones((1, 1))).tolist() == [0]


@given(st.integers(2, 40), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_the_order_keeps_the_groups_of_scipy_together_and_is_not_longer_than_its_best(
    count: int, seed: int
) -> None:
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering, to_tree
    from scipy.spatial.distance import squareform

    vectors = np.random.default_rng(seed).standard_normal((count, 4))
    apart = np.sqrt(((vectors[:, None] - vectors[None]) ** 2).sum(axis=2))
    flat = squareform(apart, checks=False)
    tree, order = linkage(flat, "average"), clustered(-apart)
    place = np.argsort(order)
    nodes = to_tree(tree, rd=True)[1]
    for node in nodes:
        inside = np.sort(place[node.pre_order()])
        assert inside[-1] - inside[0] + 1 == len(inside), "a group of the tree stands together"
    best = leaves_list(optimal_leaf_ordering(tree, flat))
    long, theirs = (float(apart[one[:-1], one[1:]].sum()) for one in (order, best))
    assert long <= 1.05 * theirs


def test_wrong_requests_and_cancelling(folder, models) -> None:
    with pytest.raises(UsageError):
        ask("explain", folder, one="a", models=models)
    with pytest.raises(UsageError):
        ask("explain", folder, one="a", other="b", models=models, method="magic")
    with pytest.raises(UsageError):
        ask("explain", folder, one="a", other="b", models=[])
    for texts in ([], "text", [1, 2], [str(n) for n in range(MOST_TEXTS + 1)]):
        with pytest.raises(UsageError):
            ask("alike", folder, texts=texts, models=models)
    for op, params in (("explain", {"one": "x", "other": "y"}), ("alike", {"texts": TEXTS})):
        with pytest.raises(Cancelled):
            ask(op, folder, Request(stop=True), models=models, **params)


def test_leaving_words_out_tells_what_the_model_did_not_read(folder, models) -> None:
    """The tiny model reads 62 letters between its two special tokens."""
    long = "red " * 20 + "hat"
    answer = ask("explain", folder, one=long, other="a coat", models=models[:1], method="occlusion")
    (result,) = answer["results"]
    side = result["rows"]
    assert side["truncated"] and not result["columns"]["truncated"]
    assert side["spans"][19] == [76, 79] or side["spans"][19] == (76, 79)
    assert side["spans"][20] == (80, 82) and side["spans"][-1] == (80, 82)
    longer = ask(
        "explain", folder, one=f"{long} shoes", other="a coat", models=models[:1], method="occlusion"
    )
    side = longer["results"][0]["rows"]
    assert side["pieces"][-1] == "shoes" and side["spans"][-1] is None
    assert table(longer["results"][0])[-2, -1] == pytest.approx(0, abs=1e-6), "it loses nothing without it"


def test_a_sign_without_a_token_at_the_end_is_no_cut(folder, models) -> None:
    for method in ("sum", "occlusion"):
        answer = ask("explain", folder, one="a red coat\u200b", other="a", models=models[:1], method=method)
        assert not answer["results"][0]["rows"]["truncated"]
