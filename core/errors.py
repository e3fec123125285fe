"""Every error that a person can meet, as one small family.

`AnchorLabError` carries three plain sentences: what happened, to what, and what to do. The window shows them in one place
(`gui.widgets.messages`), the command line prints them on standard error. Nothing here imports anything else of the project.
"""

from __future__ import annotations


class AnchorLabError(Exception):
    """A failure with words for the person: `message` says what happened and to what, `hint` what to do about it."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "", *, details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(AnchorLabError):
    """Wrong words on the command line: an unknown option, key or value. Exit status 2."""

    exit_code = 2


class FileProblem(AnchorLabError):
    """A file or folder is missing, unreadable, empty, or not what its name promises."""


class TextsMissing(FileProblem):
    """Judgements by id whose texts are in other files, which were not found; a person can name them."""


class DiskFull(AnchorLabError):
    """There is no room left where something had to be written; what was there before is untouched."""


class ImportProblem(AnchorLabError):
    """A data file cannot be turned into examples at all (single bad lines are `Rejected`, not errors)."""


class DataProblem(AnchorLabError):
    """The examples cannot be used as asked: too few, wrong format, a score out of range."""


class ProjectProblem(AnchorLabError):
    """The project folder cannot be opened or written."""


class ProjectNewer(ProjectProblem):
    """The project was written by a newer program."""


class ProjectLocked(ProjectProblem):
    """The project is open in another window, and this one was asked to write."""


class ProjectCorrupt(ProjectProblem):
    """The project's file is damaged. `backups` lists the files it can be restored from, newest first."""

    def __init__(
        self, message: str, hint: str = "", *, backups: tuple[str, ...] = (), details: str = ""
    ) -> None:
        super().__init__(message, hint, details=details)
        self.backups = backups


class ModelProblem(AnchorLabError):
    """A folder is no sentence-transformers model, or asks for something that is refused (pickle, remote code)."""


class TrainingProblem(AnchorLabError):
    """A run could not start or go on."""


class EngineProblem(AnchorLabError):
    """The engine process died or answered with an error."""


class HubProblem(AnchorLabError):
    """The Hugging Face Hub cannot be reached, or refuses."""


class Cancelled(AnchorLabError):
    """The person cancelled; not a failure."""

    def __init__(self, message: str = "Cancelled.") -> None:
        super().__init__(message)
