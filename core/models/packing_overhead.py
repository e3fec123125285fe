"""What a chunk costs on this machine, measured once for each kind of model. Only child processes import this module."""

from __future__ import annotations

import json
from pathlib import Path

from core import atomic, paths
from core.errors import DiskFull, FileProblem
from core.models import loading
from core.models.packed_forward import PackedForward


def settle(forward: PackedForward, precision: str, backward: bool = True) -> float:
    """Set and return `forward.overhead`: the remembered figure, or one measured now.

    Remembered, because the division of the batches decides which dropout draw meets which text: the same run on the same machine
    must give the same model.
    """
    key = _key(forward, precision, backward)
    known = _read()
    if key in known:
        forward.overhead = known[key]
        return forward.overhead
    forward.measure(precision, backward)
    try:
        atomic.write_text(_file(), json.dumps({**_read(), key: forward.overhead}, indent=1) + "\n")
    except (DiskFull, FileProblem):
        pass  # it is measured again next time
    return forward.overhead


def _key(forward: PackedForward, precision: str, backward: bool) -> str:
    config = forward.model.config
    shape = [getattr(config, name, 0) for name in ("model_type", "num_hidden_layers", "hidden_size")]
    device = loading.device_title(str(forward.model.device))
    return "/".join(map(str, (device, *shape, precision, "training" if backward else "encoding")))


def _file() -> Path:
    return paths.home() / "cache" / "packing.json"


def _read() -> dict[str, float]:
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        str(key): float(value)
        for key, value in found.items()
        if isinstance(value, int | float) and value >= 1
    }
