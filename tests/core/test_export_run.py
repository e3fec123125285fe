"""A run's model as an ONNX or OpenVINO graph: the same embeddings, in a folder that is whole or not there."""

from __future__ import annotations

import json
import shutil
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.cli import main
from core.dataset.formats import Format
from core.engine import export_client
from core.engine.export_client import export_run
from core.errors import Cancelled, DataProblem, DiskFull, FileProblem, ModelProblem, UsageError
from core.models import export_agreement, export_graph, export_request
from core.models.card_threshold import RunThreshold
from core.models.export_agreement import compare, judge
from core.models.export_request import ExportFormat, ExportRequest
from core.models.exported import ExportedModel
from core.project import Project
from core.training.run_texts import some_texts
from core.training.run_threshold import set_threshold
from tests.core import tiny_model
from tests.core.cli_support import Cli
from tests.core.training_support import examples, spec

needs_onnx = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("onnx", "onnxscript", "onnxruntime")),
    reason="onnx, onnxscript and onnxruntime are not installed",
)
needs_openvino = pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")
TEXTS = ["red dress", "a blue coat of wool, " * 20, "shoe", "velvet", "green hat 7", "linen shirt"]


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A project with a run that holds a model with a dense head; nothing was trained."""
    folder = tmp_path_factory.mktemp("export") / "p"
    with Project.create(folder, "P") as made:
        made.create_dataset("Main", Format.SCORED, examples=examples(Format.SCORED, 4))
    run = folder / "runs" / "0001-dense"
    run.mkdir(parents=True)
    model = tiny_model.build(folder.parent / "tiny", dense=24)
    spec(run, model, Format.SCORED, examples(Format.SCORED, 20), examples(Format.SCORED, 6, start=500)).save()
    shutil.copytree(model, run / "model")
    (run / "model" / "README.md").write_text(
        '---\ntags: []\n---\n# Dresses\n\nA model.\n\n## Usage\n\nSentenceTransformer("path/to/this/folder")\n',
        encoding="utf-8",
    )
    set_threshold(run, RunThreshold(0.25, "hold-out", 6))
    return folder


@pytest.fixture(scope="module")
def run(project) -> Path:
    return project / "runs" / "0001-dense"


@dataclass(frozen=True)
class Exported:
    """What `anchorlab export` made, said, and left in the home of the person."""

    folder: Path
    said: dict[str, Any]
    home: list[str]


@pytest.fixture(scope="module")
def exported(project, tmp_path_factory) -> Exported:
    place = tmp_path_factory.mktemp("exported")
    (place / "home").mkdir()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as said:
        patch.setenv("HOME", str(place / "home"))
        patch.delenv("CI", raising=False)
        assert main(["export", str(project), "1", str(place / "m"), "--format", "onnx", "--json"]) == 0
    left = [path.name for path in (place / "home").iterdir()]
    return Exported(place / "m", json.loads(said.getvalue()), left)


def original(run: Path) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(run / "model"), device="cpu").encode(TEXTS)


@needs_onnx
def test_the_command_writes_a_graph_that_gives_the_same_embeddings(capsys, project, run, exported):
    out, told = exported.folder, exported.said
    assert told["folder"] == str(out) and told["run"] == "0001-dense"
    assert told["agreement"]["texts"] == 52 and told["agreement"]["max_distance"] < 1e-5
    assert told["agreement"]["same_neighbours"] > 0.99 and told["warning"] == ""
    assert np.abs(ExportedModel(out, ExportFormat.ONNX).encode(TEXTS) - original(run)).max() < 1e-5
    assert not list(out.glob("*.safetensors")) and (out / "2_Dense" / "model.safetensors").is_file()
    card = (out / "README.md").read_text(encoding="utf-8")
    assert card.index("# Dresses") < card.index("## ONNX") < card.index("## Usage")
    assert 'folder", backend="onnx")' in card
    kept = json.loads((out / "export.json").read_text(encoding="utf-8"))
    assert kept["agreement"] == told["agreement"] and kept["max_length"] == 64
    rows = [text for example in examples(Format.SCORED, 20) for text in example.texts]
    assert not any(text in card + json.dumps(kept) for text in rows), "only figures of the texts are kept"
    assert exported.home == [], "a library left an identifier in the person's home"
    assert "not empty" in Cli(capsys).fails(1, "export", project, "1", out, "--format", "onnx")


@needs_onnx
def test_the_snippet_of_the_card_runs_and_ends_with_the_chosen_threshold(run, exported):
    card = (exported.folder / "README.md").read_text(encoding="utf-8")
    snippet = (
        card.split("```python\n", 1)[1]
        .split("```", 1)[0]
        .replace("path/to/this/folder", str(exported.folder))
    )
    found: dict[str, Any] = {}
    exec(snippet, found)  # noqa: S102 - what the card tells people to run
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(run / "model"), device="cpu")
    theirs = model.similarity(*(2 * [model.encode(found["texts"])])).numpy()
    assert np.abs(found["similarities"] - theirs).max() < 1e-5
    assert found["threshold"] == 0.25 and (found["similar"] == (theirs >= 0.25)).all()
    kept = json.loads((exported.folder / "export.json").read_text(encoding="utf-8"))
    assert (kept["threshold"], kept["threshold_of"], kept["similarity"]) == (0.25, "texts", "cosine")


@needs_onnx
def test_eight_bits_are_smaller_and_close(run, exported, tmp_path):
    from core.models.onnx_model import write_int8

    place = tmp_path / "m"
    shutil.copytree(exported.folder, place)
    write_int8(exported.folder / "onnx" / "model.onnx", place / "onnx" / "model.onnx")
    agreement = compare(original(run), ExportedModel(place, ExportFormat.ONNX).encode(TEXTS))
    assert 0 < agreement.mean_distance < 0.02
    sizes = [(folder / "onnx" / "model.onnx").stat().st_size for folder in (place, exported.folder)]
    assert sizes[0] < sizes[1] - 50_000  # of 30,000 weights


@needs_onnx
def test_weights_beside_the_graph_get_the_name_that_others_look_for(run, exported, tmp_path):
    import onnx

    from core.models.onnx_model import rename_weights

    place = tmp_path / "m"
    shutil.copytree(exported.folder, place)
    graph = place / "onnx" / "model.onnx"
    onnx.save_model(
        onnx.load(str(graph)),
        str(graph),
        save_as_external_data=True,
        location="model.onnx.data",
    )
    rename_weights(graph)
    assert sorted(path.name for path in graph.parent.iterdir()) == ["model.onnx", "model.onnx_data"]
    assert np.abs(ExportedModel(place, ExportFormat.ONNX).encode(TEXTS) - original(run)).max() < 1e-5


@needs_onnx
@needs_openvino
@pytest.mark.parametrize(("int8", "limit"), [(False, 1e-3), (True, 1e-2)])
def test_openvino(run, exported, tmp_path, int8, limit):
    from core.models.openvino_model import write_openvino

    shutil.copytree(exported.folder, tmp_path / "m")
    write_openvino(
        exported.folder / "onnx" / "model.onnx", tmp_path / "m" / "openvino" / "openvino_model.xml", int8=int8
    )
    found = ExportedModel(tmp_path / "m", ExportFormat.OPENVINO).encode(TEXTS)
    assert compare(original(run), found).max_distance < limit


def test_a_copy_needs_nothing(capsys, project, run, tmp_path):
    said = Cli(capsys)("export", project, "1", tmp_path / "plain").out
    assert "0001-dense" in said and "MB" in said and "Compared" not in said
    result = export_run(ExportRequest(run, tmp_path / "copy", ExportFormat.SAFETENSORS))
    assert result.agreement is None and result.bytes == result.original_bytes
    assert (tmp_path / "copy" / "model.safetensors").is_file()
    assert type(result).from_record(json.loads(json.dumps(result.record()))) == result
    with pytest.raises(UsageError, match="8-bit"):
        export_run(ExportRequest(run, tmp_path / "other", ExportFormat.SAFETENSORS, int8=True))


def test_a_missing_package_is_named_with_the_way_to_get_it(run, tmp_path, monkeypatch):
    monkeypatch.setattr(export_request, "find_spec", lambda name: None if "onnx" in name else object())
    with pytest.raises(
        ModelProblem, match=r"onnx, onnxscript and onnxruntime, which.*pip install onnx onnxs"
    ):
        export_run(ExportRequest(run, tmp_path / "m"))
    assert not list(tmp_path.iterdir())


def present(monkeypatch) -> None:
    monkeypatch.setattr(export_request, "find_spec", lambda name: object())


def test_it_can_be_cancelled(run, tmp_path, monkeypatch):
    present(monkeypatch)
    with pytest.raises(Cancelled):
        export_run(ExportRequest(run, tmp_path / "m"), should_stop=lambda: True)
    assert not list(tmp_path.iterdir())


def test_a_process_that_dies_leaves_nothing(run, tmp_path, monkeypatch):
    present(monkeypatch)
    started = []

    class Doomed(export_client.Child):
        def send(self, message):
            started.append(self)
            self.kill()
            return True

    monkeypatch.setattr(export_client, "Child", Doomed)
    with pytest.raises(export_client.EngineProblem, match="killed"):
        export_run(ExportRequest(run, tmp_path / "m"))
    assert started and not list(tmp_path.iterdir())


def test_no_room_is_found_out_before_the_work(run, tmp_path, monkeypatch):
    present(monkeypatch)
    full = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(DiskFull, match="needs 0 MB"):
        export_graph.fill(run / "model", tmp_path, ExportFormat.ONNX, False, TEXTS)
    with pytest.raises(DataProblem):
        export_graph.fill(run / "model", tmp_path, ExportFormat.ONNX, False, [])
    assert not list(tmp_path.iterdir())


@needs_onnx
def test_a_model_without_a_transformer_is_refused(tmp_path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel

    from core.models.onnx_model import write_onnx

    static = StaticEmbedding(Tokenizer(WordLevel({"a": 0, "[UNK]": 1}, "[UNK]")), embedding_dim=4)
    with pytest.raises(ModelProblem, match="starts with StaticEmbedding"):
        write_onnx(SentenceTransformer(modules=[static], device="cpu"), tmp_path / "m.onnx")


def test_a_run_without_a_model(run, tmp_path, monkeypatch):
    present(monkeypatch)
    (tmp_path / "0002-x").mkdir()
    with pytest.raises(FileProblem, match="no model"):
        export_run(ExportRequest(tmp_path / "0002-x", tmp_path / "m"))


def test_agreement_and_its_limits():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(40, 8)).astype(np.float32)
    same = compare(vectors, vectors * 3)
    assert same.max_distance < 1e-6 and same.same_neighbours == same.same_nearest == 1.0
    assert judge(same, ExportFormat.ONNX, False) == ""
    near = compare(vectors, vectors + rng.normal(size=vectors.shape).astype(np.float32) * 0.2)
    assert export_agreement.INT8_SAID[0] < near.mean_distance < export_agreement.INT8_REFUSED[0]
    assert "changes noticeably" in judge(near, ExportFormat.ONNX, True)
    with pytest.raises(ModelProblem, match="does not agree"):
        judge(near, ExportFormat.ONNX, False)
    other = compare(vectors, rng.normal(size=vectors.shape).astype(np.float32))
    with pytest.raises(ModelProblem, match="no longer the same"):
        judge(other, ExportFormat.OPENVINO, True)
    broken = vectors.copy()
    broken[3] = np.nan
    for int8 in (False, True):
        with pytest.raises(ModelProblem):
            judge(compare(vectors, broken), ExportFormat.ONNX, int8)
    assert compare(vectors[:1], vectors[:1]).neighbours == 0
    with pytest.raises(ModelProblem, match="4 dimensions, the original of 8"):
        compare(vectors, vectors[:, :4])


def test_the_texts_of_a_run(run):
    from core.training.spec import Spec

    asked = Spec.load(run)
    found = some_texts(run, asked, 20)
    assert len(found) == len(set(found)) == 20
    held = [text for text in found if int(text.split()[-1]) >= 500]
    assert len(held) == 12, "the held-out texts come first"
    assert len(some_texts(run, asked, 1000)) == 52
