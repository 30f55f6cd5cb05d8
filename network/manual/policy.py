"""Who may do what with what is kept about the handbook. Pure, and the only place that knows.

Sending a section to a family is the cases room's question, and reading the handbook is nobody's.
"""

from enum import StrEnum

from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed


class ManualPermission(StrEnum):
    """One thing somebody may do here."""

    TEST_LINES = "manual:test-lines"
    REVIEW = "manual:review"
    SEE_TOTALS = "manual:see-totals"
    SEE_TRAINING = "manual:see-training"
    LEARN = "manual:learn"
    CHECK = "manual:check"


COORDINATION = frozenset({Role.COORDINATOR})
MEMBERS = frozenset({Role.COORDINATOR, Role.ACTIVIST})

ROLES: dict[ManualPermission, frozenset[Role]] = {
    ManualPermission.TEST_LINES: COORDINATION,
    ManualPermission.REVIEW: COORDINATION,
    ManualPermission.SEE_TOTALS: COORDINATION,
    ManualPermission.SEE_TRAINING: COORDINATION | {Role.MACHINE},
    ManualPermission.LEARN: MEMBERS,
    ManualPermission.CHECK: frozenset({Role.MACHINE}),
}
# Somebody who waits to be let in may learn meanwhile: the network may ask for it first.
WHILE_WAITING = frozenset({ManualPermission.LEARN})


def allowed(actor: Actor, permission: ManualPermission) -> bool:
    """Whether the actor may."""
    if actor.role not in ROLES[permission]:
        return False
    return actor.active or actor.role is Role.MACHINE or permission in WHILE_WAITING


def require(actor: Actor, permission: ManualPermission) -> None:
    """Return if the actor may, raise NotAllowed if not."""
    if not allowed(actor, permission):
        raise NotAllowed
