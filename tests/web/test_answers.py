"""In production settings, page by page: what each answer wears, and that none leads away."""

from collections.abc import Iterator
from html import unescape
from itertools import cycle

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from network.door import Door
from network.web.headers import ALWAYS, NEUTRAL_PAGE
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast
from tests.web.hostile import EVIL, NAME, ORIGIN, SLOW, Page, everybody, in_production, token_of
from tests.web.routes import LEAVES
from tests.web.test_matrix import address, rules
from tests.web.theirs import Theirs

# Pages do not know which database they stand on; the services' own tests run on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def app(door: Door) -> Flask:
    return in_production(door)


def two_of_them(app: Flask, cast: Cast) -> Iterator[tuple[str, Browser]]:
    """Who sees least and who sees most."""
    yield "nobody", Browser(app.test_client())
    yield "elena", signed_in(app, cast.elena)


def test_every_answer_wears_its_headers(app: Flask, cast: Cast, theirs: Theirs) -> None:
    """Pages, files, errors, redirects, refused methods: to everybody, whatever they ask."""
    wrong = []
    for name, browser in two_of_them(app, cast):
        asked = [
            (method, address(app, rule, theirs))
            for rule, method in rules(app)
            if rule.endpoint not in LEAVES
        ]
        asked += [(method, "/account") for method in ("HEAD", "OPTIONS", "TRACE", "PUT", "DELETE")]
        for method, path in (*asked, ("GET", "/nothing-here"), ("GET", "/cases/not-an-id")):
            response = browser.client.open(path, method=method)  # a write has no token: 400
            faults = list(_faults(response, behind_login=name != "nobody"))
            wrong += [f"{method} {path} as {name}: {fault}" for fault in faults]
            response.close()
    assert wrong == []


def _faults(response: TestResponse, *, behind_login: bool) -> Iterator[str]:
    headers = response.headers
    for name, value in ALWAYS.items():
        if headers.get(name) != value:
            yield f"{name}: {headers.get(name)}"
    if "max-age=31536000" not in headers.get("Strict-Transport-Security", ""):
        yield "no HSTS"
    cache = headers.get("Cache-Control", "")
    is_file = response.request.path.startswith("/static/")
    asked_anew = cache in {"no-store", "public, no-cache"}  # a worker is the same for everybody
    if not is_file and not asked_anew and (behind_login or not cache.startswith("public")):
        yield f"Cache-Control: {cache}"
    if headers.get("Server") or headers.get("X-Powered-By"):
        yield "says what serves it"
    yield from _more_faults(response)


def _more_faults(response: TestResponse) -> Iterator[str]:
    headers = response.headers
    if (response.mimetype or "").startswith("text/") and "utf-8" not in headers["Content-Type"]:
        yield f"Content-Type: {headers['Content-Type']}"
    if response.status_code >= 500 and response.request.path != "/healthz":
        yield f"broke: {response.status_code}"
    for cookie in headers.getlist("Set-Cookie"):
        marks = {part.strip().casefold() for part in cookie.split(";")[1:]}
        if not {"secure", "httponly", "samesite=strict", "path=/"} <= marks:
            yield f"cookie: {sorted(marks)}"
        if not cookie.startswith("__Host-") or any(mark.startswith("domain") for mark in marks):
            yield "cookie that another host could set"


def test_no_page_runs_or_fetches_what_is_not_ours(app: Flask, cast: Cast, theirs: Theirs) -> None:
    wrong = []
    for name, browser in (
        ("nobody", Browser(app.test_client())),
        ("elena", signed_in(app, cast.elena)),
    ):
        for rule, method in rules(app):
            if method != "GET" or rule.endpoint in LEAVES:
                continue
            response = browser.client.get(address(app, rule, theirs))
            if response.mimetype == "text/html":
                page = Page(response.text)
                away = [link for link in page.fetched if _elsewhere(link)]
                wrong += [f"{rule} as {name}: {what}" for what in page.inline + away]
            response.close()
    assert wrong == []


def _elsewhere(link: str) -> bool:
    return link.startswith(("//", "http:", "https:")) and not link.startswith(
        (ORIGIN, NEUTRAL_PAGE)
    )


def test_another_name_in_the_address_gets_nothing(app: Flask, cast: Cast, theirs: Theirs) -> None:
    for name, browser in everybody(app, cast):
        for path in ("/", "/enter", "/account", f"/cases/{theirs.case}", "/nothing-here"):
            response = browser.client.get(path, base_url=f"https://{EVIL}")
            assert response.status_code == 400, (name, path)
            assert EVIL not in response.text + str(response.headers)
    for spelling in (f"{NAME}:443", NAME.upper(), f"{NAME}.".rstrip(".")):
        assert app.test_client().get("/enter", base_url=f"https://{spelling}").status_code == 200


def test_what_a_proxy_could_be_made_to_say_is_not_believed(
    app: Flask, cast: Cast, theirs: Theirs
) -> None:
    lies = {
        "X-Forwarded-Host": EVIL,
        "X-Forwarded-Proto": "http",
        "X-Host": EVIL,
        "X-Original-URL": "/people/",
        "X-Rewrite-URL": "/people/",
        "X-HTTP-Method-Override": "POST",
        "Forwarded": f"host={EVIL}",
        "Referer": f"https://{EVIL}/",
        "Origin": f"https://{EVIL}",
    }
    for name, browser in everybody(app, cast):
        for rule, method in rules(app):
            if method != "GET" or rule.endpoint in LEAVES:
                continue
            path = address(app, rule, theirs)
            lied = browser.client.get(path, headers=lies)
            assert lied.status_code < 500 or path == "/healthz", (name, path)
            assert EVIL not in unescape(lied.text if lied.mimetype == "text/html" else "")
            assert EVIL not in str(lied.headers), (name, path)
            lied.close()


def test_nothing_leads_away(app: Flask, cast: Cast, theirs: Theirs) -> None:
    """Wherever somebody is sent, it is a page of ours or the neutral one."""
    names = ("next", "url", "to", "return", "return_to", "redirect", "continue", "dest", "lang")
    lures = dict(zip(names, cycle((f"https://{EVIL}/", f"//{EVIL}/", f"/\\{EVIL}")), strict=False))
    wrong = []
    for name, browser in everybody(app, cast):
        token = token_of(browser.client)
        for rule, method in rules(app):
            if rule.endpoint in LEAVES | SLOW:
                continue
            path = address(app, rule, theirs)
            data = {**lures, "csrf_token": token} if method == "POST" else None
            response = browser.client.open(path, method=method, query_string=lures, data=data)
            where = response.location or ""
            ours = where.startswith("/") and not where.startswith(("//", "/\\"))
            if where and not ours and not where.startswith(NEUTRAL_PAGE):
                wrong.append(f"{method} {path} as {name} leads to {where}")
            response.close()
    for path in (f"//{EVIL}", f"///{EVIL}/..", f"/\\{EVIL}", f"/enter//{EVIL}", "/account/"):
        where = app.test_client().get(path).location or "/"
        if where.startswith(("//", "/\\", "http")) and not where.startswith(f"{ORIGIN}/"):
            wrong.append(f"{path} leads to {where}")
    assert wrong == []
