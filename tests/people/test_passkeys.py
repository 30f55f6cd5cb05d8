"""A device opens its owner's account, with or without the passphrase, and nobody else's."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text, update

from network.db import writing
from network.door import Door
from network.encryption.authenticators import LONGEST, Site
from network.encryption.sealed import Place
from network.encryption.server import ServerSecret
from network.kernel.actor import Engine, InSession
from network.kernel.errors import NotVisible, Refused, SlowDown
from network.kernel.ids import new_id
from network.people import challenges, entrance, services, slip
from network.people.domain import (
    CHALLENGE_LASTS,
    WrongCredentials,
)
from network.people.entrance import passkeys
from network.people.services import passkeys as verbs
from network.people.tables import PasskeyRow
from tests.cast import Cast
from tests.ground.authenticator import SoftDevice
from tests.ground.authenticator import text as spelled
from tests.ground.clock import StillClock
from tests.people.conftest import PASSPHRASE, Typist
from tests.people.devices import (
    CALLER,
    HALF_A_MINUTE,
    SECOND,
    SITE,
    adds,
    mine,
    presses,
    refused,
)

ORIGIN = "https://hilo.example.org"


@pytest.fixture
def browser(at_home: InSession) -> InSession:
    return at_home


@pytest.fixture
def device(door: Door, browser: InSession) -> SoftDevice:
    """Her telephone, which opens her account by itself."""
    return adds(door, browser)


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
    door: Door, fatima: Typist, browser: InSession
) -> None:
    device = adds(door, browser, alone=False)

    slip = presses(door, device)  # it could compute a secret: nothing was wrapped by it
    assert isinstance(slip, str)
    with pytest.raises(WrongCredentials):
        passkeys.finish(door, carried=slip, passphrase=SECOND, caller=CALLER)
    inside = passkeys.finish(door, carried=slip, passphrase=PASSPHRASE, caller=CALLER)

    assert door.look(services.whoami, inside).person_id == fatima.id
    with pytest.raises(WrongCredentials):  # it let one session begin
        passkeys.finish(door, carried=slip, passphrase=PASSPHRASE, caller=CALLER)


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
            passkeys.finish(door, carried=slip, passphrase=SECOND, caller=CALLER)
    with pytest.raises(SlowDown):
        passkeys.finish(door, carried=slip, passphrase=PASSPHRASE, caller=CALLER)
    assert isinstance(presses(door, device), InSession)


def test_a_slip_is_good_for_minutes_and_cannot_be_made(
    door: Door, device: SoftDevice, clock: StillClock
) -> None:
    slip = presses(door, device, output="")
    assert isinstance(slip, str)
    clock.advance(CHALLENGE_LASTS)
    for wrong in (slip, slip[:-8], "", "ñ", entrance.recognise(door, "fatima")):
        with pytest.raises(WrongCredentials):
            passkeys.finish(door, carried=wrong, passphrase=PASSPHRASE, caller=CALLER)


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


def test_the_same_page_sent_twice_costs_a_counting_device_nothing(
    door: Door, device: SoftDevice
) -> None:
    said = device.answers(passkeys.to_enter(door, SITE))
    slip = passkeys.enter(door, SITE, credential=said, output="", caller=CALLER)
    assert isinstance(slip, str)

    for output in ("", device.output):
        with pytest.raises(WrongCredentials):
            passkeys.enter(door, SITE, credential=said, output=output, caller=CALLER)

    assert isinstance(presses(door, device), InSession)


def test_an_answer_that_was_long_on_its_way_is_refused_and_no_copy(
    door: Door, device: SoftDevice, clock: StillClock
) -> None:
    """The first press was lost on the road; the second came in; then the first one arrives."""
    late = device.answers(passkeys.to_enter(door, SITE))
    clock.advance(HALF_A_MINUTE)
    assert isinstance(presses(door, device), InSession)

    refused(door, device, late)

    assert isinstance(presses(door, device), InSession)


def test_a_question_is_ours_young_and_for_one_purpose(
    door: Door, browser: InSession, device: SoftDevice, clock: StillClock
) -> None:
    adding = passkeys.to_make(door, browser, SITE)
    old = passkeys.to_enter(door, SITE)
    made_up = json.dumps({"challenge": spelled(bytes(56))})
    for question in (adding, made_up, json.dumps({"challenge": ""})):
        refused(door, device, device.answers(question))
    clock.advance(CHALLENGE_LASTS)
    refused(door, device, device.answers(old))


LIES: tuple[dict[str, object], ...] = (
    {"origin": "http://localhost:8001"},
    {"origin": "https://localhost:8000"},
    {"origin": "http://hilo.example.org"},
    {"site": "example.org"},
    {"verified": False},
    {"crosses": True},
)


def test_what_another_place_or_an_unverified_hand_signs_is_refused(
    door: Door, browser: InSession, device: SoftDevice
) -> None:
    options = passkeys.to_make(door, browser, SITE)
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
        passkeys.finish(door, carried=found, passphrase=PASSPHRASE, caller=CALLER)


def test_a_passkey_somebody_has_cannot_be_given_to_somebody_else(
    door: Door, browser: InSession, device: SoftDevice
) -> None:
    options = passkeys.to_make(door, browser, SITE)
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
    with pytest.raises(NotVisible):  # whoever holds the copy may be in
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


def test_one_that_was_taken_off_opens_nothing(
    door: Door, cast: Cast, browser: InSession, device: SoftDevice
) -> None:
    (one,) = mine(door, browser)
    inside, slip = presses(door, device), presses(door, device, output="")
    assert isinstance(inside, InSession)
    for somebody, named in ((cast.alice.at_desk, one.id), (browser, new_id())):
        with pytest.raises(NotVisible):
            door.ask(verbs.remove_passkey, somebody, passkey_id=named)

    door.ask(verbs.remove_passkey, browser, passkey_id=one.id)

    assert mine(door, browser) == ()
    with pytest.raises(NotVisible):  # whoever found the telephone may be in
        door.look(services.whoami, inside)
    refused(door, device, device.answers(passkeys.to_enter(door, SITE)))
    with pytest.raises(WrongCredentials):
        passkeys.finish(door, carried=str(slip), passphrase=PASSPHRASE, caller=CALLER)


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


def test_answered_questions_are_forgotten_when_nobody_could_ask_them_again(
    door: Door, device: SoftDevice, clock: StillClock
) -> None:
    presses(door, device)
    clock.advance(CHALLENGE_LASTS)
    door.ask(services.sweep, Engine("clock"))
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        assert tx.session.scalar(text("select count(*) from answered_questions")) == 0


def test_what_lives_for_minutes_is_made_with_the_current_secret_alone(
    door: Door,
) -> None:
    """Whoever learnt the one before must not forge a proof while it is among the retired."""
    old, new = ServerSecret.new_text(), ServerSecret.new_text()
    before = replace(door, secret=ServerSecret.from_text(old))
    after = replace(door, secret=ServerSecret.from_text(new, (old,)))
    place, until = Place("forms", "passkey", ""), door.now() + HALF_A_MINUTE
    forged = slip.seal(before.secret, ["anything"], place, until=until)

    assert slip.read(before.secret, forged, place, now=door.now()) == ["anything"]
    assert slip.read(after.secret, forged, place, now=door.now()) is None
    asked = challenges.new(before.secret, passkeys.ENTER, door.now())
    ours = [
        challenges.ours(each.secret, asked, passkeys.ENTER, door.now()) for each in (before, after)
    ]
    assert ours == [True, False]
