"""The pages of the way in: for whoever writes from outside, for the two, and for oneself."""

import re
from html import unescape

import pytest
from flask import Flask

from network.door import Door
from network.kernel.hidden import Plaintext
from network.people.domain import Clearance, Level
from network.vetting import services
from tests.cases.browsing import TOKEN, Browser, signed_in
from tests.cast import Cast
from tests.vetting.clearing import clear
from tests.vetting.walking import GALA, WORDS, applied, at_approval

CODE = re.compile(r"([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})")


def writes(app: Flask, **said: str) -> Browser:
    """Somebody nobody knows fills in the form."""
    browser = Browser(app.test_client())
    fields = {name: text.reveal() for name, text in WORDS.items()} | said
    response = browser.sends("/help-out?lang=en", page="/help-out?lang=en", **fields)
    browser.path = unescape(response.text)
    return browser


def test_somebody_writes_reads_where_they_stand_and_takes_it_back(
    app: Flask, door: Door, cast: Cast
) -> None:
    browser = writes(app)
    found = CODE.search(browser.path)
    assert found
    code = found.group(1)

    told = browser.sends("/help-out/where?lang=en", page="/help-out/where", code=code)
    assert "look for you to get to know you" in told.text
    assert "canary" not in told.text
    assert len(door.look(services.overview, cast.alice.at_desk).mine) == 1
    wrong = browser.sends("/help-out/where", page="/help-out/where", code="0000-0000-0000")
    assert wrong.status_code == 404

    gone = browser.sends(
        "/help-out/where?lang=en", page="/help-out/where", code=code, take_back="yes"
    )
    assert "It is erased" in gone.text
    assert door.look(services.overview, cast.alice.at_desk).mine == ()


def test_what_was_typed_stays_when_a_field_is_missing_and_a_trap_keeps_nothing(
    app: Flask, door: Door, cast: Cast
) -> None:
    assert "canary Oaxaca" in writes(app, why=" ").path
    assert not CODE.search(writes(app, website="https://example.org").path)
    assert door.look(services.overview, cast.alice.at_desk).counts == {}


def test_the_two_take_somebody_from_step_to_step(app: Flask, door: Door, cast: Cast) -> None:
    application = applied(door)
    browser = signed_in(app, cast.alice)
    page = f"/people/path/{application}"
    assert "canary Gala" in browser.reads("/people/path?lang=en")
    assert "canary employer" in browser.reads(page)

    def take(**fields: str) -> int:
        return browser.sends(page, page=page, **fields).status_code

    assert take(move="see", said="") == 400
    assert take(move="see", said="seen by Alice in a café") == 303
    assert take(move="meet", said="too soon") == 409
    assert take(move="train", said="not mine to say") == 400
    assert take(move="nothing", said="x") == 400
    assert take(move="refer", reference_1="her teacher", reference_2="") == 400
    assert take(move="refer", reference_1="her teacher", reference_2="a neighbour") == 303
    for wrong in ({}, {"ties": "none", "zones": "99999"}, {"ties": "police", "zones": ""}):
        assert take(move="declare", said="teaches", **wrong) == 400
    assert take(move="declare", said="teaches", ties="none", zones="20067, 09") == 303
    assert take(move="meet", said="we talked") == 303
    assert "Ciudad de México" in browser.reads(page)

    link = browser.sends(f"{page}/invite", page=page, role="activist")
    assert "/join/" in link.text
    assert take(move="pause", said="she is ill") == 303
    assert take(move="refuse", said="we lost touch", reason="no_answer") == 303
    browser.reads(page)
    assert take(move="reopen", said="she wrote") == 303


def test_the_first_yes_is_shown_and_whoever_said_it_is_not_asked_twice(
    app: Flask, door: Door, cast: Cast
) -> None:
    application, _ = at_approval(door, cast)
    page = f"/people/path/{application}"
    alice, elena = signed_in(app, cast.alice), signed_in(app, cast.elena)
    assert alice.sends(page, page=page, move="approve", said="yes").status_code == 303
    assert 'value="approve"' not in alice.reads(page)
    assert alice.sends(page, page=page, move="approve", said="again").status_code == 409
    assert "Alice" in elena.reads(page)
    assert elena.sends(page, page=page, move="approve", said="yes").status_code == 303
    assert door.look(services.overview, cast.alice.at_desk).mine


def test_everybody_reads_where_they_stand_themselves(app: Flask, door: Door, cast: Cast) -> None:
    assert signed_in(app, cast.dino).reads("/account/path?lang=en")
    clear(door, cast.bilal, Clearance(Level.VOUCHED, door.now().date()))
    assert "on the word of people" in signed_in(app, cast.bilal).reads("/account/path?lang=en")
    assert "/account/path" in signed_in(app, cast.bilal).reads("/account")
    listed = signed_in(app, cast.alice)
    assert "Bilal" in listed.reads("/people/path")
    where = f"/people/{cast.bilal.id}/review"
    assert listed.sends(where, page="/people/path").status_code == 303
    assert "Bilal" not in listed.reads("/people/path")


def test_the_form_is_found_from_the_first_page_and_says_nothing_a_stranger_should_read(
    app: Flask,
) -> None:
    browser = Browser(app.test_client())
    assert "/help-out" in browser.reads("/")
    shown = browser.reads("/help-out").casefold()
    assert TOKEN.search(shown)
    for word in ("secuestr", "víctima", "kidnap"):
        assert word not in shown


@pytest.mark.usefixtures("cast")
def test_an_applicants_words_are_on_no_page_of_theirs(app: Flask, door: Door) -> None:
    door.ask(services.answer, GALA, asked="called", text=Plaintext("canary"))
    assert "canary" not in Browser(app.test_client()).reads("/help-out")
