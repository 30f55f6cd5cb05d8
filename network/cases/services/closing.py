"""Ending a case: a coordinator closes it, and the time begins after which it is erased."""

from dataclasses import replace

from network import audit, outbox
from network.cases.domain import Case, CaseStatus, OfferStatus, Outcome
from network.cases.policy import CasePermission, require
from network.cases.services.erasing import HAS_ENDED
from network.cases.services.intake import letter_to_family, responders
from network.cases.store import cases, erasures, families, offers
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.ids import CaseId
from network.kernel.words import N_
from network.outbox.domain import Button, Letter, Priority
from network.people import services as people

ENDS_HERE = N_(
    "We end here. What you wrote is erased in %(days)s days. From now on nobody reads what is"
    " written in this chat, and no word calls anybody. If you need somebody again, whenever that"
    " is, press the button."
)
SOMEBODY_AGAIN = Button(N_("Talk with a person"), "person:unsaid")
ONE_DAY = N_(
    "There is no hurry, and no need. You know what few people know. If one day you want to be"
    " beside others, press here."
)
I_TOO = N_("I want to be beside others")


def close(tx: Tx, actor: Actor, *, case_id: CaseId, outcome: Outcome) -> None:
    """A coordinator ends a case. Open offers die, the chat is free, the retention clock starts."""
    case = cases.hold(tx, actor, case_id)
    require(actor, CasePermission.CLOSE, case)
    after = replace(
        case.moved_to(CaseStatus.CLOSED), card=replace(case.card, outcome=outcome.value)
    )
    today = tx.today
    offers.end(tx, offers.open_of(tx, [case.id]), OfferStatus.WITHDRAWN)
    days = erasures.erasure_of(tx, case.id).closed(today)
    cases.move(tx, case, after, closed_on=days.closed_on, erase_on=days.erase_on)
    families.release_chat(tx, case.id)
    audit.receipt(tx, actor, "case.closed", case=case.id)
    letter_to_family(
        tx, after, ENDS_HERE, params={"days": str(days.days_kept)}, buttons=((SOMEBODY_AGAIN,),)
    )
    _tell_those_who_answered(tx, after)


def close_and_invite(tx: Tx, actor: Actor, *, case_id: CaseId, outcome: Outcome) -> None:
    """The same, and the family hears that one day they could help others, if they wish."""
    case = cases.get(tx, actor, case_id)
    close(tx, actor, case_id=case_id, outcome=outcome)
    found = families.contact_of(tx, case.id)
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
    return families.had_case(tx, actor)


def _tell_those_who_answered(tx: Tx, case: Case) -> None:
    readers = responders(tx, case.id).everybody
    people.write_to(tx, readers, HAS_ENDED, params={"reference": case.card.reference})
