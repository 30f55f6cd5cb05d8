"""Pages of the delivery room: no word of any letter, and one's own ways alone."""

from datetime import timedelta

import pytest
from flask import Flask

from network import outbox
from network.db import Tx
from network.delivery import services
from network.delivery.domain import WORDS_A_DAY
from network.door import Door
from network.kernel.actor import Actor, Engine
from network.outbox import services as post
from network.outbox.domain import Letter, LetterStatus, Priority, Signal
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast
from tests.delivery.test_channels import added, word_of
from tests.ground.clock import StillClock
from tests.ground.databases import PAGES

pytestmark = PAGES
MACHINE = Engine("test")


@pytest.fixture
def alice(app: Flask, cast: Cast) -> Browser:
    return signed_in(app, cast.alice)


def refused(door: Door, priority: Priority = Priority.ANSWER) -> Letter:
    letter = Letter(4_000_001, "es", "%(t)s", {"t": "canary"}, priority=priority)

    def promise(tx: Tx, _actor: Actor) -> None:
        outbox.promise(tx, letter)

    door.ask(promise, MACHINE)
    (taken,) = door.ask(post.take, MACHINE, limit=1)
    door.ask(post.settle, MACHINE, outcomes=[post.Refused(taken, "blocked")])
    return letter


def status(door: Door, letter: Letter) -> LetterStatus:
    def look(tx: Tx, _actor: Actor) -> LetterStatus:
        return outbox.deliveries(tx, [letter.id])[letter.id].status

    return door.look(look, MACHINE)


def test_a_refused_letter_is_shown_without_a_word_and_tried_again(
    door: Door, alice: Browser
) -> None:
    letter = refused(door)
    page = alice.reads("/desk/letters")
    assert "Bloquearon el bot." in page
    assert "canary" not in page
    assert "4000001" not in page
    answer = alice.sends(f"/desk/letters/{letter.id}/retry", page="/desk/letters")
    assert answer.status_code == 303
    assert status(door, letter) is LetterStatus.WAITING
    assert [one.id for one in door.ask(post.take, MACHINE, limit=9)] == [letter.id]


def test_a_letter_is_taken_back_once(door: Door, alice: Browser) -> None:
    letter = refused(door)
    path = f"/desk/letters/{letter.id}/cancel"
    assert alice.sends(path, page="/desk/letters").status_code == 303
    assert status(door, letter) is LetterStatus.CANCELLED
    assert alice.sends(path, page="/account").status_code == 404


def test_an_alarm_can_be_tried_and_never_taken_back(
    door: Door, alice: Browser, clock: StillClock
) -> None:
    signal = Signal((Letter(4_000_001, "es", "canary", priority=Priority.ALARM),))

    def promise(tx: Tx, _actor: Actor) -> None:
        outbox.promise_signal(tx, signal)

    door.ask(promise, MACHINE)
    clock.advance(timedelta(minutes=6))
    page = alice.reads("/desk/letters")
    assert "Alarma" in page
    assert "/cancel" not in page
    assert alice.sends(f"/desk/letters/{signal.id}/cancel", page="/account").status_code == 404


def test_an_activist_sees_no_letters(door: Door, app: Flask, cast: Cast) -> None:
    letter = refused(door)
    bilal = signed_in(app, cast.bilal)
    assert bilal.looks("/desk/letters").status_code == 404
    assert bilal.asks("POST", f"/desk/letters/{letter.id}/retry").status_code == 404
    assert status(door, letter) is LetterStatus.REFUSED


def test_a_member_adds_a_way_confirms_it_and_never_sees_its_address_again(
    door: Door, alice: Browser, cast: Cast
) -> None:
    page = "/account/channels"
    assert alice.sends(page, page=page, address="ntfys://ntfy.sh/canary").status_code == 303
    (one,) = door.look(services.channels, cast.alice.at_desk)
    shown = alice.reads(page)
    assert "canary" not in shown
    assert "sin confirmar" in shown
    wrong = alice.sends(f"{page}/{one.id}/confirm", page=page, word="nothing")
    assert wrong.status_code == 400
    word = word_of(door, cast.alice, one.id)
    assert alice.sends(f"{page}/{one.id}/confirm", page=page, word=word).status_code == 303
    assert "funciona" in alice.reads(page)
    assert alice.sends(f"{page}/{one.id}/remove", page=page).status_code == 303
    assert door.look(services.channels, cast.alice.at_desk) == ()


def test_what_cannot_ring_is_said_beside_its_field(alice: Browser) -> None:
    page = "/account/channels"
    for address in ("file:///etc/passwd", "me@example.org", "nonsense"):
        answer = alice.sends(page, page=page, address=address)
        assert answer.status_code == 400
        assert 'aria-invalid="true"' in answer.text
    assert "no puede mandar correos" in alice.sends(page, page=page, address="a@example.org").text


def test_the_page_says_when_enough_words_were_sent_for_today(
    door: Door, app: Flask, cast: Cast, clock: StillClock
) -> None:
    channel = added(door, cast.alice)
    for _ in range(WORDS_A_DAY - 1):
        clock.advance(timedelta(minutes=5))
        door.ask(services.test_channel, cast.alice.at_desk, channel_id=channel)
    clock.advance(timedelta(minutes=5))
    alice = signed_in(app, cast.alice)
    answer = alice.sends(f"/account/channels/{channel}/test", page="/account/channels")
    assert "Por hoy ya se enviaron suficientes palabras." in answer.get_data(as_text=True)
