"""The libraries that run exported graphs, imported so that they report nothing to their makers, which both do by themselves."""

from __future__ import annotations

import os
import sys
from typing import Any

# ONNX Runtime 1.29 and later: told before its import it opens no connection and keeps no identifier.
SILENCE = {"ORT_DISABLE_TELEMETRY": "1"}


def silence() -> None:
    """To be called before anything imports one of the two."""
    os.environ.update(SILENCE)
    # None makes the import fail: OpenVINO then goes without what would report, and has no switch of its own for that
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


def onnxruntime() -> Any:
    silence()
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # what Windows collects, and versions before the variable
    return onnxruntime


def openvino() -> Any:
    silence()
    import openvino

    return openvino
