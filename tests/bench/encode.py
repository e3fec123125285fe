"""Speed of `encode`: sentence-transformers' own and ours in turn on the same sentences, without a cache."""

from __future__ import annotations

import csv
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.report import Figure, arguments, at_least, at_most, tell

ROOT = Path(__file__).resolve().parents[2]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def main() -> int:
    parser = arguments(__doc__ or "")
    data = os.environ.get("ANCHORLAB_DATA", str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(data), help="the folder with the data files")
    parser.add_argument("--model", default="all-MiniLM-L6-v2", help="a model, or random")
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"

    import numpy as np
    import torch

    from core.models import loading
    from core.models.encoder import encode
    from core.training import stepwise

    try:
        with (options.data / "stsbenchmark" / "sts-train.csv").open(encoding="utf-8", newline="") as stream:
            texts = list(dict.fromkeys(row[0] for row in list(csv.reader(stream))[1:]))[: options.texts]
    except OSError as error:
        print(f"Nothing to measure: {error}", file=sys.stderr)
        return 2
    stepwise.quiet()
    torch.set_num_threads(stepwise.default_threads())
    model = loading.load(options.model)
    took: dict[str, list[float]] = {"stock": [], "ours": []}
    apart = 0.0
    for repeat in range(options.repeats + 1):
        stock, theirs = timed(lambda: model.encode(texts, show_progress_bar=False))
        ours, mine = timed(lambda: encode(model, texts))
        apart = max(apart, float(np.abs(theirs - mine).max()))
        if repeat:  # the first warms up
            took["stock"].append(stock)
            took["ours"].append(ours)
    speeds = {name: len(texts) / statistics.median(times) for name, times in took.items()}
    return tell(
        [
            Figure("encode: stock, fp32", round(speeds["stock"], 1), "texts/s"),
            Figure("encode: ours, fp32", round(speeds["ours"], 1), "texts/s"),
            at_least("encode: ours / stock", speeds["ours"] / speeds["stock"], "×", 1.0),
            at_most("encode: largest difference of a number", apart * 1e6, "1e-6", 10),
        ],
        options.json,
    )


if __name__ == "__main__":
    sys.exit(main())
