"""Who may do what to whom among the members. Pure, and the only place that knows."""

from enum import StrEnum

from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed
from network.people.domain import Member


class PersonPermission(StrEnum):
    """What can be done to a colleague, or to oneself."""

    SEE_EVERYBODY = "person:see-everybody"
    INVITE = "person:invite"
    APPROVE = "person:approve"
    REFUSE = "person:refuse"
    SUSPEND = "person:suspend"
    RESTORE = "person:restore"
    REMOVE = "person:remove"
    LET_RETURN = "person:let-return"
    TAKE_DUTY = "person:take-duty"
    LINK_CHAT = "person:link-chat"
    OWN_ACCOUNT = "person:own-account"
    END_EVERY_SESSION = "person:end-every-session"


COORDINATION = frozenset({Role.COORDINATOR})
MEMBERS = frozenset({Role.COORDINATOR, Role.ACTIVIST})

ROLES: dict[PersonPermission, frozenset[Role]] = {
    PersonPermission.SEE_EVERYBODY: COORDINATION | {Role.MACHINE},
    PersonPermission.INVITE: COORDINATION | {Role.MACHINE},
    PersonPermission.APPROVE: COORDINATION,
    PersonPermission.REFUSE: COORDINATION,
    PersonPermission.SUSPEND: COORDINATION,
    PersonPermission.RESTORE: COORDINATION,
    PersonPermission.REMOVE: COORDINATION,
    PersonPermission.LET_RETURN: COORDINATION,
    PersonPermission.TAKE_DUTY: COORDINATION,
    PersonPermission.LINK_CHAT: MEMBERS,
    PersonPermission.OWN_ACCOUNT: MEMBERS,
    PersonPermission.END_EVERY_SESSION: frozenset({Role.MACHINE}),
}
# Somebody who waits to be vetted may still change their own passphrase.
WHILE_WAITING = frozenset({PersonPermission.OWN_ACCOUNT})


def allowed(actor: Actor, permission: PersonPermission, subject: Member | None = None) -> bool:
    """Whether the actor may. Nobody decides about themselves."""
    if actor.role not in ROLES[permission]:
        return False
    standing = actor.active or actor.role is Role.MACHINE or permission in WHILE_WAITING
    return standing and (subject is None or subject.id != actor.person_id)


def require_outside(actor: Actor) -> None:
    """Return if whoever asks has not come in yet, raise NotAllowed if they have."""
    if actor.role is not Role.STRANGER:
        raise NotAllowed


def require(actor: Actor, permission: PersonPermission, subject: Member | None = None) -> None:
    """Return if the actor may, raise NotAllowed if not."""
    if not allowed(actor, permission, subject):
        raise NotAllowed
