"""Who can open a case, and what happens to the key when that changes."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from network.cases import services
from network.cases.domain import CaseStatus, LastReader, NobodyToReceive
from network.cases.services.turning import HAS_NOBODY
from network.cases.tables import CaseRow, EpochRow, GrantRow, OfferRow
from network.door import Door
from network.kernel.actor import Engine, Role
from network.kernel.errors import BadInput, NoKey, NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, OfferId
from network.outbox.domain import Letter
from network.outbox.services import Delivered, settle, take
from network.people import services as people
from network.people.domain import Standing
from network.people.tables import PersonRow
from network.scheduler import TICKS
from tests.cases.conftest import offered_to, words_in
from tests.cast import Cast, Somebody, somebody
from tests.ground.clock import StillClock

CLOCK = Engine("clock")
FIRST = "canary: he went out and did not come back"


def hears(door: Door, cast: Cast, words: str) -> None:
    door.ask(services.hear, cast.family, text=Plaintext(words))


def status_of(sessions: sessionmaker[Session], case_id: CaseId) -> CaseStatus:
    with sessions() as session:
        return session.scalars(select(CaseRow.status).where(CaseRow.id == case_id)).one()


def cannot_see(door: Door, who: Somebody, case_id: CaseId) -> None:
    with pytest.raises(NotVisible):
        door.ask(services.room, who.at_desk, case_id=case_id)
    found = door.look(services.desk, who.at_desk)
    assert found.counts == {}


def test_whoever_is_removed_by_a_coordinator_opens_nothing_more(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    words_in(door, cast.bilal, accompanied)
    exposure = door.ask(
        services.rekey, cast.alice.at_desk, case_id=accompanied, without=cast.bilal.id
    )
    hears(door, cast, "afterwards")

    cannot_see(door, cast.bilal, accompanied)
    assert (exposure.epochs, exposure.entries, len(exposure.openings)) == (1, 1, 1)
    assert words_in(door, cast.elena, accompanied) == [FIRST, "afterwards"]
    assert words_in(door, cast.alice, accompanied) == [FIRST, "afterwards"]


def test_without_its_accompanier_a_case_is_looked_after_again(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    door.ask(services.rekey, cast.alice.at_desk, case_id=accompanied, without=cast.bilal.id)

    assert status_of(sessions, accompanied) is CaseStatus.TRIAGED
    offers = offered_to(door, cast, accompanied, cast.chiara)
    door.ask(services.accept, cast.chiara.in_chat, offer_id=offers["chiara"])
    assert words_in(door, cast.chiara, accompanied) == [FIRST]


def test_a_new_key_for_nobodys_sake_keeps_everybody(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    for words in ("two", "three"):
        door.ask(services.rekey, cast.elena.at_desk, case_id=accompanied)
        hears(door, cast, words)
    for who in (cast.alice, cast.elena, cast.bilal):
        assert words_in(door, who, accompanied) == [FIRST, "two", "three"]


def test_the_family_removes_somebody_and_the_others_keep_their_history(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    removed = door.ask(services.remove_holder, cast.family, person_id=cast.bilal.id)
    hears(door, cast, "afterwards")

    assert removed.kept_until is None
    assert set(removed.holders) == {cast.alice.id, cast.elena.id}
    cannot_see(door, cast.bilal, accompanied)
    assert status_of(sessions, accompanied) is CaseStatus.TRIAGED
    with sessions() as session:
        links = {row.number: row.link for row in session.scalars(select(EpochRow))}
    assert links == {1: None, 2: None}
    assert words_in(door, cast.elena, accompanied) == [FIRST, "afterwards"]
    with sessions() as session:
        assert session.scalar(select(EpochRow.link).where(EpochRow.number == 2)) is not None


def test_whoever_comes_after_a_family_removed_somebody_reads_the_history_too(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    door.ask(services.remove_holder, cast.family, person_id=cast.bilal.id)
    offers = offered_to(door, cast, accompanied, cast.chiara)
    door.ask(services.accept, cast.chiara.in_chat, offer_id=offers["chiara"])

    assert words_in(door, cast.chiara, accompanied) == [FIRST]


def test_what_cannot_be_read_yet_is_said_and_comes_back(
    door: Door, cast: Cast, triaged: CaseId, offers: dict[str, OfferId]
) -> None:
    """The key turned between the offer and the yes, with nobody's key at hand."""
    door.ask(services.remove_holder, cast.family, person_id=cast.elena.id)
    hears(door, cast, "afterwards")
    door.ask(services.accept, cast.bilal.in_chat, offer_id=offers["bilal"])

    seen = door.ask(services.room, cast.bilal.at_desk, case_id=triaged)
    assert [each.text.reveal() for each in seen.entries] == ["afterwards"]
    assert seen.unreadable == 1
    assert words_in(door, cast.alice, triaged) == [FIRST, "afterwards"]
    assert words_in(door, cast.bilal, triaged) == [FIRST, "afterwards"]


def test_a_family_that_removes_its_only_reader_is_not_left_alone(
    door: Door, cast: Cast, received: CaseId
) -> None:
    door.ask(services.hand_over, cast.alice.at_desk, case_id=received, to=cast.elena.id)
    removed = door.ask(services.remove_holder, cast.family, person_id=cast.elena.id)
    hears(door, cast, "afterwards")

    assert removed.holders == (cast.alice.id,)
    assert removed.kept_until is not None
    cannot_see(door, cast.elena, received)
    seen = door.ask(services.room, cast.alice.at_desk, case_id=received)
    assert [each.text.reveal() for each in seen.entries] == ["afterwards"]
    assert seen.unreadable == 1


def test_nobody_is_removed_when_nobody_would_be_left(
    door: Door, cast: Cast, received: CaseId, sessions: sessionmaker[Session]
) -> None:
    door.ask(services.drop, cast.elena.at_desk, case_id=received)
    with sessions.begin() as session:
        session.execute(
            update(PersonRow)
            .where(PersonRow.id == cast.elena.id)
            .values(standing=Standing.SUSPENDED)
        )
    with pytest.raises(NobodyToReceive):
        door.ask(services.remove_holder, cast.family, person_id=cast.alice.id)
    assert words_in(door, cast.alice, received) == [FIRST]


def test_a_family_removes_only_those_who_hold_its_case(
    door: Door, cast: Cast, received: CaseId
) -> None:
    for who in (cast.family, cast.strangers):
        with pytest.raises(NotVisible):
            door.ask(services.remove_holder, who, person_id=cast.bilal.id)
    for member in (cast.alice.at_desk, cast.bilal.in_chat):
        with pytest.raises(NotVisible):
            door.ask(services.remove_holder, member, person_id=cast.elena.id)
    assert words_in(door, cast.alice, received) == [FIRST]


def test_a_family_sees_who_can_open_and_when_they_last_did(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    words_in(door, cast.bilal, accompanied)
    found = {each.alias: each for each in door.look(services.holders, cast.family)}

    assert set(found) == {"Alice", "Elena", "Bilal"}
    assert found["Bilal"].last_opened == door.now()
    assert found["Bilal"].role is Role.ACTIVIST
    assert found["Elena"].last_opened is None


def test_an_open_offer_survives_a_new_key(
    door: Door, cast: Cast, triaged: CaseId, offers: dict[str, OfferId]
) -> None:
    door.ask(services.rekey, cast.alice.at_desk, case_id=triaged)
    hears(door, cast, "afterwards")
    (still,) = door.look(services.my_offers, cast.bilal.at_desk)
    door.ask(services.accept, cast.bilal.in_chat, offer_id=offers["bilal"])

    assert still.brief == Plaintext("brief canary")
    assert words_in(door, cast.bilal, triaged) == [FIRST, "afterwards"]


def test_an_accompanier_who_leaves_in_the_chat_leaves_no_key_behind(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    door.ask(services.withdraw, cast.bilal.in_chat, case_id=accompanied)

    cannot_see(door, cast.bilal, accompanied)
    assert status_of(sessions, accompanied) is CaseStatus.TRIAGED
    assert words_in(door, cast.alice, accompanied) == [FIRST]
    with pytest.raises(NotVisible):
        door.ask(services.withdraw, cast.bilal.in_chat, case_id=accompanied)


def test_an_accompanier_who_is_alone_hands_back_at_the_desk_only(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    for who in (cast.alice, cast.elena):
        door.ask(services.drop, who.at_desk, case_id=accompanied)
    with pytest.raises(NoKey):
        door.ask(services.withdraw, cast.bilal.in_chat, case_id=accompanied)
    door.ask(services.withdraw, cast.bilal.at_desk, case_id=accompanied)

    cannot_see(door, cast.bilal, accompanied)
    assert words_in(door, cast.elena, accompanied) == [FIRST]


def test_the_last_reader_cannot_drop(door: Door, cast: Cast, received: CaseId) -> None:
    door.ask(services.drop, cast.elena.at_desk, case_id=received)
    cannot_see(door, cast.elena, received)
    with pytest.raises(LastReader):
        door.ask(services.drop, cast.alice.at_desk, case_id=received)


def test_a_shared_case_is_read_from_its_beginning(door: Door, cast: Cast, received: CaseId) -> None:
    new = somebody(door, "fatima", Role.COORDINATOR)
    door.ask(services.rekey, cast.alice.at_desk, case_id=received)
    hears(door, cast, "afterwards")
    door.ask(services.share, cast.alice.at_desk, case_id=received, with_=new.id)

    assert words_in(door, new, received) == [FIRST, "afterwards"]


def test_whoever_hands_over_drops_their_own(
    door: Door, cast: Cast, received: CaseId, sessions: sessionmaker[Session]
) -> None:
    new = somebody(door, "fatima", Role.COORDINATOR)
    door.ask(services.hand_over, cast.alice.at_desk, case_id=received, to=new.id)

    cannot_see(door, cast.alice, received)
    assert words_in(door, new, received) == [FIRST]
    with sessions() as session:
        assert session.scalar(select(CaseRow.coordinator_id)) == new.id


def test_a_case_is_handed_to_coordinators_and_shared_with_the_vetted_only(
    door: Door, cast: Cast, received: CaseId
) -> None:
    for to in (cast.bilal, cast.alice):
        with pytest.raises(BadInput):
            door.ask(services.hand_over, cast.alice.at_desk, case_id=received, to=to.id)
    with pytest.raises(BadInput):
        door.ask(services.share, cast.alice.at_desk, case_id=received, with_=cast.dino.id)
    cannot_see(door, cast.bilal, received)


def test_an_activist_decides_nothing_about_who_holds(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    bilal = cast.bilal.at_desk
    with pytest.raises(NotAllowed):
        door.ask(services.share, bilal, case_id=accompanied, with_=cast.chiara.id)
    with pytest.raises(NotAllowed):
        door.ask(services.rekey, bilal, case_id=accompanied, without=cast.alice.id)
    with pytest.raises(NotAllowed):
        door.ask(services.drop, bilal, case_id=accompanied)


def test_a_removed_persons_grants_are_gone_in_every_epoch(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    door.ask(services.rekey, cast.alice.at_desk, case_id=accompanied)
    door.ask(services.remove_holder, cast.family, person_id=cast.bilal.id)
    with sessions() as session:
        left = session.scalar(
            select(func.count()).select_from(GrantRow).where(GrantRow.member_id == cast.bilal.id)
        )
        waiting = session.scalars(select(OfferRow.pending_key)).all()
    assert left == 0
    assert set(waiting) == {b""}


def test_whoever_was_invited_and_then_left_out_cannot_accept(
    door: Door, cast: Cast, triaged: CaseId, sessions: sessionmaker[Session]
) -> None:
    offers = offered_to(door, cast, triaged, cast.chiara)
    door.ask(services.share, cast.alice.at_desk, case_id=triaged, with_=cast.chiara.id)
    door.ask(services.remove_holder, cast.family, person_id=cast.chiara.id)

    assert status_of(sessions, triaged) is CaseStatus.TRIAGED
    with pytest.raises(WrongMoment):
        door.ask(services.accept, cast.chiara.in_chat, offer_id=offers["chiara"])
    cannot_see(door, cast.chiara, triaged)


def removed_from_the_network(sessions: sessionmaker[Session], who: Somebody) -> None:
    with sessions.begin() as session:
        session.execute(
            update(PersonRow)
            .where(PersonRow.id == who.id)
            .values(standing=Standing.REMOVED, public_key=None)
        )


def test_whoever_leaves_the_network_leaves_every_case(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    removed_from_the_network(sessions, cast.bilal)
    assert door.ask(services.let_go_of_removed, CLOCK) == 1
    assert door.ask(services.let_go_of_removed, CLOCK) == 0
    hears(door, cast, "afterwards")

    assert status_of(sessions, accompanied) is CaseStatus.TRIAGED
    with sessions() as session:
        assert cast.bilal.id not in set(session.scalars(select(GrantRow.member_id)))
    assert words_in(door, cast.alice, accompanied) == [FIRST, "afterwards"]


@pytest.mark.usefixtures("accompanied")
def test_the_clock_takes_their_keys_from_those_who_left_unasked(
    door: Door, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    removed_from_the_network(sessions, cast.bilal)
    for _, knock in TICKS.values():
        door.ask(knock, CLOCK)

    with sessions() as session:
        assert cast.bilal.id not in set(session.scalars(select(GrantRow.member_id)))


def test_an_offer_to_somebody_who_left_the_network_ends_with_the_next_key(
    door: Door, cast: Cast, triaged: CaseId, sessions: sessionmaker[Session]
) -> None:
    offered_to(door, cast, triaged, cast.bilal)
    removed_from_the_network(sessions, cast.bilal)
    door.ask(services.rekey, cast.alice.at_desk, case_id=triaged)

    assert status_of(sessions, triaged) is CaseStatus.TRIAGED
    with sessions() as session:
        assert session.scalars(select(OfferRow.pending_key)).all() == [b""]


def test_the_last_reader_who_left_the_network_is_kept_until_somebody_can_follow(
    door: Door, cast: Cast, received: CaseId, sessions: sessionmaker[Session]
) -> None:
    for who in (cast.alice, cast.elena):
        removed_from_the_network(sessions, who)
    assert door.ask(services.let_go_of_removed, CLOCK) == 0
    new = somebody(door, "fatima", Role.COORDINATOR)
    for _ in range(2):
        door.ask(services.let_go_of_removed, CLOCK)
    hears(door, cast, "afterwards")

    seen = door.ask(services.room, new.at_desk, case_id=received)
    assert [each.text.reveal() for each in seen.entries] == ["afterwards"]


@pytest.mark.usefixtures("accompanied")
def test_a_case_whose_accompanier_was_stopped_is_said_once_a_day_and_shown_to_the_family(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    def told() -> list[int]:
        found: list[Letter] = []
        for _ in range(5):
            clock.advance(timedelta(seconds=5))  # a chat is not written to twice in a second
            leased = door.ask(take, Engine("postman"), limit=50)
            door.ask(settle, Engine("postman"), outcomes=[Delivered(one, 1) for one in leased])
            found += [letter for one in leased for letter in one.letters]
        return sorted(letter.to for letter in found if letter.say == HAS_NOBODY)

    assert door.ask(services.tell_of_stopped, CLOCK) == 0
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.bilal.id)
    told()
    assert door.ask(services.tell_of_stopped, CLOCK) == 1
    assert told() == sorted([cast.alice.chat, cast.elena.chat])
    door.ask(services.tell_of_stopped, CLOCK)
    assert told() == []
    clock.advance(timedelta(days=1))
    door.ask(services.tell_of_stopped, CLOCK)
    assert told() == sorted([cast.alice.chat, cast.elena.chat])
    shown = {one.alias: one.is_stopped for one in door.look(services.holders, cast.family)}
    assert shown == {"Alice": False, "Bilal": True, "Elena": False}
    door.ask(people.restore, cast.alice.at_desk, person_id=cast.bilal.id)
    assert door.ask(services.tell_of_stopped, CLOCK) == 0
