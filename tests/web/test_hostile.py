"""In production settings, page by page and form by form: what somebody hostile can try."""

import re
from collections.abc import Iterator
from html import unescape
from itertools import cycle
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from network.cases.services.exposing import LOOKED_AT, TOOK_ALONG
from network.db import Row, Tx
from network.door import Door
from network.kernel.actor import Actor
from network.kernel.ids import PersonId
from network.people import services as people
from network.web.headers import ALWAYS, NEUTRAL_PAGE
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody
from tests.checkins.conftest import Postman
from tests.people.conftest import PASSPHRASE, Typist
from tests.web.hostile import NAME, ORIGIN, Page, Sent, in_production, token_of, walk
from tests.web.routes import LEAVES, WITHOUT_TOKEN
from tests.web.test_matrix import address, rules
from tests.web.theirs import Theirs

# Pages do not know which database they stand on; the services' own tests run on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

EVIL = "evil.example.net"
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
SLOW = {"people.enter", "people.recover", "people.join"}  # they stretch a passphrase for each try


@pytest.fixture
def app(door: Door) -> Flask:
    return in_production(door)


def everybody(app: Flask, cast: Cast) -> Iterator[tuple[str, Browser]]:
    """A stranger, and those who see most: who holds the case, and who coordinates it."""
    yield "nobody", Browser(app.test_client())
    for one in (cast.bilal, cast.elena):
        yield one.name, signed_in(app, one)


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


def everything(tx: Tx, _actor: Actor) -> dict[str, list[str]]:
    """Every row, but for the traces that reading leaves: receipts, and that a session lives."""
    found = {}
    for table in Row.metadata.sorted_tables:
        if table.name in {"receipts", "receipts_head", "sessions"}:
            continue
        rows = tx.session.connection().exec_driver_sql(f"select * from {table.name}")  # noqa: S608
        found[table.name] = sorted(str(row) for row in rows)
    return found


def changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    return [name for name in before if before[name] != after[name]]


def test_reading_writes_nothing_but_that_somebody_read(
    app: Flask, cast: Cast, door: Door, theirs: Theirs
) -> None:
    """No link, picture or prefetch of another site can do anything.

    The others hear who looked at what an account could open.
    """
    postman = Postman(door)
    postman.walk()
    before = door.look(everything, cast.alice.id)
    for _, browser in everybody(app, cast):
        for rule, method in rules(app):
            if method == "GET" and rule.endpoint not in LEAVES:
                browser.client.get(address(app, rule, theirs)).close()
    assert set(changed(before, door.look(everything, cast.alice.id))) <= {"outbox"}
    assert {letter.say for letter in postman.walk()} <= {LOOKED_AT, TOOK_ALONG}


@pytest.mark.parametrize("forged", ["without", "another's", "in the address", "of another secret"])
def test_a_forged_write_changes_nothing(
    app: Flask, cast: Cast, door: Door, theirs: Theirs, forged: str
) -> None:
    """Elena may do these things: her own browser is made to, by another site."""
    dinos = token_of(signed_in(app, cast.dino).client)
    before = door.look(everything, cast.alice.id)
    browser = signed_in(app, cast.elena)
    own = token_of(browser.client)
    data, query, headers = {
        "without": ({}, {}, {"Origin": f"https://{EVIL}"}),
        "another's": ({"csrf_token": dinos}, {}, {}),
        "in the address": ({}, {"csrf_token": own}, {}),
        "of another secret": ({"csrf_token": f"{own[:-6]}AAAAAA"}, {}, {}),
    }[forged]
    for rule, method in rules(app):
        if method != "POST" or rule.endpoint in WITHOUT_TOKEN:
            continue
        path = address(app, rule, theirs)
        response = browser.client.post(path, data=data, query_string=query, headers=headers)
        assert response.status_code == 400, (rule, response.status_code)
    assert changed(before, door.look(everything, cast.alice.id)) == []


def test_writing_has_one_method(app: Flask, cast: Cast, door: Door, theirs: Theirs) -> None:
    before = door.look(everything, cast.alice.id)
    browser = signed_in(app, cast.elena)
    token = {"csrf_token": token_of(browser.client)}
    for rule in app.url_map.iter_rules():
        path = address(app, rule, theirs)
        for method in {"PUT", "DELETE"} - (rule.methods or set()):
            response = browser.client.open(path, method=method, data=token)
            assert response.status_code in {404, 405}, (method, path, response.status_code)
            response.close()
    assert changed(before, door.look(everything, cast.alice.id)) == []


def hostile_keys(person: UUID, case: UUID) -> dict[str, str]:
    """Every column there is, as a key of a form, with what somebody would like it to be."""
    wished = {"role": "coordinator", "standing": "active", "level": "full", "on_duty": "1"}
    found = dict(wished)
    for table in Row.metadata.sorted_tables:
        for column in table.columns:
            value = str(case if "case" in column.name else person)
            found.setdefault(column.name, value)
            found[f"{table.name}[{column.name}]"] = value
    extra = ("actor", "is_admin", "admin", "alias.role", "person", "member", "activist", "by")
    return found | dict.fromkeys(extra, str(person))


def power(tx: Tx, _actor: Actor) -> dict[str, set[str]]:
    """Who is what, and who can open what."""
    questions = {
        "people": "select id, role, standing from people",
        "grants": "select case_id, epoch, member_id from grants",
        "cases": "select id, coordinator_id, activist_id, status from cases",
        "sessions": "select id, person_id from sessions",
        "offers": "select id, member_id, status from offers",
        "seats": "select * from application_seats",
        "proposals": "select id from proposals",
    }
    run = tx.session.connection().exec_driver_sql
    found = {name: {str(row) for row in run(question)} for name, question in questions.items()}
    ids = {PersonId(UUID(str(row[0]))) for row in run("select id from people")}
    members = people.members_named(tx, ids).values()
    return found | {"clearance": {f"{one.id} {one.clearance}" for one in members}}


@pytest.mark.parametrize("as_json", [False, True])
def test_whatever_keys_a_form_carries_nobody_becomes_more_than_they_were(
    app: Flask, cast: Cast, door: Door, theirs: Theirs, as_json: bool
) -> None:
    for who in (cast.dino, cast.chiara):
        browser = signed_in(app, who)
        token = token_of(browser.client)
        keys = hostile_keys(who.id, theirs.case)
        before = door.look(power, cast.alice.id)
        for rule, method in rules(app):
            if method != "POST" or rule.endpoint in LEAVES | SLOW:
                continue
            path = address(app, rule, theirs)
            if as_json:
                sent = browser.client.post(path, json=keys, headers={"X-CSRFToken": token})
                by_a_machine = rule.endpoint == "webhook.receive"
                assert sent.status_code == (403 if by_a_machine else 415), path
            else:
                browser.client.post(path, data={**keys, "csrf_token": token}).close()
        assert _gained(before, door.look(power, cast.alice.id)) == []


def test_what_is_sent_as_something_else_is_refused_before_it_is_read(app: Flask) -> None:
    client = Browser(app.test_client()).client
    for kind in ("application/json", "text/plain", "application/xml", None):
        for path in ("/enter", "/help-out", "/leave"):
            sent = client.post(path, data=b"csrf_token=x", content_type=kind)
            assert sent.status_code in {404, 415}, (path, kind)
    assert client.post("/enter", data=b"x", content_type="text/plain").status_code == 415
    assert client.post("/telegram", data={"update_id": "1"}).status_code == 415
    assert client.post("/telegram", json={"update_id": 1}).status_code == 403  # nobody's secret
    for nothing in (client.post("/enter"), client.post("/enter", data={"handle": "x"})):
        assert nothing.status_code == 400  # a form without a token, as always


def _gained(before: dict[str, set[str]], after: dict[str, set[str]]) -> list[str]:
    return [f"{name}: {row}" for name in before for row in after[name] - before[name]]


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


def test_what_a_browser_held_before_signing_in_is_worth_nothing(
    app: Flask, fatima: Typist, cast: Cast
) -> None:
    """Somebody planted their cookie in her browser and waits for her to sign in with it."""
    attacker = signed_in(app, cast.dino)
    planted = attacker.client.get_cookie("__Host-hilo", domain=NAME)
    assert planted is not None
    hers = Browser(app.test_client())
    hers.client.set_cookie("__Host-hilo", planted.value, domain=NAME)
    with hers.client.session_transaction() as session:
        session["planted"] = "by somebody else"
    token = token_of(hers.client)
    answer = hers.client.post(
        "/enter",
        data={
            "csrf_token": token,
            "handle": fatima.handle,
            "passphrase": PASSPHRASE.reveal(),
            "code": fatima.code,
        },
    )
    assert answer.status_code == 303
    after = hers.client.get_cookie("__Host-hilo", domain=NAME)
    assert after is not None
    assert after.value != planted.value
    with hers.client.session_transaction() as session:
        assert "planted" not in session
        her_half = session["half"]
    assert "Fátima" in hers.reads("/account")
    assert "Fátima" not in attacker.reads("/account")  # still Dino, and nobody else
    with attacker.client.session_transaction() as session:
        assert session["half"] != her_half


def test_a_cookie_with_somebody_elses_number_or_a_changed_letter_is_nobody(
    app: Flask, cast: Cast
) -> None:
    whole = signed_in(app, cast.bilal)
    found = whole.client.get_cookie("__Host-hilo", domain=NAME)
    assert found is not None
    payload, stamp, seal = found.value.rsplit(".", 2)
    for value in (
        f"{payload}.{stamp}.{seal[:-3]}AAA",
        f"{payload[:-3]}AAA.{stamp}.{seal}",
        payload,
        "",
        "." * 40,
        "e30.e30.e30",
    ):
        client = app.test_client()
        client.set_cookie("__Host-hilo", value, domain=NAME)
        assert client.get("/account").location == "/enter", value
    crossed = app.test_client()
    with crossed.session_transaction() as session:
        session["_user_id"] = cast.alice.at_desk.session_id.hex
        session["half"] = cast.bilal.at_desk.secret.reveal().hex()
    assert crossed.get("/account").location == "/enter"
