"""The desk: is anybody falling through? Requests by their wait, offers out, what is mine."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from network.cases.domain import Case, CaseStatus, Offer
from network.cases.services.ending import Ending, endings
from network.cases.services.erasing import AskedErasure, asked_erasures
from network.cases.services.misplaced import Misplaced, misplaced
from network.cases.store import cases, keys, offers
from network.db import Tx
from network.kernel.actor import Actor

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case somebody must do something about, and for how long it has been open."""

    case: Case
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Out:
    """A case that is offered: to how many, until when."""

    case: Case
    offers: tuple[Offer, ...]

    @property
    def ends_at(self) -> datetime | None:
        """When the last of its offers is over."""
        return max((each.expires_at for each in self.offers), default=None)


@dataclass(frozen=True, slots=True)
class Desk:
    """What one member holds, the longest waiting first."""

    requests: tuple[Waiting, ...]
    offered: tuple[Out, ...]
    mine: tuple[Case, ...]  # those I accompany or coordinate
    others: tuple[Case, ...]  # those in good hands that I can open
    closed: tuple[Case, ...]
    endings: tuple[Ending, ...]
    misplaced: tuple[Misplaced, ...]
    asked_erasures: tuple[AskedErasure, ...]
    counts: dict[CaseStatus, int]
    to_pass_on: bool  # what only the reader can open, of cases that are in other hands now


def desk(tx: Tx, actor: Actor) -> Desk:
    """Everything the actor can open, sorted by what it needs. At most a hundred of each."""
    return Desk(
        requests=tuple(
            Waiting(each, tx.now - each.opened_at)
            for each in _in(tx, actor, CaseStatus.RECEIVED, CaseStatus.TRIAGED)
        ),
        offered=_out(tx, _in(tx, actor, CaseStatus.OFFERED)),
        **_held(actor, _in(tx, actor, CaseStatus.ACCOMPANIED, CaseStatus.RESTING)),
        closed=_in(tx, actor, CaseStatus.CLOSED),
        endings=endings(tx, actor),
        misplaced=misplaced(tx, actor),
        asked_erasures=asked_erasures(tx, actor),
        counts=cases.counted(tx, actor),
        to_pass_on=bool(keys.left_to_pass_on(tx, actor.person, limit=1)),
    )


def _in(tx: Tx, actor: Actor, *statuses: CaseStatus) -> tuple[Case, ...]:
    return cases.listed(tx, actor, statuses, limit=SHOWN)


def _out(tx: Tx, found: tuple[Case, ...]) -> tuple[Out, ...]:
    every = offers.open_of(tx, [each.id for each in found])
    return tuple(
        Out(case, tuple(each for each in every if each.case_id == case.id)) for case in found
    )


def _held(actor: Actor, found: tuple[Case, ...]) -> dict[str, tuple[Case, ...]]:
    mine = tuple(each for each in found if actor.person_id in {each.activist, each.coordinator})
    return {"mine": mine, "others": tuple(each for each in found if each not in mine)}
