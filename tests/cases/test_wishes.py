"""What is a family's to decide: what may be done with its words, and that they be destroyed."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from network import audit
from network.audit import Receipt
from network.cases import services
from network.cases.domain import Outcome, Purpose
from network.cases.tables import CaseRow, ContactRow, EntryRow, EpochRow, GrantRow, StatisticRow
from network.checkins import services as checkins
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Engine, InChat
from network.kernel.errors import NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from tests.cases.browsing import signed_in
from tests.cases.conftest import words_in
from tests.cases.leaving import leaves
from tests.cast import Cast
from tests.ground.clock import StillClock

CLOCK = Engine("clock")
NOTED = Plaintext("noted canary")


def allowed(door: Door, who: InChat) -> frozenset[Purpose]:
    found = door.look(services.my_wishes, who)
    assert found is not None
    return found.allowed


def counted(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(StatisticRow.outcome)))


def test_nothing_is_allowed_until_it_is_said_and_each_is_taken_back_alone(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    assert allowed(door, cast.family) == frozenset()
    for purpose in Purpose:
        door.ask(services.allow, cast.family, purpose=purpose, noted=NOTED)
    assert allowed(door, cast.family) == frozenset(Purpose)
    door.ask(services.forbid, cast.family, purpose=Purpose.SEARCH, noted=NOTED)
    assert allowed(door, cast.family) == {Purpose.LAWYER, Purpose.STATISTICS}
    seen = door.look(services.wishes, cast.bilal.at_desk, case_id=accompanied)
    assert seen.allowed == {Purpose.LAWYER, Purpose.STATISTICS}
    assert words_in(door, cast.bilal, accompanied)[-4:] == [NOTED.reveal()] * 4


def test_it_is_the_familys_alone_to_say(door: Door, cast: Cast, accompanied: CaseId) -> None:
    for who in (cast.alice.at_desk, cast.bilal.at_desk, cast.bilal.in_chat, CLOCK):
        for verb in (services.allow, services.forbid):
            with pytest.raises((NotAllowed, NotVisible)):
                door.ask(verb, who, purpose=Purpose.LAWYER, noted=NOTED)
        with pytest.raises((NotAllowed, NotVisible)):
            door.ask(services.ask_erasure, who)
    with pytest.raises(NotVisible):
        door.ask(services.allow, cast.neighbours, purpose=Purpose.LAWYER, noted=NOTED)
    with pytest.raises(NotVisible):
        door.look(services.wishes, cast.dino.at_desk, case_id=accompanied)
    assert allowed(door, cast.family) == frozenset()


@pytest.mark.usefixtures("accompanied")
def test_the_row_that_keeps_it_does_not_tell(
    door: Door, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    def weight() -> set[int]:
        with sessions() as session:
            return {len(one) for one in session.scalars(select(ContactRow.sealed))}

    before = weight()
    word = Plaintext("\U0001f9f5" * 60)  # the longest there can be, in letters of four bytes
    door.ask(
        services.set_danger_word,
        cast.family,
        word=Plaintext("a" * 3 + word.reveal()[3:]),
        chosen_in=2**31,
    )
    for purpose in Purpose:
        door.ask(services.allow, cast.family, purpose=purpose, noted=NOTED)
        assert weight() == before


@pytest.mark.parametrize("yes", [True, False])
def test_only_who_allows_it_is_counted(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session], yes: bool
) -> None:
    if yes:
        door.ask(services.allow, cast.family, purpose=Purpose.STATISTICS, noted=NOTED)
    door.ask(services.close, cast.alice.at_desk, case_id=accompanied, outcome=Outcome.REUNITED)
    leaves(door, cast.family)
    assert counted(sessions) == (["reunited"] if yes else [])


def test_a_yes_is_taken_back_also_after_it_ended(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    door.ask(services.allow, cast.family, purpose=Purpose.STATISTICS, noted=NOTED)
    door.ask(services.close, cast.alice.at_desk, case_id=accompanied, outcome=Outcome.REUNITED)
    with pytest.raises(NotAllowed):  # nobody is left to make use of a yes
        door.ask(services.allow, cast.family, purpose=Purpose.LAWYER, noted=NOTED)
    door.ask(services.forbid, cast.family, purpose=Purpose.STATISTICS, noted=NOTED)
    leaves(door, cast.family)
    assert counted(sessions) == []


def test_until_the_day_everything_goes_on_and_can_be_taken_back(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    day = door.ask(services.ask_erasure, cast.family)
    assert day - clock().date() >= timedelta(days=2)
    assert door.ask(services.ask_erasure, cast.family) == day
    clock.advance(timedelta(days=1))
    assert door.ask(checkins.erase_due, CLOCK) == 0
    assert door.ask(services.hear, cast.family, text=Plaintext("still here")).case.id == accompanied
    assert words_in(door, cast.bilal, accompanied)[-1] == "still here"
    assert door.look(services.wishes, cast.bilal.at_desk, case_id=accompanied).erase_on == day

    door.ask(services.keep_after_all, cast.family)

    clock.advance(timedelta(days=5))
    assert door.ask(checkins.erase_due, CLOCK) == 0
    with pytest.raises(WrongMoment):
        door.ask(services.keep_after_all, cast.family)


def test_on_the_day_no_key_and_no_word_is_left_and_what_remains_is_a_line_of_the_log(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    leaves(door, cast.family)
    with sessions() as session:
        for table in (CaseRow, ContactRow, EpochRow, GrantRow, EntryRow, StatisticRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0

    def of_it(tx: Tx, _actor: Actor) -> list[Receipt]:
        return list(audit.receipts_of(tx, accompanied, limit=99))

    told = {one.verb for one in door.look(of_it, cast.alice.id)}
    assert {"case.erasure-asked", "case.erased"} <= told
    for who in (cast.alice, cast.bilal):
        with pytest.raises(NotVisible):
            door.ask(services.room, who.at_desk, case_id=accompanied)


def test_what_ended_is_erased_earlier_where_its_family_asks_and_later_where_it_takes_that_back(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    door.ask(services.close, cast.alice.at_desk, case_id=accompanied, outcome=Outcome.NOT_FOUND)

    def due() -> object:
        with sessions() as session:
            return session.scalar(select(CaseRow.erase_on))

    usual = due()
    asked = door.ask(services.ask_erasure, cast.family)
    assert due() == asked != usual
    door.ask(services.keep_after_all, cast.family)
    assert due() == usual
    leaves(door, cast.family)
    assert due() is None


def test_closing_does_not_keep_longer_what_was_to_be_erased(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    asked = door.ask(services.ask_erasure, cast.family)
    door.ask(services.close, cast.alice.at_desk, case_id=accompanied, outcome=Outcome.NOT_FOUND)
    with sessions() as session:
        assert session.scalar(select(CaseRow.erase_on)) == asked


def test_the_room_says_what_is_allowed_and_what_is_to_come(
    app: Flask, door: Door, cast: Cast, accompanied: CaseId
) -> None:
    page = signed_in(app, cast.bilal).reads(f"/cases/{accompanied}")
    assert page.count("<strong>sí</strong>") == 0
    assert page.count("<strong>no</strong>") == 3
    door.ask(services.allow, cast.family, purpose=Purpose.LAWYER, noted=NOTED)
    day = door.ask(services.ask_erasure, cast.family)
    page = signed_in(app, cast.bilal).reads(f"/cases/{accompanied}")
    assert page.count("<strong>sí</strong>") == 1
    assert f"{day:%d/%m/%Y}" in page
