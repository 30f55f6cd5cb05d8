"""Founding, changing and stopping; nothing of a case in it."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from network.door import Door
from network.kernel.actor import Engine
from network.kernel.errors import BadInput, NoKey, NotAllowed, WrongMoment
from network.kernel.ids import PersonId
from network.people.domain import Standing, WrongCredentials
from network.people.tables import PersonRow
from network.quorum import services
from network.quorum.domain import LastComesLater, OneAtATime, TooEarly, TooFew
from network.quorum.tables import RecoveryKeyRow, RecoveryShareRow, VoiceRow
from tests.cast import Cast, Somebody
from tests.quorum.conftest import DAY, Coordination

CLOCK = Engine("clock")


def proposed(coordination: Coordination, *holders: Somebody, needed: int = 2) -> UUID:
    return coordination.door.ask(
        services.propose_founding,
        coordination.alice.at_desk,
        needed=needed,
        holders=tuple(each.id for each in holders),
        reason="why not",
    )


def stewards(coordination: Coordination) -> set[str]:
    page = coordination.door.look(services.overview, coordination.alice.at_desk)
    return {alias for alias, _ in page.stewards}


def test_a_key_is_made_when_all_its_keepers_said_yes_and_the_delay_is_over(
    coordination: Coordination,
) -> None:
    c = coordination
    ceremony = proposed(c, c.elena, c.fatima)
    c.says_yes(c.elena, ceremony)
    c.clock.advance(DAY)
    with pytest.raises(TooFew):
        c.settles(c.alice, ceremony)
    c.says_yes(c.fatima, ceremony)
    c.settles(c.alice, ceremony)

    assert stewards(c) == {"Elena", "Fatima"}


def test_no_key_is_made_before_the_delay_is_over(coordination: Coordination) -> None:
    c = coordination
    ceremony = proposed(c, c.elena, c.fatima)
    for who in (c.elena, c.fatima):
        c.says_yes(who, ceremony)
    with pytest.raises(TooEarly):
        c.settles(c.alice, ceremony)
    assert stewards(c) == set()


def test_a_yes_takes_a_code_that_was_never_used(coordination: Coordination) -> None:
    c = coordination
    ceremony = proposed(c, c.elena, c.fatima)
    elena = c.elena.at_desk
    code = c.code(c.elena)
    for wrong in ("", "000000" if code != "000000" else "111111", c.code(c.fatima)):
        with pytest.raises(WrongCredentials):
            c.door.ask(services.speak, elena, ceremony_id=ceremony, proof=wrong)
    code = c.code(c.elena)
    c.door.ask(services.speak, c.elena.at_desk, ceremony_id=ceremony, proof=code)
    second = services.propose_founding
    with pytest.raises(OneAtATime):
        c.door.ask(
            second, c.elena.at_desk, needed=2, holders=(c.elena.id, c.gael.id), reason="again"
        )
    with pytest.raises(WrongCredentials):
        c.door.ask(services.speak, c.elena.at_desk, ceremony_id=ceremony, proof=code)


def test_who_was_not_chosen_has_no_voice_and_a_chat_has_none(
    coordination: Coordination, cast: Cast
) -> None:
    c = coordination
    ceremony = proposed(c, c.elena, c.fatima)
    with pytest.raises(NotAllowed):
        c.says_yes(c.gael, ceremony)
    with pytest.raises(NotAllowed):
        c.door.ask(services.speak, cast.bilal.at_desk, ceremony_id=ceremony, proof="123456")
    with pytest.raises(NoKey):
        c.door.ask(services.speak, c.elena.in_chat, ceremony_id=ceremony, proof=c.code(c.elena))


def test_any_coordinator_stops_it_and_everybody_hears_of_it(coordination: Coordination) -> None:
    c = coordination
    ceremony = proposed(c, c.elena, c.fatima)
    c.says_yes(c.elena, ceremony)
    c.door.ask(services.stop, c.gael.in_chat, ceremony_id=ceremony)

    with pytest.raises(WrongMoment):
        c.says_yes(c.fatima, ceremony)
    with pytest.raises(WrongMoment):
        c.door.ask(services.stop, c.gael.at_desk, ceremony_id=ceremony)
    proposed(c, c.elena, c.gael)


def test_what_nobody_finishes_ends_by_itself(coordination: Coordination) -> None:
    c = coordination
    ceremony = proposed(c, c.elena, c.fatima)
    assert c.door.ask(services.lapse, CLOCK) == 0
    c.clock.advance(timedelta(days=9))
    with pytest.raises(WrongMoment):
        c.says_yes(c.elena, ceremony)
    assert c.door.ask(services.lapse, CLOCK) == 1
    assert c.waiting() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_coordinators_keep_shares_and_never_one_alone(
    coordination: Coordination, cast: Cast
) -> None:
    c = coordination
    for holders, needed in (((c.elena,), 1), ((c.elena, c.fatima), 1), ((c.elena, c.fatima), 3)):
        with pytest.raises(BadInput):
            proposed(c, *holders, needed=needed)
    with pytest.raises(BadInput):
        proposed(c, c.elena, c.elena)
    with pytest.raises(TooFew):
        proposed(c, c.elena, cast.bilal)


def test_the_keepers_change_and_the_key_stays(
    founded: Coordination, sessions: sessionmaker[Session]
) -> None:
    c = founded
    with sessions() as session:
        before = session.scalars(select(RecoveryKeyRow)).one()
        old = {row.sealed for row in session.scalars(select(RecoveryShareRow))}
    ceremony = c.asks_to_change(c.alice, c.fatima)
    c.says_yes(c.elena, ceremony)
    with pytest.raises(LastComesLater):
        c.says_yes(c.gael, ceremony)
    with pytest.raises(TooEarly):
        c.settles(c.alice, ceremony)
    c.clock.advance(DAY)
    c.says_yes(c.gael, ceremony)
    with pytest.raises(NotAllowed):
        c.settles(c.elena, ceremony)
    c.settles(c.alice, ceremony)

    with sessions() as session:
        after = session.scalars(select(RecoveryKeyRow)).one()
        new = {row.sealed for row in session.scalars(select(RecoveryShareRow))}
        on_the_way = session.scalars(select(VoiceRow.share).where(VoiceRow.share.is_not(None)))
        assert list(on_the_way) == []
    assert (after.id, after.public_key) == (before.id, before.public_key)
    assert after.split != before.split
    assert not old & new
    assert stewards(c) == {"Alice", "Fatima"}


def test_the_yes_of_somebody_removed_meanwhile_does_not_count(
    founded: Coordination, sessions: sessionmaker[Session]
) -> None:
    c = founded
    ceremony = c.asks_to_change(c.alice, c.fatima)
    c.says_yes(c.elena, ceremony)
    c.clock.advance(DAY)
    c.says_yes(c.gael, ceremony)
    with sessions.begin() as session:
        suspended = update(PersonRow).where(PersonRow.id == PersonId(c.elena.id))
        session.execute(suspended.values(standing=Standing.SUSPENDED))
    with pytest.raises(TooFew):
        c.settles(c.alice, ceremony)
    c.says_yes(c.fatima, ceremony)
    c.settles(c.alice, ceremony)


def test_a_network_without_a_key_has_nothing_to_hand_on(coordination: Coordination) -> None:
    with pytest.raises(WrongMoment):
        coordination.asks_to_change(coordination.alice, coordination.fatima)


def test_a_key_nobody_needs_is_destroyed_with_its_shares(
    founded: Coordination, door: Door, sessions: sessionmaker[Session]
) -> None:
    c = founded
    c.founds(c.alice, c.fatima)
    door.ask(services.key_in_use, CLOCK, used=frozenset())
    with sessions() as session:
        (only,) = session.scalars(select(RecoveryKeyRow))
        assert only.is_current
        kept = {row.member_id for row in session.scalars(select(RecoveryShareRow))}
    assert kept == {c.alice.id, c.fatima.id}
