"""A case nobody can open any more: k-1 and everything else open nothing; k do, after the delay."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from network import audit
from network.cases import services as cases
from network.cases.services import glass
from network.cases.tables import EpochRow
from network.db import open_database
from network.door import Door
from network.encryption import quorum as shares_of
from network.encryption.envelope import open_secret
from network.encryption.sealed import Place, PublicKey, Sealed, Tampered
from network.kernel.errors import BadInput, NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.people.domain import Standing
from network.people.services import identify
from network.people.tables import PersonRow
from network.quorum import services
from network.quorum.domain import LastComesLater, NotInQuorum, OneAtATime, TooEarly, TooFew
from network.quorum.tables import RecoveryKeyRow, RecoveryShareRow, VoiceRow
from tests.cases.conftest import words_in
from tests.cases.leaving import leaves
from tests.cast import Cast
from tests.quorum.conftest import DAY, FIRST, Coordination, loses_every_key, writes
from tests.quorum.opening import CLOCK, asks, asks_about, opens, reference_of


def test_two_of_three_open_it_after_the_delay_and_not_before(
    founded: Coordination, cast: Cast, lost: CaseId
) -> None:
    c = founded
    ceremony = asks(c, cast, lost, c.alice)
    c.says_yes(c.elena, ceremony)
    with pytest.raises(TooEarly):
        opens(c, c.alice, ceremony)
    with pytest.raises(LastComesLater):
        c.says_yes(c.fatima, ceremony)
    c.clock.advance(DAY)
    with pytest.raises(TooFew):
        opens(c, c.alice, ceremony)
    c.says_yes(c.fatima, ceremony)
    with pytest.raises(NotAllowed):
        opens(c, c.elena, ceremony)

    assert opens(c, c.alice, ceremony) == lost
    assert words_in(c.door, c.alice, lost) == [FIRST]
    with pytest.raises(NotVisible):
        words_in(c.door, c.elena, lost)
    with pytest.raises(WrongMoment):
        opens(c, c.alice, ceremony)


def test_one_share_the_server_secret_and_the_whole_database_open_nothing(
    founded: Coordination, cast: Cast, lost: CaseId, sessions: sessionmaker[Session]
) -> None:
    """Gael asks, is the administrator, and is to open: his share, his key, the secret, all rows.

    One more share is with the opener already, and it is his own.
    """
    c = founded
    ceremony = asks(c, cast, lost, c.gael)
    c.clock.advance(DAY)
    with pytest.raises(TooFew):
        opens(c, c.gael, ceremony)
    with sessions() as session:
        key = session.scalars(select(RecoveryKeyRow)).one()
        kept = list(session.scalars(select(RecoveryShareRow)))
        epoch = session.scalars(select(EpochRow).where(EpochRow.case_id == lost)).one()
        assert set(session.scalars(select(VoiceRow.share))) == {None}
    private = c.gael.keys.private
    opened = []
    for row in kept:
        try:
            opened.append(
                shares_of.open_kept(
                    private, Sealed(row.sealed), split_id=key.split, member=row.member_id
                )
            )
        except Tampered:
            continue
    assert len(opened) == 1
    for several in (opened, opened * 2):
        with pytest.raises(shares_of.NotEnough):
            shares_of.combine(several, PublicKey(key.public_key))
    assert epoch.recovery_sealed is not None
    place = Place("epochs", "recovery_sealed", key.id, lost, 1)
    with pytest.raises(Tampered):
        open_secret(private, Sealed(epoch.recovery_sealed), place)


def test_what_waits_in_the_delay_does_not_make_a_key_even_for_the_opener_with_the_server(
    founded: Coordination, cast: Cast, lost: CaseId, sessions: sessionmaker[Session]
) -> None:
    """Where the opener keeps a share too, nobody else's may come before the delay is over."""
    c = founded
    ceremony = asks(c, cast, lost, c.fatima)
    for who in (c.elena, c.gael):
        with pytest.raises(LastComesLater):
            c.says_yes(who, ceremony)
    with sessions() as session:
        assert set(session.scalars(select(VoiceRow.share))) == {None}
    c.clock.advance(DAY)
    c.says_yes(c.elena, ceremony)
    assert opens(c, c.fatima, ceremony) == lost


def test_a_coordinator_stops_it_and_so_does_the_family(
    founded: Coordination, cast: Cast, lost: CaseId, sessions: sessionmaker[Session]
) -> None:
    c = founded
    for stopped_by in ("coordinator", "family"):
        ceremony = asks(c, cast, lost, c.alice)
        c.says_yes(c.elena, ceremony)
        if stopped_by == "family":
            for stranger in (cast.neighbours, cast.strangers):
                with pytest.raises(NotVisible):
                    c.door.ask(glass.family_stops, stranger, ceremony_id=ceremony)
            c.door.ask(glass.family_stops, cast.family, ceremony_id=ceremony)
        else:
            c.door.ask(services.stop, c.gael.at_desk, ceremony_id=ceremony)
        c.clock.advance(DAY)
        with pytest.raises(WrongMoment):
            c.says_yes(c.fatima, ceremony)
        with pytest.raises(WrongMoment):
            opens(c, c.alice, ceremony)
        with sessions() as session:
            assert set(session.scalars(select(VoiceRow.share))) == {None}


def test_a_restart_in_the_middle_changes_nothing(
    founded: Coordination, cast: Cast, lost: CaseId, database_url: str
) -> None:
    c = founded
    ceremony = asks(c, cast, lost, c.alice)
    c.says_yes(c.elena, ceremony)
    c.door.database.dispose()
    again = Door(open_database(database_url), c.clock, c.door.secret, c.door.pack, identify)
    for who in (c.alice, c.elena, c.fatima, c.gael):
        who.door = again
    c.door = again
    c.clock.advance(DAY)
    c.says_yes(c.fatima, ceremony)

    assert opens(c, c.alice, ceremony) == lost
    again.database.dispose()


def test_two_at_once_about_one_case_are_one_and_about_two_cases_are_two(
    founded: Coordination, cast: Cast, lost: CaseId, sessions: sessionmaker[Session]
) -> None:
    c = founded
    asks(c, cast, lost, c.alice)
    with pytest.raises(OneAtATime):
        asks(c, cast, lost, c.elena)
    other = c.door.ask(
        cases.intake, cast.neighbours, situation="missing", text=Plaintext("theirs")
    ).case
    loses_every_key(sessions)
    asks_about(c, other.card.reference, other.id, c.alice)
    assert len(c.waiting()) == 2


def test_new_shares_end_what_was_being_gathered_of_the_old(
    founded: Coordination, cast: Cast, lost: CaseId
) -> None:
    c = founded
    opening = asks(c, cast, lost, c.alice)
    c.says_yes(c.elena, opening)
    change = c.asks_to_change(c.alice, c.elena, c.gael)
    c.clock.advance(DAY)
    for who in (c.elena, c.fatima):
        c.says_yes(who, change)
    c.settles(c.alice, change)
    with pytest.raises(WrongMoment):
        c.says_yes(c.fatima, opening)

    again = asks(c, cast, lost, c.alice)
    with pytest.raises(NotAllowed):
        c.says_yes(c.fatima, again)
    c.clock.advance(DAY)
    for who in (c.elena, c.gael):
        c.says_yes(who, again)
    assert opens(c, c.alice, again) == lost


def test_an_opener_who_was_stopped_meanwhile_opens_nothing(
    founded: Coordination, cast: Cast, lost: CaseId, sessions: sessionmaker[Session]
) -> None:
    c = founded
    ceremony = asks(c, cast, lost, c.alice)
    c.clock.advance(DAY)
    for who in (c.elena, c.fatima):
        c.says_yes(who, ceremony)
    at_desk, code = c.alice.at_desk, c.code(c.alice)
    with sessions.begin() as session:
        stopped = update(PersonRow).where(PersonRow.id == c.alice.id)
        session.execute(stopped.values(standing=Standing.SUSPENDED))
    with pytest.raises(NotVisible):
        c.door.ask(glass.open_together, at_desk, ceremony_id=ceremony, proof=code)


def test_what_was_there_before_the_quorum_is_sealed_to_it_when_somebody_opens_it(
    coordination: Coordination, cast: Cast
) -> None:
    c = coordination
    case = writes(c.door, cast)
    c.founds(c.elena, c.fatima)
    with pytest.raises(NotInQuorum):
        asks(c, cast, case, c.gael)
    words_in(c.door, c.alice, case)
    reference = reference_of(c.door, cast)
    (found,) = c.door.ask(glass.named, c.gael.at_desk, reference=reference)
    assert found.in_quorum


def test_a_press_seals_all_that_is_mine_to_a_new_key_and_the_old_one_dies(
    founded: Coordination, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    c = founded
    case = writes(c.door, cast)
    c.door.ask(cases.rekey, c.alice.at_desk, case_id=case)
    c.founds(c.alice, c.gael)
    c.door.ask(glass.keep_quorum, CLOCK)
    with sessions() as session:
        assert len(list(session.scalars(select(RecoveryKeyRow)))) == 2
    found = c.door.look(glass.entrusted, c.alice.at_desk)
    assert (found.mine, found.all) == (1, 1)
    assert c.door.ask(glass.entrust_mine, c.alice.at_desk) == 1
    found = c.door.look(glass.entrusted, c.alice.at_desk)
    assert (found.mine, found.all) == (0, 0)
    c.door.ask(glass.keep_quorum, CLOCK)
    with sessions() as session:
        (current,) = session.scalars(select(RecoveryKeyRow.id))
        assert set(session.scalars(select(EpochRow.recovery_id))) == {current}


def test_a_case_is_asked_for_by_who_knows_its_reference_only(
    founded: Coordination, cast: Cast, lost: CaseId
) -> None:
    c = founded
    ask = glass.ask_opening
    for reference in ("", "rio-nunca", str(lost)):
        with pytest.raises(NotVisible):
            c.door.ask(
                ask,
                c.gael.at_desk,
                reference=reference,
                case_id=lost,
                opener=c.alice.id,
                reason="curious",
            )
    with pytest.raises(NotAllowed):
        c.door.ask(
            ask,
            cast.bilal.at_desk,
            reference=reference_of(c.door, cast),
            case_id=lost,
            opener=cast.bilal.id,
            reason="curious",
        )
    with pytest.raises(BadInput):
        asks(c, cast, lost, cast.bilal)


def test_everybody_is_told_and_all_of_it_stands_in_the_log(
    founded: Coordination, cast: Cast, lost: CaseId
) -> None:
    c = founded
    ceremony = asks(c, cast, lost, c.alice)
    c.clock.advance(DAY)
    for who in (c.elena, c.fatima):
        c.says_yes(who, ceremony)
    opens(c, c.alice, ceremony)
    (holder,) = c.door.look(cases.holders, cast.family)
    assert holder.alias == "Alice"
    verbs = [each.verb for each in c.door.look(lambda tx, _: audit.receipts_of(tx, lost), CLOCK)]
    assert verbs == [
        "case.opened-together",
        "quorum.said-yes",
        "quorum.said-yes",
        "quorum.asked-open",
        "case.looked-for",
    ]
    assert c.door.look(lambda tx, _: audit.verify(tx), CLOCK) is None


def test_who_can_open_it_already_needs_nobody(founded: Coordination, cast: Cast) -> None:
    c = founded
    case = writes(c.door, cast)
    with pytest.raises(BadInput):
        asks(c, cast, case, c.alice)


def test_a_ceremony_is_erased_with_its_case(
    founded: Coordination, cast: Cast, lost: CaseId
) -> None:
    c = founded
    asks(c, cast, lost, c.alice)
    leaves(c.door, cast.family)
    assert c.waiting() == []
