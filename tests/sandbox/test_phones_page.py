"""The page that looks like phones, in a real Chromium."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from bot.sandbox import Sandbox
from bot.sandbox.markup import buttons_of
from bot.sandbox.world import Chat
from tests.ground.chromium import Visits
from tests.journeys.waiting import until
from tests.sandbox.test_control import DEMO

pytestmark = pytest.mark.browser

YES = {"inline_keyboard": [[{"text": "Sí", "callback_data": "yes"}]]}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Sandbox]:
    file = tmp_path / "demo.json"
    file.write_text(json.dumps(DEMO), encoding="utf-8")
    sandbox = Sandbox(people_file=file)
    sandbox.person("Rosa", user_id=5001)
    with sandbox:
        yield sandbox


def bot_says(sandbox: Sandbox, user_id: int, text: str, markup: object = None) -> Chat:
    chat = sandbox.bot.chats[user_id]
    given = markup if isinstance(markup, dict) else None
    sandbox.do(lambda: sandbox.world.send(sandbox.bot, chat, {"text": text}, given))
    return chat


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{entry['id']}: {entry['nodes'][0]['html']}"
        for entry in found
        if entry["impact"] in {"serious", "critical"}
    ]


def test_a_family_and_a_coordinator_are_played_side_by_side(demo: Sandbox, desktop: Page) -> None:
    desktop.goto(demo.url)
    rosa, alice = desktop.locator("#phone-5001"), desktop.locator("#phone-1001")
    rosa.get_by_role("button", name="Iniciar").click()
    expect(rosa.get_by_text("/start")).to_be_visible()
    chat = bot_says(demo, 5001, "¿Estás bien?", YES)
    rosa.get_by_role("button", name="Sí").click()
    expect(rosa.locator("button.waiting")).to_be_visible()
    until(lambda: bool(demo.bot.queries))
    query = next(reversed(demo.bot.queries))
    demo.do(lambda: demo.world.answer(demo.bot, query, {"text": "Anotado", "alert": False}))
    expect(rosa.get_by_text("Anotado")).to_be_visible()
    message = next(m for m in reversed(chat.messages.values()) if buttons_of(m))
    demo.do(lambda: demo.world.delete(chat, message))
    expect(rosa.get_by_text("Mensaje borrado")).to_be_visible()
    bot_says(demo, 1001, "Hay una solicitud nueva")
    expect(alice.get_by_text("Hay una solicitud nueva")).to_be_visible()


def test_files_are_attached_from_the_phone(demo: Sandbox, page: Page) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (60, 40)).save(picture, "PNG")
    page.goto(demo.url)
    rosa = page.locator("#phone-5001")
    rosa.get_by_role("button", name="Iniciar").click()
    rosa.get_by_role("button", name="Adjuntar").click()
    with page.expect_file_chooser() as chooser:
        rosa.get_by_role("button", name="Foto").click()
    chooser.value.set_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    expect(rosa.get_by_alt_text("Foto enviada")).to_be_visible()
    for name in ("Nota de voz de ejemplo", "Ubicación de ejemplo"):
        rosa.get_by_role("button", name="Adjuntar").click()
        rosa.get_by_role("button", name=name).click()
    expect(rosa.locator("audio")).to_be_visible()
    expect(rosa.get_by_text("19.4326")).to_be_visible()


def test_codes_and_faults_are_at_hand(demo: Sandbox, page: Page) -> None:
    page.goto(demo.url)
    page.get_by_role("button", name="Códigos de acceso").click()
    expect(page.locator("code.code")).to_have_text(
        str(demo.accounts.entries[0].facts(demo.world.now())["code"])
    )
    page.get_by_role("button", name="Fallas").click()
    page.get_by_label("Telegram falla (500)").check()
    expect(page.locator("#faults-on")).to_have_text("1")
    assert [fault.status for fault in demo.faults.on] == [500]
    page.get_by_role("button", name="Quitar todas las fallas").click()
    expect(page.locator("#faults-on")).to_be_hidden()
    assert demo.faults.on == []


@pytest.mark.parametrize(
    ("language", "dark"),
    [("es", False), ("es", True), ("en", False)],  # one colour, two languages
)
def test_nothing_serious_is_wrong_for_anybody(
    demo: Sandbox, visit: Visits, language: str, *, dark: bool
) -> None:
    bot_says(demo, 1001, "Hola", YES)
    for size in ((360, 740), (1280, 800)):
        page = visit(size, dark=dark)
        page.goto(f"{demo.url}/?lang={language}")
        expect(page.locator("#phone-5001")).to_be_visible()
        page.locator("[data-panel=codes]").click()
        page.locator("[data-panel=faults]").click()
        expect(page.locator("#switches label").first).to_be_visible()
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_page_asks_nobody_but_this_machine(demo: Sandbox, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(demo.url)
    expect(page.locator("#phone-5001")).to_be_visible()
    assert asked
    assert all(url.startswith(demo.url) for url in asked)
