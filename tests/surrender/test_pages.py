"""What would be surrendered, counted: by a page for coordination, and on the command line."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from network.audit.tables import ReceiptRow
from network.cases import services as cases
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Engine
from network.kernel.errors import NotAllowed
from network.kernel.hidden import Plaintext
from network.people.domain import IDLE
from network.surrender import services
from network.surrender.domain import IN_CLEAR, WITH_SECRET
from tests.cases.browsing import signed_in
from tests.cast import Cast, Somebody
from tests.ground.clock import StillClock

CLI = Engine("cli")
WORDS = Plaintext("canary: he went out")


def writes_and_is_answered(door: Door, cast: Cast) -> None:
    """One case of one entry, and a letter that waits."""
    opened = door.ask(cases.intake, cast.family, situation="missing", text=WORDS)
    door.ask(cases.share, cast.alice.at_desk, case_id=opened.case.id, with_=cast.bilal.id)


def test_it_is_counted_from_the_rows(door: Door, cast: Cast) -> None:
    before = door.look(services.report, CLI)
    writes_and_is_answered(door, cast)
    after = door.look(services.report, CLI)

    def rows(name: str) -> int:
        return next(each.rows for each in after.clear if each.table == name)

    assert (rows("cases"), rows("entries"), rows("grants")) == (1, 1, 3)
    assert after.shut["case"] == before.shut.get("case", 0) + 1
    assert after.undelivered > before.undelivered
    assert {each.table for each in after.clear} == set(IN_CLEAR)
    assert {each.column for each in after.opening} == set(WITH_SECRET)
    opens = {each.column: each.many for each in after.opening}
    assert (opens["contacts.sealed"], opens["people.profile"]) == (1, 5)
    assert opens["outbox.payload"] == after.undelivered


def test_a_lost_device_opens_what_its_owner_can_until_it_is_idle(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    door.ask(cases.intake, cast.family, situation="missing", text=WORDS)
    desk = cast.alice.at_desk
    (device,) = door.look(services.devices, desk)
    assert (device.member.id, device.cases) == (cast.alice.id, 1)
    clock.advance(IDLE)
    assert door.look(services.devices, CLI) == ()


def test_only_coordination_sees_it(door: Door, cast: Cast) -> None:
    for who in (cast.bilal.at_desk, cast.dino.at_desk, cast.family):
        for verb in (services.report, services.devices):
            with pytest.raises(NotAllowed):
                door.look(verb, who)


def receipts_by(who: Somebody) -> Callable[[Tx, Actor], list[str]]:
    def found(tx: Tx, _actor: Actor) -> list[str]:
        rows = tx.session.scalars(select(ReceiptRow.verb).where(ReceiptRow.actor == str(who.id)))
        return list(rows)

    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_and_the_command_say_the_same(door: Door, cast: Cast, app: Flask) -> None:
    writes_and_is_answered(door, cast)
    alice = signed_in(app, cast.alice)
    page = alice.reads("/surrender")
    assert not re.search(r"\d\d:\d\d", page)  # no log of when volunteers are awake
    person = alice.reads(f"/cases/people/{cast.alice.id}")
    assert len(re.findall(r"\d\d:\d\d", person.split("</dl>")[0])) == 1  # when it was counted
    seen = door.look(receipts_by(cast.alice), CLI)
    assert {"surrender.seen-devices", "person.report-seen"} <= set(seen)
    taken = alice.reads(f"/cases/people/{cast.alice.id}/report.csv").splitlines()[0]
    assert "Alice" in taken
    assert "person.report-taken" in door.look(receipts_by(cast.alice), CLI)
    assert "Alice" in page
    assert "canary" not in page
    assert "/surrender" in alice.reads("/people")
    assert "Tiene un navegador abierto" in alice.reads(f"/cases/people/{cast.alice.id}")
    assert signed_in(app, cast.bilal).looks("/surrender").status_code == 404

    runner = app.test_cli_runner()
    facts = json.loads(runner.invoke(args=["hilo", "surrender", "--json"]).output)
    assert facts["in_clear"]["cases"] == 1
    assert facts["letters_undelivered"] > 0
    assert len(facts["devices"]) == 2
    said = runner.invoke(args=["hilo", "surrender"])
    assert said.exit_code == 0
    assert IN_CLEAR["grants"].says in said.output
    assert "| table |" in runner.invoke(args=["hilo", "surrender", "--list"]).output
