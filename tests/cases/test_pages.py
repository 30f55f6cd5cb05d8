"""What people see of the cases they hold, and what they never see of others'."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event

from network import outbox
from network.cases import services
from network.cases.domain import CaseStatus, EntryKind
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Engine
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, OfferId
from network.outbox.services import Refused as TelegramRefused
from network.outbox.services import settle, take
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody
from tests.ground.databases import PAGES

pytestmark = PAGES
Sign = Callable[[Somebody], Browser]


@pytest.fixture
def at(app: Flask) -> Sign:
    return lambda who: signed_in(app, who)


def test_whoever_holds_a_key_reads_the_words_and_the_pair_to_say_first(
    at: Sign, door: Door, cast: Cast, accompanied: CaseId
) -> None:
    page = at(cast.bilal).reads(f"/cases/{accompanied}")

    seen = door.ask(services.room, cast.bilal.at_desk, case_id=accompanied)
    assert "he went out and did not come back" in page
    assert seen.case.card.reference in page
    assert seen.case.card.verification in page
    assert "Alice" in page
    assert 'name="text"' in page


def test_a_case_of_others_is_not_there(at: Sign, cast: Cast, accompanied: CaseId) -> None:
    chiara = at(cast.chiara)

    for path in ("", "/access", "/write", "/triage", "/offer", "/close"):
        assert chiara.looks(f"/cases/{accompanied}{path}").status_code in {404, 405}
    for verb in ("write", "note", "rest", "resume", "withdraw", "share", "drop", "rekey", "close"):
        answer = chiara.sends(f"/cases/{accompanied}/{verb}", text="x", note="x", outcome="left")
        assert answer.status_code == 404, verb
    assert "canary" not in chiara.reads("/cases/")


def test_nobody_who_is_not_signed_in_gets_past_the_door(app: Flask, accompanied: CaseId) -> None:
    answer = app.test_client().get(f"/cases/{accompanied}")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/enter")


def test_a_form_without_its_token_changes_nothing(
    at: Sign, door: Door, cast: Cast, accompanied: CaseId
) -> None:
    answer = at(cast.bilal).client.post(f"/cases/{accompanied}/note", data={"note": "forged"})

    assert answer.status_code == 400
    assert len(_words(door, cast, accompanied)) == 1


def test_an_activist_reads_what_is_asked_and_says_yes_on_the_page(
    at: Sign, cast: Cast, offers: dict[str, OfferId]
) -> None:
    bilal = at(cast.bilal)
    page = bilal.reads("/cases/")
    assert "brief canary" in page
    assert "somebody beside them on the phone" in page

    answer = bilal.sends(f"/cases/offers/{offers['bilal']}/accept")

    assert answer.status_code == 303
    assert "he went out" in bilal.reads(answer.headers["Location"])


def test_whoever_comes_second_is_thanked(
    at: Sign, door: Door, cast: Cast, offers: dict[str, OfferId]
) -> None:
    door.ask(services.accept, cast.bilal.in_chat, offer_id=offers["bilal"])

    answer = at(cast.chiara).sends(f"/cases/offers/{offers['chiara']}/accept")

    assert answer.headers["Location"] == "/cases/"


def test_what_was_typed_is_still_there_when_something_is_wrong(
    at: Sign, cast: Cast, received: CaseId
) -> None:
    page = at(cast.alice).sends(
        f"/cases/{received}/triage", page=f"/cases/{received}", urgency="now", need="kept", place=""
    )

    assert page.status_code == 400
    assert 'value="kept"' in page.text
    assert 'value="now" checked' in page.text


def test_a_place_is_looked_for_without_any_script(at: Sign, cast: Cast, received: CaseId) -> None:
    alice, path = at(cast.alice), f"/cases/{received}/triage"
    fields = {"urgency": "today", "need": "company", "place": "saltillo"}

    found = alice.sends(path, page=path, look="1", **fields)
    assert "Saltillo, Coahuila" in found.text
    unchosen = alice.sends(path, page=path, looked="saltillo", **fields)
    assert unchosen.status_code == 400
    kept = alice.sends(path, page=path, looked="saltillo", zone="05030", **fields)

    assert kept.status_code == 303
    assert "Saltillo, Coahuila" in alice.reads(f"/cases/{received}")


def test_a_coordinator_asks_two_and_takes_it_back(
    at: Sign, door: Door, cast: Cast, triaged: CaseId
) -> None:
    alice, path = at(cast.alice), f"/cases/{triaged}/offer"
    assert "Dino" not in alice.reads(path)

    nobody = alice.sends(path, page=path, brief="what to know")
    assert nobody.status_code == 400
    assert "what to know" in nobody.text
    asked = alice.sends(path, page=path, brief="come", to=[str(cast.bilal.id), str(cast.chiara.id)])
    assert asked.status_code == 303
    assert "come" in at(cast.chiara).reads("/cases/")

    alice.sends(f"/cases/{triaged}/withdraw-offer")
    assert _status(door, cast, triaged) is CaseStatus.TRIAGED


def test_what_telegram_refused_is_said_next_to_the_words(
    at: Sign, door: Door, cast: Cast, accompanied: CaseId
) -> None:
    bilal, path = at(cast.bilal), f"/cases/{accompanied}"
    bilal.sends(f"{path}/write", page=path, text="I am here")
    assert _said(bilal, path, "Promised; it goes out next")

    door.ask(_refuse_everything, Engine("postman"))

    assert _said(bilal, path, "Refused by Telegram: they blocked the bot")


def test_a_note_stays_among_those_who_accompany(
    at: Sign, door: Door, cast: Cast, accompanied: CaseId
) -> None:
    bilal, path = at(cast.bilal), f"/cases/{accompanied}"
    bilal.sends(f"{path}/note", page=path, note="tell nobody")

    assert "tell nobody" in at(cast.alice).reads(path)
    assert _outgoing(door, "tell nobody") == 0


def test_earlier_words_are_a_page_away(
    at: Sign, door: Door, cast: Cast, accompanied: CaseId
) -> None:
    for number in range(60):
        door.ask(services.hear, cast.family, text=Plaintext(f"word-{number:02d}"))
    bilal = at(cast.bilal)

    newest = bilal.reads(f"/cases/{accompanied}")
    assert "word-59" in newest
    assert "word-09" not in newest
    earlier = newest.split(f"/cases/{accompanied}?before=")[1].split("#")[0]
    oldest = bilal.reads(f"/cases/{accompanied}?before={earlier}")
    assert "word-09" in oldest
    assert "word-59" not in oldest


def test_the_log_says_who_opened_it(at: Sign, cast: Cast, accompanied: CaseId) -> None:
    at(cast.bilal).reads(f"/cases/{accompanied}")

    page = at(cast.alice).reads(f"/cases/{accompanied}/access")

    assert "Bilal" in page.split('id="receipts"')[1]


def test_a_coordinator_shares_hands_over_and_is_out(
    at: Sign, cast: Cast, accompanied: CaseId
) -> None:
    alice, path = at(cast.alice), f"/cases/{accompanied}"
    alice.sends(f"{path}/share", page=path, **{"with": str(cast.chiara.id)})
    assert "canary" in at(cast.chiara).reads(path)

    answer = alice.sends(f"{path}/hand-over", page=path, to=str(cast.elena.id))

    assert answer.headers["Location"] == "/cases/"
    assert alice.looks(path).status_code == 404
    assert "canary" in at(cast.elena).reads(path)


def test_taking_a_key_away_says_what_it_had_opened(
    at: Sign, cast: Cast, accompanied: CaseId
) -> None:
    at(cast.bilal).reads(f"/cases/{accompanied}")
    path = f"/cases/{accompanied}"

    report = at(cast.alice).sends(f"{path}/rekey", page=path, without=str(cast.bilal.id))

    assert report.status_code == 200
    assert "Bilal" in report.text
    assert at(cast.bilal).looks(path).status_code == 404


def test_the_last_reader_is_told_to_share_first(at: Sign, cast: Cast, received: CaseId) -> None:
    alice, path = at(cast.alice), f"/cases/{received}"
    at(cast.elena).sends(f"{path}/drop", page=path)

    answer = alice.sends(f"{path}/drop", page=path)

    assert answer.status_code == 409
    assert 'class="problem"' in answer.text


def test_resting_going_on_and_closing(
    at: Sign, door: Door, cast: Cast, accompanied: CaseId
) -> None:
    alice, path = at(cast.alice), f"/cases/{accompanied}"
    at(cast.bilal).sends(f"{path}/rest", page=path)
    assert _status(door, cast, accompanied) is CaseStatus.RESTING
    at(cast.bilal).sends(f"{path}/resume", page=path)

    unsaid = alice.sends(f"{path}/close", page=f"{path}/close")
    assert unsaid.status_code == 400
    alice.sends(f"{path}/close", page=f"{path}/close", outcome="reunited")

    page = alice.reads(path)
    assert "he went out" in page
    assert 'name="text"' not in page
    assert alice.looks(f"{path}/close").status_code == 404


def test_stepping_back_leaves_no_key(at: Sign, cast: Cast, accompanied: CaseId) -> None:
    bilal, path = at(cast.bilal), f"/cases/{accompanied}"

    bilal.sends(f"{path}/withdraw", page=path)

    assert bilal.looks(path).status_code == 404


@pytest.mark.parametrize("path", ["/cases/", "/cases/{}", "/cases/{}/access"])
def test_a_page_asks_the_database_as_often_however_long_it_is(
    at: Sign, door: Door, cast: Cast, accompanied: CaseId, path: str
) -> None:
    bilal, here = at(cast.bilal), path.format(accompanied)
    bilal.sends(f"/cases/{accompanied}/write", page=here, text="one")
    bilal.reads(here)
    with _counting(door) as short:
        bilal.reads(here)
    for number in range(30):
        door.ask(services.hear, cast.family, text=Plaintext(str(number)))
        bilal.sends(f"/cases/{accompanied}/write", page=here, text=str(number))
    with _counting(door) as long:
        bilal.reads(here)

    assert len(long) == len(short)
    assert len(long) <= 20


def test_a_page_is_light(at: Sign, door: Door, cast: Cast, accompanied: CaseId) -> None:
    for number in range(60):
        door.ask(
            services.hear, cast.family, text=Plaintext(f"{number} " + "palabras sueltas " * 20)
        )

    assert len(at(cast.bilal).reads(f"/cases/{accompanied}").encode()) < 60 * 1024 * 3


@contextmanager
def _counting(door: Door) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(door.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(door.database.engine, "before_cursor_execute", note)


def _said(browser: Browser, path: str, msgid: str) -> bool:
    return msgid in browser.reads(f"{path}?lang=en")


def _words(door: Door, cast: Cast, case_id: CaseId) -> list[str]:
    seen = door.ask(services.room, cast.alice.at_desk, case_id=case_id)
    return [entry.text.reveal() for entry in seen.entries]


def _status(door: Door, cast: Cast, case_id: CaseId) -> CaseStatus:
    return door.ask(services.room, cast.alice.at_desk, case_id=case_id).case.status


def _refuse_everything(tx: Tx, actor: Actor) -> None:
    while leased := take(tx, actor, limit=20):
        settle(tx, actor, outcomes=[TelegramRefused(one, "blocked") for one in leased])


def _outgoing(door: Door, words: str) -> int:
    def found(tx: Tx, _actor: Actor) -> int:
        leased = outbox.lease(tx, 50)
        letters = [letter for one in leased for letter in one.letters]
        return sum(bool(each.words and words in each.words.reveal()) for each in letters)

    return door.ask(found, Engine("postman"))


def test_a_form_that_is_sent_twice_is_said_once(
    at: Callable[[Somebody], Browser], door: Door, cast: Cast, accompanied: CaseId
) -> None:
    bilal, path = at(cast.bilal), f"/cases/{accompanied}"
    page = bilal.reads(path)
    name = re.findall(r'name="form" value="([0-9a-f]{32})"', page)
    assert len(name) == 1
    for words in ("canary: at six", "canary: at six", "canary: at seven"):
        sent = bilal.sends(f"{path}/write", page=path, text=words, form=name[0])
        assert sent.status_code == 303
    again = re.findall(r'name="form" value="([0-9a-f]{32})"', bilal.reads(path))
    assert again != name
    bilal.sends(f"{path}/write", page=path, text="canary: at six", form=again[0])
    room = door.ask(services.room, cast.bilal.at_desk, case_id=accompanied)
    said = [one.text.reveal() for one in room.entries if one.kind is EntryKind.TO_FAMILY]
    assert said == ["canary: at six", "canary: at seven", "canary: at six"]
    assert len(room.deliveries) == len(said)
