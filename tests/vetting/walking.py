"""Walking somebody along the path, as far as a story needs them."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import text

from network.db import Tx
from network.door import Door
from network.encryption.sealed import Sealed
from network.kernel.actor import Actor, InChat, Nobody, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId, new_id
from network.people import services as people
from network.people.domain import Keys, Member, Newcomer
from network.people.domain import Standing as Stands
from network.vetting import services
from network.vetting.domain.path import (
    ASKED,
    Stand,
)
from network.vetting.store import applications
from network.vetting.tables import ApplicationRow
from tests.cast import Cast, Somebody
from tests.vetting.clearing import TEST

GALA = InChat(8_000_001)
LETTERS = text("select count(*) from outbox")
SAID = Plaintext("canary: we met twice in a café")
WORDS = {
    "called": Plaintext("canary Gala"),
    "place": Plaintext("canary Oaxaca"),
    "reach": Plaintext("canary 55 1234"),
    "why": Plaintext("canary because"),
    "work": Plaintext("canary employer of hers"),
}


def applied(door: Door, chat: InChat = GALA) -> UUID:
    """Gala has answered every question in her chat."""
    for asked in ASKED:
        door.ask(services.answer, chat, asked=asked, text=WORDS[asked])
    return of_chat(door, chat)


def of_chat(door: Door, chat: InChat) -> UUID:
    found = door.look(applications.of_chat, chat)
    assert found is not None
    return found.id


def take(door: Door, who: Somebody, application: UUID, verb: Callable[..., object]) -> None:
    door.ask(verb, who.at_desk, application_id=application, said=SAID)


def to_training(
    door: Door, who: Somebody, application: UUID, *, members: Sequence[PersonId] = ()
) -> None:
    take(door, who, application, services.see)
    said = (Plaintext("canary first referee"), Plaintext("canary second referee"))
    door.ask(services.refer, who.at_desk, application_id=application, said=said, members=members)
    door.ask(
        services.declare,
        who.at_desk,
        application_id=application,
        said=SAID,
        ties=["none"],
        zones=["20067"],
    )
    take(door, who, application, services.meet)


def joined(door: Door, cast: Cast, application: UUID, role: Role = Role.ACTIVIST) -> PersonId:
    """Gala opens the link and has an account; nothing of it is opened in these stories."""
    token = door.ask(services.invite, cast.alice.at_desk, application_id=application, role=role)
    nothing = Sealed(b"not opened in this story")
    keys = Keys(cast.dino.keys.public, nothing, nothing, bytes(16))
    gala = Newcomer(PersonId(new_id()), "gala", "Gala", "es", keys, nothing, 0)
    assert door.ask(people.join, Nobody(), token=token, newcomer=gala) is Stands.APPLIED
    return gala.id


def learnt(door: Door, person: PersonId) -> None:
    chapters = frozenset(door.pack.vetting.chapters)
    door.ask(services.chapters_done, person, person=person, chapters=chapters)


def at_approval(
    door: Door, cast: Cast, *, members: Sequence[PersonId] = (), role: Role = Role.ACTIVIST
) -> tuple[UUID, PersonId]:
    application = applied(door)
    to_training(door, cast.alice, application, members=members)
    gala = joined(door, cast, application, role)
    learnt(door, gala)
    return application, gala


def stand(door: Door, application: UUID) -> Stand:
    def read(tx: Tx, _actor: Actor) -> Stand:
        row = tx.session.get(ApplicationRow, application)
        assert row is not None
        return Stand(row.step, row.course)

    return door.look(read, TEST)


def member(door: Door, person: PersonId) -> Member:
    return door.look(lambda tx, _: people.member(tx, person), TEST)
