"""Who is asking: the card shown at the door, and the person the door found behind it."""

from dataclasses import dataclass, field
from enum import StrEnum

from network.kernel.errors import NoKey
from network.kernel.hidden import SecretBytes
from network.kernel.ids import PersonId, SessionId


class Role(StrEnum):
    """What somebody is to the network. A chat that no member linked is a family's."""

    STRANGER = "stranger"
    FAMILY = "family"
    ACTIVIST = "activist"
    COORDINATOR = "coordinator"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class InSession:
    """A browser that holds one half of a session."""

    session_id: SessionId
    secret: SecretBytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class InChat:
    """A private Telegram chat. The number never appears in a log."""

    chat: int = field(repr=False)
    language: str = "es"


@dataclass(frozen=True, slots=True)
class Engine:
    """One of our own processes: clock, postman, ingress, command line."""

    name: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """Somebody on the public pages, not signed in."""


Who = PersonId | InSession | InChat | Engine | Nobody


@dataclass(frozen=True, slots=True)
class Actor:
    """Who this is at this moment, as the database says inside this very transaction."""

    role: Role
    person_id: PersonId | None = None
    active: bool = False  # vetted, and neither suspended nor removed
    private_key: SecretBytes | None = field(default=None, repr=False)
    session_id: SessionId | None = None
    chat: int | None = field(default=None, repr=False)
    language: str = "es"

    @property
    def label(self) -> str:
        """What a log line may call them."""
        return str(self.person_id) if self.person_id else self.role.value

    @property
    def person(self) -> PersonId:
        """The member's id; for code reached by members only."""
        assert self.person_id is not None
        return self.person_id

    def key(self) -> SecretBytes:
        """The private key this browser unlocked; NoKey where there is none (bot, clock)."""
        if self.private_key is None:
            raise NoKey
        return self.private_key
