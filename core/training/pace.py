"""How fast this computer trained with a base model before, to say how long the next run will take. No torch.

Work is counted in tokens, estimated from words, because the time of a step follows them far more than rows.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from pathlib import Path

from core import atomic, paths
from core.dataset.formats import DatasetInfo, Example, Format, texts_of
from core.errors import AnchorLabError

KEPT = 5  # runs of each base model
START = 3.0  # seconds besides the steps: loading, measuring, saving
_SAMPLE = 2_000
_TOKENS_PER_WORD, _SPECIAL = 1.4, 2


def work(info: DatasetInfo, rows: Sequence[Example]) -> float:
    """Tokens of one pass over `rows`, from up to 2,000 of them."""
    return _work(info.format, [row.texts for row in rows])


def _work(format: Format, rows: Sequence[tuple[str, ...]]) -> float:
    if not rows:
        return 0.0
    sample = rows[:: max(1, len(rows) // _SAMPLE)]
    texts = [text for row in sample for text in texts_of(format, row)]
    tokens = sum(len(text.split()) * _TOKENS_PER_WORD + _SPECIAL for text in texts)
    return tokens * len(rows) / len(sample)


def note(base_model: str, tokens: float, seconds: float) -> None:
    """Remember a run: `tokens` went through training in `seconds`. A disk that refuses costs the next estimate, nothing else."""
    if tokens <= 0 or seconds <= 0:
        return
    known = _read()
    known[base_model] = [*known.get(base_model, []), tokens / seconds][-KEPT:]
    try:
        _path().parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(_path(), json.dumps(known, indent=1) + "\n")
    except (AnchorLabError, OSError):
        return


def seconds(base_model: str, tokens: float) -> float | None:
    """How long training on so many tokens will take; None with no run to go by."""
    paces = _read().get(base_model)
    return START + tokens / statistics.median(paces) if paces else None


def _read() -> dict[str, list[float]]:
    try:
        found = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    numbers = {
        str(name): [float(item) for item in items if _usable(item)]
        for name, items in found.items()
        if isinstance(items, list)
    }
    return {name: items for name, items in numbers.items() if items}


def _usable(item: object) -> bool:
    return isinstance(item, (int, float)) and not isinstance(item, bool) and math.isfinite(item) and item > 0


def _path() -> Path:
    return paths.home() / "pace.json"
