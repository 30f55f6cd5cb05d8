"""What a postman notes the moment a letter is out, before it is written down in the database.

Between Telegram's «sent» and our own commit a postman may be killed, and then nobody would know:
the letter would go out again. Memory that is a file's stays when a process dies. Whoever is born
next on this machine reads what was noted there, and writes down as out what was out. It saves
copies, never a letter: what is not noted is sent again, and where there can be no notes everything
is. When the power goes the notes may go with it.

A note holds two random ids and Telegram's number, for the moment until the commit; then zeros.
"""

import errno
import fcntl
import logging
import mmap
import os
import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from network.kernel.ids import LetterId, new_id
from network.outbox.domain import Out

log = logging.getLogger(__name__)

NOTE: Final = struct.Struct("<16s16sq7x")  # the row, the letter in it, Telegram's number
SIZE: Final = NOTE.size + 1  # and a last byte that says that the others are whole
NOTES: Final = 1024  # more than can be on their way, with every letter of every envelope
WHOLE: Final = 1
UNKNOWN: Final = -1  # where Telegram gives no number
EMPTY: Final = bytes(SIZE)
TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Left:
    """What a postman who died had noted. `done` when it is written down."""

    path: Path
    lock: int
    out: tuple[Out, ...]

    def done(self) -> None:
        """Nobody needs it any more. One that cannot be taken away is read again, which harms none:
        a letter that is out is out.
        """
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("a counterfoil stays: %s", type(error).__name__)
        finally:
            os.close(self.lock)

    def later(self) -> None:
        """It could not be written down now: somebody else may."""
        os.close(self.lock)


class Counterfoils:
    """One postman's notes, in a file of its own that it holds while it lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / new_id().hex
        self._lock = -1
        self._notes: mmap.mmap | None = None
        self._free = list(range(NOTES))
        self._held: defaultdict[LetterId, list[int]] = defaultdict(list)
        for _ in range(TRIES):
            try:
                self._lock, self._notes = _fresh(self._path)
            except BlockingIOError:
                continue  # taken for a dead one's before we held it
            except OSError as error:
                log.warning("no counterfoils: %s", type(error).__name__)
            return

    def note(self, row: LetterId, letter: LetterId, message_id: int | None) -> None:
        """This letter of this row is out. Kept from here on, whatever becomes of us."""
        if self._notes is None or not self._free:
            return
        number = self._free.pop()
        self._held[row].append(number)
        at = number * SIZE
        known = UNKNOWN if message_id is None else message_id
        self._notes[at : at + NOTE.size] = NOTE.pack(row.bytes, letter.bytes, known)
        self._notes[at + NOTE.size] = WHOLE

    def forget(self, row: LetterId) -> None:
        """What became of this row stands in the database."""
        for number in self._held.pop(row, ()):
            if self._notes is not None:
                at = number * SIZE
                self._notes[at + NOTE.size] = 0
                self._notes[at : at + SIZE] = EMPTY
            self._free.append(number)

    def left(self) -> Iterator[Left]:
        """What those noted who died: each is handed to one of us."""
        try:
            paths = sorted(self._folder.iterdir())
        except OSError:
            return  # we could note nothing either, and have said so
        for path in paths:
            if path != self._path and (found := _left(path)) is not None:
                yield found

    def close(self) -> None:
        """Ends, and leaves nothing where nothing is noted."""
        if self._notes is not None:
            self._notes.close()
            self._notes = None
            if not self._held:
                self._path.unlink(missing_ok=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _fresh(path: Path) -> tuple[int, mmap.mmap]:
    """A new file, held, whole on the disk, and its memory."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.fstat(lock).st_nlink:
            raise BlockingIOError
        # To the last byte: the memory of what a full disk does not hold kills whoever writes it.
        os.posix_fallocate(lock, 0, NOTES * SIZE)
        return lock, mmap.mmap(lock, NOTES * SIZE)
    except OSError:
        path.unlink(missing_ok=True)
        os.close(lock)
        raise


def _left(path: Path) -> Left | None:
    """Nothing where its postman lives, or another of us reads it."""
    try:
        lock = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    except OSError as error:
        log.warning("a counterfoil cannot be opened: %s", type(error).__name__)
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(lock).st_nlink:  # else another has done with it meanwhile
            return Left(path, lock, tuple(_read(os.pread(lock, NOTES * SIZE, 0))))
    except OSError as error:
        if error.errno != errno.EWOULDBLOCK:
            log.warning("a counterfoil cannot be read: %s", type(error).__name__)
    os.close(lock)
    return None


def _read(notes: bytes) -> Iterator[Out]:
    for at in range(0, len(notes) - SIZE + 1, SIZE):
        if notes[at + NOTE.size] != WHOLE:
            continue
        row, letter, known = NOTE.unpack_from(notes, at)
        number = None if known == UNKNOWN else known
        yield Out(LetterId(UUID(bytes=row)), LetterId(UUID(bytes=letter)), number)
