"""A channel that does not open any more silences nothing but itself."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, update

from bot.bells import Bells
from bot.clock import Clock
from bot.gateway import Gateway
from bot.sandbox import Sandbox
from config.settings import Settings
from network import heartbeats, probes
from network.db import Database, Tx, writing
from network.delivery import services
from network.delivery.domain import TEST_EVERY
from network.delivery.tables import ChannelRow
from network.door import Door
from network.kernel.actor import Actor, Engine
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import ChannelId, PersonId
from network.people import services as people
from network.people.tables import PersonRow
from tests.bot.conftest import RunningBot, until
from tests.cases.browsing import signed_in
from tests.cast import Cast
from tests.delivery.conftest import Ntfy
from tests.delivery.test_channels import SENTENCE, added, after, confirmed, rings, rows
from tests.delivery.test_vigil import settings_of
from tests.ground.clock import StillClock

MACHINE = Engine("test")
NTFY = "ntfys://ntfy.example.org/topic"


def torn(door: Door, *channels: ChannelId) -> None:
    """Half a page was lost, or another secret is in the settings."""
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(
            update(ChannelRow).where(ChannelRow.id.in_(channels)).values(sealed=b"x" * 1100)
        )


def set_card(door: Door, person: PersonId, sealed: bytes) -> bytes:
    """What is stored of a member is another; says what it was."""
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        theirs = PersonRow.id == person
        before = tx.session.execute(select(PersonRow.profile).where(theirs)).scalar_one()
        tx.session.execute(update(PersonRow).where(theirs).values(profile=sealed))
    return bytes(before)


def stored(database: Database, channel: ChannelId) -> ChannelRow:
    with database.reading() as session:
        return session.query(ChannelRow).filter(ChannelRow.id == channel).one()


def heard_in_the_log(caplog: pytest.LogCaptureFixture, channel: ChannelId) -> int:
    return sum(str(channel) in each.getMessage() for each in caplog.records)


def test_the_other_channels_ring_and_the_log_names_it_once_an_hour(
    door: Door, cast: Cast, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    whole = confirmed(door, cast.alice, NTFY)
    bad = [confirmed(door, one, NTFY) for one in (cast.alice, cast.elena)]
    torn(door, *bad)
    caplog.set_level(logging.ERROR)

    def ring_all(tx: Tx, _actor: Actor) -> list[ChannelId]:
        return [way.id for _, ways in services.to_coordination(tx) for way in ways]

    def found() -> dict[int, tuple[services.Way, ...]]:
        return door.look(
            services.elsewhere,
            MACHINE,
            chats=[cast.alice.chat, cast.elena.chat],
            promised_at=clock() - timedelta(hours=1),
            wait=timedelta.max,
        )

    assert door.look(ring_all, MACHINE) == [whole]
    assert {chat: [way.id for way in ways] for chat, ways in found().items()} == {
        cast.alice.chat: [whole],
        cast.elena.chat: [],
    }
    assert [heard_in_the_log(caplog, one) for one in bad] == [1, 1]
    clock.advance(timedelta(hours=1))
    found()
    assert [heard_in_the_log(caplog, one) for one in bad] == [2, 2]
    assert "ntfy" not in caplog.text


def test_its_owner_sees_that_it_has_to_be_added_anew_and_can_only_remove_it(
    door: Door, cast: Cast, app: Flask
) -> None:
    bad = confirmed(door, cast.alice, NTFY)
    torn(door, bad)
    alice = signed_in(app, cast.alice)
    page = alice.reads("/account/channels")
    assert "ya no se puede leer" in page
    assert f"/account/channels/{bad}/test" not in page
    for verb, more in (
        (services.test_channel, {}),
        (services.confirm_channel, {"word": Plaintext("A")}),
    ):
        with pytest.raises(NotVisible):
            door.ask(verb, cast.alice.at_desk, channel_id=bad, **more)  # type: ignore[arg-type]
    assert alice.sends(f"/account/channels/{bad}/remove", page="/account/channels").status_code
    assert door.look(services.channels, cast.alice.at_desk) == ()


def test_its_monthly_test_fails_without_a_word_and_coordination_sees_it(
    door: Door, cast: Cast, app: Flask, clock: StillClock, database: Database
) -> None:
    bad, whole = confirmed(door, cast.elena, NTFY), confirmed(door, cast.alice, NTFY)
    torn(door, bad)
    kept = stored(database, bad).sealed
    clock.advance(TEST_EVERY)
    assert door.ask(services.test_due, MACHINE) == 2
    assert door.ask(services.test_due, MACHINE) == 0
    assert stored(database, bad).sealed == kept  # the right secret may come back
    assert stored(database, whole).asked_at == clock()
    assert door.look(services.letters, cast.alice.at_desk).failing == (("Elena", ""),)
    assert "hay que agregarla de nuevo" in signed_in(app, cast.alice).reads("/desk/letters")


def test_an_alarm_to_one_that_does_not_open_waits_and_one_to_a_suspended_member_does_not(
    door: Door, cast: Cast
) -> None:
    bad, theirs = added(door, cast.alice), added(door, cast.elena)
    torn(door, bad)
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.elena.id)
    assert door.look(services.ways, MACHINE, ids=(bad, theirs)) == {bad: None}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> Settings:
    return settings_of(sandbox, tmp_path, HILO_TELEGRAM_RATE="0")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_arrived_is_not_sent_again_and_the_others_are_rung(
    door: Door, cast: Cast, settings: Settings, sandbox: Sandbox, ntfy: Ntfy, database: Database
) -> None:
    alice, elena = (
        sandbox.person(one.alias, user_id=one.chat, has_started=True)
        for one in (cast.alice, cast.elena)
    )
    confirmed(door, cast.alice, ntfy.address)
    torn(door, confirmed(door, cast.alice, NTFY))
    alice.blocks()
    rings(door, cast.alice, cast.elena)
    bot = RunningBot(settings, door).start("postman")
    try:
        until(lambda: SENTENCE in ntfy.heard, 20)
        until(lambda: rows(database)[0].status == "delivered", 20)
    finally:
        bot.stop()
    elena.wait_for(SENTENCE)
    asked = [str(one.parameters.get("chat_id")) for one in sandbox.called("sendMessage")]
    assert asked.count(str(elena.user_id)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_where_nobody_can_say_by_which_ways_it_is_asked_again(  # noqa: PLR0913, PLR0917
    door: Door,
    cast: Cast,
    clock: StillClock,
    settings: Settings,
    sandbox: Sandbox,
    ntfy: Ntfy,
    database: Database,
) -> None:
    alice, elena = (
        sandbox.person(one.alias, user_id=one.chat, has_started=True)
        for one in (cast.alice, cast.elena)
    )
    confirmed(door, cast.alice, ntfy.address)
    alice.blocks()
    card = set_card(door, cast.alice.id, b"x" * 600)
    rings(door, cast.alice, cast.elena)
    bot = RunningBot(settings, door).start("postman")
    try:
        elena.wait_for(SENTENCE)
        until(lambda: rows(database)[0].error is not None, 20)
        set_card(door, cast.alice.id, card)
        after(clock, timedelta(seconds=1))(lambda: SENTENCE in ntfy.heard)
        until(lambda: rows(database)[0].status != "waiting", 20)
    finally:
        bot.stop()
    asked = [str(one.parameters.get("chat_id")) for one in sandbox.called("sendMessage")]
    assert asked.count(str(elena.user_id)) == 1


def test_a_vigil_that_breaks_is_written_down_and_outside_hears_nothing_until_it_is_kept(
    door: Door,
    cast: Cast,
    clock: StillClock,
    settings: Settings,
    ntfy: Ntfy,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = f"http://127.0.0.1:{ntfy.server_port}/ping/secret"
    gateway = Gateway(door)
    watched = Clock(gateway, Bells(), settings.model_copy(update={"heartbeat_url": SecretStr(url)}))
    set_card(door, cast.elena.id, b"x" * 600)
    door.ask(probes.begin, MACHINE)
    clock.advance(probes.LATE_AFTER + timedelta(seconds=1))
    asyncio.run(watched._keep_vigil())
    assert "no vigil" in caplog.text

    clock.advance(probes.FORGOTTEN_AFTER)
    for engine in heartbeats.ENGINES:
        door.ask(heartbeats.beat, MACHINE, engine=engine)
    asyncio.run(watched._ping())
    assert ntfy.heard == []
    asyncio.run(watched._keep_vigil())
    asyncio.run(watched._ping())
    assert len(ntfy.heard) == 1
    gateway.close()


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_only_a_yes_from_outside_counts_as_heard_and_the_log_keeps_its_address(
    door: Door,
    settings: Settings,
    ntfy: Ntfy,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    caplog.set_level(logging.WARNING, "bot.clock")
    ntfy.status = status
    url = f"http://127.0.0.1:{ntfy.server_port}/ping/sesame99"
    gateway = Gateway(door)
    watched = Clock(gateway, Bells(), settings.model_copy(update={"heartbeat_url": SecretStr(url)}))
    for engine in heartbeats.ENGINES:
        door.ask(heartbeats.beat, MACHINE, engine=engine)
    asyncio.run(watched._ping())
    assert len(ntfy.heard) == 1
    assert ("not heard outside" in caplog.text) == (status != 200)
    assert "sesame99" not in caplog.text
    gateway.close()
