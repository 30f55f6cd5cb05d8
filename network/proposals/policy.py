"""Who may propose and decide. Pure, and the only place that knows.

Who is one of the two pairs of eyes on a given proposal is the services' question: neither may be
its subject, and they may not be the same person.
"""

from enum import StrEnum

from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed


class ProposalPermission(StrEnum):
    """One thing somebody may do to a proposal."""

    SEE = "proposal:see"
    PROPOSE = "proposal:propose"
    CONFIRM = "proposal:confirm"
    DECLINE = "proposal:decline"
    WITHDRAW = "proposal:withdraw"
    KEEP_HOUSE = "proposal:keep-house"


COORDINATION = frozenset({Role.COORDINATOR})

ROLES: dict[ProposalPermission, frozenset[Role]] = {
    ProposalPermission.SEE: COORDINATION,
    ProposalPermission.PROPOSE: COORDINATION,
    ProposalPermission.CONFIRM: COORDINATION,
    ProposalPermission.DECLINE: COORDINATION,
    ProposalPermission.WITHDRAW: COORDINATION,
    ProposalPermission.KEEP_HOUSE: frozenset({Role.MACHINE}),
}


def require(actor: Actor, permission: ProposalPermission) -> None:
    """Return if the actor may, raise NotAllowed if not."""
    standing = actor.active or actor.role is Role.MACHINE
    if actor.role not in ROLES[permission] or not standing:
        raise NotAllowed
