"""A device opens its owner's account, with or without the passphrase, and nobody else's."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import text, update

from config.settings import load
from network.app import create_app
from network.db import writing
from network.door import Door
from network.encryption.authenticators import LONGEST, Site
from network.encryption.keyring import unlock_with_recovery
from network.encryption.server import ServerSecret
from network.kernel.actor import Engine, InSession
from network.kernel.errors import BadInput, NotVisible, Refused, SlowDown
from network.kernel.hidden import Plaintext
from network.kernel.ids import new_id
from network.outbox import services as outbox
from network.people import entrance, services
from network.people.domain import (
    CHALLENGE_LASTS,
    OWN,
    Caller,
    Device,
    Opened,
    Passkey,
    WrongCredentials,
)
from network.people.entrance import passkeys
from network.people.entrance.coming import begun
from network.people.services import passkeys as verbs
from network.people.store import passes
from network.people.tables import PasskeyRow
from tests.cases.browsing import Browser
from tests.cast import Cast
from tests.ground.authenticator import SoftDevice
from tests.ground.authenticator import text as spelled
from tests.ground.clock import StillClock
from tests.people.conftest import PASSPHRASE, Typist

ORIGIN = "https://hilo.example.org"
SITE = Site.at("http://localhost:8000")
SECOND = Plaintext("calabaza molino jirafa cortina verbo")
HALF_A_MINUTE = timedelta(seconds=30)
CALLER = Caller()


@pytest.fixture
def browser(door: Door, fatima: Typist) -> InSession:
    """Where she is signed in. How she came does not matter here, so it costs nothing."""
    keys = fatima.prepared.keys
    printed = fatima.prepared.recovery_code
    private = unlock_with_recovery(fatima.id, printed, keys.by_recovery, door.secret.pepper)
    who, half = begun(fatima.id, Opened(private, OWN), Device.COMPUTER)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        passes.open_session(tx, fatima.id, half)
    return who


@pytest.fixture
def device(fatima: Typist, browser: InSession, clock: StillClock) -> SoftDevice:
    """Her telephone, which opens her account by itself."""
    return adds(fatima, browser, clock)


def come_in(fatima: Typist, passphrase: Plaintext) -> InSession:
    return entrance.sign_in(fatima.door, handle="fatima", passphrase=passphrase, code=fatima.code)


def adds(
    fatima: Typist, who: InSession, clock: StillClock, *, alone: bool = True, name: str = "Mi tel"
) -> SoftDevice:
    made, door = SoftDevice(), fatima.door
    clock.advance(HALF_A_MINUTE)
    options = passkeys.to_add(door, who, SITE, code=fatima.code)
    output = made.output if alone else ""
    passkeys.add(door, who, SITE, credential=made.makes(options), output=output, label=name)
    return made


def presses(door: Door, device: SoftDevice, *, output: str | None = None) -> InSession | str:
    """She presses «come in with this device»."""
    said = device.answers(passkeys.to_enter(door, SITE))
    given = device.output if output is None else output
    return passkeys.enter(door, SITE, credential=said, output=given, caller=CALLER)


def rung(door: Door) -> list[int]:
    """How many letters each waiting signal holds."""
    held = door.ask(outbox.take, Engine("postman"), limit=20, urgent=20)
    return [len(one.letters) for one in held if one.is_signal]


def mine(door: Door, who: InSession) -> tuple[Passkey, ...]:
    return door.look(verbs.my_passkeys, who)


def test_it_opens_her_key_without_a_name_or_a_passphrase(
    door: Door, fatima: Typist, browser: InSession, device: SoftDevice
) -> None:
    inside = presses(door, device)

    assert isinstance(inside, InSession)
    actor = door.look(services.whoami, inside)
    assert (actor.person_id, actor.active) == (fatima.id, True)
    assert actor.key() == door.look(services.whoami, browser).key()
    assert [one.label for one in mine(door, inside)] == ["Mi tel"]


def test_the_site_is_spelled_as_browsers_spell_it() -> None:
    assert Site.at("https://Hilo.example.org:443") == Site("hilo.example.org", ORIGIN)
    assert Site.at(ORIGIN).origin == ORIGIN
    assert SITE.origin == "http://localhost:8000"


def test_it_opens_again_and_again(door: Door, device: SoftDevice) -> None:
    for _ in range(2):
        assert isinstance(presses(door, device), InSession)


def test_it_need_not_count(door: Door, device: SoftDevice) -> None:
    """Most telephones do not."""
    device.counts = False
    for _ in range(2):
        assert isinstance(presses(door, device), InSession)


def test_where_it_only_stands_for_the_code_the_passphrase_is_asked(
    door: Door, fatima: Typist, browser: InSession, clock: StillClock
) -> None:
    device = adds(fatima, browser, clock, alone=False)

    slip = presses(door, device)  # it could compute a secret: nothing was wrapped by it
    assert isinstance(slip, str)
    with pytest.raises(WrongCredentials):
        passkeys.finish(door, slip=slip, passphrase=SECOND, caller=CALLER)
    inside = passkeys.finish(door, slip=slip, passphrase=PASSPHRASE, caller=CALLER)

    assert door.look(services.whoami, inside).person_id == fatima.id
    with pytest.raises(WrongCredentials):  # it let one session begin
        passkeys.finish(door, slip=slip, passphrase=PASSPHRASE, caller=CALLER)


def test_a_device_without_a_secret_stands_for_the_code_alone(
    door: Door, device: SoftDevice
) -> None:
    slip = presses(door, device, output="")
    assert isinstance(slip, str)
    assert isinstance(presses(door, device, output="AAAA"), str)
    assert isinstance(presses(door, device, output=spelled(bytes(32))), str)


def test_guessing_after_a_device_answered_is_slowed(door: Door, device: SoftDevice) -> None:
    slip = presses(door, device, output="")
    assert isinstance(slip, str)
    for _ in range(3):
        with pytest.raises(WrongCredentials):
            passkeys.finish(door, slip=slip, passphrase=SECOND, caller=CALLER)
    with pytest.raises(SlowDown):
        passkeys.finish(door, slip=slip, passphrase=PASSPHRASE, caller=CALLER)
    assert isinstance(presses(door, device), InSession)


def test_a_slip_is_good_for_minutes_and_cannot_be_made(
    door: Door, device: SoftDevice, clock: StillClock
) -> None:
    slip = presses(door, device, output="")
    assert isinstance(slip, str)
    clock.advance(CHALLENGE_LASTS)
    for wrong in (slip, slip[:-8], "", "ñ", entrance.recognise(door, "fatima")):
        with pytest.raises(WrongCredentials):
            passkeys.finish(door, slip=wrong, passphrase=PASSPHRASE, caller=CALLER)


def test_an_answer_opens_once(door: Door, device: SoftDevice) -> None:
    said = device.answers(passkeys.to_enter(door, SITE))

    def answer(_: int) -> str:
        try:
            passkeys.enter(door, SITE, credential=said, output=device.output, caller=CALLER)
        except Refused as refusal:
            return refusal.key
        return "in"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(answer, range(2))) == ["in", "wrong_credentials"]


def test_an_answer_played_again_is_refused_and_costs_the_device_nothing(
    door: Door, device: SoftDevice
) -> None:
    device.counts = False
    said = device.answers(passkeys.to_enter(door, SITE))
    passkeys.enter(door, SITE, credential=said, output=device.output, caller=CALLER)
    for output in (device.output, ""):
        with pytest.raises(WrongCredentials):
            passkeys.enter(door, SITE, credential=said, output=output, caller=CALLER)
    assert isinstance(presses(door, device), InSession)


def test_a_question_is_ours_young_and_for_one_purpose(
    door: Door, fatima: Typist, browser: InSession, device: SoftDevice, clock: StillClock
) -> None:
    clock.advance(HALF_A_MINUTE)
    adding = passkeys.to_add(door, browser, SITE, code=fatima.code)
    old = passkeys.to_enter(door, SITE)
    made_up = json.dumps({"challenge": spelled(bytes(56))})
    for question in (adding, made_up, json.dumps({"challenge": ""})):
        refused(door, device, device.answers(question))
    clock.advance(CHALLENGE_LASTS)
    refused(door, device, device.answers(old))


def refused(door: Door, device: SoftDevice, said: str) -> None:
    with pytest.raises(WrongCredentials):
        passkeys.enter(door, SITE, credential=said, output=device.output, caller=CALLER)


LIES: tuple[dict[str, object], ...] = (
    {"origin": "http://localhost:8001"},
    {"origin": "https://localhost:8000"},
    {"origin": "http://hilo.example.org"},
    {"site": "example.org"},
    {"verified": False},
    {"crosses": True},
)


def test_what_another_place_or_an_unverified_hand_signs_is_refused(
    door: Door, fatima: Typist, browser: InSession, device: SoftDevice, clock: StillClock
) -> None:
    clock.advance(HALF_A_MINUTE)
    options = passkeys.to_add(door, browser, SITE, code=fatima.code)
    for lie in LIES:
        liar = replace(device, **lie)  # type: ignore[arg-type]
        refused(door, liar, liar.answers(passkeys.to_enter(door, SITE)))
        liar = replace(SoftDevice(), **lie)  # type: ignore[arg-type]
        with pytest.raises(WrongCredentials):
            passkeys.add(door, browser, SITE, credential=liar.makes(options), output="", label="x")
    assert len(mine(door, browser)) == 1
    assert isinstance(presses(door, device), InSession)


def test_another_devices_signature_does_not_open_her_account(
    door: Door, device: SoftDevice
) -> None:
    stranger = SoftDevice()
    refused(door, stranger, stranger.answers(passkeys.to_enter(door, SITE)))
    thief = replace(stranger, id=device.id, times=5)
    refused(door, thief, thief.answers(passkeys.to_enter(door, SITE)))
    assert isinstance(presses(door, device), InSession)


def test_another_members_device_opens_only_their_own(
    door: Door, cast: Cast, device: SoftDevice
) -> None:
    """Bilal's device with her secret beside it: the wrap is bound to its member."""
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(update(PasskeyRow).values(person_id=cast.bilal.id))
    found = presses(door, device)
    assert isinstance(found, str), "what it unwraps is not Bilal's"
    with pytest.raises(WrongCredentials):
        passkeys.finish(door, slip=found, passphrase=PASSPHRASE, caller=CALLER)


def test_a_passkey_somebody_has_cannot_be_given_to_somebody_else(
    door: Door, fatima: Typist, browser: InSession, device: SoftDevice, clock: StillClock
) -> None:
    clock.advance(HALF_A_MINUTE)
    options = passkeys.to_add(door, browser, SITE, code=fatima.code)
    with pytest.raises(WrongCredentials):
        passkeys.add(door, browser, SITE, credential=device.makes(options), output="", label="x")
    assert isinstance(presses(door, device), InSession)


def test_a_copy_of_a_device_is_noticed_and_neither_opens_any_more(
    door: Door, browser: InSession, device: SoftDevice
) -> None:
    copy = replace(device)
    for _ in range(3):
        assert isinstance(presses(door, device), InSession)

    refused(door, copy, copy.answers(passkeys.to_enter(door, SITE)))

    refused(door, device, device.answers(passkeys.to_enter(door, SITE)))
    assert mine(door, browser) == ()
    door.look(services.whoami, browser)


def test_nonsense_is_refused_like_a_wrong_device(door: Door, device: SoftDevice) -> None:
    for said in ("", "{}", "[]", "null", "ñ", "[" * LONGEST, '{"rawId": 3}'):
        refused(door, device, said)
    for part in ("authenticatorData", "signature", "clientDataJSON"):
        for wrong in ("", "AAAA", "%%%", None, 7):
            said = json.loads(device.answers(passkeys.to_enter(door, SITE)))
            said["response"][part] = wrong
            refused(door, device, json.dumps(said))
    assert isinstance(presses(door, device), InSession)


def test_adding_one_takes_a_fresh_code(
    door: Door, fatima: Typist, browser: InSession, clock: StillClock
) -> None:
    clock.advance(HALF_A_MINUTE)
    options = passkeys.to_add(door, browser, SITE, code=fatima.code)
    for wrong in ("000000", "", fatima.code):  # the last one is used up
        with pytest.raises(WrongCredentials):
            passkeys.to_add(door, browser, SITE, code=wrong)

    other = come_in_again(fatima, clock)
    made = SoftDevice().makes(options)
    with pytest.raises(WrongCredentials):  # asked in one browser, answered in another
        passkeys.add(door, other, SITE, credential=made, output="", label="Mi tel")
    with pytest.raises(BadInput):
        passkeys.add(door, browser, SITE, credential=made, output="", label=" ")
    passkeys.add(door, browser, SITE, credential=made, output="", label="Mi tel")
    with pytest.raises(WrongCredentials):
        passkeys.add(door, browser, SITE, credential=made, output="", label="Otra vez")


def come_in_again(
    fatima: Typist, clock: StillClock, passphrase: Plaintext = PASSPHRASE
) -> InSession:
    clock.advance(HALF_A_MINUTE)
    return come_in(fatima, passphrase)


def test_one_that_was_taken_off_opens_nothing(
    door: Door, cast: Cast, browser: InSession, device: SoftDevice
) -> None:
    (one,) = mine(door, browser)
    slip = presses(door, device, output="")
    for somebody, named in ((cast.alice.at_desk, one.id), (browser, new_id())):
        with pytest.raises(NotVisible):
            door.ask(verbs.remove_passkey, somebody, passkey_id=named)

    door.ask(verbs.remove_passkey, browser, passkey_id=one.id)

    assert mine(door, browser) == ()
    refused(door, device, device.answers(passkeys.to_enter(door, SITE)))
    with pytest.raises(WrongCredentials):
        passkeys.finish(door, slip=str(slip), passphrase=PASSPHRASE, caller=CALLER)


def test_whoever_was_stopped_does_not_come_in_with_one(
    door: Door, cast: Cast, fatima: Typist, device: SoftDevice
) -> None:
    door.ask(services.suspend, cast.alice.at_desk, person_id=fatima.id)
    refused(door, device, device.answers(passkeys.to_enter(door, SITE)))
    door.ask(services.restore, cast.alice.at_desk, person_id=fatima.id)
    assert isinstance(presses(door, device), InSession)


def test_coming_back_by_the_printed_code_takes_every_device_off(
    door: Door, fatima: Typist, device: SoftDevice, clock: StillClock
) -> None:
    clock.advance(HALF_A_MINUTE)
    entrance.recover(
        door,
        handle="fatima",
        printed=fatima.prepared.recovery_code,
        code=fatima.code,
        passphrase=SECOND,
    )
    refused(door, device, device.answers(passkeys.to_enter(door, SITE)))


def test_one_added_under_a_second_passphrase_opens_the_cover_and_calls(
    door: Door, cast: Cast, fatima: Typist, browser: InSession, clock: StillClock
) -> None:
    entrance.set_other_passphrase(door, browser, old=PASSPHRASE, new=SECOND)
    own = adds(fatima, browser, clock, name="Propio")
    covered = come_in_again(fatima, clock, SECOND)
    forced = adds(fatima, covered, clock, name="De salida")
    rung(door)

    inside, outside = presses(door, own), presses(door, forced)

    assert isinstance(inside, InSession)
    assert isinstance(outside, InSession)
    assert door.look(services.whoami, inside).active
    assert not door.look(services.whoami, outside).active
    assert rung(door) == [0, len((cast.alice, cast.elena))]
    assert [one.label for one in mine(door, inside)] == ["Propio"]
    assert [one.label for one in mine(door, outside)] == ["De salida"]
    sizes = "select distinct length(facts), length(key_by_passkey), length(label) from passkeys"
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        assert len(tx.session.execute(text(sizes)).all()) == 1


def test_a_second_passphrase_works_after_a_device_that_stands_for_the_code(
    door: Door, cast: Cast, fatima: Typist, browser: InSession, clock: StillClock
) -> None:
    entrance.set_other_passphrase(door, browser, old=PASSPHRASE, new=SECOND)
    device = adds(fatima, browser, clock, alone=False)
    rung(door)

    slip = presses(door, device)
    outside = passkeys.finish(door, slip=str(slip), passphrase=SECOND, caller=CALLER)

    assert not door.look(services.whoami, outside).active
    assert rung(door) == [len((cast.alice, cast.elena))]


def test_a_former_covers_device_opens_nothing_by_itself(
    door: Door, fatima: Typist, browser: InSession, clock: StillClock
) -> None:
    entrance.set_other_passphrase(door, browser, old=PASSPHRASE, new=SECOND)
    forced = adds(fatima, come_in_again(fatima, clock, SECOND), clock)
    third = Plaintext("paraguas ladrillo canela violin tejado")
    entrance.set_other_passphrase(door, browser, old=PASSPHRASE, new=third)

    assert isinstance(presses(door, forced), str)


def test_answered_questions_are_forgotten_when_nobody_could_ask_them_again(
    door: Door, device: SoftDevice, clock: StillClock
) -> None:
    presses(door, device)
    clock.advance(CHALLENGE_LASTS)
    door.ask(services.sweep, Engine("clock"))
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        assert tx.session.scalar(text("select count(*) from answered_questions")) == 0


def test_the_whole_way_in_the_pages(
    door: Door, fatima: Typist, browser: InSession, clock: StillClock
) -> None:
    app = create_app(load({"HILO_SECRET": ServerSecret.new_text()}), door)
    inside, outside, device = Browser(app.test_client()), Browser(app.test_client()), SoftDevice()
    with inside.client.session_transaction() as session:
        half = browser.secret.reveal().hex()
        session.update({"_user_id": browser.session_id.hex, "half": half, "_fresh": True})
    clock.advance(HALF_A_MINUTE)
    mine, ask = "/account", "/account/devices/ask"
    assert inside.sends(ask, page=mine, code="000000").status_code == 400
    asked = unescape(inside.sends(ask, page=mine, code=fatima.code).text)
    options = asked.split('data-options="')[1].split('"\n')[0]
    said = {"credential": device.makes(options), "output": device.output, "opens": "alone"}
    assert inside.sends("/account/devices", page=mine, label=" ", **said).status_code == 400
    assert inside.sends("/account/devices", page=mine, label="Mi tel", **said).status_code == 303
    assert "Mi tel" in inside.reads(mine)

    asked_for = outside.looks("/enter/device")
    assert (asked_for.mimetype, asked_for.headers["Cache-Control"]) == (
        "application/json",
        "no-store",
    )
    answer = {"credential": device.answers(asked_for.text), "output": device.output}
    assert outside.sends("/enter/device", page="/enter", credential="{}").status_code == 400
    assert outside.sends("/enter/device", page="/enter", **answer).location == "/start"
    assert "Mi tel" in outside.reads(mine)
    assert outside.sends("/enter/device", page="/account", **answer).status_code == 400
