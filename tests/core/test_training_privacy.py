"""With its texts switched off, nothing that a run hands over holds a text of the data."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dataset.formats import Example, Format
from core.models.export import export_model
from tests.core import tiny_model
from tests.core.training_support import run, spec

FORMATS = (Format.SCORED, Format.PAIRS, Format.TRIPLETS)


def secrets(format: Format, count: int, start: int) -> list[Example]:
    width = {Format.SCORED: 2, Format.PAIRS: 2, Format.TRIPLETS: 3}[format]
    return [
        Example(
            # every row has the same anchor: what warns of that quotes it
            ("zqx anchor 7", *(f"zqx secret {start + number} {slot}" for slot in range(1, width))),
            float(number % 2) if format is Format.SCORED else None,
        )
        for number in range(count)
    ]


def files(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("format", FORMATS)
def test_no_text_of_the_data_is_in_the_model_folder_or_in_its_export(tmp_path, format):
    model = tiny_model.build(tmp_path / "model")
    found = {}
    for shown in (True, False):
        folder = tmp_path / f"run-{shown}"
        folder.mkdir()
        rows, held = secrets(format, 20, 0), secrets(format, 10, 500)
        loss = "CosineSimilarityLoss" if format is Format.SCORED else "MultipleNegativesRankingLoss"
        asked = spec(
            folder,
            model,
            format,
            rows,
            held,
            loss=loss,
            include_texts=shown,
            dataset_name="Looks",
            probes=[["zqx a", "zqx b"]],
            probe_queries=[{"text": "zqx q", "expected": ["zqx r"], "unwanted": [], "k": 3}],
            probe_sample=["zqx s"],
        )
        finished, _ = run(asked)
        found[shown] = files(Path(finished.model)) + files(export_model(folder, tmp_path / f"out-{shown}"))
        assert b"Looks" in found[shown]
        assert b"Unnamed Dataset" not in found[shown].split(b"Evaluation Dataset")[0]
    assert b"zqx" in found[True], "or this test could not fail"
    assert b"zqx" not in found[False]
