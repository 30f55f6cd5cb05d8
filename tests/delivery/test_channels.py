"""An alarm that Telegram does not deliver goes another way, to whoever confirmed that way."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from bot.channels import Channels
from bot.gateway import Gateway
from bot.sandbox import Sandbox
from bot.sandbox.people import Person
from config.settings import Settings, load
from network import outbox
from network.db import Database, Tx
from network.delivery import services
from network.delivery.domain import (
    CONFIRM_WITHIN,
    TEST_EVERY,
    TRIES,
    WORDS_A_DAY,
    ChannelState,
    WrongWord,
)
from network.delivery.services.channels import FAILED
from network.door import Door
from network.kernel.actor import Actor, Engine
from network.kernel.errors import BadInput, NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import ChannelId
from network.outbox.domain import NOBODY, Letter, Priority, Signal
from network.outbox.tables import LetterRow
from network.ringing import SCHEMAS
from tests.bot.conftest import RunningBot, until
from tests.cast import Cast, Somebody
from tests.delivery.conftest import Ntfy, TarPit
from tests.ground.apps import SECRET
from tests.ground.clock import StillClock

MACHINE = Engine("test")
SENTENCE = "río-maple needs somebody now."


def added(door: Door, who: Somebody, address: str = "ntfys://ntfy.example.org/topic") -> ChannelId:
    before = {one.id for one in door.look(services.channels, who.at_desk)}
    door.ask(
        services.add_channel, who.at_desk, address=Plaintext(address), schemas=SCHEMAS, mail=True
    )
    (new,) = {one.id for one in door.look(services.channels, who.at_desk)} - before
    return new


def word_of(door: Door, who: Somebody, channel: ChannelId) -> str:
    mine = door.look(services.channels, who.at_desk)
    return next(one.word for one in mine if one.id == channel)


def confirmed(door: Door, who: Somebody, address: str) -> ChannelId:
    channel = added(door, who, address)
    word = Plaintext(word_of(door, who, channel).lower())
    assert door.ask(services.confirm_channel, who.at_desk, channel_id=channel, word=word)
    return channel


def state(door: Door, who: Somebody) -> ChannelState:
    return door.look(services.channels, who.at_desk)[0].state


def test_a_channel_works_when_its_word_came_back_and_is_asked_again_after_a_month(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    channel = confirmed(door, cast.alice, "ntfys://ntfy.example.org/topic")
    assert state(door, cast.alice) is ChannelState.WORKS
    assert door.ask(services.test_due, MACHINE) == 0
    clock.advance(TEST_EVERY)
    assert door.ask(services.test_due, MACHINE) == 1
    assert word_of(door, cast.alice, channel)
    clock.advance(CONFIRM_WITHIN)
    assert door.ask(services.test_due, MACHINE) == 1
    assert state(door, cast.alice) is ChannelState.FAILED
    page = door.look(services.letters, cast.elena.at_desk)
    assert page.failing == (("Alice", "ntfy"),)


def notices(door: Door, who: Somebody) -> int:
    """How many letters by Telegram tell them that a way of theirs does not work."""

    def count(tx: Tx, _actor: Actor) -> int:
        found = [one for each in outbox.lease(tx, 100) for one in each.letters]
        return sum(one.say == FAILED and one.to == who.chat for one in found)

    return door.look(count, MACHINE)


def test_the_owner_hears_by_telegram_that_a_way_of_theirs_failed_and_of_no_other(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    confirmed(door, cast.alice, "ntfys://ntfy.example.org/topic")
    added(door, cast.alice, "ntfys://ntfy.example.org/never-confirmed")
    clock.advance(CONFIRM_WITHIN)
    assert door.ask(services.test_due, MACHINE) == 1
    assert notices(door, cast.alice) == 0, "nothing ever went there"
    clock.advance(TEST_EVERY)
    door.ask(services.test_due, MACHINE)
    clock.advance(CONFIRM_WITHIN)
    door.ask(services.test_due, MACHINE)
    assert notices(door, cast.alice) == 1


def test_a_word_can_be_tried_five_times(door: Door, cast: Cast) -> None:
    channel = added(door, cast.alice)
    word = Plaintext(word_of(door, cast.alice, channel))
    wrong = Plaintext("NOTIT")
    for _ in range(TRIES):
        assert not door.ask(
            services.confirm_channel, cast.alice.at_desk, channel_id=channel, word=wrong
        )
    with pytest.raises(WrongWord):
        door.ask(services.confirm_channel, cast.alice.at_desk, channel_id=channel, word=word)


def test_nobody_reaches_into_somebody_elses_channels(door: Door, cast: Cast) -> None:
    channel = added(door, cast.alice)
    word = Plaintext(word_of(door, cast.alice, channel))
    for verb, more in (
        (services.remove_channel, {}),
        (services.test_channel, {}),
        (services.confirm_channel, {"word": word}),
    ):
        with pytest.raises(NotVisible):
            door.ask(verb, cast.elena.at_desk, channel_id=channel, **more)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        door.look(services.channels, cast.dino.at_desk)


def test_words_are_not_sent_faster_than_one_in_two_minutes(door: Door, cast: Cast) -> None:
    channel = added(door, cast.alice)
    with pytest.raises(WrongMoment):
        door.ask(services.test_channel, cast.alice.at_desk, channel_id=channel)


def test_a_member_has_six_words_a_day_sent_however_often_they_add_and_remove(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    channel = added(door, cast.alice)
    for _ in range(WORDS_A_DAY // 2 - 1):
        clock.advance(timedelta(minutes=5))
        door.ask(services.test_channel, cast.alice.at_desk, channel_id=channel)
    for _ in range(WORDS_A_DAY // 2):
        door.ask(services.remove_channel, cast.alice.at_desk, channel_id=channel)
        channel = added(door, cast.alice)
    door.ask(services.remove_channel, cast.alice.at_desk, channel_id=channel)
    with pytest.raises(BadInput):
        added(door, cast.alice)
    kept = added(door, cast.elena)  # each has their own
    clock.advance(timedelta(days=1))
    assert added(door, cast.alice) != kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "file:///etc/passwd",
        "json://127.0.0.1/",
        "https://example.org/hook",
        "syslog://",
        "exec://rm",
        "ntfys://",
        "ana@example.org\nbcc: all@example.org",
        "ana@example.org?to=other@example.org",
        "ntfys://ntfy.sh/" + "x" * 700,
    ],
)
def test_what_is_no_channel_is_refused(door: Door, cast: Cast, typed: str) -> None:
    with pytest.raises(BadInput):
        added(door, cast.alice, typed)


def test_what_is_stored_of_a_channel_shows_neither_where_nor_what(
    door: Door, cast: Cast, database: Database
) -> None:
    added(door, cast.alice, "ntfys://canary.example.org/topic")
    added(door, cast.alice, "canary@example.org")
    with database.reading() as session:
        rows = session.connection().exec_driver_sql("select * from channels").all()
    assert "canary" not in str(rows)
    assert len({len(row.sealed) for row in rows}) == 1


# From here on with a real postman, Telegram's sandbox and a loopback ntfy.


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def bot(door: Door, settings: Settings) -> Iterator[RunningBot]:
    running = RunningBot(settings, door)
    yield running
    running.stop()


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: object) -> Settings:
    return load(
        {
            "HILO_TELEGRAM_TOKEN": sandbox.token,
            "HILO_TELEGRAM_API": sandbox.url,
            "HILO_SECRET": SECRET,
            "HILO_VAR": str(tmp_path),
            "HILO_TELEGRAM_RATE": "0",
            "HILO_CHANNELS_PRIVATE": "127.0.0.0/8",
        }
    )


@pytest.fixture
def alice(sandbox: Sandbox, cast: Cast) -> Person:
    return sandbox.person("Alice", user_id=cast.alice.chat, has_started=True)


def rings(door: Door, *to: Somebody, priority: Priority = Priority.ALARM) -> None:
    letters = tuple(
        Letter(to=one.chat, language="en", say=SENTENCE, priority=priority) for one in to
    )

    def promise(tx: Tx, _actor: Actor) -> None:
        outbox.promise_signal(tx, Signal(letters))

    door.ask(promise, MACHINE)


def rows(database: Database) -> list[LetterRow]:
    with database.reading() as session:
        return list(session.query(LetterRow).filter(LetterRow.is_signal))


def after(clock: StillClock, step: timedelta) -> Callable[[Callable[[], bool]], None]:
    def passes(condition: Callable[[], bool]) -> None:
        def moved() -> bool:
            clock.advance(step)
            return condition()

        until(moved, 30)

    return passes


def test_an_alarm_goes_another_way_when_telegram_has_not_taken_it_in_two_minutes(  # noqa: PLR0913, PLR0917
    bot: RunningBot,
    sandbox: Sandbox,
    alice: Person,
    door: Door,
    cast: Cast,
    clock: StillClock,
    ntfy: Ntfy,
    database: Database,
) -> None:
    confirmed(door, cast.alice, ntfy.address)
    sandbox.faults.server_error("sendMessage")
    begun = clock()
    rings(door, cast.alice)
    before = rows(database)
    bot.start("postman")

    after(clock, timedelta(seconds=1))(lambda: SENTENCE in ntfy.heard)
    assert clock() - begun >= timedelta(minutes=2)
    until(lambda: rows(database)[0].error == "network")
    (row,) = rows(database)
    assert len(row.payload) == len(before[0].payload)

    sandbox.do(sandbox.faults.clear)
    after(clock, timedelta(seconds=5))(lambda: rows(database)[0].status == "delivered")
    alice.wait_for(SENTENCE)
    assert ntfy.heard.count(SENTENCE) == 1


def test_whoever_blocked_the_bot_is_rung_elsewhere_at_once(
    bot: RunningBot, alice: Person, door: Door, cast: Cast, ntfy: Ntfy, database: Database
) -> None:
    confirmed(door, cast.alice, ntfy.address)
    alice.blocks()
    rings(door, cast.alice)
    bot.start("postman")
    until(lambda: SENTENCE in ntfy.heard, 20)
    until(lambda: rows(database)[0].status == "refused")


def test_a_notice_goes_no_other_way(
    bot: RunningBot, alice: Person, door: Door, cast: Cast, ntfy: Ntfy, database: Database
) -> None:
    confirmed(door, cast.alice, ntfy.address)
    alice.blocks()
    rings(door, cast.alice, priority=Priority.NOTICE)
    bot.start("postman")
    until(lambda: rows(database)[0].status == "refused")
    assert SENTENCE not in ntfy.heard


def test_a_way_that_nobody_confirmed_is_never_rung_and_the_others_are(
    bot: RunningBot, alice: Person, door: Door, cast: Cast, ntfy: Ntfy
) -> None:
    added(door, cast.alice, ntfy.address + "-unconfirmed")
    confirmed(door, cast.alice, ntfy.address)
    alice.blocks()
    bot.start("postman")
    until(lambda: len(ntfy.heard) == 2, 20)  # the two words
    rings(door, cast.alice)
    until(lambda: SENTENCE in ntfy.heard, 20)
    assert ntfy.topics[-1] == "a-long-name"
    assert ntfy.heard.count(SENTENCE) == 1
    assert {*ntfy.topics} == {"a-long-name", "a-long-name-unconfirmed"}


def test_a_channel_that_is_silent_is_rung_again_from_the_same_envelope(  # noqa: PLR0913, PLR0917
    bot: RunningBot,
    alice: Person,
    door: Door,
    cast: Cast,
    clock: StillClock,
    ntfy: Ntfy,
    database: Database,
) -> None:
    confirmed(door, cast.alice, ntfy.address)
    alice.blocks()
    ntfy.status = 500
    rings(door, cast.alice)
    bot.start("postman")
    until(lambda: rows(database)[0].error is not None, 20)
    ntfy.status = 200
    after(clock, timedelta(seconds=2))(lambda: rows(database)[0].status == "delivered")
    assert ntfy.heard.count(SENTENCE) >= 2
    assert len(rows(database)) == 1


def test_a_channel_that_was_silent_waits_for_no_word_of_telegrams_and_telegram_is_not_asked(  # noqa: PLR0913, PLR0917
    bot: RunningBot,
    sandbox: Sandbox,
    alice: Person,
    door: Door,
    cast: Cast,
    clock: StillClock,
    ntfy: Ntfy,
    database: Database,
) -> None:
    confirmed(door, cast.alice, ntfy.address)
    bot.start("postman")
    until(lambda: len(ntfy.heard) == 1, 20)  # the word
    sandbox.faults.too_many_requests("sendMessage", retry_after=900)
    ntfy.status = 500
    rings(door, cast.alice)
    until(lambda: rows(database)[0].error == "too_many", 20)
    asked = len(sandbox.called("sendMessage"))
    begun = clock()
    ntfy.status = 200
    rang = ntfy.heard.count(SENTENCE)
    clock.advance(timedelta(minutes=2, seconds=40))
    until(lambda: ntfy.heard.count(SENTENCE) > rang, 30)
    assert len(sandbox.called("sendMessage")) == asked

    sandbox.do(sandbox.faults.clear)
    after(clock, timedelta(seconds=20))(lambda: rows(database)[0].status == "delivered")
    alice.wait_for(SENTENCE)
    assert clock() - begun >= timedelta(seconds=900)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_alarm_stands_behind_test_words_that_drip(
    settings: Settings, door: Door, cast: Cast, ntfy: Ntfy, tar_pit: TarPit
) -> None:
    words = [added(door, one, tar_pit.address) for one in (cast.alice, cast.elena) for _ in "12"]
    gateway = Gateway(door)

    async def live() -> list[bool]:
        channels = Channels(gateway, settings)
        notices = [
            Letter(to=NOBODY, language="en", say=SENTENCE, priority=Priority.NOTICE, by=one)
            for one in words
        ]
        sent = [asyncio.create_task(channels.carry(one)) for one in notices]
        await asyncio.to_thread(until, lambda: tar_pit.came > 0)
        rang = await channels.ring([(Plaintext(ntfy.address), SENTENCE)])
        assert not any(one.done() for one in sent)
        tar_pit.over.set()
        await asyncio.gather(*sent)
        channels.close()
        return rang

    assert asyncio.run(live()) == [True]
    assert tar_pit.came == len(words)
    gateway.close()
