"""`start.py test`: every check, one after the other, all of them even when one fails, and a summary at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from bootstrap.say import Problem, say
from bootstrap.xvfb import virtual_display

THOROUGH = "--thorough"
NO_TESTS = 5  # pytest's exit status when nothing was selected
# pytest-qt is off in the run without Qt, so its settings are unknown there, and unknown settings are errors otherwise.
WITHOUT_QT = [
    "-p", "no:pytest-qt", "-p", "tests.support.without_qt",
    "-o", "addopts=-ra --strict-markers --import-mode=importlib", "-W", "ignore::pytest.PytestConfigWarning",
]  # fmt: skip
# Two at a time, each file whole: its tests share what is expensive to make. Windows on a real display have one each.
AT_ONCE = 2
SIDE_BY_SIDE = ["-n", str(AT_ONCE), "--dist", "loadfile"]


class Check:
    def __init__(self, title: str, arguments: list[str], *, platform: str = "offscreen") -> None:
        self.title = title
        self.arguments = arguments
        self.platform = platform  # of Qt
        self.code = 0
        self.seconds = 0.0

    @property
    def is_pytest(self) -> bool:
        return self.arguments[:2] == ["-m", "pytest"]


def static_checks() -> list[Check]:
    return [
        Check("lint", ["-m", "ruff", "check", "."]),
        Check("format", ["-m", "ruff", "format", "--check", "."]),
        Check("types", ["-m", "mypy"]),
        Check(
            "import contracts",
            ["-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"],
        ),
    ]


def test_runs(arguments: list[str]) -> list[Check]:
    """The pytest runs: core where Qt does not exist, the rest offscreen, the end-to-end tests in a real window.

    With arguments of the caller, what they select is run in two: without and with a window on a display.
    """
    native = "xcb" if sys.platform.startswith("linux") else ""
    pytest = ["-m", "pytest"]
    if arguments:
        return [
            Check("tests", [*pytest, "-m", "not e2e", *arguments]),
            Check("end-to-end tests", [*pytest, "-m", "e2e", *arguments], platform=native),
        ]
    return [
        Check("core tests, without Qt", [*pytest, *WITHOUT_QT, *SIDE_BY_SIDE, "tests/core"]),
        Check("window tests", [*pytest, "-m", "not e2e", *SIDE_BY_SIDE, "--ignore=tests/core"]),
        Check("end-to-end tests", [*pytest, "-m", "e2e", *SIDE_BY_SIDE, "tests/e2e"], platform=native),
    ]


def run(root: Path, python: Path, arguments: list[str]) -> int:
    """Run everything; 0 when all of it passed. `--thorough` among the arguments: with the tests that take longest, too."""
    thorough = THOROUGH in arguments
    arguments = [argument for argument in arguments if argument != THOROUGH]
    checks = [*static_checks(), *test_runs(arguments)]
    for check in checks:
        say(f"\n── {check.title} " + "─" * (70 - len(check.title)))
        started = time.monotonic()
        check.code = _run(check, root, python, thorough=thorough)
        check.seconds = time.monotonic() - started
    return summary(checks)


def summary(checks: list[Check]) -> int:
    tests = [check for check in checks if check.is_pytest]
    if any(check.code != NO_TESTS for check in tests):
        for check in tests:  # an empty part is fine as long as another one had tests
            check.code = 0 if check.code == NO_TESTS else check.code
    say()
    for check in checks:
        result = "ok    " if check.code == 0 else "FAILED"
        say(f"{result}  {check.title:<24} {check.seconds:6.1f} s")
    return 1 if any(check.code for check in checks) else 0


def _run(check: Check, root: Path, python: Path, *, thorough: bool = False) -> int:
    environment = {
        **{key: value for key, value in os.environ.items() if key not in ("PYTHONHOME", "QT_QPA_PLATFORM")},
        "PYTHONPATH": str(root),
    }
    if thorough:
        environment["ANCHORLAB_TESTS"] = "thorough"  # read by tests/support/amount.py
    if check.platform:
        environment["QT_QPA_PLATFORM"] = check.platform
    with ExitStack() as stack:
        if check.platform == "xcb":
            try:
                displays = [stack.enter_context(virtual_display()) for _ in range(AT_ONCE)]
            except Problem as problem:
                say(str(problem))
                return problem.exit_code
            environment["DISPLAY"] = displays[0]
            environment["TEST_DISPLAYS"] = " ".join(displays)  # tests/e2e/conftest.py takes one of them
            for name in ("WAYLAND_DISPLAY", "XAUTHORITY"):
                environment.pop(name, None)
        return subprocess.run([python, *check.arguments], cwd=root, env=environment).returncode
