"""The environment `.venv` beside start.py: whether it is whole, and what it takes to make it so.

A stamp inside it, written last, says what it was made from: the folder, the Python, the lock files and what lay in its
package folder. Everything that makes an environment useless leaves a stamp that does not fit, or none at all: a moved
checkout, an interrupted installation, a Python that was upgraded away, deleted packages, a newer lock file. Comparing
the stamp costs a few milliseconds, so that a second start is as good as immediate.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from bootstrap.filelock import alone
from bootstrap.say import Problem, say

RUNTIME_LOCK = "requirements.lock"
TEST_LOCK = "requirements-test.lock"
STAMP = "anchorlab.json"

READY, INSTALL, CREATE = "ready", "install", "create"


class Environment:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.stamp = self.folder / STAMP

    @property
    def python(self) -> Path:
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def packages(self, version: str) -> Path:
        """The package folder for a Python of `version`, like "3.11"."""
        return self.folder / (
            "Lib/site-packages" if os.name == "nt" else f"lib/python{version}/site-packages"
        )

    def locks(self, test: bool) -> list[Path]:
        return [self.root / RUNTIME_LOCK, *([self.root / TEST_LOCK] if test else [])]

    def inspect(self, test: bool = False) -> tuple[str, str]:
        """What has to be done, READY, INSTALL (into what is there) or CREATE (from nothing), and why."""
        if not self.folder.is_dir():
            return CREATE, ""
        if not self.python.exists():
            return CREATE, "its Python is gone"
        stamp = self._read()
        if stamp is None:
            return CREATE, "its installation was not finished"
        if stamp["folder"] != str(self.folder):
            return CREATE, "the folder was moved"
        if self._real_python() != stamp["real_python"] and self.version() != stamp["version"]:
            return CREATE, "its Python was replaced by another version"
        try:
            there = names(self.packages(stamp["version"]))
        except OSError:
            return CREATE, "its packages are gone"
        if missing := sorted(set(stamp["contents"]) - there):
            return CREATE, f"parts of it are missing ({', '.join(missing[:3])})"
        for lock in self.locks(test):
            if stamp["locks"].get(lock.name) != digest(lock):
                return INSTALL, "test packages" if lock.name == TEST_LOCK else "the pinned versions changed"
        return READY, ""

    def ensure(self, test: bool = False) -> None:
        """Make the environment whole; returns at once when it is.

        Raises:
            Problem: it cannot be made. The next start tries again.
        """
        if self.inspect(test)[0] == READY:
            return
        with alone(self.root / ".venv.lock") as held:
            action, reason = self.inspect(test)  # another start may have done the work meanwhile
            if action == READY:
                return
            if action == CREATE:
                self._create(reason)
                test_too = test
            else:
                # What was installed for tests once stays up to date with the rest.
                test_too = test or TEST_LOCK in (self._read() or {}).get("locks", {})
                self.stamp.unlink(missing_ok=True)
            from bootstrap.installing import install

            install(self, self.locks(test_too), held)
            self.write_stamp(self.locks(test_too))

    def write_stamp(self, locks: list[Path]) -> None:
        version = self.version()
        stamp = {
            "folder": str(self.folder),
            "version": version,
            "real_python": self._real_python(),
            "locks": {lock.name: digest(lock) for lock in locks},
            "contents": sorted(names(self.packages(version)) - {"__pycache__"}),
        }
        beside = self.stamp.with_suffix(".tmp")
        beside.write_text(json.dumps(stamp), encoding="utf-8")
        beside.replace(self.stamp)

    def _create(self, reason: str) -> None:
        if reason:
            say(f"The environment in {self.folder} cannot be used: {reason}. Making it anew …")
        else:
            say(f"First start: making an environment in {self.folder} …")
        if Path(sys.prefix).resolve() == self.folder.resolve():
            raise Problem(
                f"This start runs on the Python inside {self.folder}, which has to be made anew. "
                "Start it with the Python of the system instead: python3 start.py"
            )
        self._remove()
        from bootstrap import system

        system.ensure_venv_module()
        import subprocess
        import venv

        try:
            # Links on Windows need a privilege that few users have.
            venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt").create(self.folder)
        except (OSError, subprocess.CalledProcessError) as problem:
            raise Problem(f"The environment {self.folder} could not be made: {problem}.") from problem

    def _remove(self) -> None:
        """Delete `.venv`, the stamp first: whatever is left if this is interrupted counts as unfinished."""
        try:
            self.stamp.unlink(missing_ok=True)
            if self.folder.is_symlink() or self.folder.is_file():
                self.folder.unlink()
            elif self.folder.exists():
                shutil.rmtree(self.folder)
        except OSError as problem:
            raise Problem(
                f"{self.folder} is damaged and could not be removed: {problem}. Close what uses it, delete it and start again."
            ) from problem

    def _read(self) -> dict[str, Any] | None:
        try:
            stamp = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        kinds = {"folder": str, "version": str, "real_python": str, "locks": dict, "contents": list}
        if not isinstance(stamp, dict) or any(
            not isinstance(stamp.get(key), kind) for key, kind in kinds.items()
        ):
            return None
        return stamp

    def _real_python(self) -> str:
        return os.path.realpath(self.python)

    def version(self) -> str:
        """The version of the environment's Python, "" when it does not run. Costs a process: asked only in doubt."""
        import subprocess

        program = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            done = subprocess.run(
                [self.python, "-I", "-c", program], capture_output=True, text=True, timeout=30
            )
        except (OSError, subprocess.SubprocessError):
            return ""
        return done.stdout.strip() if done.returncode == 0 else ""


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    except OSError as problem:
        raise Problem(f"{path} cannot be read: {problem}. This checkout is incomplete.") from problem
