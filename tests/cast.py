"""One cast for every story: Alice and Elena coordinate, Bilal and Chiara are in, Dino not yet.

Take the fixture `cast` (it stands on `door`, so on both databases in turn):

    door.ask(services.intake, cast.family, situation="…", text=Plaintext("…"))   # a family's chat
    door.ask(services.triage, cast.alice.at_desk, case_id=…)      # a browser, with Alice's key
    door.ask(services.accept, cast.bilal.in_chat, offer_id=…)     # Bilal's Telegram, without a key
    cast.bilal.id, cast.bilal.alias, cast.bilal.chat, cast.bilal.keys

`at_desk` opens a session of its own when the last one has gone idle by a hand-moved clock. Keys are
made once per test run and nobody has a usable passphrase: stories about signing in join through
`people`. Nobody is on duty until a story says so. `family`, `neighbours` and `strangers` are three
chats that nobody linked; `somebody(door, name, role)` brings one member more.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count

import pytest

from network.db import Tx, writing
from network.door import Door
from network.encryption.envelope import KeyPair, new_key_pair
from network.encryption.sealed import Sealed
from network.kernel.actor import InChat, InSession, Role
from network.kernel.ids import PersonId, new_id
from network.people.domain import (
    IDLE,
    OWN,
    Clearance,
    Device,
    Keys,
    Level,
    Newcomer,
    Opened,
    Standing,
)
from network.people.entrance.coming import begun
from network.people.store import members, passes

_chats = count(7_000_001)


@dataclass(slots=True)
class Somebody:
    """One member of the cast, in this test's database."""

    door: Door = field(repr=False)
    id: PersonId
    name: str
    role: Role
    keys: KeyPair = field(repr=False)
    chat: int
    _session: InSession | None = field(default=None, repr=False)
    _opened_at: datetime | None = None

    @property
    def alias(self) -> str:
        return self.name.capitalize()

    @property
    def in_chat(self) -> InChat:
        """Their Telegram: they are known, and hold no key."""
        return InChat(self.chat)

    @property
    def at_desk(self) -> InSession:
        """A browser in which they are signed in: they hold their key."""
        now = self.door.now()
        if self._session is None or self._opened_at is None or now >= self._opened_at + IDLE / 2:
            who, half = begun(self.id, Opened(self.keys.private, OWN), Device.COMPUTER)
            with writing(self.door.database, now, self.door.secret, self.door.pack) as tx:
                passes.open_session(tx, self.id, half)
            self._session, self._opened_at = who, now
        return self._session


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody there is, and three chats that belong to nobody we know."""

    alice: Somebody
    elena: Somebody
    bilal: Somebody
    chiara: Somebody
    dino: Somebody
    family: InChat
    neighbours: InChat
    strangers: InChat

    @property
    def everybody(self) -> tuple[Somebody, ...]:
        return (self.alice, self.elena, self.bilal, self.chiara, self.dino)


def somebody(
    door: Door,
    name: str,
    role: Role,
    *,
    standing: Standing = Standing.ACTIVE,
    clearance: Clearance | None = None,
) -> Somebody:
    """Somebody more, already in: keys of their own, a linked chat, and vetted unless it is said."""
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        return _come_in(tx, door, name, role, standing, clearance)


@pytest.fixture
def cast(door: Door) -> Cast:
    return cast_of(door)


def cast_of(door: Door) -> Cast:
    """The whole cast, in one database."""
    coordinator, activist, active = Role.COORDINATOR, Role.ACTIVIST, Standing.ACTIVE
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        return Cast(
            alice=_come_in(tx, door, "alice", coordinator, active),
            elena=_come_in(tx, door, "elena", coordinator, active),
            bilal=_come_in(tx, door, "bilal", activist, active),
            chiara=_come_in(tx, door, "chiara", activist, active),
            dino=_come_in(tx, door, "dino", activist, Standing.APPLIED),
            family=InChat(5_000_001),
            neighbours=InChat(5_000_002),
            strangers=InChat(5_000_003),
        )


def _come_in(  # who, where, as what, and how far they are trusted
    tx: Tx,
    door: Door,
    name: str,
    role: Role,
    standing: Standing,
    clearance: Clearance | None = None,
) -> Somebody:
    keys, chat, person = _keys_of(name), next(_chats), PersonId(new_id())
    nothing = Sealed(b"nobody knows a passphrase to this")
    stored = Keys(keys.public, nothing, nothing, bytes(16))
    newcomer = Newcomer(person, name, name.capitalize(), "es", stored, nothing, 0)
    vetted = standing is not Standing.APPLIED
    cleared = clearance or Clearance(Level.FULL if vetted else Level.NONE, tx.now.date())
    members.add(tx, newcomer, role=role, standing=standing, clearance=cleared, chat=chat)
    return Somebody(door, person, name, role, keys, chat)


@cache
def _keys_of(name: str) -> KeyPair:  # noqa: ARG001  # the cache's question
    """The same person has the same keys in every test of a run."""
    return new_key_pair()
