"""The comparison of recipes: labels never touch the test rows, nothing is measured twice, the table says what was measured."""

from __future__ import annotations

import pytest

from core.dataset.formats import Example, Format
from core.dataset.normalise import normalise
from tests.bench.recipe_study import tables
from tests.bench.recipe_study.data import TASKS, Task
from tests.bench.recipes import Bench, Cell, read


@pytest.mark.parametrize("name", TASKS)
def test_labels_and_test_rows_share_nothing(name, data_dir):
    task = TASKS[name](data_dir)
    assert len(task.pool) >= 1_000
    assert len(task.test) >= 300
    known = {tuple(normalise(text) for text in row.texts) for row in task.test}
    assert not known & {tuple(normalise(text) for text in row.texts) for row in task.pool}
    if name != "categories":  # a dozen names are all it has
        texts = {text for row in known for text in row}
        assert not texts & {normalise(text) for row in task.pool for text in row.texts}


def test_a_draw_repeats_and_a_small_one_is_part_of_a_large_one():
    task = Task("data", Format.PAIRS, [Example((f"a{n}", f"b{n}")) for n in range(50)], [])
    assert task.draw(20, 1) == task.draw(20, 1)
    assert task.draw(20, 1)[:5] == task.draw(5, 1)
    assert task.draw(20, 1) != task.draw(20, 2)


def test_what_is_measured_is_not_measured_again(tmp_path):
    results = tmp_path / "results.jsonl"
    bench = Bench(results, "no model is loaded")
    task = Task("tags", Format.PAIRS, [], [Example(("a", "b"))])
    bench._tell(Cell("tags", 0, 0, "base", 1, "fp32", {"": {"ndcg@10": 0.5}}))
    Bench(results, "no model is loaded").base(task)
    assert [cell.notes["commit"] for cell in read(results)] == [bench.commit]


def test_the_table_has_mean_and_spread_over_the_draws():
    cells = [Cell("tags", 0, 0, "base", 1, "fp32", {"": {"ndcg@10": 0.5}})]
    cells += [
        Cell("tags", 30, seed, "stock", 1, "fp32", {"": {"ndcg@10": 0.6 + seed / 10}}) for seed in (0, 1)
    ]
    assert (
        tables.main_table(cells).splitlines()[-1] == "| tags, ndcg@10 | 30 | 2 | 0.5000 | 0.6500 ± 0.0707 |"
    )


def test_the_line_from_base_to_tuned():
    import torch

    from tests.bench.recipe_study.trajectory import blend

    base, tuned = {"w": torch.tensor([0.0, 2.0])}, {"w": torch.tensor([1.0, 0.0])}
    assert blend(base, tuned, 0.5)["w"].tolist() == [0.5, 1.0]
    assert blend(base, tuned, 1.5)["w"].tolist() == [1.5, -1.0]


def test_the_table_of_the_examples_says_what_was_kept():
    from tests.bench.examples import Trained, table

    kept = Trained("a", "card", "Spearman", 0.1, 0.25, 31, "few", "best", 0.75, None, 2.4, {}, "abc")
    nothing = Trained("b", "automatic", "NDCG@10", 0.9, None, 40, "base", "base", 0.0, None, 2.6, {}, "abc")
    assert table([kept, nothing]).splitlines()[2:] == [
        "| a | As in the card | Spearman | 31 | 0.1000 | 0.2500 | few | best × 0.75 | 2 |",
        "| b | Automatic | NDCG@10 | 40 | 0.9000 |  | base | base | 3 |",
    ]


def test_the_table_of_dropout_compares_the_same_runs():
    def cell(recipe: str, seed: int, end: float) -> Cell:
        names = ["5", "10@0.25", "10@0.5", "10@0.75", "10", "10@1.25", "10@1.5"]
        return Cell("tags", 30, seed, recipe, 9, "bf16", {name: {"ndcg@10": end} for name in names})

    cells = [cell("x", 0, 0.5), cell("x", 1, 0.9), cell("x dropout", 0, 0.4), cell("alone", 0, 0.1)]
    assert tables.dropout_table(cells).splitlines()[2:] == [
        "| tags | 30 | x | 1 | 0.5000 | 0.4000 | 0.5000 | 0.4000 |"
    ]
