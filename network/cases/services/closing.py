"""Ending a case: closed and erased in time, or left by its family and erased now."""

from dataclasses import replace
from datetime import timedelta

from network import audit, outbox
from network.cases.domain import Case, CaseStatus, OfferStatus, Outcome
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
    # A day's rounding must not end it early: the clock counts whole days from tomorrow.
    last_day = today + kept + timedelta(days=1)
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


def leave(tx: Tx, actor: Actor) -> None:
    """The family ends its case and everything in it is destroyed now, waiting letters too."""
    found = cases.hold_family(tx, actor)
    require(actor, CasePermission.LEAVE, found.case)
    _tell_those_who_answered(tx, found.case)
    outbox.cancel_chat(tx, found.contact.chat)
    _erase(tx, actor, found.case, Outcome.LEFT)


def erase_due(tx: Tx, actor: Actor) -> int:
    """The clock destroys cases whose retention has passed; says how many."""
    require(actor, CasePermission.KEEP_HOUSE)
    due = cases.due_for_erasure(tx, tx.now.date(), ERASED_AT_ONCE)
    for case in due:
        _erase(tx, actor, case, Outcome(case.card.outcome or Outcome.LOST_TOUCH))
    return len(due)


def _erase(tx: Tx, actor: Actor, case: Case, outcome: Outcome) -> None:
    audit.receipt(tx, actor, "case.erased", case=case.id)
    quorum.forget_case(tx, case.id)
    cases.erase(tx, case, outcome)


def _tell_those_who_answered(tx: Tx, case: Case) -> None:
    found = responders(tx, case.id)
    readers = (*found.coordinators, *((found.accompanier,) if found.accompanier else ()))
    people.write_to(tx, readers, HAS_ENDED, params={"reference": case.card.reference})
