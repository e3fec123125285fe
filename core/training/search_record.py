"""What a search has tried so far, as a file of the run, so that a killed search goes on. Torch-free."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import atomic
from core.training.losses import BY_NAME
from core.training.search_space import Settings

FOLDER, FILE = "search", "trials.json"


@dataclass
class Tried:
    """One trial. Not `finished`: given up as hopeless, or the time was up. `value` None: it could not be measured."""

    settings: Settings
    value: float | None = None
    finished: bool = False


@dataclass
class Record:
    """`seconds` that the search took; once it is `done`, `winner` is the number of the chosen trial and `words` say so."""

    tried: list[Tried] = field(default_factory=list)
    seconds: float = 0.0
    done: bool = False
    winner: int = 0
    words: str = ""

    def write(self, folder: Path) -> None:
        """
        Raises:
            DiskFull, FileProblem
        """
        record = {
            "done": self.done,
            "seconds": round(self.seconds, 1),
            "winner": self.winner,
            "words": self.words,
            "trials": [
                {"settings": item.settings, "value": item.value, "finished": item.finished}
                for item in self.tried
            ],
        }
        atomic.write_text(folder / FILE, json.dumps(record, indent=1) + "\n")


def read(folder: Path) -> Record:
    """What `Record.write` wrote; an empty record where that is missing or damaged."""
    try:
        record = json.loads((folder / FILE).read_text(encoding="utf-8"))
        tried = [_tried(item) for item in record["trials"]]
        found = Record(
            tried,
            max(0.0, float(record["seconds"])),
            bool(record["done"]),
            int(record["winner"]),
            str(record["words"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return Record()
    return found if not tried or 0 <= found.winner < len(tried) else Record()


def _tried(item: dict[str, Any]) -> Tried:
    settings, value = item["settings"], item["value"]
    rate = float(settings["learning_rate"])
    if settings["loss"] not in BY_NAME or not 0 < rate <= 1:
        raise ValueError("these are no settings")
    wanted = {
        "learning_rate": rate,
        "loss": str(settings["loss"]),
        "loss_parameters": dict(settings["loss_parameters"]),
    }
    number = None if value is None else float(value)
    return Tried(
        wanted, number if number is not None and math.isfinite(number) else None, bool(item["finished"])
    )
