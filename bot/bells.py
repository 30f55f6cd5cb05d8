"""How engines wake each other: at once on one machine, and by looking again across machines."""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

LOOK_AGAIN: Final = 0.15  # seconds; what another machine stored or promised is seen this soon
NAMES: Final = {b"a": "arrived", b"p": "promised"}

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Bell:
    """Rings once for any number of pulls."""

    _event: asyncio.Event = field(default_factory=asyncio.Event)
    tell: Callable[[], None] = lambda: None  # the other processes of this machine

    def ring(self) -> None:
        """Wake whoever of this process listens, now or at their next wait."""
        self._event.set()

    def ring_everywhere(self) -> None:
        """The same, and whoever listens in the other processes of this machine."""
        self.ring()
        self.tell()

    async def heard(self, within: float = LOOK_AGAIN) -> None:
        """Wait for a ring, at most so many seconds."""
        if not self._event.is_set():
            try:
                async with asyncio.timeout(within):
                    await self._event.wait()
            except TimeoutError:
                return
        self._event.clear()


@dataclass(slots=True)
class Bells:
    """The three reasons to wake up."""

    arrived: Bell = field(default_factory=Bell)  # something waits in the inbox, or a chat is free
    promised: Bell = field(default_factory=Bell)  # something waits in the outbox
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def pause(self, seconds: float) -> None:
        """Wait that long, or until we are to stop."""
        try:
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        except TimeoutError:
            return


class Wire:
    """Between the processes of one machine: a socket for each in one folder; one byte is one ring.

    A ring says only «look again»: nothing is lost with it, and nobody learns anything by it. Where
    there can be no socket everybody looks again by themselves, as across machines.
    """

    def __init__(self, folder: Path, bells: Bells) -> None:
        self._folder = folder
        self._bells = bells
        self._own = secrets.token_hex(8)
        self._directory = -1
        self._socket: socket.socket | None = None
        self._to_tell: set[bytes] = set()

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # By its number a folder's path is short; a socket's may have no more than 107 bytes.
            self._directory = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            self._socket.bind(self._address(self._own))
        except OSError as error:
            log.warning("no bells between processes: %s", type(error).__name__)
            self._close()
            return self
        asyncio.get_running_loop().add_reader(self._socket, self._hear)
        self._bells.arrived.tell = lambda: self._tell_soon(b"a")
        self._bells.promised.tell = lambda: self._tell_soon(b"p")
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._forget(self._own)
        self._close()

    def _hear(self) -> None:
        assert self._socket is not None
        with contextlib.suppress(OSError):
            while said := self._socket.recv(1):
                if said in NAMES:
                    getattr(self._bells, NAMES[said]).ring()

    def _tell_soon(self, what: bytes) -> None:
        """Answers of one commit end together: they pull once."""
        if what not in self._to_tell:
            self._to_tell.add(what)
            asyncio.get_running_loop().call_soon(self._tell, what)

    def _tell(self, what: bytes) -> None:
        self._to_tell.discard(what)
        if self._socket is None:
            return
        others = {one.name for one in self._folder.iterdir()} - {self._own}
        for name in others:
            try:
                self._socket.sendto(what, self._address(name))
            except BlockingIOError:
                continue  # it has more rings than it has read: it will look
            except OSError:
                self._forget(name)  # whoever it was has ended

    def _address(self, name: str) -> str:
        return f"/proc/self/fd/{self._directory}/{name}"

    def _forget(self, name: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=self._directory)

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._directory >= 0:
            os.close(self._directory)
            self._directory = -1
