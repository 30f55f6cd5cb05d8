"""What coordination sees of the path: how many stand where, their own applications, one whole."""

from dataclasses import dataclass
from uuid import UUID

from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.ids import PersonId
from network.people import services as people
from network.people.domain import Member
from network.vetting.domain.gate import EXPERIENCED
from network.vetting.domain.path import (
    DECLARED,
    Application,
    Course,
    Interests,
    Move,
    Stand,
    Step,
    possible,
    probation_is_over,
    review_is_near,
)
from network.vetting.policy import VettingPermission, require
from network.vetting.services import history
from network.vetting.services.along import BY_TWO, waiting_for
from network.vetting.services.history import ANSWER, Line
from network.vetting.store import applications, seats


@dataclass(frozen=True, slots=True)
class Card:
    """One application in the list of those the reader has a seat at."""

    application: Application
    called: str
    days: int  # since anything was done


@dataclass(frozen=True, slots=True)
class Overview:
    """The reader's applications, how many stand where in all, and who is to be looked at again."""

    mine: tuple[Card, ...]
    counts: dict[Stand, int]
    reviews: tuple[Member, ...]
    by_path: frozenset[PersonId]  # of those: their review is written into their history


@dataclass(frozen=True, slots=True)
class Whole:
    """One application with its history, and what its reader may do about it."""

    application: Application
    called: str
    lines: tuple[Line, ...]
    names: dict[PersonId, str]
    member: Member | None  # once they have an account
    may: frozenset[Move]
    can_invite: bool
    yes_by: PersonId | None  # of the two, who said it
    reader_is_referee: bool
    could_refer: tuple[Member, ...]
    interests: Interests | None  # as they were said last
    can_change: bool  # what they are tied to


def overview(tx: Tx, actor: Actor) -> Overview:
    """The list, the longest untouched first."""
    require(actor, VettingPermission.SEE)
    cards = tuple(_card(tx, actor, each) for each in applications.listed(tx, actor))
    reviews = _to_review(tx, actor)
    links = people.links_of(tx, [each.id for each in reviews])
    by_path = frozenset(links[each] for each in applications.with_application(tx, links))
    return Overview(cards, applications.counted(tx), reviews, by_path)


def whole(tx: Tx, actor: Actor, *, application_id: UUID) -> Whole:
    """One application, opened with the reader's own key; NotVisible without a seat at it."""
    require(actor, VettingPermission.SEE)
    application = applications.get(tx, actor, application_id)
    lines = history.read(tx, actor, application)
    pair = seats.held(tx, [application.id]).get(application.id, ())
    joined = people.who_used(tx, application.invitation)
    member = people.member(tx, joined) if joined else None
    first = waiting_for(tx, actor, application)
    yes_by = None if first is None else first.proposer
    named = {each.by for each in lines if each.by} | set(pair) | set(application.facts.referees)
    known = people.members_named(tx, named)
    is_referee = actor.person_id in application.facts.referees
    return Whole(
        application=application,
        called=_called(lines),
        lines=lines,
        names={each: one.alias for each, one in known.items()},
        member=member,
        may=_may(tx, actor, application, member, said_yes=yes_by == actor.person_id),
        can_invite=application.stand == Stand(Step.TRAINING) and member is None,
        yes_by=yes_by,
        reader_is_referee=is_referee,
        could_refer=_could_refer(tx) if application.stand.step is Step.REFERENCES else (),
        interests=next((each.interests for each in reversed(lines) if each.interests), None),
        can_change=application.stand.step in DECLARED
        and application.stand.course is not Course.REFUSED
        and joined != actor.person_id,
    )


def _may(
    tx: Tx, actor: Actor, application: Application, member: Member | None, *, said_yes: bool
) -> frozenset[Move]:
    moves = possible(application.stand) - {Move.TRAIN}
    mine = member is not None and member.id == actor.person_id
    if mine or said_yes or member is None or actor.person_id in application.facts.referees:
        moves -= BY_TWO
    if mine:
        moves -= {Move.REVIEW}
    over = member is not None and probation_is_over(
        member.clearance, today=tx.now.date(), lasts=tx.pack.vetting.probation
    )
    return moves if over else moves - {Move.CONFIRM}


def _could_refer(tx: Tx) -> tuple[Member, ...]:
    everybody = (*people.coordinators(tx), *people.activists(tx))
    known = (each for each in everybody if each.clearance.level in EXPERIENCED)
    return tuple(sorted(known, key=lambda each: each.alias.casefold()))


def _card(tx: Tx, actor: Actor, application: Application) -> Card:
    days = (tx.now.date() - application.changed_on).days
    return Card(application, _called(history.read(tx, actor, application)), days)


def _called(lines: tuple[Line, ...]) -> str:
    for each in lines:
        if each.kind == ANSWER and each.what == "called" and each.text is not None:
            return each.text.reveal()[:40]
    return ""


def _to_review(tx: Tx, actor: Actor) -> tuple[Member, ...]:
    today = tx.now.date()
    everybody = (*people.coordinators(tx), *people.activists(tx))
    near = (each for each in everybody if review_is_near(each.clearance, today))
    return tuple(sorted(near, key=lambda each: (each.clearance.review_on or today, each.alias)))
