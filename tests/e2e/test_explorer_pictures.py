"""Every tab of the explore page in a real window with a real engine: on words and, where they are at hand, on quotes; in both themes."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from core import paths
from core.dataset.formats import Example, Format
from core.errors import ModelProblem
from core.models.catalogue import embedded_path
from core.project import Project
from core.project.probes import Probe, put
from gui.main_window import MainWindow
from gui.views.explore.page import VIEWS, ExplorePage
from tests.e2e.robot import drive
from tests.e2e.test_labelling_pictures import keep
from tests.gui.run_support import fake_run

WORDS = {
    ("Fire", "Water"): 1,
    ("Drought", "Rain"): 1,
    ("Virus", "Vaccine"): 1,
    ("Wolf", "Shepherd"): 1,
    ("Rust", "Oil"): 1,
    ("Wood", "Axe"): 1,
    ("Darkness", "Lantern"): 1,
    ("Rumour", "Truth"): 1,
    ("Fire", "Novel"): 0,
    ("Drought", "Boulder"): 0,
    ("Virus", "Curtain"): 0,
    ("Wolf", "Calendar"): 0,
    ("Rust", "Melody"): 0,
    ("Wood", "Sermon"): 0,
    ("Darkness", "Butter"): 0,
    ("Rumour", "Anvil"): 0,
}
ROWS, QUOTES = 90, 30
QUERIES = {"words": "a storm at sea", "quotes": "be yourself"}
SIZES = {"light": (1280, 800), "dark": (1024, 640)}


def data() -> Path:
    return Path(os.environ.get("ANCHORLAB_DATA") or paths.ROOT.parent / "shared" / "data")


def rows_of(name: str) -> list[Example]:
    """Rows of the published data; a few words where they are not at hand, no quotes at all."""
    if name == "quotes":
        path = data() / "quotes" / "seed002_pairs.csv"
        return [Example((row[0], row[1])) for row in read(path, QUOTES)] if path.is_file() else []
    path = data() / "words_of_power" / "seed004_pairs.csv"
    found = (
        list(read(path, ROWS)) if path.is_file() else [[*pair, str(score)] for pair, score in WORDS.items()]
    )
    return [Example((row[0], row[1]), float(row[2]), row[2]) for row in found]


def read(path: Path, most: int) -> list[list[str]]:
    """So many rows from all over the file."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    return rows[:: max(1, len(rows) // most)][:most]


def make(folder: Path, name: str) -> bool:
    """A project with a run whose model is the base model, moved a little; False where there are no rows."""
    rows = rows_of(name)
    if not rows:
        return False
    format = Format.PAIRS if name == "quotes" else Format.SCORED
    with Project.create(folder, name.capitalize()) as project:
        project.create_dataset(name, format, examples=rows)
        for one, other in ((rows[0].texts, rows[3].texts), (rows[1].texts, rows[5].texts)):
            project.apply(put(Probe(0, one[0], "", k=3, expected=(one[1],))), "Add probe")
            project.add_probe(one[0], one[1], "similar")
            project.add_probe(one[0], other[1], "different")
        ids = list(project.ids(project.datasets()[0].id))
    run = fake_run(folder)
    shutil.copytree(embedded_path(), run / "model")
    move(run / "model" / "model.safetensors")
    (run / "data").mkdir(exist_ok=True)
    held = ids[::5]
    record = {"dataset": 1, "train": [id for id in ids if id not in held], "holdout": held}
    (run / "data" / "ids.json").write_text(json.dumps(record))
    return True


def move(weights: Path) -> None:
    """Other word vectors: what a short training might leave."""
    from safetensors.numpy import load_file, save_file

    tensors = load_file(weights)
    name = next(key for key in tensors if key.endswith("word_embeddings.weight"))
    chance = np.random.default_rng(7)
    tensors[name] = tensors[name] + chance.normal(0, 0.9 * tensors[name].std(), tensors[name].shape).astype(
        np.float32
    )
    weights.unlink()
    save_file(tensors, weights, metadata={"format": "pt"})


def settle(qtbot, window: MainWindow) -> None:
    """Nothing is on its way, and stays so for a moment."""
    context = window.context

    def idle() -> bool:
        return not context.jobs.running and not context.engine.busy

    for _ in range(2):
        qtbot.waitUntil(idle, timeout=60_000)
        qtbot.wait(60)


def test_pictures_of_every_tab(qtbot, tmp_path: Path) -> None:
    try:
        made = [name for name in ("words", "quotes") if make(tmp_path / name, name)]
    except ModelProblem as reason:
        pytest.skip(str(reason))

    def steps(window: MainWindow) -> None:
        for name in made:
            if name != made[0]:
                window.projects.open(tmp_path / name)
            qtbot.waitUntil(lambda name=name: window.context.folder == tmp_path / name, timeout=20_000)
            qtbot.waitUntil(lambda: window.context.engine.state == "warm", timeout=60_000)
            window.show_page("explore")
            page = window.page("explore")
            assert isinstance(page, ExplorePage)
            for theme, size in SIZES.items():
                window.context.theme.set_mode(theme)
                window.resize(*size)
                page.show_query(QUERIES[name])
                for key, _, _ in VIEWS:
                    page.show_view(key)
                    settle(qtbot, window)
                    keep(qtbot, window, f"explorer-{key}-{name}-{theme}", 60)
                    least = page.view(key).minimumSizeHint()
                    assert least.width() <= 824 and least.height() <= 450, (
                        f"{key} does not fit into 900 × 560"
                    )
                first = window.context.project.examples([1])[0].texts
                page.show_view("pairs")
                page.show_why(*first[:2])
                settle(qtbot, window)
                keep(qtbot, window, f"explorer-why-{name}-{theme}", 60)
                page.toggle_why()
        QApplication.processEvents()

    assert drive([str(tmp_path / made[0])], steps) == 0
