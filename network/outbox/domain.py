"""What a letter is, how urgent it is, and how long we wait before trying again. Pure."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from uuid import UUID

from network.kernel.attachments import AttachmentKind as AttachmentKind  # noqa: PLC0414  # found here too
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import ChannelId, LetterId, new_id

LEASE = timedelta(seconds=20)  # what a killed postman held waits this long; a live one says so
ROUND = timedelta(seconds=30)  # a notice that says again what was just said waits this long at most
KEPT = timedelta(hours=48)  # Telegram lets a bot delete its messages for two days
NOBODY = 0  # the chat of a letter that only asks Telegram who we are; no chat has this number
# No letter waits longer between two tries, whatever Telegram says: what is held until later than
# that was held by a clock that ran ahead, and is free.
LONGEST_WAIT = timedelta(minutes=15)
CLOCKS_APART = timedelta(minutes=1)  # what is dated later than this is from such a clock
GIVE_UP_AFTER = timedelta(days=1)  # of trying, counted from when it was due


class Priority(IntEnum):
    """Who goes first when letters wait."""

    ALARM = 0
    ANSWER = 1
    CHECKIN = 2
    NOTICE = 3


# The longest a letter waits between two tries. Every signal waits as an alarm does, ring or not.
CEILINGS = {
    Priority.ALARM: timedelta(seconds=30),
    Priority.ANSWER: timedelta(minutes=2),
    Priority.CHECKIN: timedelta(minutes=2),
    Priority.NOTICE: timedelta(minutes=10),
}


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
    keyboard of msgids; an empty one removes it. `by` is the channel it goes by instead of Telegram,
    and `instead_of` the letter it then stands for; `elsewhere` says that its reader's channels rang
    already.
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
    leaf: str = ""  # a file anybody may have, by its path: a chapter on paper, or read aloud
    priority: Priority = Priority.ANSWER
    once: str | None = None  # names the promise: a second promise of it is the same one
    due_at: datetime | None = None  # None is now
    by: ChannelId | None = None
    instead_of: LetterId | None = None
    elsewhere: bool = False
    id: LetterId = field(default_factory=lambda: LetterId(new_id()))

    @property
    def is_bare_notice(self) -> bool:
        """Whether it only says that there is something to look at, so one may stand for many."""
        return (
            self.priority is Priority.NOTICE
            and self.words is None
            and not self.buttons
            and self.keyboard is None
            and self.location is None
            and self.attachment is None
        )


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
    """What the postman holds for a while: the row's number and what to send."""

    number: int
    id: LetterId
    letters: tuple[Letter, ...]
    is_signal: bool
    attempts: int
    promised_at: datetime
    due_at: datetime
    priority: Priority


@dataclass(frozen=True, slots=True)
class Out:
    """A letter that is known to be out though its row may still wait: by the row it stands in."""

    row: LetterId
    letter: LetterId
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Troubled:
    """A letter that was refused or waits long, as the desk may know of it: not a word of it."""

    id: LetterId
    priority: Priority
    is_signal: bool
    status: LetterStatus
    attempts: int
    error: str | None
    promised_at: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """Letters of one priority that are due and not out."""

    due: int
    oldest: timedelta
    retried: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a letter, for whoever wrote it."""

    status: LetterStatus
    error: str | None
    settled_at: datetime | None


def next_round(now: datetime) -> datetime:
    """When the notices held back until `now` go out as one."""
    step = int(ROUND.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // step + 1) * step, UTC)


def backoff(
    attempts: int, jitter: float, ceiling: timedelta = CEILINGS[Priority.ANSWER]
) -> timedelta:
    """How long to wait before attempt `attempts + 1`: doubling from 2 s to the ceiling, give or
    take a quarter, so that those who failed together do not come back together. `jitter` in [0, 1).
    """
    whole = min(timedelta(seconds=2 ** min(attempts, 12)), ceiling)
    return whole * (0.75 + jitter / 2)


@dataclass(frozen=True, slots=True)
class Pace:
    """A bucket that all postmen draw from: letters a second, and none the poorer for who draws.

    In no second do more than `rate` leave: what it may hold and what runs into it in a second are
    that many together. A signal is charged the same whatever is in it: a family's word leaves three
    of them, with one notice between them.
    """

    rate: int  # letters a second; 0 is no limit

    @property
    def held(self) -> int:
        """How many may leave at once after a pause."""
        return max(1, self.rate // 6)

    @property
    def refill(self) -> int:
        """How many run in, each second."""
        return max(1, self.rate - self.held)

    def allowed(self, free_at: datetime, now: datetime) -> int:
        """How many letters may leave now, where `free_at` says when the bucket was last empty."""
        whole = (now - self._known(free_at, now)).total_seconds() * self.refill + SAME_MOMENT
        return max(0, min(self.held, int(whole)))

    def charged(self, free_at: datetime, now: datetime, letters: int, signals: int) -> datetime:
        """`free_at` after these left. Signals wait for nobody, so they may leave a debt: of one
        second at most, or empty ones would hold up answers.
        """
        begun = max(self._known(free_at, now), self._filling(now))
        spent = timedelta(seconds=(letters + signals * SIGNAL_COST) / self.refill)
        return min(begun + spent, max(begun, now + LONGEST_DEBT))

    def _known(self, free_at: datetime, now: datetime) -> datetime:
        """No debt is longer than the longest: a later moment is of a clock that ran ahead."""
        return self._filling(now) if free_at > now + LONGEST_DEBT else free_at

    def _filling(self, now: datetime) -> datetime:
        return now - timedelta(seconds=self.held / self.refill)


SAME_MOMENT = 1e-6  # times are kept to the microsecond
SIGNAL_COST = 1 / 3  # of a letter
LONGEST_DEBT = timedelta(seconds=1)
CHAT_PAUSE = timedelta(seconds=1)  # between two letters to one chat
