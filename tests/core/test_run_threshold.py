"""A run's threshold: in its folder, in its card, and gone from both."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

from core.dataset.formats import Format
from core.errors import FileProblem
from core.models.card_threshold import RunThreshold, in_card
from core.models.export import export_model
from core.training.run_threshold import NAME, read_threshold, set_threshold
from core.training.script import write_script
from tests.core import tiny_model
from tests.core.training_support import examples, run, spec

CARD = """---
tags: []
---
# A model

## Usage

```python
similarities = model.similarity(embeddings, embeddings)
```

<!--
### Direct Usage (Transformers)
-->

## Evaluation
"""
CHOSEN = RunThreshold(0.53712, "hold-out", 29, 0.9, 0.8, 0.847)


def test_kept_shown_in_the_card_replaced_and_taken_out(tmp_path: Path) -> None:
    card = tmp_path / "model" / "README.md"
    card.parent.mkdir()
    card.write_text(CARD)
    set_threshold(tmp_path, CHOSEN)
    assert read_threshold(tmp_path) == CHOSEN
    text = card.read_text()
    assert (
        "threshold = 0.53712\n" in text
        and "# Chosen on 29 pairs (hold-out), there: precision 90.0%, recall 80.0%" in text
    )
    assert text.index("## Usage") < text.index("threshold = ") < text.index("### Direct Usage (Transformers)")
    set_threshold(tmp_path, RunThreshold(0.25, "training", 3))
    assert card.read_text().count("threshold = ") == 1 and "threshold = 0.2500" in card.read_text()
    set_threshold(tmp_path, None)
    assert read_threshold(tmp_path) is None and card.read_text() == CARD


def test_a_card_that_is_no_text_is_left_as_it_is_and_named(tmp_path: Path) -> None:
    card = tmp_path / "model" / "README.md"
    card.parent.mkdir()
    card.write_bytes(b"## Usage \xff")
    with pytest.raises(FileProblem, match=r"README\.md is no UTF-8 text"):
        set_threshold(tmp_path, CHOSEN)
    assert read_threshold(tmp_path) == CHOSEN and card.read_bytes() == b"## Usage \xff"


def test_a_run_without_a_card_and_a_damaged_file(tmp_path: Path) -> None:
    set_threshold(tmp_path, CHOSEN)
    assert read_threshold(tmp_path) == CHOSEN
    good = {"threshold": 0.5, "measured_on": "", "pairs": 1, "precision": None, "recall": None, "f1": None}
    wrong: list[tuple[str, object]] = [
        *(("threshold", value) for value in ("0.5", True, float("nan"), float("inf"), 1e300, 10**400, None)),
        *(("pairs", value) for value in (-1, float("inf"), float("nan"), 10**400, "many")),
        *(("precision", value) for value in (7.5, -0.1, 10**400, [], True)),
    ]
    for damaged in ("{", "[]", "[" * 100_000, *(json.dumps({**good, key: value}) for key, value in wrong)):
        (tmp_path / NAME).write_text(damaged[:10_000])
        assert read_threshold(tmp_path) is None, damaged[:200]
    (tmp_path / NAME).write_text(json.dumps(good))
    assert read_threshold(tmp_path) is not None
    with pytest.raises(FileProblem):
        set_threshold(tmp_path, RunThreshold(float("nan"), "x", 1))


def test_a_run_that_was_deleted_does_not_come_back_with_a_threshold(tmp_path: Path) -> None:
    for chosen in (CHOSEN, None):
        with pytest.raises(FileProblem, match="no longer in"):
            set_threshold(tmp_path / "0001-main", chosen)
    assert not (tmp_path / "0001-main").exists()


def test_a_card_that_is_written_again_keeps_it(tmp_path: Path) -> None:
    model, folder = tiny_model.build(tmp_path / "tiny"), tmp_path / "0001-run"
    folder.mkdir()
    asked = spec(folder, model, Format.SCORED, examples(Format.SCORED, 8), include_texts=False)
    asked.save()
    run(asked)
    card = folder / "model" / "README.md"
    without = card.read_text()
    set_threshold(folder, CHOSEN)
    shown = card.read_text()
    run(asked)  # as a run that was killed at its very end and goes on
    assert card.read_text().count("threshold = 0.53712") == 1
    assert (
        shown.index("## Usage") < shown.index("threshold = ") < shown.index("### Direct Usage (Transformers)")
    )
    set_threshold(folder, None)
    assert "threshold" not in without and "threshold" not in card.read_text()


def test_whoever_trains_it_elsewhere_and_whoever_copies_the_model_gets_it(tmp_path: Path) -> None:
    model, folder = tiny_model.build(tmp_path / "tiny"), tmp_path / "0001-run"
    folder.mkdir()
    spec(folder, model, Format.SCORED, examples(Format.SCORED, 8)).save()
    (folder / "events.jsonl").write_text("")
    assert "threshold" not in (write_script(folder, tmp_path / "before") / "README.md").read_text()
    set_threshold(folder, CHOSEN)
    out = write_script(folder, tmp_path / "script")
    settings = json.loads((out / "settings.json").read_text())
    assert settings["threshold"] == {**asdict(CHOSEN)}
    assert "threshold = 0.53712\nsimilar = similarities >= threshold" in (out / "README.md").read_text()
    shutil.copytree(model, folder / "model")
    (folder / "model" / "README.md").write_text(CARD)
    set_threshold(folder, CHOSEN)
    assert "threshold = 0.5371" in (export_model(folder, tmp_path / "copy") / "README.md").read_text()


def test_what_it_was_measured_on_stays_a_comment(tmp_path: Path) -> None:
    text = in_card(CARD, RunThreshold(0.5, "x\n```\nimport os\u2028os.abort()", 1))
    assert "\u2028" not in text
    assert [line[0] for line in text.splitlines() if "abort" in line or "import os" in line] == ["#"]
