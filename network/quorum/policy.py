"""Who may do what in the quorum. Pure."""

from enum import StrEnum

from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed


class QuorumPermission(StrEnum):
    """One thing somebody may do here. Whether they hold a share, the store says."""

    SEE = "quorum:see"
    PROPOSE = "quorum:propose"
    SPEAK = "quorum:speak"
    STOP = "quorum:stop"
    FINISH = "quorum:finish"
    KEEP_HOUSE = "quorum:keep-house"


COORDINATION = frozenset({Role.COORDINATOR})

ROLES: dict[QuorumPermission, frozenset[Role]] = {
    QuorumPermission.SEE: COORDINATION,
    QuorumPermission.PROPOSE: COORDINATION,
    QuorumPermission.SPEAK: COORDINATION,
    QuorumPermission.STOP: COORDINATION,
    QuorumPermission.FINISH: COORDINATION,
    QuorumPermission.KEEP_HOUSE: frozenset({Role.MACHINE}),
}


def require(actor: Actor, permission: QuorumPermission) -> None:
    """Return if the actor may, raise NotAllowed if not."""
    standing = actor.active or actor.role is Role.MACHINE
    if actor.role not in ROLES[permission] or not standing:
        raise NotAllowed
