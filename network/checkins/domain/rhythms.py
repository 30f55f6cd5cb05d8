"""When somebody is asked whether they are well, by the clock on their own wall."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from network.kernel.errors import BadInput, WrongMoment

SHORTEST = timedelta(hours=1)
LONGEST = timedelta(days=7)
DAY = timedelta(days=1)
FARTHEST = timedelta(days=60)  # a single question is asked within two months


class RhythmStatus(StrEnum):
    """Whether the clock asks. `set_aside`: its plan cannot be read; somebody must set it again."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    SET_ASIDE = "set_aside"


MOVES: dict[RhythmStatus, frozenset[RhythmStatus]] = {
    RhythmStatus.ACTIVE: frozenset(
        {RhythmStatus.PAUSED, RhythmStatus.ENDED, RhythmStatus.SET_ASIDE}
    ),
    RhythmStatus.PAUSED: frozenset({RhythmStatus.ACTIVE, RhythmStatus.ENDED}),
    RhythmStatus.SET_ASIDE: frozenset({RhythmStatus.ENDED}),
    RhythmStatus.ENDED: frozenset(),
}


class Asked(StrEnum):
    """Who answers the question."""

    FAMILY = "family"


@dataclass(frozen=True, slots=True)
class Plan:
    """A rhythm's habits. `every` is None for a question asked once."""

    every: timedelta | None
    begins: time
    ends: time
    zone: str
    reminder: timedelta
    grace: timedelta
    asked: Asked = Asked.FAMILY

    def __post_init__(self) -> None:
        if self.every is not None and not (
            SHORTEST <= self.every < DAY or (self.every <= LONGEST and not self.every % DAY)
        ):
            raise BadInput("every", "out_of_range")
        if self.begins >= self.ends:
            raise BadInput("ends", "out_of_range")
        if not timedelta(0) < self.reminder < self.grace:
            raise BadInput("grace", "out_of_range")
        known_zone(self.zone)


def known_zone(name: str) -> ZoneInfo:
    """The zone of this name, or BadInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("zone", "unknown_zone") from None


def moved(status: RhythmStatus, target: RhythmStatus) -> RhythmStatus:
    """The new status, or WrongMoment where the table of moves has no such way."""
    if target not in MOVES[status]:
        raise WrongMoment
    return target


def next_time(plan: Plan, after: datetime) -> datetime | None:
    """The first moment of the rhythm after `after`, in UTC; None for a question asked once.

    Times stand on the local wall clock (08:00, 14:00, 20:00 for every six hours from eight), also
    on the days when the clock is turned: an hour that does not exist is asked when it is skipped.
    Whole days apart are counted from the calendar, so that they fall on the same days whoever
    looks.
    """
    if plan.every is None:
        return None
    zone = known_zone(plan.zone)
    today = after.astimezone(zone).date()
    for offset in range(-1, LONGEST.days + 2):
        day = today + timedelta(days=offset)
        if day.toordinal() % max(plan.every.days, 1):
            continue
        moments = (
            datetime.combine(day, wall, zone).astimezone(UTC) for wall in _times_of_day(plan)
        )
        for moment in sorted(moments):
            if moment > after:
                return moment
    raise AssertionError("a day has at least one time")


def may_ask(plan: Plan, now: datetime) -> bool:
    """Whether it is a waking hour where the person is. A single question is asked at its time."""
    if plan.every is None:
        return True
    local = now.astimezone(known_zone(plan.zone)).time()
    return plan.begins <= local <= plan.ends


def _times_of_day(plan: Plan) -> Iterator[time]:
    assert plan.every is not None
    minutes = plan.begins.hour * 60 + plan.begins.minute
    last = plan.ends.hour * 60 + plan.ends.minute
    step = max(int(plan.every.total_seconds() // 60), 1)
    while minutes <= last:
        yield time(minutes // 60, minutes % 60)
        minutes += step
