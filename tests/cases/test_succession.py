"""A coordinator leaves and hands on what they hold, interrupted and gone on with."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from network import audit
from network.cases import services
from network.cases.domain import CaseStatus, Urgency
from network.cases.services import succession
from network.db import Tx
from network.door import Door
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor, Engine, InChat, Role
from network.kernel.errors import BadInput, NoKey, NotAllowed, NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.outbox.domain import Letter
from network.outbox.services import take
from network.people import services as people
from network.people.domain import Clearance, Level
from tests.cases.browsing import signed_in
from tests.cases.conftest import words_in
from tests.cases.dying import MOST
from tests.cast import Cast, Somebody, somebody
from tests.ground.apps import SECRET

CASES = 5


@pytest.fixture
def secret() -> ServerSecret:
    """One that another process can be told."""
    return ServerSecret.from_text(SECRET)


def audit_is_whole(tx: Tx, _actor: Actor) -> bool:
    return audit.verify(tx) is None


def letters(door: Door) -> list[Letter]:
    """What waits to be sent."""
    return [each for one in door.ask(take, Engine("postman"), limit=50) for each in one.letters]


@pytest.fixture
def held(door: Door, cast: Cast) -> list[CaseId]:
    """Alice alone was on duty when five families wrote."""
    door.ask(people.set_duty, cast.alice.at_desk)
    return [
        door.ask(
            services.intake,
            InChat(6_000_000 + number),
            situation="missing",
            text=Plaintext(f"canary {number}"),
        ).case.id
        for number in range(CASES)
    ]


def hands_on(door: Door, by: Somebody, to: Somebody, most: int = 2) -> services.HandedOn:
    return door.ask(services.hand_on, by.at_desk, to=to.id, most=most)


def batches(door: Door, by: Somebody, to: Somebody) -> Iterator[services.HandedOn]:
    while (batch := hands_on(door, by, to)).done:
        yield batch


def test_everything_goes_with_its_history_and_the_leaver_keeps_nothing(
    door: Door, cast: Cast, held: list[CaseId]
) -> None:
    found = list(batches(door, cast.alice, cast.elena))

    assert [(each.done, each.left) for each in found] == [(2, 3), (2, 1), (1, 0)]
    for number, case in enumerate(held):
        door.ask(services.hear, InChat(6_000_000 + number), text=Plaintext("afterwards"))
        assert words_in(door, cast.elena, case) == [f"canary {number}", "afterwards"]
        with pytest.raises(NotVisible):
            words_in(door, cast.alice, case)
    assert door.look(services.estate, cast.alice.at_desk).running == 0


def test_a_process_killed_between_two_batches_left_one_whole_and_the_next_goes_on(
    door: Door, cast: Cast, held: list[CaseId], database_url: str
) -> None:
    card = cast.alice.at_desk
    told = {
        "url": database_url,
        "secret": SECRET,
        "now": door.now().isoformat(),
        "session": card.session_id.hex,
        "half": card.secret.reveal().hex(),
        "to": cast.elena.id.hex,
    }
    killed = subprocess.run(
        [sys.executable, "-m", "tests.cases.dying"],
        input=json.dumps(told).encode(),
        capture_output=True,
        check=False,
        timeout=240,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()

    assert door.look(services.estate, cast.alice.at_desk).running == CASES - MOST
    assert door.look(services.estate, cast.elena.at_desk).running == MOST
    assert door.look(audit_is_whole, cast.alice.at_desk)
    found = list(batches(door, cast.alice, cast.elena))
    assert [(each.done, each.left) for each in found] == [(2, 1), (1, 0)]
    for number, case in enumerate(held):
        assert words_in(door, cast.elena, case) == [f"canary {number}"]
        with pytest.raises(NotVisible):
            words_in(door, cast.alice, case)


def test_what_another_answers_for_stays_theirs_and_nobody_new_can_open_it(
    door: Door, cast: Cast
) -> None:
    case = door.ask(
        services.intake, cast.family, situation="missing", text=Plaintext("canary")
    ).case.id
    door.ask(
        services.triage,
        cast.elena.at_desk,
        case_id=case,
        urgency=Urgency.TODAY,
        zone="09",
        need="compañía",
    )
    to = (cast.bilal.id,)
    door.ask(services.offer, cast.elena.at_desk, case_id=case, to=to, brief=Plaintext("brief"))
    fatima = somebody(door, "fatima", Role.COORDINATOR)

    (batch,) = batches(door, cast.alice, fatima)

    assert (batch.done, batch.left, batch.kept) == (1, 0, ())
    seen = door.ask(services.room, cast.elena.at_desk, case_id=case)
    assert seen.case.coordinator == cast.elena.id
    assert {one.person_id for one in seen.holders} == {cast.elena.id}
    for who in (cast.alice, fatima):
        with pytest.raises(NotVisible):
            words_in(door, who, case)
    told = {(one.to, one.say) for one in letters(door)}
    assert (cast.elena.chat, succession.LEFT_TO_YOU) in told
    assert (fatima.chat, succession.HANDED_ON) not in told


def test_giving_over_a_shared_one_displaces_nobody_who_answers_for_it(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    fatima = somebody(door, "fatima", Role.COORDINATOR)
    door.ask(services.hand_over, cast.elena.at_desk, case_id=accompanied, to=fatima.id)
    seen = door.ask(services.room, fatima.at_desk, case_id=accompanied)
    assert seen.case.coordinator == cast.alice.id


def test_a_successor_with_no_room_left_still_takes_what_they_can_open_already(
    door: Door, cast: Cast, held: list[CaseId]
) -> None:
    known = held[:2]
    for case in known:
        door.ask(services.share, cast.alice.at_desk, case_id=case, with_=cast.elena.id)
    most = replace(door.pack.access.most, coordinating=len(known))
    full = replace(door, pack=replace(door.pack, access=replace(door.pack.access, most=most)))

    found = list(batches(full, cast.alice, cast.elena))

    assert [(each.done, each.left) for each in found] == [(2, 3)]
    last = hands_on(full, cast.alice, cast.elena)
    assert (last.done, last.left) == (0, 3)
    for case in known:
        with pytest.raises(NotVisible):
            words_in(door, cast.alice, case)


def test_what_the_successor_may_not_hold_stays_and_is_named(
    door: Door, cast: Cast, held: list[CaseId]
) -> None:
    door.ask(
        services.triage,
        cast.alice.at_desk,
        case_id=held[0],
        urgency=Urgency.TODAY,
        zone="09",
        need="compañía",
    )
    member = door.look(people.people, cast.alice.at_desk).members
    elena = next(card.member for card in member if card.member.id == cast.elena.id)

    def conflict(tx: Tx, _actor: Actor) -> None:
        today = tx.now.date()
        people.set_clearance(tx, elena, Clearance(Level.FULL, today, None, ("09",)))

    door.ask(conflict, cast.alice.at_desk)
    found = list(batches(door, cast.alice, cast.elena))
    assert sum(each.done for each in found) == CASES - 1
    (kept,) = found[-1].kept
    seen = door.ask(services.room, cast.alice.at_desk, case_id=held[0])
    assert seen.case.card.reference == kept
    assert seen.case.status is CaseStatus.TRIAGED


def test_only_who_holds_the_keys_hands_on_and_only_to_coordination(
    door: Door, cast: Cast, held: list[CaseId]
) -> None:
    assert held
    with pytest.raises(NoKey):
        door.ask(services.hand_on, cast.alice.in_chat, to=cast.elena.id)
    with pytest.raises(NotAllowed):
        hands_on(door, cast.bilal, cast.elena)
    for to, reason in ((cast.alice, "yourself"), (cast.bilal, "not_a_coordinator")):
        with pytest.raises(BadInput) as refused:
            hands_on(door, cast.alice, to)
        assert refused.value.reason == reason
    assert hands_on(door, cast.elena, cast.alice).done == 0  # what she cannot open she cannot give


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_says_how_far_it_is(app: Flask, cast: Cast, held: list[CaseId]) -> None:
    assert held
    browser = signed_in(app, cast.alice)
    assert "/cases/hand-on" in browser.reads("/cases/")
    assert str(CASES) in browser.reads("/cases/hand-on")
    page = browser.sends(
        "/cases/hand-on", page="/cases/hand-on", to=str(cast.elena.id), begun=str(CASES)
    )
    assert page.status_code == 200
    assert f'max="{CASES}"' in page.text
    refused = browser.sends("/cases/hand-on", page="/cases/hand-on", to=str(cast.bilal.id))
    assert refused.status_code == 400
