"""What a case is and how it may move. Pure."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from network.cases.words import everyday
from network.kernel.errors import BadInput, Refused, WrongMoment
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import CaseId, EntryId, FileId, LetterId, OfferId, PersonId
from network.kernel.words import N_

MAX_FILE = 20 * 1024 * 1024  # what the Bot API lets a bot fetch
MAX_TEXT = 20_000
MAX_LETTER = 4_000  # Telegram takes 4,096 characters, and our own words may stand around them
MAX_CAPTION = 1_000  # Telegram takes 1,024 under a file
MAX_NEED = 200
MOST_BRIEF = 4_000
MAX_DANGER_WORD = 60
MIN_DANGER_WORD = 3
MOST_DANGER_WORDS = 3

WORD_CHOSEN = N_("(a word of danger was chosen)")


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
    CaseStatus.OFFERED: frozenset({CaseStatus.ACCOMPANIED, CaseStatus.TRIAGED, CaseStatus.CLOSED}),
    CaseStatus.ACCOMPANIED: frozenset({CaseStatus.RESTING, CaseStatus.TRIAGED, CaseStatus.CLOSED}),
    CaseStatus.RESTING: frozenset({CaseStatus.ACCOMPANIED, CaseStatus.TRIAGED, CaseStatus.CLOSED}),
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


class Outcome(StrEnum):
    """How a case ended. All that statistics ever learn of it, with a year and a state."""

    REUNITED = "reunited"
    NOT_FOUND = "not_found"
    HANDED_ON = "handed_on"
    FALSE_ALARM = "false_alarm"
    LOST_TOUCH = "lost_touch"
    LEFT = "left"


class Purpose(StrEnum):
    """What a family may allow, one by one. Nothing is allowed until it says so."""

    LAWYER = "lawyer"  # showing it to a lawyer who helps them
    SEARCH = "search"  # showing it to a search commission
    STATISTICS = "statistics"  # keeping a year, a state and an outcome after it is erased


class OfferOver(WrongMoment):
    """Somebody else said yes, or the time to answer ran out."""

    key = "offer_over"


class NobodyToReceive(Refused):
    """No coordinator could ever open this, so it is not stored."""

    key = "nobody_to_receive"


class TooLarge(Refused):
    """The file is larger than we can carry."""

    key = "too_large"


class KindRefused(Refused):
    """We do not take files of this kind."""

    key = "kind_refused"


class NotFetched(Refused):
    """Telegram announced the file and did not hand it over."""

    key = "not_fetched"


class CannotStrip(Refused):
    """What the file says about its maker could not be taken out, so we do not keep it."""

    key = "cannot_strip"


class TooMuch(Refused):
    """One account would be able to open more than is allowed, and two have not decided it."""

    key = "too_much"


class LastReader(Refused):
    """Without this person nobody could open the case."""

    key = "last_reader"


class NotProvenYet(Refused):
    """The log holds no tree with this entry yet: it does from the day after it was written."""

    key = "not_proven_yet"


@dataclass(frozen=True, slots=True)
class Card:
    """What the machine must know of a case with nobody present. Sealed to the server at rest."""

    reference: str = field(repr=False)  # two words, valid inside this case only
    verification: str = field(repr=False)  # two words the accompanier must say first
    situation: str = field(default="", repr=False)
    zone: str | None = field(default=None, repr=False)  # a state's or municipality's code
    need: str = field(default="", repr=False)
    time_zone: str | None = field(default=None, repr=False)
    outcome: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Contact:
    """The chat a family writes from. Sealed to the server at rest."""

    chat: int = field(repr=False)
    language: str = "es"
    danger_word: str = field(default="", repr=False)
    allows: str = field(default="", repr=False)  # purposes, with spaces between
    chosen_in: int = 0  # Telegram's number of the message that chose the word of danger
    rang: bool = False  # whether the word of before stood in it, and so holds on

    @property
    def allowed(self) -> frozenset[Purpose]:
        """What the family has said yes to, and not taken back."""
        return frozenset(each for each in Purpose if each.value in self.allows.split())

    def allowing(self, purposes: frozenset[Purpose]) -> "Contact":
        """The same family, allowing these and nothing else."""
        return replace(self, allows=" ".join(sorted(purposes)))


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
    parted: bool = False  # its family was parted with: it waits to be destroyed

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


def offer_lasts(urgency: Urgency, *, high: timedelta, normal: timedelta) -> timedelta:
    """How long an offer stays open, from the country pack's two patiences."""
    return high if urgency is Urgency.NOW else normal


# Marks that turn the reading direction around or end a string: they can make a sentence lie.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_WORDS = re.compile(r"\w+")
UNSEEN_KINDS = {"Cf", "Mn", "Me"}  # joiners, soft hyphens, marks of direction; marks on letters


def cleaned(text: Plaintext, field: str, *, longest: int = MAX_TEXT) -> Plaintext:
    """The words without control and turning marks; `BadInput` when nothing is left or it is too
    long.
    """
    raw = text.reveal()
    if len(raw) > longest:
        raise BadInput(field, "too_long")
    kept = _UNSEEN.sub("", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not kept:
        raise BadInput(field, "empty")
    return Plaintext(kept)


def is_danger(contact: Contact, text: Plaintext) -> bool:
    """Whether the family's danger word stands in the text as whole words, however it was typed.
    What nobody sees in it changes nothing, whether it is taken away or taken for a gap.
    """
    wanted = _both_ways(contact.danger_word)
    found = _both_ways(text.reveal())  # also without a danger word: the time must not tell
    return any(each and f" {each} " in f" {words} " for each in wanted for words in found)


def danger_word(word: Plaintext) -> str:
    """A word that `is_danger` can find again, or `BadInput`: for one that would ring by chance, and
    for what is a message rather than a word, with more words than a name has, or with numbers.
    """
    kept = cleaned(word, "word", longest=MAX_DANGER_WORD).reveal()
    found = _folded_words(kept).split()
    if sum(map(len, found)) < MIN_DANGER_WORD:
        raise BadInput("word", "too_short")
    if len(found) > MOST_DANGER_WORDS:
        raise BadInput("word", "too_long")
    if everyday().issuperset(found) or any(letter.isdigit() for letter in kept):
        raise BadInput("word", "no_word")
    return kept


def _folded_words(text: str) -> str:
    return _both_ways(text)[0]


def _both_ways(text: str) -> tuple[str, str]:
    """Its words, with invisible marks taken away, such as a soft hyphen of a page it was copied
    from; and with each for the gap that a word chosen with one may have been heard by.
    """
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    letters = "".join(mark for mark in bare if not unicodedata.combining(mark))
    seen = "".join(mark for mark in letters if unicodedata.category(mark) not in UNSEEN_KINDS)
    return " ".join(_WORDS.findall(seen)), " ".join(_WORDS.findall(letters))
