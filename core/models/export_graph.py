"""Turning a run's model into a folder with one graph: convert, store in 8 bits where asked, compare, describe. Torch is imported inside."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core import atomic
from core.errors import DataProblem, DiskFull
from core.models import export_agreement, export_card
from core.models.card_threshold import RunThreshold
from core.models.export import copy_tree
from core.models.export_request import Agreement, ExportFormat, ExportProgress, require_packages
from core.models.exported import GRAPHS, ExportedModel, Floats

Report = Callable[[ExportProgress], None]
_WEIGHTS = ("*.safetensors", "*.safetensors.index.json", "pytorch_model*.bin*")
# of 100: where each part of the work begins
_CONVERT, _SHRINK, _ORIGINAL, _EXPORTED, _DONE = 10, 50, 60, 80, 100


def fill(
    model_folder: Path,
    place: Path,
    format: ExportFormat,
    int8: bool,
    texts: Sequence[str],
    on_progress: Report = lambda progress: None,
    threshold: RunThreshold | None = None,
) -> tuple[Agreement, str]:
    """Export the model in `model_folder` into the empty folder `place`; returns the agreement on `texts` and what to tell about it.

    `threshold` is the one that somebody chose for the model; the card's snippet ends with it.

    Raises:
        ModelProblem: a package is missing, the architecture cannot be exported, or the result is another model.
        DataProblem: there is no text to compare with.
        DiskFull, FileProblem
    """
    require_packages(format)
    if not texts:
        raise DataProblem("There is no text to compare the export with.", "Choose a run that has its data.")
    _room(model_folder, place, int8)
    from core.models.loading import load

    on_progress(ExportProgress(0, "Loading the model"))
    model = load(str(model_folder), device="cpu").eval()
    graph = place / GRAPHS[format]
    with atomic.explained(place):
        copy_tree(model_folder, place, _transformer_weights(model_folder))
        _convert(model, graph, format, int8, on_progress)
        settings = export_card.write_settings(place, model, format, int8, threshold)
    agreement = export_agreement.compare(*_embedded(model, place, format, texts, on_progress))
    warning = export_agreement.judge(agreement, format, int8)
    export_card.write_card(place, settings, agreement, warning, threshold)
    on_progress(ExportProgress(_DONE, "Done"))
    return agreement, warning


def _convert(model: Any, graph: Path, format: ExportFormat, int8: bool, on_progress: Report) -> None:
    from core.models.onnx_model import write_int8, write_onnx

    on_progress(ExportProgress(_CONVERT, f"Converting to {format.title}"))
    graph.parent.mkdir(parents=True)
    between = graph.parent / ".onnx"
    between.mkdir()
    plain = between / "model.onnx"
    write_onnx(model, plain)
    on_progress(ExportProgress(_SHRINK, "Storing the weights in 8 bits" if int8 else "Writing the graph"))
    if format is ExportFormat.OPENVINO:
        from core.models.openvino_model import write_openvino

        write_openvino(plain, graph, int8=int8)
    elif int8:
        write_int8(plain, graph)
    else:
        for file in list(between.iterdir()):
            file.replace(graph.parent / file.name)
    shutil.rmtree(between)


def _embedded(
    model: Any, place: Path, format: ExportFormat, texts: Sequence[str], on_progress: Report
) -> tuple[Floats, Floats]:
    """The embeddings of the original and of what lies in `place`."""
    import torch

    from core.models.encoder import encode

    words = "Comparing with the original"

    def told(start: int, end: int) -> Callable[..., None]:
        def tell(done: int, total: int, _left: float | None = None) -> None:
            on_progress(ExportProgress(start + (end - start) * done // max(1, total), words))

        return tell

    original = encode(model, texts, on_progress=told(_ORIGINAL, _EXPORTED))
    exported = ExportedModel(place, format, torch.get_num_threads())
    return original, exported.encode(texts, told(_EXPORTED, _DONE - 1))


def _transformer_weights(folder: Path) -> set[Path]:
    """The files that the graph replaces; layers behind the pooling keep theirs, which sentence-transformers reads."""
    return {path for pattern in _WEIGHTS for path in folder.glob(pattern)}


def _room(model_folder: Path, place: Path, int8: bool) -> None:
    """
    Raises:
        DiskFull: before the work, not in the middle of it.
    """
    size = sum(path.stat().st_size for path in _transformer_weights(model_folder))
    needed = size * 2 + (size // 3 if int8 else 0)
    with atomic.explained(place):
        free = shutil.disk_usage(place).free
    if free < needed:
        raise DiskFull(
            f"The export needs {needed / 1e6:,.0f} MB, and {place.parent.parent} has {free / 1e6:,.0f} MB.",
            "Free some space, or choose a folder on another disk.",
        )
