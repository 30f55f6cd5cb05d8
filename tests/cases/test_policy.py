"""The whole policy table, spelled out a second time on purpose; and the moves, likewise."""

from datetime import UTC, datetime
from itertools import product
from uuid import uuid4

import pytest

from network.cases.domain import MOVES, Card, Case, CaseStatus
from network.cases.policy import CasePermission, may, require
from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed, WrongMoment
from network.kernel.ids import CaseId, PersonId

# Who may at all; then what an activist may only beside the family; then what a closed case bears.
ALLOWED = {
    "family": {"case:ask", "case:hear", "case:choose-holders", "case:leave", "case:allow",
               "case:forbid"},
    "coordinator": {
        "case:read", "case:write", "case:note", "case:triage", "case:offer", "case:share",
        "case:drop", "case:rekey", "case:rest", "case:close", "case:remove-member",
        "case:renew", "case:see-exposure", "case:raise-reach", "case:break-glass", "case:export",
        "case:hold-erasure",
    },
    "activist": {
        "case:read", "case:write", "case:note", "case:answer-offer", "case:withdraw", "case:rest",
        "case:renew",
    },
    "machine": {"case:keep-house"},
    "stranger": set[str](),
}  # fmt: skip
ONLY_BESIDE_THEM = {"case:write", "case:withdraw", "case:rest"}
EVEN_CLOSED = {"case:read", "case:leave", "case:forbid", "case:break-glass", "case:export"}
MEMBERS = {Role.COORDINATOR, Role.ACTIVIST}


def expected(
    role: Role, permission: CasePermission, *, active: bool, beside: bool, closed: bool
) -> bool:
    name = permission.value
    if name not in ALLOWED[role.value]:
        return False
    if role in MEMBERS and not active:
        return False
    if closed and name not in EVEN_CLOSED:
        return False
    return not (role is Role.ACTIVIST and name in ONLY_BESIDE_THEM and not beside)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize("closed", [True, False])
def test_policy(role: Role, *, active: bool, beside: bool, closed: bool) -> None:
    me = PersonId(uuid4())
    actor = Actor(role, me, active=active)
    status = CaseStatus.CLOSED if closed else CaseStatus.ACCOMPANIED
    case = a_case(status, activist=me if beside else PersonId(uuid4()))
    for permission in CasePermission:
        allowed = expected(role, permission, active=active, beside=beside, closed=closed)
        assert may(actor, permission, case) is allowed, permission
        assert _is_refused(actor, permission, case) is not allowed, permission


def _is_refused(actor: Actor, permission: CasePermission, case: Case) -> bool:
    try:
        require(actor, permission, case)
    except NotAllowed:
        return True
    return False


def a_case(status: CaseStatus, *, activist: PersonId | None = None) -> Case:
    card = Card("rio-maple", "lago-tela")
    now = datetime(2030, 1, 1, tzinfo=UTC)
    return Case(CaseId(uuid4()), status, None, now, card, epoch=1, activist=activist)


ARROWS = {
    "received": "triaged closed",
    "triaged": "offered closed",
    "offered": "accompanied triaged closed",
    "accompanied": "resting triaged closed",
    "resting": "accompanied triaged closed",
    "closed": "",
}


@pytest.mark.parametrize(("start", "target"), list(product(CaseStatus, CaseStatus)))
def test_moves(start: CaseStatus, target: CaseStatus) -> None:
    if target.value in ARROWS[start.value].split():
        assert a_case(start).moved_to(target).status is target
    else:
        with pytest.raises(WrongMoment):
            a_case(start).moved_to(target)


def test_every_status_can_be_reached_and_left() -> None:
    reached = {target for targets in MOVES.values() for target in targets}
    assert reached == set(CaseStatus) - {CaseStatus.RECEIVED}
    assert [each for each, targets in MOVES.items() if not targets] == [CaseStatus.CLOSED]


def test_neither_a_case_nor_its_card_prints_its_words() -> None:
    shown = repr(a_case(CaseStatus.RECEIVED))
    assert "maple" not in shown
    assert "tela" not in shown
