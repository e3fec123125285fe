"""Makes packages impossible to import, to prove that code does not need them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec


class Blocker(MetaPathFinder):
    """First on `sys.meta_path`: refuses the named top-level packages as if they were not installed."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = frozenset(names)

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"{fullname} may not be imported here", name=fullname)
        return None


def block(names: Sequence[str]) -> None:
    loaded = sorted(name for name in names if name in sys.modules)
    if loaded:
        raise RuntimeError(f"already imported: {', '.join(loaded)}")
    sys.meta_path.insert(0, Blocker(names))
