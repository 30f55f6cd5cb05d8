"""Whoever coordinates without a linked chat is called by the channels they confirmed."""

import pytest
from sqlalchemy import update

from network.checkins import services
from network.checkins.domain.watches import Outcome
from network.checkins.services.telling import ALARM, UNREADABLE
from network.checkins.tables import WatchRow
from network.db import writing
from network.door import Door
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, ChannelId
from network.outbox.domain import Letter, Priority
from network.people import services as people
from tests.cast import Cast
from tests.checkins.conftest import WORD, Life, alarms, asked
from tests.checkins.test_trips import MINUTES, travels
from tests.delivery.test_channels import added, confirmed
from tests.delivery.test_shut import torn

NTFY = "ntfys://ntfy.example.org/topic"
OTHER = "ntfys://ntfy.example.org/another"


def without_chat(door: Door, cast: Cast, life: Life) -> tuple[ChannelId, ChannelId]:
    """Alice, alone on duty, has two channels that ring, a third that does not, and no chat."""
    ways = confirmed(door, cast.alice, NTFY), confirmed(door, cast.alice, OTHER)
    added(door, cast.alice, "ntfys://ntfy.example.org/unconfirmed")
    door.ask(people.unlink_chat, cast.alice.at_desk)
    life.postman.walk()
    life.postman.sent.clear()
    return ways


def rang(life: Life, say: str) -> list[Letter]:
    return [one for one in life.postman.sent if one.by is not None and one.say == say]


@pytest.mark.usefixtures("case_id")
def test_a_danger_word_rings_the_channels_of_whoever_has_no_chat(
    door: Door, cast: Cast, life: Life
) -> None:
    ways = without_chat(door, cast, life)
    door.ask(services.hear, cast.family, text=Plaintext(f"canary {WORD}"))
    life.knock()
    assert {one.by for one in rang(life, ALARM)} == set(ways)
    assert {one.priority for one in rang(life, ALARM)} == {Priority.ALARM}
    assert len(rang(life, ALARM)) == len(ways)
    assert life.postman.to(cast.alice.chat) == []


def test_what_waits_to_ring_is_taken_back_when_somebody_has_it(
    door: Door, cast: Cast, life: Life
) -> None:
    trip = travels(door, cast)
    without_chat(door, cast, life)
    life.postman.asleep = True
    door.ask(services.need_help, cast.bilal.in_chat, trip_id=trip)
    (ringing,) = alarms(door, cast)
    door.ask(services.own, cast.elena.in_chat, watch_id=ringing.id)
    life.postman.walk()
    assert rang(life, ALARM) == []


def test_silence_rings_them_too(door: Door, cast: Cast, life: Life, case_id: CaseId) -> None:
    ways = without_chat(door, cast, life)
    asked(door, cast, life, case_id)
    life.passes(120 * MINUTES)
    assert len(alarms(door, cast)) == 1
    assert {one.by for one in rang(life, ALARM)} == set(ways)


@pytest.mark.usefixtures("case_id")
def test_an_alarm_that_cannot_be_read_is_an_alarm(door: Door, cast: Cast, life: Life) -> None:
    ways = without_chat(door, cast, life)
    door.ask(services.hear, cast.family, text=Plaintext(f"canary {WORD}"))
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(update(WatchRow).values(state=b"x" * 600))
    life.passes(11 * MINUTES)
    assert {one.by for one in rang(life, UNREADABLE)} == set(ways)
    told = [one for one in life.postman.sent if one.say == UNREADABLE]
    assert {one.priority for one in told} == {Priority.ALARM}
    assert cast.elena.chat in {one.to for one in told}


@pytest.mark.usefixtures("case_id")
def test_what_waits_about_an_alarm_that_cannot_be_read_is_taken_back_when_it_is_ended(
    door: Door, cast: Cast, life: Life
) -> None:
    door.ask(services.hear, cast.family, text=Plaintext(f"canary {WORD}"))
    life.postman.walk()
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(update(WatchRow).values(state=b"x" * 600))
    life.postman.asleep = True
    life.passes(130 * MINUTES, 5 * MINUTES)
    (ringing,) = alarms(door, cast)
    door.ask(
        services.resolve,
        cast.alice.at_desk,
        watch_id=ringing.id,
        outcome=Outcome.FORGOT,
        words=Plaintext("canary: home"),
    )
    assert UNREADABLE not in {one.say for one in life.postman.walk()}


@pytest.mark.usefixtures("case_id")
def test_a_channel_that_does_not_open_stops_no_danger_word(
    door: Door, cast: Cast, life: Life
) -> None:
    whole, bad = without_chat(door, cast, life)
    torn(door, bad)
    door.ask(services.hear, cast.family, text=Plaintext(f"canary {WORD}"))
    life.knock()
    assert {one.by for one in rang(life, ALARM)} == {whole}


def test_nor_the_calls_about_somebodys_silence(
    door: Door, cast: Cast, life: Life, case_id: CaseId
) -> None:
    whole, bad = without_chat(door, cast, life)
    torn(door, bad)
    asked(door, cast, life, case_id)
    life.passes(120 * MINUTES)
    assert len(alarms(door, cast)) == 1
    assert {one.by for one in rang(life, ALARM)} == {whole}
