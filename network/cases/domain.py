"""What a case is and how it may move. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from network.kernel.errors import Refused, WrongMoment
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import CaseId, EntryId, FileId, LetterId, OfferId, PersonId

MAX_FILE = 20 * 1024 * 1024  # what the Bot API lets a bot fetch


class CaseStatus(StrEnum):
    """Where a case stands between the first word and the last."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    OFFERED = "offered"
    ACCOMPANIED = "accompanied"
    RESTING = "resting"
    CLOSED = "closed"


MOVES: dict[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.RECEIVED: frozenset({CaseStatus.TRIAGED, CaseStatus.CLOSED}),
    CaseStatus.TRIAGED: frozenset({CaseStatus.OFFERED, CaseStatus.CLOSED}),
    CaseStatus.OFFERED: frozenset(
        {CaseStatus.ACCOMPANIED, CaseStatus.TRIAGED, CaseStatus.CLOSED}
    ),
    CaseStatus.ACCOMPANIED: frozenset(
        {CaseStatus.RESTING, CaseStatus.TRIAGED, CaseStatus.CLOSED}
    ),
    CaseStatus.RESTING: frozenset(
        {CaseStatus.ACCOMPANIED, CaseStatus.TRIAGED, CaseStatus.CLOSED}
    ),
    CaseStatus.CLOSED: frozenset(),
}


class Urgency(StrEnum):
    """How soon somebody must be with them."""

    NOW = "now"
    TODAY = "today"
    WEEK = "week"


class OfferStatus(StrEnum):
    """What became of one invitation."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class EntryKind(StrEnum):
    """What an entry of the room is."""

    FROM_FAMILY = "from_family"
    TO_FAMILY = "to_family"
    NOTE = "note"
    EVENT = "event"


class NobodyToReceive(Refused):
    """No coordinator could ever open this, so it is not stored."""

    key = "nobody_to_receive"


class TooLarge(Refused):
    """The file is larger than we can carry."""

    key = "too_large"


class KindRefused(Refused):
    """We do not take files of this kind."""

    key = "kind_refused"


class CannotStrip(Refused):
    """What the file says about its maker could not be taken out, so we do not keep it."""

    key = "cannot_strip"


@dataclass(frozen=True, slots=True)
class Card:
    """What the machine must know of a case with nobody present. Sealed to the server at rest."""

    reference: str = field(repr=False)  # two words, valid inside this case only
    verification: str = field(repr=False)  # two words the accompanier must say first
    situation: str = field(default="", repr=False)
    zone: str | None = field(default=None, repr=False)  # a state's or municipality's code
    need: str = field(default="", repr=False)
    time_zone: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Contact:
    """The chat a family writes from. Sealed to the server at rest."""

    chat: int = field(repr=False)
    language: str = "es"
    danger_word: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """A case without its words."""

    id: CaseId
    status: CaseStatus
    urgency: Urgency | None
    opened_at: datetime
    card: Card
    epoch: int
    coordinator: PersonId | None = None
    activist: PersonId | None = None

    def moved_to(self, target: CaseStatus) -> "Case":
        """The case there, or WrongMoment where the table of moves has no such way."""
        if target not in MOVES[self.status]:
            raise WrongMoment
        return replace(self, status=target)


@dataclass(frozen=True, slots=True)
class FileLink:
    """A sealed file that belongs to an entry. Its key stands in the entry, sealed with it."""

    id: FileId
    key: SecretBytes = field(repr=False)
    kind: str
    name: str = field(repr=False)
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One opened entry of the room."""

    number: int
    id: EntryId
    kind: EntryKind
    at: datetime
    author: PersonId | None
    text: Plaintext
    file: FileLink | None = None
    letter: LetterId | None = None
    location: tuple[float, float] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """One invitation of one case to one activist."""

    id: OfferId
    case_id: CaseId
    member: PersonId
    status: OfferStatus
    expires_at: datetime


def offer_lasts(urgency: Urgency, hours: dict[str, float]) -> timedelta:
    """How long an offer stays open, from the country pack's hours per urgency."""
    return timedelta(hours=hours[urgency.value])
