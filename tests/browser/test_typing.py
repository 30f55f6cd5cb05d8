"""A passphrase can be seen while it is typed, and goes out hidden."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_passkeys import House, clock, fatima, house, keys_of_fatima

__all__ = ["clock", "fatima", "house", "keys_of_fatima"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def test_what_is_typed_is_shown_and_hidden_by_key_or_press_and_is_sent_hidden(
    visit: Callable[..., Page], house: House
) -> None:
    page = visit()
    page.goto(f"{house.url}/enter")
    typed, show = page.locator("#passphrase"), page.get_by_role("button", name="Mostrar lo que")
    typed.fill("calle que no es")
    show.click()
    expect(typed).to_have_attribute("type", "text")
    expect(typed).to_have_value("calle que no es")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    hide = page.get_by_role("button", name="Ocultar lo que")
    hide.focus()
    page.keyboard.press("Enter")  # it presses the button, and does not send the form
    expect(typed).to_have_attribute("type", "password")
    expect(page).to_have_url(f"{house.url}/enter")

    show.click()
    page.evaluate(
        "document.querySelector('#passphrase').form.addEventListener('submit',"
        " (event) => { event.preventDefault(); })"
    )
    page.fill("#handle", "fatima")
    page.fill("#code", "123456")
    page.get_by_role("button", name="Entrar", exact=True).click()
    expect(typed).to_have_attribute("type", "password")
