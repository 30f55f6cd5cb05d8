"""What a member is and how they come in. Pure."""

import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from re import fullmatch
from uuid import UUID

from network.encryption.sealed import PublicKey, Sealed
from network.kernel.actor import Role
from network.kernel.errors import BadInput, Refused, WrongMoment
from network.kernel.hidden import SecretBytes
from network.kernel.ids import PersonId, SessionId

IDLE = timedelta(minutes=20)
ABSOLUTE = timedelta(hours=10)
RETURN_LASTS = timedelta(days=3)
CHALLENGE_LASTS = timedelta(minutes=5)
MOST_DEVICES = 10  # that one account may have
INVITATION_LASTS = timedelta(days=7)
LINK_CODE_LASTS = timedelta(minutes=15)
TRIES_FORGOTTEN_AFTER = timedelta(days=1)
FREE_TRIES = 2
OWN = 0  # the way that opens the account as it is
COVERS = 2  # how many ways more everybody has, used or not: a cover has a cover of its own
EYES = 2  # how many different coordinators a grave decision takes
ALIAS_LETTERS = 40


class Standing(StrEnum):
    """Where somebody stands: asked to come in, let in, stopped for now, gone for good."""

    APPLIED = "applied"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class Matter(StrEnum):
    """What takes two coordinators here; other matters are proposals."""

    VETTING = "vetting"


class Device(StrEnum):
    """What a member signed in with, as coarse as tells one's own apart. Kept sealed."""

    PHONE = "p"
    TABLET = "t"
    COMPUTER = "c"
    OTHER = "o"


class Level(StrEnum):
    """How far the network trusts somebody with what others told it: what vetting came to."""

    NONE = "none"  # nobody has decided yet
    ON_PATH = "on_path"  # somewhere on the path in, or sent back to it
    VOUCHED = "vouched"  # let in on somebody's word, without the path: founders, and the first days
    PROBATION = "probation"  # only beside an experienced person, and only what is not urgent
    FULL = "full"


MOVES: dict[Standing, frozenset[Standing]] = {
    Standing.APPLIED: frozenset({Standing.ACTIVE, Standing.REMOVED}),
    Standing.ACTIVE: frozenset({Standing.SUSPENDED, Standing.REMOVED}),
    Standing.SUSPENDED: frozenset({Standing.ACTIVE, Standing.REMOVED}),
    Standing.REMOVED: frozenset(),
}


class WrongCredentials(Refused):
    """Name, passphrase or code is wrong; which one, nobody is told."""

    key = "wrong_credentials"


class CodeUsedBefore(WrongCredentials):
    """All was right, and the code was used before. Whoever typed it is told no more than ever."""


class WeakPassphrase(Refused):
    """Too easy to guess."""

    key = "weak_passphrase"


class TooManyDevices(Refused):
    """This account has as many devices as one may have, by whichever way its owner came in."""

    key = "too_many_devices"


class AlreadyLinked(Refused):
    """This chat is another member's."""

    key = "already_linked"


@dataclass(frozen=True, slots=True)
class Clearance:
    """What the machine must know before it seals a key to somebody. Sealed at rest."""

    level: Level = Level.NONE
    since: date | None = None
    review_on: date | None = None  # from that day on no new key, until they were looked at again
    zones: tuple[str, ...] = field(default=(), repr=False)  # where their own interests lie
    reminded_on: date | None = None  # when letters about a review went out last


@dataclass(frozen=True, slots=True)
class Profile:
    """What the machine must know of a member to write to them. Sealed at rest.

    `zone` is the code of the state they chose to name, so that their silence is seen with that of
    others where the power is out.
    """

    handle: str = field(repr=False)
    alias: str = field(repr=False)
    language: str = "es"
    chat: int | None = field(default=None, repr=False)
    clearance: Clearance = field(default=Clearance(), repr=False)
    zone: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Member:
    """A member as other rooms may see them."""

    id: PersonId
    role: Role
    standing: Standing
    on_duty: bool
    profile: Profile
    public_key: bytes | None = field(repr=False)

    @property
    def alias(self) -> str:
        """What colleagues call them."""
        return self.profile.alias

    @property
    def clearance(self) -> Clearance:
        """What vetting came to."""
        return self.profile.clearance

    @property
    def active(self) -> bool:
        """May act; whether they may be given keys, vetting says."""
        return self.standing is Standing.ACTIVE and self.public_key is not None


@dataclass(frozen=True, slots=True)
class Keys:
    """What a member stores when they come in: a public key, and the private one wrapped twice."""

    public: PublicKey = field(repr=False)
    by_passphrase: Sealed = field(repr=False)
    by_recovery: Sealed = field(repr=False)
    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody at the end of joining: their second factor is proven, nothing of them is stored."""

    id: PersonId
    handle: str = field(repr=False)
    alias: str = field(repr=False)
    language: str
    keys: Keys
    totp: Sealed = field(repr=False)
    step: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an open link offers, and the alias its maker had in mind."""

    role: Role
    vouched: bool
    alias: str = field(default="", repr=False)
    level: Level = Level.NONE  # what its bearer joins with


@dataclass(frozen=True, slots=True)
class Passkey:
    """A device its owner comes in with, as they call it."""

    id: UUID
    label: str = field(repr=False)
    added_on: date


@dataclass(frozen=True, slots=True)
class Named:
    """What each of a member's keys can read of a device: its name, and by which way in the session
    was opened in which it was added.
    """

    label: str = field(repr=False)
    by_way: int

    def stands_for_code(self, way: int) -> bool:
        """Whether it is a second factor of somebody who came, or comes, by this way.

        Whoever sat before a cover may have added theirs: it must never be half of the account.
        """
        return self.by_way == OWN or way != OWN


@dataclass(frozen=True, slots=True)
class Way:
    """One private key of a member, and everything that opens it."""

    public: PublicKey = field(repr=False)
    by_passphrase: Sealed = field(repr=False)
    by_recovery: Sealed = field(repr=False)
    totp: Sealed = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lock:
    """What a sign-in is checked against: the member's own way in first, then those that may be
    nobody's. Everybody has as many, and they look the same.
    """

    person_id: PersonId
    salt: bytes = field(repr=False)
    ways: tuple[Way, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A private key, and by which of the ways it was reached."""

    private: SecretBytes = field(repr=False)
    way: int


@dataclass(frozen=True, slots=True)
class Caller:
    """A browser that knocks: what it was given when it came in before, where it is, what it is."""

    familiar: str = field(default="", repr=False)
    near: str = field(default="", repr=False)
    device: Device = Device.OTHER


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One browser a member is signed in with; its kind is known to their own browsers alone."""

    id: SessionId
    opened_at: datetime
    seen_at: datetime
    is_this_one: bool
    device: Device | None = None


def cover_of(way: int) -> int:
    """Where the second passphrase of somebody who came by this way belongs.

    Never to the member's own: whoever sits before a cover can choose one too, try it, and has done
    no harm.
    """
    return 2 if way == 1 else 1


def is_behind(before: int, times: int) -> bool:
    """Whether a device counts no further than it did. Those that never count say nought."""
    return bool(times or before) and times <= before


def moved(standing: Standing, target: Standing) -> Standing:
    """The new standing, or WrongMoment where the table of moves has no such way."""
    if target not in MOVES[standing]:
        raise WrongMoment
    return target


def read_handle(typed: str) -> str:
    """The name somebody signs in with, as it is kept: 3 to 32 plain letters, digits and dashes."""
    handle = unicodedata.normalize("NFKC", typed).strip().casefold()
    if not fullmatch(r"[a-z0-9](?:[a-z0-9._-]{1,30})[a-z0-9]", handle):
        raise BadInput("handle", "handle_shape")
    return handle


def read_alias(typed: str) -> str:
    """What colleagues and families call somebody: one line of up to 40 printable letters."""
    alias = " ".join(unicodedata.normalize("NFC", typed).split())
    if not alias or len(alias) > ALIAS_LETTERS or not alias.isprintable():
        raise BadInput("alias", "alias_shape")
    return alias


def read_label(typed: str) -> str:
    """What somebody calls a device of their own: one line, as short as an alias."""
    try:
        return read_alias(typed)
    except BadInput:
        raise BadInput("label", "label_shape") from None


def same_code(typed: str) -> str:
    """A one-time code as it is compared: without spaces and dashes, letters that look alike made
    one.
    """
    plain = unicodedata.normalize("NFKC", typed).upper()
    return "".join(one for one in plain if one.isalnum()).translate(str.maketrans("OIL", "011"))


def minute_of(moment: datetime) -> datetime:
    """The minute a moment lies in: sessions keep no finer time."""
    return moment.replace(second=0, microsecond=0)


def quarter_of(moment: datetime) -> datetime:
    """The quarter of an hour a moment lies in: as fine as a list of devices says it."""
    return minute_of(moment).replace(minute=moment.minute // 15 * 15)


def pause_after(failures: int) -> timedelta:
    """How long a sign-in waits after so many wrong tries: none for two, then doubling to five
    minutes.

    Slows one name as seen from one place, and never locks it: a browser that has been in before
    counts its own tries, and so does each neighbourhood of the internet, so that nobody can keep
    somebody else out.
    """
    if failures <= FREE_TRIES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - FREE_TRIES, 9)), timedelta(minutes=5))


def session_is_live(*, opened_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Idle less than twenty minutes, and open less than ten hours."""
    return now < seen_at + IDLE and now < opened_at + ABSOLUTE
