"""The one mechanism of alarms: a sequence of looks at one family, ringing or not.

Every word of a family starts the same looks, and so does a question nobody answered. What a look
finds, and whether anybody hears of it, is inside what is sealed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from network.kernel.errors import NotVisible, Refused
from network.kernel.ids import PersonId, PromptId

LAST_LOOK = timedelta(minutes=30)  # after this a calm word is forgotten
TREMBLING = timedelta(minutes=2)  # a hand that shakes presses twice: it is one wish
REPEAT = timedelta(minutes=30)  # the last rung rings again until somebody takes the alarm
LATENESS = timedelta(minutes=1)  # looking later than this means that we were away
UNREADABLE_AGAIN = timedelta(hours=1)  # what cannot be read rings again until somebody ends it
MOST_RUNGS = 16
MOST_HISTORY = 8
NOTHING = timedelta(0)
Away = Callable[[datetime], timedelta]  # how long we were away, of the time since then


class Cause(StrEnum):
    """Why we look."""

    CALM = "calm"
    DANGER = "danger"
    SILENCE = "silence"
    UNREACHABLE = "unreachable"
    DRILL = "drill"


# Somebody did not answer: their row of questions says so too, so nothing here is to be hidden.
SILENT = frozenset({Cause.SILENCE, Cause.UNREACHABLE})


class Outcome(StrEnum):
    """How an alarm ended. `answered` is written by the machine alone: they spoke up themselves."""

    HELPED = "helped"
    FORGOT = "forgot"
    CHANNEL = "channel"
    FALSE = "false"
    ELSEWHERE = "elsewhere"
    ANSWERED = "answered"


TO_CHOOSE = (
    Outcome.HELPED,
    Outcome.FORGOT,
    Outcome.CHANNEL,
    Outcome.FALSE,
    Outcome.ELSEWHERE,
)


class Whom(StrEnum):
    """Whom a rung tells; the names of the country pack."""

    ACCOMPANIER = "accompanier"
    DUTY = "duty"
    COORDINATORS = "coordinators"


class Happened(StrEnum):
    """One line of a watch's history."""

    TOLD = "told"
    OWNED = "owned"
    RENEWED = "renewed"
    LAPSED = "lapsed"
    ANSWERED = "answered"
    RESOLVED = "resolved"


TAKING = frozenset({Happened.OWNED, Happened.RENEWED})


class Taken(Refused):
    """Somebody else has this alarm."""

    key = "taken"


class NotYours(Refused):
    """Take the alarm first; only whoever has it ends it."""

    key = "take_it_first"


@dataclass(frozen=True, slots=True)
class Rung:
    """Who is told, this long after the watch began."""

    after: timedelta
    tell: Whom


Ladder = tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """What happened, when, and by whom where it was somebody."""

    at: datetime
    what: Happened
    by: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What is sealed in one row. `since`, and the ladder with it, moves while we are away."""

    cause: Cause
    since: datetime
    # The fixed looks end here, the same for every word. A silence has none: this is its beginning.
    until: datetime
    ladder: Ladder
    rung: int = 0  # how many rungs have been told
    # Where one envelope was too small: of the next rung, everybody up to this id knows already.
    told: PersonId | None = None
    owner: PersonId | None = None
    owned_until: datetime | None = None
    prompt: PromptId | None = None
    history: tuple[Line, ...] = ()
    # Until when our absences have moved it; None where it was stored before this was kept.
    seen: datetime | None = None
    gathered: bool = False  # its rungs are told with those of others who fell silent with it

    @property
    def rings(self) -> bool:
        """Whether this is an alarm that nobody has ended."""
        return self.cause is not Cause.CALM

    def has_owner(self, now: datetime) -> bool:
        """Whether somebody has it, and their time is not over."""
        return self.owner is not None and self.owned_until is not None and now < self.owned_until

    def time_of(self, number: int) -> datetime:
        """When a rung is due. Past the end of the ladder the last one repeats."""
        last = len(self.ladder) - 1
        beyond = max(number - last, 0)
        return self.since + self.ladder[min(number, last)].after + beyond * REPEAT

    def whom(self, number: int) -> Whom:
        """Whom a rung tells."""
        return self.ladder[min(number, len(self.ladder) - 1)].tell

    def noted(self, now: datetime, what: Happened, by: PersonId | None = None) -> "Watch":
        """With one more line of history; how it began and the last lines are kept."""
        lines = (*self.history, Line(now, what, by))
        if len(lines) > MOST_HISTORY:
            lines = (lines[0], *lines[-(MOST_HISTORY - 1) :])
        return replace(self, history=lines)


def fixed_looks(ladder: Ladder) -> tuple[timedelta, ...]:
    """When every word is looked at, ringing or not: at each rung of the country, and at the end."""
    rungs = {rung.after for rung in ladder if timedelta(0) < rung.after < LAST_LOOK}
    return (*sorted(rungs), LAST_LOOK)


def checked(ladder: Ladder) -> Ladder:
    """A ladder that fits its envelope: the first rungs and always the last."""
    if len(ladder) <= MOST_RUNGS:
        return ladder
    return (*ladder[: MOST_RUNGS - 1], ladder[-1])


def of_word(cause: Cause, ladder: Ladder, now: datetime) -> Watch:
    """The watch that one word of a family starts."""
    return Watch(cause, since=now, until=now + LAST_LOOK, ladder=checked(ladder), seen=now)


def of_silence(cause: Cause, ladder: Ladder, prompt: PromptId, now: datetime) -> Watch:
    """The watch that an unanswered, or undeliverable, question starts."""
    return Watch(cause, since=now, until=now, ladder=checked(ladder), prompt=prompt, seen=now)


def waiting(watch: Watch, moment: datetime) -> Watch:
    """A silence that has just begun, of which nobody hears before that moment."""
    return in_step(replace(watch, rung=0, told=None, history=()), moment)


def in_step(watch: Watch, moment: datetime) -> Watch:
    """The ladder of a silence as if it had begun at that moment, as those of others do. That we
    were away before it moves none of them.
    """
    return replace(watch, since=moment, seen=moment, gathered=True)


def look(
    watch: Watch, planned: datetime, now: datetime, away: Away | None = None
) -> tuple[Watch, tuple[int, ...]]:
    """The watch as one look finds it, and the rungs to tell now.

    Ladders move later by the time we were away since the last look, and are never compressed:
    whoever was told could not take the alarm meanwhile, or nobody more could be told, so the next
    rung waits for as long as was left of it then. Calm words move alike. Without a ledger to say
    how long that was, a late look alone tells of it.
    """
    watch = replace(_later(watch, planned, away or partial(_late, planned, now)), seen=now)
    if watch.rings and watch.owner is not None and not watch.has_owner(now):
        watch = _lapsed(watch, now)
    return watch, due_rungs(watch, now)


def due_rungs(watch: Watch, now: datetime) -> tuple[int, ...]:
    """The rungs whose time has come; of those that only repeat, one. None while somebody has it."""
    if not watch.rings or watch.owner is not None:
        return ()
    found = []
    number = watch.rung
    while watch.time_of(number) <= now:
        found.append(number)
        number += 1
        if number >= len(watch.ladder):
            break
    return tuple(found)


def climbed(watch: Watch, rung: int, told: PersonId | None, now: datetime) -> Watch:
    """After telling: every rung before `rung` knows, and of `rung` itself those up to `told`."""
    return replace(watch, rung=rung, told=told).noted(now, Happened.TOLD)


def next_look(watch: Watch, fixed: tuple[timedelta, ...], now: datetime) -> datetime | None:
    """When to look again: at the fixed times first, the same for all; then as the alarm needs."""
    begun = watch.until - LAST_LOOK
    for after in fixed:
        if now < begun + after <= watch.until:
            return begun + after
    if not watch.rings:
        return None
    if watch.owner is not None and watch.owned_until is not None:
        return watch.owned_until
    return max(watch.time_of(watch.rung), now + LATENESS)


def owned(watch: Watch, by: PersonId, now: datetime, lasts: timedelta) -> Watch:
    """Somebody takes it. A calm watch is invisible; pressing twice changes nothing."""
    if not watch.rings:
        raise NotVisible
    if watch.has_owner(now):
        if watch.owner != by:
            raise Taken
        return watch
    taken = replace(watch, owner=by, owned_until=now + lasts)
    return taken.noted(now, Happened.OWNED, by)


def renewed(watch: Watch, by: PersonId, now: datetime, lasts: timedelta) -> Watch:
    """Whoever has it keeps it; what they are doing was written down by the caller."""
    if not watch.rings:
        raise NotVisible
    if watch.owner != by or not watch.has_owner(now):
        raise Taken if watch.has_owner(now) else NotYours
    return replace(watch, owned_until=now + lasts).noted(now, Happened.RENEWED, by)


def resolved(watch: Watch, by: PersonId, now: datetime) -> Watch:
    """Its owner ends it: from here on it is as calm as any other word."""
    if not watch.rings:
        raise NotVisible
    if watch.owner != by:
        raise NotYours
    return calmed(watch.noted(now, Happened.RESOLVED, by))


def calmed(watch: Watch) -> Watch:
    """Nothing rings here any more."""
    return replace(watch, cause=Cause.CALM, owner=None, owned_until=None, told=None)


def let_go(watch: Watch, now: datetime) -> Watch:
    """As if its time had run out: whoever has it can do nothing about it any more."""
    return _lapsed(watch, now) if watch.rings and watch.owner is not None else watch


def unmoved_since(watch: Watch, planned: datetime) -> datetime:
    """From when on our absences have not moved it yet."""
    return planned if watch.seen is None else watch.seen


def _late(planned: datetime, now: datetime, since: datetime) -> timedelta:
    return now - max(planned, since) if now - planned > LATENESS else NOTHING


def _later(watch: Watch, planned: datetime, away: Away) -> Watch:
    """Its times are moved; whoever has it lost only what we were away since they took it."""
    since = unmoved_since(watch, planned)
    moved = away(since)
    if not moved:
        return watch
    taken = (line.at for line in watch.history if line.what in TAKING)
    owned = away(max(since, max(taken, default=since)))
    return replace(
        watch,
        since=watch.since + moved,
        until=watch.until + moved,
        owned_until=watch.owned_until and watch.owned_until + owned,
    )


def _lapsed(watch: Watch, now: datetime) -> Watch:
    """Nobody has it now: the next rung is told at once, and those after it at their distance."""
    free = replace(watch, owner=None, owned_until=None).noted(now, Happened.LAPSED, watch.owner)
    return replace(free, gathered=False, since=free.since + (now - free.time_of(free.rung)))
