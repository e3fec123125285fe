"""`start.py lock`: write the lock files from what the environment holds. Runs inside it.

Only what pyproject.toml asks for, directly or through another package, is pinned. To renew a pin: install the newer
version into `.venv` with its pip, run this, then `start.py test`.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from bootstrap.environment import RUNTIME_LOCK, TEST_LOCK

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# Written by `python3 start.py lock` from pyproject.toml. {}\n"


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(requirements: Iterable[str]) -> dict[str, str]:
    """Every package that `requirements` bring with them, by name, with the marker under which it is needed ("" = always).

    Packages that are needed on other systems only keep their marker, those that are not installed here are left out.
    """
    markers: dict[str, set[str]] = {}
    waiting = [(Requirement(text), "") for text in requirements]
    while waiting:
        requirement, outer = waiting.pop()
        if requirement.marker is not None and "extra" in str(requirement.marker):
            continue
        name = normal(requirement.name)
        marker = outer or _platform_part(requirement)
        known = markers.setdefault(name, set())
        if marker in known or "" in known:
            continue
        known.add(marker)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            del markers[name]
            continue
        waiting += [(Requirement(text), marker) for text in distribution.requires or []]
    return {name: "" if "" in found else " or ".join(sorted(found)) for name, found in markers.items()}


def _platform_part(requirement: Requirement) -> str:
    """The marker as far as it speaks of the system; Python versions and implementations are fixed by pyproject."""
    if requirement.marker is None:
        return ""
    text = str(requirement.marker)
    return text if re.search(r"sys_platform ==|platform_system|platform_machine", text) else ""


def lines(packages: dict[str, str]) -> list[str]:
    found = []
    for name, marker in sorted(packages.items()):
        distribution = metadata.distribution(name)
        # A local build tag such as "+cpu" names one machine's wheel; the lock is for all.
        version = distribution.version.partition("+")[0]
        found.append(f"{distribution.name}=={version}" + (f" ; {marker}" if marker else ""))
    return found


def not_installed(requirements: Iterable[str]) -> list[str]:
    """Direct requirements of this system that its environment lacks; a lock without them would be a wrong one."""
    found = []
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate():
            try:
                metadata.distribution(requirement.name)
            except metadata.PackageNotFoundError:
                found.append(requirement.name)
    return found


def main() -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    runtime = closure(project["dependencies"])
    test = closure(project["optional-dependencies"]["test"])
    extra = {name: marker for name, marker in test.items() if name not in runtime}
    missing = not_installed([*project["dependencies"], *project["optional-dependencies"]["test"]])
    if missing:
        print(f"Not installed here, so they cannot be pinned: {', '.join(missing)}. Install them first.")
        return 1
    contents = {
        RUNTIME_LOCK: [HEAD.format("What the program runs on."), *(line + "\n" for line in lines(runtime))],
        TEST_LOCK: [HEAD.format("What the checks need besides."), *(line + "\n" for line in lines(extra))],
    }
    for name, text in contents.items():
        (ROOT / name).write_text("".join(text), encoding="utf-8")
        print(f"{name}: {len(text) - 1} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
