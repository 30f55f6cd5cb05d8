"""What a letter is, how urgent it is, and how long we wait before trying again. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from uuid import UUID

from network.kernel.attachments import AttachmentKind as AttachmentKind  # noqa: PLC0414  # found here too
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import LetterId, new_id

LEASE = timedelta(seconds=60)
GIVE_UP_AFTER = 60  # attempts; with BACKOFF_CEILING that is about a day of trying
BACKOFF_CEILING = timedelta(minutes=30)


class Priority(IntEnum):
    """Who goes first when letters wait."""

    ALARM = 0
    ANSWER = 1
    CHECKIN = 2
    NOTICE = 3


class LetterStatus(StrEnum):
    """How far a letter is. `refused` is final: Telegram said never, and `error` says why."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a letter: an English msgid, and up to 64 bytes of verb and id."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A sealed file that goes with a letter, and the one key that opens it."""

    file_id: UUID
    key: SecretBytes = field(repr=False)
    kind: AttachmentKind
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A promise to tell one chat something.

    `say` is an English msgid, rendered in the reader's `language` with `params` when it is sent.
    `words` are somebody's own words, sent as they are after `say` (if any). `keyboard` is a reply
    keyboard of msgids; an empty one removes it.
    """

    to: int = field(repr=False)
    language: str
    say: str = ""
    params: dict[str, str] = field(default_factory=dict, repr=False)
    words: Plaintext | None = None
    buttons: tuple[tuple[Button, ...], ...] = ()
    keyboard: tuple[tuple[str, ...], ...] | None = None
    location: tuple[float, float] | None = field(default=None, repr=False)
    attachment: Attachment | None = None
    priority: Priority = Priority.ANSWER
    once: str | None = None  # names the promise: a second promise of it is the same one
    due_at: datetime | None = None  # None is now
    id: LetterId = field(default_factory=lambda: LetterId(new_id()))


@dataclass(frozen=True, slots=True)
class Signal:
    """One sealed envelope for every word a family sends: nobody watching can tell whether it rings.

    Holds the letters it carries: a plain notice, or a notice and alarms. Signals wait for nobody: a
    danger word must not stand behind yesterday's notice.
    """

    letters: tuple[Letter, ...]
    once: str | None = None
    id: LetterId = field(default_factory=lambda: LetterId(new_id()))


@dataclass(frozen=True, slots=True)
class Leased:
    """What the postman holds for a minute: the row's number and what to send."""

    number: int
    id: LetterId
    letters: tuple[Letter, ...]
    is_signal: bool
    attempts: int
    promised_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a letter, for whoever wrote it."""

    status: LetterStatus
    error: str | None
    settled_at: datetime | None


def backoff(attempts: int, jitter: float) -> timedelta:
    """How long to wait before attempt `attempts + 1`: doubling from 2 s to half an hour. `jitter`
    in [0, 1).
    """
    whole = min(timedelta(seconds=2 ** min(attempts, 12)), BACKOFF_CEILING)
    return whole * (0.75 + jitter / 2)
