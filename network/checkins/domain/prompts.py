"""The life of one question, from the promise of its letter to its answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from network.checkins.domain.subjects import Subject
from network.kernel.ids import PromptId, RhythmId

ASK_THE_OUTBOX_AGAIN = timedelta(seconds=30)  # while a question's letter is not out yet


class PromptStatus(StrEnum):
    """How far a question is."""

    PROMISED = "promised"
    DELIVERED = "delivered"
    REMINDED = "reminded"
    LATE = "late"
    ANSWERED = "answered"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    RESOLVED = "resolved"


# Somebody may still answer these, and ought to.
OPEN = frozenset(
    {
        PromptStatus.PROMISED,
        PromptStatus.DELIVERED,
        PromptStatus.REMINDED,
        PromptStatus.LATE,
        PromptStatus.UNREACHABLE,
    }
)
# The question is out and nobody is worried yet.
WAITING = frozenset({PromptStatus.PROMISED, PromptStatus.DELIVERED, PromptStatus.REMINDED})
# Somebody is being told.
CLIMBING = frozenset({PromptStatus.LATE, PromptStatus.UNREACHABLE})


class Fate(StrEnum):
    """What the outbox knows of a question's letter."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to one family or member."""

    id: PromptId
    rhythm_id: RhythmId
    about: Subject
    status: PromptStatus
    planned_at: datetime
    delivered_at: datetime | None
    next_look_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """What one look at a question decides. `reminds` asks again; `climbs` begins the ladder."""

    status: PromptStatus
    delivered_at: datetime | None
    next_look_at: datetime | None
    reminds: bool = False
    climbs: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """How long somebody has, counted from delivery."""

    reminder: timedelta
    grace: timedelta


def step(
    prompt: Prompt,
    fate: Fate,
    settled_at: datetime | None,
    patience: Patience,
    now: datetime,
) -> Step:
    """What becomes of a question at this look. Lateness counts from delivery, never from plan."""
    if prompt.status is PromptStatus.PROMISED:
        return _promised(prompt, fate, settled_at, patience, now)
    delivered = prompt.delivered_at or now
    if prompt.status is PromptStatus.DELIVERED:
        return _delivered(delivered, patience, now)
    if prompt.status is PromptStatus.REMINDED:
        return Step(PromptStatus.LATE, delivered, None, climbs=True)
    return Step(prompt.status, prompt.delivered_at, None)


def _promised(
    prompt: Prompt,
    fate: Fate,
    settled_at: datetime | None,
    patience: Patience,
    now: datetime,
) -> Step:
    match fate:
        case Fate.WAITING:
            return Step(prompt.status, None, now + ASK_THE_OUTBOX_AGAIN)
        case Fate.REFUSED:
            return Step(PromptStatus.UNREACHABLE, None, None, climbs=True)
        case Fate.GONE:
            return Step(PromptStatus.CANCELLED, None, None)
        case Fate.DELIVERED:
            return _delivered(settled_at or now, patience, now)


def _delivered(delivered: datetime, patience: Patience, now: datetime) -> Step:
    """Reminded first, always: nobody is late who was not asked twice, with time between."""
    if now < delivered + patience.reminder:
        return Step(PromptStatus.DELIVERED, delivered, delivered + patience.reminder)
    time_left = patience.grace - patience.reminder
    late_at = max(delivered + patience.grace, now + time_left)
    return Step(PromptStatus.REMINDED, delivered, late_at, reminds=True)
