"""A coordinator leaves and hands on what they hold, interrupted and gone on with."""

from collections.abc import Iterator

import pytest

from config.settings import load
from network.app import create_app
from network.cases import services
from network.cases.domain import CaseStatus, Urgency
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, InChat
from network.kernel.errors import BadInput, NoKey, NotAllowed, NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.people import services as people
from network.people.domain import Clearance, Level
from tests.cases.browsing import signed_in
from tests.cases.conftest import words_in
from tests.cast import Cast, Somebody

SECRET = "9b1c2a9be07d5386aa19c4e2f70b8d6355e1907c3ab2d84f6e0a71c95b3d28f4"
CASES = 5


class KilledError(Exception):
    """The process is gone before it could commit."""


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


def test_a_batch_that_was_killed_did_nothing_and_the_next_goes_on(
    door: Door, cast: Cast, held: list[CaseId]
) -> None:
    def dies(tx: Tx, actor: Actor) -> None:
        services.hand_on(tx, actor, to=cast.elena.id, most=2)
        raise KilledError

    hands_on(door, cast.alice, cast.elena)
    with pytest.raises(KilledError):
        door.ask(dies, cast.alice.at_desk)
    assert door.look(services.estate, cast.alice.at_desk).running == CASES - 2
    list(batches(door, cast.alice, cast.elena))
    for number, case in enumerate(held):
        assert words_in(door, cast.elena, case) == [f"canary {number}"]


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
def test_the_page_says_how_far_it_is(door: Door, cast: Cast, held: list[CaseId]) -> None:
    assert held
    browser = signed_in(create_app(load({"HILO_SECRET": SECRET}), door), cast.alice)
    assert "/cases/hand-on" in browser.reads("/cases/")
    assert str(CASES) in browser.reads("/cases/hand-on")
    page = browser.sends(
        "/cases/hand-on", page="/cases/hand-on", to=str(cast.elena.id), begun=str(CASES)
    )
    assert page.status_code == 200
    assert f'max="{CASES}"' in page.text
    refused = browser.sends("/cases/hand-on", page="/cases/hand-on", to=str(cast.bilal.id))
    assert refused.status_code == 400
