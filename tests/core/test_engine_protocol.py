from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import errors
from core.engine import protocol
from core.engine.jobs import Job, JobQueue
from core.engine.protocol import Channel, error_from_record, error_record, lines, parse
from core.paths import ROOT

texts = st.text(st.characters(exclude_categories=()))  # lone surrogates too


@given(st.dictionaries(texts, st.one_of(texts, st.integers(), st.lists(texts))))
def test_any_text_survives_the_pipe(params):
    reading, writing = os.pipe()
    channel = Channel(writing)
    found = []
    thread = threading.Thread(target=lambda: found.extend(lines(reading)))
    thread.start()
    assert channel.send({"params": params}) and channel.send({"params": {}})
    channel.close()
    thread.join()
    os.close(reading)
    assert [parse(line) for line in found] == [{"v": 1, "params": params}, {"v": 1, "params": {}}]


def test_large_messages_of_several_threads_do_not_mix():
    reading, writing = os.pipe()
    channel = Channel(writing)
    senders = [
        threading.Thread(
            target=lambda n=n: [channel.send({"n": n, "text": str(n) * 100_000}) for _ in range(5)]
        )
        for n in range(4)
    ]
    for sender in senders:
        sender.start()
    found = []
    for line in lines(reading):
        found.append(parse(line))
        if len(found) == 20:
            break
    for sender in senders:
        sender.join()
    channel.close()
    os.close(reading)
    assert all(message["text"] == str(message["n"]) * 100_000 for message in found)


def test_a_reader_that_went_away_is_no_exception():
    reading, writing = os.pipe()
    channel = Channel(writing)
    os.close(reading)
    assert channel.send({"a": 1}) is False
    assert channel.send({"a": 1}) is False
    assert channel.close() and channel.close()


@pytest.mark.parametrize(
    "line", [b"", b"Loading weights: 100%", b"\xff\xfe", b"[1]", b'{"a": 1}', b'{"v": "1"}', b"[" * 100_000]
)
def test_what_libraries_print_is_no_message(line):
    assert parse(line) is None


@pytest.mark.parametrize(
    "error",
    [
        errors.ModelProblem("What.", "Do.", details="more\nlines"),
        errors.DiskFull("Full."),
        errors.Cancelled(),
        errors.ProjectCorrupt("Bad.", "Restore.", backups=("a", "b")),
    ],
)
def test_errors_cross_the_pipe_with_their_type(error):
    back = error_from_record(error_record(error))
    assert type(back) is type(error)
    assert (str(back), back.details, getattr(back, "backups", ())) == (
        str(error),
        error.details,
        getattr(error, "backups", ()),
    )
    assert type(error_from_record({"kind": "os.system", "message": "x"})) is errors.EngineProblem


def test_prints_of_libraries_go_to_standard_error():
    code = (
        "import os, sys\n"
        "from core.engine.stdio import Streams\n"
        "streams = Streams()\n"
        "print('from python'); os.write(1, b'from C\\n'); os.system('echo from a child')\n"
        "assert sys.stdin.read() == ''\n"
        "streams.channel.send({'heard': [line.decode() for line in streams.lines()]})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        input=b"one\ntwo\ntorn",
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert protocol.parse(done.stdout.strip()) == {"v": 1, "heard": ["one", "two"]}
    assert {b"from python", b"from C", b"from a child"} <= set(done.stderr.splitlines())


class _Nowhere(Channel):
    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append(message)
        return True


def test_a_newer_request_of_a_group_cancels_the_waiting_and_the_current_one():
    jobs, channel = JobQueue(), _Nowhere()
    made = [
        Job({"id": n, "op": "x", "group": group}, channel)
        for n, group in enumerate(["a", "b", "", "a", "", "a"])
    ]
    jobs.add(made[0])
    assert jobs.next() is made[0]
    for job in made[1:]:
        jobs.add(job)
    assert [job.should_stop() for job in made] == [True, False, False, True, False, False]
    jobs.cancel(2)
    jobs.cancel(77)
    assert made[2].should_stop() and not made[4].should_stop()
    assert [jobs.next() for _ in range(5)] == made[1:]


def test_progress_is_not_told_more_often_than_anyone_can_see():
    channel = _Nowhere()
    job = Job({"id": 1, "op": "x"}, channel)
    for done in range(1001):
        job.progress(done, 1000, 1.0)
    assert channel.sent[-1]["done"] == 1000
    assert len(channel.sent) < 50
