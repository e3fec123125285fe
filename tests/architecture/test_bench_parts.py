"""Every module among the parts of a benchmark measures something: the whole benchmark runs all of them."""

from __future__ import annotations

import ast

import pytest

from core.paths import ROOT

PARTS = sorted((ROOT / "tests" / "bench").glob("*_parts/*.py"))


@pytest.mark.parametrize(
    "path", [path for path in PARTS if path.stem != "__init__"], ids=lambda path: path.stem
)
def test_a_part_has_figures(path):
    names = {
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    assert "figures" in names
