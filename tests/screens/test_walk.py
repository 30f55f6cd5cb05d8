"""The whole job, played for its pictures."""

import io
import secrets
from urllib.parse import urlsplit

import pyotp
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from bot.sandbox.people import Person
from tests.journeys.talking import PATIENCE, button, waits
from tests.journeys.test_whole_job import settles
from tests.screens.conftest import ALBUM, Stage

ROSA = 5001
pytestmark = [pytest.mark.screens, pytest.mark.browser]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_page_and_phone_of_the_job_is_pictured(stage: Stage) -> None:
    rosa = stage.house.sandbox.person("Rosa", user_id=ROSA)
    phones = Phones(stage)
    anybody_reads(stage)
    asks(stage, phones, rosa)
    case = is_received(stage, phones)
    is_accepted(stage, phones)
    talks(stage, phones, rosa, case)
    is_asked(stage, phones, rosa, case)
    is_in_danger(stage, phones, rosa, case)
    holds_the_key(stage, phones, rosa, case)
    somebody_joins(stage)
    ends(stage, phones, rosa, case)
    things_go_wrong(stage)
    assert stage.camera.too_wide == []
    stage.camera.hangs(ALBUM)


class Phones:
    """The page with everybody's phone."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.page: Page = stage.visit()
        self.page.goto(stage.house.sandbox.url)

    def shows(self, name: str, picture: str, caption: str) -> None:
        """Somebody's phone as it is now."""
        self.page.set_viewport_size({"width": 360, "height": 740})
        self.page.get_by_role("tab", name=name).click()
        self.page.wait_for_timeout(400)
        for one in self.page.locator(".messages").all():
            one.evaluate("list => { list.scrollTop = list.scrollHeight }")
        self.stage.camera.takes(self.page, f"phone-{picture}", caption, whole=False)


def anybody_reads(stage: Stage) -> None:
    stage.camera.chapter("What anybody finds")
    page, url = stage.visit(), stage.house.url
    for path, name, caption in (
        ("/", "landing", "The neutral face"),
        ("/manual/", "manual", "The manual: what is happening?"),
        ("/manual/primeras-horas", "chapter", "A chapter"),
        ("/manual/search?q=dinero", "search", "Searching the manual"),
        ("/manual/search?q=xyzzy", "search-nothing", "Nothing found"),
    ):
        page.goto(f"{url}{path}")
        stage.camera.takes(page, name, caption)
    page.goto(f"{url}/manual/arbol/virtual-call")
    stage.camera.takes(page, "tree", "One question at a time, for a call that is happening now")
    page.locator(".ways a").first.click()
    stage.camera.takes(page, "tree-step", "The next question")


def asks(stage: Stage, phones: Phones, rosa: Person) -> None:
    stage.camera.chapter("A family asks")
    phones.shows("Rosa", "empty", "Before the first word")
    rosa.starts()
    waits(rosa, "go:taken")
    phones.shows("Rosa", "greeting", "A neutral greeting")
    rosa.presses("go:taken")
    waits(rosa, "person:")
    phones.shows("Rosa", "card", "The first card")
    rosa.presses("person:taken")
    waits(rosa, "say:safe")
    phones.shows("Rosa", "question", "The first question says who reads")
    rosa.presses("say:safe:1")
    waits(rosa, "skip:where")
    rosa.says("Saltillo")
    waits(rosa, "skip:since")
    rosa.presses("say:since:2")
    waits(rosa, "skip:what")
    phones.shows("Rosa", "questions", "Any question can be skipped")
    rosa.says("Mi hermano salió ayer al trabajo y no llegó. Su teléfono está apagado.")
    waits(rosa, "word:choose")
    phones.shows("Rosa", "opened", "What to expect, and the two words to ask for")
    rosa.presses("word:choose")
    waits(rosa, "skip:word")
    rosa.says("mandarina azul")
    waits(rosa, "word:message")
    phones.shows("Rosa", "word", "The word of danger is kept")
    phones.shows("Alice", "request", "Coordination hears of it, without details")


def is_received(stage: Stage, phones: Phones) -> str:
    stage.camera.chapter("Coordination receives")
    page = phones.page
    page.locator("[data-panel=codes]").click()
    page.locator("code.code").first.wait_for()
    stage.camera.takes(page, "codes", "The demo's accounts and their codes")
    page.locator("[data-panel=codes]").click()
    page.locator("[data-panel=faults]").click()
    page.locator("#switches label").first.wait_for()
    stage.camera.takes(page, "faults", "Practising a bad day")
    page.locator("[data-panel=faults]").click()

    page = stage.visit()
    page.goto(f"{stage.house.url}/enter")
    stage.camera.takes(page, "enter", "Signing in")
    page.locator("[name=handle]").fill("alice")
    page.locator("[name=passphrase]").fill("no es esta")
    page.locator("[name=code]").fill("123456")
    page.locator('main form[action$="/enter"] [type=submit]').click()
    stage.camera.takes(page, "enter-refused", "A wrong passphrase or code")

    alice = stage.screen("Alice")
    page = alice.goes("/desk")
    stage.camera.takes(page, "desk", "The desk: is anybody falling through?")
    page.locator(".waits a").first.click()
    case = page.url.rsplit("/", 1)[1].split("#")[0].split("?")[0]
    stage.camera.takes(page, "room-new", "The room of a new request")
    page = alice.goes(f"/cases/{case}/triage")
    page.locator("[name=urgency][value=now]").check()
    page.locator("[name=place]").fill("Saltillo")
    page.locator("button[name=look]").click()
    page.locator("[name=zone][value='05030']").check()
    page.locator("[name=need]").fill("compañía durante las llamadas")
    stage.camera.takes(page, "triage", "How soon, where and what")
    page.locator("main form button:not([name])").click()
    page = alice.goes(f"/cases/{case}/offer")
    for name in ("Bilal", "Chiara"):
        page.get_by_label(name).check()
    page.locator("[name=brief]").fill(
        "Una familia espera una llamada hoy por la tarde. Hace falta calma y poder quedarse en"
        " el teléfono hasta la noche."
    )
    stage.camera.takes(page, "offer", "Asking at most three people")
    page.locator("main form button[type=submit]").click()
    stage.camera.takes(alice.goes(f"/cases/{case}"), "room-offered", "Asked, and waiting")
    return case


def is_accepted(stage: Stage, phones: Phones) -> None:
    stage.camera.chapter("Two are asked, one has it")
    bilal, chiara = stage.house.phone("Bilal"), stage.house.phone("Chiara")
    first, second = waits(bilal, "accept:"), waits(chiara, "accept:")
    phones.shows("Bilal", "offer", "An offer in the chat: place, need, urgency, nothing else")
    page = stage.screen("Bilal").goes("/cases/")
    stage.camera.takes(page, "asked", "The same offer in the web, with its brief")
    before = chiara.last_id
    bilal.presses(button(first, "accept:"))
    bilal.wait_for("/cases/", PATIENCE, after=first.message_id)
    phones.shows("Bilal", "accepted", "The first yes has it")
    chiara.presses(button(second, "accept:"))
    chiara.wait_for(lambda one: bool(one.text), PATIENCE, after=before)
    phones.shows("Chiara", "too-late", "The second is told calmly")
    stage.camera.takes(stage.screen("Chiara").goes("/cases/"), "nothing-open", "Nothing is open")


def talks(stage: Stage, phones: Phones, rosa: Person, case: str) -> None:
    stage.camera.chapter("They talk")
    bilal = stage.screen("Bilal")
    page = bilal.goes(f"/cases/{case}")
    words = page.locator(".secret").inner_text()
    page.locator("form[action*='/write'] [name=text]").fill(
        f"{words}. Soy Bilal, estoy contigo. ¿Quién está en casa ahora?"
    )
    bilal.sends("/write")
    rosa.wait_for("estoy contigo", PATIENCE)
    heard = rosa.last_id
    rosa.says("Gracias. Estoy con mi mamá. Ella no ha dormido.")
    heard = rosa.wait_for(lambda one: one.from_bot, PATIENCE, after=heard).message_id
    rosa.sends_photo(picture(), "Esto nos mandaron")
    heard = rosa.wait_for(lambda one: one.from_bot, PATIENCE, after=heard).message_id
    rosa.sends_voice(seconds=6)
    heard = rosa.wait_for(lambda one: one.from_bot, PATIENCE, after=heard).message_id
    rosa.sends_location(25.42321, -100.99012)
    rosa.wait_for(lambda one: one.from_bot, PATIENCE, after=heard)
    phones.shows("Rosa", "talk", "Words, a photo, a voice note and a place, each with one tick")
    phones.shows("Bilal", "news", "Bilal's phone meanwhile")
    settles(stage.house)
    page = bilal.goes(f"/cases/{case}")
    page.locator("details.panel > summary").first.click()
    page.locator("[name=note]").fill("La mamá está sola por las noches. No decirlo por teléfono.")
    bilal.sends("/note")
    page = bilal.goes(f"/cases/{case}")
    page.locator("details.photo").evaluate_all("all => all.forEach(one => { one.open = true })")
    page.wait_for_timeout(500)
    stage.camera.takes(page, "room", "The room")


def is_asked(stage: Stage, phones: Phones, rosa: Person, case: str) -> None:
    stage.camera.chapter("Nobody is forgotten")
    house, bilal = stage.house, stage.screen("Bilal")
    stage.camera.takes(bilal.goes(f"/cases/{case}/checkins"), "checkins-none", "No rhythm yet")
    bilal.page.locator("form.panel button").first.click()
    bilal.goes(f"/cases/{case}/checkins")
    before = rosa.last_id
    bilal.sends("/checkins/once")
    question = waits(rosa, "well:", after=before)
    phones.shows("Rosa", "asked", "A short question with two buttons")
    rosa.presses(button(question, "well:"))
    rosa.wait_for(lambda one: bool(one.text), PATIENCE, after=question.message_id)
    phones.shows("Rosa", "answered", "Answered")
    bilal.goes(f"/cases/{case}/checkins")
    before = rosa.last_id
    bilal.sends("/checkins/once")
    waits(rosa, "well:", after=before)
    settles(house)
    before, alice = rosa.last_id, house.phone("Alice")
    on_alice = alice.last_id
    check_ins = house.door.pack.check_ins
    stage.later(check_ins.reminder.total_seconds() / 60 + 1)
    waits(rosa, "well:", after=before)
    settles(house)
    phones.shows("Rosa", "asked-again", "Asked again, once")
    stage.later((check_ins.grace - check_ins.reminder).total_seconds() / 60 + 1)
    waits(house.phone("Bilal"), "own:")
    phones.shows("Bilal", "alarm", "Nobody answered: the accompanier is woken")
    stage.later(check_ins.ladder[1].after.total_seconds() / 60 + 1)
    second = waits(alice, "own:", after=on_alice)
    phones.shows("Alice", "second-rung", "The second rung: whoever coordinates")
    alice_at = stage.screen("Alice")
    stage.camera.takes(alice_at.goes("/desk"), "desk-alarm", "The desk while an alarm rings")
    alice.presses(button(second, "own:"))
    alice.wait_for("http", PATIENCE, after=second.message_id)
    phones.shows("Alice", "owned", "One of them takes it")
    page = alice_at.goes("/desk")
    page.locator("a[href*='/alarms/']").first.click()
    stage.camera.takes(page, "alarm", "An alarm, and how it ends")
    page.locator("[name=outcome][value=forgot]").check()
    page.locator("[name=words]").fill("Contestó por teléfono. Todo sigue igual.")
    alice_at.sends("/resolve")
    page = stage.screen("Bilal").goes(f"/cases/{case}/checkins")
    stage.camera.takes(page, "checkins", "What was asked, and what was answered")


def is_in_danger(stage: Stage, phones: Phones, rosa: Person, case: str) -> None:
    stage.camera.chapter("The word of danger")
    bilal, before = stage.house.phone("Bilal"), stage.house.phone("Bilal").last_id
    heard = rosa.last_id
    rosa.says("Todo bien por aquí, hoy comimos mandarina azul")
    rosa.wait_for(lambda one: bool(one.text), PATIENCE, after=heard)
    phones.shows("Rosa", "danger", "In the family's phone nothing looks different")
    alarm = waits(bilal, "own:", after=before)
    bilal.presses(button(alarm, "own:"))
    bilal.wait_for("http", PATIENCE, after=alarm.message_id)
    phones.shows("Bilal", "danger", "Elsewhere it rings")
    screen = stage.screen("Bilal")
    page = screen.goes(f"/cases/{case}/checkins")
    stage.camera.takes(page, "checkins-danger", "The alarm in the room")
    page.locator("a[href*='/alarms/']").first.click()
    stage.camera.takes(page, "alarm-danger", "A silent alarm")
    page.locator("[name=outcome][value=helped]").check()
    page.locator("[name=words]").fill("A salvo con su tía.")
    screen.sends("/resolve")


def holds_the_key(stage: Stage, phones: Phones, rosa: Person, case: str) -> None:
    stage.camera.chapter("The family holds the key")
    before = rosa.last_id
    rosa.says("/quien")
    rosa.wait_for(lambda one: bool(one.text), PATIENCE, after=before)
    phones.shows("Rosa", "who", "Who can read it, and when each last did")
    rosa.says("/quitar")
    waits(rosa, "remove:")
    phones.shows("Rosa", "remove", "Taking that away from somebody")
    before = rosa.last_id
    rosa.says("/ayuda")
    rosa.wait_for("/quien", PATIENCE, after=before)
    phones.shows("Rosa", "help", "What can be written here")
    screen = stage.screen("Alice")
    page = screen.goes(f"/cases/{case}/access")
    page.locator("#with").select_option(label="Elena (coordinación)")
    screen.sends("/share")
    page = screen.goes(f"/cases/{case}/access")
    stage.camera.takes(page, "access", "Who can open it, in the web")
    page.locator(".holders li", has_text="Elena").locator("summary").click()
    page.locator(".holders details[open] button").click()
    stage.camera.takes(page, "exposure", "What somebody could have read")


def somebody_joins(stage: Stage) -> None:
    stage.camera.chapter("Somebody joins, and comes back")
    alice, page = stage.screen("Alice"), stage.screen("Alice").goes("/people")
    stage.camera.takes(page, "people", "The team, and who waits for a yes")
    page.locator("[name=alias]").fill("Farid")
    alice.sends("/people/invite")
    stage.camera.takes(page, "invited", "A link for one person")
    link = stage.house.url + urlsplit(page.locator(".secret").inner_text()).path
    page = stage.visit()
    page.goto(link)
    stage.camera.takes(page, "join", "Invited")
    passphrase = " ".join(secrets.token_hex(3) for _ in range(5))
    page.locator("[name=handle]").fill("farid")
    for name in ("passphrase", "again"):
        page.locator(f"[name={name}]").fill(passphrase)
    page.locator("main form button[type=submit]").click()
    page.locator("[name=slip]").wait_for(state="attached")
    page.locator("details summary").click()
    stage.camera.takes(page, "join-proof", "Two things to keep")
    printed, totp = (one.inner_text() for one in page.locator(".secret").all())
    page.locator("[name=written]").check()
    codes = pyotp.TOTP(totp.replace(" ", ""))
    page.locator("[name=code]").fill(codes.at(stage.house.clock()))
    page.locator("main form button[type=submit]").click()
    expect(page.locator("[name=slip]")).to_have_count(0)
    stage.camera.takes(page, "joined", "Joined")
    stage.later(1)
    page.goto(f"{stage.house.url}/recover")
    stage.camera.takes(page, "recover", "Without the passphrase")
    page.locator("[name=handle]").fill("farid")
    page.locator("[name=printed]").fill(printed)
    page.locator("[name=code]").fill(codes.at(stage.house.clock()))
    for name in ("passphrase", "again"):
        page.locator(f"[name={name}]").fill(f"{passphrase} nueva")
    page.locator("main form button[type=submit]").click()
    page.locator(".secret").wait_for()
    stage.camera.takes(page, "recovered", "A new code for the paper")
    page.goto(link)
    stage.camera.takes(page, "join-closed", "A link works once")
    bilal = stage.screen("Bilal")
    page = bilal.goes("/account")
    bilal.sends("link")
    stage.camera.takes(page, "account", "My account")


def ends(stage: Stage, phones: Phones, rosa: Person, case: str) -> None:
    stage.camera.chapter("It ends")
    alice = stage.screen("Alice")
    page = alice.goes(f"/cases/{case}/close")
    stage.camera.takes(page, "close", "Closing says what is kept and what is not")
    page.locator("main form [name=outcome]").first.check()
    page.locator("main form button[type=submit]").first.click()
    stage.camera.takes(alice.goes(f"/cases/{case}"), "room-closed", "Closed: read, and no more")
    before = rosa.last_id
    rosa.says("/borrar")
    rosa.wait_for(lambda one: bool(one.text), PATIENCE, after=before)
    phones.shows("Rosa", "wiped", "The chat is wiped as far as Telegram lets a bot")


def things_go_wrong(stage: Stage) -> None:
    stage.camera.chapter("When something goes wrong")
    alice = stage.screen("Alice")
    stage.camera.takes(alice.goes("/cases/nada"), "nothing-here", "An address that is not for you")
    page = alice.goes("/people")
    page.locator("[name=csrf_token]").evaluate_all("all => all.forEach(one => { one.value = 'x' })")
    page.locator("[name=alias]").fill("Gala")
    alice.sends("/people/invite")
    stage.camera.takes(page, "expired", "A page that was open for too long")
    stage.bot.stop()
    stage.later(3)
    page = stage.screen("Alice").goes("/desk")
    stage.camera.takes(page, "stale", "Part of the machine is silent, and every page says so")


def picture() -> bytes:
    """A photo of nothing in particular."""
    canvas, kept = Image.new("RGB", (640, 420), "#8fa9b5"), io.BytesIO()
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, 260, 640, 420), fill="#6f7d63")
    draw.rectangle((240, 170, 420, 330), fill="#d8c9a8")
    draw.polygon(((220, 170), (440, 170), (330, 90)), fill="#9a4f3d")
    canvas.save(kept, "JPEG")
    return kept.getvalue()
