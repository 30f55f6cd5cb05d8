"""A family's wish to be forgotten: asked, taken back, held while somebody may need it, carried out.

For the family's chat everything is over on the day it was told, whatever waits behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from network import audit, heartbeats, inbox, outbox
from network.cases.domain import Case, CaseStatus, Outcome, Purpose
from network.cases.erasure import TO_BE_SURE, Erasure
from network.cases.policy import CasePermission, may, require
from network.cases.services.intake import letter_to_family, responders
from network.cases.store import cases, erasures, families
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.ids import CaseId
from network.kernel.words import N_
from network.people import services as people
from network.quorum import services as quorum

SHOWN = 100
LOOKED_AT_ONCE = 20  # of which one is erased: with all its files, and nobody else can write
LISTENED = timedelta(minutes=10)  # since the day began: what was sent before is here and read
Rings = Callable[[Tx, CaseId], bool]  # of a case: whether an alarm about it is open
Parted = Callable[[Tx, CaseId], None]  # its family is not asked anything any more

WILL_BE_ERASED = N_(
    "%(reference)s will be erased on %(day)s: they asked for it. Until then they can take it back."
)
STAYS_AFTER_ALL = N_("%(reference)s stays: they have taken it back.")
HAS_ENDED = N_("%(reference)s has ended.")
IS_DONE = N_("This is over here. If you need somebody again, write /start.")
IT_WAITS = N_(
    "%(reference)s was to be erased today, but an alarm about it is open or our last question was"
    " not answered. It waits a day, and while an alarm is open until %(day)s at most. Their chat"
    " does not say so. Open Hilo."
)
IS_HELD = N_("%(who)s holds back that %(reference)s is erased, until %(day)s. Open Hilo.")


@dataclass(frozen=True, slots=True)
class WaitingErasure:
    """A family has asked to be erased: when, until when that may wait, the day until which somebody
    holds it, and whether it can be held a week more.
    """

    erase_on: date
    at_the_latest: date
    held_until: date | None
    can_be_held: bool


@dataclass(frozen=True, slots=True)
class AskedErasure:
    """The same of one case, by its reference and without its key."""

    case_id: CaseId
    reference: str
    waiting: WaitingErasure


def ask_erasure(tx: Tx, actor: Actor) -> date:
    """Says the day on which everything of this chat will be gone; until then all goes on as it did.

    Whoever holds the telephone cannot end what watches over a family in one message.
    """
    days, today = [], tx.today
    for each in families.hold_kept_of_family(tx, actor):
        require(actor, CasePermission.LEAVE, each.case)
        after = each.erasure.asked(today)
        assert after.erase_on is not None
        days.append(after.erase_on)
        if after != each.erasure:
            erasures.save(tx, each.case.id, after)
            audit.receipt(tx, actor, "case.erasure-asked", case=each.case.id)
            _tell_coordination(tx, each.case, WILL_BE_ERASED, day=_day(after.erase_on))
    return max(days)


def keep_after_all(tx: Tx, actor: Actor) -> None:
    """The family takes it back. WrongMoment where it had not asked."""
    kept = families.hold_kept_of_family(tx, actor)
    asked = [each for each in kept if each.erasure.is_asked]
    if not asked:
        raise WrongMoment
    for each in asked:
        require(actor, CasePermission.LEAVE, each.case)
        erasures.save(tx, each.case.id, each.erasure.taken_back())
        audit.receipt(tx, actor, "case.erasure-taken-back", case=each.case.id)
        _tell_coordination(tx, each.case, STAYS_AFTER_ALL)


def asked_erasures(tx: Tx, actor: Actor) -> tuple[AskedErasure, ...]:
    """For whoever is on duty: what is about to be erased, by reference, whoever holds its key.

    The one who holds it may be asleep while somebody else holds the family's telephone.
    """
    if not _on_duty(tx, actor):
        return ()
    today = tx.today
    return tuple(
        AskedErasure(case.id, case.card.reference, waiting)
        for case, days in erasures.asked_for(tx, SHOWN)
        if (waiting := _waiting(days, today)) is not None
    )


def hold_unread(tx: Tx, actor: Actor, *, case_id: CaseId) -> date:
    """The same as `hold_erasure`, for whoever is on duty and cannot open it. It opens nothing.

    Where nobody asked, and for whoever is not on duty, there is no such thing.
    """
    require(actor, CasePermission.HOLD_ERASURE)
    if not _on_duty(tx, actor) or not erasures.erasure_of(tx, case_id).is_asked:
        raise NotVisible
    return hold_erasure(tx, actor, case_id=case_id)


def waiting_erasure(tx: Tx, actor: Actor, *, case_id: CaseId) -> WaitingErasure | None:
    """Whether its family has asked: for the room of alarms, which knows that one is open."""
    require(actor, CasePermission.HOLD_ERASURE)
    return _waiting(erasures.erasure_of(tx, case_id), tx.today)


def hold_erasure(tx: Tx, actor: Actor, *, case_id: CaseId) -> date:
    """A coordinator holds back some days what a family asked for, whether an alarm rings or not:
    whoever took the telephone can write what ends an alarm, too.

    Two weeks at most in all, and every other coordinator hears of it. WrongMoment where nobody
    asked for it, or the two weeks are used up.
    """
    require(actor, CasePermission.HOLD_ERASURE)
    cases.keep_still(tx, case_id)
    before = erasures.erasure_of(tx, case_id)
    after = before.held_more(tx.today)
    if after is None or after.held_until is None:
        raise WrongMoment
    erasures.save(tx, case_id, after)
    audit.receipt(tx, actor, "case.erasure-held", case=case_id)
    me = people.member(tx, actor.person)
    others = people.coordinators(tx, but={me.id})
    reference = cases.reference_of(tx, case_id)
    params = {"who": me.alias, "reference": reference, "day": _day(after.held_until)}
    people.write_to(tx, others, IS_HELD, params=params)
    return after.held_until


def erase_due(tx: Tx, actor: Actor, *, rings: Rings, parted: Parted) -> int:
    """The clock destroys cases whose day has come; says how many it looked at.

    One that rings waits a day, and again, for two weeks. Its family's chat is parted with all the
    same, and told what it is always told: whoever reads along there learns nothing. But not before
    we have listened since the day began, and read what it wrote: it may be taken back, or ring.
    """
    require(actor, CasePermission.KEEP_HOUSE)
    found = erasures.due(tx, LOOKED_AT_ONCE)
    if not found:
        return 0
    ready = _heard(tx, found)
    if ready is None:
        return 0
    case, today = ready, tx.today
    days = erasures.erasure_of(tx, case.id)
    # Asked before its family is parted with: that calls off the questions that are out.
    rang = not days.is_held(today) and rings(tx, case.id)
    first = _part(tx, case, days)
    if first:
        parted(tx, case.id)
    if days.is_held(today):
        return 1
    waits = days.held(today + TO_BE_SURE) if rang else None
    if waits is None:
        _erase(tx, actor, case)
    else:
        _wait(tx, case, waits, first=first)
    return 1


def _heard(tx: Tx, found: tuple[Case, ...]) -> Case | None:
    """The first of these whose family has nothing left to say that we could have heard.

    What goes on for two weeks holds nothing up any longer, as with alarms.
    """
    today = tx.today
    began = erasures.began(tx)
    away = heartbeats.ledger(tx, began).away(began, tx.now)
    listened = tx.now - began - away >= LISTENED
    contacts = families.contacts_of(tx, [case.id for case in found])
    unread = inbox.unread(tx, [contact.chat for contact in contacts.values()])
    for case in found:
        contact = contacts.get(case.id)
        if contact is None or (listened and contact.chat not in unread):
            return case
        latest = erasures.erasure_of(tx, case.id).at_the_latest
        if latest is not None and latest <= today:
            return case
    return None


def _on_duty(tx: Tx, actor: Actor) -> bool:
    """Whoever receives new requests: all of coordination, where nobody has the duty."""
    if not may(actor, CasePermission.HOLD_ERASURE):
        return False
    return any(each.id == actor.person_id for each in people.receivers(tx))


def _waiting(days: Erasure, today: date) -> WaitingErasure | None:
    if not days.is_asked or days.erase_on is None or days.at_the_latest is None:
        return None
    can_be_held = days.held_more(today) is not None
    return WaitingErasure(days.erase_on, days.at_the_latest, days.held_until, can_be_held)


def _part(tx: Tx, case: Case, days: Erasure) -> bool:
    """The family's own half of the end; False where it was done before."""
    found = families.contact_of(tx, case.id)
    if found is None:
        return False
    running = case.status is not CaseStatus.CLOSED
    if days.is_asked and running:  # what waits for the chat may hold their words
        outbox.cancel_chat(tx, found[1].chat)
    others = families.others_of_chat(tx, found[1].chat, case.id)
    if days.is_asked and all(_goes_untold(each, tx.today) for each in others):
        letter_to_family(tx, case, IS_DONE)
    if Purpose.STATISTICS in found[1].allowed:
        left = Outcome.LEFT if running else Outcome.LOST_TOUCH
        erasures.count_in(tx, case, Outcome(case.card.outcome or left))
    erasures.part(tx, case.id)
    return True


def _goes_untold(other: Erasure, today: date) -> bool:
    """Whether another case of the chat goes today too, and says nothing of it itself."""
    return other.erase_on is not None and other.erase_on <= today and not other.is_asked


def _wait(tx: Tx, case: Case, waits: Erasure, *, first: bool) -> None:
    """In no log: a line of the clock's would say that an alarm rings."""
    erasures.save(tx, case.id, waits)
    if first and waits.at_the_latest is not None:
        params = {"reference": case.card.reference, "day": _day(waits.at_the_latest)}
        people.write_to(tx, people.coordinators(tx), IT_WAITS, params=params)


def _erase(tx: Tx, actor: Actor, case: Case) -> None:
    if case.status is not CaseStatus.CLOSED:
        _tell(tx, case, HAS_ENDED)
    audit.receipt(tx, actor, "case.erased", case=case.id)
    quorum.forget_case(tx, case.id)
    erasures.erase(tx, case)


def _tell(tx: Tx, case: Case, say: str, **params: str) -> None:
    readers = responders(tx, case.id).everybody
    people.write_to(tx, readers, say, params={"reference": case.card.reference, **params})


def _tell_coordination(tx: Tx, case: Case, say: str, **params: str) -> None:
    """Also those who do not hold it: any of them may hold it back, and one who does may be forced
    or asleep.
    """
    everybody = (*responders(tx, case.id).everybody, *people.coordinators(tx))
    readers = {each.id: each for each in everybody}.values()
    people.write_to(tx, readers, say, params={"reference": case.card.reference, **params})


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
