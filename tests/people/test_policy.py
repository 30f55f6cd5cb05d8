"""The table of who may do what, restated by hand."""

import pytest

from network.kernel.actor import Actor, Role
from network.kernel.ids import PersonId, new_id
from network.people.policy import PersonPermission as May
from network.people.policy import allowed

COORDINATOR = {
    May.SEE_EVERYBODY,
    May.INVITE,
    May.APPROVE,
    May.REFUSE,
    May.SUSPEND,
    May.RESTORE,
    May.REMOVE,
    May.LET_RETURN,
    May.TAKE_DUTY,
    May.LINK_CHAT,
    May.OWN_ACCOUNT,
}
EXPECTED = {
    (Role.COORDINATOR, True): COORDINATOR,
    (Role.COORDINATOR, False): {May.OWN_ACCOUNT},
    (Role.ACTIVIST, True): {May.LINK_CHAT, May.OWN_ACCOUNT},
    (Role.ACTIVIST, False): {May.OWN_ACCOUNT},
    (Role.FAMILY, False): set(),
    (Role.STRANGER, False): set(),
    (Role.MACHINE, False): {May.SEE_EVERYBODY, May.INVITE, May.END_EVERY_SESSION},
}


@pytest.mark.parametrize(("role", "active"), EXPECTED)
def test_a_role_may_this_and_nothing_else(role: Role, active: bool) -> None:
    actor = Actor(role, PersonId(new_id()), active=active)

    assert {one for one in May if allowed(actor, one)} == EXPECTED[role, active]


def test_every_role_is_in_the_table() -> None:
    assert {role for role, _ in EXPECTED} == set(Role)
