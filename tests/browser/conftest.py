"""A network in the middle of its work, its pages on a port, and everybody's cookie."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext

from config.settings import load
from network import heartbeats
from network.app import create_app
from network.cases import services as cases
from network.cases.domain import Outcome, Urgency
from network.checkins import services as checkins
from network.checkins.domain.callplans import CallPlan
from network.checkins.domain.watches import Whom
from network.clock import utc_now
from network.door import Door
from network.encryption.server import ServerSecret
from network.kernel.actor import Engine, InChat, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import AlarmId, CaseId, OfferId
from network.people import services as people
from tests.cast import Cast, Somebody
from tests.checkins.conftest import Life, Postman
from tests.ground.clock import StillClock
from tests.ground.house import pages

WORD = "mandarina azul"
LATE = timedelta(minutes=50)


@dataclass(frozen=True, slots=True)
class Page:
    """An address of ours and who can open it; nobody in particular where it is for anybody."""

    path: str
    who: Somebody | None = None


@dataclass(frozen=True, slots=True)
class Town:
    """Everything at once: waiting, asked, accompanied, late, ringing, closed."""

    url: str
    app: Flask
    door: Door
    cast: Cast
    pages: tuple[Page, ...]

    def lets_in(self, context: BrowserContext, who: Somebody) -> None:
        """Put their half of a session into this browser."""
        card = who.at_desk
        held = {"_user_id": card.session_id.hex, "half": card.secret.reveal().hex(), "_fresh": True}
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        name = self.app.config["SESSION_COOKIE_NAME"]
        context.add_cookies([{"name": name, "value": signer.dumps(held), "url": self.url}])


@pytest.fixture
def clock() -> StillClock:
    """Now, since the browser's own clock cannot be moved: cookies are kept by it."""
    return StillClock(utc_now())


@pytest.fixture
def town(door: Door, cast: Cast, clock: StillClock) -> Iterator[Town]:
    """The network, and its pages."""
    life = Life(door, clock, Postman(door))
    link = door.ask(people.invite, cast.alice.at_desk, role=Role.ACTIVIST, alias="Farid")
    found = work(door, cast, life)
    for engine in heartbeats.ENGINES:
        door.ask(heartbeats.beat, Engine(engine), engine=engine)
    settings = load(
        {
            "HILO_DATABASE_URL": "sqlite:///unused",
            "HILO_SECRET": ServerSecret.new_text(),
            "HILO_TELEGRAM_LINK": "https://t.me/nobody_bot",
        }
    )
    alice, bilal, chiara, dino = cast.alice, cast.bilal, cast.chiara, cast.dino
    public = (
        *("/", "/enter", "/recover", "/joined", f"/join/{link.reveal()}", "/join/gone", "/nothing"),
        *("/return/gone", "/help-out", "/help-out/where"),
        *("/manual/", "/manual/primeras-horas", "/manual/arbol/virtual-call"),
        *("/manual/glosario", "/manual/llamada-virtual/dibujos"),
        *("/manual/search?q=dinero", "/manual/search?q=xyzzy"),
    )
    listed = (
        *(Page(path) for path in public),
        *(Page(path, alice) for path in ("/desk", "/drills", "/cases/", "/people", "/account")),
        *(Page(path, alice) for path in ("/my/checkins", "/trip")),
        Page("/my/plan", bilal),
        *(Page(f"/desk/{path}", alice) for path in ("lines", "reviews", "helped")),
        Page("/desk/review/acompanar/es", alice),
        *(Page(path, alice) for path in ("/desk/letters", "/decisions", "/quorum", "/quorum/log")),
        *(Page(path, alice) for path in ("/surrender", "/cases/leaked", "/cases/hand-on")),
        *(Page(path, alice) for path in ("/people/path", "/account/channels", "/account/path")),
        Page(f"/cases/people/{bilal.id}", alice),
        *(Page(path, dino) for path in ("/training", "/training/acompanar")),
        *(Page(f"/cases/{found.new}{each}", alice) for each in ("", "/triage")),
        Page(f"/cases/{found.triaged}/offer", alice),
        Page("/cases/", chiara),
        *(
            Page(f"/cases/{found.mine}{each}", bilal)
            for each in ("", "/checkins", "/checkins/plan", "/manual", "/access", "/close")
        ),
        *(Page(f"/alarms/{each}", alice) for each in found.alarms),
        Page(f"/cases/{found.closed}", alice),
        Page("/cases/?closed=1", alice),
        Page("/account", dino),
        Page(f"/people/{bilal.id}/lost", alice),
    )
    with pages(door, settings) as url:
        yield Town(url, create_app(settings, door), door, cast, listed)


@dataclass(frozen=True, slots=True)
class Work:
    """The cases there are, by how far they have come, and the alarms that ring."""

    new: CaseId
    triaged: CaseId
    mine: CaseId
    closed: CaseId
    alarms: tuple[AlarmId, ...]


def work(door: Door, cast: Cast, life: Life) -> Work:
    """Families in every state there is; Bilal accompanies one that is late and in danger."""
    bilal, chiara = cast.bilal.at_desk, cast.chiara
    mine = asks(door, cast.family, "Mi hermano no llegó ayer.")
    door.ask(cases.set_danger_word, cast.family, word=Plaintext(WORD))
    triages(door, cast, mine)
    (yes,) = offers(door, cast, mine, cast.bilal)
    door.ask(cases.accept, cast.bilal.in_chat, offer_id=yes)
    door.ask(cases.write, bilal, case_id=mine, text=Plaintext("Estoy con ustedes."))
    door.ask(cases.note, bilal, case_id=mine, text=Plaintext("No decirlo por teléfono."))
    door.ask(checkins.set_rhythm, bilal, case_id=mine)
    door.ask(checkins.ask_once, bilal, case_id=mine)
    life.passes(LATE, timedelta(minutes=5))
    door.ask(checkins.ask_once, cast.bilal.at_desk, case_id=mine)
    life.knock()
    ended = asks(door, cast.neighbours, "Ya regresó.")
    door.ask(cases.close, cast.alice.at_desk, case_id=ended, outcome=next(iter(Outcome)))
    triaged = asks(door, cast.strangers, "Ya llevamos días.")
    triages(door, cast, triaged)
    offered = asks(door, InChat(5_000_011), "Nos están llamando.")
    triages(door, cast, offered)
    offers(door, cast, offered, chiara)
    waiting = asks(door, InChat(5_000_012), "No aparece.")
    life.passes(LATE, timedelta(minutes=10))
    door.ask(checkins.ask_once, cast.bilal.at_desk, case_id=mine)
    life.passes(LATE, timedelta(minutes=5))
    door.ask(checkins.hear, cast.family, text=Plaintext(f"Comimos {WORD}"))
    member_in_danger(door, cast.bilal)
    life.knock()
    ringing = tuple(one.id for one in door.look(checkins.alarms, cast.alice.at_desk))
    assert ringing
    return Work(waiting, triaged, mine, ended, ringing)


def member_in_danger(door: Door, who: Somebody) -> None:
    """Who wrote down whom to call, changed it, went on a trip, and needs help."""
    for never in ("Mi tío.", "Mi tío Beto: avisa a quienes lo tienen."):
        plan = CallPlan(never, {Whom.DUTY: "Mi hermana Ana, 55 1234 5678"})
        door.ask(checkins.write_my_plan, who.at_desk, plan=plan)
    back = door.now() + timedelta(hours=2)
    where = Plaintext("Al norte.")
    trip = door.ask(checkins.begin_trip, who.in_chat, destination=where, back_at=back)
    door.ask(checkins.need_help, who.in_chat, trip_id=trip.id)


def asks(door: Door, family: InChat, words: str) -> CaseId:
    """A family's first words."""
    return door.ask(checkins.intake, family, situation="missing", text=Plaintext(words)).case.id


def triages(door: Door, cast: Cast, case_id: CaseId) -> None:
    """Alice says how soon, where and what."""
    door.ask(
        cases.triage,
        cast.alice.at_desk,
        case_id=case_id,
        urgency=Urgency.NOW,
        zone="05030",
        need="compañía durante las llamadas",
    )


def offers(door: Door, cast: Cast, case_id: CaseId, to: Somebody) -> tuple[OfferId, ...]:
    """Alice asks one person."""
    brief = Plaintext("Una familia espera una llamada.")
    return door.ask(cases.offer, cast.alice.at_desk, case_id=case_id, to=(to.id,), brief=brief)
