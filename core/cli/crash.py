"""The log for what should not have happened: the person gets a sentence, the details go to a file."""

from __future__ import annotations

import time
import traceback
from pathlib import Path

from core import paths
from core.errors import AnchorLabError

_LIMIT = 1_000_000  # bytes; an older log is kept once as cli.log.1


def log_path() -> Path:
    return paths.home() / "logs" / "cli.log"


def unexpected(error: BaseException) -> AnchorLabError:
    """The sentence for an exception nobody foresaw; its traceback is appended to the log."""
    summary = str(error).strip().split("\n")[0] or "no further word"
    message = f"Something unexpected went wrong: {type(error).__name__}: {summary.rstrip('.')}."
    details = "".join(traceback.format_exception(error))
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _LIMIT:
            path.replace(path.with_suffix(".log.1"))
        with path.open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(f"\n{time.strftime('%Y-%m-%d %H:%M:%S')}\n{details}")
    except OSError:
        return AnchorLabError(message, f"The details cannot be written to {path}.", details=details)
    return AnchorLabError(message, f"Details in {path}.", details=details)
