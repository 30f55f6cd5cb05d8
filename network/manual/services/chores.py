"""What coordination has to do for the handbook: numbers to dial, reviews to renew."""

from dataclasses import dataclass
from datetime import timedelta

from handbook.library import load_library
from network.db import Tx
from network.kernel.actor import Actor
from network.manual import store
from network.manual.domain import ReviewStatus
from network.manual.policy import ManualPermission, require
from network.manual.services.standing import A_REVIEW_OR_MORE, digest_of, tested

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Chores:
    """How much of the handbook waits for somebody of coordination."""

    lines: int  # numbers that nobody has dialled in ninety days
    to_confirm: int  # reviews that one coordinator has said
    lapsing: int  # sections whose review ends within thirty days, or has ended

    @property
    def waiting(self) -> int:
        """All of it."""
        return self.lines + self.to_confirm + self.lapsing


def chores(tx: Tx, actor: Actor) -> Chores:
    """What waits today, counted in two statements."""
    require(actor, ManualPermission.TEST_LINES)
    require(actor, ManualPermission.REVIEW)
    day, library = tx.today, load_library(tx.pack.code)
    dialled = {one.number for one in tested(tx)}
    ends: dict[tuple[str, str, str], bool] = {}
    found = store.reviews(tx, since=day - 2 * A_REVIEW_OR_MORE)
    for review in found:
        if review.status is not ReviewStatus.CONFIRMED:
            continue
        for section, digest in review.scope.items():
            if digest_of(library, review, section) == digest:
                key = (review.chapter, review.language, section)
                ends[key] = ends.get(key, True) and review.lapses_on - SOON <= day
    return Chores(
        lines=sum(line.number not in dialled for line in tx.pack.directory),
        to_confirm=sum(one.status is ReviewStatus.SAID and day < one.lapses_on for one in found),
        lapsing=sum(ends.values()),
    )
