"""Adding and taking off devices: what it takes, who hears of it, and its pages."""

import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask

from network.door import Door
from network.kernel.actor import Engine, InChat, InSession
from network.kernel.errors import BadInput
from network.outbox import services as outbox
from network.people import entrance, services
from network.people.domain import (
    WrongCredentials,
)
from network.people.entrance import answering, passkeys
from network.people.entrance.passkeys import Shown
from network.people.services import passkeys as verbs
from network.people.services.entering import RECOVERED, USED_TWICE
from network.people.services.reading import SILENT_CALL
from tests.cases.browsing import Browser
from tests.cast import Cast
from tests.ground.authenticator import SoftDevice
from tests.ground.clock import StillClock
from tests.people.conftest import PASSPHRASE, Typist
from tests.people.devices import (
    HALF_A_MINUTE,
    SECOND,
    SITE,
    THIRD,
    adds,
    asks,
    come_in_again,
    mine,
    presses,
    refused,
    rung,
)

CHAT = InChat(8_100_001)


def test_adding_one_takes_the_passphrase_and_a_fresh_code(
    door: Door, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    clock.advance(HALF_A_MINUTE)
    with pytest.raises(WrongCredentials):
        asks(fatima, at_home, SECOND, fatima.code)
    options = asks(fatima, at_home, PASSPHRASE, fatima.code)
    with pytest.raises(WrongCredentials):  # it is used up
        asks(fatima, at_home, PASSPHRASE, fatima.code)

    other = come_in_again(fatima, clock)
    made = SoftDevice().makes(options)
    with pytest.raises(WrongCredentials):  # asked in one browser, answered in another
        passkeys.add(door, other, SITE, credential=made, output="", label="Mi tel")
    with pytest.raises(BadInput):
        passkeys.add(door, at_home, SITE, credential=made, output="", label=" ")
    passkeys.add(door, at_home, SITE, credential=made, output="", label="Mi tel")
    with pytest.raises(WrongCredentials):
        passkeys.add(door, at_home, SITE, credential=made, output="", label="Otra vez")


def test_a_device_she_has_stands_for_the_code(door: Door, at_home: InSession, cast: Cast) -> None:
    device = adds(door, at_home, alone=False)
    asked = answering.to_prove(door, at_home, SITE, about="/here")
    said = device.answers(asked)

    def shows(who: InSession, about: str, credential: str) -> Shown:
        shown = Shown(credential=credential, about=about)
        answering.proof_of(door, who, SITE, code="", credential=shown.credential, about=shown.about)
        return shown

    for who, about in ((at_home, "/there"), (cast.alice.at_desk, "/here")):
        with pytest.raises(WrongCredentials):
            shows(who, about, said)
    shows(at_home, "/here", said)
    with pytest.raises(WrongCredentials):
        shows(at_home, "/here", said)


def link(door: Door, who: InSession) -> None:
    door.ask(services.link_chat, CHAT, code=door.ask(services.new_link_code, who))


def told(door: Door) -> list[tuple[int, str]]:
    """Whom the signals that wait would tell what."""
    held = door.ask(outbox.take, Engine("postman"), limit=20, urgent=20)
    return [(each.to, each.say) for one in held if one.is_signal for each in one.letters]


def test_she_hears_of_a_device_that_comes_or_goes_and_of_a_new_paper(
    door: Door, at_home: InSession
) -> None:
    link(door, at_home)
    adds(door, at_home)
    (one,) = mine(door, at_home)
    door.ask(verbs.remove_passkey, at_home, passkey_id=one.id)
    entrance.new_recovery_code(door, at_home, passphrase=PASSPHRASE)

    heard = told(door)

    assert [to for to, _ in heard] == [CHAT.chat] * 3
    assert not re.search("secuestr|kidnap|víctima|victim|caso|case", str(heard).casefold())


def test_a_code_played_again_is_told_to_her_once_and_before_a_cover_to_nobody(
    door: Door, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    """The same envelope of one size waits either way; only the postman learns whom it tells."""
    link(door, at_home)
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    told(door)
    heard = []
    for passphrase in (PASSPHRASE, SECOND):
        come_in_again(fatima, clock, passphrase)
        told(door)
        for _ in range(2):
            with pytest.raises(WrongCredentials):
                entrance.sign_in(door, handle="fatima", passphrase=passphrase, code=fatima.code)
        held = door.ask(outbox.take, Engine("postman"), limit=20, urgent=20)
        heard.append([[(one.to, one.say) for one in each.letters] for each in held])
    assert heard == [[[(CHAT.chat, USED_TWICE)]], [[]]]


def test_nobody_hears_of_what_is_done_in_a_cover(
    door: Door, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    """Whoever only asked to join has no chat: a letter would say that she has one."""
    link(door, at_home)
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    covered = come_in_again(fatima, clock, SECOND)
    told(door)

    adds(door, covered)
    (one,) = mine(door, covered)
    door.ask(verbs.remove_passkey, covered, passkey_id=one.id)
    entrance.change_passphrase(door, covered, old=SECOND, new=THIRD)

    assert rung(door) == [0, 0, 0]


def test_a_copy_at_the_door_is_told_to_the_others_and_not_in_her_chat(
    door: Door, cast: Cast, at_home: InSession
) -> None:
    """Nobody knows yet whether what it would have opened is a cover."""
    link(door, at_home)
    device = adds(door, at_home)
    copy = replace(device)
    assert isinstance(presses(door, device), InSession)
    told(door)

    refused(door, copy, copy.answers(passkeys.to_enter(door, SITE)))

    heard = told(door)
    assert {to for to, _ in heard} == {cast.alice.chat, cast.elena.chat}
    assert {say for _, say in heard} == {verbs.COPIED_OF}


def test_a_copy_that_answers_inside_is_told_to_her_too(
    door: Door, cast: Cast, at_home: InSession
) -> None:
    link(door, at_home)
    device = adds(door, at_home)
    copy = replace(device)
    assert isinstance(presses(door, device), InSession)
    told(door)
    said = copy.answers(answering.to_prove(door, at_home, SITE, about="/here"))

    with pytest.raises(WrongCredentials):
        answering.proof_of(door, at_home, SITE, code="", credential=said, about="/here")

    heard = told(door)
    assert {to for to, _ in heard} == {cast.alice.chat, cast.elena.chat, CHAT.chat}
    assert mine(door, at_home) == ()


def test_the_paper_of_a_cover_tells_the_others_and_not_her(
    door: Door, cast: Cast, fatima: Typist, at_home: InSession, clock: StillClock
) -> None:
    link(door, at_home)
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    covered = come_in_again(fatima, clock, SECOND)
    paper = entrance.new_recovery_code(door, covered, passphrase=SECOND)
    clock.advance(HALF_A_MINUTE)
    entrance.recover(door, handle="fatima", printed=paper, code=fatima.code, passphrase=THIRD)

    heard = told(door)
    assert RECOVERED not in {say for _, say in heard}
    called = sorted(to for to, say in heard if say == SILENT_CALL)
    assert called == sorted(2 * [cast.alice.chat, cast.elena.chat]), "she came in, and came back"


@pytest.fixture
def inside(app: Flask, at_home: InSession) -> Browser:
    """The window in which she is signed in."""
    browser = Browser(app.test_client())
    with browser.client.session_transaction() as session:
        half = at_home.secret.reveal().hex()
        session.update({"_user_id": at_home.session_id.hex, "half": half, "_fresh": True})
    return browser


def test_she_adds_one_in_the_pages_and_another_with_it(
    inside: Browser, fatima: Typist, clock: StillClock
) -> None:
    device = SoftDevice()
    clock.advance(HALF_A_MINUTE)
    mine, ask, words = "/account", "/account/devices/ask", PASSPHRASE.reveal()
    assert inside.sends(ask, page=mine, code=fatima.code, opening="otra").status_code == 400
    asked = unescape(inside.sends(ask, page=mine, code=fatima.code, opening=words).text)
    options = asked.split('data-options="')[1].split('"\n')[0]
    assert re.search(r'name="opens" value="with" checked', asked)
    said = {"credential": device.makes(options), "output": device.output, "opens": "with"}
    assert inside.sends("/account/devices", page=mine, label=" ", **said).status_code == 400
    assert inside.sends("/account/devices", page=mine, label="Mi tel", **said).status_code == 303
    assert "Mi tel" in inside.reads(mine)

    question = inside.looks("/account/devices/ask?about=/account/devices/ask").text
    by_device = inside.sends(ask, page=mine, opening=words, credential=device.answers(question))
    assert "data-options" in by_device.text


def test_she_comes_in_with_one_and_her_passphrase_and_a_page_sent_twice_is_no_harm(
    app: Flask, door: Door, at_home: InSession
) -> None:
    outside, device = Browser(app.test_client()), adds(door, at_home, alone=False)
    asked = outside.looks("/enter/device")
    assert (asked.mimetype, asked.headers["Cache-Control"]) == ("application/json", "no-store")
    answer, passphrase = {"credential": device.answers(asked.text)}, "/enter/device/passphrase"
    assert outside.looks(passphrase).location == "/enter"
    assert outside.sends("/enter/device", page="/enter", credential="{}").status_code == 400
    assert outside.sends("/enter/device", page="/enter", **answer).location == passphrase
    # F5 shows the page that asks, and sends nothing a second time.
    assert [outside.looks(passphrase).status_code for _ in range(2)] == [200, 200]
    assert outside.sends("/enter/device", page="/enter", **answer).status_code == 400

    words = PASSPHRASE.reveal()
    assert outside.sends(passphrase, page=passphrase, passphrase="otra").status_code == 400
    assert outside.sends(passphrase, page=passphrase, passphrase=words).location == "/start"

    assert "Mi tel" in outside.reads("/account")
    assert outside.looks(passphrase).location == "/enter", "the slip went with the old cookie"
