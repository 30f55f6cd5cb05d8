"""Somebody who sees every row, size, log line and letter, and bets which passphrase it was."""

import logging
import math
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from re import sub

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
from tests.ground.clock import StillClock
from tests.people.devices import SITE

STEP = timedelta(seconds=30)
Seen = tuple[object, ...]


class Listener(logging.Handler):
    """Keeps what was logged, without whose ids."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "id", record.getMessage()))


@contextmanager
def listening() -> Iterator[Listener]:
    """Every line of ours while it lasts."""
    ear, root = Listener(), logging.getLogger("network")
    before = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        yield ear
    finally:
        root.removeHandler(ear)
        root.setLevel(before)


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


def accuracy(seen: Sequence[Seen], ways: Sequence[int]) -> tuple[float, float, float]:
    """How often the best guess from these is right on the half it did not learn from, with the 95 %
    interval (Wilson). What was seen together decides, and each thing seen alone where that is new.
    """
    half = len(seen) // 2
    votes: dict[object, Counter[int]] = defaultdict(Counter)
    for one, way in zip(seen[:half], ways[:half], strict=True):
        for clue in _clues(one):
            votes[clue][way] += 1
    right = sum(
        _guess(votes, one) == way for one, way in zip(seen[half:], ways[half:], strict=True)
    )
    return wilson(right, len(seen) - half)


def _clues(one: Seen) -> Iterator[object]:
    yield one
    yield from enumerate(one)


def _guess(votes: dict[object, Counter[int]], one: Seen) -> int:
    score = 0.0
    for clue in _clues(one):
        yes, no = votes[clue][1] + 1, votes[clue][0] + 1
        score += math.log(yes / no)
    return int(score > 0)


def wilson(right: int, of: int) -> tuple[float, float, float]:
    """A share with its 95 % interval."""
    z, share = 1.96, right / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    around = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return share, middle - around, middle + around


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
    return tuple(
        len(value) if isinstance(value, bytes | memoryview) else _plain(value) for value in row
    )


def _plain(value: object) -> object:
    """Small numbers and words as they are; ids and moments by their kind."""
    if isinstance(value, bool | None) or (isinstance(value, int) and value < 100):
        return value
    if isinstance(value, str) and len(value) < 20:
        return value
    return type(value).__name__
