"""Uploading a run's model to the Hugging Face Hub: planned and shown first, done only when asked. The token stays with the Hub's own client.

huggingface_hub is imported inside.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core.errors import HubProblem, UsageError
from core.models.export import model_files

_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_ON = {"1", "ON", "YES", "TRUE"}


class Api(Protocol):
    """What is used of `huggingface_hub.HfApi`."""

    def repo_info(self, repo_id: str) -> Any: ...

    def create_repo(self, repo_id: str, *, private: bool) -> Any: ...

    def create_commit(self, repo_id: str, operations: Any, *, commit_message: str) -> Any: ...


@dataclass(frozen=True)
class Upload:
    """One file of the model."""

    path: str  # in the repository, with slashes
    source: Path
    bytes: int
    replaces: bool = False


@dataclass(frozen=True)
class PushPlan:
    """Everything an upload would do, for a person to agree to."""

    repo: str
    run: str
    private: bool
    exists: bool
    files: tuple[Upload, ...]
    shows_texts: bool  # the card may quote texts of the training data

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def place(self) -> str:
        return f"https://huggingface.co/{self.repo}"


def connect() -> Api:
    """The Hub's own client with its own login.

    Raises:
        HubProblem: offline mode is on, or nobody is logged in.
    """
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in _ON:
        raise HubProblem(
            "HF_HUB_OFFLINE is set, so nothing is uploaded.", "Unset it to push to the Hugging Face Hub."
        )
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when the client is imported
    from huggingface_hub import HfApi, get_token

    if get_token() is None:
        raise HubProblem(
            "You are not logged in to the Hugging Face Hub.",
            "Log in with `hf auth login`, or set HF_TOKEN to a token that may write.",
        )
    return HfApi(library_name="anchorlab")


def plan(run_folder: Path, repo: str, *, private: bool, shows_texts: bool, api: Api) -> PushPlan:
    """What pushing the model of a run to `repo` would upload. Reads from the Hub, writes nothing.

    Raises:
        UsageError: `repo` is no OWNER/NAME, or it is there with the other visibility.
        FileProblem: the run has no model, or one with links in it.
        HubProblem
    """
    if not _NAME.fullmatch(repo) or ".." in repo or "--" in repo:
        raise UsageError(f"{repo!r} is not a name on the Hub.", "Give it as OWNER/NAME.")
    model, inside = run_folder / "model", model_files(run_folder)
    there = _existing(api, repo)
    if there is not None and there[0] != private:
        now, asked = ("private", "public") if there[0] else ("public", "private")
        way = "Add --private" if there[0] else "Leave out --private"
        raise UsageError(
            f"{repo} is there already and is {now}; a {asked} one was asked for.",
            f"{way}, or take another name.",
        )
    taken = set() if there is None else there[1]
    names = [path.relative_to(model).as_posix() for path in inside]
    files = tuple(
        Upload(name, path, path.stat().st_size, name in taken)
        for name, path in zip(names, inside, strict=True)
    )
    return PushPlan(repo, run_folder.name, private, there is not None, files, shows_texts)


def push(agreed: PushPlan, api: Api) -> str:
    """Upload what the plan says, in one commit, and return the address of the model.

    Raises:
        HubProblem: it cannot be reached or refuses; then either all files are there or none.
    """
    from huggingface_hub import CommitOperationAdd

    operations = [CommitOperationAdd(file.path, str(file.source)) for file in agreed.files]
    with _explained(agreed.repo):
        if not agreed.exists:
            api.create_repo(agreed.repo, private=agreed.private)
        api.create_commit(agreed.repo, operations, commit_message=f"Model of run {agreed.run}")
    return agreed.place


def _existing(api: Api, repo: str) -> tuple[bool, set[str]] | None:
    """Whether the repository is private, and its files; None where there is none."""
    from huggingface_hub.errors import RepositoryNotFoundError

    with _explained(repo):
        try:
            info = api.repo_info(repo)
        except RepositoryNotFoundError:
            return None
    return bool(info.private), {file.rfilename for file in info.siblings or ()}


@contextmanager
def _explained(repo: str) -> Iterator[None]:
    """Whatever the Hub's client raises as one sentence, without anything of the request: it may hold the token."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError

    try:
        yield
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", None)
        if isinstance(error, HfHubHTTPError) and status in (401, 403):
            raise HubProblem(
                f"The Hugging Face Hub does not let you write to {repo}.",
                "Check the owner's name, and that your token may write.",
            ) from None
        if status is not None:
            raise HubProblem(
                f"The Hugging Face Hub refused {repo} (HTTP {status}).", "Try again later."
            ) from None
        raise HubProblem(
            f"The Hugging Face Hub cannot be reached ({type(error).__name__}).",
            "Check the connection and try again.",
        ) from None
