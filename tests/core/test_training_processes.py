"""One run in two processes: one log, one model, the same batches."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.dataset.formats import Format
from core.paths import ROOT
from core.project import Project
from tests.core import tiny_model
from tests.core.training_support import examples

SETTINGS = (
    "batch_size=8",
    "epochs=2",
    "holdout=0.25",
    "precision=fp32",
    "learning_rate=0.003",
    "folds=0",
    "blend=1",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("processes")
    tiny_model.build(folder / "tiny")
    with Project.create(folder / "p", "P") as project:
        project.create_dataset("Main", Format.SCORED, examples=examples(Format.SCORED, 40))
    return folder / "p"


def start(project: Path, *settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    launcher = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "core.cli"]
    chosen = [part for item in (*SETTINGS, *settings) for part in ("--set", item)]
    command = [sys.executable, *launcher, "train", str(project), "--json", *chosen]
    model = ["--model", str(project.parent / "tiny")]
    return subprocess.run(
        [*command, *model], env=environment, capture_output=True, text=True, timeout=240, cwd=ROOT
    )


def test_two_processes_write_one_log_and_one_model(project):
    done = start(project)
    assert done.returncode == 0, done.stderr[-3000:]
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    names = [event["event"] for event in events]
    assert names.count("recipe") == names.count("finished") == 1
    steps = [event["step"] for event in events if event["event"] == "step"]
    assert steps == list(range(1, len(steps) + 1))
    (recipe,) = [event for event in events if event["event"] == "recipe"]
    assert (
        len(steps) == recipe["total_steps"] == 2 * (recipe["train_rows"] // 8)
    )  # 8 rows a step between the two
    (run,) = [folder for folder in (project / "runs").iterdir() if folder.is_dir() and folder.name[0] == "0"]
    assert (run / "model" / "modules.json").is_file()
    assert len((run / "events.jsonl").read_text().splitlines()) == len(events)
    told = " ".join(event.get("text", "") for event in events)
    assert "several processes" in told


def test_a_run_that_cannot_start_sends_the_others_home(project):
    done = start(project, "loss=MultipleNegativesRankingLoss")
    assert done.returncode != 0
    assert "MultipleNegativesRankingLoss" in done.stdout + done.stderr


@pytest.mark.thorough
def test_a_loss_that_is_no_number_ends_both(project):
    done = start(project, "learning_rate=1", "epochs=60", "weight_decay=1")
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert events[-1]["event"] in ("finished", "failed")
