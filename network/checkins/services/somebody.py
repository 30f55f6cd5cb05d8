"""Somebody who is asked, family or member: where we write to them, and who is around them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from network.cases.domain import CaseStatus
from network.cases.services.circles import Circle, circles, circles_unaddressed
from network.checkins.domain.subjects import Subject
from network.db import Tx
from network.kernel.ids import CaseId
from network.people import services as people
from network.people.domain import Member, Standing


@dataclass(frozen=True, slots=True)
class Address:
    """A chat, and the language it is written to."""

    chat: int = field(repr=False)
    language: str


@dataclass(frozen=True, slots=True)
class Somebody:
    """What the clock must know of a subject. `over`: nothing is asked of them any more, and `gone`:
    not even whether they are back from a trip.

    A family goes by its reference, a member by the alias colleagues know. `ladder` is the one
    copied into a case, as JSON; "" stands for the country's.
    """

    about: Subject
    reference: str
    address: Address | None
    accompanier: Member | None
    ladder: str
    over: bool
    gone: bool
    zone: str | None = None


def find(tx: Tx, subjects: Iterable[Subject]) -> dict[Subject, Somebody]:
    """These subjects in a few statements, however many they are. One that cannot be read is left
    out.
    """
    wanted = set(subjects)
    return _families(circles(tx, _cases(wanted))) | _members(tx, wanted)


def find_unaddressed(tx: Tx, subjects: Iterable[Subject]) -> dict[Subject, Somebody]:
    """The same where nobody writes to them now: where their families read us is not opened."""
    wanted = set(subjects)
    return _families(circles_unaddressed(tx, _cases(wanted))) | _members(tx, wanted)


def _cases(wanted: set[Subject]) -> set[CaseId]:
    return {one.case for one in wanted if one.case is not None}


def _families(found: Mapping[CaseId, Circle]) -> dict[Subject, Somebody]:
    return {Subject(case=case): _family(circle) for case, circle in found.items()}


def _family(circle: Circle) -> Somebody:
    contact = circle.contact
    return Somebody(
        Subject(case=circle.case.id),
        circle.case.card.reference,
        None if contact is None else Address(contact.chat, contact.language),
        circle.accompanier,
        circle.ladder,
        over=circle.case.status is CaseStatus.CLOSED,
        gone=circle.case.status is CaseStatus.CLOSED,
        zone=circle.case.card.zone,
    )


def _members(tx: Tx, wanted: set[Subject]) -> dict[Subject, Somebody]:
    ids = {one.person for one in wanted if one.person is not None}
    if not ids:
        return {}
    return {Subject(person=one.id): _member(one) for one in people.members_named(tx, ids).values()}


def _member(member: Member) -> Somebody:
    chat = member.profile.chat
    return Somebody(
        Subject(person=member.id),
        member.alias,
        None if chat is None else Address(chat, member.profile.language),
        None,
        "",
        over=not member.active,
        gone=member.standing is Standing.REMOVED,
        zone=member.profile.zone,
    )
