"""Passkeys in a real Chromium, with its virtual authenticator: made, used, taken off."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from config.settings import load
from network.clock import utc_now
from network.door import Door
from network.encryption.server import ServerSecret
from network.kernel.actor import Role
from network.quorum import services as quorum
from tests.cast import somebody
from tests.ground.clock import StillClock
from tests.ground.house import pages
from tests.people.conftest import PASSPHRASE, Typist, fatima, keys_of_fatima

__all__ = ["fatima", "keys_of_fatima"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

HALF_A_MINUTE = timedelta(seconds=30)
AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "hasPrf": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def clock() -> StillClock:
    """Now, since a browser's own clock cannot be moved."""
    return StillClock(utc_now())


@dataclass(slots=True)
class House:
    """The pages, at the very address they know of themselves, and Fátima at her telephone."""

    url: str
    fatima: Typist
    clock: StillClock

    def comes_in(self, page: Page) -> None:
        """By name, passphrase and code, as always."""
        self.clock.advance(HALF_A_MINUTE)
        page.goto(f"{self.url}/enter")
        page.fill("#handle", "fatima")
        page.fill("#passphrase", PASSPHRASE.reveal())
        page.fill("#code", self.fatima.code)
        page.get_by_role("button", name="Entrar", exact=True).click()
        expect(page).to_have_url(f"{self.url}/desk")

    def adds(self, page: Page, name: str, *, opens: str = "alone") -> None:
        """A device, on the page of her account."""
        self.clock.advance(HALF_A_MINUTE)
        page.goto(f"{self.url}/account")
        page.fill("#opening", PASSPHRASE.reveal())
        page.fill("#code", self.fatima.code)
        page.get_by_role("button", name="Agregar este aparato").click()
        page.fill("#label", name)
        page.check(f"input[name=opens][value={opens}]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_role("button", name="Agregar este aparato").click()
        expect(page).to_have_url(f"{self.url}/account")
        expect(page.get_by_text(name)).to_be_visible()

    def presses(self, page: Page) -> None:
        """Signed out, she comes in with the device."""
        page.context.clear_cookies()
        page.goto(f"{self.url}/enter")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_role("button", name="Entrar con este aparato").click()


@pytest.fixture
def house(door: Door, fatima: Typist, clock: StillClock) -> Iterator[House]:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    settings = load(
        {
            "HILO_DATABASE_URL": "sqlite:///unused",
            "HILO_SECRET": ServerSecret.new_text(),
            "HILO_PUBLIC_URL": f"http://localhost:{port}",
        }
    )
    with pages(door, settings, port) as url:
        yield House(url, fatima, clock)


class Device:
    """A telephone's authenticator, plugged into one window."""

    def __init__(self, page: Page, **changed: object) -> None:
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        made = self.cdp.send(
            "WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR | changed}
        )
        self.named = {"authenticatorId": made["authenticatorId"]}

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """What it keeps."""
        return list(self.cdp.send("WebAuthn.getCredentials", self.named)["credentials"])

    def is_set_back(self) -> None:
        """From now on it is the copy somebody made when it had not signed anything."""
        (one,) = self.credentials
        told = self.named | {"credentialId": one["credentialId"]}
        self.cdp.send("WebAuthn.removeCredential", told)
        self.cdp.send("WebAuthn.addCredential", self.named | {"credential": one | {"signCount": 0}})


def test_a_device_opens_her_account_without_a_name_or_a_passphrase(
    visit: Callable[..., Page], house: House
) -> None:
    page = visit()
    device = Device(page)
    house.comes_in(page)
    house.adds(page, "Mi teléfono viejo")
    assert [one["isResidentCredential"] for one in device.credentials] == [True]

    house.presses(page)

    expect(page).to_have_url(f"{house.url}/desk")
    house.adds(page, "El mismo")  # it keeps one for each account
    assert len(device.credentials) == 1
    for _ in range(2):
        page.get_by_role("button", name="Quitarlo").first.click()
    expect(page.get_by_role("button", name="Quitarlo")).to_have_count(0)
    house.presses(page)
    expect(page.get_by_role("alert").filter(has_text="No pudiste entrar")).to_be_visible()


@pytest.mark.parametrize("opens", ["alone", "with"])
def test_a_device_that_only_stands_for_the_code_is_asked_the_passphrase(
    visit: Callable[..., Page], house: House, opens: str
) -> None:
    """One that can compute no secret, or one whose owner wants the passphrase asked."""
    page = visit()
    Device(page, hasPrf=opens == "with")
    house.comes_in(page)
    house.adds(page, "Mi teléfono", opens=opens)

    house.presses(page)
    expect(page.get_by_role("heading", name="Tu frase")).to_be_visible()  # no longer at the door
    page.fill("#passphrase", "no es esta frase")
    page.get_by_role("button", name="Entrar", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.fill("#passphrase", PASSPHRASE.reveal())
    page.get_by_role("button", name="Entrar", exact=True).click()

    expect(page).to_have_url(f"{house.url}/desk")


def test_a_device_says_yes_in_the_quorums_own_form_and_the_same_page_again_is_refused(
    visit: Callable[..., Page], house: House
) -> None:
    """The step-up: what the browser asks the device is bound to the form's own address."""
    page = visit()
    Device(page)
    house.comes_in(page)
    house.adds(page, "Mi teléfono")
    door, hers = house.fatima.door, house.fatima.id
    gael, hugo = (somebody(door, name, Role.COORDINATOR) for name in ("gael", "hugo"))
    door.ask(
        quorum.propose_founding,
        gael.at_desk,
        needed=2,
        holders=(hers, gael.id, hugo.id),
        reason="que nadie se quede sin quien lo lea",
    )
    page.goto(f"{house.url}/quorum")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    with page.expect_request(lambda sent: sent.url.endswith("/yes")) as sent:
        page.get_by_role("button", name="Decir que sí, con tu aparato").click()
    expect(page.get_by_text("Tu sí quedó escrito")).to_be_visible()
    expect(page.get_by_role("button", name="Decir que sí, con tu aparato")).to_have_count(0)

    again = page.request.post(
        sent.value.url,
        headers={"content-type": "application/x-www-form-urlencoded"},
        data=sent.value.post_data or "",
    )
    assert again.status >= 400


def test_a_copied_device_is_noticed_and_opens_nothing(
    visit: Callable[..., Page], house: House
) -> None:
    page = visit()
    device = Device(page)
    house.comes_in(page)
    house.adds(page, "Mi teléfono")
    house.presses(page)
    expect(page).to_have_url(f"{house.url}/desk")

    device.is_set_back()
    for _ in range(3):  # whatever it counts from then on
        house.presses(page)
        expect(page.get_by_role("alert").filter(has_text="No pudiste entrar")).to_be_visible()


def test_a_browser_that_nobody_answers_for_says_so_and_stays(
    visit: Callable[..., Page], house: House
) -> None:
    page = visit()
    Device(page, isUserVerified=False)
    page.goto(f"{house.url}/enter")

    page.get_by_role("button", name="Entrar con este aparato").click()

    expect(page.get_by_role("alert").filter(has_text="no respondió")).to_be_visible()
    expect(page).to_have_url(f"{house.url}/enter")
