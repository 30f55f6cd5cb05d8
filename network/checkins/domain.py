"""When somebody is asked, when they are late, and who hears about it. Pure."""

from enum import StrEnum


class RhythmStatus(StrEnum):
    """Whether the clock asks."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class PromptStatus(StrEnum):
    """The life of one question."""

    PROMISED = "promised"
    DELIVERED = "delivered"
    REMINDED = "reminded"
    LATE = "late"
    ANSWERED = "answered"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
