"""What a postman noted before it was killed is out: whoever is born next does not send it again."""

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bot.counterfoils import NOTES, Counterfoils, Left
from config.country import Pack
from network import outbox
from network.db import Database, Tx, writing
from network.door import Door
from network.encryption.server import ServerSecret
from network.kernel.actor import Engine
from network.kernel.ids import LetterId, new_id
from network.outbox import services as post
from network.outbox.domain import LEASE, Leased, Letter, LetterStatus, Out, Priority, Signal
from tests.ground.clock import StillClock

MACHINE = Engine("test")
ROSA, BILAL = 2001, 1002
Open = Callable[[], AbstractContextManager[Tx]]


@pytest.fixture
def opened(database: Database, clock: StillClock, secret: ServerSecret, pack: Pack) -> Open:
    return lambda: writing(database, clock(), secret, pack)


def some(many: int) -> list[Out]:
    return [Out(LetterId(new_id()), LetterId(new_id()), 7 + number) for number in range(many)]


def killed(folder: Path, notes: Sequence[Out], forgotten: Sequence[Out] = ()) -> None:
    """A postman who noted this, wrote down some of it, and was killed."""
    pid = os.fork()
    if pid == 0:
        foils = Counterfoils(folder)
        for one in notes:
            foils.note(one.row, one.letter, one.message_id)
        for one in forgotten:
            foils.forget(one.row)
        os.kill(os.getpid(), signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def inherited(folder: Path) -> set[Out]:
    """What the next one finds, and has done with."""
    found: set[Out] = set()
    for left in Counterfoils(folder).left():
        found.update(left.out)
        left.done()
    return found


def test_what_was_noted_outlives_whoever_is_killed(tmp_path: Path) -> None:
    first, second = some(3), some(2)
    killed(tmp_path / "out", first)
    killed(tmp_path / "out", second)

    assert inherited(tmp_path / "out") == {*first, *second}
    assert inherited(tmp_path / "out") == set()


def test_what_is_no_note_stops_neither_the_others_nor_the_postman(tmp_path: Path) -> None:
    noted = some(2)
    killed(tmp_path / "out", noted)
    (tmp_path / "out" / "00").mkdir()
    (tmp_path / "out" / "zz").write_bytes(b"x")

    assert inherited(tmp_path / "out") == {*noted}
    Left(tmp_path / "out" / "00", os.open(os.devnull, os.O_RDONLY), ()).done()
    assert (tmp_path / "out" / "00").is_dir()


def test_what_stands_in_the_database_is_noted_no_more(tmp_path: Path) -> None:
    written_down, only_noted = some(2)
    killed(tmp_path / "out", [written_down, only_noted], forgotten=[written_down])

    kept = b"".join(one.read_bytes() for one in (tmp_path / "out").iterdir())
    assert written_down.row.bytes not in kept
    assert written_down.letter.bytes not in kept
    assert inherited(tmp_path / "out") == {only_noted}


def test_the_notes_of_the_living_are_their_own(tmp_path: Path) -> None:
    (noted,) = some(1)
    alive = Counterfoils(tmp_path / "out")
    alive.note(noted.row, noted.letter, noted.message_id)

    assert inherited(tmp_path / "out") == set()

    alive.close()  # it could not write it down any more
    assert inherited(tmp_path / "out") == {noted}


def test_an_end_with_nothing_left_to_say_leaves_nothing(tmp_path: Path) -> None:
    (noted,) = some(1)
    foils = Counterfoils(tmp_path / "out")
    foils.note(noted.row, noted.letter, noted.message_id)
    foils.forget(noted.row)
    foils.close()

    assert list((tmp_path / "out").iterdir()) == []


def test_two_heirs_do_not_share_one_will(tmp_path: Path) -> None:
    (noted,) = some(1)
    killed(tmp_path / "out", [noted])
    one, other = Counterfoils(tmp_path / "out"), Counterfoils(tmp_path / "out")

    (held,) = one.left()
    assert list(other.left()) == []

    held.later()  # the database was away
    assert [left.out for left in other.left()] == [(noted,)]


def test_more_than_there_is_room_for_is_sent_again_and_breaks_nobody(tmp_path: Path) -> None:
    many = some(NOTES + 5)
    killed(tmp_path / "out", many)

    assert len(inherited(tmp_path / "out")) == NOTES


def test_where_nothing_can_be_noted_letters_go_out_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    (noted,) = some(1)

    foils = Counterfoils(tmp_path / "out")
    foils.note(noted.row, noted.letter, noted.message_id)
    foils.forget(noted.row)

    assert list(foils.left()) == []
    foils.close()


def settle_left(door: Door, *out: Out) -> None:
    door.ask(post.settle_left, MACHINE, out=out)


def taken(door: Door) -> list[Leased]:
    return door.ask(post.take, MACHINE, limit=10)


def test_a_letter_that_was_noted_is_not_sent_again_and_holds_up_nobody(
    door: Door, opened: Open, clock: StillClock
) -> None:
    first, second = Letter(ROSA, "es", "one"), Letter(ROSA, "es", "two")
    with opened() as tx:
        outbox.promise(tx, first)
        outbox.promise(tx, second)
    assert [one.id for one in taken(door)] == [first.id]

    settle_left(door, Out(first.id, first.id, 99), *some(3))

    assert [one.id for one in taken(door)] == [second.id]
    with opened() as tx:
        assert outbox.deliveries(tx, [first.id])[first.id].status is LetterStatus.DELIVERED
        assert outbox.traces(tx, ROSA) == [99]
    clock.advance(LEASE * 2)
    assert [one.id for one in taken(door)] == [second.id]


def test_of_an_envelope_only_what_was_noted_is_out(
    door: Door, opened: Open, clock: StillClock
) -> None:
    letters = tuple(Letter(to, "es", "alarm", priority=Priority.ALARM) for to in (ROSA, BILAL))
    signal_ = Signal(letters)
    with opened() as tx:
        outbox.promise_signal(tx, signal_)
    taken(door)

    settle_left(door, Out(signal_.id, letters[0].id, 5))
    clock.advance(LEASE * 2)
    (again,) = taken(door)
    assert again.letters == (letters[1],)

    settle_left(door, Out(signal_.id, letters[1].id, None))
    clock.advance(LEASE * 2)
    assert taken(door) == []
    with opened() as tx:
        assert outbox.deliveries(tx, [signal_.id])[signal_.id].status is LetterStatus.DELIVERED


def test_what_was_taken_back_meanwhile_stays_taken_back(door: Door, opened: Open) -> None:
    letter = Letter(ROSA, "es", "one")
    with opened() as tx:
        outbox.promise(tx, letter)
    taken(door)
    with opened() as tx:
        outbox.cancel(tx, letter.id)

    settle_left(door, Out(letter.id, letter.id, 5))

    with opened() as tx:
        assert outbox.deliveries(tx, [letter.id])[letter.id].status is LetterStatus.CANCELLED
