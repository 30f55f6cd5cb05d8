"""The door commits whole or not at all, and logs the verb and the outcome, never the words."""

import logging

import pytest
from sqlalchemy.exc import OperationalError

from network import heartbeats, inbox, outbox
from network.db import Tx, writing
from network.door import Call, Door, Outcome
from network.heartbeats import STALE_AFTER, beat, pulses
from network.inbox.domain import AlreadyHandled, Arrival, Incoming, Turn
from network.kernel.actor import Actor, Engine, InChat
from network.kernel.errors import WrongMoment
from network.kernel.hidden import Plaintext
from network.outbox.domain import Letter
from tests.ground.clock import StillClock

CLOCK = Engine("clock")
ROSA = InChat(2001)


def wish(tx: Tx, _actor: Actor, *, words: Plaintext, fails: type[Exception] | None = None) -> str:
    outbox.promise(tx, Letter(to=1002, language="es", words=words))
    if fails is not None:
        raise fails
    return "done"


def arrivals(door: Door, many: int) -> list[Arrival]:
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        inbox.put(tx, [Incoming(n, 3000 + n, Plaintext("canary")) for n in range(many)])
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        return inbox.claim(tx, many)


def arrival(door: Door) -> Arrival:
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        inbox.put(tx, [Incoming(1, 2001, Plaintext("canary"))])
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        return inbox.claim(tx, 1)[0]


def due(door: Door) -> int:
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        return outbox.backlog(tx)[0]


def turn(_: str) -> Turn:
    return Turn((Letter(to=2001, language="es", say="Received"),), Plaintext("waiting"))


def test_what_was_asked_is_kept(door: Door) -> None:
    assert door.ask(wish, ROSA, words=Plaintext("x")) == "done"
    assert due(door) == 1


@pytest.mark.parametrize("failure", [WrongMoment, ZeroDivisionError])
def test_a_refusal_or_a_bug_leaves_nothing_half_done(door: Door, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        door.ask(wish, ROSA, words=Plaintext("x"), fails=failure)
    assert due(door) == 0


def test_looking_leaves_no_mark(door: Door) -> None:
    door.look(wish, ROSA, words=Plaintext("x"))
    assert due(door) == 0


def answered(door: Door, held: Arrival, fails: type[Exception] | None = None) -> Outcome:
    def service(tx: Tx, actor: Actor) -> str:
        return wish(tx, actor, words=Plaintext("x"), fails=fails)

    return door.answer_all([Call(held, service, ROSA, turn)])[0]


def test_an_answer_is_the_deed_the_reply_the_talk_and_the_mark_in_one(door: Door) -> None:
    held = arrival(door)
    assert answered(door, held).result == "done"

    assert due(door) == 2
    assert isinstance(answered(door, held).error, AlreadyHandled)
    assert due(door) == 2


@pytest.mark.parametrize("failure", [WrongMoment, ZeroDivisionError])
def test_an_answer_that_fails_leaves_the_arrival_waiting(
    door: Door, failure: type[Exception]
) -> None:
    held = arrival(door)
    assert isinstance(answered(door, held, failure).error, failure)
    assert due(door) == 0

    answered(door, held)
    assert due(door) == 2


@pytest.mark.parametrize("failure", [WrongMoment, ZeroDivisionError])
def test_of_many_answered_in_one_commit_each_is_whole_or_not_at_all(
    door: Door, failure: type[Exception]
) -> None:
    def fail(tx: Tx, actor: Actor) -> str:
        return wish(tx, actor, words=Plaintext("x"), fails=failure)

    def succeed(tx: Tx, actor: Actor) -> str:
        return wish(tx, actor, words=Plaintext("x"))

    held = arrivals(door, 3)
    services = (succeed, fail, succeed)
    calls = [Call(one, each, ROSA, turn) for one, each in zip(held, services, strict=True)]
    first, broken, last = door.answer_all(calls)

    assert (first.result, last.result) == ("done", "done")
    assert isinstance(broken.error, failure)
    assert due(door) == 4
    again = door.answer_all([Call(one, succeed, ROSA, turn) for one in held])
    assert [type(outcome.error) for outcome in again] == [
        AlreadyHandled,
        type(None),
        AlreadyHandled,
    ]
    assert due(door) == 6


def test_when_the_commit_of_many_fails_nothing_of_any_is_done(door: Door) -> None:
    def lose_the_database(_tx: Tx, _actor: Actor) -> str:
        raise OperationalError("insert", {}, Exception("disk full"))

    def succeed(tx: Tx, actor: Actor) -> str:
        return wish(tx, actor, words=Plaintext("x"))

    held = arrivals(door, 2)
    services = (succeed, lose_the_database)
    calls = [Call(one, each, ROSA, turn) for one, each in zip(held, services, strict=True)]
    with pytest.raises(OperationalError):
        door.answer_all(calls)
    assert due(door) == 0


def test_the_log_names_the_verb_and_never_the_words(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        door.ask(wish, ROSA, words=Plaintext("canary"))
        with pytest.raises(WrongMoment):
            door.ask(wish, ROSA, words=Plaintext("canary"), fails=WrongMoment)

    assert "wish by family" in caplog.text
    assert "wish refused: wrong_moment by family" in caplog.text
    assert "canary" not in caplog.text
    assert "2001" not in caplog.text


def test_an_engine_that_falls_silent_is_noticed(door: Door, clock: StillClock) -> None:
    for engine in heartbeats.ENGINES:
        door.ask(beat, CLOCK, engine=engine)
    assert all(pulse.fresh for pulse in door.look(pulses, CLOCK))

    clock.advance(STALE_AFTER)
    door.ask(beat, CLOCK, engine="clock")
    stale = [pulse.engine for pulse in door.look(pulses, CLOCK) if not pulse.fresh]
    assert stale == ["ingress", "worker", "postman"]
