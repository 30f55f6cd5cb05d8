"""Who lost their codes comes back with the yes of two and their own passphrase or paper."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from network.door import Door
from network.kernel.actor import Nobody
from network.kernel.errors import NotAllowed, NotVisible, Refused, SlowDown, WrongMoment
from network.kernel.hidden import Plaintext
from network.people import entrance, services, totp
from network.people.domain import RETURN_LASTS, WrongCredentials
from network.people.entrance import returning
from network.people.services import returning as verbs
from network.proposals import services as proposals
from network.proposals.domain import NeedsAnother
from network.vetting import services as vetting
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast
from tests.ground.clock import StillClock
from tests.people.conftest import ANOTHER, PASSPHRASE, Typist

HALF_A_MINUTE = timedelta(seconds=30)
WHY = Plaintext("Le robaron el teléfono; hablé con ella por video.")
SECOND = Plaintext("calabaza molino jirafa cortina verbo")


@pytest.fixture
def link(door: Door, cast: Cast, fatima: Typist) -> Plaintext:
    """Alice proposes, Elena confirms and makes the link."""
    made = door.ask(vetting.propose_return, cast.alice.at_desk, person_id=fatima.id, reason=WHY)
    door.ask(vetting.confirm_return, cast.elena.at_desk, proposal_id=made)
    return door.ask(services.new_return_link, cast.elena.at_desk, person_id=fatima.id)


def comes_back(fatima: Typist, link: Plaintext, opening: Plaintext = PASSPHRASE) -> Plaintext:
    """She shows what opens her key, adds the new application and writes its code."""
    door = fatima.door
    found = returning.begin_return(door, token=link, opening=opening)
    code = totp.code_at(found.totp_secret, door.now())
    returning.finish_return(door, token=link, carried=found.slip, code=code)
    return found.totp_secret


def signs_in(fatima: Typist, secret: Plaintext, passphrase: Plaintext = PASSPHRASE) -> str:
    code = totp.code_at(secret, fatima.door.now())
    try:
        entrance.sign_in(fatima.door, handle="fatima", passphrase=passphrase, code=code)
    except Refused as refusal:
        return refusal.key
    return "in"


def test_she_comes_back_and_the_lost_one_opens_nothing(
    fatima: Typist, link: Plaintext, clock: StillClock
) -> None:
    clock.advance(HALF_A_MINUTE)
    fresh = comes_back(fatima, link)
    clock.advance(HALF_A_MINUTE)

    assert signs_in(fatima, fatima.prepared.totp_secret) == "wrong_credentials"
    assert signs_in(fatima, fresh) == "in"
    assert signs_in(fatima, fresh) == "wrong_credentials"  # still once


def test_her_paper_does_as_well_as_her_passphrase(
    fatima: Typist, link: Plaintext, clock: StillClock
) -> None:
    clock.advance(HALF_A_MINUTE)
    fresh = comes_back(fatima, link, fatima.prepared.recovery_code)
    clock.advance(HALF_A_MINUTE)
    assert signs_in(fatima, fresh) == "in"


def test_her_sessions_end(door: Door, fatima: Typist, link: Plaintext, clock: StillClock) -> None:
    clock.advance(HALF_A_MINUTE)
    browser = entrance.sign_in(door, handle="fatima", passphrase=PASSPHRASE, code=fatima.code)
    clock.advance(HALF_A_MINUTE)
    comes_back(fatima, link)
    with pytest.raises(NotVisible):
        door.look(services.whoami, browser)


def test_a_second_passphrase_goes_on_working(
    door: Door, fatima: Typist, link: Plaintext, clock: StillClock
) -> None:
    clock.advance(HALF_A_MINUTE)
    browser = entrance.sign_in(door, handle="fatima", passphrase=PASSPHRASE, code=fatima.code)
    entrance.set_other_passphrase(door, browser, old=PASSPHRASE, new=SECOND)
    clock.advance(HALF_A_MINUTE)
    fresh = comes_back(fatima, link, SECOND)
    clock.advance(HALF_A_MINUTE)
    assert signs_in(fatima, fresh, SECOND) == "in"
    clock.advance(HALF_A_MINUTE)
    assert signs_in(fatima, fresh) == "in"


def test_the_link_alone_opens_nothing_and_guessing_is_slowed(door: Door, link: Plaintext) -> None:
    for wrong in (ANOTHER, Plaintext(""), ANOTHER):
        with pytest.raises(WrongCredentials):
            returning.begin_return(door, token=link, opening=wrong)
    with pytest.raises(SlowDown):
        returning.begin_return(door, token=link, opening=PASSPHRASE)


def test_the_link_works_once_also_for_two_at_the_same_moment(
    fatima: Typist, link: Plaintext, clock: StillClock
) -> None:
    clock.advance(HALF_A_MINUTE)
    found = returning.begin_return(fatima.door, token=link, opening=PASSPHRASE)
    code = totp.code_at(found.totp_secret, fatima.door.now())

    def answer(_: int) -> str:
        try:
            returning.finish_return(fatima.door, token=link, carried=found.slip, code=code)
        except Refused as refusal:
            return refusal.key
        return "in"

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(answer, range(2))).count("in") == 1
    with pytest.raises(NotVisible):
        returning.begin_return(fatima.door, token=link, opening=PASSPHRASE)


def test_a_wrong_first_code_or_an_altered_slip_changes_nothing(
    door: Door, fatima: Typist, link: Plaintext, clock: StillClock
) -> None:
    clock.advance(HALF_A_MINUTE)
    found = returning.begin_return(door, token=link, opening=PASSPHRASE)
    with pytest.raises(WrongCredentials):
        returning.finish_return(door, token=link, carried=found.slip, code="000000")
    for slip in ("", found.slip[:-8], "ñ"):
        with pytest.raises(WrongMoment):
            returning.finish_return(door, token=link, carried=slip, code="000000")
    clock.advance(returning.LASTS)
    with pytest.raises(WrongMoment):
        returning.finish_return(door, token=link, carried=found.slip, code="000000")
    assert signs_in(fatima, fatima.prepared.totp_secret) == "in"


def test_it_takes_two_and_neither_is_herself(door: Door, cast: Cast, fatima: Typist) -> None:
    made = door.ask(vetting.propose_return, cast.alice.at_desk, person_id=fatima.id, reason=WHY)
    for early in (cast.alice, cast.elena):
        with pytest.raises(WrongMoment):
            door.ask(services.new_return_link, early.at_desk, person_id=fatima.id)
    with pytest.raises(NeedsAnother):
        door.ask(vetting.confirm_return, cast.alice.at_desk, proposal_id=made)
    with pytest.raises(NotAllowed):
        door.ask(vetting.propose_return, cast.alice.at_desk, person_id=cast.alice.id, reason=WHY)
    for verb in (services.new_return_link, services.let_return, services.may_return):
        with pytest.raises((NotAllowed, NotVisible)):
            door.ask(verb, cast.bilal.at_desk, person_id=fatima.id)
    assert door.look(proposals.count_waiting, cast.elena.at_desk) == 1


def test_a_link_made_again_a_stopped_member_and_time_close_it(
    door: Door, cast: Cast, fatima: Typist, link: Plaintext, clock: StillClock
) -> None:
    again = door.ask(services.new_return_link, cast.alice.at_desk, person_id=fatima.id)
    with pytest.raises(NotVisible):
        door.look(verbs.bearer, Nobody(), token=link)
    door.ask(services.suspend, cast.alice.at_desk, person_id=fatima.id)
    with pytest.raises(NotVisible):
        returning.begin_return(door, token=again, opening=PASSPHRASE)
    door.ask(services.restore, cast.alice.at_desk, person_id=fatima.id)
    clock.advance(RETURN_LASTS)
    with pytest.raises(NotVisible):
        door.look(verbs.bearer, Nobody(), token=again)
    with pytest.raises(WrongMoment):
        door.ask(services.new_return_link, cast.alice.at_desk, person_id=fatima.id)


def test_the_whole_way_in_the_pages(
    app: Flask, door: Door, cast: Cast, fatima: Typist, clock: StillClock
) -> None:
    alice, elena = signed_in(app, cast.alice), signed_in(app, cast.elena)
    where = f"/people/{fatima.id}/lost"
    assert where in alice.reads("/people")
    assert alice.sends(where, page=where, reason=" ").status_code == 400
    proposed = alice.sends(where, page=where, reason=WHY.reveal()).location
    assert proposed
    assert alice.sends(f"{where}/link", page=where).status_code == 409
    assert "códigos" in elena.reads(proposed)
    assert elena.sends(f"{proposed}/confirm", page=proposed).location == where
    made = elena.sends(f"{where}/link", page=where).text
    path = "/return/" + made.split("/return/")[1].split("<")[0].strip()

    clock.advance(HALF_A_MINUTE)
    code = goes_the_way(app, door, path)
    clock.advance(HALF_A_MINUTE)
    assert signs_in(fatima, code) == "in"


def goes_the_way(app: Flask, door: Door, path: str) -> Plaintext:
    """She, at the link's pages: gives the secret of her new application."""
    nobody = Browser(app.test_client())
    assert nobody.looks("/return/unknown").status_code == 404
    assert nobody.sends(path, page=path, opening="no es").status_code == 400
    proof = nobody.sends(path, page=path, opening=PASSPHRASE.reveal()).text
    slip = proof.split('name="slip" value="')[1].split('"')[0]
    secret = Plaintext(proof.split("secret=")[1].split("&")[0])
    wrong = nobody.sends(f"{path}/proof", page=path, slip=slip, code="000000")
    assert (wrong.status_code, slip in wrong.text) == (400, True)
    code = totp.code_at(secret, door.now())
    done = nobody.sends(f"{path}/proof", page=path, slip=slip, code=code)
    assert (done.status_code, done.location) == (303, "/enter")
    assert nobody.looks(path).status_code == 404
    return secret
