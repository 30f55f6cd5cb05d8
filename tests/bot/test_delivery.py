"""Nothing is lost and nothing done twice, whatever Telegram, the network or we ourselves do."""

from datetime import timedelta
from functools import partial
from sqlite3 import OperationalError

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError as Trouble

from bot.ingress import BATCH
from bot.sandbox import Sandbox
from bot.sandbox.people import Person
from network import heartbeats, inbox, outbox
from network.db import Database, Tx
from network.door import Door
from network.inbox.domain import TRIES
from network.kernel.actor import Actor, Engine
from network.outbox import services as post
from network.outbox.domain import LEASE, Letter, LetterStatus
from tests.bot.conftest import RunningBot, opens, until
from tests.ground.clock import StillClock

MACHINE = Engine("test")


def promised(door: Door, to: int, text: str) -> Letter:
    letter = Letter(to, "en", "%(text)s", {"text": text})

    def promise(tx: Tx, _actor: Actor) -> None:
        outbox.promise(tx, letter)

    door.ask(promise, MACHINE)
    return letter


def became(door: Door, letter: Letter) -> tuple[LetterStatus, str | None]:
    def look(tx: Tx, _actor: Actor) -> tuple[LetterStatus, str | None]:
        found = outbox.deliveries(tx, [letter.id])[letter.id]
        return found.status, found.error

    return door.look(look, MACHINE)


def backlog(door: Door) -> tuple[int, int]:
    def look(tx: Tx, _actor: Actor) -> tuple[int, int]:
        return inbox.backlog(tx)

    return door.look(look, MACHINE)


def test_an_update_delivered_twice_has_its_effect_once(
    bot: RunningBot, sandbox: Sandbox, rosa: Person
) -> None:
    bot.start()
    rosa.starts()
    rosa.wait_for("Hello")
    sandbox.redeliver(1)
    nadia = sandbox.person("Nadia", language_code="en")
    nadia.starts()
    nadia.wait_for("Hello")
    assert sum("Hello" in one.text for one in rosa.messages) == 1


def test_after_a_week_without_a_word_numbers_begin_anywhere_and_nothing_is_lost(
    bot: RunningBot, sandbox: Sandbox, rosa: Person
) -> None:
    bot.start()
    rosa.starts()
    rosa.wait_for("Hello")
    until(lambda: not sandbox.bot.updates.waiting)  # all is confirmed
    word = partial(sandbox.world.say, sandbox.bot, sandbox.bot.chats[rosa.user_id], "/ayuda")
    sandbox.quiet_week(1_000, word)
    rosa.wait_for("What you can write here")


def test_one_chat_keeps_its_order_while_chats_run_side_by_side(
    bot: RunningBot, sandbox: Sandbox
) -> None:
    people = [sandbox.person(f"P{n}", language_code="en") for n in range(12)]
    for one in people:
        one.says("/start")
        one.says("/idioma")
        one.says("/ayuda")
    bot.start()
    for one in people:
        one.wait_for("What you can write here")
        answers = [shown.text[:5] for shown in one.messages if shown.from_bot]
        assert answers == ["Hello", "Which", "What "]


def test_a_letter_taken_by_a_postman_that_died_is_sent_again(
    bot: RunningBot, door: Door, clock: StillClock, rosa: Person
) -> None:
    rosa.starts()
    letter = promised(door, rosa.user_id, "still here")
    assert len(door.ask(post.take, MACHINE, limit=10)) == 1
    clock.advance(LEASE + timedelta(seconds=1))
    bot.start("postman")
    rosa.wait_for("still here")
    until(lambda: became(door, letter)[0] is LetterStatus.DELIVERED)


def test_a_blocked_bot_is_told_once_and_for_all(
    bot: RunningBot, door: Door, sandbox: Sandbox, rosa: Person
) -> None:
    rosa.starts()
    rosa.blocks()
    letter = promised(door, rosa.user_id, "canary")
    bot.start("postman")
    until(lambda: became(door, letter) == (LetterStatus.REFUSED, "blocked"))
    assert len(sandbox.called("sendMessage")) == 1


def test_too_many_requests_are_answered_by_waiting(
    bot: RunningBot, door: Door, clock: StillClock, sandbox: Sandbox, rosa: Person
) -> None:
    rosa.starts()
    nadia = sandbox.person("Nadia", has_started=True)
    sandbox.faults.too_many_requests("sendMessage", retry_after=30, times=1)
    bot.start("postman")
    letter = promised(door, rosa.user_id, "one")
    until(lambda: became(door, letter)[1] == "too_many")
    promised(door, nadia.user_id, "two")
    assert door.ask(post.take, MACHINE, limit=10) == []  # nor does any other postman take it
    assert became(door, letter)[0] is LetterStatus.WAITING
    clock.advance(timedelta(seconds=29))
    assert door.ask(post.take, MACHINE, limit=10) == []
    assert len(sandbox.called("sendMessage")) == 1
    clock.advance(timedelta(seconds=2))
    nadia.wait_for("two")
    rosa.wait_for("one")


@pytest.mark.parametrize("fault", ["server_error", "cut_before"])
def test_a_bad_network_only_delays(
    bot: RunningBot,
    door: Door,
    clock: StillClock,
    sandbox: Sandbox,
    rosa: Person,
    fault: str,
) -> None:
    rosa.starts()
    getattr(sandbox.faults, fault)("sendMessage", times=1)
    bot.start("postman")
    letter = promised(door, rosa.user_id, "it arrives")
    until(lambda: became(door, letter)[1] == "network")
    clock.advance(timedelta(minutes=1))
    rosa.wait_for("it arrives")


def test_what_makes_no_sense_is_put_aside_and_counted(
    bot: RunningBot, sandbox: Sandbox, door: Door, rosa: Person
) -> None:
    bot.start()
    sandbox.inject({"message": {"text": 5, "chat": "none"}})
    sandbox.inject({"poll": {"id": "1"}})
    sandbox.inject(
        {
            "message": {
                "message_id": 1,
                "date": 1,
                "text": "hi",
                "chat": {"id": -100, "type": "group", "title": "g"},
            }
        }
    )
    rosa.starts()
    rosa.wait_for("Hello")
    until(lambda: backlog(door)[0] == 0)
    assert backlog(door)[1] >= 2


def test_nothing_is_confirmed_that_is_not_stored(
    bot: RunningBot, sandbox: Sandbox, database: Database, rosa: Person
) -> None:
    """While the database refuses, Telegram keeps it; afterwards it is answered by itself."""
    full = [True]

    @event.listens_for(database.engine, "before_cursor_execute")
    def refuse(_c: object, _k: object, statement: str, *_rest: object) -> None:
        if full[0] and statement.startswith("INSERT INTO inbox"):
            raise Trouble("INSERT", {}, OperationalError("database or disk is full"))

    bot.start()
    rosa.starts()
    until(lambda: bool(sandbox.called("getUpdates")))
    assert sandbox.do(lambda: len(sandbox.bot.updates.waiting)) == 1
    full[0] = False
    rosa.wait_for("Hello")
    until(lambda: sandbox.do(lambda: len(sandbox.bot.updates.waiting)) == 0)


def test_while_telegram_holds_more_than_we_have_read_nobody_is_said_to_be_heard(
    bot: RunningBot, sandbox: Sandbox, door: Door, rosa: Person
) -> None:
    """Coming back after hours: whoever answered may stand in what was not read yet."""

    def beats() -> bool:
        found = {one.engine: one.beat_at for one in door.look(heartbeats.pulses, MACHINE)}
        return found["ingress"] is not None

    for _ in range(BATCH + 1):
        rosa.says("/ayuda")
    fault = sandbox.faults.server_error("getUpdates", every=2)
    bot.start("ingress")
    until(lambda: backlog(door)[0] == BATCH)
    until(lambda: len(sandbox.called("getUpdates")) > 1)
    assert not beats()
    sandbox.do(lambda: sandbox.faults.clear(fault))
    until(beats)
    assert backlog(door)[0] == BATCH + 1


@pytest.mark.usefixtures("cast")
def test_an_update_that_breaks_us_is_put_aside_after_five_tries(
    bot: RunningBot,
    sandbox: Sandbox,
    door: Door,
    clock: StillClock,
    rosa: Person,
) -> None:
    bot.start()
    opens(rosa)
    fault = sandbox.faults.server_error("getFile")
    rosa.sends_voice()

    def given_up() -> bool:
        clock.advance(timedelta(seconds=40))
        return backlog(door) == (0, 1)

    until(given_up)
    rosa.wait_for("Please send it again")
    # On a slow machine the clock outruns a lease, and the try it takes asks nobody.
    assert 1 < len(sandbox.called("getFile")) <= TRIES
    sandbox.do(lambda: sandbox.faults.clear(fault))
    rosa.sends_voice()
    rosa.wait_for("✓ Received")


FORBID = {
    "sqlite": ("CREATE TRIGGER no BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'no'); END",),
    "postgresql": ("ALTER TABLE entries ADD CONSTRAINT no CHECK (number < 0) NOT VALID",),
}


@pytest.mark.usefixtures("cast")
def test_what_a_table_forbids_is_put_aside_and_not_tried_without_end(
    bot: RunningBot, door: Door, clock: StillClock, rosa: Person
) -> None:
    bot.start()
    opens(rosa)
    engine = door.database.engine
    with engine.begin() as connection:
        for statement in FORBID[engine.dialect.name]:
            connection.exec_driver_sql(statement)
    rosa.says("somebody is at the door")

    def given_up() -> bool:
        clock.advance(timedelta(seconds=40))
        return backlog(door) == (0, 1)

    until(given_up)
    rosa.wait_for("Please send it again")


def test_a_signal_to_end_ends_promptly_and_gives_leases_back(
    bot: RunningBot, sandbox: Sandbox, door: Door, rosa: Person
) -> None:
    rosa.starts()
    sandbox.faults.slow("sendMessage", seconds=30, times=1)
    letter = promised(door, rosa.user_id, "later")
    bot.start("postman")
    until(lambda: bool(sandbox.called("sendMessage")))
    bot.stop()
    assert became(door, letter)[0] is LetterStatus.WAITING
    assert len(door.ask(post.take, MACHINE, limit=10)) == 1
