"""What somebody is tied to: asked, kept from everybody but their two, and gating what it should."""

from dataclasses import astuple
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from config.settings import load
from network.app import create_app
from network.cases import services as cases
from network.db import Tx
from network.door import Door
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, NotAllowed, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, PersonId
from network.people import services as people
from network.people.domain import Clearance, Level
from network.vetting import services
from network.vetting.domain.gate import Bar, NotCleared
from network.vetting.domain.path import Tie
from network.vetting.store import applications, seats
from tests.cases.browsing import Field, signed_in
from tests.cast import Cast, Somebody, somebody
from tests.ground.clock import StillClock
from tests.vetting.clearing import TEST, clear
from tests.vetting.walking import GALA, LETTERS, SAID, applied, at_approval, member, take

HERE = "09"


@pytest.fixture
def app(door: Door) -> Flask:
    return create_app(load({"HILO_SECRET": ServerSecret.new_text()}), door)


def changed(door: Door, who: Somebody, application: UUID, *ties: str, zones: str) -> None:
    door.ask(
        services.change_interests,
        who.at_desk,
        application_id=application,
        said=SAID,
        ties=ties,
        zones=zones.split(),
    )


def inside(door: Door, cast: Cast) -> tuple[UUID, PersonId]:
    application, gala = at_approval(door, cast)
    take(door, cast.alice, application, services.approve)
    take(door, cast.elena, application, services.approve)
    return application, gala


def test_a_change_is_written_by_name_gates_the_next_key_and_the_other_of_the_two_hears(
    app: Flask, door: Door, cast: Cast
) -> None:
    application, gala = inside(door, cast)
    page = f"/people/path/{application}"
    alice, elena = signed_in(app, cast.alice), signed_in(app, cast.elena)
    before = letters(door)
    form: dict[str, Field] = {"said": "canary sister", "ties": ["police", "party"], "zones": "09"}

    assert alice.sends(f"{page}/interests", page=page, **form | {"zones": ""}).status_code == 400
    assert alice.sends(f"{page}/interests", page=page, **form).status_code == 303

    seen = elena.reads(f"{page}?lang=en")
    for shown in ("canary sister", "the police", "a party", "Ciudad de México", "Alice"):
        assert shown in seen
    assert member(door, gala).clearance.zones == ("09",)
    assert member(door, gala).clearance.level is Level.PROBATION
    assert letters(door) == before + 1  # to Elena, who is the other of the two
    third = somebody(door, "grace", Role.COORDINATOR)
    assert signed_in(app, third).looks(page).status_code == 404


def letters(door: Door) -> int:
    return door.look(lambda tx, _: int(tx.session.scalar(LETTERS) or 0), TEST)


def test_a_tie_without_a_place_would_gate_nothing_and_is_refused(door: Door, cast: Cast) -> None:
    application, _ = at_approval(door, cast)
    for tie in Tie:
        with pytest.raises(BadInput) as refused:
            changed(door, cast.alice, application, tie.value, zones="")
        assert refused.value.field == "zones"
    for said in ((), ("none", "police"), ("navy",)):
        with pytest.raises(BadInput) as refused:
            changed(door, cast.alice, application, *said, zones="09")
        assert refused.value.field == "ties"
    changed(door, cast.alice, application, "none", zones="")


def test_the_machine_never_learns_what_somebody_is_tied_to(door: Door, cast: Cast) -> None:
    application, _ = at_approval(door, cast)
    changed(door, cast.alice, application, "prosecution", zones="20067")

    found = door.look(applications.of_chat, GALA)
    assert found is not None
    known = str(astuple(found.facts))
    assert "prosecution" not in known
    assert "20067" in known
    seen = door.ask(services.whole, cast.elena.at_desk, application_id=application)
    assert seen.interests is not None
    assert seen.interests.ties == (Tie.PROSECUTION,)


def test_nobody_changes_their_own_nor_before_they_were_asked_nor_after_a_refusal(
    door: Door, cast: Cast
) -> None:
    application = applied(door)
    with pytest.raises(WrongMoment):
        changed(door, cast.alice, application, "none", zones="")
    take(door, cast.alice, application, services.see)
    with pytest.raises(NotAllowed):
        changed(door, cast.bilal, application, "none", zones="")


def test_who_comes_in_to_coordinate_is_never_one_of_their_own_two(door: Door, cast: Cast) -> None:
    application, gala = at_approval(door, cast, role=Role.COORDINATOR)
    take(door, cast.alice, application, services.approve)
    take(door, cast.elena, application, services.approve)
    assert member(door, gala).active

    door.ask(people.suspend, cast.elena.at_desk, person_id=cast.alice.id)
    door.ask(services.keep_pairs, TEST)

    def pair(tx: Tx, _actor: Actor) -> tuple[PersonId, ...]:
        return seats.held(tx, [application])[application]

    assert door.look(pair, TEST) == (cast.elena.id,)


def test_what_they_hold_is_shown_to_be_handed_on_and_is_neither_taken_nor_renewed(
    door: Door, cast: Cast, app: Flask, accompanied: CaseId
) -> None:
    assert "To hand on" not in signed_in(app, cast.elena).reads("/desk?lang=en")
    clear(door, cast.bilal, Clearance(Level.FULL, zones=(HERE,)))

    (found,) = door.look(cases.desk, cast.elena.at_desk).misplaced
    assert (found.case_id, found.member, found.why) == (accompanied, cast.bilal.id, Bar.ZONE)
    shown = signed_in(app, cast.elena).reads("/desk?lang=en")
    assert "To hand on" in shown
    assert found.reference in shown
    assert door.look(cases.desk, cast.bilal.at_desk).misplaced == ()
    kept = door.ask(cases.room, cast.bilal.at_desk, case_id=accompanied)  # the family keeps them
    assert kept.case.id == accompanied
    with pytest.raises(NotCleared):
        door.ask(cases.renew, cast.bilal.at_desk, case_id=accompanied, why=Plaintext("still"))
    door.ask(cases.rekey, cast.elena.at_desk, case_id=accompanied, without=cast.bilal.id)
    assert door.look(cases.desk, cast.elena.at_desk).misplaced == ()


@pytest.mark.usefixtures("accompanied")
def test_an_overdue_review_and_a_pause_show_what_is_held_too(door: Door, cast: Cast) -> None:
    for clearance, why in (
        (Clearance(Level.FULL, review_on=door.now().date()), Bar.REVIEW),
        (Clearance(Level.ON_PATH), Bar.LEVEL),
        (Clearance(Level.FULL, zones=("20",)), None),  # of another state
    ):
        clear(door, cast.bilal, clearance)
        shown = door.look(cases.desk, cast.alice.at_desk).misplaced
        assert [each.why for each in shown] == ([why] if why else [])


def test_a_year_goes_by_and_letters_go_out_once_before_the_review(
    door: Door, cast: Cast, clock: StillClock
) -> None:
    today = door.now().date()
    review = today + door.pack.vetting.review
    clear(door, cast.bilal, Clearance(Level.FULL, today, review_on=review))
    heard = []
    for _ in range(53):
        clock.advance(timedelta(days=7))
        before = letters(door)
        told = door.ask(services.remind_of_reviews, TEST)
        assert letters(door) == before + 3 * told  # to Bilal, Alice and Elena
        if told:
            heard.append(review - door.now().date())
    (left,) = heard
    assert timedelta(0) < left <= timedelta(days=30)

    door.ask(services.review_member, cast.alice.at_desk, person_id=cast.bilal.id)
    assert door.ask(services.remind_of_reviews, TEST) == 0
    clock.advance(door.pack.vetting.review - timedelta(days=20))  # the clock stood still: the next
    assert door.ask(services.remind_of_reviews, TEST) == 1
    assert door.ask(services.remind_of_reviews, TEST) == 0


def test_the_list_offers_a_review_only_where_it_is_not_written_into_a_history(
    app: Flask, door: Door, cast: Cast
) -> None:
    _, gala = inside(door, cast)
    due = Clearance(Level.FULL, door.now().date(), review_on=door.now().date())
    person = member(door, gala)
    door.ask(lambda tx, _: people.set_clearance(tx, person, due), TEST)
    clear(door, cast.bilal, due)

    shown = signed_in(app, cast.alice).reads("/people/path")

    assert f"/people/{cast.bilal.id}/review" in shown
    assert f"/people/{gala}/review" not in shown
    assert "Gala" in shown


def test_zones_of_who_came_without_the_path_are_said_at_their_review(
    app: Flask, door: Door, cast: Cast
) -> None:
    clear(door, cast.bilal, Clearance(Level.VOUCHED, door.now().date()))
    alice, where = signed_in(app, cast.alice), f"/people/{cast.bilal.id}/review"
    assert alice.sends(where, page="/people/path", zones="77").status_code == 400
    assert member(door, cast.bilal.id).clearance.zones == ()
    assert alice.sends(where, page="/people/path", zones="09, 20067").status_code == 303
    assert member(door, cast.bilal.id).clearance.zones == ("09", "20067")
