"""The threshold that somebody chose for a run's model: from which similarity two texts count as similar.

It lies in the run's folder, and in the model's card as a usage snippet, so that whoever gets the model gets it, too.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core import atomic
from core.errors import FileProblem
from core.models import card
from core.models.card_threshold import CATEGORY, TEXTS, RunThreshold, in_card
from core.training import run_files

NAME = "threshold.json"
_MOST_BYTES, _MOST_CARD = 10_000, 20_000_000
_FAR = 1e9  # no score lies there, no run has so many pairs


def read_threshold(run_folder: Path) -> RunThreshold | None:
    """The run's threshold; None where nobody chose one, or where the file tells none."""
    path = run_files.contained(run_folder, NAME)
    try:
        if path is None or path.stat().st_size > _MOST_BYTES:
            return None
        record = json.loads(path.read_text(encoding="utf-8"))
        precision, recall, f1 = (
            None if record[name] is None else _number(record[name], 0, 1)
            for name in ("precision", "recall", "f1")
        )
        return RunThreshold(
            _number(record["threshold"], -_FAR, _FAR),
            run_files.one_line(str(record["measured_on"])),
            int(_number(record["pairs"], 0, _FAR)),
            precision,
            recall,
            f1,
            CATEGORY if record.get("of") == CATEGORY else TEXTS,
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError, OverflowError, AttributeError):
        return None


def _number(value: Any, least: float, most: float) -> float:
    """Raises: ValueError, TypeError, OverflowError where this is no number between the two."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError("not a number")
    number = float(value)
    if not least <= number <= most:
        raise ValueError("out of range")
    return number


def set_threshold(run_folder: Path, chosen: RunThreshold | None) -> None:
    """Keep a threshold with the run and in its model's card; None takes it away from both.

    Raises:
        DiskFull, FileProblem
    """
    if chosen is not None and not math.isfinite(chosen.threshold):
        raise FileProblem("A threshold is a number.", "Choose another one.")
    if not run_folder.is_dir():  # it would come back with nothing else in it
        raise FileProblem(f"The run is no longer in {run_folder}.", "Choose another run.")
    path = run_folder / NAME
    if chosen is None:
        with atomic.explained(path, "delete"):
            path.unlink(missing_ok=True)
    else:
        atomic.write_text(path, json.dumps(asdict(chosen), allow_nan=False) + "\n")
    readme = run_files.contained(run_folder, "model", card.NAME)
    if readme is not None and readme.stat().st_size <= _MOST_CARD:
        with atomic.explained(readme):
            data = readme.read_bytes()
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise FileProblem(
                f"The model's card {readme} is no UTF-8 text.",
                "The threshold is kept with the run, not in the card.",
            ) from error
        atomic.write_text(readme, in_card(text, chosen))
