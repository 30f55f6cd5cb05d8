"""What the clock does: applications that led nowhere are destroyed in time."""

from network import audit
from network.db import Tx
from network.kernel.actor import Actor
from network.people import services as people
from network.people.domain import Standing
from network.vetting import store
from network.vetting.policy import VettingPermission, require


def erase_due(tx: Tx, actor: Actor) -> int:
    """Destroy what has been kept for long enough, with the account of whoever was not let in."""
    require(actor, VettingPermission.KEEP_HOUSE)
    due = store.due_for_erasure(tx, tx.now.date())
    for application in due:
        person = people.who_used(tx, application.invitation)
        member = people.member(tx, person) if person else None
        if member is not None and member.standing is Standing.APPLIED:
            people.send_away(tx, member)
        store.erase(tx, application.id)
        audit.receipt(tx, actor, "vetting.erased", subject=application.id)
    return len(due)
