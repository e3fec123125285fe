"""`anchorlab gui [DIR]`: this process becomes the window. The window's code is not imported here, only named."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from core import paths
from core.cli.output import Output


def run(args: argparse.Namespace, out: Output) -> int:
    command = [sys.executable, "-m", "gui"]
    if args.dir:
        command.append(str(Path(args.dir).expanduser().absolute()))
    roots = [str(paths.ROOT), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(root for root in roots if root)}
    out.stream.flush()
    if os.name == "posix":
        os.execve(command[0], command, environment)
    return subprocess.run(command, env=environment, check=False).returncode
