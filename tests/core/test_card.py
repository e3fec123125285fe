"""The model card against the published cards it has to match, hostile texts, privacy and long logs."""

from __future__ import annotations

import ast
import html
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core import paths
from core.errors import FileProblem
from core.models import card_text
from core.models.card import render, write_card
from core.models.card_facts import (
    CardFacts,
    ColumnFacts,
    DatasetFacts,
    EvaluationFacts,
    LogRow,
    LossFacts,
    MetricFacts,
    RunFacts,
    UsageExample,
    WidgetExample,
    dataset_facts,
)

SEED_LOSSES = {
    "000": LossFacts("CosineSimilarityLoss", {"loss_fct": "torch.nn.modules.loss.MSELoss"}),
    "001": LossFacts("LoggingMultipleNegativesRankingLoss", {"scale": 20.0}, "__main__", "henderson2017"),
    "002": LossFacts("MultipleNegativesRankingLoss", {"scale": 20.0, "similarity_fct": "cos_sim"}),
    "003": LossFacts(
        "TripletLoss", {"distance_metric": "TripletDistanceMetric.COSINE", "triplet_margin": 0.3}
    ),
    "004": LossFacts("CosineSimilarityLoss", {"loss_fct": "torch.nn.modules.loss.MSELoss"}),
}


@pytest.fixture
def seeds() -> Path:
    """The published cards; ANCHORLAB_DATA names the data folder beside them."""
    data = Path(os.environ.get("ANCHORLAB_DATA") or paths.ROOT.parent / "shared" / "data")
    folder = data.parent / "seeds"
    if not folder.is_dir():
        pytest.skip(f"the published cards are not at {folder}")
    return folder


def make_facts(**changes: object) -> CardFacts:
    columns = (
        ColumnFacts("anchor", "string", 3, 3.7, 5),
        ColumnFacts("positive", "string", 3, 3.7, 5),
        ColumnFacts("negative", "string", 3, 5.3123, 12),
    )
    data = DatasetFacts("category", 2120, columns, 1000, (("Cardigan", "Trousers", "Toaster"),))
    accuracy = MetricFacts("cosine_accuracy", 169 / 177, 170 / 177, primary=True)
    facts = CardFacts(
        base_model="sentence-transformers/all-MiniLM-L6-v2",
        base_model_revision="c9745ed1d9f2",
        architecture="SentenceTransformer(\n  (0): Transformer({'max_seq_length': 256})\n)",
        max_sequence_length=256,
        output_dimension=384,
        similarity="cosine",
        usage=UsageExample(
            ("Dresses", "Sweaters", "Conference Table"),
            ((1.0, 0.9247, -0.367), (0.9247, 1, 0), (-0.367, 0, 1)),
        ),
        widgets=(WidgetExample("Trousers", ("Rice Cooker", "Jackets", "Sweaters")),),
        train=data,
        evaluation_set=replace(data, rows=177),
        evaluations=(EvaluationFacts("TripletEvaluator", "category_final_evaluation", (accuracy,), 177),),
        evaluation_name="category_final_evaluation",
        loss=SEED_LOSSES["003"],
        hyperparameters={"learning_rate": 2e-05, "output_dir": "/somewhere/private", "fsdp": []},
        non_default={"num_train_epochs": 4},
        log=(
            LogRow(0.0, 0, metrics={"cosine_accuracy": 169 / 177}),
            LogRow(0.0294, 1, 0.27123, 2e-5),
            LogRow(1.0, 34, 0.1, 1e-5),
            LogRow(1.0, 34, metrics={"cosine_accuracy": 170 / 177}),
        ),
        run=RunFacts(
            device="CPU · 2 threads",
            precision="bf16",
            seconds=75,
            steps=34,
            kept_step=34,
            learning_rate_peak=2e-5,
            learning_rate_end=1.5e-7,
            verdict="Not distinguishable from the base model: 169 → 170 of 177.",
        ),
        versions={"Python": "3.11.9", "PyTorch": "2.13.0"},
    )
    return replace(facts, **changes)


def split_card(text: str) -> tuple[dict, str]:
    _, block, body = re.split(r"^---\n", text, maxsplit=2, flags=re.MULTILINE)
    return yaml.safe_load(block), body


def headings(text: str) -> list[str]:
    """The Markdown headings, those inside comments too, code blocks left out."""
    body = re.sub(r"^( *)(`{3,})\w*\n.*?^\1\2$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#{1,6} .*$", body, flags=re.MULTILINE)


@pytest.mark.parametrize("number", sorted(SEED_LOSSES))
def test_every_heading_of_a_published_card_is_there_in_its_order(number, seeds):
    (path,) = seeds.glob(f"{number}_*.md")
    published = path.read_text(encoding="utf-8")
    front, body = split_card(published)
    unnamed = replace(make_facts().train, name="")
    facts = make_facts(
        train=unnamed, evaluation_set=None, loss=SEED_LOSSES[number], base_model=front["base_model"]
    )
    if "### Metrics" not in published:
        facts = replace(facts, evaluations=())
    ours = iter(headings(split_card(render(facts))[1]))
    missing = [heading for heading in headings(body) if heading not in ours]
    assert missing == []


@pytest.mark.parametrize("number", sorted(SEED_LOSSES))
def test_front_matter_has_every_key_and_tag_of_a_published_card(number, seeds):
    (path,) = seeds.glob(f"{number}_*.md")
    published, _ = split_card(path.read_text(encoding="utf-8"))
    size = next(int(tag.split(":")[1]) for tag in published["tags"] if tag.startswith("dataset_size"))
    train = replace(make_facts().train, rows=size)
    ours, _ = split_card(
        render(make_facts(train=train, loss=SEED_LOSSES[number], base_model=published["base_model"]))
    )
    assert set(published) <= set(ours)
    assert set(published["tags"]) <= set(ours["tags"])
    assert ours["base_model"] == published["base_model"]


def test_front_matter_loads_back():
    front, _ = split_card(render(make_facts()))
    assert front["tags"][-2:] == ["dataset_size:2120", "loss:TripletLoss"]
    assert front["widget"] == [
        {"source_sentence": "Trousers", "sentences": ["Rice Cooker", "Jackets", "Sweaters"]}
    ]
    (result,) = front["model-index"][0]["results"]
    assert result["task"] == {"type": "triplet", "name": "Triplet"}
    assert result["dataset"] == {"name": "category final evaluation", "type": "category_final_evaluation"}
    assert result["metrics"] == [{"type": "cosine_accuracy", "value": 170 / 177, "name": "Cosine Accuracy"}]
    assert front["metrics"] == ["cosine_accuracy"]


def test_the_figures_stand_in_their_tables():
    card = render(make_facts())
    assert "| **cosine_accuracy** | **0.9605** | **0.9548**" in card
    assert "| 0.0     | 0      | -             | -" in card  # the base model's row
    assert re.search(
        r"\| \*\*1\.0\*\* \| \*\*34\*\* \| \*\*0\.1\*\* +\| \*\*1e-05\*\* +\| \*\*0\.9605\*\*", card
    )
    assert "category_final_evaluation_cosine_accuracy" in card
    assert "<ul><li>min: 3 tokens</li><li>mean: 5.31 tokens</li><li>max: 12 tokens</li></ul>" in card
    assert "* Size: 2,120 training samples" in card and "* Size: 177 evaluation samples" in card
    assert "# tensor([[ 1.0000,  0.9247, -0.3670],\n#         [ 0.9247," in card
    assert "2e-05 at its peak, 1.5e-07 at the end" in card
    assert "**Verdict:** Not distinguishable from the base model: 169 → 170 of 177." in card
    assert "bf16" in card and "CPU · 2 threads" in card and "1.2 minutes" in card
    assert "/somewhere/private" not in card
    assert "- `fsdp`: []\n" in card


def test_nothing_held_out_still_makes_a_whole_card():
    facts = make_facts(evaluations=(), evaluation_set=None, log=(LogRow(0.5, 1, 0.3, 1e-5),), run=RunFacts())
    front, body = split_card(render(facts))
    assert "model-index" not in front and "metrics" not in front
    assert "## Evaluation\n" not in body and "### Evaluation Dataset" not in body
    assert "| 0.5   | 1    | 0.3           | 1e-05         |" in body


HOSTILE = (
    "</code></td><script>alert(1)</script>",
    "a | b\n| c |\r\n---\n# heading",
    "<!-- open --> and -->",
    "```\n---\nbase_model: evil\n```",
    "[click](javascript:alert(1)) ![x](http://x/y.png) *a* _b_ ~~c~~ $x$",
    "'quote' \"double\" \\ {{ jinja }} %s - : # & &lt; 🤗 \x00\x07\x85\u2028\u202e\ud800\ufffe",
    "",
)


def hostile_facts(text: str) -> CardFacts:
    return make_facts(
        usage=UsageExample((text, "b", "c"), ((1.0, 0, 0), (0, 1.0, 0), (0, 0, 1.0))),
        widgets=(WidgetExample(text, (text, text)),),
        train=replace(make_facts().train, name=text, samples=((text, text, text),)),
        evaluation_name=text,
        project=text,
        run=RunFacts(verdict=text, notes=(text,), device=text),
    )


def check_hostile(text: str) -> None:
    card = render(hostile_facts(text))
    card.encode("utf-8")
    front, body = split_card(card)
    assert front["base_model"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert front["widget"][0]["source_sentence"] == card_text.shorten(card_text.clean(text))
    prose = re.sub(r"^( *)(`{3,})\w*\n.*?^\1\2$", "", body, flags=re.MULTILINE | re.DOTALL)
    # everything our own words use; anything beyond must have come out of the text
    tags = {tag.lower() for tag in re.findall(r"<[^\s>]*", prose)}
    assert tags <= {
        *(
            "<code",
            "</code",
            "<ul",
            "</ul",
            "<li",
            "</li",
            "<br",
            "<details",
            "</details",
            "<summary",
            "</summary",
            "<!--",
        )
    }
    ours = 12 if card_text.line(text) == "" else 11  # one more says that the dataset has no name
    assert prose.count("<!--") == prose.count("-->") == ours
    tables = re.findall(r"(?:^ *\|.*\n)+", prose, flags=re.MULTILINE)
    for found in tables:
        assert len({row.count("|") for row in found.splitlines()}) == 1, found
    sentences = re.search(r"^sentences = (\[\n.*?^\])$", body, flags=re.MULTILINE | re.DOTALL)
    assert sentences is not None
    assert ast.literal_eval(sentences.group(1))[0] == card_text.clean(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text(text):
    check_hostile(text)


@given(st.text(alphabet=st.sampled_from("ab <>|`*_[]\\~$&;-!#:'\"\n\r/\x00\u2028é"), max_size=30))
def test_any_text_stays_text(text):
    check_hostile(text)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a -->", "</code>"])
def test_no_tag_of_a_text_stands_anywhere_in_the_file(text):
    assert "<script" not in render(hostile_facts(text))
    assert "a -->" not in render(hostile_facts(text))
    assert "</code></code>" not in render(hostile_facts(text))


def test_a_text_in_a_cell_reads_as_it_was():
    text = "snake_case _em_ 5 < 6 & [x] a|b `c` https://x www.y *z*"
    assert html.unescape(card_text.code(text)) == f"<code>{text}</code>"
    assert "snake_case" in card_text.code(text)


def test_private_texts_are_nowhere():
    secret = "unmistakable secret sentence"
    facts = hostile_facts(secret)
    data = replace(facts.train, name="category")
    facts = replace(facts, train=data, evaluation_set=data, evaluation_name="", project="", run=RunFacts())
    assert secret in render(facts)
    card = render(replace(facts, include_texts=False))
    assert secret not in card and "widget" not in split_card(card)[0]
    assert "* Samples: left out" in card


@pytest.mark.parametrize(("rows", "folded"), [(2_000, False), (2_001, True)])
def test_a_long_log_is_folded_and_whole(rows, folded):
    log = tuple(LogRow(step / 100, step, 0.5, 2e-5) for step in range(1, rows + 1))
    card = render(make_facts(log=log))
    assert (f"Click to expand all {rows:,} rows" in card) is folded
    assert len(re.findall(r"^\| \**\d+\.\d+", card, flags=re.MULTILINE)) == rows


def test_losses_that_are_tiny_or_no_number():
    log = (LogRow(0.1, 1, 0.00001234), LogRow(0.2, 2, float("nan")), LogRow(0.3, 3, 0.0))
    card = render(make_facts(log=log))
    assert "1.23e-05" in card and "not finite" in card and "| 0.0 " in card


def test_a_local_base_model_is_named_without_its_path():
    card = render(
        make_facts(base_model="/home/someone/models/mine", base_model_on_hub=False, base_model_revision="")
    )
    assert "/home/someone" not in card
    assert "- **Base model:** mine" in card


def test_statistics_count_as_the_model_sees_them():
    rows = [("a b", "c", 0.0), ("d", "e f g", 1.0), ("h", "i", None)]
    facts = dataset_facts(
        "d", ("x", "y", "s"), rows, lambda texts: [len(text.split()) for text in texts], total=9
    )
    assert facts.rows == 9 and facts.statistics_rows == 3
    assert facts.columns == (
        ColumnFacts("x", "string", 1, 4 / 3, 2),
        ColumnFacts("y", "string", 1, 5 / 3, 3),
        ColumnFacts("s", "float", 0, 0.5, 1),
    )
    assert facts.samples[2] == ("h", "i", None)


def test_write_card_replaces_the_readme(tmp_path):
    (tmp_path / "README.md").write_text("old")
    write_card(tmp_path, make_facts())
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert text.startswith("---\ntags:") and json.dumps({"triplet_margin": 0.3})[1:-1] in text
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(FileProblem):
        write_card(blocked / "model", make_facts())
