"""All postmen together keep Telegram's limits, and an alarm waits for none of ours."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.country import Pack
from network import outbox
from network.db import Database, Tx, writing
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor, Role
from network.kernel.ids import ChannelId, new_id
from network.outbox import services
from network.outbox.domain import NOBODY, Leased, Letter, Pace, Priority, Signal
from network.outbox.services import Delivered, Postponed
from network.outbox.tables import PaceRow
from tests.ground.clock import StillClock

RATE = 30
SECOND = timedelta(seconds=1)
LOOK = timedelta(milliseconds=50)
ROSA, BILAL = 2001, 1002
MACHINE = Actor(Role.MACHINE)
Open = Callable[[], AbstractContextManager[Tx]]


@pytest.fixture
def opened(database: Database, clock: StillClock, secret: ServerSecret, pack: Pack) -> Open:
    return lambda: writing(database, clock(), secret, pack)


def promise(opened: Open, *letters: Letter) -> None:
    with opened() as tx:
        outbox.promise_all(tx, letters)


def take(opened: Open, limit: int = 64, urgent: int = 80, rate: int = RATE) -> list[Leased]:
    with opened() as tx:
        return services.take(tx, MACHINE, limit=limit, urgent=urgent, rate=rate)


def send(opened: Open, taken: list[Leased]) -> None:
    with opened() as tx:
        services.settle(tx, MACHINE, outcomes=[Delivered(one, 1) for one in taken])


def question(to: int) -> Letter:
    return Letter(to=to, language="es", say="How are you?", priority=Priority.CHECKIN)


@given(st.lists(st.integers(0, 400), max_size=60), st.integers(1, 60))
def test_in_no_second_do_more_leave_than_the_rate(gaps: list[int], rate: int) -> None:
    pace, now = Pace(rate), datetime(2030, 1, 1, tzinfo=UTC)
    free_at, left = now - timedelta(days=1), list[datetime]()
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        allowed = pace.allowed(free_at, now)
        free_at = pace.charged(free_at, now, allowed, 0)
        left += [now] * allowed
    for begun in left:
        assert sum(begun <= each < begun + SECOND for each in left) <= max(rate, 2)


def test_ten_postmen_are_no_faster_than_one(opened: Open, clock: StillClock) -> None:
    promise(opened, *(question(9000 + n) for n in range(200)))
    left: list[datetime] = []
    while len(left) < 200:
        for _ in range(10):
            left += [clock()] * len(take(opened))
        clock.advance(LOOK)
    for begun in left:
        assert sum(begun <= each < begun + SECOND for each in left) <= RATE
    assert left[-1] - left[0] < SECOND * 200 / (RATE * 0.75)


def test_one_chat_is_sent_one_letter_a_second_and_others_do_not_wait_for_it(
    opened: Open, clock: StillClock
) -> None:
    promise(opened, *(question(ROSA) for _ in range(4)), question(BILAL))
    left: list[tuple[datetime, int]] = []
    for _ in range(100):
        taken = take(opened)
        send(opened, taken)
        left += [(clock(), one.letters[0].to) for one in taken]
        clock.advance(LOOK)
    to_rosa = [at for at, to in left if to == ROSA]
    assert len(to_rosa) == 4
    assert all(later - earlier >= SECOND for earlier, later in pairwise(to_rosa))
    assert left[1] == (left[0][0], BILAL)


def test_an_alarm_does_not_wait_behind_a_thousand_questions(opened: Open) -> None:
    promise(opened, *(question(20_000 + n) for n in range(1_000)))
    while take(opened):  # until the bucket is empty
        pass
    with opened() as tx:
        outbox.promise_signal(tx, Signal(()))
        outbox.promise(tx, Letter(to=ROSA, language="es", say="now", priority=Priority.ALARM))

    assert [one.priority for one in take(opened)] == [Priority.ALARM] * 2


@pytest.mark.parametrize("rate", [0, RATE])
def test_an_alarm_finds_a_place_when_every_other_is_taken_by_stalled_letters(
    opened: Open, rate: int
) -> None:
    promise(opened, *(question(9000 + n) for n in range(5)))
    with opened() as tx:
        outbox.promise_signal(tx, Signal(()))

    assert [one.is_signal for one in take(opened, limit=0, urgent=16, rate=rate)] == [True]
    assert take(opened, limit=-16, urgent=0, rate=rate) == []


def test_a_thousand_empty_signals_hold_up_an_answer_for_no_more_than_a_second_or_two(
    opened: Open, clock: StillClock
) -> None:
    with opened() as tx:
        outbox.promise_signals(tx, [Signal(()) for _ in range(1000)])
    promise(opened, question(ROSA))
    taken, begun = list[Leased](), clock()
    while not any(not one.is_signal for one in taken):
        taken += take(opened)
        clock.advance(LOOK)
    assert clock() - begun < 3 * SECOND


def test_what_a_signal_is_charged_does_not_tell_what_is_in_it(
    opened: Open, database: Database, clock: StillClock
) -> None:
    free: list[object] = []
    for letters in ((), (question(ROSA),) * 12):
        with opened() as tx:
            outbox.promise_signal(tx, Signal(letters))
        clock.advance(SECOND * 60)
        send(opened, take(opened))
        with database.reading() as session:
            free.append(session.get_one(PaceRow, 1).free_at - clock())
    assert free[0] == free[1]


def test_one_postman_told_to_wait_makes_all_wait_with_or_without_limits(
    opened: Open, clock: StillClock
) -> None:
    promise(opened, question(ROSA), question(BILAL))
    first = take(opened, limit=1)
    with opened() as tx:
        outcome = Postponed(first[0], services.TOO_MANY, 40 * SECOND)
        services.settle(tx, MACHINE, outcomes=[outcome])
    clock.advance(39 * SECOND)
    assert take(opened) == take(opened, rate=0) == []
    clock.advance(2 * SECOND)
    assert len(take(opened)) == 2


def test_whether_telegram_answers_is_known_to_all(opened: Open, clock: StillClock) -> None:
    promise(opened, question(ROSA), question(BILAL))
    one, other = take(opened)
    begun = clock()
    with opened() as tx:
        services.settle(tx, MACHINE, outcomes=[Postponed(one, services.NETWORK)])
    clock.advance(SECOND)
    with opened() as tx:
        services.settle(tx, MACHINE, outcomes=[Postponed(other, services.NETWORK)])
    with opened() as tx:
        assert outbox.road(tx) == outbox.Road(None, begun, 2)
    clock.advance(60 * SECOND)
    send(opened, take(opened)[:1])
    with opened() as tx:
        assert outbox.road(tx) == outbox.Road(None, None, 0)


@pytest.mark.parametrize("chats", [1, 2])
def test_that_telegram_knows_us_opens_no_road_on_which_letters_to_many_fail(
    opened: Open, clock: StillClock, chats: int
) -> None:
    promise(opened, *(question(9000 + n) for n in range(chats)))
    with opened() as tx:
        failed = [Postponed(one, services.NETWORK) for one in services.take(tx, MACHINE, limit=9)]
        services.settle(tx, MACHINE, outcomes=failed)
    promise(opened, Letter(to=NOBODY, language="", priority=Priority.ALARM))
    word = Letter(to=NOBODY, language="es", by=ChannelId(new_id()), priority=Priority.ALARM)
    with opened() as tx:
        outbox.promise_signal(tx, Signal(()))
    promise(opened, word)
    with opened() as tx:
        out = services.take(tx, MACHINE, limit=9)
        assert len(out) == 3
        services.settle(tx, MACHINE, outcomes=[Delivered(one) for one in out])
        assert (outbox.road(tx).failing_since is None) is (chats == 1)
        assert outbox.last_delivery(tx) is None
    clock.advance(60 * SECOND)
    send(opened, take(opened))
    with opened() as tx:
        assert outbox.road(tx).failing_since is None
        assert outbox.last_delivery(tx) == clock()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("postmen", [2, 4])
@pytest.mark.parametrize("rate", [0, RATE])
def test_each_letter_is_leased_by_one_postman(
    opened: Open, clock: StillClock, postmen: int, rate: int
) -> None:
    promise(opened, *(question(9000 + n) for n in range(120)))
    start = Barrier(postmen)
    everything: list[int] = []

    def work(_: int) -> list[Leased]:
        start.wait()
        return take(opened, limit=7, rate=rate)

    with ThreadPoolExecutor(postmen) as pool:
        while len(everything) < 120:
            shares = list(pool.map(work, range(postmen)))
            assert sum(len(each) for each in shares) <= (RATE if rate else 120)
            for share in shares:
                everything += [one.number for one in share]
                send(opened, share)
            clock.advance(SECOND)
    assert len(set(everything)) == len(everything) == 120


def test_a_refused_letter_can_be_tried_again_and_a_delivered_one_cannot(
    opened: Open, clock: StillClock
) -> None:
    promise(opened, question(ROSA), question(BILAL))
    one, other = take(opened)
    with opened() as tx:
        outbox.refused(tx, one.number, "blocked")
        outbox.delivered(tx, [outbox.Sent(other.number)])
    clock.advance(timedelta(hours=1))
    with opened() as tx:
        assert [each.id for each in outbox.troubled(tx)] == [one.id]
        assert outbox.retry(tx, one.id)
        assert not outbox.retry(tx, other.id)
    assert [each.id for each in take(opened)] == [one.id]


def test_a_letter_that_is_on_its_way_is_not_tried_a_second_time(opened: Open) -> None:
    promise(opened, question(ROSA))
    (taken,) = take(opened)
    with opened() as tx:
        assert not outbox.retry(tx, taken.id)
    with opened() as tx:
        outbox.later(tx, taken, "network")
    with opened() as tx:
        assert outbox.retry(tx, taken.id)
    assert len(take(opened)) == 1


def test_nobody_can_silence_a_signal(opened: Open) -> None:
    with opened() as tx:
        outbox.promise_signal(tx, Signal(()))
    promise(opened, question(ROSA))
    signal, letter = take(opened)
    with opened() as tx:
        assert not outbox.give_up(tx, signal.id)
        assert outbox.give_up(tx, letter.id)


def test_a_chat_that_is_wiped_leaves_no_refused_letter_behind(opened: Open) -> None:
    promise(opened, question(ROSA))
    (taken,) = take(opened)
    with opened() as tx:
        outbox.refused(tx, taken.number, "blocked")
        outbox.cancel_chat(tx, ROSA)
        assert outbox.troubled(tx) == []
        assert not outbox.retry(tx, taken.id)
