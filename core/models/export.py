"""A run's model as a folder of the user's own."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Container
from pathlib import Path

from core import atomic
from core.errors import FileProblem


def export_model(run_folder: Path, out: Path) -> Path:
    """Copy `<run_folder>/model` to `out`, a folder that plain `SentenceTransformer(out)` loads. Returns `out`, absolute.

    The copy is made beside `out` and moved into place, so that `out` is never half a model.

    Raises:
        FileProblem: the run left no model, or `out` is a file or a folder with something in it.
        DiskFull: no room; nothing is left behind.
    """
    model, out = places(run_folder, out)
    with atomic.new_folder(out) as place:
        copy_tree(model, place)
    return out


def places(run_folder: Path, out: Path) -> tuple[Path, Path]:
    """The model's folder and the target, both absolute.

    Raises:
        FileProblem: the run left no model or one with links in it, or `out` lies inside it.
    """
    model, out = run_folder / "model", Path(os.path.abspath(out))  # noqa: PTH100 - resolve() would follow a link given as target
    model_files(run_folder)
    if model.resolve() in (out.resolve(), *out.resolve().parents):
        raise FileProblem(f"{out} lies inside the model itself.", "Choose a folder elsewhere.")
    return model, out


def model_files(run_folder: Path) -> list[Path]:
    """Every file of the model that a run left, in order.

    Raises:
        FileProblem: there is none, or something of it is a link: in a project from elsewhere that could lead to anything on this computer.
    """
    model = run_folder / "model"
    if not (model / "modules.json").is_file():
        raise FileProblem(f"Run {run_folder.name} has no model.", "Choose a run that finished.")
    inside = sorted(model.rglob("*"))
    for path in (run_folder, model, *inside):
        if path.is_symlink():
            raise FileProblem(
                f"{path} is a link to another place, which is not followed.",
                "Put the files themselves there, or choose another run.",
            )
    return [path for path in inside if path.is_file()]


def copy_tree(source: Path, target: Path, leave_out: Container[Path] = ()) -> None:
    """Copy what lies in `source` into the folder `target`, except the files in `leave_out`.

    Raises:
        OSError: with its own number, so that a full disk can be told from a refusal.
    """

    def left_out(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if Path(folder, name) in leave_out}

    try:
        shutil.copytree(source, target, ignore=left_out, dirs_exist_ok=True)
    except shutil.Error as error:
        # copytree gathers the failures as text; the first one's number tells a full disk from a refusal
        first = error.args[0][0]
        raise _as_os_error(str(first[2]), str(first[0])) from error


def _as_os_error(reason: str, path: str) -> OSError:
    number = re.search(r"\[Errno (\d+)\]", reason)
    return OSError(int(number.group(1)) if number else errno.EIO, reason, path)
