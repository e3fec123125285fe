"""What every test gets: an isolated home, no network, and a check that it leaves nothing running behind.

The environment is set before anything of the program is imported, because torch and the tokenizers read it at import.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["PYTHONFAULTHANDLER"] = "1"  # children too say where they crashed
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_beside = "PYTEST_XDIST_WORKER" in os.environ  # other tests run at the same time
os.environ.setdefault("OMP_NUM_THREADS", "1" if _beside else str(min(2, os.cpu_count() or 1)))
# As the program sets it for its children: threads that wait let others work.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
if sys.platform == "linux":
    # Without a session bus Qt's accessibility bridge complains at every start, and a complaint fails a test.
    os.environ.setdefault("NO_AT_BRIDGE", "1")

from hypothesis import HealthCheck, settings  # noqa: E402

from tests.support.amount import THOROUGH, often  # noqa: E402

# Time limits per example say more about the machine's other work than about the code.
settings.register_profile(
    "anchorlab",
    deadline=None,
    derandomize=not THOROUGH,
    max_examples=often(100),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("anchorlab")

pytest_plugins = ["tests.support.leaks", "tests.support.dialogs", "tests.support.imported"]

_base = Path()
_homes = 0


def pytest_configure(config: pytest.Config) -> None:
    global _base
    config.addinivalue_line(
        "markers", "shared_children: its child processes and threads belong to a wider fixture"
    )
    _base = Path(tempfile.mkdtemp(prefix="anchorlab-tests-"))
    # A model that the developer once downloaded must not decide how a test goes.
    os.environ["HF_HOME"] = str(_base / "hub")


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(_base, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if (ROOT / "tests" / "e2e") in item.path.parents:
            item.add_marker(pytest.mark.e2e)
        if "data_dir" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.real_data)
    asked_for = "thorough" in config.option.markexpr or any("::" in argument for argument in config.args)
    if not THOROUGH and not asked_for:
        left = [item for item in items if item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember how the test itself went, so that a failing one is not blamed for leaks as well."""
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


PASSED = pytest.StashKey[bool]()


@pytest.fixture(autouse=True)
def anchorlab_home(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that this test's settings, logs and new projects go to."""
    global _homes
    _homes += 1
    home = _base / f"home-{_homes}"
    home.mkdir(parents=True)
    monkeypatch.setenv("ANCHORLAB_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data files, beside the checkout or where `ANCHORLAB_DATA` says; skips where there is none."""
    override = os.environ.get("ANCHORLAB_DATA")
    folder = Path(override) if override else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data here: {folder} is not a folder (ANCHORLAB_DATA names another)")
    return folder
