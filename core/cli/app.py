"""From the words to the command and from whatever happens to an exit status."""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Callable, Sequence

from core.cli import crash, parser
from core.cli.output import Output, abandon, prepare_streams
from core.errors import AnchorLabError, Cancelled, DiskFull, FileProblem, UsageError

# Each module has `run(args, out) -> int`; only the chosen one is imported.
_MODULES = {
    "gui": "core.cli.gui_command",
    "examples": "core.cli.examples",
    "new": "core.cli.new",
    "check": "core.cli.check",
    "split": "core.cli.split",
    "recipe": "core.cli.recipe",
    "train": "core.cli.train",
    "learning-curve": "core.cli.learning_curve",
    "runs": "core.cli.runs",
    "query": "core.cli.query",
    "probes": "core.cli.probes",
    "report": "core.cli.report",
    "export": "core.cli.export_run",
    "export-data": "core.cli.export_data",
    "export-model": "core.cli.export",
    "script": "core.cli.export",
    "push": "core.cli.push",
}


def run(argv: Sequence[str] | None) -> int:
    """Exit status: 0 done, 1 failed, 2 wrong use."""
    words = list(sys.argv[1:] if argv is None else argv)
    prepare_streams()
    out = Output(_wants_json(words))
    try:
        return _dispatch(words, out)
    except SystemExit as stop:  # argparse after --help
        return int(stop.code or 0)
    except AnchorLabError as error:
        return report(out, error, words[:1] == ["train"])
    except KeyboardInterrupt:
        return report(out, Cancelled())
    except BrokenPipeError:
        abandon(out.stream)
        return 1
    except OSError as error:
        return report(out, _explained(error))
    except Exception as error:  # noqa: BLE001 - the last resort: a sentence and a log instead of a traceback
        return report(out, crash.unexpected(error))


def _dispatch(words: list[str], out: Output) -> int:
    parsing = parser.build()
    args = parsing.parse_args(words)
    if args.version:
        out.line(f"anchorlab {_version()}")
        return 0
    if not args.command:
        raise UsageError("A command is missing.", f"One of: {', '.join(_MODULES)}. See anchorlab --help.")
    if args.command in ("train", "query", "learning-curve"):
        _share_cores()
    command: Callable[[argparse.Namespace, Output], int] = importlib.import_module(_MODULES[args.command]).run
    return command(args, out)


def _share_cores() -> None:
    """Threads that wait must not keep the cores from others; the libraries read this when they are first imported."""
    from core.engine.launch import SHARE_CORES

    for name, value in SHARE_CORES.items():
        os.environ.setdefault(name, value)


def report(out: Output, error: AnchorLabError, streaming: bool = False) -> int:
    """Say what failed; `train` ends its stream of events with it. Returns the exit status."""
    if streaming and out.json:
        out.record({"event": "failed", "run": "", "message": error.message, "hint": error.hint})
    out.error(error, quiet=streaming)
    return error.exit_code


def _explained(error: OSError) -> AnchorLabError:
    what = error.filename or "a file"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            f"There is no disk space left to write {what}.",
            "Free some space and try again; nothing was lost.",
        )
    reason = error.strerror or type(error).__name__
    return FileProblem(
        f"Cannot use {what}: {reason}.", "Check the path and its permissions.", details=repr(error)
    )


def _wants_json(words: list[str]) -> bool:
    options = words[: words.index("--")] if "--" in words else words
    return "--json" in options


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("anchorlab")
    except PackageNotFoundError:
        import tomllib

        from core import paths

        with (paths.ROOT / "pyproject.toml").open("rb") as stream:
            return str(tomllib.load(stream)["project"]["version"])
