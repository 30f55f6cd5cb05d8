"""Putting somebody out takes two; then everything of theirs ends, and what they had is counted."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from network.cases import services
from network.cases.store import keys
from network.cases.tables import OfferRow
from network.db import Tx
from network.delivery import services as delivery
from network.delivery.tables import ChannelRow
from network.door import Door
from network.kernel.actor import Actor, Engine, InChat, Role
from network.kernel.errors import NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, OfferId, ProposalId
from network.people import services as people
from network.proposals.domain import NeedsAnother, NobodyElse
from network.ringing import SCHEMAS
from tests.cases.browsing import Browser, signed_in
from tests.cases.conftest import words_in
from tests.cases.leaving import leaves
from tests.cast import Cast, Somebody, somebody
from tests.ground.clock import StillClock

CLOCK = Engine("clock")
WHY = Plaintext("habla con quien no debe")


def propose(door: Door, by: Somebody, whom: Somebody) -> ProposalId:
    return door.ask(services.propose_removal, by.at_desk, person_id=whom.id, reason=WHY)


def removed(door: Door, cast: Cast, whom: Somebody) -> None:
    """Alice proposes, Elena confirms."""
    waiting = propose(door, cast.alice, whom)
    assert door.ask(services.remove, cast.elena.at_desk, proposal_id=waiting) == whom.id


def turn_all(door: Door) -> int:
    turned = 0
    while some := door.ask(services.let_go_of_removed, CLOCK):
        turned += some
    return turned


def test_one_alone_removes_nobody(door: Door, cast: Cast, accompanied: CaseId) -> None:
    waiting = propose(door, cast.alice, cast.bilal)
    assert words_in(door, cast.bilal, accompanied)
    with pytest.raises(NeedsAnother):
        door.ask(services.remove, cast.alice.at_desk, proposal_id=waiting)
    with pytest.raises(NotAllowed):
        door.ask(services.remove, cast.chiara.at_desk, proposal_id=waiting)
    door.ask(services.remove, cast.elena.at_desk, proposal_id=waiting)
    with pytest.raises(WrongMoment):
        door.ask(services.remove, cast.elena.at_desk, proposal_id=waiting)
    with pytest.raises(WrongMoment):
        propose(door, cast.alice, cast.bilal)


def test_a_coordinator_is_removed_by_two_others(door: Door, cast: Cast) -> None:
    with pytest.raises(NobodyElse):
        propose(door, cast.alice, cast.elena)
    farid = somebody(door, "farid", Role.COORDINATOR)
    with pytest.raises(NotAllowed):
        propose(door, farid, farid)
    waiting = propose(door, cast.alice, farid)
    with pytest.raises(NotVisible):
        door.ask(services.remove, farid.at_desk, proposal_id=waiting)
    theirs = propose(door, farid, cast.bilal)
    door.ask(services.remove, cast.elena.at_desk, proposal_id=waiting)
    with pytest.raises(WrongMoment):  # what the removed one proposed is void
        door.ask(services.remove, cast.elena.at_desk, proposal_id=theirs)


def test_everything_of_theirs_ends_in_the_same_moment(
    door: Door, cast: Cast, offers: dict[str, OfferId]
) -> None:
    door.ask(
        delivery.add_channel,
        cast.bilal.at_desk,
        address=Plaintext("ntfys://example.org/topic"),
        schemas=SCHEMAS,
        mail=False,
    )
    browser = cast.bilal.at_desk
    removed(door, cast, cast.bilal)
    with pytest.raises(NotVisible):
        door.look(people.whoami, browser)
    assert door.look(people.whoami, InChat(cast.bilal.chat)).role is Role.FAMILY
    with door.database.reading() as session:
        assert session.scalars(select(ChannelRow)).all() == []
        theirs = session.scalars(select(OfferRow).where(OfferRow.member_id == cast.bilal.id)).one()
        assert (theirs.status.value, theirs.pending_key, theirs.brief) == ("withdrawn", b"", b"")
    assert [one.offer.id for one in door.look(services.my_offers, cast.chiara.at_desk)] == [
        offers["chiara"]
    ]


def test_every_case_they_held_turns_its_key_and_its_family_is_told(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    other = door.ask(
        services.intake, cast.neighbours, situation="missing", text=Plaintext("another")
    ).case.id
    door.ask(services.share, cast.alice.at_desk, case_id=other, with_=cast.bilal.id)
    removed(door, cast, cast.bilal)
    before = door.look(services.progress, cast.alice.at_desk, person_id=cast.bilal.id)
    assert before is not None
    assert (before.cases, before.turned) == (2, 0)
    with door.database.reading() as session:
        letters = session.scalar(text("select count(*) from outbox"))
    assert turn_all(door) == 2
    after = door.look(services.progress, cast.alice.at_desk, person_id=cast.bilal.id)
    assert after is not None
    assert (after.left, after.turned) == (0, 2)
    for case, family in ((accompanied, cast.family), (other, cast.neighbours)):
        door.ask(services.hear, family, text=Plaintext("afterwards"))
        assert words_in(door, cast.elena, case)[-1] == "afterwards"
    with door.database.reading() as session:
        epochs = session.scalars(text("select epoch from cases")).all()
        assert session.scalar(text("select count(*) from outbox")) > letters
    assert list(epochs) == [2, 2]


def test_a_turning_that_was_killed_goes_on_where_it_stood(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    assert words_in(door, cast.bilal, accompanied)
    removed(door, cast, cast.bilal)

    class Killed(BaseException):
        """The process ends before the commit."""

    def half(tx: Tx, actor: Actor) -> None:
        assert services.let_go_of_removed(tx, actor) == 1
        raise Killed

    with pytest.raises(Killed):
        door.ask(half, CLOCK)
    left = door.look(services.progress, cast.alice.at_desk, person_id=cast.bilal.id)
    assert left is not None
    assert left.left == 1
    assert turn_all(door) == 1


def test_no_case_waits_for_ever_behind_one_that_nobody_can_receive(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    other = door.ask(
        services.intake, cast.neighbours, situation="missing", text=Plaintext("another")
    ).case.id
    door.ask(services.share, cast.alice.at_desk, case_id=other, with_=cast.bilal.id)

    def first(tx: Tx, _: Actor) -> CaseId:
        ((_who, case_id),) = keys.held_by_any(tx, [cast.bilal.id], limit=1)
        return case_id

    assert {door.ask(first, CLOCK) for _ in range(60)} == {accompanied, other}


def test_the_report_says_what_they_could_open_and_what_they_did(
    door: Door, cast: Cast, accompanied: CaseId, clock: StillClock
) -> None:
    words_in(door, cast.bilal, accompanied)
    clock.advance(timedelta(days=2))
    words_in(door, cast.bilal, accompanied)
    unopened = door.ask(
        services.intake, cast.neighbours, situation="missing", text=Plaintext("another")
    ).case.id
    door.ask(services.share, cast.alice.at_desk, case_id=unopened, with_=cast.bilal.id)
    never = door.ask(
        services.intake, cast.strangers, situation="missing", text=Plaintext("not his")
    ).case.id

    def report() -> services.Report:
        return door.look(services.report, cast.alice.at_desk, person_id=cast.bilal.id)

    before = report()
    removed(door, cast, cast.bilal)
    turn_all(door)
    door.ask(services.hear, cast.family, text=Plaintext("afterwards"))
    after = report()
    for found in (before, after):
        lines = {each.case_id: each for each in found.cases}
        assert set(lines) == {accompanied, unopened}
        assert never not in lines
        assert [len(lines[each].openings) for each in (accompanied, unopened)] == [2, 0]
        assert [lines[each].entries for each in (accompanied, unopened)] == [1, 1]
        assert (found.opened, found.offered) == (1, 1)
    assert len(before.held) == 2
    assert after.held == ()
    assert {each.until for each in after.cases} == {door.now().date()}
    assert all(each.reference for each in after.cases)


def test_the_report_is_what_the_keys_say_whatever_way_they_went(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    """Handed over, dropped, taken away by the family: each loss is written down as it happens."""
    words_in(door, cast.bilal, accompanied)
    door.ask(services.remove_holder, cast.family, person_id=cast.bilal.id)
    door.ask(services.drop, cast.elena.at_desk, case_id=accompanied)
    for who in (cast.bilal, cast.elena):
        (line,) = door.look(services.report, cast.alice.at_desk, person_id=who.id).cases
        assert (line.case_id, line.until) == (accompanied, door.now().date())


def test_an_erased_case_leaves_only_that_it_was_opened(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    words_in(door, cast.bilal, accompanied)
    leaves(door, cast.family)
    (line,) = door.look(services.report, cast.alice.at_desk, person_id=cast.bilal.id).cases
    assert (line.reference, line.since, len(line.openings)) == ("", None, 1)


@pytest.mark.parametrize("who", ["bilal", "dino"])
def test_only_coordination_sees_a_report(door: Door, cast: Cast, who: str) -> None:
    one: Somebody = getattr(cast, who)
    with pytest.raises(NotAllowed):
        door.look(services.report, one.at_desk, person_id=cast.chiara.id)
    with pytest.raises(NotAllowed):
        door.ask(services.propose_removal, one.at_desk, person_id=cast.chiara.id, reason=WHY)


def test_a_stopped_member_is_out_at_their_next_request(
    app: Flask, door: Door, cast: Cast, accompanied: CaseId
) -> None:
    browser = signed_in(app, cast.bilal)
    assert browser.looks(f"/cases/{accompanied}").status_code == 200
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.bilal.id)
    assert browser.looks(f"/cases/{accompanied}").status_code in {302, 404}


def test_the_pages_of_a_removal(app: Flask, door: Door, cast: Cast, accompanied: CaseId) -> None:
    words_in(door, cast.bilal, accompanied)
    alice, elena = signed_in(app, cast.alice), signed_in(app, cast.elena)
    page = f"/cases/people/{cast.bilal.id}"
    assert "Bilal" in alice.reads(page)
    empty = alice.sends(f"{page}/removal", page=page, reason=" ")
    assert empty.status_code == 400
    sent = alice.sends(f"{page}/removal", page=page, reason=WHY.reveal())
    assert sent.status_code == 303
    where = sent.headers["Location"]
    assert WHY.reveal() in alice.reads(where)
    assert "1" in elena.reads("/desk")
    assert WHY.reveal() in elena.reads(where)
    done = elena.sends(f"{where}/confirm", page=where)
    assert done.headers["Location"] == page
    assert "<progress" in elena.reads(page)
    again = alice.sends(f"{where}/decline", page="/people")
    assert again.status_code == 409
    table = list(csv.reader(io.StringIO(elena.reads(f"{page}/report.csv"))))
    assert "Elena" in table.pop(0)[0]  # whose copy it is
    assert len(table) == 2
    assert_no_words(elena, page)


def assert_no_words(browser: Browser, page: str) -> None:
    for each in (page, f"{page}/report.csv"):
        assert "canary" not in browser.reads(each)
