"""An exported folder, used as its README tells: tokenizer, one graph, embeddings. Neither torch nor sentence-transformers computes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.models import runtimes
from core.models.export_request import ExportFormat

Floats = NDArray[np.float32]
GRAPHS = {ExportFormat.ONNX: "onnx/model.onnx", ExportFormat.OPENVINO: "openvino/openvino_model.xml"}
SETTINGS = "export.json"
_BATCH = 16


class ExportedModel:
    """Embeds texts with the graph in `folder`."""

    def __init__(self, folder: Path, format: ExportFormat, threads: int = 0) -> None:
        from transformers import AutoTokenizer

        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        self._length, self._prompt = settings["max_length"], settings["prompt"]
        self._tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        start = _onnx if format is ExportFormat.ONNX else _openvino
        self._names, self._run = start(folder / GRAPHS[format], threads)

    def encode(
        self, texts: Sequence[str], on_progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Floats:
        """The embeddings of `texts`, float32, in their order."""
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        found: Floats | None = None
        for start in range(0, len(order), _BATCH):
            places = order[start : start + _BATCH]
            vectors = self._embed([self._prompt + texts[place] for place in places])
            if found is None:
                found = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
            found[places] = vectors
            on_progress(start + len(places), len(order))
        return np.empty((0, 0), dtype=np.float32) if found is None else found

    def _embed(self, texts: list[str]) -> Floats:
        tokens = self._tokenizer(
            texts, padding=True, truncation=True, max_length=self._length, return_tensors="np"
        )
        return self._run({name: tokens[name] for name in self._names})


def _onnx(path: Path, threads: int) -> tuple[list[str], Callable[[dict[str, Any]], Floats]]:
    onnxruntime = runtimes.onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # a thread that waits must not keep the core from a training beside it
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [item.name for item in session.get_inputs()]
    return names, lambda tokens: session.run(["sentence_embedding"], tokens)[0]


def _openvino(path: Path, threads: int) -> tuple[list[str], Callable[[dict[str, Any]], Floats]]:
    openvino = runtimes.openvino()
    options = {"INFERENCE_NUM_THREADS": threads} if threads else {}
    compiled = openvino.Core().compile_model(str(path), "CPU", options)
    names = [item.get_any_name() for item in compiled.inputs]
    # the result is the model's own memory, which the next call overwrites
    return names, lambda tokens: np.array(compiled(tokens)["sentence_embedding"])
