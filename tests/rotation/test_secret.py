"""The server secret is changed while everybody goes on working, and a change that was killed."""

import os
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from network import inbox, outbox
from network.cases import services as cases
from network.db import Tx, sealed_columns
from network.door import Door
from network.encryption.authenticators import Made
from network.encryption.keyring import (
    is_peppered,
    stretched,
    unlock_one,
    unlock_with_passkey,
    unused_keys,
    wrap_by_passkey,
)
from network.encryption.keyring import make_member as made_of
from network.encryption.sealed import Sealed
from network.encryption.server import ServerSecret
from network.inbox.domain import Incoming
from network.kernel.actor import Actor, Engine
from network.kernel.errors import NotAllowed
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import new_id
from network.outbox.domain import Letter
from network.people import services as people
from network.people.store import passkeys, ways
from network.people.tables import PasskeyRow, PersonRow
from network.rotation import secret as rotation
from network.rotation import suites
from tests.cast import Cast
from tests.journeys.dump import Dump, opened_by, taken
from tests.web.theirs import Theirs, theirs

__all__ = ["theirs"]

CLI = Engine("cli")
R = TypeVar("R")
ROOT = Path(__file__).parents[2]
PASSPHRASE = Plaintext("ventana cobre trece nube martillo")
UPDATE = '{"update_id":7,"message":{"message_id":3,"chat":{"id":5000002,"type":"private"}}}'


def secret_of(text: str, *others: str) -> ServerSecret:
    return ServerSecret.from_text(text, others)


@pytest.fixture(scope="module")
def old() -> str:
    return ServerSecret.new_text()


@pytest.fixture(scope="module")
def new() -> str:
    return ServerSecret.new_text()


@pytest.fixture(scope="module")
def secret(old: str) -> ServerSecret:
    """In this story the house begins with the old one."""
    return secret_of(old)


@pytest.fixture
def lived_in(door: Door, cast: Cast, theirs: Theirs, sessions: sessionmaker[Session]) -> Theirs:
    """A house with something in every room: words that wait, a talk half-way, a promise made."""
    alice = made_of(cast.alice.id, PASSPHRASE, door.secret.pepper)
    with sessions.begin() as session:
        session.execute(delete(PasskeyRow))  # its wrap stands for one and is none
        for person in session.scalars(select(PersonRow.id)):
            unused = unused_keys(person, door.secret.pepper)
            session.execute(
                update(PersonRow)
                .where(PersonRow.id == person)
                .values(key_by_passphrase=unused.by_passphrase, key_by_recovery=unused.by_recovery)
            )
        session.execute(
            update(PersonRow)
            .where(PersonRow.id == cast.alice.id)
            .values(key_by_passphrase=alice.by_passphrase, key_salt=alice.salt)
        )
    neighbour = Incoming(7, cast.neighbours.chat, Plaintext(UPDATE), 3)
    door.ask(_does(lambda tx: inbox.put(tx, [neighbour])), CLI)
    (arrival,) = door.ask(_does(lambda tx: inbox.claim(tx, 5)), CLI)
    door.ask(_does(lambda tx: inbox.remember(tx, arrival, Plaintext('{"step":"where"}'))), CLI)
    door.ask(_does(lambda tx: inbox.settle(tx, arrival)), CLI)
    waiting = Incoming(8, cast.family.chat, Plaintext(UPDATE.replace("5000002", "5000001")), 4)
    door.ask(_does(lambda tx: inbox.put(tx, [waiting])), CLI)
    _promises(door, cast)
    return theirs


def _does(verb: Callable[[Tx], R]) -> Callable[[Tx, Actor], R]:
    def ask(tx: Tx, _actor: Actor) -> R:
        return verb(tx)

    return ask


def _promises(door: Door, cast: Cast) -> None:
    letter = Letter(cast.bilal.chat, "es", "hola", once="the-same-promise")
    door.ask(_does(lambda tx: outbox.promise(tx, letter)), CLI)


def batches(door: Door, at_once: int = 3) -> Generator[rotation.Batch, None, None]:
    """As the command asks for them."""
    for part, many in door.look(rotation.parts, CLI).items():
        after, more = None, bool(many)
        while more:
            batch = door.ask(rotation.turn, CLI, part=part, after=after, most=at_once)
            yield batch
            after = batch.after
            more = after is not None


def sizes(dump: Dump) -> list[tuple[str, int]]:
    """Which column has envelopes of which sizes."""
    return sorted(
        (f"{column.table.name}.{column.name}", len(row[column.name]))
        for column in sealed_columns("server")
        for row in dump.rows[column.table.name]
        if row[column.name]
    )


def works(door: Door, cast: Cast) -> None:
    """Everybody is found and read: by chat, by name, and what waits."""
    assert door.look(cases.case_of, cast.family) is not None
    assert door.look(people.whoami, cast.bilal.in_chat).person_id == cast.bilal.id
    assert door.look(cases.desk, cast.elena.at_desk).counts
    assert door.look(people.people, cast.elena.at_desk).members


@pytest.mark.usefixtures("lived_in")
def test_everything_is_sealed_anew_and_the_old_secret_opens_nothing(
    door: Door, cast: Cast, old: str, new: str
) -> None:
    before = taken(door)
    both = replace(door, secret=secret_of(new, old))
    works(both, cast)
    assert sum(door.look(rotation.parts, CLI).values()) == 0
    assert sum(both.look(rotation.parts, CLI).values()) > 20

    assert not any(batch.shut for batch in batches(both))
    both.ask(rotation.finish, CLI)

    assert sum(both.look(rotation.parts, CLI).values()) == 0
    alone = replace(door, secret=secret_of(new))
    after = taken(alone)
    assert sizes(after) == sizes(before)
    assert len(list(opened_by(alone.secret, after))) == len(sizes(after))
    assert list(opened_by(door.secret, after)) == []
    works(alone, cast)


@pytest.mark.usefixtures("lived_in")
def test_ways_in_and_a_talk_half_way_go_on(door: Door, cast: Cast, old: str, new: str) -> None:
    both = replace(door, secret=secret_of(new, old))
    list(batches(both))
    alone = replace(door, secret=secret_of(new))
    for row in taken(alone).rows["people"]:
        every = [Sealed(row["key_by_passphrase"]), Sealed(row["key_by_recovery"])]
        every += [
            wrap
            for way in ways.unpacked(row["covers"])
            for wrap in (way.by_passphrase, way.by_recovery)
        ]
        assert all(is_peppered(wrap, alone.secret.pepper) for wrap in every)
        if row["id"] == cast.alice.id:
            key = stretched(PASSPHRASE, row["key_salt"])
            assert unlock_one(cast.alice.id, key, every, alone.secret.peppers)

    again = Incoming(9, cast.neighbours.chat, Plaintext(UPDATE.replace("7", "9")), 5)
    both.ask(_does(lambda tx: inbox.put(tx, [again])), CLI)  # moves the talk of an unknown chat
    found = {each.update_id: each for each in alone.ask(_does(lambda tx: inbox.claim(tx, 5)), CLI)}
    talk = found[9].talk
    assert talk is not None
    assert talk.reveal() == '{"step":"where"}'


@pytest.mark.usefixtures("lived_in")
def test_a_device_signs_in_as_before(door: Door, cast: Cast, old: str, new: str) -> None:
    made, output = Made(b"credential", b"public", 3), SecretBytes(bytes(range(32)))
    held, passkey = cast.bilal.keys.private, new_id()
    wrapped = wrap_by_passkey(cast.bilal.id, held, output, door.secret.pepper)

    def adds(tx: Tx, actor: Actor) -> None:
        passkeys.add(tx, actor, passkey, made=made, wrapped=wrapped, label="teléfono")

    door.ask(adds, cast.bilal.at_desk)
    list(batches(replace(door, secret=secret_of(new, old))))
    alone = replace(door, secret=secret_of(new))
    found = alone.look(_does(lambda tx: passkeys.named(tx, made.credential)), CLI)
    assert found is not None
    assert found.made == made
    opened = unlock_with_passkey(cast.bilal.id, output, found.wrapped, alone.secret.peppers)
    assert opened == held


@pytest.mark.usefixtures("lived_in")
def test_what_was_promised_once_is_not_promised_again(
    door: Door, cast: Cast, old: str, new: str
) -> None:
    both = replace(door, secret=secret_of(new, old))
    before = len(taken(door).rows["outbox"])
    _promises(both, cast)
    list(batches(both))
    _promises(both, cast)
    assert len(taken(door).rows["outbox"]) == before


@pytest.mark.usefixtures("lived_in")
def test_half_way_both_work_and_a_second_run_goes_on(
    door: Door, cast: Cast, old: str, new: str
) -> None:
    """One process has the new secret already, the other still seals under the old one."""
    ahead = replace(door, secret=secret_of(new, old))
    behind = replace(door, secret=secret_of(old, new))
    running = batches(ahead)
    for _ in range(6):
        next(running)
    running.close()
    left = sum(ahead.look(rotation.parts, CLI).values())
    assert 0 < left < sum(1 for _ in sizes(taken(door)))
    for house in (ahead, behind):
        works(house, cast)
    behind.ask(cases.hear, cast.family, text=Plaintext("written meanwhile"))
    while sum(ahead.look(rotation.parts, CLI).values()):
        assert sum(batch.done for batch in batches(ahead))
    works(replace(door, secret=secret_of(new)), cast)


@pytest.mark.usefixtures("lived_in")
def test_a_secret_nobody_gave_is_counted_and_stops_nothing(
    door: Door, cast: Cast, old: str, new: str
) -> None:
    third = replace(door, secret=secret_of(new))
    found = list(batches(third))
    assert sum(batch.shut for batch in found) > 20
    assert sum(batch.done for batch in found) == 0
    works(replace(door, secret=secret_of(old)), cast)


def test_only_the_command_line_turns_it(door: Door, cast: Cast) -> None:
    for who in (cast.alice.at_desk, cast.bilal.in_chat):
        with pytest.raises(NotAllowed):
            door.ask(rotation.turn, who, part="cases.card")
        with pytest.raises(NotAllowed):
            door.look(rotation.parts, who)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("lived_in")
def test_a_killed_command_is_run_again(
    door: Door, cast: Cast, database_url: str, old: str, new: str
) -> None:
    folder = Path(database_url.removeprefix("sqlite:///")).parent
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HILO_")},
        "HILO_DATABASE_URL": database_url,
        "HILO_SECRET": new,
        "HILO_SECRET_RETIRED": old,
        "HILO_VAR": str(folder / "var"),
    }
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", "hilo", "secret"]

    def runs(*words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*flask, *words], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
        )

    with runs("turn", "--at-once", "1") as killed:
        assert killed.stdout is not None
        for _ in range(5):
            assert killed.stdout.readline()
        killed.kill()
    assert killed.returncode < 0
    both = replace(door, secret=secret_of(new, old))
    left = both.look(rotation.parts, CLI)
    assert any(left.values())
    works(both, cast)

    with runs("turn") as again:
        assert again.wait() == 0
        assert again.stdout is not None
    assert not any(both.look(rotation.parts, CLI).values())
    works(replace(door, secret=secret_of(new)), cast)


@pytest.mark.usefixtures("lived_in")
def test_how_far_a_suite_is_can_be_counted(door: Door, cast: Cast) -> None:
    found = door.look(suites.counted, CLI)
    assert set(found["entries.body"]) == {"HPKE"}
    assert set(found["cases.card"]) == {"SERVER"}
    assert set(found["people.key_by_recovery"]) == {"RECOVERY"}
    with pytest.raises(NotAllowed):
        door.look(suites.counted, cast.alice.at_desk)
