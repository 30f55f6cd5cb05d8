"""A family that Bilal accompanies, and a postman who can be told what becomes of letters."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select

from network import heartbeats
from network.cases import services as cases
from network.cases.domain import Urgency
from network.checkins import services
from network.db import Database, Row, reading
from network.door import Door
from network.kernel.actor import Engine, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId, PromptId
from network.outbox.domain import Letter
from network.outbox.services import Delivered, Refused, settle, take
from network.people import services as people
from tests.cast import Cast, somebody
from tests.ground.clock import StillClock

CLOCK = Engine("clock")
POSTMAN = Engine("postman")
WORD = "canary pineapple"


@dataclass(slots=True)
class Postman:
    """Delivers what is due, but to those who have gone away; keeps what each chat was sent."""

    door: Door
    gone: set[int] = field(default_factory=set)
    asleep: bool = False
    sent: list[Letter] = field(default_factory=list)
    signals: int = 0

    def walk(self) -> list[Letter]:
        """Everything due goes out; the letters of this walk."""
        found: list[Letter] = []
        while leased := self.door.ask(take, POSTMAN, limit=50):
            outcomes: list[Any] = []
            for one in leased:
                reached = [each for each in one.letters if each.to not in self.gone]
                if one.is_signal or reached:
                    outcomes.append(Delivered(one, 1))
                else:
                    outcomes.append(Refused(one, "blocked"))
                self.signals += one.is_signal
                found += reached
            self.door.ask(settle, POSTMAN, outcomes=outcomes)
        self.sent += found
        return found

    def to(self, chat: int) -> list[str]:
        """The sentences one chat has been sent so far."""
        return [one.say for one in self.sent if one.to == chat]


@dataclass(slots=True)
class Life:
    """Time passes: the clock knocks and the postman walks every so often."""

    door: Door
    clock: StillClock
    postman: Postman
    alive: tuple[str, ...] = ()  # engines that give a heartbeat at each step

    def passes(self, span: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
        end = self.clock.instant + span
        while self.clock.instant < end:
            self.clock.advance(min(step, end - self.clock.instant))
            self.beat()
            self.knock()

    def beat(self) -> None:
        for name in self.alive:
            self.door.ask(heartbeats.beat, Engine(name), engine=name)

    def knock(self) -> int:
        """One tick of the clock, until nothing is due; then the post."""
        done = 0
        while due := self.door.ask(services.watch, CLOCK):
            done += due
        if not self.postman.asleep:
            self.postman.walk()
        return done


@pytest.fixture
def postman(door: Door) -> Postman:
    return Postman(door)


@pytest.fixture
def life(door: Door, clock: StillClock, postman: Postman) -> Life:
    return Life(door, clock, postman)


@pytest.fixture
def case_id(door: Door, cast: Cast, life: Life) -> CaseId:
    """The family's case, accompanied by Bilal; Alice is on duty, Elena is not.

    The looks that its first word began are over.
    """
    door.ask(people.set_duty, cast.alice.at_desk)
    opened = door.ask(
        services.intake, cast.family, situation="missing", text=Plaintext("canary: he is not home")
    )
    door.ask(cases.set_danger_word, cast.family, word=Plaintext(WORD))
    accompany(door, cast, opened.case.id)
    life.passes(timedelta(hours=1), timedelta(minutes=10))
    life.postman.sent.clear()
    life.postman.signals = 0
    return opened.case.id


def accompany(door: Door, cast: Cast, case_id: CaseId) -> None:
    """Bilal takes the case."""
    door.ask(
        cases.triage,
        cast.alice.at_desk,
        case_id=case_id,
        urgency=Urgency.TODAY,
        zone="09",
        need="company",
    )
    (offer,) = door.ask(
        cases.offer,
        cast.alice.at_desk,
        case_id=case_id,
        to=(cast.bilal.id,),
        brief=Plaintext("brief canary"),
    )
    door.ask(cases.accept, cast.bilal.in_chat, offer_id=offer)


def asked(door: Door, cast: Cast, life: Life, case_id: CaseId) -> PromptId:
    """The family is asked now, and the letter is out."""
    door.ask(services.ask_once, cast.bilal.at_desk, case_id=case_id)
    life.knock()
    return latest(door, cast, case_id)


def latest(door: Door, cast: Cast, case_id: CaseId) -> PromptId:
    seen = door.look(services.overview, cast.bilal.at_desk, case_id=case_id)
    return seen.asked[0].prompt.id


def alarms(door: Door, cast: Cast) -> tuple[services.Alarm, ...]:
    return door.look(services.alarms, cast.alice.at_desk)


def watch_of(letters: list[Letter]) -> AlarmId:
    """The alarm that a button under one of these letters takes."""
    data = next(
        button.data
        for one in letters
        for row in one.buttons
        for button in row
        if button.data.startswith("own:")
    )
    return AlarmId(UUID(data.removeprefix("own:")))


def writes(door: Door, cast: Cast, words: str) -> None:
    door.ask(services.hear, cast.family, text=Plaintext(words))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What the database is told meanwhile, without the values."""
    found: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def rows(door: Door, table: type[Row]) -> list[dict[str, Any]]:
    """A whole table, for looking at what is stored."""
    with reading(door.database, door.now(), door.secret, door.pack) as tx:
        return [dict(one._mapping) for one in tx.session.execute(select(table.__table__))]


@pytest.fixture
def crowd(door: Door) -> Callable[[int], list[int]]:
    """So many more coordinators on duty; their chats."""

    def come(count: int) -> list[int]:
        found = [somebody(door, f"crowd{n}", Role.COORDINATOR) for n in range(count)]
        for one in found:
            door.ask(people.set_duty, one.in_chat)
        return [one.chat for one in found]

    return come
