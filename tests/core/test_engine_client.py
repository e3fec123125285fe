"""The engine's process: what it survives, what ends it, and that nothing is left of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.engine.client import EngineClient
from core.errors import AnchorLabError, Cancelled, EngineProblem, ModelProblem, UsageError
from core.paths import ROOT
from tests.core import tiny_model

WARM_SECONDS = 60
# Half a minute of work for the embedded model on one thread: nothing here waits for its end.
MANY = [f"{number} " + "a longer text about nothing in particular, " * 8 for number in range(4000)]

posix = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANCHORLAB_HOME", str(tmp_path_factory.mktemp("home")))
        client = EngineClient(threads=1)
        client.start()
        assert client.wait_warm(WARM_SECONDS)
    pid = client.pid
    yield client
    client.close()
    assert not _alive(pid)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return str(tiny_model.build(tmp_path_factory.mktemp("models") / "tiny"))


def _alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _gone(pid, seconds):
    deadline = time.monotonic() + seconds
    while _alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def _in_thread(call):
    """Run `call` beside the test; yields a dict that gets its `result` or `error`."""
    outcome = {}

    def target():
        try:
            outcome["result"] = call()
        except AnchorLabError as error:
            outcome["error"] = error

    thread = threading.Thread(target=target)
    thread.start()
    try:
        yield outcome
    finally:
        thread.join(WARM_SECONDS)
    assert not thread.is_alive()


def _until(condition, seconds=WARM_SECONDS):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_warm_and_the_window_stays_light(engine):
    assert engine.warm and engine.info["threads"] == 1 and engine.info["problem"] == ""
    assert engine.request("ping") == {"pong": True}
    code = (
        "import sys, core.engine.client, core.engine.trainer_client\n"
        "assert not {'torch', 'sentence_transformers', 'transformers', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=30)


def test_encode_any_text(engine, tiny):
    from sentence_transformers import SentenceTransformer

    texts = ["two\nlines\r\n", "", "ünïcödé 🦊   ", '{"v":1}', "\ud83e lone", "two\nlines\r\n"]
    answer = engine.request("encode", {"model": tiny, "texts": texts})
    found = np.load(answer["file"])
    Path(answer["file"]).unlink()
    clean = [text.replace("\ud83e", "?") for text in texts]
    assert np.abs(found - SentenceTransformer(tiny, device="cpu").encode(clean)).max() < 1e-5
    assert (answer["rows"], answer["dimension"], answer["metric"]) == (6, 32, "cosine")


def test_encode_nothing(engine, tiny):
    answer = engine.request("encode", {"model": tiny, "texts": []})
    assert np.load(answer["file"]).shape == (0, 32)


def test_load_tells_what_the_model_is(engine, tiny):
    answer = engine.request("load", {"model": tiny})
    assert (answer["dimension"], answer["max_length"], answer["metric"]) == (32, 64, "cosine")
    assert engine.request("load", {"model": "base"})["dimension"] == 384


def test_bad_requests_are_typed_errors_and_the_engine_stays(engine, tmp_path, tiny):
    pid = engine.pid
    (tmp_path / "broken").mkdir()
    for name in ("modules.json", "config.json", "model.safetensors"):
        (tmp_path / "broken" / name).write_text("[]" if name == "modules.json" else "{", encoding="utf-8")
    for model in (tmp_path, tmp_path / "broken", tmp_path / "absent"):
        with pytest.raises(ModelProblem, match=str(model)):
            engine.request("load", {"model": str(model)})
    with pytest.raises(UsageError, match="no project was given"):
        engine.request("load", {"model": "0001-a"})
    with pytest.raises(UsageError, match="list of texts"):
        engine.request("encode", {"model": tiny, "texts": [1]})
    with pytest.raises(EngineProblem, match="does not know"):
        engine.request("explode")
    assert engine.request("ping") and engine.pid == pid


def test_garbage_and_another_version_do_not_break_the_protocol(engine):
    child = engine._process.child
    os.write(child._channel._descriptor, b'garbage\n\xff\xfe\n{"v":1\n\n[]\n')
    assert engine.request("ping") == {"pong": True}
    inbox = engine._process.expect(0)
    os.write(child._channel._descriptor, b'{"v":2,"id":0,"op":"ping"}\n')
    assert inbox.get(timeout=10)["message"] == "The engine speaks version 1, not 2."
    engine._process.forget(0)


def test_cancelled_in_the_middle_of_an_encode(engine):
    progress = []
    with pytest.raises(Cancelled):
        engine.request(
            "encode",
            {"model": "base", "texts": MANY},
            lambda *figures: progress.append(figures),
            should_stop=lambda: len(progress) > 1,
        )
    began = time.monotonic()
    assert engine.request("ping", timeout=20) == {"pong": True}
    assert time.monotonic() - began < 3
    assert progress[0] == (0, len(MANY), None)
    assert 0 < progress[1][0] < len(MANY) and progress[1][2] > 0


def test_a_newer_request_of_the_group_cancels_the_older(engine):
    begun = threading.Event()

    def older():
        return engine.request(
            "encode", {"model": "base", "texts": MANY}, lambda *_: begun.set(), group="explore"
        )

    with _in_thread(older) as outcome:
        assert begun.wait(20)
        assert engine.request("ping", {"group": "explore"}, timeout=20) == {"pong": True}
    assert isinstance(outcome["error"], Cancelled)


def test_an_older_request_that_comes_late_does_not_cancel_the_newer(engine):
    older, newer, begun = engine.turn(), engine.turn(), threading.Event()

    def ask():
        return engine.request(
            "encode",
            {"model": "base", "texts": MANY[:400]},
            lambda *_: begun.set(),
            group="explore",
            turn=newer,
        )

    with _in_thread(ask) as outcome:
        assert begun.wait(20)
        with pytest.raises(Cancelled, match="newer"):
            engine.request("ping", group="explore", turn=older)
    assert outcome["result"]["rows"] == 400


def test_too_late_is_an_error(engine):
    with pytest.raises(EngineProblem, match="in time"):
        engine.request("encode", {"model": "base", "texts": MANY}, timeout=0.3)
    assert engine.request("ping", timeout=20) == {"pong": True}


@posix
def test_interrupts_of_the_terminal_do_not_reach_it(engine):
    os.kill(engine.pid, signal.SIGINT)
    pid = engine.pid
    assert engine.request("ping") and engine.pid == pid


@posix
@pytest.mark.shared_children
def test_killed_during_a_request_it_starts_again_and_answers(engine, tiny):
    pid, begun = engine.pid, threading.Event()

    def ask():
        def stop_after_restart():
            return engine.pid not in (pid, None) and engine.warm

        return engine.request(
            "encode", {"model": "base", "texts": MANY}, lambda *_: begun.set(), stop_after_restart
        )

    with _in_thread(ask) as outcome:
        assert begun.wait(20)
        os.kill(pid, signal.SIGKILL)
    # repeated in a new process, where this test then cancelled it
    assert isinstance(outcome["error"], Cancelled)
    assert engine.pid != pid and not _alive(pid)
    assert engine.request("encode", {"model": tiny, "texts": ["a"]})["rows"] == 1
    # killed while nobody asks: the next request does not count that as its own crash
    os.kill(engine.pid, signal.SIGKILL)
    assert engine.request("ping") == {"pong": True}


@posix
def test_an_engine_that_dies_twice_is_given_up_with_its_last_words():
    with EngineClient(threads=1) as client:
        client.start()
        first = client.pid
        # an interrupt before the interpreter is up must not hurt, a kill does
        os.kill(first, signal.SIGINT)
        with _in_thread(lambda: client.request("ping")) as outcome:
            os.kill(first, signal.SIGKILL)
            _until(lambda: client.pid not in (None, first))
            os.kill(client.pid, signal.SIGKILL)
        assert isinstance(outcome["error"], EngineProblem)
        assert "exit status -9" in outcome["error"].details


def test_closing_does_not_wait_for_the_work():
    client = EngineClient(threads=1)
    client.start()
    pid = client.pid
    with _in_thread(lambda: client.request("ping")) as outcome:
        time.sleep(0.3)  # in the middle of its imports
        began = time.monotonic()
        client.close()
        assert time.monotonic() - began < 5
    assert isinstance(outcome["error"], Cancelled)
    assert not _alive(pid)
    client.close()
    with pytest.raises(Cancelled):
        client.request("ping")
    with pytest.raises(Cancelled):
        client.start()


@posix
def test_closing_an_engine_that_hangs():
    client = EngineClient(threads=1)
    client.start()
    pid = client.pid
    os.kill(pid, signal.SIGSTOP)
    big = {"model": "base", "texts": ["x" * 1000] * 1000}  # fills the pipe, so that the writer hangs too
    with _in_thread(lambda: client.request("encode", big)) as outcome:
        time.sleep(0.2)
        began = time.monotonic()
        client.close()
        assert time.monotonic() - began < 6
    assert isinstance(outcome["error"], Cancelled)
    assert not _alive(pid)


@posix
@pytest.mark.parametrize("moment", ["importing", "encoding"])
def test_the_parents_death_ends_it(moment):
    code = (
        "import sys, threading, time\n"
        "from core.engine.client import EngineClient\n"
        "client = EngineClient(threads=1)\n"
        "client.start()\n"
        "if sys.argv[1] == 'encoding':\n"
        "    begun = threading.Event()\n"
        "    texts = [f'{n} ' + 'a longer text about nothing ' * 20 for n in range(4000)]\n"
        "    ask = lambda: client.request('encode', {'model': 'base', 'texts': texts}, lambda *_: begun.set())\n"
        "    threading.Thread(target=ask, daemon=True).start()\n"
        "    assert begun.wait(60)\n"
        "else:\n"
        "    time.sleep(0.5)\n"
        "print(client.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, moment], cwd=ROOT, stdout=subprocess.PIPE)
    with parent:
        words = parent.stdout.readline().split()
        alive = [_alive(int(word)) for word in words]
        parent.kill()
    assert alive == [True]
    assert _gone(int(words[0]), 3)


def test_the_log_is_kept_and_bounded(engine, anchorlab_home, monkeypatch):
    from core.engine import launch

    monkeypatch.setattr(launch, "_LOG_BYTES", 1000)
    with launch._LogFile("engine") as file:
        for number in range(100):
            file.write(b"line %03d" % number + b"." * 40)
    logs = anchorlab_home / "logs"
    assert sorted(path.name for path in logs.iterdir()) == ["engine.log", "engine.old.log"]
    assert (logs / "engine.log").read_bytes().splitlines()[-1].startswith(b"line 099")
    assert all(path.stat().st_size < 1100 for path in logs.iterdir())


def test_a_log_that_another_window_holds_goes_on(monkeypatch, anchorlab_home):
    """Windows moves no file that somebody else has open."""
    from core.engine import launch

    def held(path, target):
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(launch, "_LOG_BYTES", 100)
    with launch._LogFile("engine") as file:
        file.write(b"x" * 200)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", held)
            file.write(b"while it is held")
        file.write(b"afterwards")
    logs = anchorlab_home / "logs"
    assert (logs / "engine.old.log").read_bytes().endswith(b"while it is held\n")
    assert (logs / "engine.log").read_bytes() == b"afterwards\n"
