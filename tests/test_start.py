"""start.py, with environments made of nothing: no test here installs a package."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import venv
from pathlib import Path

import pytest

from bootstrap import checks, environment, filelock, installing, main, system, xvfb
from bootstrap.environment import CREATE, INSTALL, READY, Environment
from bootstrap.filelock import alone
from bootstrap.say import Problem

ROOT = Path(__file__).resolve().parent.parent
posix_only = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")


@pytest.fixture
def installs(monkeypatch) -> list[list[str]]:
    """Replaces the installation by one package that appears; records which lock files it was asked for."""
    calls: list[list[str]] = []

    def install(target: Environment, locks: list[Path], held: int) -> None:
        calls.append([lock.name for lock in locks])
        (target.packages(target.version()) / "sample").mkdir(exist_ok=True)

    monkeypatch.setattr(installing, "install", install)
    make = venv.EnvBuilder.__init__
    monkeypatch.setattr(
        venv.EnvBuilder, "__init__", lambda self, with_pip, symlinks: make(self, symlinks=symlinks)
    )
    return calls


@pytest.fixture
def fresh(tmp_path) -> Environment:
    """A checkout in which nobody has started anything yet."""
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "requirements.lock").write_text("sample==1.0\n")
    (root / "requirements-test.lock").write_text("tester==2.0\n")
    return Environment(root)


@pytest.fixture
def made(fresh, installs) -> Environment:
    fresh.ensure()
    installs.clear()
    return fresh


def test_the_first_start_makes_it_and_the_second_finds_it(fresh, installs) -> None:
    assert fresh.inspect() == (CREATE, "")
    fresh.ensure()
    assert installs == [["requirements.lock"]]
    assert fresh.inspect() == (READY, "")
    fresh.ensure()
    assert len(installs) == 1


def test_test_packages_are_added_once_and_kept_up_to_date(made, installs) -> None:
    assert made.inspect(test=True) == (INSTALL, "test packages")
    made.ensure(test=True)
    assert made.inspect(test=True) == made.inspect() == (READY, "")
    (made.root / "requirements.lock").write_text("sample==1.1\n")
    assert made.inspect() == (INSTALL, "the pinned versions changed")
    made.ensure()
    assert installs == [["requirements.lock", "requirements-test.lock"]] * 2
    assert made.inspect(test=True) == (READY, "")


def break_stamp(target: Environment) -> None:
    target.stamp.write_text('{"folder": ')


def remove_stamp(target: Environment) -> None:
    target.stamp.unlink()


def remove_python(target: Environment) -> None:
    target.python.unlink()


def remove_package(target: Environment) -> None:
    (target.packages(target.version()) / "sample").rmdir()


def remove_packages(target: Environment) -> None:
    shutil.rmtree(target.packages(target.version()))


def replace_python(target: Environment) -> None:
    stamp = json.loads(target.stamp.read_text())
    target.stamp.write_text(json.dumps({**stamp, "version": "3.10", "real_python": "/usr/bin/python3.10"}))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (break_stamp, "its installation was not finished"),
        (remove_stamp, "its installation was not finished"),
        (remove_python, "its Python is gone"),
        (remove_package, "parts of it are missing (sample)"),
        (remove_packages, "its packages are gone"),
        (replace_python, "its Python was replaced by another version"),
    ],
)
def test_a_damaged_environment_is_made_anew(made, installs, damage, reason, capsys) -> None:
    damage(made)
    assert made.inspect() == (CREATE, reason)
    made.ensure()
    assert made.inspect() == (READY, "")
    assert len(installs) == 1
    assert reason in capsys.readouterr().err


def test_a_moved_checkout_is_noticed(made) -> None:
    moved = made.root.rename(made.root.with_name("elsewhere"))
    assert Environment(moved).inspect() == (CREATE, "the folder was moved")


def test_a_python_that_only_moved_is_kept(made) -> None:
    stamp = json.loads(made.stamp.read_text())
    made.stamp.write_text(json.dumps({**stamp, "real_python": "/elsewhere/python"}))
    assert made.inspect() == (READY, "")


@pytest.mark.parametrize("failure", [Problem("no network"), KeyboardInterrupt()])
@pytest.mark.parametrize("test", [False, True])
def test_what_was_not_finished_is_begun_anew(fresh, installs, monkeypatch, failure, test) -> None:
    if test:
        fresh.ensure()
    with monkeypatch.context() as patch:

        def fail(target: Environment, locks: list[Path], held: int) -> None:
            raise failure

        patch.setattr(installing, "install", fail)
        with pytest.raises(type(failure)):
            fresh.ensure(test=test)
    assert fresh.inspect() == (CREATE, "its installation was not finished")
    fresh.ensure(test=test)
    assert fresh.inspect(test=test) == (READY, "")


def test_two_starts_at_once_install_once(fresh, installs, monkeypatch, capsys) -> None:
    install = installing.install

    def slow(target: Environment, locks: list[Path], held: int) -> None:
        time.sleep(0.5)
        install(target, locks, held)

    monkeypatch.setattr(installing, "install", slow)
    starts = [threading.Thread(target=Environment(fresh.root).ensure) for _ in range(3)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert installs == [["requirements.lock"]]
    assert "Another start is preparing the environment" in capsys.readouterr().err


def test_an_incomplete_checkout_says_so(made) -> None:
    (made.root / "requirements.lock").unlink()
    with pytest.raises(Problem, match=r"requirements\.lock cannot be read.*incomplete"):
        made.inspect()


# pip's words and progress


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("NewConnectionError: [Errno -3] Temporary failure in name resolution\nNo matching distribution found for x", "could not be reached"),
        ("ERROR: Could not find a version (from versions: none)\nERROR: No matching distribution found for torch==2.13.0", "could not be reached"),
        ("ERROR: [Errno 13] Permission denied: '/x/.venv'", "cannot be written to"),
        ("ERROR: Could not find a version (from versions: 2.0.0)\nERROR: No matching distribution found for torch==2.13.0", "has no torch==2.13.0 for this Python"),
        ("something never seen", "its last lines above say why"),
    ],
)  # fmt: skip
def test_a_failed_installation_is_explained(output, sentence) -> None:
    assert sentence in installing.explain(output, Path("/x/.venv"))


FAKE_PIP = """
import pathlib, sys, time
site = pathlib.Path(sys.argv[1])
print("Collecting sample==1.0 (from -r requirements.lock (line 1))")
print("  Downloading sample-1.0-py3-none-any.whl.metadata (2 kB)")
print("Downloading sample-1.0-py3-none-any.whl (83.5 MB)")
print("Progress 10 of 20")
print("Installing collected packages: sample, other", flush=True)
for name in ("sample-1.0", "other_one-2.0"):
    time.sleep(0.4)
    (site / (name + ".dist-info")).mkdir()
print("ERROR: the end", file=sys.stderr)
sys.exit(int(sys.argv[2]))
"""


@pytest.mark.parametrize("code", [0, 1])
def test_progress_names_each_package(tmp_path, capsys, code) -> None:
    show = installing.Display(total=2)
    result, tail = installing._follow(
        [sys.executable, "-c", FAKE_PIP, str(tmp_path), str(code)], tmp_path, show
    )
    assert result == code
    assert tail[-1] == "ERROR: the end" and "Progress 10 of 20" not in tail
    shown = [line.strip() for line in capsys.readouterr().err.splitlines()]
    assert shown == ["fetching sample 1.0 (83.5 MB)", "unpacking", "[1/2] sample 1.0", "[2/2] other_one 2.0"]


@posix_only
def test_a_killed_start_leaves_the_lock_with_pip(tmp_path) -> None:
    lock = tmp_path / "lock"
    with alone(lock) as held:
        command = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(1.5)"]
        pip = subprocess.Popen(command, stdout=subprocess.PIPE, pass_fds=[held])
        assert pip.stdout is not None and pip.stdout.readline() == b"up\n"
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, held)  # as if this process had died without unlocking
        os.close(null)
        with lock.open("a+b") as other:
            assert not filelock._lock(other.fileno())
            pip.wait()
            assert filelock._lock(other.fileno())
    pip.stdout.close()


def test_a_silent_minute_gets_a_sign_of_life(monkeypatch, capsys) -> None:
    show = installing.Display(total=2)
    show.note("unpacking")
    show.tick()
    show.last -= installing.QUIET + 1
    show.tick()
    assert capsys.readouterr().err.splitlines()[-1].startswith("  … unpacking, ")


def test_the_lock_files_pin_everything_and_name_no_place() -> None:
    for name in (environment.RUNTIME_LOCK, environment.TEST_LOCK):
        for line in (ROOT / name).read_text().splitlines():
            assert line.startswith("#") or ("==" in line and "+" not in line and "://" not in line), line
    assert installing.count_pins([ROOT / environment.RUNTIME_LOCK]) > 40
    assert "\ntorch==2.13.0\n" in (ROOT / environment.RUNTIME_LOCK).read_text()


# the system


def test_missing_libraries_are_found_by_name(tmp_path, monkeypatch) -> None:
    (tmp_path / "libEGL.so.1").touch()
    monkeypatch.setattr(system, "_loader_cache", lambda: {"libGL.so.1"})
    names = ["libEGL.so.1", "libGL.so.1", "libxcb-cursor.so.0"]
    assert system.missing_libraries(names, [tmp_path]) == ["libxcb-cursor.so.0"]


@posix_only
def test_an_ordinary_user_is_told_the_command(monkeypatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(system, "is_debian", lambda: True)
    monkeypatch.setattr(system, "missing_libraries", lambda names: ["libxcb-cursor.so.0", "libEGL.so.1"])
    with pytest.raises(Problem) as told:
        system.ensure_qt_libraries(also={"no-such-program": "xvfb"})
    command = "apt-get update && apt-get install -y --no-install-recommends libxcb-cursor0 libegl1 xvfb"
    assert command in str(told.value) and "sudo" in str(told.value)


@posix_only
@pytest.mark.parametrize("code", [0, 100])
def test_root_installs_them(monkeypatch, tmp_path, code, capsys) -> None:
    apt = tmp_path / "apt-get"
    log = tmp_path / "log"
    apt.write_text(f'#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> {log}\necho E: broken\nexit {code}\n')
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    if code:
        with pytest.raises(Problem, match="could not be installed"):
            system.apt_install(["libegl1"], "why")
        assert "apt-get: E: broken" in capsys.readouterr().err
    else:
        system.apt_install(["libegl1"], "why")
    assert log.read_text().splitlines() == [
        "noninteractive -q update",
        "noninteractive -q install -y --no-install-recommends libegl1",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
@pytest.mark.parametrize("arguments", [[], ["gui"], ["gui", "some-folder"]])
def test_without_a_display_it_says_so(arguments) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    variables = {key: value for key, value in os.environ.items() if key not in hidden}
    done = subprocess.run(
        [sys.executable, ROOT / "start.py", *arguments],
        env=variables,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 2
    assert "no display" in done.stderr and "xvfb-run" in done.stderr and "start.py examples" in done.stderr
    assert done.stdout == "" and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "variables", [{"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}, {"QT_QPA_PLATFORM": "offscreen:x=1"}]
)
def test_a_display_is_enough(monkeypatch, variables) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    system.check_display()


@pytest.mark.skipif(not shutil.which("Xvfb"), reason="no Xvfb here")
def test_virtual_displays_do_not_collide() -> None:
    with xvfb.virtual_display("640x480x24") as first, xvfb.virtual_display("640x480x24") as second:
        assert first != second and first.startswith(":")
        assert Path(f"/tmp/.X11-unix/X{first[1:]}").exists()
    assert not Path(f"/tmp/.X11-unix/X{first[1:]}").exists()


# the wrong Python


def test_any_python_can_read_start_py() -> None:
    source = (ROOT / "start.py").read_text()
    ast.parse(source, feature_version=(3, 4))
    assert "__future__" not in source and 'f"' not in source
    source.encode("ascii")  # Python 2 refuses anything else without a declaration


@pytest.mark.parametrize(
    ("version", "fits"), [((3, 10, 9), False), ((3, 14, 0), False), ((3, 11, 0), True), ((3, 13, 9), True)]
)
def test_a_python_that_does_not_fit_gets_a_sentence(version, fits) -> None:
    program = f"import sys, runpy; sys.version_info = {version!r}; runpy.run_path({str(ROOT / 'start.py')!r})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20)
    assert (done.returncode == 0) is fits, done.stderr
    assert ("AnchorLab needs Python 3.11, 3.12 or 3.13" in done.stderr) is not fits


# what takes over


@posix_only
def test_arguments_and_output_pass_through_untouched(tmp_path, installs) -> None:
    root = tmp_path / "check out"
    root.mkdir()
    shutil.copy(ROOT / "start.py", root)
    shutil.copytree(ROOT / "bootstrap", root / "bootstrap", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.lock", "requirements-test.lock"):
        (root / name).write_text("")
    for package in ("core/cli", "gui"):
        folder = root / package
        folder.mkdir(parents=True)
        (folder / "__main__.py").write_text(
            f"import os, sys; print({package!r}, sys.argv[1:], os.getcwd()); sys.exit(3)"
        )
    Environment(root).ensure()
    user = tmp_path / "user"
    (user / "core").mkdir(parents=True)
    (user / "core" / "__init__.py").write_text("raise SystemExit('the wrong core')")
    variables = {**os.environ, "DISPLAY": ":0", "PYTHONPATH": "/nowhere"}

    def start(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, root / "start.py", *arguments]
        return subprocess.run(command, cwd=user, env=variables, capture_output=True, text=True, timeout=30)

    query = start("query", "a b", "", "--json")
    assert (query.returncode, query.stderr) == (3, "")
    assert query.stdout == f"core/cli ['query', 'a b', '', '--json'] {user}\n"
    assert start("gui", "folder").stdout == f"gui ['folder'] {user}\n"
    assert start().stdout == f"gui [] {user}\n"
    shown = start("--help")
    assert "core/cli ['--help']" in shown.stdout and "start.py test" in shown.stderr
    assert start("bench", "nothing").returncode == 2


# the checks


def test_every_check_runs_even_after_a_failure(tmp_path, monkeypatch, capsys) -> None:
    log = tmp_path / "log"

    def check(title: str, code: int) -> checks.Check:
        program = f"import sys; open({str(log)!r}, 'a').write({title!r} + ' '); sys.exit({code})"
        return checks.Check(title, ["-c", program])

    monkeypatch.setattr(checks, "static_checks", lambda: [check("lint", 1), check("types", 0)])
    monkeypatch.setattr(checks, "test_runs", lambda arguments: [check("tests", 2)])
    assert checks.run(tmp_path, Path(sys.executable), []) == 1
    assert log.read_text().split() == ["lint", "types", "tests"]
    lines = capsys.readouterr().err.splitlines()[-3:]
    assert [line.split()[:2] for line in lines] == [["FAILED", "lint"], ["ok", "types"], ["FAILED", "tests"]]


@pytest.mark.parametrize(
    ("codes", "result"), [((0, 0), 0), ((0, 5), 0), ((5, 0), 0), ((5, 5), 1), ((1, 0), 1), ((0, 1), 1)]
)
def test_an_empty_half_is_fine_but_no_test_at_all_is_not(codes, result) -> None:
    runs = checks.test_runs(["tests/core", "-k", "x"])
    assert [run.arguments[2:4] for run in runs] == [["-m", "not e2e"], ["-m", "e2e"]]
    for run, code in zip(runs, codes, strict=True):
        assert run.arguments[-3:] == ["tests/core", "-k", "x"]
        run.code = code
    assert checks.summary(runs) == result


def test_the_starter_knows_its_root() -> None:
    assert main.ROOT == ROOT
