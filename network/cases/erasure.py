"""When a case is destroyed: by its family's wish or in time, and how long that may wait. Pure.

Whole days, so that no hour stands beside a case.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

TO_TAKE_IT_BACK = timedelta(days=2)  # at least one whole day, at most two
TO_BE_SURE = timedelta(days=1)  # a day's rounding must not end it early
HELD_AT_ONCE = timedelta(days=7)
MOST_HELD = timedelta(days=14)  # then a wish is honoured, whatever rings


@dataclass(frozen=True, slots=True)
class Erasure:
    """The days of one case's end; None where none is set."""

    closed_on: date | None
    erase_on: date | None
    held_until: date | None = None  # not before this day, whatever `erase_on` says
    kept_for: timedelta = timedelta(0)  # after closing, where its family asks for nothing

    @property
    def usual(self) -> date | None:
        """The day it would be erased on if its family had not asked."""
        return None if self.closed_on is None else self.closed_on + self.kept_for + TO_BE_SURE

    @property
    def is_asked(self) -> bool:
        """Whether its family asked for it: nothing else brings the day forward."""
        return self.erase_on is not None and (self.usual is None or self.erase_on < self.usual)

    @property
    def at_the_latest(self) -> date | None:
        """Until when it may be held back."""
        return None if self.erase_on is None else self.erase_on + MOST_HELD

    @property
    def days_kept(self) -> int:
        """How many days lie between its closing and its last day."""
        if self.closed_on is None or self.erase_on is None:
            return self.kept_for.days
        return max((self.erase_on - self.closed_on).days, 1)

    def is_held(self, today: date) -> bool:
        """Whether it waits today."""
        return self.held_until is not None and self.held_until > today

    def asked(self, today: date) -> "Erasure":
        """Its family asks today. An earlier day stands, and a hold that would still hold it."""
        day = today + TO_TAKE_IT_BACK
        day = min(day, self.erase_on or day)
        held = self.held_until if self.held_until and self.held_until > day else None
        return replace(self, erase_on=day, held_until=held)

    def taken_back(self) -> "Erasure":
        """It goes on as if nobody had asked. A hold stays: whoever can take back what was asked
        could otherwise end it, and ask again.
        """
        return replace(self, erase_on=self.usual)

    def closed(self, today: date) -> "Erasure":
        """Closing does not lengthen a time that the family has shortened."""
        after = replace(self, closed_on=today)
        return replace(after, erase_on=min(after.usual or date.max, self.erase_on or date.max))

    def held(self, until: date) -> "Erasure | None":
        """Not before that day, or the last one it may be held to; None where that changes nothing.

        A hold is never shortened by another one.
        """
        if self.at_the_latest is None:
            return None
        day = min(until, self.at_the_latest)
        if day <= max(self.held_until or date.min, self.erase_on or date.min):
            return None
        return replace(self, held_until=day)

    def held_more(self, today: date) -> "Erasure | None":
        """A week more of what its family asked for; None where it did not, or no day is left."""
        since = max(today, self.erase_on or date.min)
        return self.held(since + HELD_AT_ONCE) if self.is_asked else None


def everything_goes(each: tuple[Erasure, ...], today: date) -> date | None:
    """The day on which the last of a chat's cases goes, if that was asked; None where one stays.

    A case that its time ends as soon as a wish could does not have to be asked for.
    """
    soon = today + TO_TAKE_IT_BACK
    days = [one.erase_on for one in each if one.erase_on is not None]
    goes = all(one.is_asked or (one.erase_on or date.max) <= soon for one in each)
    if not goes or len(days) < len(each) or not any(one.is_asked for one in each):
        return None
    return max(days)
