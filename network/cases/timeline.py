"""A case on one time axis: what happened when, as a picture and in words. Pure.

Places are percentages, so that one picture fits a phone and a desk without its letters shrinking.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from network.kernel.words import N_

SLOTS = 80  # marks nearer to each other than this share of the axis become one larger mark
FIRST, LAST = 2.0, 98.0  # percent; a mark on the edge is whole
SMALLEST, LARGEST = 4, 9  # pixels of radius
SHORTEST = timedelta(hours=1)  # one minute of talk is not drawn as if it filled a week


class Lane(StrEnum):
    """Whose marks stand on one line. Their order is the picture's, from the top."""

    FAMILY = "family"
    NETWORK = "network"
    NOTES = "notes"
    CALLS = "calls"
    CHECK_INS = "check-ins"
    ALARMS = "alarms"


LANES: dict[Lane, str] = {
    Lane.FAMILY: N_("The family writes"),
    Lane.NETWORK: N_("The network writes"),
    Lane.NOTES: N_("Notes and changes"),
    Lane.CALLS: N_("Calls"),
    Lane.CHECK_INS: N_("Check-ins"),
    Lane.ALARMS: N_("Alarms"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened."""

    at: datetime
    lane: Lane


@dataclass(frozen=True, slots=True)
class Dot:
    """One or several marks that fall together: where, how large, how many, since when."""

    x: float
    radius: int
    count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One lane of the picture: its name (an English msgid) and its dots."""

    lane: Lane
    name: str
    dots: tuple[Dot, ...]
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment written under the axis."""

    x: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that a template needs to draw it, and to say it."""

    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]


def timeline(marks: Iterable[Mark], *, now: datetime) -> Timeline:
    """The marks on one axis from the first of them to now; lanes with nothing on them are left
    out.
    """
    found = sorted((mark for mark in marks if mark.at <= now), key=lambda mark: mark.at)
    if not found:
        return Timeline((), ())
    begin = min(found[0].at, now - SHORTEST)
    span = now - begin
    lines = tuple(
        _line(lane, [mark.at for mark in found if mark.lane is lane], begin, span)
        for lane in Lane
        if any(mark.lane is lane for mark in found)
    )
    ticks = tuple(Tick(_place(part / 2), begin + span * (part / 2)) for part in range(3))
    return Timeline(lines, ticks)


def _line(lane: Lane, moments: list[datetime], begin: datetime, span: timedelta) -> Line:
    slots = Counter(round((at - begin) / span * SLOTS) for at in moments)
    first: dict[int, datetime] = {}
    for at in moments:
        first.setdefault(round((at - begin) / span * SLOTS), at)
    dots = tuple(
        Dot(_place(slot / SLOTS), min(SMALLEST + count - 1, LARGEST), count, first[slot])
        for slot, count in sorted(slots.items())
    )
    return Line(lane, LANES[lane], dots, len(moments), moments[-1])


def _place(part: float) -> float:
    return round(FIRST + part * (LAST - FIRST), 2)
