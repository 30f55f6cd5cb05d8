"""A network with three stewards, of whom two are needed, and a case whose every key is lost."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session, sessionmaker

from network.cases import services as cases
from network.cases.tables import GrantRow
from network.door import Door
from network.kernel.actor import Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.people import totp
from network.people.entrance import seal_totp
from network.people.tables import PersonRow
from network.quorum import services
from network.quorum.domain import Matter
from tests.cast import Cast, Somebody, somebody
from tests.ground.clock import StillClock

DAY = timedelta(hours=24)
MINUTE = timedelta(minutes=1)
FIRST = "canary: he went out and did not come back"


@dataclass(slots=True)
class Coordination:
    """Alice, Elena, Fatima and Gael coordinate; each has an authenticator of their own."""

    door: Door
    clock: StillClock
    alice: Somebody
    elena: Somebody
    fatima: Somebody
    gael: Somebody
    secrets: dict[str, Plaintext] = field(default_factory=dict)

    def code(self, who: Somebody) -> str:
        """What their authenticator shows, a minute later than the last time."""
        self.clock.advance(MINUTE)
        return totp.code_at(self.secrets[who.name], self.clock())

    def says_yes(self, who: Somebody, ceremony: UUID) -> None:
        code = self.code(who)
        self.door.ask(services.speak, who.at_desk, ceremony_id=ceremony, proof=code)

    def settles(self, who: Somebody, ceremony: UUID) -> None:
        code = self.code(who)
        self.door.ask(services.settle, who.at_desk, ceremony_id=ceremony, proof=code)

    def founds(self, *holders: Somebody, needed: int = 2) -> None:
        """A new key for these, from the asking to the end."""
        ceremony = self.door.ask(
            services.propose_founding,
            self.alice.at_desk,
            needed=needed,
            holders=tuple(each.id for each in holders),
            reason="so that nobody is left alone",
        )
        for each in holders:
            self.says_yes(each, ceremony)
        self.clock.advance(DAY)
        self.settles(self.alice, ceremony)

    def asks_to_change(self, *holders: Somebody, needed: int = 2) -> UUID:
        return self.door.ask(
            services.propose_handing_on,
            self.alice.at_desk,
            needed=needed,
            holders=tuple(each.id for each in holders),
            reason="somebody leaves",
        )

    def waiting(self) -> list[services.Shown]:
        return list(self.door.look(services.overview, self.alice.at_desk).waiting)

    def opening(self) -> services.Shown:
        (found,) = (each for each in self.waiting() if each.ceremony.matter is Matter.OPEN)
        return found


@pytest.fixture
def coordination(
    door: Door, cast: Cast, clock: StillClock, sessions: sessionmaker[Session]
) -> Coordination:
    made = Coordination(
        door,
        clock,
        cast.alice,
        cast.elena,
        somebody(door, "fatima", Role.COORDINATOR),
        somebody(door, "gael", Role.COORDINATOR),
    )
    with sessions.begin() as session:
        for who in (made.alice, made.elena, made.fatima, made.gael):
            secret = made.secrets[who.name] = totp.new_secret()
            session.execute(
                update(PersonRow)
                .where(PersonRow.id == who.id)
                .values(totp=seal_totp(who.id, who.keys.public, secret))
            )
    return made


@pytest.fixture
def founded(coordination: Coordination) -> Coordination:
    """Elena, Fatima and Gael keep the shares; two of them are needed."""
    coordination.founds(coordination.elena, coordination.fatima, coordination.gael)
    return coordination


def writes(door: Door, cast: Cast) -> CaseId:
    opened = door.ask(cases.intake, cast.family, situation="missing", text=Plaintext(FIRST))
    return opened.case.id


def loses_every_key(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.execute(delete(GrantRow))


@pytest.fixture
def lost(founded: Coordination, cast: Cast, sessions: sessionmaker[Session]) -> CaseId:
    """A case sealed to the quorum, whose every grant is gone."""
    case = writes(founded.door, cast)
    loses_every_key(sessions)
    return case
