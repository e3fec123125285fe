"""What a model is, as one short name: two folders with the same fingerprint give the same embeddings."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from core import atomic, paths
from core.atomic import explained
from core.errors import AnchorLabError

# What can change an embedding. Cards, logs, evaluation tables and pictures cannot.
_SUFFIXES = frozenset(
    {".json", ".txt", ".model", ".safetensors", ".bin", ".vocab", ".spm", ".tiktoken", ".jinja", ".py"}
)
_HASHED_ONCE = 1_000_000  # bytes; a larger file's hash is remembered between starts

_known: dict[str, str] = {}


def fingerprint(model_path: Path) -> str:
    """A stable name (32 hex digits) for the configuration, tokenizer and weights in the folder `model_path`.

    The hash of each file is remembered by its path, size and time of change, so that a second call only looks at the folder.

    Raises:
        FileProblem: the folder or one of its files cannot be read.
    """
    whole = hashlib.sha256()
    with explained(model_path, "read"):
        for path in sorted(_files(model_path), key=lambda item: item.relative_to(model_path).as_posix()):
            whole.update(f"{path.relative_to(model_path).as_posix()}\0{_file_hash(path)}\n".encode())
    return whole.hexdigest()[:32]


def fingerprint_loaded(model: Any) -> str:
    """The same for a loaded model that has no folder of its own (one from the Hub's cache, or with random weights)."""
    whole = hashlib.sha256(
        f"{model}\0{model.max_seq_length}\0{model.prompts}\0{model.default_prompt_name}".encode()
    )
    for name, values in sorted(model.state_dict().items()):
        whole.update(f"{name}\0{tuple(values.shape)}\0{values.dtype}\n".encode())
        whole.update(values.detach().cpu().float().contiguous().numpy().data)
    return whole.hexdigest()[:32]


def _files(folder: Path) -> list[Path]:
    found = []
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name == "eval":
            continue
        if path.is_dir():
            found += _files(path)
        elif path.suffix.lower() in _SUFFIXES:
            found.append(path)
    return found


def _file_hash(path: Path) -> str:
    status = path.stat()
    key = f"{path.resolve()}|{status.st_size}|{status.st_mtime_ns}"
    if not _known:
        _known.update(_remembered())
    if key not in _known:
        with path.open("rb") as stream:
            _known[key] = hashlib.file_digest(stream, "sha256").hexdigest()
        if status.st_size >= _HASHED_ONCE:
            _remember(key)
    return _known[key]


def _store() -> Path:
    return paths.home() / "cache" / "fingerprints.json"


def _remembered() -> dict[str, str]:
    try:
        saved = json.loads(_store().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in saved.items()} if isinstance(saved, dict) else {}


def _remember(key: str) -> None:
    """Write the hash of a large file beside those that are known; forgetting one only costs time."""
    path = key.split("|")[0]
    kept = {old: value for old, value in _remembered().items() if old.split("|")[0] != path}
    kept[key] = _known[key]
    try:
        atomic.write_text(_store(), json.dumps(kept, indent=0) + "\n")
    except AnchorLabError:
        return
