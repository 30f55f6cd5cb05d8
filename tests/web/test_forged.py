"""In production settings, write by write: what is forged, planted or smuggled changes nothing."""

from uuid import UUID

import pytest
from flask import Flask

from network.cases.services.exposing import LOOKED_AT, TOOK_ALONG
from network.db import Row, Tx
from network.door import Door
from network.kernel.actor import Actor
from network.kernel.ids import PersonId
from network.people import services as people
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast
from tests.checkins.conftest import Postman
from tests.people.conftest import PASSPHRASE, Typist
from tests.web.hostile import EVIL, NAME, SLOW, everybody, in_production, token_of
from tests.web.routes import LEAVES, WITHOUT_TOKEN
from tests.web.test_matrix import address, rules
from tests.web.theirs import Theirs

# Pages do not know which database they stand on; the services' own tests run on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def app(door: Door) -> Flask:
    return in_production(door)


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
    signed_in(app, cast.elena).reads("/desk")  # whoever opens the desk passes on keys that wait
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
