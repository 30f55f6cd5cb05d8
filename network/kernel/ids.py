"""Identifiers. A CaseId is not a PersonId, and mypy knows it. All are random (UUIDv4)."""

from secrets import token_bytes
from typing import Final, NewType
from uuid import UUID, SafeUUID, uuid4

PersonId = NewType("PersonId", UUID)
SessionId = NewType("SessionId", UUID)
CaseId = NewType("CaseId", UUID)
EntryId = NewType("EntryId", UUID)
FileId = NewType("FileId", UUID)
OfferId = NewType("OfferId", UUID)
LetterId = NewType("LetterId", UUID)
RhythmId = NewType("RhythmId", UUID)
PromptId = NewType("PromptId", UUID)
TripId = NewType("TripId", UUID)
PlanId = NewType("PlanId", UUID)
AlarmId = NewType("AlarmId", UUID)
DrillId = NewType("DrillId", UUID)
ChannelId = NewType("ChannelId", UUID)
ProposalId = NewType("ProposalId", UUID)


def new_id() -> UUID:
    """A fresh random id; wrap it in the type it is for."""
    return uuid4()


def new_ids(many: int) -> list[UUID]:
    """So many of them: the system is asked for its randomness once, not for each."""
    random = token_bytes(_SIZE * many)
    return [
        _made(int.from_bytes(random[at : at + _SIZE]) & _OPEN | _VERSION_4)
        for at in range(0, len(random), _SIZE)
    ]


def read_id(stored: str) -> UUID:
    """An id as our own database wrote it, in hex. `UUID` takes twice as long to say the same."""
    return _made(int(stored, 16))


def _made(number: int) -> UUID:
    found = object.__new__(UUID)
    object.__setattr__(found, "int", number)
    object.__setattr__(found, "is_safe", SafeUUID.unknown)
    return found


_SIZE: Final = 16
_OPEN: Final = ~(0xC000 << 48) & ~(0xF000 << 64)  # all bits but those that say «random» (RFC 9562)
_VERSION_4: Final = (0x8000 << 48) | (4 << 76)
