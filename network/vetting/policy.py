"""Who may do what on the path in. Pure, and the only place that knows.

The second net: by the time it is asked, the store has found the application for this very actor.
"""

from enum import StrEnum

from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed


class VettingPermission(StrEnum):
    """One thing somebody may do about an application, or about a colleague's review."""

    APPLY = "vetting:apply"
    SEE_OWN = "vetting:see-own"
    SEE = "vetting:see"
    DECIDE = "vetting:decide"
    REVIEW = "vetting:review"
    KEEP_HOUSE = "vetting:keep-house"


COORDINATION = frozenset({Role.COORDINATOR})
OUTSIDE = frozenset({Role.STRANGER, Role.FAMILY})

ROLES: dict[VettingPermission, frozenset[Role]] = {
    VettingPermission.APPLY: OUTSIDE,
    VettingPermission.SEE_OWN: OUTSIDE | {Role.ACTIVIST, Role.COORDINATOR},
    VettingPermission.SEE: COORDINATION,
    VettingPermission.DECIDE: COORDINATION,
    VettingPermission.REVIEW: COORDINATION,
    VettingPermission.KEEP_HOUSE: frozenset({Role.MACHINE}),
}
WITHOUT_STANDING = frozenset({VettingPermission.APPLY, VettingPermission.SEE_OWN})


def require(actor: Actor, permission: VettingPermission) -> None:
    """Return if the actor may, raise NotAllowed if not."""
    standing = actor.active or actor.role is Role.MACHINE or permission in WITHOUT_STANDING
    if actor.role not in ROLES[permission] or not standing:
        raise NotAllowed
