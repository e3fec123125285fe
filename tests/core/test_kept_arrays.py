"""Answers in the project's cache: found again by what they were made of, never believed when damaged, never too many."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.engine.kept_arrays import KeptArrays, key_of, known_mark
from core.project import Project

parts = st.lists(st.text(max_size=4) | st.binary(max_size=4), max_size=5)


@given(parts, parts)
def test_other_parts_have_another_key(one: list[str | bytes], other: list[str | bytes]) -> None:
    def written(given: list[str | bytes]) -> list[bytes]:
        return [part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part for part in given]

    assert (key_of(one) == key_of(other)) == (written(one) == written(other))


def test_kept_found_damaged_and_forgotten(tmp_path: Path) -> None:
    store = KeptArrays(tmp_path, "kind", 2)
    assert store.load("a") is None
    for number, key in enumerate("ab"):
        store.save(key, {"values": np.arange(number + 3), "empty": np.empty(0, np.float32)})
        os.utime(tmp_path / "cache" / "kind" / f"{key}.npz", (number, number))
    found = store.load("a")  # and so it is the newer one
    assert found is not None and found["values"].tolist() == [0, 1, 2] and found["empty"].dtype == np.float32
    store.save("c", {"values": np.ones(1)})
    assert store.load("b") is None and store.load("a") is not None
    path = tmp_path / "cache" / "kind" / "a.npz"
    whole = path.read_bytes()
    for damaged in (b"", whole[:50], whole[:-40], b"PK" + whole[2:60], b"\x93NUMPY"):
        path.write_bytes(damaged)
        assert store.load("a") is None
    np.savez(path, values=np.array([object()], dtype=object))
    assert store.load("a") is None, "nothing is unpickled"


def test_a_model_that_is_not_there_has_no_mark(tmp_path: Path) -> None:
    Project.create(tmp_path / "p", "P").close()
    assert known_mark("base", tmp_path / "p") and known_mark("0007-none", tmp_path / "p") == ""
