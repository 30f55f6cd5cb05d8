"""What takes two coordinators, and what can become of a proposal. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from network.kernel.errors import BadInput, Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, ProposalId

LASTS = timedelta(days=7)
KEPT = timedelta(days=90)  # how long those who could read an ended one still can
MOST_REASON = 1_000
MOST_ABOUT = 80


class Matter(StrEnum):
    """What takes two coordinators (SECURITY.md, rule 6). Each is executed by one room's verb."""

    VETTING = "vetting"
    ROLE = "role"
    REMOVAL = "removal"
    REACH = "reach"  # more cases at once than the pack allows one account
    BREAK_GLASS = "break_glass"
    STEWARDS = "stewards"
    EXPORT = "export"
    COPY = "copy"  # a family's own, to take along
    WARNING = "warning"
    RETURN = "return"  # a member lost what shows their codes


class ProposalStatus(StrEnum):
    """Open until somebody else decides, or nobody does."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DECLINED = "declined"  # everybody who could have confirmed it said no
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class AlreadyProposed(Refused):
    """The same thing waits for its second pair of eyes already."""

    key = "already_proposed"


class NobodyElse(Refused):
    """There is no other coordinator who could confirm it."""

    key = "nobody_else"


class NeedsAnother(Refused):
    """Whoever proposed it cannot be the second pair of eyes too."""

    key = "needs_another"


class ProposerGone(Refused):
    """Whoever proposed it does not coordinate any more, so their pair of eyes does not count."""

    key = "proposer_gone"


@dataclass(frozen=True, slots=True)
class Told:
    """What is proposed, about whom or what, and why: sealed to those who may decide."""

    subject: UUID
    about: str = field(repr=False)  # what to call a subject that is no member
    reason: Plaintext = field(repr=False)
    payload: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal, as somebody who may decide on it reads it."""

    id: ProposalId
    matter: Matter
    status: ProposalStatus
    proposer: PersonId
    second: PersonId | None
    expires_at: datetime
    told: Told = field(repr=False)
    said_no: tuple[PersonId, ...] = ()

    @property
    def subject(self) -> UUID:
        """Whom or what it is about."""
        return self.told.subject

    @property
    def payload(self) -> Mapping[str, str]:
        """What its room needs to carry it out."""
        return self.told.payload

    @property
    def reference(self) -> str:
        """How letters name it: says nothing, and is found again on the page."""
        return reference_of(self.id)


def reference_of(proposal_id: ProposalId) -> str:
    """The first letters of its id."""
    return proposal_id.hex[:6].upper()


def read_reason(typed: Plaintext) -> Plaintext:
    """Why, in up to a thousand letters; a grave decision without a reason is none."""
    kept = "".join(one for one in typed.reveal() if one.isprintable() or one == "\n").strip()
    if not kept or len(kept) > MOST_REASON:
        raise BadInput("reason", "reason_shape")
    return Plaintext(kept)
