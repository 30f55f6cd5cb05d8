"""An offer goes to a few; one yes wins, and a no leaves no key behind."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network.cases import services
from network.cases.domain import CaseStatus, OfferStatus
from network.cases.tables import CaseRow, GrantRow, OfferRow
from network.door import Door
from network.kernel.actor import Engine, Role
from network.kernel.errors import BadInput, NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, OfferId
from tests.cases.conftest import offered_to, words_in
from tests.cast import Cast, somebody
from tests.ground.clock import StillClock

CLOCK = Engine("clock")


def test_whoever_accepts_in_the_chat_reads_everything_at_the_desk(
    door: Door, cast: Cast, triaged: CaseId, offers: dict[str, OfferId]
) -> None:
    case = door.ask(services.accept, cast.bilal.in_chat, offer_id=offers["bilal"])

    assert case.activist == cast.bilal.id
    assert words_in(door, cast.bilal, triaged) == ["canary: he went out and did not come back"]


def test_a_taken_case_is_gone_for_whoever_comes_second(
    door: Door, cast: Cast, accompanied: CaseId, offers: dict[str, OfferId]
) -> None:
    with pytest.raises(WrongMoment):
        door.ask(services.accept, cast.chiara.in_chat, offer_id=offers["chiara"])
    with pytest.raises(NotVisible):
        door.ask(services.room, cast.chiara.at_desk, case_id=accompanied)
    assert door.look(services.my_offers, cast.chiara.at_desk) == ()


@pytest.mark.usefixtures("accompanied")
def test_no_key_outlives_its_offer(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        rows = session.scalars(select(OfferRow)).all()
        assert {row.status for row in rows} == {OfferStatus.ACCEPTED, OfferStatus.WITHDRAWN}
        assert {row.pending_key + row.brief for row in rows} == {b""}


def test_an_offer_shows_its_brief_to_whoever_was_asked_and_to_nobody_else(
    door: Door, cast: Cast, offers: dict[str, OfferId]
) -> None:
    (found,) = door.look(services.my_offers, cast.bilal.at_desk)
    assert found.brief == Plaintext("brief canary")
    assert found.zone == "09"
    (in_chat,) = door.look(services.my_offers, cast.bilal.in_chat)
    assert in_chat.brief is None
    assert door.look(services.my_offers, cast.alice.at_desk) == ()
    with pytest.raises(NotVisible):
        door.ask(services.accept, cast.dino.in_chat, offer_id=offers["bilal"])
    with pytest.raises(NotVisible):
        door.ask(services.accept, cast.chiara.in_chat, offer_id=offers["bilal"])


def test_when_both_say_no_the_coordinators_look_again(
    door: Door, cast: Cast, triaged: CaseId, offers: dict[str, OfferId]
) -> None:
    door.ask(services.decline, cast.bilal.in_chat, offer_id=offers["bilal"])
    assert door.look(services.desk, cast.alice.at_desk).counts == {CaseStatus.OFFERED: 1}
    door.ask(services.decline, cast.chiara.in_chat, offer_id=offers["chiara"])
    assert door.look(services.desk, cast.alice.at_desk).counts == {CaseStatus.TRIAGED: 1}
    again = offered_to(door, cast, triaged, cast.chiara)
    door.ask(services.accept, cast.chiara.at_desk, offer_id=again["chiara"])


def test_an_offer_nobody_takes_ends_with_the_packs_time(
    door: Door, cast: Cast, clock: StillClock, offers: dict[str, OfferId]
) -> None:
    clock.advance(door.pack.offers.expires_normal - timedelta(seconds=1))
    assert door.ask(services.expire_offers, CLOCK) == 0
    clock.advance(timedelta(seconds=1))
    with pytest.raises(WrongMoment):
        door.ask(services.accept, cast.bilal.in_chat, offer_id=offers["bilal"])
    assert door.ask(services.expire_offers, CLOCK) == 2
    assert door.ask(services.expire_offers, CLOCK) == 0
    assert door.look(services.desk, cast.alice.at_desk).counts == {CaseStatus.TRIAGED: 1}


def test_an_offer_taken_back_cannot_be_accepted(
    door: Door, cast: Cast, triaged: CaseId, offers: dict[str, OfferId]
) -> None:
    door.ask(services.withdraw_offer, cast.elena.at_desk, case_id=triaged)

    with pytest.raises(WrongMoment):
        door.ask(services.accept, cast.bilal.in_chat, offer_id=offers["bilal"])


def test_only_active_activists_and_at_most_three_are_asked(
    door: Door, cast: Cast, triaged: CaseId
) -> None:
    more = [somebody(door, name, Role.ACTIVIST) for name in ("fatima", "goran")]
    for wrong in (
        (cast.dino,),
        (cast.alice,),
        (),
        (cast.bilal, cast.chiara, *more),
    ):
        with pytest.raises(BadInput):
            offered_to(door, cast, triaged, *wrong)


def test_an_activist_cannot_offer_and_a_coordinator_cannot_accept(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    with pytest.raises(NotAllowed):
        door.ask(
            services.offer,
            cast.bilal.at_desk,
            case_id=accompanied,
            to=(cast.chiara.id,),
            brief=Plaintext("x"),
        )


@pytest.mark.usefixtures("accompanied")
def test_the_ladder_is_copied_when_somebody_accepts(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        assert session.scalar(select(CaseRow.ladder)) != ""
        assert len(session.scalars(select(GrantRow)).all()) == 3
