"""Nothing serious is wrong for anybody, by day and night, on a phone and a desk; nor is it told."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Window

from tests.browser.conftest import Town
from tests.ground.chromium import DESKTOP, PHONE, Visits

pytestmark = pytest.mark.browser
GRAVE = {"serious", "critical"}
# What a wider window or the night can change; everything else is said once for each language.
BY_LOOK = {"runOnly": ["color-contrast", "link-in-text-block", "scrollable-region-focusable"]}
# In English, everything but the colours, which are those of the page in Spanish.
BY_WORDS = {"rules": {"color-contrast": {"enabled": False}}}
# Sheets are ours and already here: axe need not fetch them again to read them.
ALWAYS = {"resultTypes": ["violations"], "preload": False}
# A rule that says of itself that what it finds is never grave is not asked: a third of the work.
ASK = """
options => {
    const mild = axe._audit.rules.filter(one => ["minor", "moderate"].includes(one.impact));
    const off = Object.fromEntries(mild.map(one => [one.id, {enabled: false}]));
    return axe.run(options.runOnly ? options : {...options, rules: {...off, ...options.rules}});
}
"""
Look = tuple[tuple[int, int], Literal["light", "dark"]]
# Colours are the same at any width, and both are the same in both languages.
LOOKS: dict[str, tuple[Look, ...]] = {
    "es": ((PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light")),
    "en": ((PHONE, "light"),),
}
TARGET = 44
TOO_SMALL = """
() => [...document.querySelectorAll(
    "button, [role=button], nav a, .way, .row > a, li.case-link > a, footer a, summary, select, " +
    "input:not([type=hidden], [type=checkbox], [type=radio])"
  )].filter(one => {
    const box = one.getBoundingClientRect();
    return one.checkVisibility() && box.height > 0 && box.height < 43.5 && !one.closest(".skip");
  }).map(one => one.outerHTML.slice(0, 120))
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", LOOKS)
def test_every_page_is_for_everybody_and_asks_nobody_but_us(
    town: Town, visit: Visits, language: str
) -> None:
    found: list[str] = []
    asked: list[str] = []
    window = visit()
    window.on("request", lambda request: asked.append(request.url))
    signed_in = None
    for page in town.pages:
        if page.who is not signed_in:
            window.context.clear_cookies()
            if page.who is not None:
                town.lets_in(window.context, page.who)
            signed_in = page.who
        mark = "&" if "?" in page.path else "?"
        window.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        window.goto(f"{town.url}{page.path}{mark}lang={language}")
        first = {} if language == "es" else BY_WORDS
        found += [
            f"{language} {page.path}: {each}" for each in faults(window, LOOKS[language], first)
        ]
    assert not found, "\n".join(found)
    assert asked
    assert [url for url in asked if not url.startswith((town.url, "data:"))] == []


@pytest.mark.parametrize("language", LOOKS)
def test_what_somebody_could_not_use_is_found(visit: Visits, language: str) -> None:
    """So that a list of faults without one means that there is none."""
    window = visit()
    window.set_content(
        '<html lang="es"><title>.</title><main><h1>.</h1><input><img src="data:,">'
        '<p style="color:#888;background:#999">Words</p>'
        '<button style="height:20px">.</button></main>'
    )
    found = faults(window, LOOKS[language], {} if language == "es" else BY_WORDS)
    for rule in ("label", "image-alt"):
        assert sum(f" {rule} " in each for each in found) == 1, found
    faint = sum(" color-contrast " in each for each in found)
    assert faint == (len(LOOKS["es"]) if language == "es" else 0), found
    assert any(each.startswith(f"smaller than {TARGET} px: <button") for each in found), found


def faults(window: Window, looks: Sequence[Look], first: Mapping[str, object]) -> list[str]:
    """What is wrong with the page that is open, however it is looked at; at first as this says."""
    said = []
    window.evaluate(Axe().axe_script)
    for number, (size, scheme) in enumerate(looks):
        window.set_viewport_size({"width": size[0], "height": size[1]})
        window.emulate_media(color_scheme=scheme)
        options = {**ALWAYS, **(BY_LOOK if number else first)}
        response = window.evaluate(ASK, options)
        said += [
            f"{size[0]} {scheme} {one['id']} {one['nodes'][0]['html'][:120]}"
            for one in response["violations"]
            if one["impact"] in GRAVE
        ]
        if window.evaluate("document.documentElement.scrollWidth") > size[0]:
            said.append(f"{size[0]} wider than its window")
    window.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    said += [f"smaller than {TARGET} px: {one}" for one in window.evaluate(TOO_SMALL)]
    return said
