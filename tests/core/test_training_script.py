"""A run as a folder: the same loss from sentence-transformers alone, in one process and in two."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sentence_transformers import SentenceTransformer

from core.dataset.formats import Example, Format
from core.errors import DiskFull, FileProblem, UsageError
from core.training.script import write_script
from tests.core import tiny_model
from tests.core.training_support import examples, run, spec


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return tiny_model.build(tmp_path_factory.mktemp("script") / "tiny")


def trained(folder: Path, model: Path, format: Format, **settings):
    folder.mkdir()
    asked = spec(
        folder,
        model,
        format,
        examples(format, 24),
        examples(format, 12, start=400),
        dropout="off",
        **settings,
    )
    asked.save()
    events = folder / "events.jsonl"
    finished, told = run(asked)
    from core.training.events import as_record

    events.write_text("".join(json.dumps(as_record(event)) + "\n" for event in told.events))
    return finished


def start(folder: Path, *before: str) -> str:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": ""}
    command = [sys.executable, *before, "train.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


ACCELERATE = "-m accelerate.commands.launch --cpu --num_processes 1 --num_machines 1 --mixed_precision no --dynamo_backend no"


@pytest.mark.parametrize(
    ("format", "settings", "launcher"),
    [
        (Format.SCORED, {"loss": "CosineSimilarityLoss", "epochs": 2, "warmup_steps": 3}, ACCELERATE),
        pytest.param(
            Format.TRIPLETS,
            {"loss": "MultipleNegativesRankingLoss", "matryoshka": "16"},
            "",
            marks=pytest.mark.thorough,
        ),
        pytest.param(
            Format.PAIRS,
            {"loss": "MultipleNegativesRankingLoss", "lora": 4, "loss_parameters": {"scale": 10.0}},
            "",
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_the_script_ends_with_the_loss_of_the_run(tmp_path, model, format, settings, launcher):
    finished = trained(tmp_path / "0001-run", model, format, **settings)
    out = write_script(tmp_path / "0001-run", tmp_path / "out")
    said = start(out, *launcher.split())
    (line,) = [line for line in said.splitlines() if line.startswith("final loss: ")]
    assert float(line.split()[2]) == pytest.approx(finished.metrics["final_loss"], abs=1e-4)
    assert "tuned model:" in said
    loaded = SentenceTransformer(str(out / "model"), device="cpu")
    assert loaded.encode(["red dress"]).shape == (1, 32)


@pytest.mark.thorough
def test_it_runs_in_two_processes(tmp_path, model):
    trained(tmp_path / "0001-run", model, Format.SCORED)
    out = write_script(tmp_path / "0001-run", tmp_path / "out")
    said = start(out, "-m", "torch.distributed.run", "--nproc-per-node", "2")
    assert said.count("final loss: ") == 1
    assert (out / "model" / "modules.json").is_file()


def test_texts_stay_data(tmp_path, model):
    folder = tmp_path / "0001-run"
    folder.mkdir()
    hostile = '"""\nimport os; os.abort()\n"""'
    rows = [Example((f"{hostile} {n}", f"{{0}} %s {n}"), float(n % 2)) for n in range(8)]
    asked = spec(
        folder, model, Format.SCORED, rows, dropout="off", dataset_name=hostile, project_name=hostile
    )
    asked.save()
    (folder / "events.jsonl").write_text("")
    out = write_script(folder, tmp_path / "out")
    assert "os.abort" not in (out / "train.py").read_text() + (out / "README.md").read_text()
    records = [json.loads(line) for line in (out / "data" / "train.jsonl").read_text().splitlines()]
    assert records[0]["sentence1"] == f"{hostile} 0"


def test_what_cannot_be_written_is_refused(tmp_path, model):
    folder = tmp_path / "0001-run"
    folder.mkdir()
    asked = spec(folder, model, Format.PAIRS, examples(Format.PAIRS, 8), include_texts=False)
    asked.save()
    with pytest.raises(UsageError, match="private"):
        write_script(folder, tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    from dataclasses import replace

    replace(asked, include_texts=True).save()
    with pytest.raises(FileProblem, match="not empty"):
        write_script(folder, tmp_path / "full")
    assert not list(tmp_path.glob(".*tmp"))


def test_a_full_disk_is_called_full(tmp_path, model, monkeypatch):
    folder = tmp_path / "0001-run"
    folder.mkdir()
    spec(folder, model, Format.PAIRS, examples(Format.PAIRS, 8)).save()

    def full(source, target, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil.copytree, "__defaults__", (False, None, full, False, False))
    with pytest.raises(DiskFull):
        write_script(folder, tmp_path / "out", with_model=True)
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".*tmp"))
