"""`python -m tests.support.import_all PACKAGE BANNED…` imports every module of a package where BANNED cannot be imported.

Prints one line a module; exit status 1 and the reason at the first that fails.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

from tests.support.blocker import block


def main(package: str, banned: list[str]) -> int:
    block(banned)

    def broken(name: str) -> None:
        raise SystemExit(f"{name}: {sys.exc_info()[1]}")

    root = importlib.import_module(package)
    print(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}.", onerror=broken):
        if module.name.endswith(".__main__"):
            continue  # runs the program; it holds nothing but that call
        try:
            importlib.import_module(module.name)
        except ImportError as problem:
            raise SystemExit(f"{module.name}: {problem}") from problem
        print(module.name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
