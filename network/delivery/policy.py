"""Who may do what with letters that did not get through, and with channels. Pure."""

from enum import StrEnum

from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed


class DeliveryPermission(StrEnum):
    """One thing somebody may do here. Nobody may read a letter."""

    SEE_LETTERS = "delivery:see-letters"
    RETRY_LETTER = "delivery:retry-letter"
    CANCEL_LETTER = "delivery:cancel-letter"
    OWN_CHANNELS = "delivery:own-channels"
    CARRY = "delivery:carry"
    CUT = "delivery:cut"


ROLES: dict[DeliveryPermission, frozenset[Role]] = {
    DeliveryPermission.SEE_LETTERS: frozenset({Role.COORDINATOR}),
    DeliveryPermission.RETRY_LETTER: frozenset({Role.COORDINATOR}),
    DeliveryPermission.CANCEL_LETTER: frozenset({Role.COORDINATOR}),
    DeliveryPermission.OWN_CHANNELS: frozenset({Role.COORDINATOR, Role.ACTIVIST}),
    DeliveryPermission.CARRY: frozenset({Role.MACHINE}),
    DeliveryPermission.CUT: frozenset({Role.COORDINATOR}),
}


def require(actor: Actor, permission: DeliveryPermission) -> None:
    """Return if the actor may, raise NotAllowed if not."""
    standing = actor.active or actor.role is Role.MACHINE
    if actor.role not in ROLES[permission] or not standing:
        raise NotAllowed
