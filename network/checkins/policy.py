"""Who may do what with check-ins and alarms. Pure, and the only place that knows.

Alarms and late questions are known to every active coordinator, by reference and without a word of
what was said: the ladder tells them all in the end, and nobody may fall through because the one who
holds the key is asleep. An activist knows those of the families they accompany. A member is asked
by rhythms and trips of their own, which are theirs to set.
"""

from enum import StrEnum

from network.checkins.domain.subjects import Subject
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed
from network.kernel.ids import PersonId


class CheckinPermission(StrEnum):
    """One thing somebody may do here. Setting a rhythm is the cases room's question."""

    SPEAK = "checkin:speak"
    OWN_CHECKINS = "checkin:own"
    OWN_TRIP = "checkin:own-trip"
    SEE_ALARMS = "checkin:see-alarms"
    SEE_DESK = "checkin:see-desk"
    LOOK_AFTER_ALL = "checkin:look-after-all"


ROLES: dict[CheckinPermission, frozenset[Role]] = {
    CheckinPermission.SPEAK: frozenset({Role.FAMILY}),
    CheckinPermission.OWN_CHECKINS: frozenset({Role.COORDINATOR, Role.ACTIVIST}),
    CheckinPermission.OWN_TRIP: frozenset({Role.COORDINATOR, Role.ACTIVIST}),
    CheckinPermission.SEE_ALARMS: frozenset({Role.COORDINATOR, Role.ACTIVIST}),
    CheckinPermission.SEE_DESK: frozenset({Role.COORDINATOR}),
    CheckinPermission.LOOK_AFTER_ALL: frozenset({Role.MACHINE}),
}
MEMBERS = frozenset({Role.COORDINATOR, Role.ACTIVIST})
# Whoever is on the way is waited for, and may call for help, also when suspended meanwhile.
ALSO_SUSPENDED = frozenset({CheckinPermission.OWN_TRIP})


def require(actor: Actor, permission: CheckinPermission) -> None:
    """Return if the actor may, raise NotAllowed if not."""
    standing = actor.active or actor.role not in MEMBERS or permission in ALSO_SUSPENDED
    if actor.role not in ROLES[permission] or not standing:
        raise NotAllowed


def concerns(actor: Actor, about: Subject, accompanier: PersonId | None) -> bool:
    """Whether an alarm about somebody, whom `accompanier` goes with, is this member's to know.

    Nobody ends, or learns of, an alarm about themselves: their telephone may be in other hands.
    """
    return actor.active and may_have(actor.role, actor.person_id, about, accompanier)


def may_have(
    role: Role, person: PersonId | None, about: Subject, accompanier: PersonId | None
) -> bool:
    """Whether somebody active can have an alarm about somebody, and do something about it."""
    if person == about.person:
        return False
    return role is Role.COORDINATOR or (role is Role.ACTIVIST and person == accompanier)
