"""What others say of a family is nowhere to be found by whoever was not given its key."""

from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from config.language import say
from network.cases import services as cases
from network.cases.domain import Urgency
from network.checkins import services as checkins
from network.db import writing
from network.door import Door
from network.kernel.hidden import Plaintext
from network.outbox.domain import Letter
from network.outbox.leasing import lease
from network.people import services as people
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody
from tests.web.hostile import in_production, walk
from tests.web.test_matrix import covered
from tests.web.theirs import CANARY, Theirs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# Where a page asks for words, these are asked for: as a member would look, and as somebody curious.
LOOKED_FOR = (CANARY, "palabras", "mandarina azul", "resumen")


@pytest.fixture
def app(door: Door) -> Flask:
    return in_production(door)


@pytest.fixture
def theirs_and_ours(door: Door, cast: Cast, theirs: Theirs) -> Theirs:
    """Alice and Chiara hold a case too, with everything in it: they see all that members see."""
    door.ask(people.set_duty, cast.alice.at_desk)
    asked = door.ask(
        checkins.intake, cast.neighbours, situation="missing", text=Plaintext("us too")
    )
    alice, case = cast.alice.at_desk, asked.case.id
    door.ask(
        cases.triage, alice, case_id=case, urgency=Urgency.NOW, zone="09", need="somebody near"
    )
    (offer,) = door.ask(
        cases.offer, alice, case_id=case, to=(cast.chiara.id,), brief=Plaintext("brief")
    )
    door.ask(cases.accept, cast.chiara.at_desk, offer_id=offer)
    door.ask(cases.write, cast.chiara.at_desk, case_id=case, text=Plaintext("we are here"))
    door.ask(checkins.hear, cast.neighbours, text=Plaintext("thank you"))
    return theirs


def all_they_find(browser: Browser, who: str) -> Iterator[TestResponse]:
    """Every page, list, table and file their links lead to, and every search."""
    starts = ["/", "/cases/", "/cases/?closed=1", "/account", "/desk", "/people", "/decisions"]
    starts += ["/healthz", "/metrics", "/quorum", "/quorum/log", "/cases/quorum", f"/not-of-{who}"]
    yield from walk(browser.client, starts)
    for words in LOOKED_FOR:
        yield browser.client.get("/manual/find", query_string={"q": words})
        yield browser.client.get("/cases/", query_string={"q": words, "closed": "1"})
        yield browser.client.get("/people", query_string={"q": words})


def shown(response: TestResponse) -> str:
    """Everything of an answer that somebody could read."""
    return f"{unescape(response.get_data(as_text=True))}\n{response.headers}"


@pytest.mark.parametrize("who", ["nobody", "dino", "chiara", "alice", "elena, made to sign in"])
def test_nothing_that_can_be_found_holds_a_word_of_theirs(
    app: Flask, cast: Cast, theirs_and_ours: Theirs, who: str
) -> None:
    hidden = set(theirs_and_ours.canaries)
    if who != "alice":  # coordination knows of each case that there is one, by its reference
        hidden.add(theirs_and_ours.reference)
    found = [
        f"{response.request.path}: {sorted(words)}"
        for response in all_they_find(_browser(app, cast, who), who)
        if (words := {one for one in hidden if one in shown(response)})
        and response.request.query_string.decode() == ""  # a search says again what was typed
    ]
    assert found == []


def test_who_holds_the_key_does_find_it(app: Flask, cast: Cast, theirs_and_ours: Theirs) -> None:
    """Or the test above would pass in an empty house."""
    browser = signed_in(app, cast.bilal)
    pages = [one.request.path for one in all_they_find(browser, "bilal") if CANARY in shown(one)]
    assert f"/cases/{theirs_and_ours.case}" in pages
    assert len(pages) > 2


def _browser(app: Flask, cast: Cast, who: str) -> Browser:
    if who == "nobody":
        return Browser(app.test_client())
    member: Somebody = getattr(cast, who.partition(",")[0])
    return covered(app, member) if "," in who else signed_in(app, member)


def test_a_search_finds_nothing_of_theirs(app: Flask, cast: Cast, theirs_and_ours: Theirs) -> None:
    """What was typed may be said again, and nothing beside it."""
    for who in ("nobody", "dino", "chiara", "alice"):
        browser = _browser(app, cast, who)
        for words in LOOKED_FOR:
            for path in ("/manual/find", "/cases/", "/people"):
                response = browser.client.get(path, query_string={"q": words})
                rest = shown(response).replace(words, "")
                assert CANARY not in rest, (who, path)
                assert theirs_and_ours.canaries[1] not in rest, (who, path)


def letters(door: Door) -> Iterator[Letter]:
    """Everything that waits to be sent, and what is inside every signal."""
    while True:
        with writing(door.database, door.now(), door.secret, door.pack) as tx:
            leased = lease(tx, 100)
        if not leased:
            return
        for one in leased:
            yield from one.letters


def test_no_letter_to_anybody_else_holds_a_word_of_theirs(
    door: Door, cast: Cast, theirs_and_ours: Theirs
) -> None:
    entitled = {cast.family.chat, cast.bilal.chat}
    coordination = {cast.alice.chat, cast.elena.chat}
    wrong, count = [], 0
    for letter in letters(door):
        count += 1
        words = letter.words.reveal() if letter.words else ""
        text = f"{say(letter.language, letter.say, **letter.params)} {words} {letter.params}"
        hidden = {CANARY, theirs_and_ours.canaries[1]}
        if letter.to not in coordination:
            hidden.add(theirs_and_ours.reference)
        if letter.to not in entitled and letter.say != CANARY:
            wrong += [(letter.say, word) for word in hidden if word in text]
    assert count > 10
    assert wrong == []
