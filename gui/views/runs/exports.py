"""Taking a run away: its model in one of the formats there are, or a script that trains it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from core.engine.export_client import export_run
from core.errors import AnchorLabError
from core.models.export_request import ExportFormat, ExportRequest, ExportResult, require_packages
from core.paths import free_name
from core.training.runs import Run
from core.training.script import write_script
from gui.context import Context
from gui.widgets.messages import Message
from gui.workers.job import Job

T = TypeVar("T")

# What the menu offers: words, the format, and whether the weights are stored in 8 bits.
FORMATS = (
    ("sentence-transformers…", ExportFormat.SAFETENSORS, False),
    ("ONNX…", ExportFormat.ONNX, False),
    ("ONNX in 8 bits…", ExportFormat.ONNX, True),
    ("OpenVINO…", ExportFormat.OPENVINO, False),
    ("OpenVINO in 8 bits…", ExportFormat.OPENVINO, True),
)


def export_model(
    context: Context, owner: QWidget, run: Run, format: ExportFormat, int8: bool = False
) -> None:
    """Ask for a folder and export into a new one in it. What is missing for the format is said before anything is asked."""
    try:
        require_packages(format)
    except AnchorLabError as error:
        context.messages.error(error)
        return
    kind = "model" if format is ExportFormat.SAFETENSORS else f"{format.value}{'-int8' if int8 else ''}"

    def work(job: Job, target: Path) -> ExportResult:
        request = ExportRequest(run.folder, target, format, int8)
        return export_run(
            request, on_progress=lambda told: job.report(told.done, 100), should_stop=job.stopped
        )

    _export(context, owner, run, f"{format.title}{' in 8 bits' if int8 else ''}", kind, work, _told)


def export_script(context: Context, owner: QWidget, run: Run) -> None:
    """A folder with the rows, the settings and a script that uses only sentence-transformers."""

    def work(_job: Job, target: Path) -> Path:
        return write_script(run.folder, target)

    def told(place: Path) -> Message:
        return Message(
            f"The script is in {place}.",
            "It trains with sentence-transformers alone; its README says how.",
            "positive",
        )

    _export(context, owner, run, "a training script", "script", work, told)


def _told(result: ExportResult) -> Message:
    """Where it is, how large, and how close to the original."""
    size = f"{result.bytes / 1e6:,.0f} MB"
    found = result.agreement
    if found is None:
        return Message(
            f"The model is in {result.folder}.",
            f"{size}. Load it with SentenceTransformer(path).",
            "positive",
        )
    hint = (
        f"{size}, before {result.original_bytes / 1e6:,.0f} MB. Compared on {found.texts:,} texts of the run: "
        f"cosine distance {found.mean_distance:.2g} on average, {found.max_distance:.2g} at most; "
        f"{100 * found.same_neighbours:.0f} % of the {found.neighbours} nearest texts the same."
    )
    words = f"The {result.format.title} model is in {result.folder}."
    return Message(words, f"{result.warning} {hint}".strip(), "warning" if result.warning else "positive")


def _export(
    context: Context,
    owner: QWidget,
    run: Run,
    title: str,
    kind: str,
    work: Callable[[Job, Path], T],
    told: Callable[[T], Message],
) -> None:
    parent = QFileDialog.getExistingDirectory(
        owner, f"Export run {run.number} as {title} into this folder", str(Path.home())
    )
    if not parent:
        return
    target = free_name(Path(parent) / f"{run.folder.name}-{kind}")

    def done(result: T) -> None:
        message = told(result)
        context.messages.post(
            Message(
                message.text,
                message.hint,
                message.tone,
                action="Open folder",
                do=lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(target))),
            )
        )

    context.run(f"Exporting run {run.number} as {title}", lambda job: work(job, target), on_done=done)
