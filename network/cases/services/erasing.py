"""A family's wish to be forgotten: asked, taken back, held while somebody may need it, carried out.

For the family's chat everything is over on the day it was told, whatever waits behind it.
"""

from collections.abc import Callable
from datetime import date

from network import audit, outbox
from network.cases.domain import Case, CaseStatus, Outcome, Purpose
from network.cases.erasure import HELD_AT_ONCE, TO_BE_SURE, Erasure
from network.cases.policy import CasePermission, require
from network.cases.services.intake import letter_to_family, responders
from network.cases.store import cases, erasures, families
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.errors import WrongMoment
from network.kernel.ids import CaseId
from network.kernel.words import N_
from network.people import services as people
from network.quorum import services as quorum

ERASED_AT_ONCE = 1  # with all its files: nobody else can write meanwhile
Rings = Callable[[Tx, CaseId], bool]  # of a case: whether an alarm about it is open
Parted = Callable[[Tx, CaseId], None]  # its family is not asked anything any more

WILL_BE_ERASED = N_(
    "%(reference)s will be erased on %(day)s: they asked for it. Until then they can take it back."
)
STAYS_AFTER_ALL = N_("%(reference)s stays: they have taken it back.")
HAS_ENDED = N_("%(reference)s has ended.")
IS_DONE = N_("This is over here. If you need somebody again, write /start.")
IT_WAITS = N_(
    "%(reference)s was to be erased today, but an alarm about it is open. It waits until that is"
    " over, until %(day)s at most. Their chat does not say so. Open Hilo."
)
IS_HELD = N_("%(who)s holds back that %(reference)s is erased, until %(day)s. Open Hilo.")


def ask_erasure(tx: Tx, actor: Actor) -> date:
    """Says the day on which everything of this chat will be gone; until then all goes on as it did.

    Whoever holds the telephone cannot end what watches over a family in one message.
    """
    days = []
    for each in families.hold_kept_of_family(tx, actor):
        require(actor, CasePermission.LEAVE, each.case)
        after = each.erasure.asked(tx.now.date())
        assert after.erase_on is not None
        days.append(after.erase_on)
        if after != each.erasure:
            erasures.save(tx, each.case.id, after)
            audit.receipt(tx, actor, "case.erasure-asked", case=each.case.id)
            _tell(tx, each.case, WILL_BE_ERASED, day=_day(after.erase_on))
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
        _tell(tx, each.case, STAYS_AFTER_ALL)


def erasure(tx: Tx, actor: Actor, *, case_id: CaseId) -> Erasure:
    """The days of a case's end, for the room of alarms, which knows that one about it is open."""
    require(actor, CasePermission.HOLD_ERASURE)
    return erasures.erasure_of(tx, case_id)


def hold_erasure(tx: Tx, actor: Actor, *, case_id: CaseId) -> date:
    """A coordinator holds it back some days: for the room of alarms, where one about it is open.

    Two weeks at most in all, and every other coordinator hears of it. WrongMoment where nobody
    asked for it, or the two weeks are used up.
    """
    require(actor, CasePermission.HOLD_ERASURE)
    cases.keep_still(tx, case_id)
    before = erasures.erasure_of(tx, case_id)
    since = max(tx.now.date(), before.erase_on or date.min)
    after = before.held(since + HELD_AT_ONCE) if before.is_asked else None
    if after is None or after.held_until is None:
        raise WrongMoment
    erasures.save(tx, case_id, after)
    audit.receipt(tx, actor, "case.erasure-held", case=case_id)
    me = people.member(tx, actor.person)
    others = [each for each in people.coordinators(tx) if each.id != me.id]
    reference = cases.reference_of(tx, case_id)
    params = {"who": me.alias, "reference": reference, "day": _day(after.held_until)}
    people.write_to(tx, others, IS_HELD, params=params)
    return after.held_until


def erase_due(tx: Tx, actor: Actor, *, rings: Rings, parted: Parted) -> int:
    """The clock destroys cases whose day has come; says how many it looked at.

    One that rings waits a day, and again, for two weeks. Its family's chat is parted with all the
    same, and told what it is always told: whoever reads along there learns nothing.
    """
    require(actor, CasePermission.KEEP_HOUSE)
    found = erasures.due(tx, ERASED_AT_ONCE)
    for case in found:
        days = erasures.erasure_of(tx, case.id)
        first = _part(tx, case, days)
        if first:
            parted(tx, case.id)
        if days.is_held(tx.now.date()):
            continue
        waits = days.held(tx.now.date() + TO_BE_SURE) if rings(tx, case.id) else None
        if waits is None:
            _erase(tx, actor, case)
        else:
            _wait(tx, actor, case, waits, first=first)
    return len(found)


def _part(tx: Tx, case: Case, days: Erasure) -> bool:
    """The family's own half of the end; False where it was done before."""
    found = families.contact_of(tx, case.id)
    if found is None:
        return False
    running = case.status is not CaseStatus.CLOSED
    if days.is_asked:
        if running:  # what waits for the chat may hold their words
            outbox.cancel_chat(tx, found[1].chat)
        letter_to_family(tx, case, IS_DONE)
    if Purpose.STATISTICS in found[1].allowed:
        left = Outcome.LEFT if running else Outcome.LOST_TOUCH
        erasures.count_in(tx, case, Outcome(case.card.outcome or left))
    erasures.part(tx, case.id)
    return True


def _wait(tx: Tx, actor: Actor, case: Case, waits: Erasure, *, first: bool) -> None:
    erasures.save(tx, case.id, waits)
    audit.receipt(tx, actor, "case.erasure-waits", case=case.id)
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


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
