"""What arrives, and what one handled arrival leaves behind. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from network.kernel.errors import Refused
from network.kernel.hidden import Plaintext
from network.outbox.domain import Letter

# A worker that was killed gives nothing back: what it held waits this long. One that lives says so
# three times as often.
LEASE = timedelta(seconds=20)
TRIES = 5  # after these it may be this arrival that ends its workers: it is handed out alone
ALONE = 5  # after so many more, alone, it is set aside, counted, and kept for a week


class ArrivalStatus(StrEnum):
    """Waiting to be handled, handled, or put aside because it made no sense or broke us."""

    WAITING = "waiting"
    DONE = "done"
    SET_ASIDE = "set_aside"


class AlreadyHandled(Refused):
    """Another worker handled this arrival first; nothing was done twice."""

    key = "already_handled"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update as Telegram handed it over. `chat` is None where it belongs to no private chat."""

    update_id: int
    chat: int | None = field(repr=False)
    body: Plaintext
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A stored update that this worker holds for a while, and where its talk stands."""

    update_id: int
    chat_index: bytes | None = field(repr=False)
    body: Plaintext
    talk: Plaintext | None
    attempts: int
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """What an arrival leaves: replies, and where the talk stands now (None: at its beginning)."""

    letters: tuple[Letter, ...] = ()
    talk: Plaintext | None = None
