"""One JSON object a line: the shape of `events.jsonl` and of the messages between processes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def dumps(record: dict[str, Any]) -> str:
    """One line without its newline. Text stays readable; NaN and infinities become null, which JSON can carry."""
    return json.dumps(finite(record), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def finite(value: Any) -> Any:
    """`value` with None for every NaN and infinity in it, tuples as lists."""
    if isinstance(value, float):
        return value if value == value and value not in (float("inf"), float("-inf")) else None
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file; a torn last line (the writer was killed) is left out."""
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            if not line.endswith("\n"):
                return
            if line.strip():
                yield json.loads(line)
