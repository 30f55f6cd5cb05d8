"""What was opened together is shut again by itself, and one that waits keeps no other open."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network.cases import services as cases
from network.cases.domain import Urgency
from network.cases.services import glass
from network.cases.tables import CaseRow, EpochRow
from network.kernel.errors import NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.people.domain import Clearance, Level
from tests.cases.conftest import words_in
from tests.cast import Cast
from tests.quorum.conftest import DAY, FIRST, Coordination, loses_every_key
from tests.quorum.opening import CLOCK, asks, asks_about, opens
from tests.vetting.clearing import clear


def test_it_is_shut_again_by_itself_with_a_new_key(
    founded: Coordination, cast: Cast, lost: CaseId, sessions: sessionmaker[Session]
) -> None:
    c = founded
    ceremony = asks(c, cast, lost, c.alice)
    c.clock.advance(DAY)
    for who in (c.elena, c.fatima):
        c.says_yes(who, ceremony)
    opens(c, c.alice, ceremony)
    assert c.door.ask(glass.end_openings, CLOCK) == 0
    c.door.ask(cases.share, c.alice.at_desk, case_id=lost, with_=c.elena.id)
    c.clock.advance(DAY)
    assert c.door.ask(glass.end_openings, CLOCK) == 1
    c.door.ask(cases.hear, cast.family, text=Plaintext("afterwards"))

    with pytest.raises(NotVisible):
        words_in(c.door, c.alice, lost)
    assert words_in(c.door, c.elena, lost) == [FIRST, "afterwards"]
    with sessions() as session:
        assert session.scalar(select(CaseRow.epoch)) == 2
        held = list(session.scalars(select(EpochRow.recovery_sealed)))
    assert len(held) == 2
    assert all(held)
    assert c.door.ask(glass.end_openings, CLOCK) == 0


@pytest.fixture
def two_open(
    founded: Coordination, cast: Cast, lost: CaseId, sessions: sessionmaker[Session]
) -> tuple[CaseId, CaseId]:
    """Two cases that Alice opened, the other family's first; Elena can open both by now."""
    c = founded
    found = c.door.ask(
        cases.intake, cast.neighbours, situation="missing", text=Plaintext("theirs")
    ).case
    loses_every_key(sessions)
    asked = [
        asks_about(c, found.card.reference, found.id, c.alice),
        asks(c, cast, lost, c.alice),
    ]
    c.clock.advance(DAY)
    for ceremony in asked:
        for who in (c.elena, c.fatima):
            c.says_yes(who, ceremony)
        opens(c, c.alice, ceremony)
    for case in (found.id, lost):
        c.door.ask(cases.share, c.alice.at_desk, case_id=case, with_=c.elena.id)
    return found.id, lost


def test_where_whoever_else_could_open_it_may_not_any_more_it_waits_and_keeps_no_other_open(
    founded: Coordination, two_open: tuple[CaseId, CaseId]
) -> None:
    """All the others have their own interests where that family is."""
    c = founded
    theirs, lost = two_open
    c.door.ask(
        cases.triage,
        c.alice.at_desk,
        case_id=theirs,
        urgency=Urgency.TODAY,
        zone="09",
        need="somebody beside them",
    )
    today = c.door.now().date()
    for who in (c.elena, c.fatima, c.gael):
        clear(c.door, who, Clearance(Level.FULL, today, zones=("09",)))
    c.clock.advance(DAY)

    assert c.door.ask(glass.end_openings, CLOCK) == 1
    with pytest.raises(NotVisible):
        words_in(c.door, c.alice, lost)
    assert words_in(c.door, c.alice, theirs) == ["theirs"]
    clear(c.door, c.elena, Clearance(Level.FULL, today))
    assert c.door.ask(glass.end_openings, CLOCK) == 1
    with pytest.raises(NotVisible):
        words_in(c.door, c.alice, theirs)


def test_one_that_cannot_be_shut_keeps_no_other_open(
    founded: Coordination, two_open: tuple[CaseId, CaseId], sessions: sessionmaker[Session]
) -> None:
    """The row of its next key is there already: nobody knows why."""
    c = founded
    theirs, lost = two_open
    with sessions.begin() as session:
        row = EpochRow(case_id=theirs, number=2, public_key=b"?", begun_on=c.door.now().date())
        session.add(row)
    c.clock.advance(DAY)

    assert c.door.ask(glass.end_openings, CLOCK) == 1
    with pytest.raises(NotVisible):
        words_in(c.door, c.alice, lost)
    assert words_in(c.door, c.alice, theirs) == ["theirs"]
