"""In production settings, form by form and address by address: hostile words break nothing."""

import re
from collections.abc import Iterator
from itertools import cycle

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from network.door import Door
from tests.cases.browsing import signed_in
from tests.cast import Cast, Somebody
from tests.web.hostile import Page, Sent, everybody, in_production, token_of, walk
from tests.web.routes import LEAVES
from tests.web.test_matrix import address, rules
from tests.web.theirs import Theirs

# Pages do not know which database they stand on; the services' own tests run on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

RAW = "<b id=zz9>"
MARKUP = f'">{RAW}{{{{7*7}}}}</b>'
UNREADABLE = (
    "%00",
    "../../etc/passwd",
    "%2e%2e%2f%2e%2e%2f",
    "9" * 40,
    "-1",
    "\u202e\ud7ff",
    "a" * 3000,
    "' OR 1=1 --",
)
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
# What ends the browser that tries, and what stretches a passphrase for each try.
NOT_TRIED = ("/leave", "/exit", "/account/sessions", "/account/passphrase", "/account/recovery")


@pytest.fixture
def app(door: Door) -> Flask:
    return in_production(door)


@pytest.mark.parametrize("who", ["dino", "bilal", "elena"])
def test_hostile_words_in_every_form_break_nothing_and_are_shown_as_words(
    app: Flask, cast: Cast, theirs: Theirs, who: str
) -> None:
    """Every form that can be reached by links, filled with markup and with what cannot be read."""
    member: Somebody = getattr(cast, who)
    browser = signed_in(app, member)
    starts = ["/account", f"/cases/{theirs.case}", "/desk"]
    pages = [
        (one.request.path, Page(one.text)) for one in walk(browser.client, starts) if _read(one)
    ]
    bad, token = cycle((MARKUP, *UNREADABLE)), token_of(browser.client)
    forms = {_kind_of(path, form): (path, form) for path, page in pages for form in page.forms}
    wrong = [
        f"POST {action} {sorted(typed)}: {status}"
        for path, form in forms.values()
        for action, typed in _tried(form, path, bad)
        if (status := _broken(browser.client, action, {**typed, "csrf_token": token}))
    ]
    wrong += [
        f"GET {one.request.path}: {one.status_code}"
        for one in walk(browser.client, starts)
        if one.status_code >= 500 or (_read(one) and RAW in one.text)
    ]
    assert wrong == []


def _kind_of(page: str, form: Sent) -> tuple[str, frozenset[str]]:
    """Forms that differ by an id alone are tried once."""
    action = ID.sub("", (form.action or page).partition("?")[0])
    return action, frozenset(name for _, name, _ in form.fields)


def _tried(form: Sent, page: str, bad: Iterator[str]) -> Iterator[tuple[str, dict[str, str]]]:
    action = form.action or page
    # The cast has no authenticator, so what asks for its code cannot be answered here.
    tried = action.startswith("/") and not action.startswith(NOT_TRIED)
    if form.method != "post" or not tried or any(name == "code" for _, name, _ in form.fields):
        return
    for turn in range(2):
        yield action, {name: _filled(kind, old, bad, turn) for kind, name, old in form.fields}


def _broken(client: FlaskClient, action: str, typed: dict[str, str]) -> int:
    """The status of an answer that broke or shows words as markup; 0 where all is well."""
    response = client.post(action, data=typed)
    response.close()
    return response.status_code if response.status_code >= 500 or RAW in response.text else 0


def _read(response: TestResponse) -> bool:
    return response.mimetype == "text/html"


def _filled(kind: str, value: str, bad: Iterator[str], turn: int) -> str:
    """First what was hidden or chosen stays and words are markup; then everything is hostile."""
    if turn == 0:
        return value if kind in {"hidden", "select", "radio", "checkbox", "button"} else MARKUP
    return next(bad)


def test_hostile_questions_in_every_address_are_answered_calmly(
    app: Flask, cast: Cast, theirs: Theirs
) -> None:
    wrong = []
    names = ("before", "lang", "q", "closed", "page", "zone", "place", "case", "reference", "which")
    for name, browser in everybody(app, cast):
        for rule, method in rules(app):
            if method != "GET" or rule.endpoint in LEAVES:
                continue
            path = address(app, rule, theirs)
            values = (MARKUP, "9" * 40) if name == "elena" else ("\x00",)
            for value in values:
                response = browser.client.get(path, query_string=dict.fromkeys(names, value))
                text = response.text if _read(response) else ""
                broke = response.status_code >= 500 and path != "/healthz"
                if broke or RAW in text or "Traceback" in text:
                    wrong.append(f"{path}?{value[:9]!r} as {name}: {response.status_code}")
                response.close()
    assert wrong == []
