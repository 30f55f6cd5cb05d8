"""Nobody comes in on one person's word, and nobody decides about themselves."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from network.db import writing
from network.door import Door
from network.encryption.sealed import Sealed
from network.kernel.actor import Engine, Nobody, Role
from network.kernel.errors import BadInput, NotAllowed, NotVisible, Refused, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, new_id
from network.people import services
from network.people.domain import INVITATION_LASTS, Keys, Newcomer, Standing
from network.people.store import locks
from tests.cast import Cast, Somebody, somebody
from tests.ground.clock import StillClock

CLI = Engine("cli")


def newcomer(cast: Cast, handle: str) -> Newcomer:
    """Somebody at the end of joining, with somebody's keys: these stories open nothing."""
    nothing = Sealed(b"not opened in this story")
    keys = Keys(cast.dino.keys.public, nothing, nothing, bytes(16))
    return Newcomer(PersonId(new_id()), handle, handle.title(), "es", keys, nothing, 0)


def standing(door: Door, one: Somebody) -> Standing:
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        return services.member(tx, one.id).standing


def test_two_different_coordinators_let_an_applicant_in(door: Door, cast: Cast) -> None:
    assert door.ask(services.approve, cast.alice.id, person_id=cast.dino.id) is Standing.APPLIED
    assert not door.look(services.whoami, cast.dino.id).active

    assert door.ask(services.approve, cast.elena.id, person_id=cast.dino.id) is Standing.ACTIVE
    assert door.look(services.whoami, cast.dino.id).active


def test_one_coordinator_twice_is_still_one(door: Door, cast: Cast) -> None:
    door.ask(services.approve, cast.alice.id, person_id=cast.dino.id)

    with pytest.raises(WrongMoment):
        door.ask(services.approve, cast.alice.id, person_id=cast.dino.id)

    assert standing(door, cast.dino) is Standing.APPLIED


def test_the_yes_of_a_coordinator_stopped_since_counts_no_more(door: Door, cast: Cast) -> None:
    third = somebody(door, "farid", Role.COORDINATOR)
    door.ask(services.approve, third.id, person_id=cast.dino.id)
    door.ask(services.suspend, cast.alice.id, person_id=third.id)

    assert door.ask(services.approve, cast.elena.id, person_id=cast.dino.id) is Standing.APPLIED


def test_an_applicant_for_coordination_cannot_say_yes_to_themselves(door: Door, cast: Cast) -> None:
    applicant = somebody(door, "gala", Role.COORDINATOR, standing=Standing.APPLIED)

    with pytest.raises(NotAllowed):
        door.ask(services.approve, applicant.id, person_id=applicant.id)
    door.ask(services.approve, cast.alice.id, person_id=applicant.id)
    with pytest.raises(NotAllowed):
        door.ask(services.approve, applicant.id, person_id=applicant.id)

    assert standing(door, applicant) is Standing.APPLIED


@pytest.mark.parametrize("_round", range(5))
def test_two_yeses_at_the_same_moment_are_two(door: Door, cast: Cast, _round: int) -> None:
    start = Barrier(2)

    def say_yes(coordinator: Somebody) -> Standing:
        start.wait()
        return door.ask(services.approve, coordinator.id, person_id=cast.dino.id)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(say_yes, [cast.alice, cast.elena]))

    assert sorted(answers) == [Standing.ACTIVE, Standing.APPLIED]
    assert standing(door, cast.dino) is Standing.ACTIVE


def test_an_invited_person_waits_and_one_from_the_command_line_does_not(
    door: Door, cast: Cast
) -> None:
    invited = door.ask(services.invite, cast.alice.id, role=Role.ACTIVIST)
    vouched = door.ask(services.invite, CLI, role=Role.COORDINATOR)

    assert join(door, invited, newcomer(cast, "gael")) is Standing.APPLIED
    assert join(door, vouched, newcomer(cast, "hana")) is Standing.ACTIVE


def join(door: Door, token: Plaintext, who: Newcomer) -> Standing:
    return door.ask(services.join, Nobody(), token=token, newcomer=who)


def test_a_link_works_once_and_for_a_week(door: Door, cast: Cast, clock: StillClock) -> None:
    used = door.ask(services.invite, cast.alice.id, role=Role.ACTIVIST)
    join(door, used, newcomer(cast, "gael"))
    with pytest.raises(NotVisible):
        join(door, used, newcomer(cast, "hana"))

    late = door.ask(services.invite, cast.alice.id, role=Role.ACTIVIST)
    clock.advance(INVITATION_LASTS)
    with pytest.raises(NotVisible):
        door.look(services.invitation, Nobody(), token=late)
    with pytest.raises(NotVisible):
        join(door, late, newcomer(cast, "hana"))


@pytest.mark.parametrize("_round", range(5))
def test_of_three_with_one_link_one_comes_in(door: Door, cast: Cast, _round: int) -> None:
    token = door.ask(services.invite, cast.alice.id, role=Role.ACTIVIST)
    start = Barrier(3)

    def try_to_join(handle: str) -> str:
        who = newcomer(cast, handle)
        start.wait()
        try:
            return join(door, token, who).value
        except Refused as refusal:
            return refusal.key

    with ThreadPoolExecutor(3) as pool:
        answers = sorted(pool.map(try_to_join, ["gael", "hana", "ivan"]))

    assert answers == ["applied", "not_found", "not_found"]
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        assert services.count_members(tx) == 6


def test_two_people_cannot_have_one_name(door: Door, cast: Cast) -> None:
    token = door.ask(services.invite, cast.alice.id, role=Role.ACTIVIST)

    with pytest.raises(BadInput) as refusal:
        join(door, token, newcomer(cast, "bilal"))
    assert refusal.value.reason == "handle_taken"

    join(door, token, newcomer(cast, "gael"))  # the link was not spent on it


def test_nobody_is_invited_to_be_the_machine(door: Door, cast: Cast) -> None:
    for role in (Role.MACHINE, Role.FAMILY, Role.STRANGER):
        with pytest.raises(BadInput):
            door.ask(services.invite, cast.alice.id, role=role)


def test_suspension_bites_at_once_in_the_bot_and_on_the_web(door: Door, cast: Cast) -> None:
    browser = cast.bilal.at_desk
    assert door.look(services.whoami, browser).active

    door.ask(services.suspend, cast.alice.id, person_id=cast.bilal.id)

    with pytest.raises(NotVisible):
        door.look(services.whoami, browser)
    assert not door.look(services.whoami, cast.bilal.in_chat).active
    with pytest.raises(NotAllowed):
        door.ask(services.new_link_code, cast.bilal.id)

    door.ask(services.restore, cast.elena.id, person_id=cast.bilal.id)
    assert door.look(services.whoami, cast.bilal.in_chat).active
    with pytest.raises(NotVisible):
        door.look(services.whoami, browser)  # the old session does not come back


def test_a_stopped_coordinator_is_off_duty_and_their_links_are_closed(
    door: Door, cast: Cast
) -> None:
    door.ask(services.set_duty, cast.elena.id)
    token = door.ask(services.invite, cast.elena.id, role=Role.ACTIVIST)

    door.ask(services.suspend, cast.alice.id, person_id=cast.elena.id)

    with pytest.raises(NotVisible):
        door.look(services.invitation, Nobody(), token=token)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        assert [one.id for one in services.receivers(tx)] == [cast.alice.id]


def test_whoever_is_put_out_leaves_nothing_to_come_in_by(door: Door, cast: Cast) -> None:
    door.ask(services.put_out, cast.alice.id, person_id=cast.bilal.id)

    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        gone = services.member(tx, cast.bilal.id)
        assert (gone.public_key, gone.profile.chat, gone.profile.handle) == (None, None, "")
        assert gone.alias == "Bilal"  # what he wrote still says who wrote it
        assert locks.named(tx, "bilal") is None
    assert door.look(services.whoami, cast.bilal.in_chat).role is Role.FAMILY
    with pytest.raises(WrongMoment):
        door.ask(services.restore, cast.elena.id, person_id=cast.bilal.id)


def test_a_removed_name_stays_taken(door: Door, cast: Cast) -> None:
    door.ask(services.put_out, cast.alice.id, person_id=cast.bilal.id)
    token = door.ask(services.invite, cast.alice.id, role=Role.ACTIVIST)

    with pytest.raises(BadInput):
        join(door, token, newcomer(cast, "bilal"))


def test_whoever_is_on_duty_receives_and_everybody_when_nobody_is(door: Door, cast: Cast) -> None:
    def receivers() -> set[object]:
        with writing(door.database, door.now(), door.secret, door.pack) as tx:
            return {one.id for one in services.receivers(tx)}

    assert receivers() == {cast.alice.id, cast.elena.id}
    door.ask(services.set_duty, cast.elena.id)
    assert receivers() == {cast.elena.id}
    door.ask(services.leave_duty, cast.elena.id)
    assert receivers() == {cast.alice.id, cast.elena.id}


VERBS = (
    services.approve,
    services.refuse,
    services.suspend,
    services.restore,
    services.removable,
    services.put_out,
)


@pytest.mark.parametrize("verb", VERBS)
def test_an_activist_does_not_even_see_whom_to_decide_about(
    door: Door, cast: Cast, verb: Callable[..., object]
) -> None:
    for card in (cast.bilal.id, cast.bilal.at_desk, cast.bilal.in_chat, cast.dino.id, cast.family):
        with pytest.raises((NotVisible, NotAllowed)):
            door.ask(verb, card, person_id=cast.chiara.id)
    assert standing(door, cast.chiara) is Standing.ACTIVE


def test_only_coordination_sees_everybody(door: Door, cast: Cast) -> None:
    assert len(door.look(services.people, cast.alice.at_desk).members) == 4
    for card in (cast.bilal.at_desk, cast.dino.id, cast.family, Nobody()):
        with pytest.raises(NotAllowed):
            door.look(services.people, card)
        with pytest.raises(NotAllowed):
            door.ask(services.invite, card, role=Role.ACTIVIST)
