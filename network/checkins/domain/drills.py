"""A drill: the ladder of an alarm that is about nobody, until somebody takes it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from network.checkins.domain.watches import (
    LATENESS,
    REPEAT,
    Cause,
    Happened,
    Ladder,
    Watch,
    Whom,
    due_rungs,
)
from network.kernel.errors import BadInput, Refused, WrongMoment
from network.kernel.ids import DrillId, PersonId

# Each is looked at so often until its end: when its next rung is due, and that it makes way for a
# real alarm, is seen by nobody who looks at its row.
NEXT_LOOK = timedelta(minutes=1)


class RealAlarm(Refused):
    """A real alarm rings and nobody has it: no drill now."""

    key = "real_alarm"


class DrillOpen(Refused):
    """One drill at a time."""

    key = "drill_open"


class NobodyToTell(Refused):
    """Nobody of these rungs has a chat or a channel that rings."""

    key = "nobody_to_tell"


class Rehearsed(StrEnum):
    """Which of the country's ladders is rehearsed."""

    CHECK_INS = "check_ins"
    ALARMS = "alarms"


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill. `watch` is the ladder as a real alarm would climb it; `ended_at` is its end."""

    id: DrillId
    begun_at: datetime
    ladder: Rehearsed
    started_by: PersonId
    stand_in: PersonId | None
    watch: Watch
    ended_at: datetime | None = None

    @property
    def taken_at(self) -> datetime | None:
        """When somebody took it, if anybody did."""
        return next((one.at for one in self.watch.history if one.what is Happened.OWNED), None)

    @property
    def took(self) -> timedelta | None:
        """From the first letter to the hand that took it."""
        taken, told = self.taken_at, self.told_at
        return taken - told if taken is not None and told is not None else None

    @property
    def told_at(self) -> datetime | None:
        """When the first letters were promised."""
        return next((one.at for one in self.watch.history if one.what is Happened.TOLD), None)


def rungs_of(ladder: Ladder, chosen: Iterable[Whom], stand_in: PersonId | None) -> Ladder:
    """The chosen rungs at their own times; the accompanier's needs somebody to stand in."""
    wanted = frozenset(chosen)
    if Whom.ACCOMPANIER in wanted and stand_in is None:
        raise BadInput("stand_in", "empty")
    found = tuple(rung for rung in ladder if rung.tell in wanted)
    if not found:
        raise BadInput("rungs", "empty")
    return found


def rehearsal(ladder: Ladder, now: datetime) -> Watch:
    """What climbs in a drill."""
    return Watch(Cause.DRILL, since=now, until=now, ladder=ladder)


def looked(drill: Drill, planned: datetime, now: datetime) -> tuple[Drill, tuple[int, ...]]:
    """The drill as one look finds it, and the rungs to tell. No rung is told twice in a drill."""
    away = now - planned
    watch = drill.watch
    if away > LATENESS:
        watch = replace(watch, since=watch.since + away)
    rungs = tuple(one for one in due_rungs(watch, now) if one < len(watch.ladder))
    return replace(drill, watch=watch), rungs


def next_step(drill: Drill, now: datetime) -> datetime | None:
    """When to look again; None when it is over."""
    return now + NEXT_LOOK if drill.ended_at is None else None


def is_spent(drill: Drill, now: datetime) -> bool:
    """Whether everybody was told and nobody came."""
    last = len(drill.watch.ladder) - 1
    return drill.watch.rung > last and now >= drill.watch.time_of(last) + REPEAT


def taken(drill: Drill, by: PersonId, now: datetime) -> Drill:
    """Somebody has it: that is what a drill is for, and its end."""
    if drill.ended_at is not None:
        raise WrongMoment
    watch = replace(drill.watch, owner=by).noted(now, Happened.OWNED, by)
    return replace(drill, watch=watch, ended_at=now)


def ended(drill: Drill, now: datetime) -> Drill:
    """Called off, or over without anybody."""
    if drill.ended_at is not None:
        raise WrongMoment
    return replace(drill, ended_at=now)


def nobody_came(drill: Drill) -> bool:
    """Whether it is over, everybody was told and nobody took it. One that was called off before, by
    somebody or by a real alarm, says nothing of anybody.
    """
    over = drill.ended_at
    return over is not None and drill.took is None and is_spent(drill, over)
