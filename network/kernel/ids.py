"""Identifiers. A CaseId is not a PersonId, and mypy knows it. All are random (UUIDv4)."""

from typing import NewType
from uuid import UUID, uuid4

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
AlarmId = NewType("AlarmId", UUID)
DrillId = NewType("DrillId", UUID)
ChannelId = NewType("ChannelId", UUID)
ProposalId = NewType("ProposalId", UUID)


def new_id() -> UUID:
    """A fresh random id; wrap it in the type it is for."""
    return uuid4()
