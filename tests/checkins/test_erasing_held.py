"""Coordination holds an erasure back: who may, for how long, and who hears of it."""

from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network import audit
from network.audit import Receipt
from network.cases import services as cases
from network.cases.services.erasing import (
    IS_DONE,
)
from network.cases.tables import CaseRow, ContactRow
from network.checkins import services
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, InChat, Role
from network.kernel.errors import NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.people import services as people
from tests.cases.browsing import signed_in
from tests.cases.test_races import together
from tests.cast import Cast, Somebody, somebody
from tests.checkins.conftest import CLOCK, WORD, Life, alarms, writes
from tests.checkins.erasing import DAY, answers, chat_of, dawns, ends, is_kept, rings

ROUNDS = 6


def test_a_hold_outlives_its_alarm_is_in_the_log_and_the_others_hear_of_it(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    watch_id = rings(door, cast)
    day = door.ask(cases.ask_erasure, cast.family)
    until = door.ask(services.hold_erasure, cast.elena.at_desk, watch_id=watch_id)
    assert until == day + timedelta(days=7)
    ends(door, cast, watch_id)
    life.postman.walk()
    assert any("holds back" in one for one in life.postman.to(cast.alice.chat))
    assert not any("holds back" in one for one in life.postman.to(cast.elena.chat))
    dawns(life, until - DAY)
    assert is_kept(sessions, case_id)

    def of_it(tx: Tx, _actor: Actor) -> list[Receipt]:
        return list(audit.receipts_of(tx, case_id, limit=99))

    held = [one for one in door.look(of_it, cast.alice.id) if one.verb == "case.erasure-held"]
    assert [one.person_id for one in held] == [cast.elena.id]
    dawns(life, until)
    assert not is_kept(sessions, case_id)


@pytest.mark.usefixtures("case_id")
def test_only_coordination_holds_it_and_only_what_was_asked_while_it_rings(
    door: Door, cast: Cast, life: Life
) -> None:
    watch_id = rings(door, cast)
    with pytest.raises(WrongMoment):  # nobody asked to be erased
        door.ask(services.hold_erasure, cast.alice.at_desk, watch_id=watch_id)
    door.ask(cases.ask_erasure, cast.family)
    for who in (cast.bilal.at_desk, cast.family, CLOCK):
        with pytest.raises(NotAllowed):
            door.ask(services.hold_erasure, who, watch_id=watch_id)
    ends(door, cast, watch_id)
    with pytest.raises(NotVisible):
        door.ask(services.hold_erasure, cast.alice.at_desk, watch_id=watch_id)
    writes(door, cast, "canary: nothing at all")
    life.postman.walk()
    assert alarms(door, cast) == ()


def test_a_hold_outlives_that_it_is_taken_back_and_asked_again(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    watch_id = rings(door, cast)
    day = door.ask(cases.ask_erasure, cast.family)
    until = door.ask(services.hold_erasure, cast.alice.at_desk, watch_id=watch_id)
    door.ask(cases.keep_after_all, cast.family)
    assert door.ask(cases.ask_erasure, cast.family) == day
    ends(door, cast, watch_id)
    dawns(life, until - DAY)
    assert is_kept(sessions, case_id)
    dawns(life, until)
    assert not is_kept(sessions, case_id)


def test_who_takes_it_back_is_kept_however_long_it_was_held(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    day = door.ask(cases.ask_erasure, cast.family)
    door.ask(cases.hold_erasure, cast.alice.at_desk, case_id=case_id)
    door.ask(cases.keep_after_all, cast.family)
    dawns(life, day + timedelta(days=30))
    assert is_kept(sessions, case_id)


def test_coordination_holds_it_from_the_room_where_nothing_rings(
    app: Flask, door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    page = f"/cases/{case_id}"
    hold = f"{page}/hold-erasure"
    alice = signed_in(app, cast.alice)
    assert hold not in alice.reads(page)
    day = door.ask(cases.ask_erasure, cast.family)
    assert hold not in signed_in(app, cast.bilal).reads(page)
    assert hold in alice.reads(page)
    assert alice.sends(hold, page=page).status_code == 303
    assert hold not in alice.reads(page)  # the same week once more would be refused
    assert alice.sends(hold, page=page).status_code == 409
    until = day + timedelta(days=7)
    life.postman.walk()
    assert any("holds back" in one for one in life.postman.to(cast.elena.chat))
    dawns(life, until - DAY)
    assert is_kept(sessions, case_id)
    assert chat_of(life, cast)[-1] == IS_DONE
    dawns(life, until)
    assert not is_kept(sessions, case_id)


def test_the_page_of_an_alarm_offers_no_hold_that_would_be_refused(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    watch_id = rings(door, cast)
    day = door.ask(cases.ask_erasure, cast.family)

    def can_be_held() -> bool:
        found = door.look(services.waiting_erasure, cast.alice.at_desk, watch_id=watch_id)
        assert found is not None
        return found.can_be_held

    assert can_be_held()
    door.ask(services.hold_erasure, cast.alice.at_desk, watch_id=watch_id)
    assert not can_be_held()
    dawns(life, day + DAY)
    assert can_be_held()
    held = door.ask(cases.hold_erasure, cast.elena.at_desk, case_id=case_id)
    assert held == day + timedelta(days=8)


def test_a_hold_and_the_clock_at_the_same_moment_never_cross(
    door: Door, cast: Cast, life: Life, sessions: sessionmaker[Session]
) -> None:
    """Whoever is told that it is held finds it still there; and an alarm saves it either way."""
    door.ask(people.set_duty, cast.alice.at_desk)
    chats = [InChat(8_500_000 + number) for number in range(ROUNDS)]
    for chat in chats:
        door.ask(services.intake, chat, situation="missing", text=Plaintext("canary"))
        door.ask(cases.set_danger_word, chat, word=Plaintext(WORD))
        door.ask(services.hear, chat, text=Plaintext(WORD))
    day = max(door.ask(cases.ask_erasure, chat) for chat in chats)
    life.clock.advance(datetime.combine(day, time(7), UTC) - life.clock.instant)
    ringing = alarms(door, cast)
    desks = (cast.alice.at_desk, cast.elena.at_desk)
    for alarm in ringing:
        hold = [partial(door.ask, services.hold_erasure, desk, watch_id=alarm.id) for desk in desks]
        told = together(*hold, partial(door.ask, services.erase_due, CLOCK))
        assert sorted(told[:2]) == ["done", "wrong_moment"]
        assert alarm.case_id is not None
        assert is_kept(sessions, alarm.case_id)
    while door.ask(services.erase_due, CLOCK):
        pass
    with sessions() as session:
        assert session.scalars(select(ContactRow.id)).all() == []
        held = session.scalars(select(CaseRow.hold_ends_on)).all()
    assert held == [day + timedelta(days=7)] * ROUNDS


def on_duty(door: Door) -> Somebody:
    """Bilal and Alice hold the key; Grace has the duty tonight, and Elena has none."""
    grace = somebody(door, "grace", Role.COORDINATOR)
    door.ask(people.set_duty, grace.at_desk)
    return grace


def test_only_whoever_is_on_duty_finds_what_is_to_be_erased_by_its_reference(
    app: Flask, door: Door, cast: Cast, case_id: CaseId
) -> None:
    hold, desk = f"/desk/{case_id}/hold-erasure", "/desk"
    grace, elena = signed_in(app, on_duty(door)), signed_in(app, cast.elena)
    assert grace.sends(hold, page=desk).status_code == 404  # nobody asked: nothing to find here
    door.ask(cases.ask_erasure, cast.family)
    assert hold in grace.reads(desk)
    assert f"/cases/{case_id}" not in grace.reads(desk)
    assert hold not in elena.reads(desk)
    assert elena.sends(hold, page=desk).status_code == 404
    assert signed_in(app, cast.bilal).sends(hold, page="/cases/").status_code in {403, 404}
    assert grace.sends(hold, page=desk).status_code == 303
    assert grace.looks(f"/cases/{case_id}").status_code == 404
    assert hold not in grace.reads(desk)


def test_what_is_held_by_reference_waits_a_week_and_the_chat_is_as_it_always_is(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    grace = on_duty(door)
    day = door.ask(cases.ask_erasure, cast.family)
    before = answers(door, cast)
    door.ask(cases.hold_unread, grace.at_desk, case_id=case_id)
    assert answers(door, cast) == before
    life.postman.walk()
    assert chat_of(life, cast) == []
    assert any("holds back" in one for one in life.postman.to(cast.alice.chat))
    dawns(life, day + timedelta(days=6))
    assert is_kept(sessions, case_id)
    assert chat_of(life, cast) == [IS_DONE]  # on the day it was told, as always
    dawns(life, day + timedelta(days=7))
    assert not is_kept(sessions, case_id)


def test_a_hold_that_is_over_is_not_shown_when_they_ask_again(
    door: Door, cast: Cast, life: Life, case_id: CaseId, sessions: sessionmaker[Session]
) -> None:
    door.ask(cases.ask_erasure, cast.family)
    door.ask(cases.hold_erasure, cast.alice.at_desk, case_id=case_id)
    door.ask(cases.keep_after_all, cast.family)
    life.clock.advance(timedelta(days=20))
    door.ask(cases.ask_erasure, cast.family)
    assert door.look(cases.wishes, cast.alice.at_desk, case_id=case_id).held_until is None
    with sessions() as session:
        assert session.scalar(select(CaseRow.hold_ends_on)) is None
