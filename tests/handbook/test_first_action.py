"""From the front door to the first thing to do, for somebody whose telephone is ringing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, Page, expect

from config.settings import load
from network.door import Door
from network.encryption.server import ServerSecret
from tests.ground.house import pages
from tests.handbook.asked import tell

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
MOST = 40 * 1024
LABEL = "Me están llamando ahora"


@pytest.fixture
def front_door(door: Door) -> Iterator[str]:
    secret = ServerSecret.new_text()
    settings = load({"HILO_DATABASE_URL": "sqlite:///unused", "HILO_SECRET": secret})
    with pages(door, settings) as url:
        yield url


def weighed(page: Page) -> list[float]:
    """What travels to this page from now on, headers and all; nothing was there before."""
    travelled: list[float] = []
    wire: CDPSession = page.context.new_cdp_session(page)
    wire.on("Network.loadingFinished", lambda done: travelled.append(done["encodedDataLength"]))
    wire.send("Network.enable")
    return travelled


def test_two_presses_and_forty_kilobytes(page: Page, front_door: str) -> None:
    travelled = weighed(page)
    page.goto(front_door, wait_until="networkidle")
    page.locator("main a[href='/manual/']").click()
    page.get_by_role("button", name=LABEL).click()
    first = page.locator("#ahora li").first
    expect(first).to_be_in_viewport()
    page.wait_for_load_state("networkidle")
    weight = sum(travelled) / 1024
    tell(f"two presses, {weight:.1f} KB in {len(travelled)} answers: {first.inner_text()}")
    assert sum(travelled) <= MOST


def test_in_english_too(page: Page, front_door: str) -> None:
    page.goto(f"{front_door}/manual/?lang=en")
    page.get_by_role("button", name="They are calling me now").click()
    expect(page.locator("#ahora li").first).to_be_in_viewport()


def test_every_situation_is_one_press_from_its_first_action(page: Page, front_door: str) -> None:
    page.goto(f"{front_door}/manual/")
    ways = page.locator(".ways a")
    addresses = [ways.nth(number).get_attribute("href") for number in range(ways.count())]
    assert len(addresses) >= 8
    for address in addresses:
        page.goto(f"{front_door}{address}")
        expect(page.locator("#ahora li").first).to_be_in_viewport()
