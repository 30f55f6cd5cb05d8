"""What is kept about the handbook: dialled numbers, reviews, totals, completed training. Pure."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from network.kernel.errors import BadInput, WrongMoment
from network.kernel.ids import PersonId

STALE_AFTER = timedelta(days=90)
REVIEW_MONTHS = 6
MONTHS_IN_A_YEAR = 12
LONGEST_REMARK = 200


class Outcome(StrEnum):
    """What a coordinator heard when they dialled."""

    ANSWERED = "answered"
    SILENT = "silent"
    WRONG = "wrong"
    OTHER = "other"


class Specialty(StrEnum):
    """What the person who reviewed a section knows about; who they are is kept nowhere."""

    PSYCHOLOGY = "psychology"
    MEDICINE = "medicine"
    LAW = "law"
    CRISIS = "crisis"
    SEARCH = "search"
    SECURITY = "security"
    CHILDHOOD = "childhood"
    MIGRATION = "migration"


class ReviewStatus(StrEnum):
    """Said by one coordinator, confirmed by a second, or taken back by any."""

    SAID = "said"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


MOVES: dict[ReviewStatus, frozenset[ReviewStatus]] = {
    ReviewStatus.SAID: frozenset({ReviewStatus.CONFIRMED, ReviewStatus.WITHDRAWN}),
    ReviewStatus.CONFIRMED: frozenset({ReviewStatus.WITHDRAWN}),
    ReviewStatus.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Dial:
    """One line dialled once, by whom, and what was heard."""

    line: str
    number: str
    outcome: Outcome
    day: date
    by: PersonId
    remark: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Review:
    """A specialist read these sections, in this language, as they were worded on that day."""

    id: UUID
    chapter: str
    language: str
    specialty: Specialty
    day: date
    scope: Mapping[str, str]  # each section, and the digest of its source
    status: ReviewStatus
    said_by: PersonId
    confirmed_by: PersonId | None = None

    @property
    def lapses_on(self) -> date:
        """The first day on which it does not count any more."""
        return half_a_year_after(self.day)

    def moved_to(self, target: ReviewStatus) -> ReviewStatus:
        """The new status, or WrongMoment where the table of moves has no such way."""
        if target not in MOVES[self.status]:
            raise WrongMoment
        return target

    def stands(self, section: str, digest: str, *, today: date) -> bool:
        """Whether it takes the label off this section as it is worded today."""
        return (
            self.status is ReviewStatus.CONFIRMED
            and today < self.lapses_on
            and self.scope.get(section) == digest
        )


@dataclass(frozen=True, slots=True)
class Total:
    """How many said in one month that a section helped, and how many that it did not."""

    chapter: str
    section: str
    month: str
    yes: int
    no: int


@dataclass(frozen=True, slots=True)
class Completion:
    """Somebody answered every question of a chapter rightly."""

    person: PersonId
    chapter: str
    day: date
    digest: str  # of the questions as they were


def is_stale(day: date, today: date) -> bool:
    """Whether a test was so long ago that it says nothing any more."""
    return today - day > STALE_AFTER


def half_a_year_after(day: date) -> date:
    """Six months later, on the same day of the month or the last there is."""
    months = day.month - 1 + REVIEW_MONTHS
    year, month = day.year + months // MONTHS_IN_A_YEAR, months % MONTHS_IN_A_YEAR + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def month_of(moment: datetime) -> str:
    """The month a moment lies in: no total is kept by anything finer."""
    return f"{moment:%Y-%m}"


def read_review_day(day: date, *, today: date) -> date:
    """A day on which a review may have been made and still counts, or BadInput."""
    if day > today:
        raise BadInput("day", "in_the_future")
    if half_a_year_after(day) <= today:
        raise BadInput("day", "too_old")
    return day


def read_remark(typed: str) -> str:
    """One short line, or BadInput."""
    remark = " ".join("".join(one if one.isprintable() else " " for one in typed).split())
    if len(remark) > LONGEST_REMARK:
        raise BadInput("remark", "too_long")
    return remark
