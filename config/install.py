"""Give this machine what Hilo needs: `python3 config/install.py run`, `print` or `dev`.

Runs before anything is installed, so it imports the standard library alone.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from ctypes.util import find_library
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".venv"
PYTHON = HOME / "bin" / "python"
EPUBCHECK = Path("/usr/share/java/epubcheck.jar")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


class CannotInstall(RuntimeError):
    """Something is missing that this program may not fetch. Says what to do about it."""


def main(purpose: str) -> None:
    """Install what running needs; `print` adds what makes PDF files, `dev` whatever tests need."""
    if sys.version_info < (3, 11):  # noqa: UP036  # this file runs under whatever python3 is
        raise CannotInstall("Hilo needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …")
    if purpose == "run":
        packages(ROOT / "requirements.txt")
        return
    if purpose == "print":
        packages(ROOT / "requirements.txt")
        packages(ROOT / "requirements-print.txt")
        pango()
        return
    packages(ROOT / "requirements-dev.txt")
    postgresql()
    chromium()
    pango()
    epubcheck()


def packages(pins: Path) -> None:
    """Put the pinned packages into .venv, once per version of the pins."""
    digest = hashlib.sha256(pins.read_bytes() + sys.version.encode()).hexdigest()[:16]
    stamp = HOME / f".{pins.stem}-{digest}"
    if stamp.exists() and PYTHON.exists():
        return
    print(f"Installing {pins.name} into .venv (once).", flush=True)
    uv = shutil.which("uv")
    if not PYTHON.exists():
        _new_environment(uv)
    if uv:
        tool = [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    else:
        tool = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*tool, "--require-hashes", "-r", str(pins)], f"{pins.name} could not be installed.")
    for old in HOME.glob(f".{pins.stem}-[0-9a-f]*"):
        old.unlink()
    stamp.touch()


def _new_environment(uv: str | None) -> None:
    if uv:
        make = [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(HOME)]
        _run(make, "The virtual environment could not be made.")
        return
    if not _has_pip() and not _apt("python3-venv"):
        raise CannotInstall("Install uv, or this system's python3-venv package, and run it again.")
    try:
        venv.create(HOME, with_pip=True, clear=True, symlinks=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        raise CannotInstall(f"The virtual environment could not be made: {problem}") from None


def _has_pip() -> bool:
    try:
        import ensurepip  # noqa: F401, PLC0415  # Debian keeps it in a package of its own
    except ImportError:
        return False
    return True


def postgresql() -> None:
    """A PostgreSQL server for the tests: the system's where it may, else the one among the pins."""
    if os.environ.get("TEST_PG_URL") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return
    if not _apt("postgresql"):
        print("The tests use the PostgreSQL that came with the packages in .venv.", flush=True)


def chromium() -> None:
    """A Chromium for the browser tests. Where none may be had, CI fails and a person is told."""
    if any(shutil.which(name) for name in BROWSERS) or _apt("chromium"):
        return
    _do_without("Install Chromium (apt-get install chromium): without it no page is tried in one.")


def pango() -> None:
    """What lays out printed pages. Where none may be had, CI fails and a person is told."""
    if find_library("pangoft2-1.0") or _apt("libpangoft2-1.0-0"):
        return
    _do_without("Install Pango (apt-get install libpangoft2-1.0-0): without it no PDF can be made.")


def epubcheck() -> None:
    """What examines the EPUB. Where none may be had, CI fails and a person is told."""
    if EPUBCHECK.exists() or _apt("epubcheck"):
        return
    _do_without("Install epubcheck (apt-get install epubcheck): without it no EPUB is examined.")


def _do_without(sentence: str) -> None:
    """What cannot be had: CI fails, a person is told and goes on."""
    if os.environ.get("CI"):
        raise CannotInstall(sentence)
    print(sentence, flush=True)


def _apt(package: str) -> bool:
    """Whether Debian's package could be installed. Only root may, and only where there is apt."""
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        return False
    print(f"Installing {package} with apt-get.", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt, "install", "-qq", "-y", "--no-install-recommends", package]
    for command in (install, [apt, "update", "-qq"], install):
        done = subprocess.run(
            command, env=quiet, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        if command is install and done.returncode == 0:
            return True
    return False


def _run(command: list[str], otherwise: str) -> None:
    # A newcomer's shell may be inside another environment, which is none of our business.
    ours = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    if subprocess.run(command, env=ours, check=False).returncode:
        raise CannotInstall(otherwise)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:2] or ["run"])
    except CannotInstall as problem:
        sys.exit(str(problem))
