"""A promise is kept once, in order, the urgent ones first, whoever crashes meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update

from config.country import Pack
from network import outbox
from network.db import Database, Tx, writing
from network.encryption.server import ServerSecret
from network.kernel.hidden import Plaintext
from network.kernel.ids import ChannelId, LetterId, new_id
from network.outbox.domain import (
    CEILINGS,
    GIVE_UP_AFTER,
    LEASE,
    ROUND,
    Button,
    Leased,
    Letter,
    LetterStatus,
    Priority,
    Signal,
    backoff,
)
from network.outbox.store import SIGNAL_BYTES
from network.outbox.tables import LetterRow
from tests.ground.clock import StillClock

ROSA, BILAL = 2001, 1002
Open = Callable[[], AbstractContextManager[Tx]]


@pytest.fixture
def opened(database: Database, clock: StillClock, secret: ServerSecret, pack: Pack) -> Open:
    return lambda: writing(database, clock(), secret, pack)


def letter(
    to: int, say: str, priority: Priority = Priority.ANSWER, once: str | None = None
) -> Letter:
    return Letter(to=to, language="es", say=say, priority=priority, once=once)


def lease(opened: Open, limit: int = 10) -> list[Leased]:
    with opened() as tx:
        return outbox.lease(tx, limit)


def said(leased: list[Leased]) -> list[str]:
    return [one.letters[0].say for one in leased]


def test_a_promise_made_twice_is_one_promise(opened: Open) -> None:
    with opened() as tx:
        outbox.promise(tx, letter(ROSA, "first", once="accepted:1"))
        outbox.promise(tx, letter(ROSA, "again", once="accepted:1"))

    assert said(lease(opened)) == ["first"]


def test_a_letter_comes_back_as_it_was_promised(opened: Open) -> None:
    promised = Letter(
        to=ROSA,
        language="en",
        say="Somebody is coming.",
        params={"reference": "rio-maple"},
        words=Plaintext("aquí estoy"),
        buttons=((Button("I am well", "well:00"), Button("I want to talk", "talk:00")),),
        keyboard=(("One", "Two"), ("Three",)),
        location=(19.4, -99.1),
    )
    with opened() as tx:
        outbox.promise(tx, promised)

    assert lease(opened)[0].letters == (promised,)


def test_of_one_chat_only_the_first_letter_is_taken_until_it_is_out(opened: Open) -> None:
    with opened() as tx:
        for say, to in (("one", ROSA), ("two", ROSA), ("other", BILAL)):
            outbox.promise(tx, letter(to, say))

    first = lease(opened)
    assert said(first) == ["one", "other"]
    assert lease(opened) == []

    with opened() as tx:
        outbox.delivered(tx, [outbox.Sent(one.number, 7) for one in first])
    assert said(lease(opened)) == ["two"]


def test_an_alarm_overtakes_everything_that_waits_for_its_chat(opened: Open) -> None:
    with opened() as tx:
        outbox.promise(tx, letter(ROSA, "notice", Priority.NOTICE))
        outbox.promise(tx, letter(ROSA, "alarm", Priority.ALARM))

    assert said(lease(opened)) == ["alarm"]


def test_a_letter_for_tomorrow_holds_up_nobody(opened: Open, clock: StillClock) -> None:
    with opened() as tx:
        outbox.promise(
            tx, Letter(to=ROSA, language="es", say="later", due_at=clock() + timedelta(days=1))
        )
        outbox.promise(tx, letter(ROSA, "now"))

    assert said(lease(opened)) == ["now"]
    clock.advance(timedelta(days=1))
    assert said(lease(opened)) == ["later"]


def test_a_letter_whose_postman_was_killed_is_taken_up_again(
    opened: Open, clock: StillClock
) -> None:
    with opened() as tx:
        outbox.promise(tx, letter(ROSA, "hello"))
    first = lease(opened)
    assert lease(opened) == []

    clock.advance(LEASE + timedelta(seconds=1))
    again = lease(opened)

    assert [one.id for one in again] == [one.id for one in first]
    assert again[0].attempts == 2


def test_what_was_said_is_erased_when_it_is_out(opened: Open, database: Database) -> None:
    with opened() as tx:
        outbox.promise(tx, letter(ROSA, "hello"))
    taken = lease(opened)
    with opened() as tx:
        outbox.delivered(tx, [outbox.Sent(taken[0].number, 9)])

    with database.reading() as session:
        row = session.get_one(LetterRow, taken[0].number)
        assert (row.payload, row.status, row.message_id) == (b"", LetterStatus.DELIVERED, 9)


def test_a_letter_that_never_gets_through_ends_refused_and_visible(
    opened: Open, clock: StillClock
) -> None:
    with opened() as tx:
        promised = outbox.promise(tx, letter(ROSA, "hello"))
    begun, tries = clock(), 0
    while taken := lease(opened):
        tries += 1
        with opened() as tx:
            outbox.later(tx, taken[0], "network")
        clock.advance(timedelta(minutes=30))

    assert clock() - begun >= GIVE_UP_AFTER
    assert tries > 40
    with opened() as tx:
        found = outbox.deliveries(tx, [promised])[promised]
    assert (found.status, found.error) == (LetterStatus.REFUSED, "gave_up")


def test_telegrams_own_wait_is_obeyed(opened: Open, clock: StillClock) -> None:
    with opened() as tx:
        outbox.promise(tx, letter(ROSA, "hello"))
    (taken,) = lease(opened)
    with opened() as tx:
        outbox.later(tx, taken, "too_many", after=timedelta(seconds=90))

    clock.advance(timedelta(seconds=89))
    assert lease(opened) == []
    clock.advance(timedelta(seconds=2))
    assert said(lease(opened)) == ["hello"]


def test_a_letter_taken_back_is_not_sent(opened: Open) -> None:
    with opened() as tx:
        promised = outbox.promise(tx, letter(ROSA, "hello"))
        outbox.cancel(tx, promised)

    assert lease(opened) == []


def test_a_letter_taken_back_on_its_way_stays_taken_back_and_can_be_wiped_from_the_chat(
    opened: Open,
) -> None:
    with opened() as tx:
        mine = outbox.promise(tx, letter(ROSA, "are you well?"))
    (leased,) = lease(opened)
    with opened() as tx:
        outbox.cancel(tx, mine)
    with opened() as tx:
        outbox.delivered(tx, [outbox.Sent(leased.number, message_id=77)])
    with opened() as tx:
        assert outbox.deliveries(tx, [mine])[mine].status is LetterStatus.CANCELLED
        assert outbox.traces(tx, ROSA) == [77]
        assert outbox.last_delivery(tx) is None


def test_every_signal_has_the_same_size_whether_it_rings(opened: Open, database: Database) -> None:
    alarm = letter(BILAL, "Alarm in {reference}", Priority.ALARM)
    with opened() as tx:
        outbox.promise_signal(tx, Signal(letters=()))
        outbox.promise_signal(tx, Signal(letters=(alarm,) * 12))

    with database.reading() as session:
        calm, ringing = (row.payload for row in session.query(LetterRow))
    assert len(calm) == len(ringing) > SIGNAL_BYTES


def test_what_of_a_signal_did_not_get_through_is_sent_again_and_the_rest_is_not(
    opened: Open, clock: StillClock
) -> None:
    with opened() as tx:
        outbox.promise_signal(tx, Signal(letters=(letter(ROSA, "a"), letter(BILAL, "b"))))
    (taken,) = lease(opened)
    with opened() as tx:
        outbox.later(tx, taken, "network", unsent=taken.letters[1:])

    clock.advance(timedelta(minutes=1))
    assert said(lease(opened)) == ["b"]


def test_a_signal_that_waits_shows_neither_whether_it_rings_nor_how_much_of_it_is_out(
    opened: Open, database: Database, clock: StillClock
) -> None:
    alarm = letter(BILAL, "alarm", Priority.ALARM)
    with opened() as tx:
        for letters in ((letter(ROSA, "a"),), (letter(ROSA, "a"), alarm), (alarm,) * 12):
            outbox.promise_signal(tx, Signal(letters=letters))
    before = payloads(database)
    one, two, twelve = lease(opened)
    with opened() as tx:
        outbox.later(tx, one, "network")
        outbox.later(tx, two, "network", unsent=two.letters[1:])
        outbox.later(tx, twelve, "network")

    with database.reading() as session:
        rows = session.query(LetterRow).all()
    assert {(row.is_signal, row.chat_index, row.attempts, row.error) for row in rows} == {
        (True, None, 1, "network")
    }
    after = payloads(database)
    assert {len(each) for each in before + after} == {len(before[0])}
    assert not set(before) & set(after)

    clock.advance(timedelta(minutes=1))
    for taken in lease(opened):
        with opened() as tx:
            outbox.delivered(tx, [outbox.Sent(taken.number)])
    with database.reading() as session:
        assert {row.attempts for row in session.query(LetterRow)} == {1}


def test_a_channel_does_not_ring_for_a_letter_that_was_taken_out_while_it_was_on_its_way(
    opened: Open, clock: StillClock
) -> None:
    calls = [
        replace(letter(to, "alarm"), buttons=((Button("take", to_take),),))
        for to, to_take in ((ROSA, "own:1"), (BILAL, "own:2"))
    ]
    with opened() as tx:
        outbox.promise_signal(tx, Signal(letters=tuple(calls)))
    (taken,) = lease(opened)
    with opened() as tx:
        outbox.take_out(tx, ["own:1"], lambda one: None if one.to == ROSA else one)
    channels = [
        replace(one, to=0, by=ChannelId(new_id()), instead_of=one.id, id=LetterId(new_id()))
        for one in taken.letters
    ]
    with opened() as tx:
        outbox.later(tx, taken, "network", unsent=(*taken.letters, *channels))

    clock.advance(timedelta(minutes=1))
    (again,) = lease(opened)
    assert [one.id for one in again.letters] == [calls[1].id, channels[1].id]
    with opened() as tx:
        outbox.take_out(tx, ["own:2"], lambda _: None)
        outbox.later(tx, again, "network")

    clock.advance(timedelta(minutes=1))
    assert lease(opened)[0].letters == ()


def test_more_channels_than_an_envelope_holds_stop_no_postman(
    opened: Open, database: Database, clock: StillClock
) -> None:
    calls = tuple(letter(ROSA + n, "alarm " * 50) for n in range(20))
    with opened() as tx:
        outbox.promise_signal(tx, Signal(letters=calls))
    (size,) = {len(one) for one in payloads(database)}
    (taken,) = lease(opened)
    channels = tuple(
        replace(one, by=ChannelId(new_id()), instead_of=one.id, id=LetterId(new_id()))
        for one in calls
    )
    with opened() as tx:
        outbox.later(tx, taken, "network", unsent=calls + channels)

    assert [len(one) for one in payloads(database)] == [size]
    clock.advance(timedelta(minutes=1))
    assert lease(opened)[0].letters[: len(calls)] == calls


def payloads(database: Database) -> list[bytes]:
    with database.reading() as session:
        return [row.payload for row in session.query(LetterRow)]


def test_how_long_a_signal_took_is_not_written_down(
    opened: Open, database: Database, clock: StillClock
) -> None:
    with opened() as tx:
        outbox.promise_signal(tx, Signal(letters=()))
        outbox.promise_signal(tx, Signal(letters=(letter(BILAL, "alarm", Priority.ALARM),)))
        outbox.promise_signal(tx, Signal(letters=(letter(ROSA, "alarm", Priority.ALARM),)))
    for _ in range(3):
        clock.advance(timedelta(seconds=1))
        taken = lease(opened, 1)
        with opened() as tx:
            if taken[0].letters and taken[0].letters[0].to == ROSA:
                outbox.refused(tx, taken[0].number, "blocked")
            else:
                outbox.delivered(tx, [outbox.Sent(taken[0].number)])

    with database.reading() as session:
        assert all(row.settled_at == row.promised_at for row in session.query(LetterRow))


def test_notices_of_one_half_minute_are_one_and_do_not_say_whose(
    opened: Open, database: Database, clock: StillClock
) -> None:
    told = [letter(to, "New message", Priority.NOTICE) for to in (ROSA, ROSA, BILAL)]
    for one in told:
        with opened() as tx:
            outbox.gather(tx, [one])
    assert lease(opened) == []

    clock.advance(ROUND)
    leased = lease(opened)
    assert sorted(one.letters[0].to for one in leased) == sorted([ROSA, BILAL])
    with opened() as tx:
        outbox.delivered(tx, [outbox.Sent(one.number, 7) for one in leased])
    with database.engine.connect() as connection:
        rows = connection.execute(select(LetterRow.chat_index, LetterRow.message_id)).all()
    assert rows == [(None, None)] * 2


def test_a_letter_that_cannot_be_read_holds_up_no_other(opened: Open, database: Database) -> None:
    with opened() as tx:
        outbox.promise(tx, letter(ROSA, "spoiled"))
        outbox.promise(tx, letter(BILAL, "hello"))
    with database.writing.begin() as session:
        session.execute(update(LetterRow).where(LetterRow.number == 1).values(payload=b"rot"))

    assert said(lease(opened)) == ["hello"]
    with database.reading() as session:
        spoiled = session.query(LetterRow).filter(LetterRow.number == 1).one()
    assert spoiled.error == "unreadable"


def test_two_postmen_never_hold_the_same_letter(opened: Open) -> None:
    with opened() as tx:
        for n in range(200):
            outbox.promise(tx, letter(3000 + n, str(n)))
    start = Barrier(4)

    def work(_: int) -> list[int]:
        start.wait()
        taken: list[int] = []
        while found := lease(opened, 7):
            taken += [one.number for one in found]
        return taken

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(work, range(4)))

    everything = [number for share in shares for number in share]
    assert len(everything) == len(set(everything)) == 200


@pytest.mark.parametrize("priority", Priority)
def test_the_wait_grows_and_never_passes_its_ceiling(priority: Priority) -> None:
    ceiling = CEILINGS[priority]
    for attempts in range(1, 40):
        waits = [backoff(attempts, jitter, ceiling) for jitter in (0.0, 0.5, 0.99)]
        assert sorted(set(waits)) == waits, attempts
        assert waits[0] <= backoff(attempts + 1, 0.0, ceiling), attempts
        assert waits[-1] < ceiling * 1.25, attempts


def test_an_alarm_that_fails_is_tried_again_within_a_minute_however_often_it_failed() -> None:
    assert backoff(1000, 0.99, CEILINGS[Priority.ALARM]) < timedelta(minutes=1)
