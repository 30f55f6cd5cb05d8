"""Ending a case: closed by a coordinator and erased in time, or when its family asks for it."""

from dataclasses import replace
from datetime import date, timedelta

from network import audit, outbox
from network.cases.domain import Case, CaseStatus, OfferStatus, Outcome, Purpose
from network.cases.policy import CasePermission, require
from network.cases.services.intake import letter_to_family, responders
from network.cases.store import cases, offers
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.ids import CaseId
from network.kernel.words import N_
from network.outbox.domain import Button, Letter, Priority
from network.people import services as people
from network.quorum import services as quorum

ERASED_AT_ONCE = 1  # with all its files: nobody else can write meanwhile

ENDS_HERE = N_(
    "We end here. What you wrote is erased in %(days)s days. If you need somebody again, write here"
    " whenever you want."
)
ONE_DAY = N_(
    "There is no hurry, and no need. You know what few people know. If one day you want to be"
    " beside others, press here."
)
I_TOO = N_("I want to be beside others")
HAS_ENDED = N_("%(reference)s has ended.")
IS_DONE = N_("What you asked for is done. If you need somebody again, write /start.")


def close(tx: Tx, actor: Actor, *, case_id: CaseId, outcome: Outcome) -> None:
    """A coordinator ends a case. Open offers die, the chat is free, the retention clock starts."""
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.CLOSE, case)
    after = replace(
        case.moved_to(CaseStatus.CLOSED), card=replace(case.card, outcome=outcome.value)
    )
    kept = tx.pack.access.kept_after_closing
    today = tx.now.date()
    offers.end(tx, offers.open_of(tx, [case.id]), OfferStatus.WITHDRAWN)
    asked = cases.erasure_of(tx, case.id)[1]
    last_day = min(kept_until(tx, today), asked or date.max)
    cases.move(tx, case, after, closed_on=today, erase_on=last_day)
    cases.release_chat(tx, case.id)
    audit.receipt(tx, actor, "case.closed", case=case.id)
    letter_to_family(tx, after, ENDS_HERE, params={"days": str(kept.days)})
    _tell_those_who_answered(tx, after)


def close_and_invite(tx: Tx, actor: Actor, *, case_id: CaseId, outcome: Outcome) -> None:
    """The same, and the family hears that one day they could help others, if they wish."""
    case = cases.get(tx, actor, case_id)
    close(tx, actor, case_id=case_id, outcome=outcome)
    found = cases.contact_of(tx, case.id)
    if found is None:
        return
    letter = Letter(
        to=found[1].chat,
        language=found[1].language,
        say=ONE_DAY,
        buttons=((Button(I_TOO, "apply:beside"),),),
        priority=Priority.NOTICE,
    )
    outbox.promise(tx, letter)


def was_accompanied(tx: Tx, actor: Actor) -> bool:
    """Whether the network was beside whoever writes from this chat, and it has ended."""
    return cases.had_case(tx, actor)


def kept_until(tx: Tx, closed_on: date) -> date:
    """The day a case is erased that was closed on this one, unless its family asks for an earlier.

    A day's rounding must not end it early: the clock counts whole days from tomorrow.
    """
    return closed_on + tx.pack.access.kept_after_closing + timedelta(days=1)


def erase_due(tx: Tx, actor: Actor) -> int:
    """The clock destroys cases whose retention has passed; says how many."""
    require(actor, CasePermission.KEEP_HOUSE)
    due = cases.due_for_erasure(tx, tx.now.date(), ERASED_AT_ONCE)
    for case in due:
        _erase(tx, actor, case)
    return len(due)


def _erase(tx: Tx, actor: Actor, case: Case) -> None:
    found = cases.contact_of(tx, case.id)
    running = case.status is not CaseStatus.CLOSED
    if running:
        _tell_those_who_answered(tx, case)
    if found is not None and _was_asked_for(tx, case):
        if running:  # what waits for the chat may hold their words
            outbox.cancel_chat(tx, found[1].chat)
        letter_to_family(tx, case, IS_DONE)
    if found is not None and Purpose.STATISTICS in found[1].allowed:
        left = Outcome.LEFT if running else Outcome.LOST_TOUCH
        cases.count_in(tx, case, Outcome(case.card.outcome or left))
    audit.receipt(tx, actor, "case.erased", case=case.id)
    quorum.forget_case(tx, case.id)
    cases.erase(tx, case)


def _was_asked_for(tx: Tx, case: Case) -> bool:
    closed_on, erase_on = cases.erasure_of(tx, case.id)
    return closed_on is None or (erase_on is not None and erase_on < kept_until(tx, closed_on))


def _tell_those_who_answered(tx: Tx, case: Case) -> None:
    found = responders(tx, case.id)
    readers = (*found.coordinators, *((found.accompanier,) if found.accompanier else ()))
    people.write_to(tx, readers, HAS_ENDED, params={"reference": case.card.reference})
