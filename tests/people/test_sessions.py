"""A session is two halves: neither opens anything, and it ends when it should."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from network.db import writing
from network.door import Door
from network.encryption.envelope import open_text
from network.encryption.sealed import Tampered
from network.kernel.actor import Engine, InSession
from network.kernel.errors import NotAllowed, NotVisible
from network.kernel.hidden import SecretBytes
from network.people import entrance, services
from network.people.browser import kind_of
from network.people.domain import ABSOLUTE, IDLE, OWN, Caller, Device, Opened
from network.people.entrance.coming import begun
from network.people.store.passes import device_place
from tests.cast import Cast
from tests.ground.clock import StillClock
from tests.people.conftest import PASSPHRASE, Typist

MINUTE = timedelta(minutes=1)


def test_both_halves_together_give_the_key(door: Door, cast: Cast) -> None:
    assert door.look(services.whoami, cast.bilal.at_desk).key() == cast.bilal.keys.private


def test_the_database_and_the_server_secret_alone_open_nothing(door: Door, cast: Cast) -> None:
    whole = cast.bilal.at_desk
    for guess in (bytes(32), door.secret.pepper.reveal(), whole.session_id.bytes * 2):
        with pytest.raises(NotVisible):
            door.look(services.whoami, InSession(whole.session_id, SecretBytes(guess)))


def test_another_members_half_opens_nothing(door: Door, cast: Cast) -> None:
    crossed = InSession(cast.alice.at_desk.session_id, cast.bilal.at_desk.secret)

    with pytest.raises(NotVisible):
        door.look(services.whoami, crossed)


def test_a_row_given_to_somebody_else_opens_nothing(door: Door, cast: Cast) -> None:
    stolen = cast.bilal.at_desk
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        tx.session.execute(
            text("UPDATE sessions SET person_id = :alice WHERE id = :session"),
            {
                "alice": _stored(door, cast.alice.id.hex),
                "session": _stored(door, stolen.session_id.hex),
            },
        )

    with pytest.raises(NotVisible):
        door.look(services.whoami, stolen)


def _stored(door: Door, hexed: str) -> str:
    """An id as this database keeps it."""
    if door.database.engine.dialect.name == "sqlite":
        return hexed
    return f"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:]}"


def test_it_ends_after_twenty_idle_minutes(door: Door, cast: Cast, clock: StillClock) -> None:
    browser = cast.bilal.at_desk
    clock.advance(IDLE - MINUTE)
    assert door.look(services.whoami, browser).active
    door.ask(services.seen, browser)
    clock.advance(IDLE - MINUTE)
    assert door.look(services.whoami, browser).active

    clock.advance(MINUTE)

    with pytest.raises(NotVisible):
        door.look(services.whoami, browser)


def test_it_ends_after_ten_hours_however_busy(door: Door, cast: Cast, clock: StillClock) -> None:
    browser = cast.bilal.at_desk
    for _ in range(int(ABSOLUTE / (IDLE / 2)) - 1):
        clock.advance(IDLE / 2)
        door.ask(services.seen, browser)

    clock.advance(IDLE / 2)

    with pytest.raises(NotVisible):
        door.look(services.whoami, browser)


def test_a_session_ended_elsewhere_is_refused_at_once(door: Door, cast: Cast) -> None:
    browser = cast.bilal.at_desk

    entrance.sign_out(door, browser)

    with pytest.raises(NotVisible):
        door.look(services.whoami, browser)
    entrance.sign_out(door, browser)  # once more does no harm


def test_nobody_ends_another_members_session(door: Door, cast: Cast) -> None:
    hers = cast.alice.at_desk

    with pytest.raises(NotVisible):
        door.ask(services.end_session, cast.bilal.at_desk, session_id=hers.session_id)

    assert door.look(services.whoami, hers).active


def test_somebody_sees_and_ends_their_own(door: Door, cast: Cast) -> None:
    browser = cast.bilal.at_desk
    (only,) = door.look(services.account, browser).sessions
    assert only.is_this_one

    door.ask(services.end_session, cast.bilal.id, session_id=only.id)

    with pytest.raises(NotVisible):
        door.look(services.whoami, browser)


def test_my_devices_are_listed_by_kind_and_the_others_end_at_once(
    door: Door, fatima: Typist, clock: StillClock
) -> None:
    here = come_in(fatima, Device.COMPUTER)
    clock.advance(MINUTE)
    away = come_in(fatima, Device.PHONE)

    listed = door.look(services.account, here).sessions
    assert {(one.device, one.is_this_one) for one in listed} == {
        (Device.COMPUTER, True),
        (Device.PHONE, False),
    }
    assert all(one.seen_at.minute % 15 == 0 for one in listed)

    door.ask(services.end_other_sessions, here)

    door.look(services.whoami, here)
    with pytest.raises(NotVisible):
        door.look(services.whoami, away)


def come_in(fatima: Typist, device: Device) -> InSession:
    return entrance.sign_in(
        fatima.door,
        handle="fatima",
        passphrase=PASSPHRASE,
        code=fatima.code,
        caller=Caller(device=device),
    )


def test_which_kind_of_device_it_was_stands_nowhere_in_clear(cast: Cast) -> None:
    """Two kinds, one size, and only the session's own key opens either."""
    bilal = cast.bilal
    _, phone = begun(bilal.id, Opened(bilal.keys.private, OWN), Device.PHONE)
    _, computer = begun(bilal.id, Opened(bilal.keys.private, OWN), Device.COMPUTER)

    assert len(phone.device) == len(computer.device)
    with pytest.raises(Tampered):
        open_text(cast.alice.keys.private, phone.device, device_place(phone.id, bilal.id))


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Mozilla/5.0 (Linux; Android 14; SM-A146M) Chrome/130.0 Mobile Safari/537.36", "p"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile", "p"),
        ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) Version/17.5 Mobile", "t"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "c"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0", "c"),
        ("curl/8.5.0", "o"),
        ("", "o"),
    ],
)
def test_a_browser_is_called_by_its_coarse_kind(agent: str, kind: str) -> None:
    assert kind_of(agent) is Device(kind)


def test_the_command_line_signs_everybody_out(door: Door, cast: Cast) -> None:
    browsers = [cast.alice.at_desk, cast.bilal.at_desk]
    with pytest.raises(NotAllowed):
        door.ask(services.end_every_session, cast.alice.at_desk)

    assert door.ask(services.end_every_session, Engine("cli")) == 2

    for browser in browsers:
        with pytest.raises(NotVisible):
            door.look(services.whoami, browser)


def test_what_has_run_out_is_swept(door: Door, cast: Cast, clock: StillClock) -> None:
    browser = cast.bilal.at_desk
    door.ask(services.new_link_code, browser)
    clock.advance(ABSOLUTE)

    door.ask(services.sweep, Engine("clock"))

    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        for table in ("sessions", "link_codes"):
            assert tx.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608
