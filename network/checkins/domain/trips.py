"""A trip: somebody goes somewhere and says when they will be back. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from network.kernel.errors import BadInput, Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, RhythmId, TripId

SOONEST = timedelta(minutes=5)
FARTHEST_BACK = timedelta(days=7)
MOST_WORDS = 300
MORE = (timedelta(minutes=30), timedelta(hours=2))
ASK_AGAIN = timedelta(minutes=30)  # answering something else, on a trip that is over its time
PASSED = timedelta(days=1)  # kept when coordination ended its alarm, for whoever still travels
KEPT = timedelta(days=30)  # after the return time: then a trip nobody ended is erased


class AlreadyTravelling(Refused):
    """One trip at a time: end or extend the one there is."""

    key = "already_travelling"


class NobodyToOpen(Refused):
    """There is nobody who could open it if it went wrong, so it is not stored."""

    key = "nobody_to_open"


@dataclass(frozen=True, slots=True)
class Trip:
    """What the machine knows of a trip: whose, and which question asks when they should be back."""

    id: TripId
    person_id: PersonId
    rhythm_id: RhythmId
    public_key: bytes = field(repr=False)
    over: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody was, and when they sent it."""

    latitude: float
    longitude: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """What is sealed in a trip, for those who hold a key to it.

    `before` is an earlier trip that was said to be over while an alarm rang.
    """

    destination: Plaintext
    back_at: datetime
    place: Place | None
    before: "Opened | None" = None


def checked_words(destination: Plaintext) -> Plaintext:
    """Where to, in a line that fits."""
    words = " ".join(destination.reveal().split())
    if not words:
        raise BadInput("destination", "empty")
    if len(words) > MOST_WORDS:
        raise BadInput("destination", "too_long")
    return Plaintext(words)


def checked_return(back_at: datetime, said_at: datetime) -> datetime:
    """A return time that can be kept: some minutes after it was said at the earliest, and within a
    week. It may have passed since, where what was said waited for us.
    """
    if not said_at + SOONEST <= back_at <= said_at + FARTHEST_BACK:
        raise BadInput("back_at", "out_of_range")
    return back_at


def later(
    back_at: datetime, more: timedelta, said_at: datetime, shown: datetime | None = None
) -> datetime:
    """The new return time; counted from when it was said where the old one had passed.

    `shown` is the return time their button stood under: pressed twice it is one wish, and it never
    takes back what was given since.
    """
    if more not in MORE:
        raise BadInput("more", "out_of_range")
    wished = max(back_at if shown is None else min(shown, back_at), said_at) + more
    return min(wished if shown is None else max(wished, back_at), said_at + FARTHEST_BACK)
