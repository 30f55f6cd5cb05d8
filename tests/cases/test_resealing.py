"""A suite is retired: a case is sealed again by who holds it, interrupted and gone on with."""

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from network.cases import services
from network.cases.tables import EntryRow, EpochRow, GrantRow
from network.db import Tx
from network.door import Door
from network.encryption.envelope import SEALS_WITH, SUITES, new_key_pair, open_text, seal_to
from network.encryption.sealed import Place, Sealed, Suite, Tampered, header
from network.kernel.actor import Actor
from network.kernel.errors import NoKey, NotAllowed, NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, new_id
from network.people.tables import PersonRow
from tests.cases.browsing import signed_in
from tests.cases.conftest import words_in
from tests.cast import Cast

OTHER = Suite.HPKE_CHACHA
SAID = ["canary: he went out and did not come back", "two", "three", "four"]


class KilledError(Exception):
    """The process is gone before it could commit."""


@pytest.fixture
def long(door: Door, cast: Cast, accompanied: CaseId) -> CaseId:
    """Four entries in two epochs."""
    door.ask(services.hear, cast.family, text=Plaintext("two"))
    door.ask(services.rekey, cast.alice.at_desk, case_id=accompanied)
    for words in ("three", "four"):
        door.ask(services.hear, cast.family, text=Plaintext(words))
    return accompanied


def suites_in(sessions: sessionmaker[Session]) -> dict[bytes, int]:
    """How many envelopes of cases begin how."""
    found: dict[bytes, int] = {}
    with sessions() as session:
        for column in (EntryRow.body, EpochRow.link, GrantRow.sealed_key):
            for sealed in session.scalars(select(column)):
                if sealed is not None:
                    found[sealed[:2]] = found.get(sealed[:2], 0) + 1
    return found


def test_every_suite_opens_and_none_opens_as_another() -> None:
    assert SEALS_WITH in SUITES
    pair, place, words = new_key_pair(), Place("entries", "body", new_id()), Plaintext("canary")
    for suite in SUITES:
        sealed = seal_to(pair.public, words, place, suite)
        assert sealed[:2] == header(suite)
        assert open_text(pair.private, sealed, place).reveal() == "canary"
        for other in set(Suite) - {suite}:
            with pytest.raises(Tampered):
                open_text(pair.private, Sealed(header(other) + sealed[2:]), place)


def test_it_goes_on_after_a_kill_and_everybody_reads_the_same(
    door: Door, cast: Cast, long: CaseId, sessions: sessionmaker[Session]
) -> None:
    before = suites_in(sessions)
    assert set(before) == {header(Suite.HPKE)}
    alice = cast.alice.at_desk

    def dies(tx: Tx, actor: Actor) -> None:
        services.reseal(tx, actor, case_id=long, suite=OTHER, most=2)
        raise KilledError

    with sessions() as session:
        sizes = {row.id: len(row.body) for row in session.scalars(select(EntryRow))}
    first = door.ask(services.reseal, alice, case_id=long, suite=OTHER, most=2)
    assert (first.done > 2, first.left) == (True, 2)
    with pytest.raises(KilledError):
        door.ask(dies, alice)
    assert len(suites_in(sessions)) == 2
    for who in (cast.alice, cast.elena, cast.bilal):  # half-way, both suites open
        assert words_in(door, who, long) == SAID
    last = door.ask(services.reseal, alice, case_id=long, suite=OTHER, most=2)
    assert (last.done, last.left) == (2, 0)

    assert suites_in(sessions) == {header(OTHER): sum(before.values())}
    with sessions() as session:
        assert {row.id: len(row.body) for row in session.scalars(select(EntryRow))} == sizes
    for who in (cast.alice, cast.elena, cast.bilal):
        assert words_in(door, who, long) == SAID


def test_what_nobody_can_seal_again_is_not_said_to_be_left(
    door: Door, cast: Cast, long: CaseId, sessions: sessionmaker[Session]
) -> None:
    """Bilal has no key any more to seal to: his grants stay as they are, the page comes to 0."""
    with sessions.begin() as session:
        session.execute(
            update(PersonRow).where(PersonRow.id == cast.bilal.id).values(public_key=None)
        )
    found = door.ask(services.reseal, cast.alice.at_desk, case_id=long, suite=OTHER)
    assert found.left == 0
    left = door.look(services.left_to_reseal, cast.alice.at_desk, case_id=long, suite=OTHER)
    assert left == 0
    assert words_in(door, cast.elena, long) == SAID
    assert header(Suite.HPKE) in suites_in(sessions)


def test_only_who_holds_the_case_seals_it_again(door: Door, cast: Cast, long: CaseId) -> None:
    for who, refusal in (
        (cast.alice.in_chat, NoKey),
        (cast.bilal.at_desk, NotAllowed),
        (cast.chiara.at_desk, NotVisible),
    ):
        with pytest.raises(refusal):
            door.ask(services.reseal, who, case_id=long, suite=OTHER)


def test_an_envelope_that_does_not_open_stops_it_whole(
    door: Door, cast: Cast, long: CaseId, sessions: sessionmaker[Session]
) -> None:
    """Nothing is sealed again of what was tampered with: it would look sound afterwards."""
    before = suites_in(sessions)
    with sessions.begin() as session:
        row = session.scalars(select(EntryRow).order_by(EntryRow.number)).first()
        assert row is not None
        spoilt = row.body[:-1] + bytes((row.body[-1] ^ 1,))
        session.execute(update(EntryRow).where(EntryRow.id == row.id).values(body=spoilt))
    with pytest.raises(Tampered):
        door.ask(services.reseal, cast.alice.at_desk, case_id=long, suite=OTHER)
    assert suites_in(sessions) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_offers_it_while_anything_is_left(
    app: Flask, door: Door, cast: Cast, long: CaseId
) -> None:
    browser = signed_in(app, cast.alice)
    path = f"/cases/{long}/access"
    assert "/reseal" not in browser.reads(path)
    door.ask(services.reseal, cast.alice.at_desk, case_id=long, suite=OTHER)
    assert "/reseal" in browser.reads(path)
    browser.sends(f"/cases/{long}/reseal", page=path)
    assert "/reseal" not in browser.reads(path)
    assert words_in(door, cast.bilal, long) == SAID
