"""What a quorum is, and how its ceremonies go. Pure.

A ceremony is one thing that takes several people: making the recovery key, giving its shares to
others, or opening one case. It is announced, waits, can be stopped by any coordinator, and ends by
itself when nobody finishes it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from network.encryption.sealed import PublicKey
from network.kernel.errors import BadInput, Refused
from network.kernel.ids import CaseId, PersonId

LEAST, MOST = 2, 16
MAX_REASON = 1000


class Matter(StrEnum):
    """What a ceremony is for."""

    FOUND = "found"
    HAND_ON = "hand_on"
    OPEN = "open"


class Stage(StrEnum):
    """Where a ceremony stands. All but the first are ends."""

    WAITING = "waiting"
    DONE = "done"
    STOPPED = "stopped"
    LAPSED = "lapsed"


class TooEarly(Refused):
    """The delay is not over."""

    key = "too_early"


class LastComesLater(Refused):
    """One more would make the shares complete before the delay is over."""

    key = "last_comes_later"


class TooFew(Refused):
    """Not enough people have said yes, or not enough of them may still say it."""

    key = "too_few"


class NotInQuorum(Refused):
    """This was never sealed to the quorum, so no number of people opens it."""

    key = "not_in_quorum"


class OneAtATime(Refused):
    """Another ceremony about the same thing is on its way."""

    key = "one_at_a_time"


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """The public half, how it is split now, and who holds the shares."""

    id: UUID
    public: PublicKey = field(repr=False)
    split: UUID
    needed: int
    stewards: tuple[PersonId, ...]
    is_current: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the others. Sealed to the server at rest."""

    reason: str = field(repr=False)
    reference: str = field(default="", repr=False)  # of the case, two words
    needed: int = 0  # of the split to be made
    holders: tuple[str, ...] = ()  # their ids, as hex


@dataclass(frozen=True, slots=True)
class Ceremony:
    """One ceremony, without the shares on their way."""

    id: UUID
    matter: Matter
    stage: Stage
    key_id: UUID | None
    case_id: CaseId | None
    by: PersonId
    opener: PersonId
    asked: Asked
    ready_at: datetime
    dies_at: datetime
    ends_at: datetime | None

    @property
    def new_holders(self) -> tuple[PersonId, ...]:
        """Who is to hold a share of what will be made."""
        return tuple(PersonId(UUID(each)) for each in self.asked.holders)

    def is_ready(self, now: datetime) -> bool:
        """Whether its delay is over."""
        return now >= self.ready_at


def shares_at_hand(voices: frozenset[PersonId], opener: PersonId, key: RecoveryKey) -> int:
    """How many shares whoever opens could put together: those passed on, and their own."""
    return len(voices | ({opener} & set(key.stewards)))


def may_speak(
    ceremony: Ceremony,
    key: RecoveryKey,
    voices: frozenset[PersonId],
    who: PersonId,
    now: datetime,
) -> bool:
    """Whether one more share may be passed on: the one that completes them, after the delay only.

    So before its end no k shares are anywhere but with their holders, whoever holds the server.
    """
    after = shares_at_hand(voices | {who}, ceremony.opener, key)
    return ceremony.is_ready(now) or after < key.needed


def read_split(needed: int, holders: tuple[PersonId, ...]) -> None:
    """Return if so many of these can be a quorum, else BadInput."""
    if len(set(holders)) != len(holders) or not LEAST <= len(holders) <= MOST:
        raise BadInput("holders", "quorum_holders")
    if not LEAST <= needed <= len(holders):
        raise BadInput("needed", "quorum_needed")


def read_reason(typed: str) -> str:
    """Why, in a few sentences; BadInput when there are none."""
    reason = typed.strip()
    if not reason or len(reason) > MAX_REASON:
        raise BadInput("reason", "quorum_reason")
    return reason
