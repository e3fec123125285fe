"""The names inside a project folder, and what makes a folder a project."""

from __future__ import annotations

from pathlib import Path

from core.errors import ProjectProblem

DATABASE = "project.db"
PLAIN_TEXT = "project.toml"  # a project that ships as text; its database is made when it is first opened
LOCK = "project.lock"
BACKUPS = "backups"
RUNS = "runs"
CACHE = "cache"

# SQLite, the lock and the cache, where old files are deleted, follow links: in a folder from a stranger these could point at any file of
# the person's.
_NEVER_LINKS = (
    DATABASE,
    f"{DATABASE}-wal",
    f"{DATABASE}-shm",
    f"{DATABASE}-journal",
    LOCK,
    BACKUPS,
    PLAIN_TEXT,
    CACHE,
)


def is_project(folder: Path) -> bool:
    """Whether `folder` holds a project: a database, a plain-text project, or at least backups of one."""
    return any((folder / name).exists() for name in (DATABASE, PLAIN_TEXT)) or bool(backups(folder))


def backups(folder: Path) -> tuple[Path, ...]:
    """The backups of the project, newest first (the time is in the name)."""
    found = (
        path for path in (folder / BACKUPS).glob("project-*.db") if path.is_file() and not path.is_symlink()
    )
    return tuple(sorted(found, key=lambda path: path.name, reverse=True))


def check_folder(folder: Path) -> None:
    """Refuse a folder that is none, or whose own files are links to somewhere else.

    Raises:
        ProjectProblem
    """
    if not folder.exists():
        raise ProjectProblem(f"There is no folder {folder}.", "Check the path, or create a new project.")
    if not folder.is_dir():
        raise ProjectProblem(
            f"{folder} is a file, not a project folder.", "Choose the folder that holds the project."
        )
    for name in _NEVER_LINKS:
        if (folder / name).is_symlink():
            raise ProjectProblem(
                f"{folder / name} is a link to another place, which a project does not follow.",
                "Replace the link with what it leads to.",
            )


def require_project(folder: Path) -> None:
    """Raises: ProjectProblem when `folder` holds no project."""
    if not is_project(folder):
        raise ProjectProblem(
            f"{folder} holds no AnchorLab project (no {DATABASE} and no {PLAIN_TEXT}).",
            "Choose a project folder, or create a new project.",
        )
