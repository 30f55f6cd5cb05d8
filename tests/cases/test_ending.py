"""Access ends; whoever needs it says why; and no family is left without a reader by a calendar."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from network.cases import services
from network.cases.domain import Outcome, TooMuch
from network.cases.tables import CaseRow, GrantRow, RaisedRow, ReachRow
from network.door import Door
from network.kernel.actor import Engine
from network.kernel.errors import BadInput, NotAllowed, NotVisible
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId
from network.people import services as people
from network.proposals.domain import NeedsAnother
from tests.cases.browsing import signed_in
from tests.cases.conftest import offered_to, words_in
from tests.cast import Cast, Somebody
from tests.ground.clock import StillClock

CLOCK = Engine("clock")
MONTH = timedelta(days=30)
WHY = Plaintext("sigue la negociación")


def renew(door: Door, who: Somebody, case: CaseId, whose: Somebody | None = None) -> None:
    person = None if whose is None else whose.id
    door.ask(services.renew, who.at_desk, case_id=case, why=WHY, person_id=person)


def holders(door: Door, case: CaseId) -> set[object]:
    with door.database.reading() as session:
        epoch = session.scalar(select(CaseRow.epoch).where(CaseRow.id == case))
        query = select(GrantRow.member_id).where(GrantRow.case_id == case, GrantRow.epoch == epoch)
        return set(session.scalars(query))


def letters(door: Door) -> int:
    with door.database.reading() as session:
        return session.scalar(text("select count(*) from outbox")) or 0


def shut_out(door: Door, who: Somebody, case: CaseId) -> None:
    with pytest.raises(NotVisible):
        door.ask(services.room, who.at_desk, case_id=case)
    assert door.look(services.desk, who.at_desk).counts == {}


def test_what_nobody_renewed_opens_nothing_and_is_not_listed(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    clock.advance(MONTH - timedelta(days=1))
    renew(door, cast.alice, accompanied)
    words_in(door, cast.elena, accompanied)
    clock.advance(timedelta(days=1))
    shut_out(door, cast.elena, accompanied)  # before the clock came by
    assert door.ask(services.end_grants, CLOCK) == 1
    shut_out(door, cast.elena, accompanied)
    assert holders(door, accompanied) == {cast.alice.id, cast.bilal.id}
    door.ask(services.hear, cast.family, text=Plaintext("afterwards"))
    assert words_in(door, cast.alice, accompanied)[-1] == "afterwards"
    (line,) = door.look(services.report, cast.alice.at_desk, person_id=cast.elena.id).cases
    assert line.until == door.now().date()


def test_an_ended_key_opens_nothing_that_was_sealed_since(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    """The case is re-keyed: whoever kept a copy of everything from before has the old key only."""
    clock.advance(MONTH - timedelta(days=1))
    renew(door, cast.alice, accompanied)
    clock.advance(timedelta(days=1))
    door.ask(services.end_grants, CLOCK)
    with door.database.reading() as session:
        assert session.scalar(select(CaseRow.epoch)) == 2
        theirs = select(func.count()).where(GrantRow.member_id == cast.elena.id)
        assert session.scalar(theirs) == 0


def test_a_word_why_renews_it_and_stands_in_the_room(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    clock.advance(timedelta(days=26))
    assert [one.ends_on for one in door.look(services.endings, cast.bilal.at_desk)]
    renew(door, cast.bilal, accompanied)
    renew(door, cast.alice, accompanied, cast.elena)
    renew(door, cast.alice, accompanied)
    assert door.look(services.endings, cast.bilal.at_desk) == ()
    clock.advance(timedelta(days=10))
    assert door.ask(services.end_grants, CLOCK) == 0
    found = words_in(door, cast.elena, accompanied)
    assert sum(WHY.reveal() in one for one in found) == 3


@pytest.mark.parametrize("why", ["", "x" * 201])
def test_without_a_word_nothing_is_renewed(
    door: Door, cast: Cast, accompanied: CaseId, why: str
) -> None:
    with pytest.raises(BadInput):
        door.ask(services.renew, cast.bilal.at_desk, case_id=accompanied, why=Plaintext(why))


def test_an_activist_renews_their_own_only_and_nobody_what_they_cannot_open(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    with pytest.raises(NotAllowed):
        renew(door, cast.bilal, accompanied, cast.elena)
    with pytest.raises(BadInput):
        renew(door, cast.alice, accompanied, cast.chiara)
    with pytest.raises(NotVisible):
        renew(door, cast.chiara, accompanied)


def test_the_accompaniers_access_goes_on_and_coordination_hears_of_it(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    clock.advance(MONTH - timedelta(days=1))
    renew(door, cast.alice, accompanied)
    clock.advance(timedelta(days=1))
    assert words_in(door, cast.bilal, accompanied)  # also before the clock came by
    before = letters(door)
    door.ask(services.end_grants, CLOCK)
    assert letters(door) > before
    assert words_in(door, cast.bilal, accompanied)
    (again,) = door.look(services.endings, cast.bilal.at_desk)
    assert again.ends_on == door.now().date() + timedelta(days=3)


def test_a_family_is_never_left_without_a_reader(
    door: Door, cast: Cast, received: CaseId, clock: StillClock
) -> None:
    clock.advance(MONTH * 2)
    assert words_in(door, cast.alice, received)  # the clock stood still for a month
    assert door.ask(services.end_grants, CLOCK) == 0
    clock.advance(timedelta(days=1))
    assert words_in(door, cast.alice, received)
    door.ask(services.hear, cast.family, text=Plaintext("afterwards"))
    assert words_in(door, cast.elena, received)[-1] == "afterwards"


def test_somebody_who_was_stopped_counts_as_nobody(
    door: Door, cast: Cast, received: CaseId, clock: StillClock
) -> None:
    """Elena renewed and was stopped; Alice's day has come: hers is the last that counts."""
    clock.advance(MONTH - timedelta(days=1))
    renew(door, cast.elena, received)
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.elena.id)
    clock.advance(timedelta(days=1))
    door.ask(services.end_grants, CLOCK)
    assert cast.alice.id in holders(door, received)
    assert words_in(door, cast.alice, received)


def test_a_new_key_does_not_lengthen_anybodys_access(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    clock.advance(timedelta(days=20))
    door.ask(services.rekey, cast.alice.at_desk, case_id=accompanied)
    with door.database.reading() as session:
        days = set(session.scalars(select(GrantRow.ends_on)))
    assert days == {door.now().date() + timedelta(days=10)}


def test_whoever_was_shut_out_can_be_given_a_key_again(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    clock.advance(MONTH - timedelta(days=1))
    renew(door, cast.alice, accompanied)
    clock.advance(timedelta(days=1))
    door.ask(services.share, cast.alice.at_desk, case_id=accompanied, with_=cast.elena.id)
    assert words_in(door, cast.elena, accompanied)


def test_a_closed_case_ends_for_everybody_without_a_new_key(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    door.ask(services.close, cast.alice.at_desk, case_id=accompanied, outcome=Outcome.REUNITED)
    clock.advance(MONTH)
    assert door.ask(services.end_grants, CLOCK) == 3
    assert holders(door, accompanied) == set()
    shut_out(door, cast.alice, accompanied)


def test_a_letter_says_so_five_days_before_and_on_the_day_before_and_once_each(
    door: Door, accompanied: CaseId, clock: StillClock
) -> None:
    assert len(holders(door, accompanied)) == 3
    start = letters(door)
    clock.advance(timedelta(days=25))
    for _ in range(3):
        assert door.ask(services.warn_of_ends, CLOCK) == 3
    assert letters(door) == start + 3
    clock.advance(timedelta(days=4))
    door.ask(services.warn_of_ends, CLOCK)
    assert letters(door) == start + 6
    clock.advance(timedelta(days=1))
    assert door.ask(services.warn_of_ends, CLOCK) == 0


def test_only_the_clock_ends_and_counts(door: Door, cast: Cast) -> None:
    for verb in (services.end_grants, services.warn_of_ends, services.measure_reach):
        with pytest.raises(NotAllowed):
            door.ask(verb, cast.alice.at_desk)


def test_reach_is_counted_once_a_day(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    door.ask(services.hear, cast.family, text=Plaintext("more"))
    assert door.ask(services.measure_reach, CLOCK) == 3
    assert door.ask(services.measure_reach, CLOCK) == 0
    clock.advance(timedelta(days=1))
    door.ask(services.intake, cast.neighbours, situation="missing", text=Plaintext("another"))
    door.ask(services.measure_reach, CLOCK)
    found = door.look(services.reach, cast.elena.at_desk, person_id=cast.alice.id)
    assert [(day.cases, day.entries, day.families) for day in found.days] == [(1, 2, 1), (2, 3, 2)]
    theirs = door.look(services.reach, cast.elena.at_desk, person_id=cast.bilal.id)
    assert [(day.cases, day.entries) for day in theirs.days] == [(1, 2), (1, 2)]
    assert (theirs.now, theirs.most) == (1, 8)
    clock.advance(timedelta(days=400))
    door.ask(services.measure_reach, CLOCK)
    with door.database.reading() as session:
        assert session.scalar(select(func.min(ReachRow.on))) == door.now().date()
    assert holders(door, accompanied)


def test_beyond_the_limit_two_must_decide(door: Door, cast: Cast, triaged: CaseId) -> None:
    for number in range(8):
        family = type(cast.family)(6_000_000 + number)
        case = door.ask(
            services.intake, family, situation="missing", text=Plaintext("words")
        ).case.id
        door.ask(services.share, cast.alice.at_desk, case_id=case, with_=cast.bilal.id)
    with pytest.raises(TooMuch):
        door.ask(services.share, cast.alice.at_desk, case_id=triaged, with_=cast.bilal.id)
    with pytest.raises(TooMuch):
        offered_to(door, cast, triaged, cast.bilal)
    for wrong in (8, 0, 1001):
        with pytest.raises(BadInput):
            door.ask(
                services.propose_reach,
                cast.alice.at_desk,
                person_id=cast.bilal.id,
                most=wrong,
                reason=WHY,
            )
    waiting = door.ask(
        services.propose_reach, cast.alice.at_desk, person_id=cast.bilal.id, most=9, reason=WHY
    )
    with pytest.raises(NeedsAnother):
        door.ask(services.raise_reach, cast.alice.at_desk, proposal_id=waiting)
    door.ask(services.raise_reach, cast.elena.at_desk, proposal_id=waiting)
    door.ask(services.share, cast.alice.at_desk, case_id=triaged, with_=cast.bilal.id)
    with door.database.writing.begin() as session:
        session.execute(update(RaisedRow).values(until_on=door.now().date()))
    found = door.look(services.reach, cast.elena.at_desk, person_id=cast.bilal.id)
    assert (found.now, found.most, found.raised_until) == (9, 8, None)


def test_a_family_is_taken_in_whatever_the_limit(door: Door, cast: Cast, received: CaseId) -> None:
    """The limit keeps nobody from being answered: it is asked where somebody chooses a reader."""
    assert holders(door, received) == {cast.alice.id, cast.elena.id}


def test_the_pages_of_an_ending(
    app: Flask, door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    clock.advance(timedelta(days=26))
    bilal = signed_in(app, cast.bilal)
    assert f"/cases/{accompanied}/renew" in bilal.reads("/cases/")
    sent = bilal.sends(f"/cases/{accompanied}/renew", person=str(cast.bilal.id), why=WHY.reveal())
    assert sent.status_code == 303
    assert f"/cases/{accompanied}/renew" not in bilal.reads("/cases/")
    alice = signed_in(app, cast.alice)
    assert f"/cases/{accompanied}/renew" in alice.reads("/desk")
    empty = alice.sends(f"/cases/{accompanied}/renew", person=str(cast.alice.id), why=" ")
    assert empty.status_code == 400
    door.ask(services.measure_reach, CLOCK)
    page = f"/cases/people/{cast.bilal.id}"
    assert "<rect" in alice.reads(page)
    wrong = alice.sends(f"{page}/reach", page=page, most="2", reason="x")
    assert wrong.status_code == 400
    assert alice.sends(f"{page}/reach", page=page, most="20", reason="x").status_code == 303
