"""A second passphrase opens the account as if nothing were in it, and nothing stored says so."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from network.db import writing
from network.door import Door
from network.kernel.actor import Engine, InSession, Role
from network.kernel.errors import BadInput, NotAllowed, NotVisible
from network.kernel.hidden import Plaintext
from network.outbox import services as outbox
from network.outbox.domain import Leased
from network.people import entrance, services
from network.people.domain import WeakPassphrase, WrongCredentials, cover_of
from network.people.store import members
from network.vetting import services as vetting
from network.vetting.domain.path import Step
from tests.cast import Cast
from tests.ground.apps import IN_ENGLISH, app_over
from tests.ground.clock import StillClock
from tests.people.conftest import ANOTHER, PASSPHRASE, Typist

SECOND = Plaintext("calabaza molino jirafa cortina verbo")
THIRD = Plaintext("paraguas ladrillo canela violin tejado")
HALF_A_MINUTE = timedelta(seconds=30)


def come_in(fatima: Typist, clock: StillClock, passphrase: Plaintext) -> InSession:
    clock.advance(HALF_A_MINUTE)
    return entrance.sign_in(fatima.door, handle="fatima", passphrase=passphrase, code=fatima.code)


@pytest.fixture
def own(door: Door, at_home: InSession) -> InSession:
    """Her own session, after she chose a second passphrase in it."""
    entrance.set_other_passphrase(door, at_home, old=PASSPHRASE, new=SECOND)
    return at_home


@pytest.fixture
def covered(fatima: Typist, clock: StillClock, own: InSession) -> InSession:
    """The session somebody made her begin, while her own is open elsewhere."""
    door = fatima.door
    door.look(services.whoami, own)
    return come_in(fatima, clock, SECOND)


def test_it_shows_somebody_who_asked_to_join_and_waits(
    door: Door, cast: Cast, fatima: Typist, covered: InSession
) -> None:
    actor = door.look(services.whoami, covered)

    assert (actor.role, actor.active, actor.person_id) == (Role.ACTIVIST, False, fatima.id)
    assert not door.look(services.account, covered).may_link
    standing = door.look(vetting.where_i_stand, covered)
    assert standing is not None
    assert (standing.stand.step, standing.by_path) == (Step.APPROVAL, False)
    for verb in (services.people, services.set_duty, services.new_link_code):
        with pytest.raises(NotAllowed):
            door.ask(verb, covered)
    with pytest.raises((NotAllowed, NotVisible)):
        door.ask(services.suspend, covered, person_id=cast.bilal.id)


def test_its_key_is_another(door: Door, own: InSession, covered: InSession) -> None:
    assert door.look(services.whoami, own).key() != door.look(services.whoami, covered).key()


def test_it_tells_coordination_and_not_herself(
    door: Door, cast: Cast, fatima: Typist, clock: StillClock
) -> None:
    browser = come_in(fatima, clock, PASSPHRASE)
    entrance.set_other_passphrase(door, browser, old=PASSPHRASE, new=SECOND)
    come_in(fatima, clock, SECOND)
    rung = [letter for each in signals(door) for letter in each.letters]

    assert {letter.to for letter in rung} == {cast.alice.chat, cast.elena.chat}
    assert all(letter.params == {"alias": "Fátima"} for letter in rung)
    assert not re.search("secuestr|kidnap|víctima|victim|caso|case", rung[0].say.casefold())


def test_her_own_passphrase_rings_nobody(
    door: Door, cast: Cast, fatima: Typist, clock: StillClock
) -> None:
    """Nor does choosing a second one; she has no chat that could hear of it."""
    browser = come_in(fatima, clock, PASSPHRASE)
    entrance.set_other_passphrase(door, browser, old=PASSPHRASE, new=SECOND)
    assert cast.alice.chat
    assert [one.letters for one in signals(door)] == [(), ()]


def signals(door: Door) -> list[Leased]:
    held = door.ask(outbox.take, Engine("postman"), limit=20, urgent=20)
    return [one for one in held if one.is_signal]


def test_what_she_does_there_stays_there(
    door: Door, fatima: Typist, clock: StillClock, covered: InSession
) -> None:
    door.ask(services.rename, covered, alias="Fati")
    entrance.sign_out(door, covered)
    clock.advance(timedelta(days=90))

    later = come_in(fatima, clock, SECOND)

    account = door.look(services.account, later)
    assert (account.member.alias, len(account.sessions)) == ("Fati", 1)


def test_her_own_browser_is_not_in_its_list(door: Door, own: InSession, covered: InSession) -> None:
    for browser in (own, covered):
        (only,) = door.look(services.account, browser).sessions
        assert only.is_this_one


def test_it_needs_its_own_passphrase_for_changes(
    door: Door, fatima: Typist, clock: StillClock, covered: InSession
) -> None:
    with pytest.raises(WrongCredentials):
        entrance.change_passphrase(door, covered, old=PASSPHRASE, new=ANOTHER)
    entrance.change_passphrase(door, covered, old=SECOND, new=ANOTHER)

    assert not door.look(services.whoami, come_in(fatima, clock, ANOTHER)).active
    assert door.look(services.whoami, come_in(fatima, clock, PASSPHRASE)).active
    with pytest.raises(WrongCredentials):
        come_in(fatima, clock, SECOND)


def test_whoever_sits_there_may_choose_a_second_one_and_has_done_no_harm(
    door: Door, fatima: Typist, clock: StillClock, covered: InSession
) -> None:
    entrance.set_other_passphrase(door, covered, old=SECOND, new=THIRD)

    deeper = come_in(fatima, clock, THIRD)
    assert not door.look(services.whoami, deeper).active
    assert door.look(services.whoami, deeper).key() != door.look(services.whoami, covered).key()
    assert door.look(services.whoami, come_in(fatima, clock, PASSPHRASE)).active
    assert [cover_of(way) for way in (0, 1, 2)] == [1, 2, 1]


def test_its_printed_code_gives_back_the_cover_and_not_the_account(
    door: Door, fatima: Typist, clock: StillClock, covered: InSession
) -> None:
    paper = entrance.new_recovery_code(door, covered, passphrase=SECOND)
    recover(fatima, clock, paper, ANOTHER)

    assert not door.look(services.whoami, come_in(fatima, clock, ANOTHER)).active
    recover(fatima, clock, fatima.prepared.recovery_code, THIRD)
    assert door.look(services.whoami, come_in(fatima, clock, THIRD)).active


def recover(fatima: Typist, clock: StillClock, paper: Plaintext, new: Plaintext) -> None:
    clock.advance(HALF_A_MINUTE)
    entrance.recover(fatima.door, handle="fatima", printed=paper, code=fatima.code, passphrase=new)


@pytest.mark.usefixtures("own")
def test_recovering_leaves_the_second_one_as_it_is(
    door: Door, fatima: Typist, clock: StillClock
) -> None:
    recover(fatima, clock, fatima.prepared.recovery_code, ANOTHER)

    assert not door.look(services.whoami, come_in(fatima, clock, SECOND)).active


def test_the_two_must_differ_and_both_be_strong(door: Door, own: InSession) -> None:
    with pytest.raises(BadInput):
        entrance.set_other_passphrase(door, own, old=PASSPHRASE, new=PASSPHRASE)
    with pytest.raises(BadInput):
        entrance.change_passphrase(door, own, old=PASSPHRASE, new=SECOND)
    with pytest.raises(WeakPassphrase):
        entrance.set_other_passphrase(door, own, old=PASSPHRASE, new=Plaintext("fatima1234"))


def row(door: Door) -> tuple[bytes, ...]:
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        found = tx.session.execute(
            text("SELECT key_by_passphrase, key_by_recovery, totp, covers, key_salt FROM people")
        ).one()
    return tuple(bytes(one) for one in found)


def verbs(door: Door) -> list[str]:
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        return list(tx.session.scalars(text("SELECT verb FROM receipts ORDER BY number")))


def test_choosing_one_leaves_what_changing_ones_own_leaves(
    door: Door, fatima: Typist, clock: StillClock
) -> None:
    """The same verbs, and every wrap new, of its old size; in rows that were full before."""
    browser = come_in(fatima, clock, PASSPHRASE)
    before = row(door)
    entrance.set_other_passphrase(door, browser, old=PASSPHRASE, new=SECOND)
    chosen = row(door)
    entrance.change_passphrase(door, browser, old=PASSPHRASE, new=ANOTHER)
    changed = row(door)

    assert (
        [len(one) for one in before]
        == [len(one) for one in chosen]
        == [len(one) for one in changed]
    )
    for one, other in ((before, chosen), (chosen, changed)):
        same = [a == b for a, b in zip(one, other, strict=True)]
        assert same == [False, False, True, False, True]  # the factor and the salt stay
    assert verbs(door)[-2:] == ["person.changed-passphrase"] * 2


def test_somebody_who_joined_before_there_were_covers_gets_theirs(
    door: Door, fatima: Typist, clock: StillClock
) -> None:
    full = row(door)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(text("UPDATE people SET covers = NULL"))

    come_in(fatima, clock, PASSPHRASE)

    assert len(row(door)[3]) == len(full[3])


@pytest.fixture
def app(door: Door) -> Flask:
    return app_over(door, IN_ENGLISH)


@pytest.mark.usefixtures("own")
def test_the_answer_to_signing_in_is_one(app: Flask, fatima: Typist, clock: StillClock) -> None:
    seen = []
    for passphrase in (PASSPHRASE, SECOND):
        clock.advance(HALF_A_MINUTE)
        client = app.test_client()
        form = client.get("/enter").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert token
        answer = client.post(
            "/enter",
            data={
                "csrf_token": token[1],
                "handle": "fatima",
                "passphrase": passphrase.reveal(),
                "code": fatima.code,
            },
        )
        seen.append(
            (
                answer.status_code,
                answer.data,
                # A cookie is squeezed, and how far depends on the chance in it.
                sorted(
                    (name, 0 if name == "Set-Cookie" else len(value))
                    for name, value in answer.headers
                ),
            )
        )
        assert client.get("/start").location in {"/desk", "/account"}
    assert seen[0] == seen[1]


@pytest.mark.usefixtures("own")
def test_removal_takes_the_covers_too(door: Door, fatima: Typist) -> None:
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        found = services.member(tx, fatima.id)
        members.move(tx, found, type(found.standing).REMOVED)
        members.forget_keys(tx, services.member(tx, fatima.id))
        assert tx.session.scalar(text("SELECT covers FROM people")) is None
