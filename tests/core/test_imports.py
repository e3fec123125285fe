"""Imports that the garbage collector leaves alone."""

from __future__ import annotations

import gc

import pytest

from core import imports


def test_what_was_made_inside_is_frozen_and_the_collector_goes_on() -> None:
    frozen = gc.get_freeze_count()
    with imports.kept():
        assert not gc.isenabled()
        made = [[number] for number in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(made)
    gc.unfreeze()


def test_the_collector_goes_on_after_an_import_that_failed() -> None:
    with pytest.raises(ModuleNotFoundError), imports.kept():
        raise ModuleNotFoundError
    assert gc.isenabled()
