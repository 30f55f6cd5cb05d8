"""What the clock does: applications that led nowhere go in time, reviews are not forgotten."""

from dataclasses import replace

from network import audit
from network.db import Tx
from network.kernel.actor import Actor
from network.kernel.words import N_
from network.people import services as people
from network.people.domain import Clearance, Standing
from network.vetting.domain.path import has_to_be_reminded
from network.vetting.policy import VettingPermission, require
from network.vetting.store import applications

LOOK_WITH_SOMEBODY = N_(
    "By %(day)s somebody of coordination has to look with you at how it goes. Until that is done"
    " you are given nothing new from that day on. Ask for a talk."
)
SOMEBODY_IS_DUE = N_(
    "Somebody has to be looked at again by %(day)s, or they are given nothing new. See «Coming in»"
    " on the web."
)


def erase_due(tx: Tx, actor: Actor) -> int:
    """Destroy what has been kept for long enough, with the account of whoever was not let in."""
    require(actor, VettingPermission.KEEP_HOUSE)
    due = applications.due_for_erasure(tx, tx.now.date())
    for application in due:
        person = people.who_used(tx, application.invitation)
        member = people.member(tx, person) if person else None
        if member is not None and member.standing is Standing.APPLIED:
            people.send_away(tx, member)
        applications.erase(tx, application.id)
        audit.receipt(tx, actor, "vetting.erased", subject=application.id)
    return len(due)


def remind_of_reviews(tx: Tx, actor: Actor) -> int:
    """Whoever is to be looked at again within a month is told so, once, and so is coordination.

    That it was said stands with the day itself, so that no letter goes twice and none is missed
    because the clock stood still. Says how many were told.
    """
    require(actor, VettingPermission.KEEP_HOUSE)
    today, coordinators = tx.now.date(), people.coordinators(tx)
    everybody = (*coordinators, *people.activists(tx))
    due = [each for each in everybody if has_to_be_reminded(each.clearance, today)]
    for each in due:
        people.set_clearance(tx, each, replace(each.clearance, reminded_on=today))
        people.write_to(tx, [each], LOOK_WITH_SOMEBODY, params={"day": _day(each.clearance)})
    if due:
        first = min(due, key=lambda each: each.clearance.review_on or today)
        people.write_to(tx, coordinators, SOMEBODY_IS_DUE, params={"day": _day(first.clearance)})
    return len(due)


def _day(clearance: Clearance) -> str:
    return f"{clearance.review_on:%d/%m/%Y}"
