"""Coming in, going out and seeing who is who, in a browser without scripts."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import text
from werkzeug.test import TestResponse

from network.db import writing
from network.door import Door
from network.kernel.actor import Engine, InSession, Role
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.people import services, totp
from tests.cast import Cast, Somebody
from tests.ground.apps import IN_ENGLISH, app_over
from tests.ground.clock import StillClock
from tests.ground.databases import PAGES
from tests.people.conftest import ANOTHER, PASSPHRASE, Typist

pytestmark = PAGES
DOOR_SAYS_NO = 404


@pytest.fixture
def app(door: Door) -> Flask:
    """Everything as in production but for HTTPS; CSRF included."""
    return app_over(door, IN_ENGLISH)


class Browser:
    """Somebody's browser: it follows forms as they stand on the page."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.page = ""

    def get(self, address: str) -> TestResponse:
        return self._keep(self.client.get(address))

    def post(self, address: str, **fields: str) -> TestResponse:
        """Send a form with the token and the hidden fields of the page that is open."""
        hidden = dict(re.findall(r'type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', self.page))
        hidden = {name: unescape(value) for name, value in hidden.items()}
        return self._keep(self.client.post(address, data=hidden | fields))

    def sit_down(self, who: InSession) -> None:
        """Hold this half of a session, as after signing in."""
        with self.client.session_transaction() as session:
            session["_user_id"] = who.session_id.hex
            session["half"] = who.secret.reveal().hex()

    def _keep(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html" and response.status_code // 100 != 3:
            self.page = response.text
        return response


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


def at(app: Flask, somebody: Somebody) -> Browser:
    one = Browser(app)
    one.sit_down(somebody.at_desk)
    return one


def sign_in(browser: Browser, fatima: Typist, **changed: str) -> TestResponse:
    browser.get("/enter")
    typed = {"handle": "fatima", "passphrase": PASSPHRASE.reveal(), "code": fatima.code}
    return browser.post("/enter", **(typed | changed))


def test_she_signs_in_and_out(browser: Browser, fatima: Typist) -> None:
    assert sign_in(browser, fatima).status_code == 303
    assert "Fátima" in browser.get("/account").text

    assert browser.post("/leave").status_code == 303
    assert browser.get("/account").headers["Location"].endswith("/enter")


def test_the_cookie_that_is_left_behind_opens_nothing(
    browser: Browser, fatima: Typist, app: Flask
) -> None:
    sign_in(browser, fatima)
    with browser.client.session_transaction() as session:
        copied = dict(session)
    browser.get("/account")
    browser.post("/leave")

    thief = Browser(app)
    with thief.client.session_transaction() as session:
        session.update(copied)
    assert thief.get("/account").status_code == 302


def test_a_wrong_word_keeps_the_name_and_nothing_else(browser: Browser, fatima: Typist) -> None:
    answer = sign_in(browser, fatima, passphrase="wrong words here")

    assert answer.status_code == 400
    assert 'value="fatima"' in answer.text
    assert "wrong words here" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_unknown_name_gets_the_same_page(browser: Browser, fatima: Typist) -> None:
    known = sign_in(browser, fatima, passphrase="wrong words here").text
    unknown = sign_in(browser, fatima, handle="nobody", passphrase="wrong words here").text

    assert _without_tokens(known) == _without_tokens(unknown).replace("nobody", "fatima")


def _without_tokens(page: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)


def test_too_many_tries_are_told_how_long_to_wait(browser: Browser, fatima: Typist) -> None:
    for _ in range(3):
        sign_in(browser, fatima, code="000000")

    answer = sign_in(browser, fatima)

    assert answer.status_code == 429
    assert "Wait 3 seconds" in answer.text


def test_without_the_token_nothing_is_written(app: Flask, cast: Cast, door: Door) -> None:
    alice = at(app, cast.alice)

    answer = alice.client.post(f"/people/{cast.dino.id}/approve")

    assert answer.status_code == 400
    assert not door.look(services.people, cast.alice.id).waiting[0].vetted_by


def test_an_invited_person_joins_without_scripts(
    app: Flask, browser: Browser, cast: Cast, door: Door
) -> None:
    alice = at(app, cast.alice)
    alice.get("/people")
    alice.post("/people/invite", role="activist", alias="Gael")
    link = _secrets(alice.page)[0]
    assert link.startswith("http://localhost:8000/join/")
    assert link not in alice.get("/people").text

    path = link.removeprefix("http://localhost:8000")
    assert 'value="Gael"' in browser.get(path).text
    typed = {"handle": "gael", "alias": "Gael", "language": "es"}
    words = {"passphrase": ANOTHER.reveal(), "again": ANOTHER.reveal()}
    answer = browser.post(path, **typed, **words)
    assert answer.status_code == 200
    assert ANOTHER.reveal() not in answer.text
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        assert services.count_members(tx) == 5  # nothing is stored yet

    printed, totp_secret = _secrets(browser.page)
    assert re.fullmatch(r"(\w{4}-){6}\w{4}", printed)
    assert "data:image/svg+xml" in browser.page
    assert browser.post(f"{path}/proof", code="000000").status_code == 400
    code = totp.code_at(Plaintext(totp_secret), door.now())
    assert browser.post(f"{path}/proof", code=code).headers["Location"].endswith("/joined")

    (dino, gael) = sorted(
        door.look(services.people, cast.alice.id).waiting, key=lambda card: card.member.alias
    )
    assert (dino.member.alias, gael.member.alias) == ("Dino", "Gael")
    assert browser.post(f"{path}/proof", code=code).status_code == DOOR_SAYS_NO
    assert browser.get(path).status_code == DOOR_SAYS_NO


def _secrets(page: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'class="secret">([^<]+)<', page)]


def test_a_closed_link_says_what_to_do(browser: Browser) -> None:
    answer = browser.get("/join/no-such-link")

    assert answer.status_code == DOOR_SAYS_NO
    assert "ask whoever gave it to you" in answer.text


def test_joining_says_next_to_the_field_what_to_mend(
    browser: Browser, cast: Cast, door: Door
) -> None:
    token = door.ask(services.invite, cast.alice.id, role=Role.ACTIVIST)
    path = f"/join/{token.reveal()}"
    typed = {"handle": "gael", "alias": "Gael", "language": "es"}
    good = ANOTHER.reveal()
    for changed, sentence in (
        ({"handle": "ñ!"}, "plain letters"),
        ({"alias": ""}, "what others may call you"),
        ({"language": "xx"}, "Choose one of the languages"),
        ({"passphrase": "gael1234", "again": "gael1234"}, "Weak"),
        ({"again": "something else"}, "not the same"),
    ):
        browser.get(path)
        fields = typed | {"passphrase": good, "again": good} | changed
        answer = browser.post(path, **fields)
        assert answer.status_code == 400
        assert sentence in answer.text
        assert good not in answer.text


def test_two_coordinators_let_dino_in_and_alice_stops_bilal(
    app: Flask, cast: Cast, door: Door
) -> None:
    alice, elena = at(app, cast.alice), at(app, cast.elena)
    for coordinator in (alice, elena):
        coordinator.get("/people")
        assert coordinator.post(f"/people/{cast.dino.id}/approve").status_code == 303
    assert door.look(services.whoami, cast.dino.id).active

    bilal = at(app, cast.bilal)
    assert bilal.get("/account").status_code == 200
    assert elena.post(f"/people/{cast.bilal.id}/suspend").status_code == 303
    assert bilal.get("/account").status_code == 302


EVERY_PATH = (
    ("GET", "/people"),
    ("POST", "/people/invite"),
    ("POST", "/people/duty"),
    ("POST", "/people/duty/leave"),
    ("POST", "/people/{chiara}/approve"),
    ("POST", "/people/{chiara}/refuse"),
    ("POST", "/people/{chiara}/suspend"),
    ("POST", "/people/{chiara}/restore"),
)


def test_others_are_told_that_coordinations_pages_do_not_exist(app: Flask, cast: Cast) -> None:
    for one in (cast.bilal, cast.dino):
        desk = at(app, one)
        desk.get("/account")
        for method, path in EVERY_PATH:
            address = path.format(chiara=cast.chiara.id)
            answer = desk.get(address) if method == "GET" else desk.post(address, role="activist")
            assert answer.status_code == DOOR_SAYS_NO, path
            assert "Chiara" not in answer.text


def test_strangers_are_shown_the_way_in(browser: Browser, cast: Cast) -> None:
    browser.get("/enter")
    for method, path in (*EVERY_PATH, ("GET", "/account"), ("POST", "/account/alias")):
        address = path.format(chiara=cast.chiara.id)
        answer = browser.get(address) if method == "GET" else browser.post(address)
        assert answer.status_code == 302
        assert answer.headers["Location"].endswith("/enter")
        browser.get("/enter")


def test_extra_fields_change_nothing(app: Flask, cast: Cast, door: Door) -> None:
    extra = {
        "role": "coordinator",
        "standing": "active",
        "id": str(cast.alice.id),
        "person_id": str(cast.alice.id),
        "chat": "1",
        "on_duty": "1",
        "handle": "alice",
    }
    desk = at(app, cast.bilal)
    desk.get("/account")
    before = _row(door, cast.alice)

    assert desk.post("/account/alias", alias="Bilal B.", **extra).status_code == 303

    mine = door.look(services.account, cast.bilal.id).member
    assert (mine.alias, mine.role, mine.on_duty) == ("Bilal B.", Role.ACTIVIST, False)
    assert (mine.profile.handle, mine.profile.chat) == ("bilal", cast.bilal.chat)
    assert _row(door, cast.alice) == before


def _row(door: Door, one: Somebody) -> str:
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        rows = tx.session.execute(text("SELECT * FROM people")).all()
    return next(repr(row) for row in rows if one.id.hex in str(row[0]).replace("-", ""))


def test_my_account_does_what_it_says(app: Flask, cast: Cast, door: Door) -> None:
    desk = at(app, cast.bilal)
    desk.get("/account")
    assert desk.post("/account/alias", alias=" ").status_code == 400
    assert desk.post("/account/language", language="en").status_code == 303
    assert desk.post("/account/language", language="xx").status_code == 400
    assert desk.post("/account/zone", zone="09").status_code == 303
    assert b'<option value="09" selected>' in desk.get("/account").data
    assert "Ciudad de" not in _row(door, cast.bilal)
    assert desk.post("/account/zone", zone="999").status_code == 400
    assert desk.post("/account/zone", zone="").status_code == 303

    desk.post("/account/link")
    (code,) = _secrets(desk.page)
    assert code not in desk.get("/account").text
    door.ask(services.link_chat, cast.strangers, code=Plaintext(code))
    assert desk.post("/account/unlink").status_code == 303
    assert door.look(services.whoami, cast.strangers).role is Role.FAMILY


def test_an_old_page_still_lets_its_reader_leave(app: Flask, cast: Cast, door: Door) -> None:
    desk = at(app, cast.bilal)
    desk.get("/account")

    answer = desk.client.post("/exit", data={"csrf_token": "of another sign-in"})

    assert answer.status_code == 303
    assert "hilo" not in answer.headers["Location"]
    with pytest.raises(NotVisible):
        door.look(services.whoami, cast.bilal.at_desk)


def test_ending_the_session_one_is_in_answers_calmly(
    app: Flask, cast: Cast, door: Door, clock: StillClock
) -> None:
    desk = at(app, cast.bilal)
    desk.get("/account")
    mine = next(each for each in door.look(services.account, cast.bilal.at_desk).sessions)
    clock.advance(timedelta(minutes=2))

    assert desk.post(f"/account/sessions/{mine.id}/end").status_code == 303


def test_she_changes_passphrase_and_paper(browser: Browser, fatima: Typist) -> None:
    sign_in(browser, fatima)
    browser.get("/account")
    new = {"passphrase": ANOTHER.reveal(), "again": ANOTHER.reveal()}
    assert browser.post("/account/passphrase", old="wrong", **new).status_code == 400
    assert "Esa no es tu frase de acceso." in browser.page
    assert browser.post("/account/passphrase", old=PASSPHRASE.reveal(), **new).status_code == 303

    browser.get("/account")
    browser.post("/account/recovery", current=ANOTHER.reveal())
    (printed,) = _secrets(browser.page)
    assert printed != fatima.prepared.recovery_code.reveal()


def test_she_comes_back_with_her_paper(browser: Browser, fatima: Typist) -> None:
    browser.get("/recover")
    typed = {
        "handle": "fatima",
        "printed": fatima.prepared.recovery_code.reveal().lower(),
        "code": fatima.code,
        "passphrase": ANOTHER.reveal(),
        "again": ANOTHER.reveal(),
    }
    assert browser.post("/recover", **(typed | {"printed": "nonsense"})).status_code == 400
    assert "Read your paper again" in browser.page

    assert browser.post("/recover", **typed).status_code == 200
    (printed,) = _secrets(browser.page)
    assert printed != fatima.prepared.recovery_code.reveal()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_the_command_line_makes_the_first_link(runner: FlaskCliRunner, browser: Browser) -> None:
    made = runner.invoke(args=["hilo", "coordinator", "add", "--alias", "Alicia"])

    assert made.exit_code == 0
    path = made.output.strip().removeprefix("http://localhost:8000")
    assert 'value="Alicia"' in browser.get(path).text


def test_the_command_line_lists_people_and_ends_sessions(
    runner: FlaskCliRunner, cast: Cast, door: Door
) -> None:
    listed = runner.invoke(args=["hilo", "people", "list"])
    assert [name in listed.output for name in ("Alice", "Dino")] == [True, True]
    assert door.look(services.whoami, cast.alice.at_desk).active

    ended = runner.invoke(args=["hilo", "session", "end-all", "--yes"])

    assert ended.output.strip() == "1 sessions ended."
    assert door.look(services.whoami, cast.alice.id).active
    assert door.ask(services.end_every_session, Engine("cli")) == 0
