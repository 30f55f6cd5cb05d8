"""Who may be given a key to what somebody told us. Pure, and the only place that knows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from network.kernel.actor import Role
from network.kernel.errors import Refused
from network.kernel.ids import PersonId
from network.people.domain import Clearance, Level, Member

EXPERIENCED = frozenset({Level.VOUCHED, Level.FULL})


class Bar(StrEnum):
    """Why somebody gets no key."""

    STOPPED = "stopped"  # not in the network at this moment
    LEVEL = "level"  # their path has not come so far
    ALONE = "alone"  # on probation, and nobody experienced beside them
    URGENT = "urgent"  # on probation, and it is urgent
    ZONE = "zone"  # their own interests lie there
    REVIEW = "review"  # nobody has looked at them again for too long


class NotCleared(Refused):
    """Vetting does not allow this key."""

    key = "not_cleared"

    def __init__(self, bar: Bar) -> None:
        super().__init__(bar.value)
        self.bar = bar


@dataclass(frozen=True, slots=True)
class Holding:
    """What a key would open, as far as this concerns vetting."""

    zone: str | None = field(default=None, repr=False)  # of a state or a municipality
    is_calm: bool = False  # somebody is needed this week, not today and not now
    accompanier: PersonId | None = None  # where they hold it, or are given it in the same write


def bars(
    wanted: Iterable[PersonId],
    members: Mapping[PersonId, Member],
    holding: Holding,
    *,
    today: date,
    all_lapsed: bool,
) -> dict[PersonId, Bar]:
    """Who of those wanted may not be given this key, and why. Whoever is not known may not.

    `all_lapsed`: every coordinator's review is overdue. Then that stops none of them, or a family
    that writes tonight would be written to nobody.
    """
    found: dict[PersonId, Bar] = {}
    for person in wanted:
        member = members.get(person)
        why = Bar.STOPPED if member is None else _bar(member, members, holding, today)
        forgiven = (
            why is Bar.REVIEW
            and all_lapsed
            and member is not None
            and member.role is Role.COORDINATOR
        )
        if why is not None and not forgiven:
            found[person] = why
    return found


def lapsed(clearance: Clearance, today: date) -> bool:
    """Whether the day of their review has come and nobody has looked at them again."""
    return clearance.review_on is not None and today >= clearance.review_on


def may_be_barred(clearance: Clearance, today: date) -> bool:
    """Whether there is anything in it for which some key could be refused."""
    return bool(clearance.zones) or clearance.level not in EXPERIENCED or lapsed(clearance, today)


def touches(zone: str, other: str) -> bool:
    """Whether two zones have a place in common: a state holds its municipalities."""
    return zone.startswith(other) or other.startswith(zone)


def _bar(
    member: Member, members: Mapping[PersonId, Member], holding: Holding, today: date
) -> Bar | None:
    clearance = member.clearance
    if not member.active:
        return Bar.STOPPED
    if clearance.level in {Level.NONE, Level.ON_PATH}:
        return Bar.LEVEL
    if holding.zone and any(touches(holding.zone, each) for each in clearance.zones):
        return Bar.ZONE
    if lapsed(clearance, today):
        return Bar.REVIEW
    if clearance.level is Level.PROBATION:
        return _new_here(member, members, holding)
    return None


def _new_here(member: Member, members: Mapping[PersonId, Member], holding: Holding) -> Bar | None:
    beside = members.get(holding.accompanier) if holding.accompanier is not None else None
    if beside is None or beside.id == member.id or not beside.active:
        return Bar.ALONE
    if beside.clearance.level not in EXPERIENCED:
        return Bar.ALONE
    return None if holding.is_calm else Bar.URGENT
