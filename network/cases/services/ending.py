"""Grants end. Whoever still needs one says why and has it renewed; nobody is cut off in silence."""

from dataclasses import dataclass
from datetime import date, timedelta

from config.language import say
from network import audit
from network.cases.domain import Case, CaseStatus, cleaned
from network.cases.policy import CasePermission, require
from network.cases.services.circles import record
from network.cases.services.holding import can_go_on_without, end_of_access
from network.cases.store import cases, ends, exposures, gate, keys
from network.db import Tx
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, NotAllowed
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, PersonId
from network.kernel.words import N_
from network.people import services as people

AT_ONCE = 25
SHOWN = 100
MOST_WHY = 200
TOMORROW = timedelta(days=1)

ENDS_SOON = N_(
    "Your access to %(reference)s ends on %(day)s. If it is still needed, renew it in Hilo."
)
KEPT_ON = N_(
    "The access of %(who)s to %(reference)s has run out and nobody else can take over. It goes on"
    " until %(day)s. Open Hilo: renew it, or find somebody else."
)
RENEWED = N_("Access of %(who)s renewed until %(day)s: %(why)s")


@dataclass(frozen=True, slots=True)
class Ending:
    """Access that ends soon, or has ended and was kept, of a case the reader can open."""

    case_id: CaseId
    reference: str
    member: PersonId
    alias: str
    ends_on: date
    mine: bool


def renew(
    tx: Tx, actor: Actor, *, case_id: CaseId, why: Plaintext, person_id: PersonId | None = None
) -> date:
    """Somebody needs their access further, and says why: the word is sealed into the room.

    One's own, or, for coordination, that of anybody who holds the case. What vetting would bar
    today is not renewed.
    """
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.RENEW, case)
    whose = person_id or actor.person
    if whose != actor.person_id and actor.role is not Role.COORDINATOR:
        raise NotAllowed
    words = cleaned(why, "why", longest=MOST_WHY)
    if whose not in keys.readers(tx, case.id, case.epoch):
        raise BadInput("why", "not_a_holder")
    gate.check(tx, case.id, case.epoch, [whose])
    until = tx.now.date() + tx.pack.access.grant
    ends.prolong(tx, case.id, whose, until)
    alias = people.member(tx, whose).alias
    text = say(actor.language, RENEWED, who=alias, day=_day(until), why=words.reveal())
    record(tx, case_id=case.id, author=actor.person, text=Plaintext(text))
    audit.receipt(tx, actor, "case.renewed", case=case.id, subject=whose)
    return until


def endings(tx: Tx, actor: Actor) -> tuple[Ending, ...]:
    """What ends within the pack's warning, the soonest first: one's own, and for coordination that
    of everybody beside them.
    """
    running = [each for each in CaseStatus if each is not CaseStatus.CLOSED]
    mine = {each.id: each for each in cases.listed(tx, actor, running, limit=SHOWN)}
    found = ends.soon(tx, mine, tx.now.date() + tx.pack.access.warning)
    members = people.members_named(tx, {each.member for each in found})
    return tuple(
        Ending(
            each.case_id,
            mine[each.case_id].card.reference,
            each.member,
            members[each.member].alias,
            each.ends_on,
            mine=each.member == actor.person_id,
        )
        for each in found
        if each.member in members
        and (each.member == actor.person_id or actor.role is Role.COORDINATOR)
    )


def warn_of_ends(tx: Tx, actor: Actor) -> int:
    """The clock writes to whoever loses access in some days, and again on the day before."""
    require(actor, CasePermission.KEEP_HOUSE)
    today = tx.now.date()
    found = ends.on_days(tx, {today + tx.pack.access.warning, today + TOMORROW})
    members = people.members_named(tx, {each.member for each in found})
    names = exposures.references(tx, {each.case_id for each in found})
    for each in found:
        if each.member in members:
            people.write_to(
                tx,
                [members[each.member]],
                ENDS_SOON,
                params={"reference": names[each.case_id], "day": _day(each.ends_on)},
                once=f"ends:{each.case_id}:{each.ends_on}:{today}",
            )
    return len(found)


def end_grants(tx: Tx, actor: Actor) -> int:
    """The clock ends what nobody renewed: keys destroyed, the case re-keyed; says how many.

    Never the accompanier's, nor the last one of a running case: those go on for some days, and
    coordination is told, until somebody renews them or takes over.
    """
    require(actor, CasePermission.KEEP_HOUSE)
    ended = 0
    for case_id in ends.cases_with_late(tx, limit=AT_ONCE):
        case = cases.hold_if_free(tx, case_id)
        if case is not None:
            ended += _end(tx, actor, case)
    return ended


def _end(tx: Tx, actor: Actor, case: Case) -> int:
    late = ends.late(tx, case.id)
    kept = () if case.status is CaseStatus.CLOSED else _kept(tx, case, late)
    for person in kept:
        _keep_on(tx, actor, case, person)
    gone = [each for each in late if each not in kept]
    for person in gone:
        if case.status is CaseStatus.CLOSED:
            keys.take(tx, case.id, person)
        elif can_go_on_without(tx, case, person):
            case = end_of_access(tx, actor, case, person)
        else:  # whoever is left may not act: it stays until somebody can
            ends.prolong(tx, case.id, person, tx.now.date() + tx.pack.access.kept_on)
            continue
        audit.receipt(tx, actor, "case.grant-ended", case=case.id, subject=person)
    return len(gone)


def _kept(tx: Tx, case: Case, late: tuple[PersonId, ...]) -> tuple[PersonId, ...]:
    """Whose access may not end: the accompanier's, and everybody's where nobody else could act."""
    holders = ends.of_case(tx, case.id, case.epoch)
    members = people.members_named(tx, holders)
    active = [each for each in holders if each in members and members[each].active]
    kept = [each for each in active if each in late and each == case.activist]
    if all(each in late and each not in kept for each in active):
        kept = [each for each in active if each in late]
    return tuple(kept)


def _keep_on(tx: Tx, actor: Actor, case: Case, person: PersonId) -> None:
    until = tx.now.date() + tx.pack.access.kept_on
    ends.prolong(tx, case.id, person, until)
    audit.receipt(tx, actor, "case.grant-kept", case=case.id, subject=person)
    member = people.member(tx, person)
    told = {one.id: one for one in (member, *people.coordinators(tx))}
    params = {"who": member.alias, "reference": case.card.reference, "day": _day(until)}
    people.write_to(
        tx, told.values(), KEPT_ON, params=params, once=f"kept:{case.id}:{person}:{until}"
    )


def _day(day: date) -> str:
    return day.strftime("%d/%m")
