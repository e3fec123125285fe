"""Publishing a model: shown exactly, asked first, and nothing of the network is touched here."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.dataset.formats import Format
from core.errors import FileProblem, HubProblem, UsageError
from core.models import hub
from core.project import Project
from tests.core.cli_support import Cli
from tests.core.training_support import examples, spec

SECRET = "hf_secretsecret"


class FakeHub:
    """What `HfApi` does, in memory."""

    def __init__(self) -> None:
        self.repos: dict[str, tuple[bool, set[str]]] = {}
        self.commits: list[tuple[str, dict[str, bytes]]] = []
        self.error: Exception | None = None

    def repo_info(self, repo_id: str):
        from huggingface_hub.errors import RepositoryNotFoundError

        if repo_id not in self.repos:
            raise RepositoryNotFoundError("no", response=answer(404))
        private, files = self.repos[repo_id]
        return SimpleNamespace(private=private, siblings=[SimpleNamespace(rfilename=name) for name in files])

    def create_repo(self, repo_id: str, *, private: bool):
        self.repos[repo_id] = (private, set())

    def create_commit(self, repo_id: str, operations, *, commit_message: str):
        if self.error is not None:
            raise self.error
        files = {item.path_in_repo: Path(item.path_or_fileobj).read_bytes() for item in operations}
        self.commits.append((repo_id, files))


def answer(status: int) -> SimpleNamespace:
    request = SimpleNamespace(headers={"authorization": f"Bearer {SECRET}"})
    return SimpleNamespace(status_code=status, headers={}, request=request)


@pytest.fixture
def api(monkeypatch) -> FakeHub:
    made = FakeHub()
    monkeypatch.setattr(hub, "connect", lambda: made)
    return made


@pytest.fixture
def cli(capsys):
    return Cli(capsys)


@pytest.fixture
def project(tmp_path) -> Path:
    folder = tmp_path / "p"
    with Project.create(folder, "P") as made:
        made.create_dataset("Main", Format.PAIRS, examples=examples(Format.PAIRS, 4))
    run = folder / "runs" / "0001-a"
    run.mkdir(parents=True)
    spec(run, "all-MiniLM-L6-v2", Format.PAIRS, examples(Format.PAIRS, 4)).save()
    (run / "model" / "1_Pooling").mkdir(parents=True)
    for name in ("modules.json", "README.md", "1_Pooling/config.json"):
        (run / "model" / name).write_text("{}", encoding="utf-8")
    return folder


def typed(monkeypatch, text: str) -> None:
    stream = io.StringIO(text)
    stream.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", stream)


def test_it_shows_every_file_and_asks(cli, api, project, monkeypatch):
    typed(monkeypatch, "n\n")
    refused = cli("push", project, "1", "me/looks")
    assert refused.status == 1 and "Nothing was uploaded" in refused.err and not api.repos
    for name in ("modules.json", "README.md", "1_Pooling/config.json"):
        assert name in refused.out
    assert "everybody can read it" in refused.out and "quotes some of your training texts" in refused.out
    typed(monkeypatch, "y\n")
    done = cli("push", project, "1", "me/looks", "--private")
    assert done.status == 0, done.err
    assert "https://huggingface.co/me/looks" in done.out and "only you" in done.out
    assert api.repos["me/looks"][0] is True
    ((repo, files),) = api.commits
    assert repo == "me/looks" and set(files) == {"modules.json", "README.md", "1_Pooling/config.json"}


def test_nobody_there_to_answer_means_no(cli, api, project, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert "--yes" in cli.fails(2, "push", project, "1", "me/looks")
    typed(monkeypatch, "")
    assert cli("push", project, "1", "me/looks").status == 1
    assert not api.commits


def test_a_private_run_says_that_no_text_is_inside(cli, api, project):
    from core.training.spec import Spec

    replace(Spec.load(project / "runs" / "0001-a"), include_texts=False).save()
    done = cli("push", project, "1", "me/looks", "--yes")
    assert "No training text" in done.out
    told = cli("push", project, "1", "me/looks", "--yes", "--json").json
    assert told["shows_texts"] is False and told["url"].endswith("me/looks") and len(told["files"]) == 3


def test_what_is_there_is_not_made_public_or_private_by_accident(cli, api, project):
    api.repos["me/looks"] = (False, {"README.md", "notes.txt"})
    assert "is public" in cli.fails(2, "push", project, "1", "me/looks", "--yes", "--private")
    done = cli("push", project, "1", "me/looks", "--yes")
    assert done.out.count("replaces the one there") == 1
    api.repos["me/other"] = (True, set())
    assert "--private" in cli.fails(2, "push", project, "1", "me/other", "--yes")
    for name in ("looks", "me/a/b", "me/../x", "me/lo oks"):
        assert "OWNER/NAME" in cli.fails(2, "push", project, "1", name, "--yes")


@pytest.mark.parametrize(("status", "words"), [(403, "does not let you write"), (500, "HTTP 500")])
def test_a_refusal_is_one_sentence_without_the_token(cli, api, project, status, words):
    from huggingface_hub.errors import HfHubHTTPError

    api.error = HfHubHTTPError(f"Bearer {SECRET}", response=answer(status))
    said = cli("push", project, "1", "me/looks", "--yes")
    assert said.status == 1 and words in said.err and SECRET not in said.err + said.out
    assert words in cli("push", project, "1", "me/looks", "--yes", "--json").json["error"]
    api.error = ConnectionError(f"token {SECRET}")
    said = cli("push", project, "1", "me/looks", "--yes")
    assert "cannot be reached" in said.err and SECRET not in said.err + said.out


def test_offline_or_without_a_login_nothing_starts(cli, project, monkeypatch):
    assert "HF_HUB_OFFLINE" in cli.fails(1, "push", project, "1", "me/looks", "--yes")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(HubProblem, match="not logged in"):
        hub.connect()
    monkeypatch.setattr("huggingface_hub.get_token", lambda: SECRET)
    assert callable(hub.connect().create_commit)


def test_a_run_without_a_model(tmp_path):
    with pytest.raises(FileProblem, match="has no model"):
        hub.plan(tmp_path, "me/x", private=False, shows_texts=True, api=FakeHub())
    (tmp_path / "model").mkdir()
    if os.name != "nt":  # links need rights there
        (tmp_path / "model" / "modules.json").symlink_to(__file__)
        with pytest.raises(FileProblem, match="is a link"):
            hub.plan(tmp_path, "me/x", private=False, shows_texts=True, api=FakeHub())
    with pytest.raises(UsageError):
        hub.plan(tmp_path, "me", private=False, shows_texts=True, api=FakeHub())
