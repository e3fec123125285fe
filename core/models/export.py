"""A run's model as a folder of the user's own."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from pathlib import Path

from core.atomic import explained
from core.errors import FileProblem


def export_model(run_folder: Path, out: Path) -> Path:
    """Copy `<run_folder>/model` to `out`, a folder that plain `SentenceTransformer(out)` loads. Returns `out`, absolute.

    The copy is made beside `out` and moved into place, so that `out` is never half a model.

    Raises:
        FileProblem: the run left no model, or `out` is a file or a folder with something in it.
        DiskFull: no room; nothing is left behind.
    """
    model, out = run_folder / "model", Path(os.path.abspath(out))  # noqa: PTH100 - resolve() would follow a link given as target
    if not (model / "modules.json").is_file():
        raise FileProblem(f"Run {run_folder.name} has no model to export.", "Choose a run that finished.")
    if model.resolve() in (out.resolve(), *out.resolve().parents):
        raise FileProblem(f"{out} lies inside the model itself.", "Choose a folder elsewhere.")
    with explained(out):
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise FileProblem(f"{out} exists and is not empty.", "Choose a new folder or an empty one.")
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".tmp", dir=out.parent))
    try:
        with explained(out):
            _copy(model, beside / "model")
            if out.exists():
                out.rmdir()
            (beside / "model").replace(out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return out


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copytree(source, target)
    except shutil.Error as error:
        # copytree gathers the failures as text; the first one's number tells a full disk from a refusal
        first = error.args[0][0]
        raise _as_os_error(str(first[2]), str(first[0])) from error


def _as_os_error(reason: str, path: str) -> OSError:
    number = re.search(r"\[Errno (\d+)\]", reason)
    return OSError(int(number.group(1)) if number else errno.EIO, reason, path)
