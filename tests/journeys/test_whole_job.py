"""The whole job, from the first words to a closed case, and then a search for them."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bot.sandbox.people import Person, Shown
from bot.sandbox.voice import silent_voice
from network import outbox
from network.audit import verify
from network.db import Tx
from network.kernel.actor import Actor, Engine
from tests.ground.chromium import DESKTOP, Visits
from tests.ground.house import House
from tests.journeys.conftest import Screen
from tests.journeys.seizure import everything_at_rest
from tests.journeys.talking import PATIENCE, asks_for_help, button, waits
from tests.journeys.waiting import until

CANARY = "canarioamarillo"
WORD = f"cempasuchil {CANARY}"


@pytest.mark.browser
@pytest.mark.usefixtures("temporary_folder")
def test_a_family_asks_and_nobody_is_forgotten(house: House, visit: Visits) -> None:
    rosa = house.sandbox.person("Rosa")
    bilal, chiara, alice = (house.phone(name) for name in ("Bilal", "Chiara", "Alice"))
    desk = Screen(visit(DESKTOP), house, house.accounts["Alice"])
    room = Screen(visit(), house, house.accounts["Bilal"])

    reference, verification = asks_for_help(rosa, CANARY, WORD)
    alice.wait_for(lambda one: reference in one.text, PATIENCE)

    case = triages_and_offers(desk, reference)
    winner, loser = both_accept(bilal, chiara)
    assert winner is bilal, loser.messages

    talk_both_ways(room, rosa, case, verification)
    checks_in(room, rosa, case)
    misses_one(house, room, rosa, alice, desk, case)
    says_the_word_of_danger(room, rosa, bilal, case)
    outsiders = what_outsiders_see(house, visit)
    closes(desk, case)

    nothing_is_found(house, outsiders)


def triages_and_offers(desk: Screen, reference: str) -> str:
    desk.signs_in()
    page = desk.goes("/desk")
    page.get_by_role("link", name=re.compile(reference)).first.click()
    case = page.url.rsplit("/", 1)[1].split("#")[0].split("?")[0]
    expect(page.locator(".entries")).to_contain_text(CANARY)

    page = desk.goes(f"/cases/{case}/triage")
    page.locator("[name=urgency][value=now]").check()
    page.locator("[name=place]").fill("Saltillo")
    page.locator("button[name=look]").click()
    page.locator("[name=zone][value='05030']").check()
    page.locator("[name=need]").fill("compañía durante las llamadas")
    page.locator("main form button:not([name])").click()

    page = desk.goes(f"/cases/{case}/offer")
    for name in ("Bilal", "Chiara"):
        page.get_by_label(name).check()
    page.locator("[name=brief]").fill(f"Una familia espera una llamada. {CANARY}")
    page.locator("main form button").click()
    expect(page.locator("main")).to_contain_text(reference)
    return case


def both_accept(bilal: Person, chiara: Person) -> tuple[Person, Person]:
    """Both press; the first pressed wins, and the other is told calmly."""
    first, second = waits(bilal, "accept:"), waits(chiara, "accept:")
    shown = f"{first.text} {second.text}"
    assert CANARY not in shown
    before_bilal, before_chiara = bilal.last_id, chiara.last_id
    bilal.presses(button(first, "accept:"))
    bilal.wait_for(lambda one: "/cases/" in one.text, PATIENCE, after=before_bilal)
    chiara.presses(button(second, "accept:"))
    told = chiara.wait_for(lambda one: bool(one.text), PATIENCE, after=before_chiara)
    assert "/cases/" not in told.text
    return bilal, chiara


def talk_both_ways(room: Screen, rosa: Person, case: str, verification: str) -> None:
    room.signs_in()
    page = room.goes(f"/cases/{case}")
    expect(page.locator(".secret")).to_have_text(verification)
    page.locator("form[action*='/write'] [name=text]").fill(
        f"{verification}. Estoy contigo. {CANARY}"
    )
    room.sends("/write")
    rosa.wait_for(lambda one: verification in one.text and CANARY in one.text, PATIENCE)

    heard = rosa.last_id
    rosa.says(f"gracias {CANARY}")
    heard = rosa.wait_for(lambda one: one.from_bot, PATIENCE, after=heard).message_id
    rosa.sends_voice()
    rosa.wait_for(lambda one: one.from_bot, PATIENCE, after=heard)
    page = room.goes(f"/cases/{case}")
    expect(page.locator("audio")).to_have_count(1)
    source = page.locator("audio").get_attribute("src") or ""
    assert page.request.get(f"{room.house.url}{source}").body()[:4] == b"OggS"

    page.locator("form[action*='/write'] [name=file]").set_input_files(
        {"name": "nota.ogg", "mimeType": "audio/ogg", "buffer": silent_voice(2)}
    )
    room.sends("/write")
    arrived = rosa.wait_for(lambda one: one.kind == "voice", PATIENCE)
    assert (arrived.file or b"")[:4] == b"OggS"


def asked(room: Screen, rosa: Person, case: str) -> Shown:
    """A check-in is asked now; the message it comes in."""
    before = rosa.last_id
    room.goes(f"/cases/{case}/checkins")
    room.sends("/checkins/once")
    return waits(rosa, "well:", after=before)


def checks_in(room: Screen, rosa: Person, case: str) -> None:
    question = asked(room, rosa, case)
    assert "talk:" in str([one.data for one in question.buttons])
    before = rosa.last_id
    rosa.presses(button(question, "well:"))
    rosa.wait_for(lambda one: bool(one.text), PATIENCE, after=before)
    page = room.goes(f"/cases/{case}/checkins")
    expect(page.locator("table .tag.green")).to_have_count(1)


def misses_one(
    house: House, room: Screen, rosa: Person, alice: Person, desk: Screen, case: str
) -> None:
    """Nobody answers; the accompanier is woken, then whoever coordinates; one of them takes it."""
    asked(room, rosa, case)
    bilal = house.phone("Bilal")
    check_ins = house.door.pack.check_ins
    before_bilal, before_alice = bilal.last_id, alice.last_id
    settles(house)
    before = rosa.last_id
    house.lives(check_ins.reminder + timedelta(minutes=1))
    waits(rosa, "well:", after=before)
    settles(house)
    house.lives(check_ins.grace - check_ins.reminder + timedelta(minutes=1))
    first = waits(bilal, "own:", after=before_bilal)
    assert CANARY not in first.text

    house.lives(check_ins.ladder[1].after + timedelta(minutes=1))
    second = waits(alice, "own:", after=before_alice)
    alice.presses(button(second, "own:"))
    alice.wait_for(lambda one: "http" in one.text, PATIENCE, after=second.message_id)

    desk.signs_in()
    page = desk.goes("/desk")
    page.locator("a[href*='/alarms/']").first.click()
    page.locator("[name=outcome][value=forgot]").check()
    page.locator("[name=words]").fill(f"contestó por teléfono {CANARY}")
    desk.sends("/resolve")
    expect(desk.goes("/desk").locator("a[href*='/alarms/']")).to_have_count(0)


def settles(house: House) -> None:
    """Until the postman has marked everything that he sent."""

    def waiting(tx: Tx, _actor: Actor) -> int:
        return outbox.backlog(tx)[0]

    until(lambda: house.door.look(waiting, Engine("test")) == 0)


def says_the_word_of_danger(room: Screen, rosa: Person, bilal: Person, case: str) -> None:
    """The chat answers as to any other words; elsewhere it rings."""
    before = rosa.last_id
    rosa.says("todo bien por aquí")
    calm = rosa.wait_for(lambda one: bool(one.text), PATIENCE, after=before)
    before, before_bilal = rosa.last_id, bilal.last_id
    rosa.says(f"hoy comimos {WORD} en la casa")
    ringing = rosa.wait_for(lambda one: bool(one.text), PATIENCE, after=before)
    assert (calm.text, calm.labels, calm.silent) == (ringing.text, ringing.labels, ringing.silent)

    alarm = waits(bilal, "own:", after=before_bilal)
    bilal.presses(button(alarm, "own:"))
    room.signs_in()
    page = room.goes(f"/cases/{case}/checkins")
    page.locator("a[href*='/alarms/']").first.click()
    page.locator("[name=outcome][value=helped]").check()
    page.locator("[name=words]").fill(f"a salvo {CANARY}")
    room.sends("/resolve")


def what_outsiders_see(house: House, visit: Visits) -> str:
    """Every page Chiara and a stranger can reach, as text."""
    chiara = Screen(visit(), house, house.accounts["Chiara"])
    chiara.signs_in()
    paths = ("/cases/", "/account", "/desk", "/people", "/healthz", "/")
    seen = [chiara.goes(path).content() for path in paths]
    stranger = visit()
    for path in ("/", "/manual/", "/healthz", "/enter", "/desk", "/cases/"):
        stranger.goto(f"{house.url}{path}")
        seen.append(stranger.content())
    return "\n".join(seen)


def closes(desk: Screen, case: str) -> None:
    desk.signs_in()
    page = desk.goes(f"/cases/{case}/close")
    page.locator("main form [name=outcome]").first.check()
    page.locator("main form button[type=submit], main form button").first.click()
    expect(desk.goes(f"/cases/{case}").locator("form[action*='/write']")).to_have_count(0)


def nothing_is_found(house: House, outsiders: str) -> None:
    """Rule 9: the words are in no log, no database file, no letter and no outsider's page."""
    needles = (CANARY, "cempasuchil", "Saltillo", "regresó")
    for where, content in everything_at_rest(house):
        for needle in needles:
            assert needle.encode() not in content, f"{needle} in {where}"
    assert not any(needle in outsiders for needle in (CANARY, "cempasuchil"))
    assert house.door.look(_whole, Engine("test"))


def _whole(tx: Tx, _actor: Actor) -> bool:
    return verify(tx) is None
