"""Several people of one zone silent at once: perhaps the power is out there. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from network.checkins.domain.watches import LATENESS, Watch

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Fell(Generic[Name]):
    """Who fell silent, where, and when that was seen."""

    who: Name
    zone: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Finding(Generic[Name]):
    """So many people of one zone fell silent within the window, the first of them at `since`."""

    zone: str
    who: tuple[Name, ...]
    since: datetime


def findings(
    silent: Iterable[Fell[Name]], *, window: timedelta, people: int
) -> tuple[Finding[Name], ...]:
    """The zones in which at least so many people are silent who fell so within one window.

    Each person counts once; of overlapping windows the fullest one is told, of equal ones the
    latest. The largest finding comes first.
    """
    by_zone: defaultdict[str, dict[Name, datetime]] = defaultdict(dict)
    for one in silent:
        if one.zone is not None:
            known = by_zone[one.zone].get(one.who)
            by_zone[one.zone][one.who] = one.at if known is None else min(known, one.at)
    found = []
    for zone, fell in by_zone.items():
        fullest = _fullest(sorted(fell.items(), key=lambda one: one[1]), window)
        if len(fullest) >= people:
            found.append(Finding(zone, tuple(who for who, _ in fullest), fullest[0][1]))
    return tuple(sorted(found, key=lambda one: (-len(one.who), one.zone)))


def together(due: datetime, share: timedelta) -> datetime:
    """The next moment at which the rungs of one finding are told, less than `share` later."""
    past = (due - EPOCH) % share
    return due if not past else due + share - past


def is_recent(watch: Watch, now: datetime, share: timedelta) -> bool:
    """Whether an alarm of silence began so lately that the next one of its zone follows it."""
    return abs(now - watch.until) < share or (watch.gathered and now < watch.since)


def gathers_at(recent: Iterable[Watch], now: datetime, share: timedelta) -> tuple[datetime, bool]:
    """When the ladders begin of all who follow each other closely, and whether that is named now.

    It is never later than `share` from when it is named, and whoever comes later does not move it.
    """
    named = [one.since for one in recent if one.gathered and _is_open(one, now, share)]
    return (min(named), False) if named else ((now + share).replace(microsecond=0), True)


def _is_open(watch: Watch, now: datetime, share: timedelta) -> bool:
    """Whether one more can still be told of with it: its moment is to come, or is this look."""
    if now < watch.since:
        return watch.since <= now + share
    return watch.rung == 0 and watch.time_of(0) <= now <= watch.since + LATENESS


def _fullest(
    ordered: Sequence[tuple[Name, datetime]], window: timedelta
) -> Sequence[tuple[Name, datetime]]:
    best: tuple[int, int] = (0, 0)
    first = 0
    for last in range(len(ordered)):
        while ordered[last][1] - ordered[first][1] > window:
            first += 1
        if last + 1 - first >= best[1] - best[0]:
            best = (first, last + 1)
    return ordered[best[0] : best[1]]
