"""Vetting gates every key: whoever asks, and by whatever verb."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from network.cases import services
from network.cases.domain import Urgency
from network.cases.store import keys, offers
from network.db import Tx
from network.door import Door
from network.encryption.sealed import Sealed
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, OfferId, PersonId, new_id
from network.people import services as people
from network.people.domain import Clearance, Level
from network.vetting.domain.gate import Bar, Holding, NotCleared, touches
from network.vetting.services import barred as asked
from tests.cases.conftest import offered_to
from tests.cast import Cast, Somebody, somebody
from tests.vetting.clearing import TEST, allowed, barred, clear

Verb = Callable[[Door, Cast, CaseId, Somebody], object]


def share(door: Door, cast: Cast, case_id: CaseId, to: Somebody) -> object:
    return door.ask(services.share, cast.alice.at_desk, case_id=case_id, with_=to.id)


def hand_over(door: Door, cast: Cast, case_id: CaseId, to: Somebody) -> object:
    return door.ask(services.hand_over, cast.alice.at_desk, case_id=case_id, to=to.id)


def offer(door: Door, cast: Cast, case_id: CaseId, to: Somebody) -> object:
    return offered_to(door, cast, case_id, to)


def put_away(door: Door, _cast: Cast, case_id: CaseId, to: Somebody) -> object:
    """Whatever code: the store itself is asked to keep a key."""
    return door.ask(_give, TEST, case_id=case_id, to=to.id)


def put_aside(door: Door, _cast: Cast, case_id: CaseId, to: Somebody) -> object:
    """The same for a key that waits in an offer."""
    return door.ask(_offer, TEST, case_id=case_id, to=to.id)


def _give(tx: Tx, _actor: Actor, *, case_id: CaseId, to: PersonId) -> None:
    keys.give(tx, case_id, 1, {to: Sealed(b"a key")})


def _offer(tx: Tx, _actor: Actor, *, case_id: CaseId, to: PersonId) -> None:
    made = offers.NewOffer(OfferId(new_id()), to, Sealed(b"a key"), Sealed(b"a brief"))
    offers.add(tx, case_id, 1, tx.now + timedelta(hours=1), [made])


def grants(door: Door, case_id: CaseId, who: Somebody) -> int:
    def count(tx: Tx, _actor: Actor) -> int:
        waiting = [each for each in offers.open_of(tx, [case_id]) if each.member == who.id]
        return len(keys.held_by(tx, case_id, who.id)) + len(waiting)

    return door.look(count, TEST)


VERBS: tuple[tuple[Verb, Role], ...] = (
    (share, Role.ACTIVIST),
    (hand_over, Role.COORDINATOR),
    (offer, Role.ACTIVIST),
    (put_away, Role.ACTIVIST),
    (put_aside, Role.ACTIVIST),
)


def test_whoever_is_barred_gets_no_key_by_any_verb(door: Door, cast: Cast, triaged: CaseId) -> None:
    today = door.now().date()
    given = []
    for number, (verb, role) in enumerate(VERBS):
        for name, clearance in barred(today):
            them = somebody(door, f"{name}-{number}", role, clearance=clearance)
            with pytest.raises((NotCleared, BadInput)):
                verb(door, cast, triaged, them)
            if grants(door, triaged, them):
                given.append((verb.__name__, name))
    assert given == []


def test_whoever_is_cleared_gets_one(door: Door, cast: Cast, triaged: CaseId) -> None:
    for name, clearance in allowed(door.now().date()):
        them = somebody(door, f"yes-{name}", Role.ACTIVIST, clearance=clearance)
        share(door, cast, triaged, them)
        assert grants(door, triaged, them) == 1


def test_an_offer_made_in_time_is_not_accepted_too_late(
    door: Door, cast: Cast, offers: dict[str, OfferId], triaged: CaseId
) -> None:
    for _, clearance in barred(door.now().date()):
        clear(door, cast.bilal, clearance)
        with pytest.raises(NotCleared):
            door.ask(services.accept, cast.bilal.in_chat, offer_id=offers["bilal"])
    assert cast.bilal.id not in readers(door, triaged)
    clear(door, cast.bilal, Clearance(Level.FULL))
    door.ask(services.accept, cast.bilal.in_chat, offer_id=offers["bilal"])


def test_a_new_key_leaves_out_whoever_may_no_longer_hold_it(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    clear(door, cast.bilal, Clearance(Level.FULL, zones=("09",)))

    door.ask(services.rekey, cast.alice.at_desk, case_id=accompanied)

    assert readers(door, accompanied) == {cast.alice.id, cast.elena.id}
    seen = door.ask(services.room, cast.alice.at_desk, case_id=accompanied)
    assert seen.case.activist is None  # and the family was told that they had to stop


@pytest.mark.usefixtures("offers")
def test_offers_that_wait_lose_their_key_with_the_next_one(
    door: Door, cast: Cast, triaged: CaseId
) -> None:
    clear(door, cast.chiara, Clearance(Level.ON_PATH))

    door.ask(services.rekey, cast.alice.at_desk, case_id=triaged)

    assert not door.look(services.my_offers, cast.chiara.at_desk)
    assert door.look(services.my_offers, cast.bilal.at_desk)


def test_somebody_new_holds_beside_somebody_experienced_and_only_what_is_not_urgent(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    newcomer = somebody(door, "gala", Role.ACTIVIST, clearance=Clearance(Level.PROBATION))
    with pytest.raises(NotCleared):  # it is for today
        share(door, cast, accompanied, newcomer)
    soon(door, cast, accompanied, Urgency.WEEK)

    share(door, cast, accompanied, newcomer)
    assert newcomer.id in readers(door, accompanied)

    soon(door, cast, accompanied, Urgency.NOW)
    assert newcomer.id not in readers(door, accompanied)
    soon(door, cast, accompanied, Urgency.WEEK)
    share(door, cast, accompanied, newcomer)
    door.ask(services.withdraw, cast.bilal.at_desk, case_id=accompanied)
    assert newcomer.id not in readers(door, accompanied)


def test_two_who_are_new_do_not_make_one_experienced(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    soon(door, cast, accompanied, Urgency.WEEK)
    newcomer = somebody(door, "gala", Role.ACTIVIST, clearance=Clearance(Level.PROBATION))
    clear(door, cast.bilal, Clearance(Level.PROBATION))

    with pytest.raises(Refused):
        share(door, cast, accompanied, newcomer)


def test_naming_the_place_takes_the_key_from_whoever_has_interests_there(
    door: Door, cast: Cast, received: CaseId
) -> None:
    clear(door, cast.elena, Clearance(Level.FULL, zones=("20",)))
    assert cast.elena.id in readers(door, received)

    place(door, cast.alice, received, "20067")

    assert readers(door, received) == {cast.alice.id}


def test_a_family_is_received_by_whoever_may_and_never_by_nobody_at_all(
    door: Door, cast: Cast
) -> None:
    due = door.now().date()
    clear(door, cast.alice, Clearance(Level.FULL, review_on=due))
    first = door.ask(
        services.intake, cast.family, situation="missing", text=Plaintext("first words")
    ).case.id
    assert readers(door, first) == {cast.elena.id}

    clear(door, cast.elena, Clearance(Level.FULL, review_on=due))
    second = door.ask(
        services.intake, cast.neighbours, situation="missing", text=Plaintext("first words")
    ).case.id
    assert readers(door, second) == {cast.alice.id, cast.elena.id}


def test_a_coordinator_on_duty_whom_vetting_bars_does_not_keep_a_family_waiting(
    door: Door, cast: Cast
) -> None:
    door.ask(people.set_duty, cast.elena.id)
    clear(door, cast.elena, Clearance(Level.ON_PATH))

    opened = door.ask(
        services.intake, cast.family, situation="missing", text=Plaintext("first words")
    )

    assert readers(door, opened.case.id) == {cast.alice.id}


def test_whoever_is_stopped_is_barred_whatever_their_level(door: Door, cast: Cast) -> None:
    door.ask(people.suspend, cast.alice.id, person_id=cast.bilal.id)
    stranger = PersonId(new_id())

    found = door.look(lambda tx, _: asked(tx, [cast.bilal.id, stranger], Holding()), TEST)

    assert found == {cast.bilal.id: Bar.STOPPED, stranger: Bar.STOPPED}


def test_a_state_holds_its_municipalities_and_no_other_states() -> None:
    assert touches("09", "09015")
    assert touches("09015", "09")
    assert not touches("09015", "09016")
    assert not touches("20", "09")


def test_what_vetting_came_to_shows_in_no_row(door: Door, cast: Cast) -> None:
    def profile(tx: Tx, _actor: Actor) -> bytes:
        rows = tx.session.connection().exec_driver_sql("select id, profile from people")
        return b"".join(bytes(row[1]) for row in rows)

    before = door.look(profile, TEST)
    clear(door, cast.bilal, Clearance(Level.PROBATION, door.now().date(), zones=("09015",)))
    after = door.look(profile, TEST)

    assert len(before) == len(after)
    assert b"probation" not in after
    assert b"09015" not in after


def readers(door: Door, case_id: CaseId) -> set[PersonId]:
    def read(tx: Tx, _actor: Actor) -> set[PersonId]:
        return set(keys.readers_of(tx, case_id)[1])

    return door.look(read, TEST)


def soon(door: Door, cast: Cast, case_id: CaseId, urgency: Urgency) -> None:
    door.ask(
        services.triage,
        cast.alice.at_desk,
        case_id=case_id,
        urgency=urgency,
        zone="09",
        need="somebody beside them",
    )


def place(door: Door, who: Somebody, case_id: CaseId, zone: str) -> None:
    door.ask(
        services.triage,
        who.at_desk,
        case_id=case_id,
        urgency=Urgency.TODAY,
        zone=zone,
        need="somebody beside them",
    )
