"""Which model a reference means: "base", "base:<name>", a run's name or number, "last", or a model folder."""

from __future__ import annotations

from pathlib import Path

from core.errors import ModelProblem, UsageError
from core.models import catalogue
from core.project import Reader
from core.training import runs


def resolve(ref: str, project: Path | None = None) -> str:
    """The name to load the model by: a catalogue name or the path of a folder.

    Raises:
        ModelProblem: no such run, or one that has no model yet.
        UsageError: a run was named without its project.
    """
    if ref == "base":
        return _project_base(project)
    if ref.startswith("base:"):
        return ref.removeprefix("base:")
    folder = Path(ref).expanduser()
    if folder.is_absolute() or len(folder.parts) != 1:
        return str(folder)
    if project is None:
        if folder.is_dir():
            return str(folder)
        raise UsageError(
            f"“{ref}” names a run, but no project was given.", "Give the project's folder, or a model folder."
        )
    run = find_run(project, ref)
    if run is None:
        if folder.is_dir():
            return str(folder.absolute())
        known = ", ".join(path.name for path in _runs(project)) or "none yet"
        raise ModelProblem(
            f"There is no run “{ref}” in {project}.", f"Its runs: {known}. Use base for the base model."
        )
    model = run / "model"
    if not model.is_dir():
        raise ModelProblem(f"Run {run.name} has no model.", "Choose a run that finished.")
    return str(model)


def find_run(project: Path, ref: str) -> Path | None:
    """The folder of the run with the name or the number `ref`; "last" is the newest one that has a model."""
    if ref == "last":
        return next((run.folder for run in runs.list_runs(project) if run.model is not None), None)
    return next((folder for folder in _runs(project) if runs.is_named(folder.name, ref)), None)


def _runs(project: Path) -> list[Path]:
    folder = runs.runs_folder(project)
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _project_base(project: Path | None) -> str:
    if project is None:
        return catalogue.EMBEDDED
    with Reader(project) as reader:
        return str(reader.recipe().get("base_model") or catalogue.EMBEDDED)
