"""Exported models against the original: size, agreement and speed, for each format that is installed, in float and in 8 bits.

The embedded base model is exported (or the one in `--model DIR`), and all embed the same texts of the quotes example in turn, with as many
threads each. Speed is the median of the repeats, tokenizing included.
"""

from __future__ import annotations

import csv
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.models.export_request import ExportFormat, missing_packages
from core.models.exported import ExportedModel
from tests.bench.report import ROOT, Figure, arguments, at_most, tell

TEXTS = 128
REPEATS = 5
# What the limits in core/models/export_agreement.py allow before they say something, × 1000.
LIMITS = {False: 1.0, True: 20.0}


def texts() -> list[str]:
    with (ROOT / "projects" / "quotes" / "pairs.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    distinct = list(dict.fromkeys(text for row in rows for text in (row["anchor"], row["positive"])))
    return distinct[:: max(1, len(distinct) // TEXTS)][:TEXTS]


def speeds(engines: dict[str, Callable[[list[str]], Any]], chosen: list[str]) -> dict[str, float]:
    """Texts a second of each; all take turns, so that what else the computer does meets all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for embed in engines.values():
        embed(chosen)  # warms up
    for _ in range(REPEATS):
        for name, embed in engines.items():
            started = time.perf_counter()
            embed(chosen)
            seconds[name].append(time.perf_counter() - started)
    return {name: len(chosen) / statistics.median(taken) for name, taken in seconds.items()}


def exported(model_folder: Path, place: Path, format: ExportFormat, int8: bool) -> list[Figure]:
    """Export to `place`; what it weighs and how it agrees."""
    from core.models.export_graph import fill

    place.mkdir()
    started = time.perf_counter()
    agreement, _ = fill(model_folder, place, format, int8, texts())
    took = time.perf_counter() - started
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / 1e6
    name = title(format, int8)
    return [
        Figure(f"{name}: folder", size, "MB"),
        at_most(f"{name}: mean cosine distance × 1000", agreement.mean_distance * 1000, "", LIMITS[int8]),
        Figure(f"{name}: largest cosine distance × 1000", agreement.max_distance * 1000, ""),
        Figure(f"{name}: same among the 10 nearest", agreement.same_neighbours * 100, "%"),
        Figure(f"{name}: export, with the comparison", took, "s"),
    ]


def title(format: ExportFormat, int8: bool) -> str:
    return f"{format.title}, {'int8' if int8 else 'float'}"


def measure(model_folder: Path, work: Path) -> list[Figure]:
    import torch

    from core.models.encoder import encode
    from core.models.loading import load

    model = load(str(model_folder), device="cpu")
    engines: dict[str, Callable[[list[str]], Any]] = {
        "torch, stock encode": lambda part: model.encode(part, show_progress_bar=False),
        "torch, as the application does": lambda part: encode(model, part),
    }
    figures = []
    for format in (ExportFormat.ONNX, ExportFormat.OPENVINO):
        if missing := missing_packages(format):
            print(f"{format.title}: not installed: {', '.join(missing)}", file=sys.stderr)
            continue
        for int8 in (False, True):
            place = work / f"{format.value}-{int8}"
            figures += exported(model_folder, place, format, int8)
            engines[title(format, int8)] = ExportedModel(place, format, torch.get_num_threads()).encode
    told = speeds(engines, texts())
    return figures + [Figure(f"{name}: speed", value, "/s") for name, value in told.items()]


def main() -> int:
    from core.models.catalogue import embedded_path

    parser = arguments(__doc__ or "")
    parser.add_argument("--model", type=Path, help="a model folder in place of the embedded base model")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        return tell(measure(options.model or embedded_path(), Path(work)), options.json)


if __name__ == "__main__":
    sys.exit(main())
