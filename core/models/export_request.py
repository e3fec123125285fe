"""What an export is asked for, what it tells on its way, and what comes out: plain values, no torch."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.errors import ModelProblem

_NEEDED = {"safetensors": (), "onnx": ("onnx", "onnxscript", "onnxruntime")}
_NEEDED["openvino"] = ("onnx", "onnxscript", "openvino")


class ExportFormat(StrEnum):
    SAFETENSORS = "safetensors"
    ONNX = "onnx"
    OPENVINO = "openvino"

    @property
    def title(self) -> str:  # type: ignore[override]
        return {"safetensors": "sentence-transformers", "onnx": "ONNX", "openvino": "OpenVINO"}[self.value]


@dataclass(frozen=True)
class ExportRequest:
    """One export. `int8` stores the weights in 8 bits: a quarter of the size, and an embedding that differs a little."""

    run_folder: Path
    out: Path  # a new folder, or an empty one
    format: ExportFormat = ExportFormat.ONNX
    int8: bool = False


@dataclass(frozen=True)
class ExportProgress:
    """How far an export is, of 100, and what it does, in words."""

    done: int
    text: str


@dataclass(frozen=True)
class Agreement:
    """How the exported model's embeddings of the project's texts compare with the original's."""

    texts: int
    mean_distance: float  # cosine distance of a text's two embeddings
    max_distance: float
    neighbours: int  # how many nearest texts of each text were compared
    same_neighbours: float  # share of them that are the same
    same_nearest: float  # share of the texts whose nearest one is the same


@dataclass(frozen=True)
class ExportResult:
    folder: Path
    format: ExportFormat
    int8: bool
    bytes: int  # of the folder
    original_bytes: int  # of the run's model folder
    agreement: Agreement | None = None  # None: a copy, which is the model itself
    warning: str = ""  # what to tell plainly; "": nothing

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        values = asdict(self)
        return {**values, "folder": str(self.folder), "format": self.format.value}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> ExportResult:
        agreement = record["agreement"]
        return cls(
            **{
                **record,
                "folder": Path(record["folder"]),
                "format": ExportFormat(record["format"]),
                "agreement": None if agreement is None else Agreement(**agreement),
            }
        )


def missing_packages(format: ExportFormat) -> list[str]:
    """What is not installed of that which a format needs. Nothing is imported."""
    return [name for name in _NEEDED[format.value] if find_spec(name) is None]


def require_packages(format: ExportFormat) -> None:
    """
    Raises:
        ModelProblem: something the format needs is not installed; the sentence tells how to get it.
    """
    if missing := missing_packages(format):
        names = " and ".join(([", ".join(missing[:-1])] if missing[1:] else []) + missing[-1:])
        verb = "is" if len(missing) == 1 else "are"
        raise ModelProblem(
            f"Export to {format.title} needs {names}, which {verb} not installed.",
            f'Install {"it" if len(missing) == 1 else "them"} ("{sys.executable}" -m pip install {" ".join(missing)}) and try again.',
        )
