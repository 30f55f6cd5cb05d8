"""Databases that can be broken and mended: a PostgreSQL to stop, a disk to fill."""

import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import psycopg
from sqlalchemy import URL

from tests.ground.postgresql import binaries, owner_of, plain

ENDS_WITHIN = 90.0
DISK = 12 << 20  # bytes of a disk that is filled once
MORE = 8 << 20  # for each time more: what everybody wrote meanwhile stays on it
NARROW = 4096  # bytes a file may have where the disk cannot be made small


class Server:
    """A PostgreSQL that `running` started, taken over: stopped and started as often as wanted."""

    def __init__(self, address: URL, settings: Sequence[str]) -> None:
        self.address = address
        self._folder = Path(str(address.query["host"]))
        copied = self._folder / "server" / "pg" / "bin"
        tools = copied if copied.is_dir() else binaries()
        words = [word for setting in settings for word in ("-c", setting)]
        data = self._folder / "data"
        self._command = [str(tools / "postgres"), "-D", str(data), "-k", str(self._folder), *words]
        self._pid_file = data / "postmaster.pid"
        self._process: subprocess.Popen[bytes] | None = None

    def stop(self, how: signal.Signals) -> None:
        """SIGINT ends every connection; SIGQUIT ends at once, as a power cut would."""
        pid = int(self._pid_file.read_text().split("\n", 1)[0])
        os.kill(pid, how)
        if self._process is not None:
            self._process.wait(ENDS_WITHIN)
            self._process = None
            return
        until = time.monotonic() + ENDS_WITHIN
        while Path(f"/proc/{pid}/stat").exists() and self._pid_file.exists():
            assert time.monotonic() < until, "PostgreSQL does not end"
            time.sleep(0.02)

    def start(self) -> None:
        """Returns at once; it may have to recover first."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
                **owner_of(self._folder),
            )

    def answers(self) -> bool:
        """Whether it lets anybody in."""
        try:
            psycopg.connect(plain(self.address)).close()
        except psycopg.OperationalError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            with suppress(ValueError, OSError):
                self.stop(signal.SIGQUIT)


class Disk(Protocol):
    """Somewhere a database lies, that can be filled and freed."""

    folder: Path

    @property
    def how(self) -> str:
        """In a few words."""
        ...

    def fill(self, writers: Sequence[int]) -> None:
        """From now on nothing more fits."""
        ...

    def free(self, writers: Sequence[int]) -> None:
        """Somebody made room."""
        ...


@dataclass(slots=True)
class SmallDisk:
    """A real file system of a few megabytes, and a file that takes all that is left of it."""

    folder: Path
    size: int

    @property
    def how(self) -> str:
        """In a few words."""
        return f"a file system of {self.size >> 20} MB, filled to the last byte"

    def fill(self, writers: Sequence[int]) -> None:
        filler = os.open(self.folder / "filler", os.O_WRONLY | os.O_CREAT)
        size = 1 << 20
        try:
            while size:
                try:
                    os.write(filler, bytes(size))
                except OSError:
                    size //= 2
        finally:
            os.close(filler)

    def free(self, writers: Sequence[int]) -> None:
        (self.folder / "filler").unlink()


@dataclass(slots=True)
class NarrowFiles:
    """Where nothing can be mounted: the processes may not make a file longer than this."""

    folder: Path
    how: str = field(
        default="no right to mount a small disk here, so the writers' files were kept from growing",
        init=False,
    )

    def fill(self, writers: Sequence[int]) -> None:
        for pid in writers:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (NARROW, resource.RLIM_INFINITY))

    def free(self, writers: Sequence[int]) -> None:
        for pid in writers:
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)


@contextmanager
def small_disk(folder: Path, times: int) -> Iterator[Disk]:
    """A disk that can be filled so often; a real one where we may mount it."""
    folder.mkdir()
    size = DISK + MORE * (times - 1)
    mounted = False
    if os.geteuid() == 0 and (mount := shutil.which("mount")):
        words = [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
    if not mounted:
        yield NarrowFiles(folder)
        return
    try:
        yield SmallDisk(folder, size)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
