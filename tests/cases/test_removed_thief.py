"""A removed member who kept everything they ever had, and has the database and the server too."""

import itertools
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network.cases import services
from network.cases.tables import EntryRow, EpochRow, GrantRow, OfferRow
from network.door import Door
from network.encryption.envelope import open_text
from network.encryption.keyring import open_grant, open_link
from network.encryption.sealed import EncryptionError, Place, Sealed
from network.kernel.actor import Engine
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import CaseId
from tests.cases.conftest import words_in
from tests.cast import Cast

CLOCK = Engine("clock")


def keys_within_reach(
    sessions: sessionmaker[Session], cast: Cast, kept: list[tuple[int, bytes]], case_id: CaseId
) -> list[SecretBytes]:
    """Bilal's own key, every grant he had or finds, and every link any of these opens."""
    own = cast.bilal.keys.private
    found = [own]
    with sessions() as session:
        grants = [(row.epoch, row.sealed_key) for row in session.scalars(select(GrantRow))]
        grants += [(row.epoch, row.pending_key) for row in session.scalars(select(OfferRow))]
        links = [(row.number, row.link) for row in session.scalars(select(EpochRow)) if row.link]
    for (epoch, sealed), member in itertools.product((*kept, *grants), cast.everybody):
        with suppress(EncryptionError):
            found.append(
                open_grant(own, Sealed(sealed), case=case_id, epoch=epoch, member=member.id)
            )
    for number, link in links:
        for key in tuple(found):
            with suppress(EncryptionError):
                found.append(
                    open_link(
                        key, Sealed(link), case=case_id, old_epoch=number - 1, new_epoch=number
                    )
                )
    return found


def opened(
    sessions: sessionmaker[Session], keys: list[SecretBytes], case_id: CaseId
) -> dict[int, int]:
    """By epoch, how many entries any of these keys opens."""
    with sessions() as session:
        rows = list(session.scalars(select(EntryRow).where(EntryRow.case_id == case_id)))
    found: dict[int, int] = {}
    for row, key, epoch in itertools.product(rows, keys, (1, 2)):
        with suppress(EncryptionError):
            place = Place("entries", "body", row.id, case_id, epoch)
            open_text(key, Sealed(row.body), place)
            found[row.epoch] = found.get(row.epoch, 0) + 1
    return found


def test_nothing_that_was_sealed_since_opens_with_all_they_ever_had(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:  # copied while he could read everything
        kept = [
            (row.epoch, bytes(row.sealed_key))
            for row in session.scalars(select(GrantRow).where(GrantRow.member_id == cast.bilal.id))
        ]
    card = cast.bilal.at_desk
    proposal = door.ask(
        services.propose_removal, cast.alice.at_desk, person_id=cast.bilal.id, reason=Plaintext("x")
    )
    door.ask(services.remove, cast.elena.at_desk, proposal_id=proposal)
    while door.ask(services.let_go_of_removed, CLOCK):
        pass
    door.ask(services.hear, cast.family, text=Plaintext("canary: afterwards"))
    assert "canary: afterwards" in words_in(door, cast.alice, accompanied)  # seals the links

    keys = keys_within_reach(sessions, cast, kept, accompanied)
    keys.append(card.secret)
    keys.append(door.secret.pepper)
    assert opened(sessions, keys, accompanied) == {1: 1}  # what he could always read, and no more
