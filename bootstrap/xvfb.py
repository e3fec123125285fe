"""A virtual X display for the end-to-end tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from bootstrap.say import Problem


@contextmanager
def virtual_display(size: str = "1920x1200x24") -> Iterator[str]:
    """Start Xvfb on a display that is free and give its name, like ":99"; stop it afterwards.

    Raises:
        Problem: there is no Xvfb, or it does not come up.
    """
    program = shutil.which("Xvfb")
    if program is None:
        raise Problem("The end-to-end tests need Xvfb. On Debian and Ubuntu: sudo apt-get install xvfb")
    reading, writing = os.pipe()
    # The server picks the number itself and writes it down, so that two of them never race for one.
    command = [program, "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(
        command,
        pass_fds=[writing],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            os.close(writing)
            with os.fdopen(reading, "rb") as stream:
                number = stream.readline().decode().strip()  # empty when the server ended
            if not number:
                raise Problem(f"Xvfb did not start (exit status {server.wait()}).")
            yield f":{number}"
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
