"""The user's settings: one schema with defaults, one sparse file, written atomically."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from core import atomic, paths


@dataclass
class Settings:
    """Everything the window remembers between starts. Unknown keys of a newer program are kept as they are."""

    theme: str = "system"  # system, light, dark
    recent: list[str] = field(default_factory=list)  # project folders, newest first
    threads: int = 0  # torch threads of the children; 0 = all cores
    geometry: str = ""  # base64 of QWidget.saveGeometry
    details_visible: bool = True
    assist_tab: str = "details"  # the helper in front on the right of the label page
    why_width: int = 420  # of the panel that explains two texts
    model_scores: bool = False  # what the model says stands beside the rows
    column_widths: dict[str, list[int]] = field(default_factory=dict)
    table_columns: dict[str, list[str]] = field(
        default_factory=dict
    )  # by dataset: "+key" shown, "-key" hidden
    run_columns: list[str] = field(default_factory=list)  # of the runs table; none = the usual ones
    smoothing: float = 0.8
    extra: dict[str, Any] = field(default_factory=dict)

    MAX_RECENT = 12

    @classmethod
    def path(cls) -> Path:
        return paths.home() / "settings.json"

    @classmethod
    def load(cls) -> Settings:
        """The saved settings; defaults where a value is missing or of the wrong type, or the file is damaged."""
        try:
            saved = json.loads(cls.path().read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return cls()
        if not isinstance(saved, dict):
            return cls()
        settings = cls()
        known = {item.name for item in fields(cls)}
        for key, value in saved.items():
            if key not in known:
                settings.extra[key] = value
            elif _sound(key, value, getattr(settings, key)):
                setattr(settings, key, value)
        return settings

    def save(self) -> None:
        """Write what differs from the defaults.

        Raises:
            DiskFull, FileProblem: the old file is left as it was.
        """
        defaults = asdict(Settings())
        sparse = {
            key: value for key, value in asdict(self).items() if value != defaults[key] and key != "extra"
        }
        atomic.write_text(
            self.path(), json.dumps({**self.extra, **sparse}, indent=2, ensure_ascii=False) + "\n"
        )

    def remember(self, folder: Path) -> None:
        """Put `folder` first among the recent projects."""
        name = str(folder)
        self.recent = [name, *(other for other in self.recent if other != name)][: self.MAX_RECENT]


def _sound(key: str, value: Any, default: Any) -> bool:
    """Whether a saved value can be used: of the default's type, and of the values there are."""
    if isinstance(value, bool) != isinstance(default, bool) or not isinstance(value, type(default)):
        return False
    match key:
        case "theme":
            return value in ("system", "light", "dark")
        case "why_width":
            return bool(100 <= value <= 10_000)
        case "threads":
            return bool(value >= 0)
        case "smoothing":
            return 0 <= value < 1
        case "recent" | "run_columns":
            return all(isinstance(name, str) for name in value)
        case "table_columns":
            return all(
                isinstance(keys, list) and all(isinstance(key, str) for key in keys)
                for keys in value.values()
            )
        case "column_widths":
            return all(
                isinstance(widths, list) and all(isinstance(width, int) for width in widths)
                for widths in value.values()
            )
    return True
