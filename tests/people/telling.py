"""What a sign-in leaves behind: every row, size, log line and letter, for somebody to bet on."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from network.db import writing
from network.door import Door
from network.encryption.envelope import new_key_pair
from network.kernel.hidden import SecretBytes
from network.kernel.ids import PersonId
from network.people.domain import Caller, Lock, Opened
from network.people.entrance import passkeys
from network.people.entrance.answering import answered
from network.people.entrance.coming import admitted
from network.people.entrance.trying import Proven
from network.people.services import passkeys as verbs
from network.people.store import locks
from tests.ground.authenticator import SoftDevice
from tests.ground.betting import Seen, listening, plain
from tests.ground.clock import StillClock
from tests.people.devices import SITE

STEP = timedelta(seconds=30)


def sign_ins(door: Door, clock: StillClock, handle: str, ways: Sequence[int]) -> list[Seen]:
    """What each of these leaves behind, from just behind the derivation on: same key, other way."""
    found = []
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        lock = locks.named(tx, handle)
    assert lock is not None
    keys = [new_key_pair().private for _ in lock.ways]
    with listening() as ear:
        for number, way in enumerate(ways, start=1):
            clock.advance(STEP)
            ear.lines.clear()
            proven = Proven("in:somebody:", lock, Opened(keys[way], way), number)
            admitted(door, proven, Caller())
            found.append((*_left(door, lock), *ear.lines))
    return found


def days_with_a_device(
    door: Door,
    clock: StillClock,
    device: SoftDevice,
    keys: Sequence[SecretBytes],
    ways: Sequence[int],
) -> list[Seen]:
    """What each of these leaves behind: she comes in with a device that stands for the code and
    one of two passphrases, from just behind the derivation on; looks at her devices, adds one, and
    takes it off.
    """
    found = []
    with listening() as ear:
        for way in ways:
            clock.advance(STEP)
            ear.lines.clear()
            said = device.answers(passkeys.to_enter(door, SITE))
            answer, lock = answered(door, SITE, said, passkeys.ENTER)
            slip = passkeys.enter(door, SITE, credential=said, output="", caller=Caller())
            opened, mark = Opened(keys[way], way), secrets.token_bytes(32)
            who = passkeys.admitted_after(door, answer.used, mark, opened, Caller())
            shown = door.look(verbs.my_passkeys, who)
            came = _left(door, lock, keep_sessions=True)
            new = SoftDevice().makes(passkeys.to_make(door, who, SITE))
            passkeys.add(door, who, SITE, credential=new, output="", label="Mi tel")
            listed = door.look(verbs.my_passkeys, who)
            added = _left(door, lock, keep_sessions=True)
            (fresh,) = {one.id for one in listed} - {one.id for one in shown}
            door.ask(verbs.remove_passkey, who, passkey_id=fresh)
            pages = (len(str(slip)), tuple(map(str, shown)), len(listed))
            found.append((*pages, *came, *added, *_left(door, lock), *ear.lines))
    return found


def _left(door: Door, lock: Lock, *, keep_sessions: bool = False) -> Seen:
    """The newest rows, by the size of what is sealed in them, and how many rows there are."""
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        session = tx.session.execute(
            text("SELECT * FROM sessions WHERE person_id = :who"), {"who": _id(door, lock)}
        ).all()
        letter = tx.session.execute(text("SELECT * FROM outbox ORDER BY number")).all()
        person = tx.session.execute(text("SELECT * FROM people")).all()
        devices = tx.session.execute(text("SELECT * FROM passkeys ORDER BY added_on, id")).all()
        verbs_said = tx.session.scalars(
            text("SELECT verb FROM receipts ORDER BY number DESC LIMIT 4")
        ).all()
        counts = [
            tx.session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            for table in ("tries", "answered_questions")
        ]
        for table in ("outbox", "answered_questions", *(() if keep_sessions else ("sessions",))):
            tx.session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    return (
        len(session),
        len(letter),
        *counts,
        *verbs_said,
        *(_shape(row) for row in (*session, *letter, *person, *devices)),
    )


def _id(door: Door, lock: Lock) -> str:
    person: PersonId = lock.person_id
    return person.hex if door.database.engine.dialect.name == "sqlite" else str(person)


def _shape(row: Sequence[object]) -> Seen:
    """A row without what is random or sealed in it, but for how long that is."""
    return tuple(plain(value) for value in row)
