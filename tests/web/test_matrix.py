"""Every route, every role, somebody else's id: not there, and not a byte of theirs."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

from flask import Flask
from werkzeug.routing import Rule

from network.cases import services as cases
from network.db import Tx, writing
from network.door import Door
from network.encryption.envelope import new_key_pair
from network.kernel.actor import Actor, Role
from network.people import services as people
from network.people.domain import Device, Opened
from network.people.entrance.coming import begun
from network.people.store import passes
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody
from tests.ground.databases import PAGES
from tests.web.routes import BY_REFERENCE, FOR, LEAVES, OF_COORDINATION, SIGNED_IN, WITHOUT_TOKEN
from tests.web.theirs import Theirs


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def address(app: Flask, rule: Rule, theirs: Theirs) -> str:
    other = {
        "token": "x" * 32,
        "slug": "llamada-virtual",
        "section": "ahora",
        "step": "1",
        "chapter": "acompanar",
        "spoken": "es",
        "line": "911",
        "filename": "hilo.css",
        "name": "manual-es.pdf",
    }
    values = {name: theirs.ids.get(name) or other[name] for name in rule.arguments}
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        return adapter.build(rule.endpoint, values, method=None)


@contextmanager
def outside(app: Flask, cast: Cast) -> Iterator[dict[str, Browser]]:
    """Everybody who has nothing to do with it; whoever was signed in still is when all is asked."""
    members = {one.name: signed_in(app, one) for one in (cast.dino, cast.chiara, cast.alice)}
    yield {"nobody": Browser(app.test_client()), **members}
    for name, browser in members.items():
        assert browser.looks("/account").status_code == 200, name


def outsiders(browsers: dict[str, Browser], rule: Rule) -> Iterator[tuple[str, Browser]]:
    """Those of them who try this address. Coordinators do decide about members."""
    if rule.endpoint in LEAVES:
        return
    for name, browser in browsers.items():
        if name != "alice" or "person_id" not in rule.arguments:
            yield name, browser


def test_every_route_is_declared_for_whom_this_table_says(app: Flask) -> None:
    assert app.extensions["network.declared"] == FOR


def test_what_is_somebody_elses_is_not_there(app: Flask, cast: Cast, theirs: Theirs) -> None:
    with outside(app, cast) as browsers:
        wrong = [
            what
            for rule, method in rules(app)
            for name, browser in outsiders(browsers, rule)
            for what in _wrong(rule, method, name, browser, address(app, rule, theirs), theirs)
        ]
    assert wrong == []


def _wrong(  # who asks what, and how
    rule: Rule, method: str, name: str, browser: Browser, path: str, theirs: Theirs
) -> Iterator[str]:
    response = browser.asks(method, path)
    text = unescape(response.get_data(as_text=True))
    where = f"{method} {rule} as {name}: {response.status_code}"
    hidden = theirs.canaries if _known(rule, name) else (*theirs.canaries, theirs.reference)
    if shown := [word for word in hidden if word in text]:
        yield f"{where} shows {shown}"
    names = _names_somebody(rule) and not _known(rule, name)
    if names and not _not_there(name, rule, response.status_code, response.location):
        yield where
    response.close()


def _known(rule: Rule, name: str) -> bool:
    return name == "alice" and rule.endpoint in BY_REFERENCE | OF_COORDINATION


def _names_somebody(rule: Rule) -> bool:
    """Whether the address holds an id that is not theirs."""
    return any(argument.endswith("_id") for argument in rule.arguments)


def _not_there(name: str, rule: Rule, status: int, location: str | None) -> bool:
    if name == "nobody":
        return status == 302 and (location or "").startswith("/enter")
    if rule.endpoint == "people.end_session":
        return status in {302, 404}  # ending a session that is not mine changes nothing
    return status == 404


@PAGES
def test_a_cover_shows_nothing_of_what_its_owner_holds(
    app: Flask, cast: Cast, theirs: Theirs
) -> None:
    """Every page and every write, as Elena and Bilal made to sign in: they hold the case."""
    wrong = []
    for owner in (cast.elena, cast.bilal):
        colleagues = {one.alias for one in cast.everybody if one is not owner}
        hidden = (*theirs.canaries, theirs.reference, *colleagues)
        browser = covered(app, owner)
        for rule, method in rules(app):
            if rule.endpoint in LEAVES:
                continue
            response = browser.asks(method, address(app, rule, theirs))
            text = unescape(response.get_data(as_text=True))
            shown = [word for word in hidden if word in text]
            mine = Role.STRANGER in (FOR[rule.endpoint] or SIGNED_IN)
            if shown or (not mine and response.status_code != 404):
                wrong.append(f"{method} {rule} as {owner.name}: {response.status_code} {shown}")
            response.close()
    assert wrong == []


def covered(app: Flask, owner: Somebody) -> Browser:
    """A browser in which somebody was made to sign in."""
    door = door_of(app)
    who, half = begun(owner.id, Opened(new_key_pair().private, 1), Device.PHONE)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        passes.open_session(tx, owner.id, half)
    browser = Browser(app.test_client())
    with browser.client.session_transaction() as session:
        session.update(
            {"_user_id": who.session_id.hex, "half": who.secret.reveal().hex(), "_fresh": True}
        )
    return browser


@PAGES
def test_nothing_of_theirs_changed_meanwhile(app: Flask, cast: Cast, theirs: Theirs) -> None:
    def everything(tx: Tx, _actor: Actor) -> list[object]:
        tables = (
            "cases",
            "epochs",
            "grants",
            "offers",
            "entries",
            "rhythms",
            "watches",
            "member_plans",
            "member_plan_grants",
            "sessions",
            "trainings",
            "applications",
            "application_lines",
            "application_seats",
            "passkeys",
            "returns",
        )
        found: list[object] = []
        for table in tables:
            rows = tx.session.connection().exec_driver_sql(f"select * from {table}")  # noqa: S608
            found.append(sorted(str(row) for row in rows if table != "sessions") or rows.rowcount)
        return found

    before = door_of(app).look(everything, cast.elena.id)
    with outside(app, cast) as browsers:
        for rule, method in rules(app):
            if method == "POST" and _names_somebody(rule):
                for name, browser in outsiders(browsers, rule):
                    if not _known(rule, name):
                        browser.asks(method, address(app, rule, theirs)).close()
    assert door_of(app).look(everything, cast.elena.id) == before
    door_of(app).look(people.whoami, cast.elena.at_desk)


def door_of(app: Flask) -> Door:
    door = app.extensions["network.door"]
    assert isinstance(door, Door)
    return door


@PAGES
def test_a_write_without_its_token_changes_nothing(app: Flask, cast: Cast, theirs: Theirs) -> None:
    browser = signed_in(app, cast.bilal)
    for rule, method in rules(app):
        if method != "POST" or rule.endpoint in WITHOUT_TOKEN:
            continue
        response = browser.client.post(address(app, rule, theirs))
        assert response.status_code == 400, rule
    entries = door_of(app).ask(cases.room, cast.bilal.at_desk, case_id=theirs.case).entries
    assert len(entries) >= 3
