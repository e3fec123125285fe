"""A run's threshold: in its folder, in its card, and gone from both."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import FileProblem
from core.training.run_threshold import NAME, RunThreshold, read_threshold, set_threshold

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
    assert "threshold = 0.5371" in text and "# 29 pairs (hold-out): precision 90.0%, recall 80.0%" in text
    assert text.index("## Usage") < text.index("threshold = ") < text.index("### Direct Usage (Transformers)")
    set_threshold(tmp_path, RunThreshold(0.25, "training", 3))
    assert card.read_text().count("threshold = ") == 1 and "threshold = 0.2500" in card.read_text()
    set_threshold(tmp_path, None)
    assert read_threshold(tmp_path) is None and card.read_text() == CARD


def test_a_run_without_a_card_and_a_damaged_file(tmp_path: Path) -> None:
    set_threshold(tmp_path, CHOSEN)
    assert read_threshold(tmp_path) == CHOSEN
    for damaged in ("{", "[]", '{"threshold": "x"}', '{"threshold": NaN, "measured_on": "", "pairs": 1}'):
        (tmp_path / NAME).write_text(damaged)
        assert read_threshold(tmp_path) is None
    with pytest.raises(FileProblem):
        set_threshold(tmp_path, RunThreshold(float("nan"), "x", 1))
