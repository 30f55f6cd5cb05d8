"""When somebody is asked whether they are well, by the clock on their own wall."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from network.kernel.errors import BadInput, WrongMoment

SHORTEST = timedelta(minutes=15)
LONGEST = timedelta(days=7)
DAY = timedelta(days=1)
FARTHEST = timedelta(days=60)  # a single question is asked within two months
LONGEST_PAUSE = timedelta(days=90)  # nobody is forgotten in a pause
MOST_TIMES = 12
PUNCTUAL = timedelta(hours=1)
NOTHING = timedelta(0)
SOON = timedelta(hours=3)  # whoever is asked then anyway is not asked for what we owe, too
EVERY_DAY = frozenset(range(7))  # Monday is 0


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


@dataclass(frozen=True, slots=True)
class Plan:
    """A rhythm's habits: every so often in waking hours, or at `times`; with neither, asked once.

    `night` is how often outside the waking hours (None: not at all); `last` is the last day, by the
    local calendar; `quiet_until` is the end of a pause that ends by itself.
    """

    every: timedelta | None
    begins: time
    ends: time
    zone: str
    reminder: timedelta
    grace: timedelta
    times: tuple[time, ...] = ()
    days: frozenset[int] = EVERY_DAY
    night: timedelta | None = None
    last: date | None = None
    quiet_until: datetime | None = None

    def __post_init__(self) -> None:
        _check_every(self)
        _check_times(self)
        if self.begins >= self.ends:
            raise BadInput("ends", "out_of_range")
        if not timedelta(0) < self.reminder < self.grace:
            raise BadInput("grace", "out_of_range")
        known_zone(self.zone)

    @property
    def repeats(self) -> bool:
        """Whether it asks more than once."""
        return self.every is not None or bool(self.times)


def _check_every(plan: Plan) -> None:
    every, night = plan.every, plan.night
    if every is not None and not (
        SHORTEST <= every < DAY or (every <= LONGEST and not every % DAY)
    ):
        raise BadInput("every", "out_of_range")
    if night is not None and (every is None or not max(every, SHORTEST) <= night < DAY):
        raise BadInput("night", "out_of_range")


def _check_times(plan: Plan) -> None:
    if plan.times and plan.every is not None:
        raise BadInput("times", "out_of_range")
    if len(plan.times) > MOST_TIMES or list(plan.times) != sorted(set(plan.times)):
        raise BadInput("times", "out_of_range")
    if any(each.second or each.microsecond or each.tzinfo for each in plan.times):
        raise BadInput("times", "out_of_range")
    if not plan.days or not plan.days <= EVERY_DAY:
        raise BadInput("days", "out_of_range")
    if plan.days != EVERY_DAY and plan.every is not None and plan.every > DAY:
        raise BadInput("days", "out_of_range")  # every so many days might never meet those days


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
    """The first moment of the rhythm after `after`, in UTC; None when there is none any more.

    Times stand on the local wall clock (08:00, 14:00, 20:00 for every six hours from eight), also
    on the days when the clock is turned: an hour that does not exist is asked when it is skipped,
    and one that comes twice is asked the first time. Whole days apart are counted from the
    calendar, so that they fall on the same days whoever looks.
    """
    if not plan.repeats:
        return None
    if plan.quiet_until is not None:
        after = max(after, plan.quiet_until)
    zone = known_zone(plan.zone)
    today = after.astimezone(zone).date()
    for offset in range(-1, LONGEST.days + 2):
        day = today + timedelta(days=offset)
        if plan.last is not None and day > plan.last:
            return None
        if not _asks_on(plan, day):
            continue
        later = (each for each in _moments(plan, day, zone) if each > after)
        if (found := min(later, default=None)) is not None:
            return found
    raise AssertionError("a week has at least one time")


def may_ask(plan: Plan, now: datetime) -> bool:
    """Whether a question that is due may be asked: not at night, where nights are quiet.

    A single question is asked whenever we come to it; one at a chosen hour within an hour of it,
    also past midnight, and where that hour was skipped. The last minute of the waking day belongs
    to it.
    """
    if not plan.repeats or plan.night is not None or _is_day(plan, now):
        return True
    return _is_punctual(plan, now)


def wakes(plan: Plan, planned: datetime, now: datetime) -> datetime:
    """From when on somebody may be woken for a question of then: now, or when their night ends.

    Where they are asked at night they may be woken at night: by their plan, within an hour of an
    hour they chose, or for a single question that was planned there.
    """
    if may_ask(plan, now) if plan.repeats else _is_day(plan, now) or not _is_day(plan, planned):
        return now
    zone = known_zone(plan.zone)
    today = now.astimezone(zone).date()
    mornings = (datetime.combine(day, plan.begins, zone) for day in (today, today + DAY))
    return min(each for each in (one.astimezone(UTC) for one in mornings) if each > now)


def owed(plan: Plan, planned: datetime, now: datetime) -> datetime | None:
    """When a question is asked that we should have asked and that is not asked at this hour: when
    they wake; None where the next one of the plan comes soon after that.
    """
    morning = wakes(plan, planned, now)
    coming = next_time(plan, now)
    return None if coming is not None and coming - morning < SOON else morning


def patience(
    every: timedelta | None, reminder: timedelta, grace: timedelta
) -> tuple[timedelta, timedelta]:
    """How long somebody has: the usual, or less where they are asked more often than that."""
    if every is None or grace <= every:
        return reminder, grace
    return every * (reminder / grace), every


def _is_punctual(plan: Plan, now: datetime) -> bool:
    """Whether it is an hour they chose, or was within the last one: as time passes, and not by the
    wall, on which an hour may be missing or come twice.
    """
    zone = known_zone(plan.zone)
    today = now.astimezone(zone).date()
    days = [day for day in (today - DAY, today) if _asks_on(plan, day)]
    chosen = (datetime.combine(day, wall, zone) for day in days for wall in plan.times)
    return any(NOTHING <= now - each.astimezone(UTC) < PUNCTUAL for each in chosen)


def _is_day(plan: Plan, moment: datetime) -> bool:
    """Whether it is within their waking hours. The last minute belongs to them."""
    local = _minutes(moment.astimezone(known_zone(plan.zone)).time())
    return _minutes(plan.begins) <= local <= _minutes(plan.ends)


def _asks_on(plan: Plan, day: date) -> bool:
    apart = plan.every.days if plan.every is not None else 1
    return day.weekday() in plan.days and not day.toordinal() % max(apart, 1)


def _moments(plan: Plan, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments that belong to one day; those of its night may fall on the next."""
    for wall in plan.times or _steps(plan):
        yield datetime.combine(day, wall, zone).astimezone(UTC)
    if plan.night is None:
        return
    wall_clock = datetime.combine(day, plan.ends) + plan.night
    waking = datetime.combine(day + DAY, plan.begins)
    while wall_clock < waking:
        yield wall_clock.replace(tzinfo=zone).astimezone(UTC)
        wall_clock += plan.night


def _steps(plan: Plan) -> Iterator[time]:
    assert plan.every is not None
    minutes, last = _minutes(plan.begins), _minutes(plan.ends)
    step = int(plan.every.total_seconds() // 60)
    while minutes <= last:
        yield time(minutes // 60, minutes % 60)
        minutes += step


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute
