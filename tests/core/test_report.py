"""The report of a run: every shape of data, what is missing said plainly, and a page that is sound whatever the texts hold."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from core.dataset.formats import Example, Format
from core.errors import Cancelled
from core.models.card_threshold import CATEGORY
from core.project import Project
from core.project.edits import DeleteDataset
from core.project.probes import Probe, put
from core.report import compose, gather, html, make, style
from core.report.blocks import Cell, Head
from core.report.facts import Facts
from core.report.section_rows import distances, telling
from core.report.widths import shared
from core.similarity.before_after import Outcome
from core.similarity.labelled import HELD_OUT, TRAINING
from core.training.run_probes import Found, RunProbes, read_probes, save_probes
from core.training.run_threshold import RunThreshold, read_threshold, set_threshold
from core.training.runs import read_run, set_label, set_note
from tests.core import tiny_model
from tests.core.report_support import HOSTILE, InProcess, Page, project_of, run_of, with_verdict
from tests.core.training_support import examples


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("models")
    return str(tiny_model.build(folder / "base", seed=1)), str(tiny_model.build(folder / "tuned", seed=2))


@pytest.fixture
def engine() -> InProcess:
    return InProcess()


def page_of(project: Path, run, engine: InProcess) -> Page:
    return Page(html.page(make.make(project, run, engine.asking())))


@pytest.mark.parametrize("format", Format)
def test_every_shape_of_data_gives_a_whole_page(tmp_path, models, engine, format) -> None:
    project = project_of(tmp_path / "p", format)
    run = run_of(project, *models, reasons={"seed": "So that it repeats."}, sources={"seed": "user"})
    page = page_of(project, run, engine)
    assert page.sections() == [
        *(
            "summary",
            "data",
            "recipe",
            "curves",
            "rows",
            "scores",
            "probes",
            "map",
            "use",
            "environment",
            "limits",
        ),
    ]
    assert dict(page.elements)["html"] == {"lang": "en"} and page.count("h1") == 1
    assert page.count("h2") == len(page.sections()) and page.count("script") == 0
    for words in (
        "Not distinguishable from the base model",
        "0.500",
        "0.625",
        "95 %: −0.050 to +0.300",
        "So that it repeats.",
    ):
        assert words in page.text, words
    assert "36 rows" in page.text and "Hold-out: the most telling rows" in page.text
    assert "PyTorch 2.13.0" in page.text and "CPU · 2 threads" in page.text and "1 min 1 s" in page.text
    assert "one text other text 0.25 0.75 +0.50" in page.text, "what the run told of its probes"
    assert len(page.svgs) == 5, "loss, evaluation, outcomes, histograms, map"
    for svg in page.svgs:
        assert svg.get("role") == "img" and svg.get("aria-label")
    assert "threshold = 0." in page.text and "nobody has chosen one yet" in page.text


def test_figures_are_those_of_the_explorer(tmp_path, models, engine) -> None:
    project = project_of(tmp_path / "p", Format.TRIPLETS)
    run = run_of(project, *models)
    facts = gather.facts(project, run, engine.asking())
    found = facts.compared.comparison
    assert found is not None
    text = Page(html.page(compose.report(facts))).text
    for part, title in ((TRAINING, "Training"), (HELD_OUT, "Hold-out")):
        one = found.tallies()[part]
        assert (
            f"{title} {one.count} {one.fixed} {one.broken} {one.still_wrong} {one.still_right} {one.before:.1%}"
            in text
        )
    before, after = distances(found)
    for outcome in (Outcome.FIXED, Outcome.BROKEN, Outcome.STILL_WRONG):
        places = telling(found, before, after, TRAINING, outcome)
        assert set(found.outcomes[places].tolist()) <= {outcome}
    fixed = telling(found, before, after, TRAINING, Outcome.FIXED)
    moved = (after - before)[fixed]
    assert (moved[:-1] >= moved[1:]).all(), "what moved farthest stands first"


def test_the_same_facts_give_the_same_page_and_the_second_time_nobody_is_asked(
    tmp_path, models, engine
) -> None:
    project = project_of(tmp_path / "p", Format.PAIRS)
    run = run_of(project, *models)
    first = html.page(make.make(project, run, engine.asking()))
    assert {"score_rows", "map"} == set(engine.asked)
    again = InProcess()
    assert html.page(make.make(project, run, again.asking())) == first and again.asked == []
    with Project.open(project) as opened:
        row = next(iter(opened.rows(opened.datasets()[0].id)))
        opened.set_cells([(row.id, "anchor", "another text")])
    third = Page(html.page(make.make(project, run, again.asking())))
    assert "score_rows" in again.asked, "other rows, other scores"
    assert "1 row of the run changed or went since then" in third.text


def test_no_hold_out_is_said_and_so_is_a_chosen_threshold(tmp_path, models, engine) -> None:
    project = project_of(tmp_path / "p", Format.SCORED)
    run = run_of(project, *models, held=0)
    set_threshold(run.folder, RunThreshold(0.4321, "training", 48, 0.9, 0.8, 0.85))
    text = page_of(project, run, engine).text
    for words in (
        "Nothing was held out: rows that the model has learned from prove little.",
        "The model has learned from these rows, so it looks better here than it is.",
        "Nothing was held out, so nothing here says how the model does on texts it has not seen.",
        "Somebody chose 0.4321 for this model, on 48 comparisons (training).",
        "threshold = 0.4321 # chosen on training",
        "Run 1, chosen 0.432",
    ):
        assert words in text, words


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("", "Interrupted: there is no result"),
        ("failed", "The <b>loss</b> is not a number. Choose a smaller rate."),
    ],
)
def test_a_run_without_a_model_has_its_curves_and_no_more(tmp_path, models, engine, end, words) -> None:
    project = project_of(tmp_path / "p", Format.SCORED)
    run = run_of(project, *models, end=end)
    page = page_of(project, run, engine)
    assert words in page.text and page.count("b") == 0
    assert page.sections() == ["summary", "data", "recipe", "curves", "probes", "environment", "limits"]
    assert engine.asked == [] and len(page.svgs) == 2


def test_what_is_gone_is_told_in_a_sentence(tmp_path, models, engine) -> None:
    project = project_of(tmp_path / "p", Format.SCORED)
    run = run_of(project, str(tmp_path / "moved away"), models[1])
    assert "The rows could not be scored: There is no model" in page_of(project, run, engine).text
    random = run_of(project, "random", models[1])
    assert page_of(project, random, engine).text.count("The run began with random weights") == 3
    (run.folder / "data" / "train.parquet").unlink()
    (run.folder / "data" / "holdout.parquet").unlink()
    assert "The run's copy of its rows is no longer there." in page_of(project, run, engine).text
    with Project.open(project) as opened:
        opened.apply(DeleteDataset(opened.datasets()[0].id), "Delete the dataset")
    assert "The dataset of this run is no longer in the project." in page_of(project, run, engine).text
    (run.folder / "spec.json").write_text("{")
    text = page_of(project, read_run(run.folder), engine).text
    assert "Its settings (spec.json)" in text


def test_pairs_of_one_kind_have_no_threshold(tmp_path, models, engine) -> None:
    rows = [Example(row.texts, 1.0) for row in examples(Format.SCORED, 40)]
    project = project_of(tmp_path / "p", Format.SCORED, rows)
    text = page_of(project, run_of(project, *models), engine).text
    assert "A threshold needs similar and dissimilar pairs, and here there is one kind only." in text
    assert "threshold = " not in text


@pytest.mark.parametrize("format", Format)
def test_hostile_texts_stay_text(tmp_path, models, engine, format) -> None:
    kept = HOSTILE.replace("\ud800", "")
    bad = kept.replace("\x00", "")  # what a database refuses never comes so far
    width = {Format.TRIPLETS: 3}.get(format, 2)
    rows = [
        Example(
            tuple(
                f"{number % 3 if format is Format.CATEGORIES and slot else number}{bad}{slot}"
                for slot in range(width)
            ),
            float(number % 2) if format is Format.SCORED else None,
        )
        for number in range(24)
    ]
    project = project_of(tmp_path / "p", format, rows, name="<img src=x onerror=alert(1)>")
    run = run_of(project, *models, dataset_name='"><script>x</script>', reasons={"seed": kept}, notes=[kept])
    set_label(run.folder, "</title><script>")
    set_note(run.folder, kept)
    run = with_verdict(read_run(run.folder), "better", HOSTILE)
    text = html.page(make.make(project, run, engine.asking()))
    page = Page(text)
    assert page.count("script") == 0 and page.count("img") == 0 and page.count("svg") == len(page.svgs)
    assert "<script>alert(1)</script>" in page.text, "shown as what it is"
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]", text)
    assert "characters)" in page.text, "long texts are cut, and say so"
    handlers = [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert handlers == []
    text.encode("utf-8")


def test_nothing_on_the_page_needs_a_network_or_a_script(tmp_path, models, engine) -> None:
    project = project_of(tmp_path / "p", Format.TRIPLETS)
    page = page_of(project, run_of(project, *models), engine)
    for tag, attributes in page.elements:
        assert tag not in ("script", "link", "iframe", "object", "img", "base"), tag
        assert not {"src", "srcset", "action", "background"} & set(attributes)
        assert str(attributes.get("href", "#")).startswith("#")
    ids = {str(attributes["id"]) for _, attributes in page.elements if "id" in attributes}
    links = {str(attributes["href"])[1:] for tag, attributes in page.elements if tag == "a"}
    assert links == set(page.sections()) <= ids
    for tag, attributes in page.elements:
        if tag == "th":
            assert attributes.get("scope") in ("col", "row")
    assert page.count("caption") == page.count("table")


def test_private_texts_stay_out(tmp_path, models, engine) -> None:
    rows = [Example((f"secret {n}", f"hidden {n}", f"covert {n}")) for n in range(40)]
    project = project_of(tmp_path / "p", Format.TRIPLETS, rows)
    notes = ["A note.", "It quotes “secret 1”."]
    run = run_of(project, *models, include_texts=False, notes=notes)
    text = page_of(project, run, engine).text
    assert not re.search("secret|hidden|covert|one text", text.replace('one text", "another', ""))
    assert "A note." in text and "The texts are private" in text and "Group 1" in text
    assert "Right and wrong, before and after" in text, "figures are no texts"


def test_stopping_between_two_steps(tmp_path, models, engine) -> None:
    project = project_of(tmp_path / "p", Format.SCORED)
    run = run_of(project, *models)
    for most in (1, 4, 12):
        left = iter(range(most))
        with pytest.raises(Cancelled):
            make.make(project, run, engine.asking(should_stop=lambda left=left: next(left, None) is None))


@pytest.mark.parametrize(
    ("word", "title", "tone"),
    [
        ("better", "Better than the base model", "verdict positive"),
        ("worse", "Worse than the base model", "verdict negative"),
        ("base", "No better than the base model, which was kept", "verdict"),
        ("few", "Too few held-out rows to tell", "verdict"),
    ],
)
def test_the_verdict_is_plain(tmp_path, models, word, title, tone) -> None:
    project = project_of(tmp_path / "p", Format.SCORED)
    run = with_verdict(run_of(project, *models), word, "Better. The words.")
    report = compose.report(Facts(replace(run, folder=run.folder), "P"))
    page = Page(html.page(report))
    assert title in page.text and "The words." in page.text
    assert ("div", {"class": tone}) in page.elements


def test_probes_what_got_worse_stands_first(tmp_path, models, engine) -> None:
    project = project_of(tmp_path / "p", Format.SCORED)
    run = run_of(project, *models)
    probes = (
        Probe(1, "good", "pair", "similar"),
        Probe(2, "a query", "", k=5, expected=("hit one", "hit two")),
        Probe(3, "first", "second", lower=("third", "fourth")),
        Probe(4, "only", "looked at"),
    )
    tuned = (
        Found(True, (), (0.9,)),
        Found(False, (2, 9), (0.8, 0.4)),
        Found(True, (), (0.7, 0.4)),
        Found(None, (), (0.3,)),
    )
    base = (
        Found(True, (), (0.8,)),
        Found(True, (1, 3), (0.8, 0.6)),
        Found(False, (), (0.4, 0.5)),
        Found(None, (), (0.2,)),
    )
    save_probes(run.folder, RunProbes(run.folder.name, 99, probes, tuned, base))
    text = page_of(project, run, engine).text
    assert "Pass 2 of 3 Base model Pass 2 of 3 Run 1 Regressions 1" in text
    rows = (
        "a query among the first 5: hit one; hit two rank 3 rank 9 regressed",
        "first ↔ second scores higher than third ↔ fourth −0.10 +0.30 fixed",
        "good ↔ pair similar 0.80 0.90 passes",
        "only ↔ looked at – 0.20 0.30 –",
    )
    places = [text.index(row) for row in rows]
    assert places == sorted(places)
    private = run_of(project, *models, include_texts=False)
    save_probes(private.folder, RunProbes(private.folder.name, 99, probes, tuned, base))
    text = page_of(project, private, engine).text
    assert "2 of 3" in text and "hit one" not in text and "one text other" not in text


def test_long_texts_get_more_room_than_short_ones() -> None:
    heads = (Head("A"), Head("B"), Head("C", True, 0.5))
    rows = [(Cell("a", data=True), Cell("b" * 200, data=True), Cell("1"))]
    found = shared(heads, rows)
    assert found[1].weight > 3 * found[0].weight and found[2] == heads[2]
    assert sum(head.weight for head in found) == pytest.approx(2.5)
    assert shared(heads, []) == heads


def test_a_pair_without_a_threshold_is_not_counted_as_failed(tmp_path, models, engine) -> None:
    project = project_of(tmp_path / "p", Format.SCORED)
    run = run_of(project, *models)
    probes = (Probe(1, "good", "pair", "similar"), Probe(2, "first", "second", lower=("third", "fourth")))
    tuned = (Found(False, (), (0.4996,)), Found(True, (), (0.7, 0.4)))
    base = (Found(None, (), (0.8,)), Found(True, (), (0.7, 0.4)))
    save_probes(run.folder, RunProbes(run.folder.name, 99, probes, tuned, base, thresholds=(0.5, None, None)))
    text = page_of(project, run, engine).text
    assert "Pass 1 of 1 Base model Pass 1 of 2 Run 1" in text
    assert "its model's threshold on: 0.500 for Run 1." in text
    assert "good ↔ pair similar 0.80 0.4996 fails" in text


def test_a_threshold_of_categories_is_none_of_two_texts(tmp_path, models, engine) -> None:
    project = project_of(tmp_path / "p", Format.CATEGORIES)
    run = run_of(project, *models, held=0)
    text = page_of(project, run, engine).text
    assert "48 comparisons with the rest of their category and 48 with the nearest other one" in text
    assert "similar = scores >= threshold" not in text and "belongs = [cosine >= threshold" in text
    set_threshold(run.folder, RunThreshold(0.4321, "training", 96, of=CATEGORY))
    assert read_threshold(run.folder) == RunThreshold(0.4321, "training", 96, of=CATEGORY)
    assert "belongs = [cosine >= threshold" in page_of(project, run, engine).text
    set_threshold(run.folder, RunThreshold(0.4321, "other rows", 96))
    text = page_of(project, run, engine).text
    assert "Somebody chose 0.4321, but for scores of another kind" in text and "Run 1, chosen" not in text
    assert "similar = scores >= threshold" in text, "it is of two texts, as the snippet says"
    set_threshold(run.folder, RunThreshold(0.4321, "training", 96, of=CATEGORY))
    with Project.open(project) as opened:
        opened.apply(put(Probe(0, "a", "b", "similar")), "")
    engine.asking().ask("", "run_probes", {"project": str(project), "run": run.folder.name})
    found = read_probes(run.folder)
    assert found is not None and found.thresholds[0] is None, "it tells nothing about two texts"


def test_on_a_narrow_screen_tables_give_up_their_margins_and_not_their_last_column() -> None:
    narrow = style.sheet().partition("@media screen and (max-width:640px)")[2].partition("@page")[0]
    assert ".tablebox td{padding-right:" in narrow and ".tablebox table{font-size:" in narrow


def test_pairs_of_a_run_that_nobody_asked_afterwards_are_of_its_last_measurement(
    tmp_path, models, engine
) -> None:
    project = project_of(tmp_path / "p", Format.SCORED)
    text = page_of(project, run_of(project, *models), engine).text
    assert "when it was last measured" in text and "The kept model can be one of an earlier step." in text
