"""What a member is and how they come in. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from network.kernel.actor import Role
from network.kernel.errors import Refused
from network.kernel.ids import PersonId

IDLE = timedelta(minutes=20)
ABSOLUTE = timedelta(hours=10)
INVITATION_LASTS = timedelta(days=7)
LINK_CODE_LASTS = timedelta(minutes=15)
APPROVALS_NEEDED = 2


class Standing(StrEnum):
    """Where somebody stands: asked to come in, let in, stopped for now, gone for good."""

    APPLIED = "applied"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMOVED = "removed"


MOVES: dict[Standing, frozenset[Standing]] = {
    Standing.APPLIED: frozenset({Standing.ACTIVE, Standing.REMOVED}),
    Standing.ACTIVE: frozenset({Standing.SUSPENDED, Standing.REMOVED}),
    Standing.SUSPENDED: frozenset({Standing.ACTIVE, Standing.REMOVED}),
    Standing.REMOVED: frozenset(),
}


class WrongCredentials(Refused):
    """Name, passphrase or code is wrong; which one, nobody is told."""

    key = "wrong_credentials"


class WeakPassphrase(Refused):
    """Too easy to guess."""

    key = "weak_passphrase"


@dataclass(frozen=True, slots=True)
class Profile:
    """What the machine must know of a member to write to them. Sealed at rest."""

    handle: str = field(repr=False)
    alias: str = field(repr=False)
    language: str = "es"
    chat: int | None = field(default=None, repr=False)


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
    def active(self) -> bool:
        """May act and be given keys."""
        return self.standing is Standing.ACTIVE and self.public_key is not None


def pause_after(failures: int) -> timedelta:
    """How long a sign-in waits after so many wrong tries: none for three, then doubling to five minutes.

    Slows one account and never locks it, so that nobody can lock somebody else out.
    """
    if failures < 3:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - 2, 9)), timedelta(minutes=5))


def session_is_live(*, opened_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Idle less than twenty minutes, and open less than ten hours."""
    return now < seen_at + IDLE and now < opened_at + ABSOLUTE
