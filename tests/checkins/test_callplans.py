"""Whom to call, and whom never to call: on the page of an alarm, for those who hold the key."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, update

from network.cases import services as cases
from network.cases.tables import EpochRow, GrantRow
from network.checkins import services
from network.checkins.domain.callplans import CallPlan, PlanShut
from network.checkins.domain.watches import Whom
from network.checkins.tables import CallPlanRow
from network.db import writing
from network.door import Door
from network.kernel.errors import BadInput, NoKey, NotAllowed, NotVisible
from network.kernel.ids import CaseId
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody
from tests.checkins.conftest import WORD, Life, alarms, rows, writes

PLAN = CallPlan("canary: her uncle", {Whom.ACCOMPANIER: "canary: the sister", Whom.DUTY: ""})


@pytest.fixture
def at(app: Flask) -> Callable[[Somebody], Browser]:
    return lambda who: signed_in(app, who)


def write(door: Door, cast: Cast, case_id: CaseId, plan: CallPlan = PLAN) -> None:
    door.ask(services.write_call_plan, cast.bilal.at_desk, case_id=case_id, plan=plan)


@pytest.mark.usefixtures("life")
def test_it_is_read_by_those_who_hold_the_key_and_after_a_new_key_too(
    door: Door, cast: Cast, case_id: CaseId
) -> None:
    assert door.ask(services.call_plan, cast.bilal.at_desk, case_id=case_id) is None
    write(door, cast, case_id)
    found = door.ask(services.call_plan, cast.alice.at_desk, case_id=case_id)
    assert found is not None
    assert found.never == PLAN.never
    assert found.rungs == {Whom.ACCOMPANIER: "canary: the sister"}
    door.ask(cases.rekey, cast.alice.at_desk, case_id=case_id)
    assert door.ask(services.call_plan, cast.bilal.at_desk, case_id=case_id) == found
    (row,) = rows(door, CallPlanRow)
    assert b"canary" not in row["body"]
    write(door, cast, case_id, CallPlan())
    assert rows(door, CallPlanRow) == []


@pytest.mark.usefixtures("life")
def test_nobody_else_reads_or_writes_it(door: Door, cast: Cast, case_id: CaseId) -> None:
    write(door, cast, case_id)
    for who in (cast.elena.at_desk, cast.chiara.at_desk, cast.dino.in_chat, cast.strangers):
        with pytest.raises((NotVisible, NotAllowed)):
            door.ask(services.call_plan, who, case_id=case_id)
        with pytest.raises((NotVisible, NotAllowed)):
            door.ask(services.write_call_plan, who, case_id=case_id, plan=PLAN)
    with pytest.raises(NoKey):
        door.ask(services.call_plan, cast.bilal.in_chat, case_id=case_id)
    with pytest.raises(BadInput):
        CallPlan("x" * 2_000)


def test_the_page_of_an_alarm_shows_it_and_its_letters_do_not(
    at: Callable[[Somebody], Browser], door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    bilal, path = at(cast.bilal), f"/cases/{case_id}/checkins/plan"
    long = bilal.sends(path, page=path, never="x" * 2_000)
    assert long.status_code == 400
    assert 'aria-describedby="never-problem"' in long.text
    kept = bilal.sends(path, page=path, never=PLAN.never, accompanier="canary: the sister")
    assert kept.status_code == 303
    assert "the sister" in bilal.reads(path)
    writes(door, cast, f"canary: {WORD}")
    sent = life.postman.walk()
    assert "sister" not in str([one.params for one in sent])
    (ringing,) = alarms(door, cast)
    page = bilal.reads(f"/alarms/{ringing.id}")
    assert "her uncle" in page
    assert "the sister" in page
    without = at(cast.elena).reads(f"/alarms/{ringing.id}")
    assert ringing.reference in without
    assert "canary" not in without
    assert at(cast.elena).looks(path).status_code == 404


def test_a_torn_plan_stops_no_page_of_an_alarm_and_is_said(
    at: Callable[[Somebody], Browser], door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    write(door, cast, case_id)
    writes(door, cast, f"canary: {WORD}")
    life.postman.walk()
    (ringing,) = alarms(door, cast)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(update(CallPlanRow).values(body=b"torn"))
    page = at(cast.bilal).reads(f"/alarms/{ringing.id}?lang=en")
    assert "I take it" in page
    assert "cannot be opened" in page
    assert "cannot be opened" in at(cast.bilal).reads(f"/cases/{case_id}/checkins/plan?lang=en")
    write(door, cast, case_id)
    assert "her uncle" in at(cast.bilal).reads(f"/alarms/{ringing.id}")


@pytest.mark.usefixtures("life")
def test_one_sealed_before_a_readers_first_key_is_not_the_same_as_none(
    door: Door, cast: Cast, case_id: CaseId
) -> None:
    write(door, cast, case_id)
    door.ask(cases.rekey, cast.alice.at_desk, case_id=case_id)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(update(EpochRow).where(EpochRow.number == 2).values(link=None))
        early = (GrantRow.member_id == cast.bilal.id) & (GrantRow.epoch == 1)
        tx.session.execute(delete(GrantRow).where(early))
    with pytest.raises(PlanShut):
        door.ask(services.call_plan, cast.bilal.at_desk, case_id=case_id)
    found = door.ask(services.call_plan, cast.alice.at_desk, case_id=case_id)  # links them again
    assert found == door.ask(services.call_plan, cast.bilal.at_desk, case_id=case_id)
