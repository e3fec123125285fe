"""`anchorlab report`: the page of a run whose scores are known, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dataset.formats import Format
from core.engine.client import EngineClient
from core.report import make
from tests.core import tiny_model
from tests.core.cli_support import Cli
from tests.core.report_support import InProcess, Page, project_of, run_of


@pytest.fixture
def cli(capsys):
    return Cli(capsys)


def test_a_page_without_asking_anybody_where_the_scores_are_known(tmp_path: Path, cli, monkeypatch) -> None:
    base, tuned = (
        str(tiny_model.build(tmp_path / name, seed=seed)) for seed, name in enumerate(("base", "tuned"))
    )
    project = project_of(tmp_path / "p", Format.SCORED)
    run = run_of(project, base, tuned)
    make.make(project, run, InProcess().asking())

    def never(*_words, **_more):
        raise AssertionError("no engine is needed")

    monkeypatch.setattr(EngineClient, "request", never)
    target = tmp_path / "out" / ".." / "run.html"
    (tmp_path / "out").mkdir()
    done = cli("report", project, "1", "--out", target)
    assert done.status == 0 and "The report of 0001-main is in" in done.out
    assert "summary" in Page(target.read_text(encoding="utf-8")).sections()
    told = cli("report", project, "0001-main", "--out", target, "--json").json
    assert told["run"] == "0001-main" and told["bytes"] == target.stat().st_size and "map" in told["sections"]
    assert "no run 7" in cli.fails(1, "report", project, "7", "--out", target)
    assert "writes HTML, not .pdf" in cli.fails(2, "report", project, "1", "--out", tmp_path / "a.pdf")
    assert "writes HTML" in cli.fails(2, "report", project, "1", "--out", tmp_path / "a")
    assert cli("report", project, "1").status == 2, "--out is needed"
    assert cli("report", project, "1", "--out", tmp_path / "none" / "a.html").status in (0, 1)
