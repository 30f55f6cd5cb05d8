"""A member's own plan: whom to call when an alarm about them rings, and whom never. Pure."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from network.checkins.domain.callplans import CallPlan, facts, plan_of
from network.checkins.domain.watches import Whom
from network.kernel.hidden import Plaintext

RUNGS = (Whom.DUTY, Whom.COORDINATORS)  # nobody accompanies a member
# Whoever holds somebody's open browser must not learn from it that help was called.
SHOWN_AFTER = timedelta(days=7)
# Whoever holds somebody could write in their place before anybody misses them.
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Written:
    """A plan, and when it was written."""

    plan: CallPlan
    at: datetime


@dataclass(frozen=True, slots=True)
class RidesAlong:
    """What an alarm about a member brings with it. `now` is None where they took it away since.

    `before` was in force until some days ago at most, or when the alarm began, and was changed
    since: perhaps not by them. `is_shut`: there is one that the reader has no key to, or that does
    not open.
    """

    now: Written | None = field(default=None, repr=False)
    before: Written | None = field(default=None, repr=False)
    is_shut: bool = False


def as_text(written: Written) -> Plaintext:
    """A plan as it is sealed."""
    found = {**facts(written.plan), "at": written.at.isoformat(timespec="microseconds")}
    return Plaintext(json.dumps(found, ensure_ascii=False))


def read(text: Plaintext) -> Written:
    """What `as_text` was given."""
    found = json.loads(text.reveal())
    return Written(plan_of(found), datetime.fromisoformat(found["at"]))


def shown(
    openings: Collection[datetime], rings: Collection[datetime | None], now: datetime
) -> tuple[datetime, ...]:
    """The openings that their owner may see, the newest first: a week later, and none since an
    alarm began that still rings. That one begins takes none away that was shown.

    `rings` says since when each open alarm about them rings; None stands for what cannot be read,
    which may ring since ever.
    """
    began = [each for each in rings if each is not None]
    if len(began) < len(rings):
        return ()
    until = min([now - SHOWN_AFTER, *began])
    return tuple(sorted((each for each in openings if each < until), reverse=True))
