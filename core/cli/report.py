"""`anchorlab report DIR RUN --out FILE.html`: one page of a run to hand to a colleague."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.cli.output import Output, plain
from core.cli.reading import project_folder
from core.errors import UsageError


def run(args: argparse.Namespace, out: Output) -> int:
    from core.report import make
    from core.report.asking import Asking
    from core.training.runs import find_run

    target = Path(args.out).expanduser()
    if target.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            f"The command line writes HTML, not {target.suffix or 'a file without an ending'}.",
            "Name a file that ends in .html; the window writes PDF, and every browser prints the page.",
        )
    folder = project_folder(args.dir)
    chosen = find_run(folder, args.run)
    engine = _Engine()

    def progress(what: str, done: int, total: int) -> None:
        out.progress(f"{what} … {done:,} of {total:,}" if total else f"{what} …")

    try:
        made = make.make(folder, chosen, Asking(engine.request, progress, lambda: False))
    finally:
        engine.close()
    make.write(made, target)
    size = target.stat().st_size
    if out.json:
        out.result(
            {
                "run": chosen.name,
                "file": str(target.absolute()),
                "bytes": size,
                "sections": [one.key for one in made.sections],
            }
        )
    else:
        out.line(f"The report of {plain(chosen.name)} is in {plain(str(target))} ({size / 1000:,.0f} kB).")
    return 0


class _Engine:
    """The engine's process, started with the first question: a report whose scores are known needs none."""

    def __init__(self) -> None:
        self._client: Any = None

    def request(self, op: str, params: dict[str, Any], *, should_stop: Callable[[], bool]) -> dict[str, Any]:
        if self._client is None:
            from core.engine.client import EngineClient

            self._client = EngineClient()
        answer: dict[str, Any] = self._client.request(op, params, should_stop=should_stop)
        return answer

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
