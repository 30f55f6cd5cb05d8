"""Coming in takes name, passphrase and code together, and tells a guesser nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TypedDict, Unpack

import pytest

from network.db import writing
from network.door import Door
from network.kernel.actor import InSession
from network.kernel.errors import BadInput, NotVisible, Refused, SlowDown, WrongMoment
from network.kernel.hidden import Plaintext
from network.people import entrance, services
from network.people.domain import Caller, WeakPassphrase, WrongCredentials, pause_after
from network.people.entrance import joining
from network.people.store import members
from tests.ground.clock import StillClock
from tests.ground.counting import derivations
from tests.people.conftest import ANOTHER, PASSPHRASE, Typist

HALF_A_MINUTE = timedelta(seconds=30)
WRONG = Plaintext("no es esta la frase de fatima")


class Typed(TypedDict, total=False):
    """What she types; a story changes one of them."""

    handle: str
    passphrase: Plaintext
    code: str
    caller: Caller


def come_in(fatima: Typist, **changed: Unpack[Typed]) -> InSession:
    typed: Typed = {"handle": "fatima", "passphrase": PASSPHRASE, "code": fatima.code}
    typed.update(changed)
    return entrance.sign_in(fatima.door, **typed)


def answer(fatima: Typist, **changed: Unpack[Typed]) -> str:
    try:
        come_in(fatima, **changed)
    except Refused as refusal:
        return refusal.key
    return "in"


def test_all_three_together_open_her_key(door: Door, fatima: Typist) -> None:
    browser = come_in(fatima, handle=" Fatima ")

    actor = door.look(services.whoami, browser)
    assert (actor.person_id, actor.active) == (fatima.id, True)
    actor.key()


def test_whichever_is_wrong_the_answer_is_one(fatima: Typist, clock: StillClock) -> None:
    wrong: list[Typed] = [
        {"passphrase": WRONG},
        {"code": "000000"},
        {"handle": "nobody-here"},
        {"handle": "¡no shape!"},
        {"code": ""},
        {"code": "²³¼"},
    ]
    for one in wrong:
        clock.advance(timedelta(minutes=5))
        assert answer(fatima, **one) == "wrong_credentials"


def test_a_code_opens_once(fatima: Typist, clock: StillClock) -> None:
    come_in(fatima)
    assert answer(fatima) == "wrong_credentials"

    clock.advance(HALF_A_MINUTE)
    assert answer(fatima) == "in"


def test_a_code_used_by_two_at_the_same_moment_opens_once(fatima: Typist) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(lambda _: answer(fatima), range(2)))

    assert answers == ["in", "wrong_credentials"]


def test_an_earlier_code_does_not_open_after_a_later_one(fatima: Typist, clock: StillClock) -> None:
    earlier = fatima.code
    clock.advance(HALF_A_MINUTE)
    come_in(fatima)

    assert answer(fatima, code=earlier) == "wrong_credentials"


def test_an_unknown_name_costs_what_a_known_one_costs(fatima: Typist, clock: StillClock) -> None:
    def costs(handle: str) -> list[str]:
        clock.advance(timedelta(minutes=5))
        with derivations() as worked_out:
            assert answer(fatima, handle=handle, passphrase=WRONG) == "wrong_credentials"
        return worked_out

    assert costs("fatima") == costs("nobody") == ["Argon2id"]


@pytest.mark.parametrize("name", ["fatima", "nobody"])
def test_guessing_is_slowed_down_the_same_for_known_and_unknown_names(
    fatima: Typist, clock: StillClock, name: str
) -> None:
    waits = []
    for _ in range(6):
        try:
            come_in(fatima, handle=name, passphrase=WRONG)
        except SlowDown as refusal:
            waits.append(refusal.seconds)
            clock.advance(timedelta(seconds=refusal.seconds))
        except WrongCredentials:
            waits.append(0)

    assert waits == [0, 0, 0, 3, 0, 5]


def test_a_pause_never_becomes_a_lock() -> None:
    assert pause_after(1_000_000) == timedelta(minutes=5)


def test_after_the_pause_the_right_words_open(fatima: Typist, clock: StillClock) -> None:
    for _ in range(3):
        answer(fatima, passphrase=WRONG)
    assert answer(fatima) == "slow_down"

    clock.advance(timedelta(minutes=5))

    assert answer(fatima) == "in"


def test_strangers_guessing_do_not_slow_down_her_own_browser(door: Door, fatima: Typist) -> None:
    for _ in range(3):
        answer(fatima, passphrase=WRONG)
    assert answer(fatima) == "slow_down"

    assert answer(fatima, caller=Caller(entrance.recognise(door, "fatima"))) == "in"


def test_a_stranger_who_never_stops_guessing_does_not_keep_her_new_telephone_out(
    fatima: Typist, clock: StillClock
) -> None:
    """He takes every turn the pause leaves, from somewhere else; she comes in at once."""
    elsewhere, here = Caller(near="203.0.113.0/24"), Caller(near="198.51.100.0/24")
    for _ in range(4):
        clock.advance(timedelta(minutes=5))
        assert answer(fatima, passphrase=WRONG, caller=elsewhere) == "wrong_credentials"

    assert answer(fatima, caller=elsewhere) == "slow_down"
    assert answer(fatima, caller=here) == "in"


@pytest.mark.parametrize("forged", ["", "x", "AAAA", "ñ", "a" * 5000])
def test_a_forged_familiar_word_is_a_strangers(fatima: Typist, forged: str) -> None:
    for _ in range(3):
        answer(fatima, passphrase=WRONG, caller=Caller(forged))

    assert answer(fatima, caller=Caller(forged)) == "slow_down"


def test_somebody_elses_familiar_word_is_a_strangers(door: Door, fatima: Typist) -> None:
    of_another = entrance.recognise(door, "somebody-else")
    for _ in range(3):
        answer(fatima, passphrase=WRONG, caller=Caller(of_another))

    assert answer(fatima) == "slow_down"


def test_guesses_at_the_same_moment_are_counted_one_by_one(fatima: Typist) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: answer(fatima, passphrase=WRONG), range(8)))

    assert answers.count("wrong_credentials") == 3
    assert answers.count("slow_down") == 5


def test_strangers_never_hold_every_thread_that_serves_pages(fatima: Typist) -> None:
    """With more at the door than may wait, the rest hear so at once and hold nothing."""

    def tries(_number: int) -> tuple[str, int]:
        with derivations() as worked_out:
            said = answer(fatima, handle=f"nobody{_number}")
        return said, len(worked_out)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(tries, range(8)))

    refused = [cost for said, cost in answers if said == "slow_down"]
    served = [cost for said, cost in answers if said == "wrong_credentials"]
    assert len(served) >= 3
    assert len(refused) >= 1
    assert set(refused) == {0}
    assert set(served) == {1}


def test_a_stopped_member_is_told_what_everybody_is_told(door: Door, fatima: Typist) -> None:
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        found = services.member(tx, fatima.id)
        members.move(tx, found, type(found.standing).SUSPENDED)

    assert answer(fatima) == "wrong_credentials"


def test_another_passphrase_ends_the_other_sessions(
    door: Door, fatima: Typist, clock: StillClock
) -> None:
    old = come_in(fatima)
    clock.advance(HALF_A_MINUTE)
    here = come_in(fatima)

    with pytest.raises(WrongCredentials):
        entrance.change_passphrase(door, here, old=WRONG, new=ANOTHER)
    with pytest.raises(WeakPassphrase):
        entrance.change_passphrase(door, here, old=PASSPHRASE, new=Plaintext("fatima1234"))
    entrance.change_passphrase(door, here, old=PASSPHRASE, new=ANOTHER)

    door.look(services.whoami, here).key()
    with pytest.raises(NotVisible):
        door.look(services.whoami, old)
    clock.advance(HALF_A_MINUTE)
    assert answer(fatima) == "wrong_credentials"
    assert answer(fatima, passphrase=ANOTHER) == "in"


def test_paper_and_authenticator_give_back_the_account(
    door: Door, fatima: Typist, clock: StillClock
) -> None:
    before = come_in(fatima)
    clock.advance(HALF_A_MINUTE)
    paper = fatima.prepared.recovery_code

    fresh = recover(fatima, paper)

    with pytest.raises(NotVisible):
        door.look(services.whoami, before)
    clock.advance(HALF_A_MINUTE)
    assert answer(fatima) == "wrong_credentials"
    assert answer(fatima, passphrase=ANOTHER) == "in"
    clock.advance(HALF_A_MINUTE)
    with pytest.raises(WrongCredentials):
        recover(fatima, paper)
    assert fresh != paper


def recover(fatima: Typist, paper: Plaintext, **changed: str) -> Plaintext:
    typed = {"handle": "fatima", "code": fatima.code} | changed
    return entrance.recover(
        fatima.door,
        handle=typed["handle"],
        code=typed["code"],
        printed=paper,
        passphrase=ANOTHER,
    )


def test_recovering_needs_the_right_paper_name_and_code(fatima: Typist) -> None:
    paper = fatima.prepared.recovery_code
    with pytest.raises(BadInput):
        recover(fatima, Plaintext("no paper of ours"))
    with pytest.raises(WrongCredentials):
        recover(fatima, paper, code="000000")
    with pytest.raises(WrongCredentials):
        recover(fatima, paper, handle="nobody")


def test_a_new_paper_voids_the_old_one(door: Door, fatima: Typist, clock: StillClock) -> None:
    browser = come_in(fatima)
    fresh = entrance.new_recovery_code(door, browser, passphrase=PASSPHRASE)
    clock.advance(HALF_A_MINUTE)

    with pytest.raises(WrongCredentials):
        recover(fatima, fatima.prepared.recovery_code)
    recover(fatima, fresh)


def test_a_weak_passphrase_does_not_join(door: Door) -> None:
    for weak in ("contraseña segura", "fatima fatima fatima", "12345678", ""):
        with pytest.raises(WeakPassphrase):
            entrance.prepare(
                door, handle="fatima", alias="Fátima", language="es", passphrase=Plaintext(weak)
            )


def test_a_slip_comes_back_as_it_went_and_only_for_its_link(
    door: Door, fatima: Typist, clock: StillClock
) -> None:
    token = Plaintext("one-link")
    sealed = entrance.carried(door, fatima.prepared, token=token)

    back = entrance.brought_back(door, sealed, token=token)
    assert back.keys == fatima.prepared.keys
    assert PASSPHRASE.reveal() not in sealed
    for bad in (sealed[:-4] + "AAAA", "", "ñ", sealed[4:]):
        with pytest.raises(WrongMoment):
            entrance.brought_back(door, bad, token=token)
    with pytest.raises(WrongMoment):
        entrance.brought_back(door, sealed, token=Plaintext("another"))
    clock.advance(joining.LASTS)
    with pytest.raises(WrongMoment):
        entrance.brought_back(door, sealed, token=token)


def test_nothing_is_kept_of_somebody_who_did_not_prove_their_code(
    door: Door, fatima: Typist
) -> None:
    with pytest.raises(WrongCredentials):
        entrance.prove(door, replace(fatima.prepared, handle="gael"), code="000000")

    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        assert services.count_members(tx) == 1
