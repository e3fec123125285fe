"""Where things live: the program's own files, the user's settings, the workspace for new projects."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESOURCES = ROOT / "resources"
EXAMPLES = ROOT / "projects"

EXAMPLE_NAMES = ("fashion-aesthetics", "outfit-search", "quotes", "category-triplets", "item-relations")


def home() -> Path:
    """The folder for settings and logs. `ANCHORLAB_HOME` overrides it (tests and portable installs use that)."""
    override = os.environ.get("ANCHORLAB_HOME")
    if override:
        return Path(override)
    import platformdirs

    return Path(platformdirs.user_data_dir("AnchorLab", appauthor=False))


def workspace() -> Path:
    """Where *New* and opened examples put projects: `projects/` of a source checkout, else a folder in the user's documents."""
    override = os.environ.get("ANCHORLAB_HOME")
    if override:
        return Path(override) / "projects"
    if (ROOT / "pyproject.toml").is_file() and os.access(EXAMPLES, os.W_OK):
        return EXAMPLES
    import platformdirs

    return Path(platformdirs.user_documents_dir()) / "AnchorLab"


def free_name(folder: Path) -> Path:
    """`folder`, or the first of `folder-2`, `folder-3` … that does not exist yet."""
    if not folder.exists():
        return folder
    number = 2
    while (candidate := folder.with_name(f"{folder.name}-{number}")).exists():
        number += 1
    return candidate
