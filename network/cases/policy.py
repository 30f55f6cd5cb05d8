"""Who may do what to a case. Pure, and the only place that knows.

The second net: by the time it is asked, the store has already found the case for this very actor.
"""

from enum import StrEnum

from network.cases.domain import Case, CaseStatus
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed


class CasePermission(StrEnum):
    """One thing somebody may do to one case."""

    ASK = "case:ask"
    HEAR = "case:hear"
    CHOOSE_HOLDERS = "case:choose-holders"
    LEAVE = "case:leave"
    ALLOW = "case:allow"
    FORBID = "case:forbid"
    READ = "case:read"
    WRITE = "case:write"
    NOTE = "case:note"
    TRIAGE = "case:triage"
    OFFER = "case:offer"
    ANSWER_OFFER = "case:answer-offer"
    WITHDRAW = "case:withdraw"
    SHARE = "case:share"
    DROP = "case:drop"
    REKEY = "case:rekey"
    REST = "case:rest"
    CLOSE = "case:close"
    RENEW = "case:renew"
    REMOVE_MEMBER = "case:remove-member"
    SEE_EXPOSURE = "case:see-exposure"
    EXPORT = "case:export"
    BREAK_GLASS = "case:break-glass"
    RAISE_REACH = "case:raise-reach"
    HOLD_ERASURE = "case:hold-erasure"
    KEEP_HOUSE = "case:keep-house"


FAMILY = frozenset({Role.FAMILY})
COORDINATOR = frozenset({Role.COORDINATOR})
ACTIVIST = frozenset({Role.ACTIVIST})
MEMBERS = COORDINATOR | ACTIVIST

ROLES: dict[CasePermission, frozenset[Role]] = {
    CasePermission.ASK: FAMILY,
    CasePermission.HEAR: FAMILY,
    CasePermission.CHOOSE_HOLDERS: FAMILY,
    CasePermission.LEAVE: FAMILY,
    CasePermission.ALLOW: FAMILY,
    CasePermission.FORBID: FAMILY,
    CasePermission.READ: MEMBERS,
    CasePermission.WRITE: MEMBERS,
    CasePermission.NOTE: MEMBERS,
    CasePermission.TRIAGE: COORDINATOR,
    CasePermission.OFFER: COORDINATOR,
    CasePermission.ANSWER_OFFER: ACTIVIST,
    CasePermission.WITHDRAW: ACTIVIST,
    CasePermission.SHARE: COORDINATOR,
    CasePermission.DROP: COORDINATOR,
    CasePermission.REKEY: COORDINATOR,
    CasePermission.REST: MEMBERS,
    CasePermission.CLOSE: COORDINATOR,
    CasePermission.RENEW: MEMBERS,
    CasePermission.REMOVE_MEMBER: COORDINATOR,
    CasePermission.SEE_EXPOSURE: COORDINATOR,
    CasePermission.EXPORT: COORDINATOR,
    CasePermission.BREAK_GLASS: COORDINATOR,
    CasePermission.RAISE_REACH: COORDINATOR,
    CasePermission.HOLD_ERASURE: COORDINATOR,
    CasePermission.KEEP_HOUSE: frozenset({Role.MACHINE}),
}

# What an activist may do only where they are the one who accompanies.
ACCOMPANIER_ONLY = frozenset({CasePermission.WRITE, CasePermission.WITHDRAW, CasePermission.REST})
# A closed case may be read, and proved, until it is erased; and nothing else.
WHEN_CLOSED = frozenset(
    {
        CasePermission.READ,
        CasePermission.LEAVE,
        CasePermission.FORBID,
        CasePermission.EXPORT,
        CasePermission.BREAK_GLASS,
    }
)
# Once its family was parted with, what waits to be destroyed may be read, noted in and held, while
# somebody finds out whether they are well, and access may end or last; nobody new is let in, and
# nothing out.
WHEN_PARTED = frozenset(
    {
        CasePermission.READ,
        CasePermission.NOTE,
        CasePermission.HOLD_ERASURE,
        CasePermission.RENEW,
        CasePermission.REKEY,
        CasePermission.DROP,
        CasePermission.WITHDRAW,
    }
)


TRACED, TRACED_AMONG = "brief.traced", "brief.traced-among"
INQUIRIES = frozenset({TRACED, TRACED_AMONG})


def may(actor: Actor, permission: CasePermission, case: Case | None = None) -> bool:
    """Whether this actor may; `case` is None for what is not about one."""
    if actor.role not in ROLES[permission]:
        return False
    if actor.role in MEMBERS and not actor.active:
        return False
    if case is None:
        return True
    if case.status is CaseStatus.CLOSED and permission not in WHEN_CLOSED:
        return False
    if case.parted and permission not in WHEN_PARTED:
        return False
    return not (
        actor.role is Role.ACTIVIST
        and permission in ACCOMPANIER_ONLY
        and case.activist != actor.person_id
    )


def require(actor: Actor, permission: CasePermission, case: Case | None = None) -> None:
    """Return if the actor may, raise NotAllowed if not."""
    if not may(actor, permission, case):
        raise NotAllowed


def not_shown(actor: Actor) -> frozenset[str]:
    """Lines of a case's log that this reader is not shown: an inquiry does not warn whom it is
    about, and who accompanies may be that.
    """
    return frozenset() if actor.role is Role.COORDINATOR else INQUIRIES


def permissions(actor: Actor, case: Case) -> frozenset[CasePermission]:
    """Everything this actor may do to this case: what a page shows buttons for."""
    return frozenset(each for each in CasePermission if may(actor, each, case))
