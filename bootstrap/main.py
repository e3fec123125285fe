"""What `start.py` was asked for, and the process that takes over from it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bootstrap.environment import Environment
from bootstrap.say import Problem, say

ROOT = Path(__file__).resolve().parent.parent

USAGE = """\
python3 start.py                   open the window
python3 start.py test [ARGS]       run every check; ARGS go to pytest, --thorough adds the slowest tests
python3 start.py bench NAME        run a benchmark of tests/bench
python3 start.py COMMAND …         a command without a window:
"""


def main(arguments: list[str]) -> int:
    """Returns only when nothing took over: after `test`, on Windows, and on failure."""
    # Packages are installed without bytecode; where none may be written, every process would compile torch and all the
    # rest anew, and a start would take half a minute instead of a second.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        return dispatch(arguments, Environment(ROOT))
    except Problem as problem:
        say(str(problem))
        return problem.exit_code
    except KeyboardInterrupt:
        say("\nInterrupted.")
        return 130


def dispatch(arguments: list[str], environment: Environment) -> int:
    first = arguments[0] if arguments else ""
    if first in ("", "gui") and not {"-h", "--help"} & set(arguments):
        return open_window(arguments[1:], environment)
    if first == "test":
        return test(arguments[1:], environment)
    if first == "bench":
        return bench(arguments[1:], environment)
    environment.ensure()
    if first == "lock":
        return take_over(environment, ["-m", "bootstrap.lock", *arguments[1:]])
    if first in ("-h", "--help", "help"):
        say(USAGE)
        arguments = ["--help"]
    return take_over(environment, ["-m", "core.cli", *arguments])


def open_window(arguments: list[str], environment: Environment) -> int:
    from bootstrap import system

    system.check_display()
    system.ensure_qt_libraries()
    environment.ensure()
    return take_over(environment, ["-m", "gui", *arguments])


def test(arguments: list[str], environment: Environment) -> int:
    from bootstrap import checks, system

    system.ensure_qt_libraries(also={"Xvfb": "xvfb"})
    environment.ensure(test=True)
    return checks.run(ROOT, environment.python, arguments)


def bench(arguments: list[str], environment: Environment) -> int:
    folder = ROOT / "tests" / "bench"
    names = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    name = arguments[0].replace("-", "_") if arguments else ""
    if name not in names:
        raise Problem(f"Which benchmark? There are: {', '.join(names) or 'none'}.", exit_code=2)
    environment.ensure()
    return take_over(environment, ["-m", f"tests.bench.{name}", *arguments[1:]])


def take_over(environment: Environment, arguments: list[str]) -> int:
    """Become the environment's Python. On Windows, which cannot do that, start it and wait."""
    # -P: a folder called "core" or "gui" where the user stands must not be mistaken for ours.
    command = [str(environment.python), "-P", *arguments]
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONHOME"}
    variables["PYTHONPATH"] = str(ROOT)
    if os.name != "nt":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(command[0], command, variables)
    import subprocess

    process = subprocess.Popen(command, env=variables)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the console sent it to the program too, which decides what it means
