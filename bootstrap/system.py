"""What the operating system must bring: a display, the shared libraries Qt links to, and Python's venv module."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path

from bootstrap.say import Problem, say

# What `ldd` lists for Qt's core, gui, widgets, svg, network and D-Bus libraries and for its X11 platform plugin, as far
# as a Debian or Ubuntu without a desktop may lack it: file name -> package.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
NO_DISPLAY_NEEDED = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


def check_display() -> None:
    """Refuse to open a window where there is nothing to show it on.

    Raises:
        Problem: with exit status 2.
    """
    if not sys.platform.startswith("linux"):
        return
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return
    if os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in NO_DISPLAY_NEEDED:
        return
    raise Problem(
        "There is no display to open the window on (neither DISPLAY nor WAYLAND_DISPLAY is set).\n"
        "With a virtual one:    xvfb-run -a python3 start.py\n"
        "Without a window:      python3 start.py --help   lists the commands, for example: python3 start.py examples",
        exit_code=2,
    )


def is_debian() -> bool:
    return (
        sys.platform.startswith("linux")
        and Path("/etc/debian_version").exists()
        and bool(shutil.which("apt-get"))
    )


def ensure_qt_libraries(also: dict[str, str] | None = None) -> None:
    """On Debian and Ubuntu: install the libraries Qt lacks (as root), or say how.

    `also` maps programs to the packages that bring them.

    Raises:
        Problem: something is missing and could not be installed.
    """
    if not is_debian():
        return
    packages = [QT_LIBRARIES[name] for name in missing_libraries(list(QT_LIBRARIES))]
    packages += [package for program, package in (also or {}).items() if not shutil.which(program)]
    if packages:
        apt_install(packages, "Qt's window needs system libraries that are not installed")


def missing_libraries(names: list[str], folders: list[Path] | None = None) -> list[str]:
    """Those of `names` that the loader would not find. Looks into the usual folders first: that takes no process."""
    if folders is None:
        folders = [
            Path(f"/usr/lib/{platform.machine()}-linux-gnu"),
            Path("/usr/lib64"),
            Path("/usr/lib"),
            Path("/usr/local/lib"),
        ]
    rest = [name for name in names if not any((folder / name).exists() for folder in folders)]
    if not rest:
        return []
    known = _loader_cache()
    return [name for name in rest if name not in known]


def _loader_cache() -> set[str]:
    import subprocess

    program = shutil.which("ldconfig") or "/sbin/ldconfig"  # not on the path of ordinary users
    try:
        done = subprocess.run([program, "-p"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return set()
    return {line.split()[0] for line in done.stdout.splitlines() if "=>" in line}


def ensure_venv_module() -> None:
    """Debian keeps the part of Python that makes environments in a package of its own."""
    try:
        import ensurepip
        import venv
    except ImportError:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if not is_debian():
            raise Problem(
                f"This Python ({sys.executable}) has no venv module; install it or use another Python."
            ) from None
        apt_install([package], "Python's venv module is not installed")
    else:
        del ensurepip, venv


def apt_install(packages: list[str], why: str) -> None:
    """Install Debian packages as root; otherwise say the exact command."""
    command = f"apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}"
    if sys.platform == "win32" or os.geteuid() != 0:
        raise Problem(f"{why}. Install them with:\n  sudo sh -c '{command}'\nThen start again.")
    say(f"{why}. Installing {', '.join(packages)} …")
    import subprocess

    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = [
        ["apt-get", "-q", "update"],
        ["apt-get", "-q", "install", "-y", "--no-install-recommends", *packages],
    ]
    for step in steps:
        done = subprocess.run(
            step,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # A failing update may still leave lists that are good enough; the installation decides.
        if done.returncode != 0 and step is steps[-1]:
            for line in done.stdout.splitlines()[-10:]:
                say(f"  apt-get: {line}")
            raise Problem(f"The system packages could not be installed. Try it by hand:\n  {command}")
