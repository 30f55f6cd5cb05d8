"""Working without scripts, and leaving in a moment without a trace."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page as Window
from playwright.sync_api import TimeoutError as TooLate
from playwright.sync_api import expect

from network.door import Door
from network.kernel.actor import Engine, Nobody, Role
from network.people import entrance, services, totp
from network.web.headers import NEUTRAL_PAGE
from tests.browser.conftest import Town
from tests.cases.browsing import signed_in
from tests.ground.chromium import Visits
from tests.ground.clock import StillClock
from tests.journeys.waiting import until
from tests.people.conftest import PASSPHRASE, Typist

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
CLI = Engine("cli")


@pytest.fixture
def fatima(door: Door) -> Typist:
    """Somebody who types a passphrase and a code."""
    prepared = entrance.prepare(
        door, handle="fatima", alias="Fátima", language="es", passphrase=PASSPHRASE
    )
    newcomer = entrance.prove(door, prepared, code=totp.code_at(prepared.totp_secret, door.now()))
    token = door.ask(services.invite, CLI, role=Role.COORDINATOR)
    door.ask(services.join, Nobody(), token=token, newcomer=replace(newcomer, step=0))
    return Typist(door, prepared)


def test_she_signs_in_without_scripts(
    town: Town, fatima: Typist, visit: Visits, clock: StillClock
) -> None:
    window = visit(javascript=False)
    window.goto(f"{town.url}/enter")
    clock.advance(timedelta(minutes=1))
    window.locator("[name=handle]").fill(fatima.handle)
    window.locator("[name=passphrase]").fill(PASSPHRASE.reveal())
    window.locator("[name=code]").fill(fatima.code)
    window.locator('main form[action$="/enter"] [type=submit]').click()
    expect(window).to_have_url(f"{town.url}/desk")


def test_triage_works_without_scripts(town: Town, visit: Visits) -> None:
    window = visit(javascript=False)
    town.lets_in(window.context, town.cast.alice)
    path = next(each.path for each in town.pages if each.path.endswith("/triage"))
    window.goto(f"{town.url}{path}")
    window.locator("[name=urgency][value=today]").check()
    window.locator("[name=need]").fill("compañía durante las llamadas")
    window.locator("[name=place]").fill("Saltillo")
    window.locator("button[name=look]").click()
    expect(window.locator("[name=urgency][value=today]")).to_be_checked()
    window.locator("[name=zone][value='05030']").check()
    window.locator("main form button:not([name])").click()
    expect(window).to_have_url(re.compile(f"{path.removesuffix('/triage')}(#.*)?$"))
    expect(window.locator("main")).to_contain_text("Saltillo")


def by_button(window: Window) -> None:
    window.locator("#exit").locator("button").or_(window.locator("a#exit")).click()


def by_escape(window: Window) -> None:
    window.keyboard.press("Escape")
    window.keyboard.press("Escape")
    expect(window).not_to_have_url(NEUTRAL_PAGE)
    window.keyboard.press("Escape")
    with suppress(TooLate):
        window.wait_for_url(NEUTRAL_PAGE, timeout=3_000)
        return
    for _ in range(3):  # a slow machine put seconds between the three
        window.keyboard.press("Escape")


@pytest.mark.parametrize("leaves", [by_button, by_escape])
def test_leaving_leads_to_a_neutral_page_and_not_back(
    town: Town, visit: Visits, leaves: Callable[[Window], None]
) -> None:
    window = somewhere_neutral(visit())
    town.lets_in(window.context, town.cast.alice)
    window.goto(f"{town.url}/manual/")
    window.goto(f"{town.url}/desk")
    leaves(window)
    window.wait_for_url(NEUTRAL_PAGE)
    is_over(town)
    window.go_back()
    expect(window).to_have_url(f"{town.url}/manual/")
    expect(window.locator("body")).not_to_contain_text("Mi cuenta")


def test_a_reader_leaves_by_the_same_ways(town: Town, visit: Visits) -> None:
    for leaves in (by_button, by_escape):
        window = somewhere_neutral(visit())
        window.goto(f"{town.url}/manual/")
        window.goto(f"{town.url}/manual/primeras-horas")
        leaves(window)
        window.wait_for_url(NEUTRAL_PAGE)
        window.go_back()
        expect(window).to_have_url(f"{town.url}/manual/")


def test_the_button_needs_no_scripts(town: Town, visit: Visits) -> None:
    window = somewhere_neutral(visit(javascript=False))
    town.lets_in(window.context, town.cast.alice)
    window.goto(f"{town.url}/desk")
    by_button(window)
    window.wait_for_url(NEUTRAL_PAGE)
    is_over(town)


def somewhere_neutral(window: Window) -> Window:
    """The neutral page is played by us: tests reach nobody."""
    window.context.route(
        f"{NEUTRAL_PAGE}**",
        lambda route: route.fulfill(body="<title>·</title>", content_type="text/html"),
    )
    return window


def is_over(town: Town) -> None:
    """What the browser held opens nothing on the server any more, or not for long."""

    def shut() -> bool:
        answer = signed_in(town.app, town.cast.alice).looks("/desk")
        return answer.headers.get("Location", "").startswith("/enter")

    until(shut)
